"""A notice on days off with 100,000 open deadlines: how long until all follow, and what a page takes meanwhile."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import Table, func, insert, select

from bench.counting import Counter, Sample
from bench.office import CLERK, FIELDS, HEAD, ROOT, _flow
from bench.steps import Browser
from engine import cases
from engine.bpmn.deployment import read_folder
from engine.cases import Entries, Runtime, calendar_notices, history, open_runtime, outlook, rederive
from engine.cases.deploy import deploy
from engine.clock.days import SHANGHAI, day_of
from engine.people import accounts
from engine.people.actor import Actor
from engine.store import tables
from tests.support import calendars

DEADLINES = 100_000
NOW = datetime(2026, 12, 28, 10, tzinfo=SHANGHAI)
TEMPLATES = 38  # cases begun on as many days before, each with a limit on its task and a master clock
FOLLOW_IDS = """select setval(pg_get_serial_sequence('"case"', 'id'), (select max(id) from "case"))"""
OPERATOR = Actor("bench", "测量")


def benchmark(runtime: Runtime, database: str) -> Iterator[dict[str, Any]]:
    """Rows `rederive.preview`, `rederive`, and the slowest page and step meanwhile, through an app of its own."""
    fill(runtime, DEADLINES)
    with cases.step(runtime, OPERATOR, NOW) as this:
        (notice,) = calendar_notices.import_file(this, calendars.year_2027(), "2027.toml")
    counter, preview, run = Counter(runtime), Sample(), Sample()
    with preview.measured(counter), runtime.store.transaction(write=False) as session:
        seen = outlook.outlook(cases.Step(runtime, session, OPERATOR, NOW), notice)
    yield {**preview.row("rederive.preview", seen.total, database), "moved": seen.moved, "settled": seen.settled}
    with cases.step(runtime, OPERATOR, NOW) as this:
        calendar_notices.confirm(this, notice)
    visitor = Visitor(runtime)
    visitor.start()
    with run.measured(counter):
        done = rederive.run(runtime, lambda: NOW)
    visitor.stop()
    assert done.finished
    assert done.moved == seen.moved
    yield {**run.row("rederive", done.done, database), "moved": done.moved}
    yield from visitor.rows(database)
    with runtime.store.transaction(write=False) as session:
        assert not list(history.verify(session))


@dataclass
class Visitor:
    """Somebody at a desk while it goes on: looks at the inbox, completes a task, in turn."""

    runtime: Runtime
    looks: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        url = self.runtime.store.engine.url.render_as_string(hide_password=False)
        self._own = open_runtime(url, ROOT)
        self._browser = Browser(self._own)
        self._browser.sign_in(CLERK, "jiuzhu-2026")
        self._thread = threading.Thread(target=self._visit)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._own.store.close()

    def _visit(self) -> None:
        while not self._stopped.wait(0.1):
            key = secrets.token_hex(8)
            fields = {**FIELDS, "csrf_token": [self._browser.token], "key": [key]}
            for kept, method, path, given in (
                (self.looks, "GET", "/desk/?which=posts", None),
                (self.steps, "POST", "/desk/register/line10", fields),
            ):
                began = time.perf_counter()
                status, _, page = self._browser.request(method, path, given)
                assert status.startswith(("200", "302")), (status, page)
                kept.append((time.perf_counter() - began) * 1000)

    def rows(self, database: str) -> Iterator[dict[str, Any]]:
        """How long the slowest took, as `wall_ms`."""
        for name, taken in (("inbox", self.looks), ("start", self.steps)):
            yield {
                "name": f"rederive.slowest_{name}",
                "n": len(taken),
                "database": database,
                "wall_ms": round(max(taken), 1),
            }


def fill(runtime: Runtime, deadlines: int) -> None:
    """Real cases on several days, copied row by row with their histories to every township."""
    files = read_folder(ROOT) | {"processes/bench/clocks.bpmn": clocks()}
    with cases.step(runtime, OPERATOR, NOW) as this:
        deploy(this, {**files, **_bench_files(runtime, this.session)})
    with runtime.store.transaction(write=False) as session:
        clerk = accounts.find(session, CLERK, day_of(NOW))
    assert clerk is not None
    for number in range(TEMPLATES):
        with cases.step(runtime, clerk, NOW - timedelta(days=number)) as this:
            cases.start(this, "clocks", Entries(FIELDS), f"template{number}")
    _copy(runtime, deadlines // 2)


def _bench_files(runtime: Runtime, session: Any) -> Mapping[str, bytes]:
    """What the office has beside the folder's files."""
    f, c = tables.deployment_file, tables.content
    query = select(f.c.path, c.c.body).join(c, c.c.sha256 == f.c.sha256)
    extra = query.where(f.c.path.like("%bench%"))
    return {row.path: row.body for row in session.execute(extra)}


