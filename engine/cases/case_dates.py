"""Some cases in one transaction: their open deadlines derived again, shown where they show, and told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.cases import deadlines, ledgers
from engine.cases.derivations import D, Derivations, days_moved
from engine.cases.history import Chain, line
from engine.clock.text import show_due_at
from engine.people.actor import CLOCK
from engine.store import tables
from engine.store.database import Session

OPEN = ("running", "overdue")
STEP = tuple(f"step_{name}" for name in deadlines.LIGHTS)
MOVED = ("calendar_version", "next_act_at", *deadlines.DATES)  # of a deadline
SHOWN = (*deadlines.DATES, *STEP, "paused_until")  # of a case
HEADS = ("history_count", "history_head")
WRITE_HEAD = (
    update(tables.case)
    .where(tables.case.c.id == bindparam("which_case"))
    .values(history_count=bindparam("new_count"), history_head=bindparam("new_head"))
)
NEW_LINES = insert(tables.history)
Row = dict[str, Any]
Groups = dict[tuple[Any, ...], list[Any]]  # ids by what they all get: an office has many deadlines but few dates


@dataclass(frozen=True)
class Change:
    """A deadline before and after."""

    before: Row
    after: Row

    @property
    def moves(self) -> bool:
        """Whether its date is another one."""
        return bool(self.before["due_at"] != self.after["due_at"])

    @property
    def settles(self) -> bool:
        """Whether its date stays but is no longer provisional, or has become so."""
        return not self.moves and self.before["provisional"] != self.after["provisional"]

    def first(self) -> tuple[bool, datetime, str]:
        """What to sort by: the first to fall due comes first, an open one last."""
        due = self.after["due_at"]
        return due is None, due or self.after["started_at"], self.after["id"]

    def __str__(self) -> str:
        name, due = self.after["name"], show_due_at(self.after["due_at"])
        if self.settles:
            return f"「{name}」{due}，{'暂定' if self.after['provisional'] else '不再是暂定日期'}"
        days = 0 if ":" in due else days_moved(self.before["due_at"], self.after["due_at"])
        by = f"（{'推后' if days > 0 else '提前'}{abs(days)}日）" if days else ""
        return f"「{name}」由{show_due_at(self.before['due_at'])}改为{due}{by}"


@dataclass(frozen=True)
class Words:
    """A line of a case's history."""

    act: str
    name: str
    details: Mapping[str, Any]


@dataclass
class Batch(ABC):
    """What one transaction writes; what is new, and what is told, is said by a subclass."""

    derivations: Derivations
    session: Session
    now: datetime
    renamed: Groups = field(default_factory=lambda: defaultdict(list))
    deadlines: Groups = field(default_factory=lambda: defaultdict(list))
    ledgers: list[Row] = field(default_factory=list)
    tasks: Groups = field(default_factory=lambda: defaultdict(list))
    cases: Groups = field(default_factory=lambda: defaultdict(list))
    heads: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)

    def move(self, ids: Sequence[int]) -> int:
        """Derive the deadlines of these cases, as far as nobody else has them; how many got something new."""
        held = self._hold(ids)
        shown = {case_id: values_of(case_row, SHOWN) for case_id, case_row in held.items()}
        rows = self._rows(held)
        for case_id, case_row in held.items():
            self._one(case_row, rows[case_id])
            if values_of(case_row, SHOWN) != shown[case_id]:
                self.cases[values_of(case_row, SHOWN)].append(case_id)
        self._write()
        done = sum(len(ids) for groups in (self.renamed, self.deadlines) for ids in groups.values())
        return done + len(self.ledgers)

    # -- what a subclass says

    @abstractmethod
    def _derive(self, row: Row) -> Change | None:
        """The change of an open deadline, whose `row` is changed too; None for one that keeps all its dates."""

    @abstractmethod
    def _words(self, rows: Sequence[Row], changes: Sequence[Change]) -> Words | None:
        """What the case's history says; None for nothing. `rows` are its open deadlines."""

    def _written(self) -> Iterable[tuple[Any, list[Row]]]:
        """What else is written: statements and the rows for each."""
        return ()

    def _rows(self, held: Mapping[int, Row]) -> dict[int, list[Row]]:
        """The open deadlines of these cases."""
        rows: dict[int, list[Row]] = {case_id: [] for case_id in held}
        query = select(D).where(D.c.case_id.in_(list(held)), D.c.status.in_(OPEN)).order_by(D.c.case_id, D.c.id)
        for row in self.session.execute(query).mappings():
            rows[row["case_id"]].append({**row})
        return rows

    # -- one case

    def _one(self, case_row: Row, rows: list[Row]) -> None:
        found = (self._derive(row) for row in rows)
        changes = sorted((change for change in found if change is not None), key=Change.first)
        for change in changes:
            row = change.after
            row["next_act_at"] = deadlines.next_act_at(self.derivations.runtime, row)
            if row["ledger"] == change.before["ledger"]:
                self.deadlines[values_of(row, MOVED)].append(row["id"])
            else:
                changed = {f"new_{name}": row[name] for name in ledgers.CHANGED}
                self.ledgers.append({"which_deadline": row["id"], **changed})
        if changes:
            self._show(case_row, rows, changes)
        if words := self._words(rows, changes):
            self._tell(case_row, words)

    def _show(self, case_row: Row, rows: Sequence[Row], changes: Sequence[Change]) -> None:
        """The new dates on the tasks and on the case; `rows` are its open deadlines."""
        for task_id in {change.after["task_id"] for change in changes if change.after["task_id"]}:
            first = _first(row for row in rows if row["task_id"] == task_id)
            if first is not None:
                self.tasks[values_of(first, deadlines.DATES)].append(task_id)
        for change in changes:
            if change.after["master"]:
                case_row.update({name: change.after[name] for name in deadlines.DATES})
        step = _first(row for row in rows if not row["master"])
        if step is not None:
            case_row.update({f"step_{name}": step[name] for name in deadlines.LIGHTS})

    def _tell(self, case_row: Row, words: Words) -> None:
        chain = Chain(case_row["history_count"], case_row["history_head"])
        told = chain.add(line(CLOCK, self.now, words.act, words.name, details=words.details))
        told["case_id"] = case_row["id"]
        self.lines.append(told)
        self.heads.append({"which_case": case_row["id"], "new_count": chain.count, "new_head": chain.head})

    # -- the store

    def _hold(self, ids: Sequence[int]) -> dict[int, Row]:
        """The cases' rows, locked; those that somebody else moves right now are left for the next round."""
        c = tables.case
        query = select(c.c.id, *(c.c[name] for name in (*SHOWN, *HEADS))).where(c.c.id.in_(ids)).order_by(c.c.id)
        found = self.session.execute(query.with_for_update(skip_locked=True)).mappings()
        return {row["id"]: {**row} for row in found}

    def _write(self) -> None:
        for table, columns, groups in (
            (D, ("calendar_version",), self.renamed),
            (D, MOVED, self.deadlines),
            (tables.task, deadlines.DATES, self.tasks),
            (tables.case, SHOWN, self.cases),
        ):
            for values, ids in groups.items():
                change = dict(zip(columns, values, strict=True))
                self.session.execute(update(table).where(table.c.id.in_(ids)).values(change))
        for statement, rows in (
            (ledgers.MOVE_DEADLINE, self.ledgers),
            (NEW_LINES, self.lines),
            (WRITE_HEAD, self.heads),
            *self._written(),
        ):
            if rows:
                self.session.execute(statement, rows)


def values_of(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    """The row's values of these columns, to group by."""
    return tuple(row[name] for name in columns)


def data(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The changes as data, for the history."""
    return [
        {
            "deadline": change.after["id"],
            "name": change.after["name"],
            "before": change.before["due_at"],
            "after": change.after["due_at"],
        }
        for change in changes
    ]


def _first(rows: Any) -> Row | None:
    return min((row for row in rows if row["due_at"]), key=lambda row: (row["due_at"], row["id"]), default=None)
