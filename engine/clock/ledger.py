"""What a deadline is made of (budget and ledger), and the one walk over the days that counts it."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from engine.clock.calendar import Calendar
from engine.clock.days import ONE_DAY, day_of
from engine.clock.limits import Limit, Unit
from engine.clock.pauses import Pause, PausedTime

_TIMES = {Unit.HOUR: timedelta(hours=1), Unit.MINUTE: timedelta(minutes=1)}


@dataclass(frozen=True, slots=True)
class Extension:
    """An approved prolongation `by` so much, in the unit of the limit."""

    by: Limit
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of counting.

    `next_workday_start` (A-09): what arrives on a rest day counts as arrived on the next working day.
    `roll` (A-02, 民法典 §203): a limit in 日 or 月 that ends on a rest day ends on the next working day.
    `advance` (A-11): an internal limit in 日, 月 or a day of the month that ends on a rest day ends on the last working
    day before it; it goes before `roll`.
    `yellow_percent`: the light turns yellow when at most this share of the limit, or one working day, remains.
    """

    next_workday_start: bool = False
    roll: bool = True
    advance: bool = False
    yellow_percent: int = 20


COMMON = Rules()


@dataclass(frozen=True, slots=True)
class Ledger:
    """When it started, how long it may take, what stopped and what prolonged it."""

    start: datetime
    limit: Limit
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    rules: Rules = COMMON

    @property
    def total(self) -> Limit:
        """The limit with its extensions; `ExtensionUnitDiffers` when they don't add up."""
        return self.limit.extended([extension.by for extension in self.extensions])

    @property
    def length(self) -> timedelta | None:
        """The exact length of a limit in hours or minutes; None for one counted in days."""
        total = self.total
        return total.amount * _TIMES[total.unit] if total.unit in _TIMES else None


class Verdict(Enum):
    """What the count does with a day."""

    COUNTED = "counted"
    REST = "rest"
    PAUSED = "paused"
    ROLLED = "rolled"
    OPEN = "open"  # a pause without an end begins: nothing can be said about any later day


def first_day(ledger: Ledger, calendar: Calendar) -> date:
    """Day zero, the day that is not counted: the day of the start, or the next working day under A-09."""
    day = day_of(ledger.start)
    return calendar.next_workday(day) if ledger.rules.next_workday_start else day


def walk(ledger: Ledger, calendar: Calendar) -> Iterator[tuple[date, Verdict]]:
    """Each day after day zero with its verdict, up to the due day (the last one) or to an open pause.

    For limits counted in days; a month limit counts the calendar days to the same day of the month, or its end.
    """
    total, day = ledger.total, first_day(ledger, calendar)
    fixed = total.unit is Unit.MONTH_DAY  # nothing moves a date but rest days
    paused = PausedTime(() if fixed else ledger.pauses)
    only_workdays = total.unit is Unit.WORKDAY
    if fixed:
        day -= ONE_DAY  # the start may itself be the day
    left = _days(day, total)
    if ledger.rules.advance and not only_workdays:
        while left > 1 and not calendar.is_workday(day + left * ONE_DAY):
            left -= 1
    while left:
        day += ONE_DAY
        if paused.covers(day):
            yield day, Verdict.PAUSED
            if paused.is_open_on(day):
                yield day, Verdict.OPEN
                return
        elif only_workdays and not calendar.is_workday(day):
            yield day, Verdict.REST
        else:
            left -= 1
            yield day, Verdict.COUNTED
    if (ledger.rules.roll or ledger.rules.advance) and not only_workdays:
        yield from _roll(day, calendar, paused)


def _days(day: date, total: Limit) -> int:
    """How many days after `day` the limit takes, before pauses and rest days."""
    if total.unit is Unit.MONTH:
        return (_months_later(day, total.amount) - day).days
    if total.unit is not Unit.MONTH_DAY:
        return total.amount
    start, months = day + ONE_DAY, total.months_later
    if not months and start > _in_month(start, total.amount):
        months = 1
    return (_in_month(_months_later(start.replace(day=1), months), total.amount) - day).days


def _in_month(day: date, number: int) -> date:
    """That day of the month, or its last one (民法典 §202)."""
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))


def _roll(day: date, calendar: Calendar, paused: PausedTime) -> Iterator[tuple[date, Verdict]]:
    while paused.covers(day) or not calendar.is_workday(day):
        day += ONE_DAY
        yield day, Verdict.ROLLED
        if paused.is_open_on(day):
            yield day, Verdict.OPEN
            return


def _months_later(day: date, months: int) -> date:
    """The same day `months` later, or the month's last day when it is shorter (民法典 §202)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
