"""Some cases in one transaction after a notice on days off: their running deadlines under the new calendar (E-17)."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.cases import deadlines
from engine.cases.case_dates import Batch, Change, Row, Words, data
from engine.cases.derivations import days_moved
from engine.clock.calendar import Calendar
from engine.clock.errors import ClockError
from engine.store import tables

WRITE_PAUSE = (
    update(tables.pause).where(tables.pause.c.id == bindparam("which_pause")).values(until_at=bindparam("new_until"))
)
log = logging.getLogger("jiuzhu.calendar")


@dataclass(kw_only=True)
class NoticeBatch(Batch):
    """`stale`: the versions to be replaced, and by what; `notice` is named; `broken`: deadlines given up."""

    notice: Mapping[str, Any] | None
    stale: Mapping[str, Calendar]
    broken: set[str]
    ends: dict[int, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    pauses: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)

    def _rows(self, held: Mapping[int, Row]) -> dict[int, list[Row]]:
        rows = super()._rows(held)
        self._find_ends(held, rows)
        return rows

    def _find_ends(self, held: Mapping[int, Row], rows: Mapping[int, list[Row]]) -> None:
        """When the pauses that stand now end by themselves under the new calendar, by case and token."""
        ids = [case_id for case_id, case_row in held.items() if case_row["paused_until"] is not None]
        if not ids:
            return
        p = tables.pause
        query = select(p).where(p.c.case_id.in_(ids), p.c.end_at.is_(None), p.c.until_at > self.now)
        for pause in self.session.execute(query).mappings():
            versions = [row["calendar_version"] for row in rows[pause["case_id"]]]
            calendars = [self.stale[version] for version in versions if version in self.stale]
            if calendars:
                until = self.derivations.pause_end({**pause}, calendars[0])
                self.ends[pause["case_id"]][pause["token_id"]] = until
                self.pauses.append({"which_pause": pause["id"], "new_until": until})
        for case_id, ends in self.ends.items():
            held[case_id]["paused_until"] = max(ends.values())

    def _derive(self, row: Row) -> Change | None:
        calendar = self.stale.get(row["calendar_version"])
        if calendar is None or row["status"] != "running" or (row["due_at"] is not None and row["due_at"] <= self.now):
            return None
        before = dict(row)
        row["ledger"] = with_ends(row["ledger"], self.ends.get(row["case_id"], {}))
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

    def _words(self, rows: Sequence[Row], changes: Sequence[Change]) -> Words | None:
        told = [change for change in changes if change.moves or change.settles]
        if not told:
            return None
        notice, version = self.notice, told[0].after["calendar_version"]
        details = {"text": "；".join(map(str, told)), "moved": data(told), "version": version}
        if notice is not None:
            details |= {"notice": notice["id"], "title": notice["title"], "number": notice["number"]}
            self.moves += [_move(notice, change) for change in told if change.moves]
        name = f"依据《{notice['title']}》重新计算期限" if notice else "按新的工作日历重新计算期限"
        return Words("calendar", name, details)

    def _written(self) -> Iterable[tuple[Any, list[Row]]]:
        return (WRITE_PAUSE, self.pauses), (_new_moves(self.session.dialect.name), self.moves)


def with_ends(ledger: Mapping[str, Any] | None, ends: Mapping[str, datetime]) -> dict[str, Any]:
    """A ledger in which the pauses of `ends` (by token) end then."""
    stored = dict(ledger or {})
    if ends and stored.get("pauses"):
        stored["pauses"] = [
            {**each, "end": ends[each["pause_id"]].isoformat()} if each.get("pause_id") in ends else each
            for each in stored["pauses"]
        ]
    return stored


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
