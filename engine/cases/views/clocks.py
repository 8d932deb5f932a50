"""Deadlines as a reader sees them: the date, the light, what remains, how it is counted, and why it is that day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from engine.cases import deadlines, pausing
from engine.cases.facts import nearest_first
from engine.cases.runtime import Runtime, Step
from engine.clock import deadline as clock
from engine.clock import explain, outages, text
from engine.clock.days import day_of
from engine.clock.deadline import Light
from engine.clock.limits import parse_limit
from engine.store import tables

NEVER = datetime.max.replace(tzinfo=UTC)  # an open deadline comes last
OPEN = ("running", "overdue")
STATUS = {"fired": "已到期", "met": "按期办结", "late": "逾期办结", "cancelled": "不再计算"}


@dataclass(frozen=True)
class DeadlineView:
    """One deadline of a case. `is_open`: what it bounds isn't done yet, in time or not."""

    id: str
    name: str
    node_id: str
    task_id: str | None
    limit_id: str | None
    limit_text: str
    master: bool
    due_at: datetime | None
    due_text: str
    light: Light
    provisional: bool
    remaining_text: str
    paused_text: str
    started_at: datetime
    status: str
    is_open: bool
    counting: tuple[str, ...]
    explain: tuple[str, ...]


def of_case(this: Step, case: Mapping[str, Any], *, task_id: str | None = None) -> list[DeadlineView]:
    """The case's deadlines, open ones first by due date; with `task_id`, those of the task and of the whole case."""
    d = tables.deadline
    rows = this.session.execute(select(d).where(d.c.case_id == case["id"]).order_by(d.c.started_at)).mappings().all()
    if task_id is not None:
        rows = [row for row in rows if row["status"] in OPEN and row["task_id"] in (task_id, None)]
    ordered = sorted(rows, key=lambda row: (row["status"] not in OPEN, row["due_at"] or NEVER))
    return [_view(this, case, {**row}) for row in ordered]


def light_of(row: Mapping[str, Any], now: datetime) -> Light | None:
    """The light of any row with the three columns; None without a deadline."""
    return clock.light(SimpleNamespace(**row), now) if row["due_at"] else None


def due_text(row: Mapping[str, Any]) -> str:
    """The due date of any row with the columns, with 暂定 and its bounds; "" without a deadline."""
    return text.show_due(SimpleNamespace(**row)) if row["due_at"] else ""


def paused_text(row: Mapping[str, Any], now: datetime) -> str:
    """`暂停中：补正，最迟至2026-03-20` while a pause in the ledger of a running deadline stops it,
    `今天系统停机，不计` on a day that an outage takes out of it; else ""."""
    lines = (row["ledger"] or {}).get("pauses", ()) if row["status"] == "running" else ()
    found = [line for line in lines if _stands(line, now)]
    standing = [line for line in found if not outages.is_line(line)]
    if not standing:
        return "今天系统停机，不计" if found else ""
    last = max(datetime.fromisoformat(line["end"]) for line in standing)
    reasons = "、".join(dict.fromkeys(line["reason"] for line in standing))
    return f"暂停中：{reasons}，最迟至{text.show_due_at(last)}"


def paused_tasks(this: Step, task_ids: Collection[str]) -> dict[str, str]:
    """What is said beside those of the tasks whose limits stand still now."""
    d = tables.deadline
    query = select(d.c.task_id, d.c.ledger, d.c.status).where(d.c.task_id.in_(task_ids), d.c.status == "running")
    rows = this.session.execute(query).mappings()
    return {row["task_id"]: said for row in rows if (said := paused_text({**row}, this.now))}


def case_paused_text(case: Mapping[str, Any], now: datetime) -> str:
    """The same for the whole case, from its row."""
    if not case["paused_by"] or case["paused_until"] < now:
        return ""
    return f"暂停中：{case['paused_by']}，最迟至{text.show_due_at(case['paused_until'])}"


def _stands(line: Mapping[str, Any], now: datetime) -> bool:
    return datetime.fromisoformat(line["begin"]) <= now < datetime.fromisoformat(line["end"])


def _view(this: Step, case: Mapping[str, Any], row: Mapping[str, Any]) -> DeadlineView:
    runtime, stored = this.runtime, SimpleNamespace(**row)
    found = deadlines.derived(runtime, row, runtime.calendar_of(row["calendar_version"]))
    is_open = row["status"] in OPEN
    calendar = deadlines.calendar_of(runtime, row)
    return DeadlineView(
        id=row["id"],
        name=row["name"] or row["attached_to"] or row["node_id"],
        node_id=row["attached_to"] or row["node_id"],
        task_id=row["task_id"],
        limit_id=row["limit_id"],
        limit_text=str(found.ledger.total),
        master=row["master"],
        due_at=row["due_at"],
        due_text=text.show_due(stored),
        light=clock.light(stored, this.now if is_open else (row["closed_at"] or this.now)),
        provisional=row["provisional"],
        remaining_text=text.remaining(this.now, row["due_at"], calendar) if is_open else STATUS[row["status"]],
        paused_text=paused_text(row, this.now),
        started_at=row["started_at"],
        status=row["status"],
        is_open=is_open,
        counting=tuple(counting(runtime, case, row)),
        explain=tuple(step.text for step in explain.explain(found)),
    )


def counting(runtime: Runtime, case: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """How a limit is counted, in words: from when, what of rest days, what stops it here."""
    registered = runtime.register.rows.get(row["limit_id"] or "")
    said = [f"自{registered.starts}起算"] if registered else []
    said += explain.rules(parse_limit(row["limit_text"]), deadlines.rules_of(runtime, row["limit_id"]))
    known = pausing.kinds(runtime)
    places = nearest_first(runtime.units, case["unit_id"])
    day = day_of(row["started_at"])
    stopping = [
        f"{kind.name}（最长{terms.limit}）"
        for kind in known.kinds.values()
        if kind.stops_limit(row["limit_id"]) and (terms := known.terms(kind.id, places, day)) and terms.enabled
    ]
    said.append("停算：" + "、".join(stopping) if stopping else "没有停算的情形")
    if registered and (registered.source or registered.note):
        said.append("依据：" + (registered.source or registered.note))
    return said
