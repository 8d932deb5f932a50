"""Which days are working days: notices with their 调休, and a provisional year where there is no notice yet."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Literal

from engine.clock import festivals
from engine.clock.days import ONE_DAY, WEEKDAYS
from engine.clock.errors import RegionNotUnderstood, YearOutOfRange
from engine.clock.notices import DayOff, Mark, Workday, local_days, notice_year, published_days, published_years

LAW = "《全国年节及纪念日放假办法》（2024年修订）"
BASE_YEAR = 2026  # the last notice every store begins with; what the package learns later is imported, never slips in
Arrangement = Literal["statutory", "least rest", "most rest"]


class Calendar:
    """One version of the working days of one region.

    Days come from `marks` (notices, overlays). A year after the last of `years` is projected: weekends and statutory
    days are off. `least_rest` and `most_rest` are the outer arrangements that a notice may still choose.
    Years before the first notice and after 2100 raise `YearOutOfRange`.
    """

    def __init__(
        self,
        marks: Mapping[date, Mark],
        years: tuple[int, int],
        *,
        version: str = "",
        region: str | None = None,
        arrangement: Arrangement = "statutory",
    ) -> None:
        self.region = region
        self.first_year, self.last_notice = years
        self.version = version or _digest(marks, self.last_notice, region)
        self._notices = dict(marks)
        self._arrangement = arrangement
        self._marks = dict(marks)
        self._ready: set[int] = set(range(self.first_year, self.last_notice))
        self._projected: set[int] = set()

    def __repr__(self) -> str:
        return f"Calendar({self.version!r})"

    def is_workday(self, day: date) -> bool:
        """Whether `day` counts as a working day."""
        if day.year not in self._ready:
            self._prepare(day.year)
        mark = self._marks.get(day)
        return day.weekday() < 5 if mark is None else mark.works

    def mark(self, day: date) -> Mark | None:
        """What a notice, or the law for an unpublished year, declares about `day`; None for an ordinary day."""
        if day.year not in self._ready:
            self._prepare(day.year)
        return self._marks.get(day)

    def name_of(self, day: date) -> str:
        """What the day is called: `春节`, `调休上班（春节）`, `周六`."""
        mark = self.mark(day)
        return WEEKDAYS[day.weekday()] if mark is None else mark.name

    def source(self, day: date) -> str:
        """The notice or law that says so; empty for ordinary weekdays and weekends."""
        mark = self.mark(day)
        return "" if mark is None else mark.source

    def is_provisional(self, day: date) -> bool:
        """Whether a notice to come may still change `day`."""
        return day > self.certain_until

    @cached_property
    def certain_until(self) -> date:
        """The last day that no notice to come changes: usually 31 December, less when it may lengthen New Year."""
        day, last = date(self.last_notice, 12, 1), date(self.last_notice, 12, 31)
        while day <= last and self.least_rest.is_workday(day) == self.most_rest.is_workday(day):
            day += ONE_DAY
        return day - ONE_DAY

    @cached_property
    def least_rest(self) -> "Calendar":
        """The arrangement with the most working days: only statutory days off, weekends near them worked."""
        return self._arranged("least rest")

    @cached_property
    def most_rest(self) -> "Calendar":
        """The arrangement with the fewest working days: every festival gets its longest block."""
        return self._arranged("most rest")

    def first_change(self, later: "Calendar") -> date | None:
        """The first day that `later` declares differently; None for none.

        A date before it stands under both, unless it was provisional: then only its bounds may move.
        """
        days = self._notices.keys() | later._notices.keys()
        changed = (day for day in days if _works(self._notices.get(day)) != _works(later._notices.get(day)))
        return min(changed, default=None)

    def next_workday(self, day: date) -> date:
        """`day` itself when it is a working day, else the first one after it."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def workdays_between(self, after: date, until: date) -> int:
        """How many working days lie after `after`, up to and including `until`; 0 when there are none."""
        span = (until - after).days
        return sum(self.is_workday(after + number * ONE_DAY) for number in range(1, span + 1))

    def with_days(
        self,
        days: Mapping[date, Mark],
        version: str = "",
        *,
        region: str | None = None,
        last_notice: int | None = None,
    ) -> "Calendar":
        """A copy in which `days` are as given: an older version, a regional overlay, or a later notice.

        With `last_notice` that year is no longer projected: `days` then hold everything that its notice declares.
        """
        years = (self.first_year, last_notice or self.last_notice)
        return Calendar(self._notices | dict(days), years, version=version, region=region or self.region)

    def _arranged(self, arrangement: Arrangement) -> "Calendar":
        years = (self.first_year, self.last_notice)
        return Calendar(self._notices, years, version=self.version, region=self.region, arrangement=arrangement)

    def _prepare(self, year: int) -> None:
        if not self.first_year <= year <= festivals.LAST_YEAR:
            raise YearOutOfRange(year, self.first_year, festivals.LAST_YEAR)
        for projected in (year, year + 1):  # the next year's New Year may reach into this December
            if self.last_notice < projected <= festivals.LAST_YEAR and projected not in self._projected:
                for day, mark in self._projection(projected).items():  # in place: other threads may be reading
                    self._marks.setdefault(day, mark)
                self._projected.add(projected)
        self._ready.add(year)

    def _projection(self, year: int) -> dict[date, Mark]:
        source = f"{LAW}，{year}年放假通知尚未公布"
        marks: dict[date, Mark] = {}
        if self._arrangement == "least rest":
            marks |= {day: Workday("可能调休上班", source) for day in festivals.weekends_worked_at_most(year)}
        if self._arrangement == "most rest":
            marks |= {day: DayOff("可能放假", source) for day in festivals.days_off_at_most(year)}
        return marks | {day: DayOff(name, source) for day, name in festivals.statutory_days(year).items()}


