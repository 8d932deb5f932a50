"""Starts that come round by themselves: `每月1日`, `每月15日 08:00`, `每季度1日`, `每年1月1日`,
`每年3月、9月1日`, `每日 08:00`."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from engine.clock.days import ONE_DAY, SHANGHAI, local
from engine.clock.errors import LimitNotUnderstood
from engine.clock.limits import Limit, month_day, number, parse_limit, tidy

_EVERY_MONTH = tuple(range(1, 13))
_QUARTERS = (1, 4, 7, 10)
_LAST = 31
_LEAP_YEAR = 2024
_RECURRING = re.compile(
    r"每(?:(?P<daily>日|天)|(?:(?P<monthly>个?月)|(?P<quarterly>个?季度(?:首月)?)|年(?P<month>[^月]+(?:月[、和][^月]+)*)月)"
    r"(?:(?P<last>最后一[日天]|末日?)|第?(?P<day>[^日号]+)[日号]))"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2}))?"
)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A start on `day` of each of `months` (None: every day) at `at`, Shanghai time; a day that a month lacks is its
    last one (民法典 §202)."""

    months: tuple[int, ...]
    day: int | None
    at: time

    def next_after(self, now: datetime) -> datetime:
        """The first start later than the aware `now`, in UTC."""
        today = local(now)
        day = today.date()
        while not (self._falls_on(day) and datetime.combine(day, self.at, SHANGHAI) > today):
            day += ONE_DAY
        return datetime.combine(day, self.at, SHANGHAI).astimezone(UTC)

    def _falls_on(self, day: date) -> bool:
        if self.day is None:
            return True
        length = calendar.monthrange(day.year, day.month)[1]
        return day.month in self.months and day.day == min(self.day, length)


def parse_recurring(text: str) -> Recurring:
    """Read a recurring start; without a time it is 00:00. `LimitNotUnderstood` when no such day exists."""
    found = _RECURRING.fullmatch(tidy(text))
    if found is None:
        raise LimitNotUnderstood(text)
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    if hour > 23 or minute > 59:
        raise LimitNotUnderstood(text, f"没有{hour:02}:{minute:02}这个时刻")
    at = time(hour, minute)
    if found["daily"]:
        return Recurring(_EVERY_MONTH, None, at)
    months = _months(found, text)
    day = _LAST if found["last"] else _within(found["day"], 31, "日", text)
    if len(months) == 1 and not found["last"] and day > calendar.monthrange(_LEAP_YEAR, months[0])[1]:
        raise LimitNotUnderstood(text, f"{months[0]}月没有{day}日")
    return Recurring(months, day, at)


def parse_timer(text: str) -> Limit | Recurring:
    """Read the text of any timer: a limit (`每月15日前` too), or a recurring start when it begins with 每."""
    starts = tidy(text).startswith("每") and month_day(text) is None
    return parse_recurring(text) if starts else parse_limit(text)


def _months(found: re.Match[str], text: str) -> tuple[int, ...]:
    if found["monthly"]:
        return _EVERY_MONTH
    if found["quarterly"]:
        return _QUARTERS
    return tuple(sorted({_within(each, 12, "月", text) for each in re.split("月[、和]", found["month"])}))


def _within(digits: str, most: int, unit: str, text: str) -> int:
    value = number(digits)
    if value is None or not 1 <= value <= most:
        raise LimitNotUnderstood(text, f"没有{digits}{unit}")
    return value