def clocks() -> bytes:
    """One task with a limit of its own, beneath a limit on the whole."""
    return (
        f'{HEAD}<bpmn:process id="clocks" name="clocks" isExecutable="true" '
        'camunda:candidateStarterGroups="window_clerk">'
        '<bpmn:startEvent id="begin" name="开始" camunda:formKey="bench_note"/><bpmn:endEvent id="finish" name="完"/>'
        '<bpmn:userTask id="work" name="办理" camunda:formKey="bench_note" '
        'camunda:candidateGroups="window_clerk@application_township"/>'
        + _timer("late", "30个工作日")
        + _timer("all_late", "45个工作日", master=True)
        + _flow("begin", "work")
        + _flow("work", "finish")
        + "</bpmn:process></bpmn:definitions>"
    ).encode()


def _timer(name: str, text: str, *, master: bool = False) -> str:
    master_property = (
        '<bpmn:extensionElements><camunda:properties><camunda:property name="clock" value="master"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )
    return (
        f'<bpmn:boundaryEvent id="{name}" attachedToRef="work" cancelActivity="false">'
        f"{master_property if master else ''}"
        f"<bpmn:timerEventDefinition><bpmn:timeDuration>{text}</bpmn:timeDuration></bpmn:timerEventDefinition>"
        f'</bpmn:boundaryEvent><bpmn:endEvent id="{name}_end"/>{_flow(name, f"{name}_end")}'
    )


def _copy(runtime: Runtime, wanted: int) -> None:
    """Copies of the template cases until there are `wanted`, spread over all townships."""
    townships = [unit for unit in runtime.units if unit.kind == "township"]
    with runtime.store.transaction() as session:
        c = tables.case
        originals = [
            {**row}
            for row in session.execute(select(c).where(c.c.procedure == "clocks").order_by(c.c.started_at)).mappings()
        ]
        next_id = int(session.execute(select(func.max(c.c.id))).scalar_one()) + 1
        of_case = {
            table: {row["id"]: _rows(session, table, row["id"]) for row in originals}
            for table in (tables.task, tables.deadline, tables.history)
        }
        copies: dict[Table, list[dict[str, Any]]] = {table: [] for table in (c, *of_case)}
        places = cycle(townships)
        more = wanted - len(originals)
        for number in range(next_id, next_id + more):
            original = originals[(number - next_id) * len(originals) // more]  # day after day, as in an office
            unit = next(places)
            region = runtime.units.region_of(unit.id) or None
            at = {"unit_id": unit.id, "unit_path": unit.path}
            copies[c].append({**original, **at, "id": number, "number": f"B{number}"})
            for task in of_case[tables.task][original["id"]]:
                copies[tables.task].append({**task, **at, "id": _id(task, number), "case_id": number})
            for row in of_case[tables.deadline][original["id"]]:
                own = {"region": region, "calendar_version": runtime.calendar(region).version}
                task_id = f"{number}x{row['task_id'][:8]}" if row["task_id"] else None
                copies[tables.deadline].append(
                    {**row, **at, **own, "id": _id(row, number), "case_id": number, "task_id": task_id}
                )
            for line in of_case[tables.history][original["id"]]:
                copies[tables.history].append({**{k: v for k, v in line.items() if k != "id"}, "case_id": number})
            if len(copies[c]) == 2000:
                _insert(session, copies)
        _insert(session, copies)
        if runtime.store.dialect == "postgresql":
            session.exec_driver_sql(FOLLOW_IDS)
            session.exec_driver_sql("analyze")  # as the server does by itself in a quiet minute


def _rows(session: Any, table: Table, case_id: int) -> list[dict[str, Any]]:
    return [{**row} for row in session.execute(select(table).where(table.c.case_id == case_id)).mappings()]


def _id(row: Mapping[str, Any], number: int) -> str:
    return f"{number}x{row['id'][:8]}" if "limit_text" not in row else f"{number}x{row['id']}"


def _insert(session: Any, copies: dict[Table, list[dict[str, Any]]]) -> None:
    for table, rows in copies.items():
        if rows:
            session.execute(insert(table), rows)
            rows.clear()