@cache
def national(until: int | None = None) -> Calendar:
    """The country's calendar as published; with `until`, as it was known when that year's notice was the last."""
    years = published_years()
    last = years[-1] if until is None else until
    marks = {day: mark for day, mark in published_days().items() if notice_year(day, mark) <= last}
    return Calendar(marks, (years[0], last))


def for_region(region: str | None, notices: Path | None = None) -> Calendar:
    """The calendar of `region` (a division code, None for the country) with the local `notices` (TOML) laid over.

    It is kept until the file changes. `RegionNotUnderstood` and `RegisterInvalid` say what is wrong.
    """
    check_region(region)
    changed = notices.stat().st_mtime_ns if notices is not None and notices.exists() else None
    return _overlaid(region, notices if changed else None, changed)


def check_region(region: str | None) -> None:
    """`RegionNotUnderstood` unless it is a division code or None, the whole country."""
    if region is not None and not (region.isascii() and region.isdigit() and 2 <= len(region) <= 12):
        raise RegionNotUnderstood(region)


def parts_of(version: str) -> tuple[int, str | None]:
    """The last year with a notice and the region that a calendar's version names: `2026-341702-3f2a91c0`."""
    year, *region, _fingerprint = version.split("-")
    return int(year), region[0] if region else None


@lru_cache(maxsize=64)
def _overlaid(region: str | None, notices: Path | None, _changed: int | None) -> Calendar:
    days = local_days(notices, region or "") if notices is not None else {}
    return national().with_days(days, region=region) if days or region else national()


def _works(mark: Mark | None) -> bool | None:
    return None if mark is None else mark.works


def _digest(marks: Mapping[date, Mark], last_notice: int, region: str | None) -> str:
    """`2026-3f2a91c0`: the last year with a notice and a fingerprint of what is off and worked."""
    lines = "\n".join(f"{day}{'+' if marks[day].works else '-'}" for day in sorted(marks))
    fingerprint = hashlib.sha256(lines.encode()).hexdigest()[:8]
    return "-".join(filter(None, (str(last_notice), region, fingerprint)))
