"""What a fired timer and an act of the ladder cost among few and among many open deadlines, and how late they come."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select, update

from bench.counting import Counter, Sample
from bench.office import ROOT
from engine.cases import Runtime, open_runtime, scenario, sweep
from engine.cases.scenario.file import moment
from engine.clock.days import local
from engine.store import tables
from scheduler import clock

EXAMPLE = "processes/full_online/scenarios/approved_without_objection.yaml"
ACCEPTED = moment("2026-03-02 10:00")  # then each case has two steps due on 2026-03-05, and the clock on the whole
YELLOW, OVER = moment("2026-03-05 09:00"), moment("2026-03-06 00:00")
OPEN = (100, 10_000, 100_000)
CASES = 25  # with two deadlines each that fall due together
LATE_CASES, FIRST_SECONDS, SPREAD_SECONDS = 100, 3, 20  # for the lateness: due one after the other, in real time
LOOK_SECONDS = 0.02
FAR = timedelta(days=3650)
DATES = ("due_at", "yellow_at", "red_at", "next_act_at")
COPIED = (tables.case, tables.task, tables.deadline)
FOLLOW_IDS = """select setval(pg_get_serial_sequence('"case"', 'id'), (select max(id) from "case"))"""


def benchmark(runtime: Runtime, database: str) -> Iterator[dict[str, Any]]:
    """Rows `sweep.act` and `sweep.fire`, a deadline each, by how many are open; `sweep.lateness` among the most."""
    counter = Counter(runtime)
    for wanted in OPEN:
        for _ in range(CASES):
            accepted(runtime)
        fill(runtime, wanted)
        for name, run, due in (
            ("act", lambda: sweep.act_due(runtime, YELLOW).acted, 2 * CASES),
            ("fire", lambda: sweep.wake_due(runtime, OVER).fired, 2 * CASES),
        ):
            yield {**each(run, counter, due).row(f"sweep.{name}", wanted, database), "due": due}
    with copied_root() as root:
        yield lateness(runtime, root, database)


def each(run: Callable[[], int], counter: Counter, expected: int) -> Sample:
    """What one of the things that `run` does has cost."""
    whole = Sample()
    with whole.measured(counter):
        done = run()
    assert done == expected, (done, expected)
    share = Sample()
    share.cpu_ms, share.wall_ms = [whole.cpu_ms[0] / done], [whole.wall_ms[0] / done]
    share.statements, share.commits = [round(whole.statements[0] / done)], [round(whole.commits[0] / done)]
    return share


def accepted(runtime: Runtime, at: datetime | None = None) -> int:
    """A real application that has just been accepted, in the example's time or at a moment; gives its case."""
    example = scenario.read(ROOT / EXAMPLE)
    steps = [step for step in example.steps if "do" in step][:1]
    if at is not None:
        said = f"{local(at):%Y-%m-%d %H:%M}"
        steps = [{**step, "at": said} for step in steps]
        example = replace(example, start={**example.start, "at": said})
    report = scenario.Run(runtime, replace(example, steps=tuple(steps))).play()
    assert report.ok, report.failure
    return report.case_id


def opened(runtime: Runtime) -> int:
    """How many deadlines run."""
    d = tables.deadline
    with runtime.store.transaction(write=False) as session:
        return int(session.execute(select(func.count()).where(d.c.status == "running")).scalar_one())


def fill(runtime: Runtime, wanted: int) -> None:
    """Copies of a real case with its tasks and deadlines, due in ten years, until so many deadlines run."""
    c = tables.case
    missing = wanted - opened(runtime)
    with runtime.store.transaction() as session:
        last = int(session.execute(select(func.max(c.c.id))).scalar_one())
        rows = {
            table: [
                {**row}
                for row in session.execute(
                    select(table).where((table.c.id if table is c else table.c.case_id) == last)
                ).mappings()
            ]
            for table in COPIED
        }
        copies: dict[Table, list[dict[str, Any]]] = {table: [] for table in COPIED}
        for number in count(last + 1):
            if len(copies[tables.deadline]) >= 3000 or missing <= 0:
                for table in COPIED:
                    if copies[table]:
                        session.execute(insert(table), copies[table])
                        copies[table].clear()
            if missing <= 0:
                break
            for table in COPIED:
                copies[table] += [_copy(table, row, number) for row in rows[table]]
            missing -= sum(row["status"] == "running" for row in rows[tables.deadline])
        if runtime.store.dialect == "postgresql":
            session.exec_driver_sql(FOLLOW_IDS)
        session.exec_driver_sql("analyze")  # as the server does by itself in a quiet minute


