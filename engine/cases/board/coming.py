"""What turns yellow or falls due tomorrow, this week and over the next ten working days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, literal, select, union_all

from engine.cases.board import conditions
from engine.cases.board.filters import Filters
from engine.cases.board.sight import Sight
from engine.cases.runtime import Step
from engine.clock.calendar import Calendar
from engine.clock.days import ONE_DAY, day_of, start_of
from engine.store import tables

DAYS = 10
SUNDAY = 6


@dataclass(frozen=True)
class Span:
    """Some days, both included, and how many cases turn yellow and how many fall due in them."""

    begin: date
    end: date
    yellow: int = 0
    red: int = 0


@dataclass(frozen=True)
class Coming:
    """Tomorrow, from today to Sunday, and each of the next working days with the days off before it."""

    tomorrow: Span
    week: Span
    days: Sequence[Span] = field(default_factory=tuple)


def coming(this: Step, sight: Sight, filters: Filters) -> Coming:
    """The same for the cases asked for; one statement."""
    today = day_of(this.now)
    ends = working_days(this.runtime.calendar(), today)
    begins = [today + ONE_DAY, *(day + ONE_DAY for day in ends[:-1])]
    sunday = today + timedelta(days=SUNDAY - today.weekday())
    counted = _by_day(this, sight, filters, today, max(ends[-1], sunday, today + ONE_DAY))

    def span(begin: date, end: date) -> Span:
        inside = [day for day in counted["yellow"].keys() | counted["red"].keys() if begin <= day <= end]
        return Span(begin, end, *(sum(counted[name][day] for day in inside) for name in ("yellow", "red")))

    days = [span(begin, end) for begin, end in zip(begins, ends, strict=True)]
    return Coming(span(today + ONE_DAY, today + ONE_DAY), span(today, sunday), days)


def working_days(calendar: Calendar, today: date, count: int = DAYS) -> list[date]:
    """The next working days after today."""
    found: list[date] = []
    day = today
    while len(found) < count:
        day = calendar.next_workday(day + ONE_DAY)
        found.append(day)
    return found


def _by_day(this: Step, sight: Sight, filters: Filters, first: date, last: date) -> dict[str, Counter[date]]:
    """How many turn on which day. The moments are counted as they are: most of them are ends of days."""
    both = [_at_moments(this, sight, filters, name, first, last) for name in ("yellow", "red")]
    found: dict[str, Counter[date]] = {"yellow": Counter(), "red": Counter()}
    for row in this.session.execute(union_all(*both)).mappings():
        found[row["turns"]][day_of(row["moment"])] += row["count"]
    return found


def _at_moments(
    this: Step, sight: Sight, filters: Filters, name: str, first: date, last: date
) -> Select[tuple[str, datetime, int]]:
    c = tables.case
    column = c.c.yellow_at if name == "yellow" else c.c.red_at
    within = conditions.turns(c, name, start_of(first), start_of(last + ONE_DAY), this.now)
    wanted = conditions.of_cases(sight, filters, this.now)
    counted = (literal(name).label("turns"), column.label("moment"), func.count().label("count"))
    return select(*counted).where(*wanted, within).group_by(column)
