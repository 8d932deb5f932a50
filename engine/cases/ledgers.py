"""Every later change of a ledger: the running deadlines of a case are derived again, shown where they are, and told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from engine.cases import deadlines
from engine.clock.days import day_of
from engine.clock.limits import Limit
from engine.clock.text import show_due_at
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.move import Move

Row = dict[str, Any]
CHANGED = ("ledger", "calendar_version", "next_act_at", *deadlines.DATES)
MOVE_DEADLINE = (
    update(tables.deadline)
    .where(tables.deadline.c.id == bindparam("which_deadline"), tables.deadline.c.status == "running")
    .values({name: bindparam(f"new_{name}", type_=tables.deadline.c[name].type) for name in CHANGED})
)
MOVE_TASK = (
    update(tables.task)
    .where(tables.task.c.id == bindparam("which_task"))
    .values({name: bindparam(f"new_{name}", type_=tables.task.c[name].type) for name in deadlines.DATES})
)


@dataclass(frozen=True)
class Moved:
    """A deadline that has a new date."""

    row: Row
    before: datetime | None
    after: datetime | None

    def __str__(self) -> str:
        return f"「{self.row['name']}」由{show_due_at(self.before)}改为{show_due_at(self.after)}"


def open_rows(move: Move, gone: Collection[str] = ()) -> list[Row]:
    """The case's running and overdue deadlines, but for the timers in `gone`, which end with this step."""
    d = tables.deadline
    query = select(d).where(d.c.case_id == move.case["id"], d.c.status.in_(("running", "overdue")))
    rows = move.step.session.execute(query.order_by(d.c.started_at, d.c.id)).mappings()
    return [{**row} for row in rows if row["id"] not in gone]


def change(move: Move, rows: Sequence[Row], rewrite: Callable[[Row], Mapping[str, Any] | None]) -> list[Moved]:
    """Give `rows` the ledgers that `rewrite` makes (None: as it was) and derive their dates again.

    `rows` are all open deadlines of the case. One that has passed never moves. Tasks and the case show the new dates;
    the caller writes the line of the history.
    """
    moved: list[Moved] = []
    for row in rows:
        ledger = rewrite(row) if may_move(move, row) else None
        if ledger is not None:
            before = row["due_at"]
            row["ledger"] = dict(ledger)
            row.update(deadlines.project(move.step.runtime, row))
            moved.append(Moved(row, before, row["due_at"]))
    if moved:
        _write(move, rows, [each.row for each in moved])
    return moved


def may_move(move: Move, row: Mapping[str, Any]) -> bool:
    """Whether the deadline still runs at this moment."""
    return row["status"] == "running" and (row["due_at"] is None or row["due_at"] >= move.step.now)


def told(moved: Iterable[Moved]) -> str:
    """The dates that changed, in a sentence; "" when none did."""
    return "；".join(str(each) for each in moved if each.before != each.after)


def data(moved: Iterable[Moved]) -> list[dict[str, Any]]:
    """The same as data, for the history."""
    return [
        {"deadline": each.row["id"], "name": each.row["name"], "before": each.before, "after": each.after}
        for each in moved
        if each.before != each.after
    ]


def _write(move: Move, rows: Sequence[Row], changed: Sequence[Row]) -> None:
    session = move.step.session
    session.execute(
        MOVE_DEADLINE,
        [{"which_deadline": row["id"], **{f"new_{name}": row[name] for name in CHANGED}} for row in changed],
    )
    tasks: dict[str, Row] = {}
    for task_id in {row["task_id"] for row in changed if row["task_id"]}:
        bounding = [row for row in rows if row["task_id"] == task_id and row["due_at"]]
        tasks[task_id] = min(bounding, key=lambda row: row["due_at"])
    if tasks:
        shown = [
            {"which_task": key, **{f"new_{name}": row[name] for name in deadlines.DATES}} for key, row in tasks.items()
        ]
        session.execute(MOVE_TASK, shown)
    deadlines.show_master(move, changed)


# --- extensions -----------------------------------------------------------------------------------------------------


def extend(move: Move, limit_ids: Collection[str], most: Limit, reason: str, name: str) -> tuple[str, date | None]:
    """Prolong the running limit of one of these ids to `most` in all, once, and tell the history.

    Gives what came of it: `已延长` and the new day, or the reason why not: `时限已过`, `已经延长过`, `不能再延长`.
    """
    rows = open_rows(move)
    row = next((row for row in rows if row["limit_id"] in limit_ids), None)
    if row is None or not may_move(move, row):
        return "时限已过", None
    total = deadlines.ledger_of(move.step.runtime, row).total
    if row["ledger"].get("extensions"):
        return "已经延长过", None
    if total.unit is not most.unit or total.amount >= most.amount:
        return "不能再延长", None
    line = {
        "by": str(Limit(most.amount - total.amount, most.unit)),
        "reason": reason,
        "approver": move.step.actor.name,
        "at": move.step.now.isoformat(),
    }
    ledger = {**row["ledger"], "extensions": [line]}
    moved = change(move, rows, lambda each: ledger if each is row else None)
    text = f"{told(moved)}；理由：{reason}；批准人：{line['approver']}"
    move.record(
        "extended", name, node_id=row["node_id"], details={"text": text, "moved": data(moved), "extension": line}
    )
    return "已延长", day_of(moved[0].after) if moved[0].after else None
