"""What stands in the database after a step, in the words of `expect`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, select

from engine.bpmn.run import Live
from engine.cases import deadlines
from engine.cases.runtime import Runtime
from engine.cases.scenario.report import OpenTask
from engine.cases.views.clocks import STATUS, light_of, paused_text
from engine.clock import text as clock_text
from engine.clock.days import day_of, local
from engine.store import registers, tables

ACCEPTED = "受理时间"  # the fact that counts as the start of the total time


@dataclass(frozen=True)
class Look:
    """One case as it stands at `now`."""

    runtime: Runtime
    case_id: int
    now: datetime

    def actual(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """What is the case for each thing that `wanted` names; `KeyError` for a thing nobody knows."""
        return {what: WORDS[what](self, value) for what, value in wanted.items()}

    def case(self) -> dict[str, Any]:
        """The case's row."""
        return self._rows(select(tables.case).where(tables.case.c.id == self.case_id))[0]

    def tasks(self) -> list[dict[str, Any]]:
        """The open tasks, oldest first."""
        t = tables.task
        mine = select(t).where(t.c.case_id == self.case_id, t.c.status == "open")
        return self._rows(mine.order_by(t.c.created_at, t.c.id))

    def deadlines(self) -> dict[str, dict[str, Any]]:
        """The latest deadline of each limit, and of each node: the one that bounds it, else of the event itself."""
        d = tables.deadline
        mine = (
            select(d).where(d.c.case_id == self.case_id).order_by(d.c.status == "running", d.c.started_at, d.c.master)
        )
        rows = self._rows(mine)
        return {row["limit_id"]: row for row in rows} | {row["attached_to"] or row["node_id"]: row for row in rows}

    def facts(self) -> Mapping[str, Any]:
        """The facts that travel in the workflow."""
        row = self.case()
        with self.runtime.store.transaction(write=False) as session:
            specs = self.runtime.deployment(session, row["deployment_id"]).specs
        return Live.load(row["state"], specs).facts

    def elements(self) -> Mapping[str, str]:
        """What each open task knows, as a text by its id: to tell one of a list from another."""
        row = self.case()
        with self.runtime.store.transaction(write=False) as session:
            specs = self.runtime.deployment(session, row["deployment_id"]).specs
        waiting = Live.load(row["state"], specs).waiting()
        common = Live.load(row["state"], specs).facts
        return {
            key: str({name: value for name, value in token.facts.items() if common.get(name) != value})
            for key, token in waiting.items()
        }

    def open_tasks(self) -> tuple[OpenTask, ...]:
        """The open tasks as a report shows them."""
        return tuple(self._shown(task) for task in self.tasks())

    def _shown(self, task: Mapping[str, Any]) -> OpenTask:
        due, light = "", ""
        if task["due_at"]:
            due = clock_text.show_due(SimpleNamespace(**{"earliest": None, "latest": None, **task}), bounds=False)
            light = light_of(task, self.now) or ""
        return OpenTask(task["node_id"], task["name"], _holder(task), due, light)

    def open(self, _: Any) -> list[str]:
        return sorted(task["node_id"] for task in self.tasks())

    def due(self, nodes: Mapping[str, Any]) -> dict[str, str]:
        found = self.deadlines()
        return {
            node: clock_text.show_due(SimpleNamespace(**found[node]), bounds=False) if node in found else "没有期限"
            for node in nodes
        }

    def light(self, nodes: Mapping[str, Any]) -> dict[str, str | None]:
        return {node: self._light(node) for node in nodes}

    def clock(self, nodes: Mapping[str, Any]) -> dict[str, str]:
        """How the deadlines stand: 计时中, 暂停中, 已超期 …"""
        found = self.deadlines()
        return {node: self._stands(found[node]) if node in found else "没有期限" for node in nodes}

    def _stands(self, row: Mapping[str, Any]) -> str:
        if paused_text(row, self.now).startswith("暂停中"):
            return "暂停中"
        return {"running": "计时中", "overdue": "已超期"}.get(row["status"]) or STATUS[row["status"]]

    def paused(self, _: Any) -> str:
        """The kind of the pause that stands now; 没有 without one."""
        case = self.case()
        return case["paused_by"] if case["paused_by"] and case["paused_until"] >= self.now else "没有"

    def _light(self, node: str) -> str | None:
        task = next((task for task in self.tasks() if task["node_id"] == node), None)
        row = task or self.deadlines().get(node)
        return light_of(row, self.now) if row else None

    def holder(self, nodes: Mapping[str, Any]) -> dict[str, str]:
        tasks = {task["node_id"]: task for task in self.tasks()}
        return {node: _holder(tasks[node]) if node in tasks else "没有打开" for node in nodes}

    def papers(self, _: Any) -> list[str]:
        p = tables.paper
        return sorted({row["kind"] for row in self._rows(select(p.c.kind).where(p.c.case_id == self.case_id))})

    def notices(self, _: Any) -> list[str]:
        return [f"{row['kind']} {row['status']}" for row in self._boards()]

    def board(self, _: Any) -> dict[str, Any]:
        boards = self._boards()
        return dict(boards[-1]["fields"]) if boards else {}

    def _boards(self) -> list[dict[str, Any]]:
        n = tables.notice
        return self._rows(select(n).where(n.c.case_id == self.case_id).order_by(n.c.id))

    def reminded(self, _: Any) -> list[str]:
        """`role@unit` of all that were reminded of a passed deadline so far."""
        o = tables.outbox
        mine = select(o.c.to_role, o.c.to_unit).where(o.c.case_id == self.case_id, o.c.kind == "催办")
        return sorted({f"{row['to_role']}@{row['to_unit']}" for row in self._rows(mine)})

    def told(self, _: Any) -> list[str]:
        """Titles of what the applicant was told or given so far, each once, oldest first."""
        o = tables.outbox
        mine = select(o.c.title).where(o.c.case_id == self.case_id, o.c.to_applicant).order_by(o.c.id)
        return list(dict.fromkeys(row["title"] for row in self._rows(mine)))

    def says(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """For each kind of paper the wanted words if the newest one says them all, else its whole text."""
        p = tables.paper
        rows = self._rows(select(p.c.kind, p.c.text).where(p.c.case_id == self.case_id).order_by(p.c.id))
        texts = {row["kind"]: row["text"] for row in rows}
        said = {kind: [words] if isinstance(words, str) else list(words) for kind, words in wanted.items()}
        missing = {kind: [each for each in words if each not in texts.get(kind, "")] for kind, words in said.items()}
        return {kind: words if not missing[kind] else texts.get(kind, "没有出具") for kind, words in wanted.items()}

    def known(self, names: Mapping[str, Any]) -> dict[str, Any]:
        facts = self.facts()
        return {name: facts.get(name) for name in names}

    def benefits(self, _: Any) -> list[str]:
        """What the applicant receives or received: `低保 2026-07起`, `低保边缘 2026-03至2026-06`."""
        b, p = registers.benefit.c, registers.person.c
        whose = select(b.item, b.start_month, b.end_month).join(registers.person, p.id == b.person_id)
        rows = self._rows(whose.where(p.id_no == str(self.facts().get("idNo") or "")).order_by(b.id))
        until = [f"至{row['end_month']}" if row["end_month"] else "起" for row in rows]
        return [f"{row['item']} {row['start_month']}{last}" for row, last in zip(rows, until, strict=True)]

    def workdays(self, _: Any) -> int:
        """Working days from acceptance (before it, from the application) to now."""
        case = self.case()
        calendar = self.runtime.calendar(deadlines.region(self.runtime, case["unit_id"]))
        since = self.facts().get(ACCEPTED) or case["started_at"]
        return calendar.workdays_between(day_of(since), day_of(self.now))

    def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        with self.runtime.store.transaction(write=False) as session:
            return [{**row} for row in session.execute(query).mappings()]


WORDS: Mapping[str, Callable[[Look, Any], Any]] = {
    "open": Look.open,
    "holder": Look.holder,
    "due": Look.due,
    "light": Look.light,
    "clock": Look.clock,
    "paused": Look.paused,
    "stage": lambda look, _: look.case()["stage"],
    "outcome": lambda look, _: look.case()["outcome"],
    "ended": lambda look, _: look.case()["status"] == "closed",
    "applicant": lambda look, _: look.case()["applicant_name"],
    "papers": Look.papers,
    "says": Look.says,
    "notices": Look.notices,
    "board": Look.board,
    "reminded": Look.reminded,
    "told": Look.told,
    "facts": Look.known,
    "benefits": Look.benefits,
    "workdays": Look.workdays,
}
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,4})?")  # as facts keep amounts
IN_ORDER = frozenset({"notices", "told"})


def differences(look: Look, wanted: Mapping[str, Any]) -> list[str]:
    """What isn't as `wanted`, a sentence each; empty when all is."""
    if unknown := [str(what) for what in wanted if what not in WORDS]:
        return [f"不认识的预期「{'、'.join(unknown)}」，可以写：{'、'.join(WORDS)}"]
    actual = look.actual(wanted)
    return [
        f"预期 {what} = {plain(value, what in IN_ORDER)}，实际 {plain(actual[what], what in IN_ORDER)}"
        for what, value in wanted.items()
        if plain(actual[what], what in IN_ORDER) != plain(value, what in IN_ORDER)
    ]


def plain(value: Any, in_order: bool = False) -> Any:
    """Dates as texts, numbers as numbers, lists sorted where order says nothing: YAML and database speak alike."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value)).normalize()
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return Decimal(value).normalize()
    if isinstance(value, datetime):
        return f"{local(value if value.tzinfo else value.replace(tzinfo=UTC)):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list) and not in_order and all(isinstance(each, str) for each in value):
        return sorted(value)
    return value


def _holder(task: Mapping[str, Any]) -> str:
    return str(task["assignee"] or f"{task['role']}@{task['unit_id'] or task['place']}")
