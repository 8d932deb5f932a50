"""The dates of many deadlines under one calendar, each different question answered once; and what has changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.cases import deadlines
from engine.clock import calendar as clock_calendar
from engine.clock.calendar import Calendar
from engine.clock.days import day_of, start_of
from engine.clock.deadline import derive
from engine.clock.limits import Unit, parse_limit
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.runtime import Runtime
    from engine.store.database import Session

D = tables.deadline
EXACT = (Unit.HOUR.value, Unit.MINUTE.value)  # limits that no calendar moves


@dataclass
class Derivations:
    """Remembers by start day, limit, ledger and calendar: an office has thousands of deadlines but few such."""

    runtime: Runtime
    _known: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)

    def dates(self, row: Mapping[str, Any], calendar: Calendar) -> dict[str, Any]:
        """The dates of a stored deadline (`deadlines.DATES`) and the version, to be read only."""
        exact = row["limit_text"].endswith(EXACT)
        start = row["started_at"] if exact else day_of(row["started_at"])
        ledger = row["ledger"]
        special = json.dumps(ledger, sort_keys=True) if ledger and any(ledger.values()) else ""
        key = (calendar.version, row["limit_text"], row["limit_id"], start, special)
        found = self._known.get(key)
        if found is None:
            made = deadlines.derived(self.runtime, row, calendar)
            found = {name: getattr(made, name) for name in (*deadlines.DATES, "calendar_version")}
            self._known[key] = found
        return found

    def pause_end(self, pause: Mapping[str, Any], calendar: Calendar) -> datetime:
        """When a stored pause ends by itself."""
        end = derive(pause["begin_at"], parse_limit(pause["limit_text"]), calendar).due_at
        assert end is not None  # nothing pauses a pause
        return end


def days_moved(before: datetime | None, after: datetime | None) -> int:
    """By how many days, earlier ones negative; 0 while either is open."""
    return (day_of(after) - day_of(before)).days if before and after else 0


def not_passed(now: datetime) -> ColumnElement[bool]:
    """Deadlines that may still move: those that run and are not due yet."""
    return and_(D.c.status == "running", or_(D.c.due_at > now, D.c.due_at.is_(None)))


def versions(session: Session) -> list[str]:
    """The calendars that running deadlines were derived from."""
    query = select(D.c.calendar_version).where(D.c.status == "running").group_by(D.c.calendar_version)
    return list(session.execute(query).scalars())


def region_of(version: str) -> str | None:
    """The region whose calendar a version is."""
    return clock_calendar.parts_of(version)[1]


def untouched(runtime: Runtime, version: str, now_calendar: Calendar) -> ColumnElement[bool] | None:
    """Which deadlines of `version` surely keep every date under `now_calendar`; None when nothing can be said."""
    was = runtime.calendar_of(version)
    if was.version != version:
        return None
    change = was.first_change(now_calendar)
    if change is None:
        return D.c.calendar_version == version
    return and_(D.c.calendar_version == version, D.c.due_at < start_of(change), ~D.c.provisional)


def count(session: Session, now: datetime, stale: list[str]) -> int:
    """How many deadlines are still to be derived from these versions."""
    query = select(func.count()).select_from(D).where(D.c.calendar_version.in_(stale), not_passed(now))
    return int(session.execute(query).scalar_one())
