"""Some cases in one transaction: their open deadlines under a new calendar, shown where they show, and told."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.cases import deadlines, ledgers
from engine.cases.derivations import D, Derivations, days_moved
from engine.cases.history import Chain, line
from engine.clock.calendar import Calendar
from engine.clock.errors import ClockError
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
WRITE_PAUSE = (
    update(tables.pause).where(tables.pause.c.id == bindparam("which_pause")).values(until_at=bindparam("new_until"))
)
NEW_LINES = insert(tables.history)
log = logging.getLogger("jiuzhu.calendar")
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
        days = days_moved(self.before["due_at"], self.after["due_at"])
        by = f"（{'推后' if days > 0 else '提前'}{abs(days)}日）" if days else ""
        return f"「{name}」由{show_due_at(self.before['due_at'])}改为{due}{by}"


@dataclass
class Batch:
    """What one transaction writes. `stale`: the versions to be replaced, and by what; `broken`: deadlines given up."""

    derivations: Derivations
    session: Session
    notice: Mapping[str, Any] | None
    stale: Mapping[str, Calendar]
    broken: set[str]
    renamed: Groups = field(default_factory=lambda: defaultdict(list))
    deadlines: Groups = field(default_factory=lambda: defaultdict(list))
    ledgers: list[Row] = field(default_factory=list)
    tasks: Groups = field(default_factory=lambda: defaultdict(list))
    cases: Groups = field(default_factory=lambda: defaultdict(list))
    heads: list[Row] = field(default_factory=list)
    pauses: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)

    def move(self, ids: Sequence[int], now: datetime) -> tuple[int, int]:
        """Derive the deadlines of these cases, as far as nobody else has them; how many, and how many moved."""
        held = self._hold(ids)
        rows: dict[int, list[Row]] = {case_id: [] for case_id in held}
        query = select(D).where(D.c.case_id.in_(list(held)), D.c.status.in_(OPEN)).order_by(D.c.case_id, D.c.id)
        for row in self.session.execute(query).mappings():
            rows[row["case_id"]].append({**row})
        paused = [case_id for case_id, case_row in held.items() if case_row["paused_until"] is not None]
        pauses = self._pauses(paused, rows, now) if paused else {}
        for case_id, case_row in held.items():
            self._one(case_row, rows[case_id], pauses.get(case_id, {}), now)
        self._write()
        done = sum(len(ids) for groups in (self.renamed, self.deadlines) for ids in groups.values())
        return done + len(self.ledgers), len(self.moves)

    def _hold(self, ids: Sequence[int]) -> dict[int, Row]:
        """The cases' rows, locked; those that somebody else moves right now are left for the next round."""
        c = tables.case
        query = select(c.c.id, *(c.c[name] for name in (*SHOWN, *HEADS))).where(c.c.id.in_(ids)).order_by(c.c.id)
        found = self.session.execute(query.with_for_update(skip_locked=True)).mappings()
        return {row["id"]: {**row} for row in found}

    # -- one case

    def _one(self, case_row: Row, rows: list[Row], pauses: Mapping[str, datetime], now: datetime) -> None:
        found = (self._derive(row, pauses, now) for row in rows)
        changes = sorted((change for change in found if change is not None), key=Change.first)
        shown = values_of(case_row, SHOWN)
        if pauses:
            case_row["paused_until"] = max(pauses.values())
        if not changes and not pauses:
            return
        for change in changes:
            row = change.after
            row["next_act_at"] = deadlines.next_act_at(self.derivations.runtime, row)
            if row["ledger"] == change.before["ledger"]:
                self.deadlines[values_of(row, MOVED)].append(row["id"])
            else:
                changed = {f"new_{name}": row[name] for name in ledgers.CHANGED}
                self.ledgers.append({"which_deadline": row["id"], **changed})
        self._show(case_row, rows, changes)
        self._tell(case_row, [change for change in changes if change.moves or change.settles], now)
        if values_of(case_row, SHOWN) != shown:
            self.cases[values_of(case_row, SHOWN)].append(case_row["id"])

    def _derive(self, row: Row, pauses: Mapping[str, datetime], now: datetime) -> Change | None:
        """The change of a deadline that may still move; None for one that keeps all its dates."""
        calendar = self.stale.get(row["calendar_version"])
        if calendar is None or row["status"] != "running" or (row["due_at"] is not None and row["due_at"] <= now):
            return None
        before = dict(row)
        row["ledger"] = with_ends(row["ledger"], pauses)
        try:
            row.update(self.derivations.dates(row, calendar))
        except ClockError:
            log.exception("deadline %s of case %s can't be derived again", row["id"], row["case_id"])
            self.broken.add(row["id"])
            return None
        if row["ledger"] == before["ledger"] and all(row[name] == before[name] for name in deadlines.DATES):
            self.renamed[calendar.version,].append(row["id"])
            return None
        return Change(before, row)

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

    def _tell(self, case_row: Row, changes: Sequence[Change], now: datetime) -> None:
        if not changes:
            return
        notice = self.notice
        chain = Chain(case_row["history_count"], case_row["history_head"])
        moved = [
            {
                "deadline": change.after["id"],
                "name": change.after["name"],
                "before": change.before["due_at"],
                "after": change.after["due_at"],
            }
            for change in changes
        ]
        details = {
            "text": "；".join(map(str, changes)),
            "moved": moved,
            "version": changes[0].after["calendar_version"],
        }
        if notice is not None:
            details |= {"notice": notice["id"], "title": notice["title"], "number": notice["number"]}
        name = f"依据《{notice['title']}》重新计算期限" if notice else "按新的工作日历重新计算期限"
        told = chain.add(line(CLOCK, now, "calendar", name, details=details))
        told["case_id"] = case_row["id"]
        self.lines.append(told)
        self.heads.append({"which_case": case_row["id"], "new_count": chain.count, "new_head": chain.head})
        self.moves += [_move(notice, change) for change in changes if notice is not None and change.moves]

    # -- pauses that end by themselves

    def _pauses(
        self, ids: Sequence[int], rows: Mapping[int, list[Row]], now: datetime
    ) -> dict[int, dict[str, datetime]]:
        """When the pauses that stand now end by themselves under the new calendar, by case and token."""
        p = tables.pause
        query = select(p).where(p.c.case_id.in_(ids), p.c.end_at.is_(None), p.c.until_at > now)
        ends: dict[int, dict[str, datetime]] = defaultdict(dict)
        for pause in self.session.execute(query).mappings():
            calendars = [
                self.stale[row["calendar_version"]]
                for row in rows[pause["case_id"]]
                if row["calendar_version"] in self.stale
            ]
            if calendars:
                until = self.derivations.pause_end({**pause}, calendars[0])
                ends[pause["case_id"]][pause["token_id"]] = until
                self.pauses.append({"which_pause": pause["id"], "new_until": until})
        return ends

    # -- the store

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
            (WRITE_PAUSE, self.pauses),
            (NEW_LINES, self.lines),
            (WRITE_HEAD, self.heads),
            (_new_moves(self.session.dialect.name), self.moves),
        ):
            if rows:
                self.session.execute(statement, rows)


