"""The festivals of a year that has no notice yet, and how differently the State Council may still arrange them.

Days are those of 全国年节及纪念日放假办法 (2024 revision): 元旦 1, 除夕至初三 4, 清明 1, 劳动节 2, 端午 1, 中秋 1,
国庆 3. The two outer arrangements follow the notices of 2014-2026: how long blocks grew, and how near to a block the
weekends lay that were worked in exchange.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import groupby

from holidays import country_holidays

from engine.clock.days import ONE_DAY

LAST_YEAR = 2100  # the lunar tables of `holidays` end here

_FESTIVAL = frozenset({"元旦", "农历除夕", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"})
_LONGEST = {"元旦": 3, "春节": 9, "清明节": 3, "劳动节": 5, "端午节": 3, "中秋节": 3, "国庆节": 8}
_REACH_OF_LONG, _REACH_OF_SHORT = timedelta(days=6), timedelta(days=2)
_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY, _FRIDAY, _SATURDAY = range(6)


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival's statutory days, and the longest block of days off that practice makes of them."""

    name: str
    days: tuple[date, ...]
    block: tuple[date, ...]

    @property
    def is_exchanged(self) -> bool:
        """Whether weekdays beyond the statutory days are taken off, so that weekends may be worked for them."""
        return self.is_long or self.days[0].weekday() in (_TUESDAY, _WEDNESDAY, _THURSDAY)

    @property
    def is_long(self) -> bool:
        """Whether its weekends are shuffled over weeks: the long blocks, and 中秋节 next to the National Day."""
        return len(self.days) > 1 or self.name == "中秋节"


@cache
def statutory_days(year: int) -> Mapping[date, str]:
    """The statutory days off of `year` (2025-2100), each with its name, e.g. `{2027-02-05: "除夕", …}`."""
    found = country_holidays("CN", years=year, observed=False, language="zh_CN")
    named = ((day, sorted(set(found.get_list(day)) & _FESTIVAL)) for day in sorted(found))
    # when 中秋节 falls on the National Day, as in 2031, the day goes by the longer festival
    return {day: names[-1].removeprefix("农历") for day, names in named if names}


@cache
def festivals(year: int) -> tuple[Festival, ...]:
    """The festivals of `year` in order of date: seven, or six when 中秋节 falls into the National Day."""
    names = statutory_days(year).items()
    grouped = groupby(names, key=lambda item: "春节" if item[1] == "除夕" else item[1])
    return tuple(_festival(name, tuple(day for day, _ in items)) for name, items in grouped)


def days_off_at_most(year: int) -> Iterator[date]:
    """Days off when every festival of `year` gets its longest block; may begin in December of the year before."""
    for festival in festivals(year):
        yield from festival.block


def weekends_worked_at_most(year: int) -> Iterator[date]:
    """Weekend days that may be declared working days around the festivals of `year`."""
    resting = set(statutory_days(year))
    for festival in festivals(year):
        if not festival.is_exchanged:
            continue
        reach = _REACH_OF_LONG if festival.is_long else _REACH_OF_SHORT
        for day in _span(festival.block[0] - reach, festival.block[-1] + reach):
            if day.weekday() >= _SATURDAY and day not in resting:
                yield day


def _festival(name: str, days: tuple[date, ...]) -> Festival:
    first = days[0]
    last = first + timedelta(days=_LONGEST[name] - 1)
    if len(days) == 1:
        first, last = _three_days_around(first)
    while (first - ONE_DAY).weekday() >= _SATURDAY:
        first -= ONE_DAY
    while (last + ONE_DAY).weekday() >= _SATURDAY:
        last += ONE_DAY
    return Festival(name, days, tuple(_span(first, last)))


def _three_days_around(day: date) -> tuple[date, date]:
    """First and last weekday off for a one-day festival: a Tuesday or Wednesday bridges back to Monday, a Thursday
    forward to Friday; a festival on a weekend is made up for on Monday."""
    weekday = day.weekday()
    if weekday in (_TUESDAY, _WEDNESDAY):
        return day - weekday * ONE_DAY, day
    if weekday >= _SATURDAY:
        return day, day + (7 - weekday) * ONE_DAY
    return (day, day) if weekday == _MONDAY else (day, day + (_FRIDAY - weekday) * ONE_DAY)


def _span(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY
