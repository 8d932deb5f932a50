"""When a limit falls due and when its light changes, derived from its ledger and one calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, Protocol

from engine.clock.calendar import Calendar
from engine.clock.days import day_of, end_of, start_of
from engine.clock.ledger import COMMON, Extension, Ledger, Rules, Verdict, walk
from engine.clock.limits import Limit, Unit
from engine.clock.pauses import Pause, PausedTime

Light = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The derived dates of a ledger. While an open pause holds it, every date is None and `is_open` is true.

    `due_at` is 23:59:59 Asia/Shanghai of the due day for limits counted in days, the exact moment for hours and
    minutes; `due_at`, `yellow_at` and `red_at` are aware UTC, `due_on`, `earliest` and `latest` Shanghai days.
    `earliest` and `latest` differ from `due_on` only when it is `provisional` (E-17).
    """

    ledger: Ledger
    calendar: Calendar
    due_at: datetime | None = None
    due_on: date | None = None
    yellow_at: datetime | None = None
    provisional: bool = False
    earliest: date | None = None
    latest: date | None = None

    @property
    def red_at(self) -> datetime | None:
        """The light is red after this moment: the deadline itself."""
        return self.due_at

    @property
    def is_open(self) -> bool:
        """Whether a pause without an end keeps the due date open."""
        return self.due_at is None

    @property
    def calendar_version(self) -> str:
        """The version of the calendar that it was derived from."""
        return self.calendar.version


class Lights(Protocol):
    """The two stored columns that a light is read from."""

    @property
    def yellow_at(self) -> datetime | None: ...

    @property
    def red_at(self) -> datetime | None: ...


def derive(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    *,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
    rules: Rules = COMMON,
) -> Deadline:
    """The deadline of `limit` from the aware `start`, by 民法典 §201-203.

    The day of the start is not counted; working days are the calendar's. Days wholly paused don't count, overlapping
    pauses count once, and a pause without an end that is reached before the limit leaves the deadline open.
    Raises `TimeWithoutZone`, `YearOutOfRange` and `ExtensionUnitDiffers`.
    """
    ledger = Ledger(start, limit, tuple(pauses), tuple(extensions), rules)
    return project(ledger, calendar)


def project(ledger: Ledger, calendar: Calendar) -> Deadline:
    """The deadline of a stored `ledger` under `calendar`, e.g. again after a pause or a new notice."""
    if ledger.length is not None:
        return _exact(ledger, calendar)
    days, last = _count(ledger, calendar)
    if last is None:
        return Deadline(ledger, calendar)
    provisional = calendar.is_provisional(last)
    earliest = _count(ledger, calendar.least_rest)[1] if provisional else last
    latest = _count(ledger, calendar.most_rest)[1] if provisional else last
    yellow_at = start_of(_yellow_day(ledger, calendar, days, last))
    return Deadline(ledger, calendar, end_of(last), last, yellow_at, provisional, earliest, latest)


def light(deadline: Lights, now: datetime) -> Light:
    """The light at the aware `now`, from the stored columns alone; green while the deadline is open.

    Yellow begins at 00:00 of the working day on which at most 20 % of the limit (`Rules.yellow_percent`), but at
    least one working day, remains, the due day counted: of 1 to 9 working days on the due day, of 20 on the fourth
    last. For hours it begins when that share of the time remains. Red begins when the deadline has passed.
    """
    if deadline.red_at is not None and now > deadline.red_at:
        return "red"
    return "yellow" if deadline.yellow_at is not None and now >= deadline.yellow_at else "green"


def _count(ledger: Ledger, calendar: Calendar) -> tuple[list[date], date | None]:
    """The counted days and the due day; None when an open pause is reached first."""
    counted, last = [], None
    for day, verdict in walk(ledger, calendar):
        if verdict is Verdict.COUNTED:
            counted.append(day)
        last = None if verdict is Verdict.OPEN else day
    return counted, last


def _yellow_day(ledger: Ledger, calendar: Calendar, days: list[date], last: date) -> date:
    day = days[-_remaining(days, ledger.rules.yellow_percent)]
    return day if ledger.limit.unit is Unit.WORKDAY else min(calendar.next_workday(day), last)


def _remaining(days: Sequence[date], percent: int) -> int:
    """How many of the counted days are at most so much of them; the last one always."""
    return max(1, len(days) * percent // 100)


def moment_left(ledger: Ledger, calendar: Calendar, percent: int) -> date | datetime | None:
    """When at most `percent` of the limit is left: the counted day, due day included (a day on which the clock stood
    counts for nothing), or the exact moment of a limit in hours; None while an open pause holds the limit."""
    if ledger.length is not None:
        due_at = _exact(ledger, calendar).due_at
        return None if due_at is None else due_at - ledger.length * percent / 100
    days, last = _count(ledger, calendar)
    return days[-_remaining(days, percent)] if days and last is not None else None


def _exact(ledger: Ledger, calendar: Calendar) -> Deadline:
    length = ledger.length
    paused = PausedTime(ledger.pauses)
    due_at = None if length is None else paused.shifted(ledger.start.astimezone(UTC), length)
    if length is None or due_at is None:
        return Deadline(ledger, calendar)
    yellow_at = due_at - length * ledger.rules.yellow_percent / 100
    day = day_of(due_at)
    return Deadline(ledger, calendar, due_at, day, yellow_at, False, day, day)