def values_of(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    """The row's values of these columns, to group by."""
    return tuple(row[name] for name in columns)


def with_ends(ledger: Mapping[str, Any] | None, ends: Mapping[str, datetime]) -> dict[str, Any]:
    """A ledger in which the pauses of `ends` (by token) end then."""
    stored = dict(ledger or {})
    if ends and stored.get("pauses"):
        stored["pauses"] = [
            {**each, "end": ends[each["pause_id"]].isoformat()} if each.get("pause_id") in ends else each
            for each in stored["pauses"]
        ]
    return stored


def _first(rows: Any) -> Row | None:
    return min((row for row in rows if row["due_at"]), key=lambda row: (row["due_at"], row["id"]), default=None)


def _move(notice: Mapping[str, Any], change: Change) -> Row:
    before, after = change.before, change.after
    return {
        "notice_id": notice["id"],
        "deadline_id": after["id"],
        "case_id": after["case_id"],
        "unit_path": after["unit_path"],
        "name": after["name"],
        "before": before["due_at"],
        "after": after["due_at"],
        "days": days_moved(before["due_at"], after["due_at"]),
    }


def _new_moves(dialect: str) -> Any:
    """A deadline that the same notice moves once more, e.g. after a pause has ended meanwhile, keeps its first date."""
    new = (sqlite if dialect == "sqlite" else postgresql).insert(tables.calendar_move)
    return new.on_conflict_do_update(
        index_elements=["notice_id", "deadline_id"], set_={"after": new.excluded.after, "days": new.excluded.days}
    )
