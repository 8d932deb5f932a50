"""Which calendar counts now, by region, and which one made a date of the past; hides when the store is looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from engine.clock import calendar
from engine.clock.calendar import Calendar
from engine.clock.notices import Declared, marks_of
from engine.store import tables
from engine.store.database import Store

LOOK_SECONDS = 2.0  # a notice confirmed elsewhere counts here after so long at most


@dataclass(frozen=True)
class Confirmed:
    """A notice that counts: which region's days, and the year that it settles."""

    id: int
    region: str
    year: int | None
    source: str
    days: tuple[Declared, ...]

    def covers(self, region: str | None) -> bool:
        """Whether it is the whole country's, or that of a place in which `region` lies."""
        return (region or "").startswith(self.region)


def read_confirmed(row: Mapping[str, Any]) -> Confirmed:
    """The notice of a row of `calendar_notice`."""
    days = (Declared(date.fromisoformat(each["day"]), each["works"], each["name"]) for each in row["days"])
    return Confirmed(row["id"], row["region"], row["year"], row["source"], tuple(days))


def laid_over(base: Calendar, notices: Iterable[Confirmed], region: str | None) -> Calendar:
    """`base` with the `notices` that cover the region, in order: a later one wins."""
    marks, last = {}, base.last_notice
    for notice in notices:
        if notice.covers(region):
            marks.update(marks_of(notice.days, notice.source))
            last = max(last, notice.year or last)
    return base.with_days(marks, region=region, last_notice=last) if marks or region else base


class Calendars:
    """The calendars of one process; safe between threads. Begins with the notices up to `base_year`."""

    def __init__(self, store: Store, base_year: int) -> None:
        self._store = store
        self._base = calendar.national(base_year)
        self._looking = threading.Lock()
        self._looked_at: float | None = None
        self._confirmed: tuple[Confirmed, ...] = ()
        self._current: dict[str | None, Calendar] = {}
        self._past: dict[str, Calendar] = {}

    def current(self, region: str | None) -> Calendar:
        """The calendar of a region (division code; None for the country) with every confirmed notice.

        Costs no statement of the step that asks: the store is looked at beside it, every few seconds.
        """
        if self._looked_at is None or time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._look_unless_somebody_does()
        known = self._current
        if region not in known:
            calendar.check_region(region)
            known[region] = laid_over(self._base, self._confirmed, region)
        return known[region]

    def of_version(self, version: str) -> Calendar:
        """The calendar of a version that a deadline names; the present one of its region when it can't be told."""
        _year, region = calendar.parts_of(version)
        if (current := self.current(region)).version == version:
            return current
        if version not in self._past:
            self._past[version] = self._made_of(version, region) or current
        return self._past[version]

    def with_notice(self, notice: Confirmed, region: str | None) -> Calendar:
        """The present calendar of a region as it would be with one notice more."""
        self.current(None)
        return laid_over(self._base, (*self._confirmed, notice), region)

    def look(self) -> None:
        """See now what has been confirmed, e.g. right after a confirmation of one's own."""
        with self._looking:
            self._look()

    def _look_unless_somebody_does(self) -> None:
        if self._looking.acquire(blocking=self._looked_at is None):
            try:
                self._look()
            finally:
                self._looking.release()

    def _look(self) -> None:
        n = tables.calendar_notice
        order = (n.c.confirmed_at, n.c.id)
        with self._store.glance() as session:
            ids = session.execute(select(n.c.id).where(n.c.status == "confirmed").order_by(*order)).scalars().all()
            if list(ids) != [notice.id for notice in self._confirmed]:
                self._confirmed = self._read(session, ids)
                self._current, self._past = {}, {}
        self._looked_at = time.monotonic()

    def _read(self, session: Any, ids: Sequence[int]) -> tuple[Confirmed, ...]:
        n = tables.calendar_notice
        columns = (n.c.id, n.c.region, n.c.year, n.c.source, n.c.days)
        found = session.execute(select(*columns).where(n.c.id.in_(ids))).mappings()
        rows = {row["id"]: read_confirmed(row) for row in found}
        return tuple(rows[each] for each in ids if each in rows)

    def _made_of(self, version: str, region: str | None) -> Calendar | None:
        v = tables.calendar_version
        with self._looking, self._store.glance() as session:
            ids = session.execute(select(v.c.notices).where(v.c.version == version)).scalar_one_or_none()
            made = laid_over(self._base, self._read(session, ids or ()), region)
        year = calendar.parts_of(version)[0]
        bare = laid_over(calendar.national(year), (), region)
        return next((each for each in (made, bare) if each.version == version), None)