def _copy(table: Table, row: dict[str, Any], number: int) -> dict[str, Any]:
    if table is tables.case:
        return {**row, "id": number, "number": f"B{number}"}
    own = {"id": f"{number}x{row['id'][-20:]}", "case_id": number}
    if table is tables.deadline:
        own |= {name: row[name] and row[name] + FAR for name in DATES}
        own["task_id"] = row["task_id"] and f"{number}x{row['task_id'][-20:]}"
    return {**row, **own}


@contextmanager
def copied_root() -> Iterator[Path]:
    """The checkout's diagrams and forms in a folder of its own: what is sent goes there and not to the checkout."""
    with TemporaryDirectory(prefix="jiuzhu-bench-root-") as folder:
        for name in ("processes", "forms"):
            (Path(folder) / name).symlink_to(ROOT / name)
        yield Path(folder)


def lateness(runtime: Runtime, root: Path, database: str) -> dict[str, Any]:
    """How long after its moment a deadline has fired, seen from another connection: the real scheduler at its pace."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job that is still busy is skipped without a word
    url = runtime.store.engine.url.render_as_string(hide_password=False)
    own = open_runtime(url, root)
    scheduler = clock.make(own, background=True)
    scheduler.start()
    try:
        rest(runtime)
        soon = spread(runtime, [accepted(runtime, datetime.now(UTC)) for _ in range(LATE_CASES)])
        late = sorted(watch(runtime, soon))
    finally:
        scheduler.shutdown()
        own.store.close()
    rank = {name: round(late[min(len(late) - 1, len(late) * share // 100)] * 1000) for name, share in PARTS.items()}
    return {"name": "sweep.lateness", "n": opened(runtime), "database": database, "due": len(late), **rank}


def rest(runtime: Runtime) -> None:
    """Wait until what the example's months have left over is done and sent."""
    d, o, out = tables.deadline, tables.outbox, tables.delivery
    left = (
        select(d.c.id).where(d.c.status == "running", d.c.due_at <= func.now()),
        select(d.c.id).where(d.c.next_act_at <= func.now()),
        select(o.c.id).where(o.c.sent_at.is_(None)),
        select(out.c.id).where(out.c.status.in_(("waiting", "sending"))),
    )
    busy = True
    while busy:
        time.sleep(1)
        with runtime.store.transaction(write=False) as session:
            busy = any(session.execute(query.limit(1)).first() for query in left)


PARTS = {"wall_ms": 50, "p95_ms": 95, "p99_ms": 99}


def spread(runtime: Runtime, case_ids: list[int]) -> dict[str, datetime]:
    """Let the steps of these cases fall due one after the other from a few seconds on; id and moment of each."""
    d = tables.deadline
    with runtime.store.transaction() as session:
        query = select(d.c.id).where(d.c.case_id.in_(case_ids), d.c.status == "running", ~d.c.master)
        ids = session.execute(query.order_by(d.c.id)).scalars().all()
        first = datetime.now(UTC) + timedelta(seconds=FIRST_SECONDS)
        soon = {key: first + timedelta(seconds=SPREAD_SECONDS * number / len(ids)) for number, key in enumerate(ids)}
        change = update(d).where(d.c.id == bindparam("which")).values(due_at=bindparam("soon", type_=d.c.due_at.type))
        session.execute(change, [{"which": key, "soon": at} for key, at in soon.items()])
    return soon


def watch(runtime: Runtime, soon: dict[str, datetime]) -> Iterator[float]:
    """Seconds from the moment of each deadline until it was seen fired."""
    d = tables.deadline
    waiting = dict(soon)
    end = max(soon.values()) + timedelta(minutes=2)
    while waiting and datetime.now(UTC) < end:
        with runtime.store.transaction(write=False) as session:
            query = select(d.c.id).where(d.c.id.in_(list(waiting)), d.c.status != "running")
            fired = session.execute(query).scalars().all()
        seen = datetime.now(UTC)
        yield from ((seen - waiting.pop(key)).total_seconds() for key in fired)
        time.sleep(LOOK_SECONDS)
    assert not waiting, f"{len(waiting)} never fired"
