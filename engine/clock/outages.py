"""What a time in which the system stood takes out of limits, and by which rules (policy/outages.toml; E-28)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.clock.calendar import Calendar
from engine.clock.days import ONE_DAY, SHANGHAI, day_of, end_of, start_of
from engine.clock.errors import RegisterInvalid
from engine.clock.limits import Limit, Unit
from engine.clock.pauses import STOOD, Pause, merged

_NUMBERS = ("gap_minutes", "lost_minutes", "longest_days")
_FILE = frozenset({"automatic", *_NUMBERS, "basis", "hours"})
_EXACT = (Unit.HOUR, Unit.MINUTE)


@dataclass(frozen=True, slots=True)
class Outage:
    """The system stood from `begin` to `end` (aware)."""

    id: int
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class OutageRules:
    """Office `hours` of a working day; how much of them must be `lost` for the day not to count; from which `gap` on
    the clock itself (if `automatic`) takes its silence for an outage; the `longest` that may be entered by hand."""

    automatic: bool = False
    gap: timedelta = timedelta.max
    lost: timedelta = timedelta.max
    longest: timedelta = timedelta.max
    basis: str = ""
    hours: tuple[tuple[time, time], ...] = ()

    def between(self, day: date, begin: datetime, end: datetime) -> timedelta:
        """How much of the office hours of a working day lies between two moments."""
        spans = [(datetime.combine(day, a, SHANGHAI), datetime.combine(day, b, SHANGHAI)) for a, b in self.hours]
        parts = (min(last, end) - max(first, begin) for first, last in spans)
        return sum((part for part in parts if part > timedelta()), timedelta())


def office_time(outages: Sequence[Outage], calendar: Calendar, rules: OutageRules) -> dict[date, timedelta]:
    """How much of the office hours of each working day was lost, in one outage or several."""
    lost: dict[date, timedelta] = {}
    spans = sorted((Pause(each.begin, each.end) for each in outages), key=lambda pause: pause.begin)
    for begin, end in merged(spans):
        day = day_of(begin)
        while start_of(day) < end:
            if calendar.is_workday(day):
                lost[day] = lost.get(day, timedelta()) + rules.between(day, begin, end)
            day += ONE_DAY
    return lost


def lost_days(outages: Sequence[Outage], calendar: Calendar, rules: OutageRules) -> list[date]:
    """The working days that don't count for limits in days: enough of their office hours was lost."""
    return sorted(day for day, lost in office_time(outages, calendar, rules).items() if lost >= rules.lost)


def lines(start: datetime, limit: Limit, outages: Sequence[Outage], days: Sequence[date]) -> list[dict[str, Any]]:
    """What the ledger of a limit says of the `outages` since its `start`, of which `days` (in order) were lost.

    A limit in hours or minutes stands for exactly their time, one in days for whole days; a date is not moved.
    """
    if limit.unit is Unit.MONTH_DAY:
        return []
    if limit.unit in _EXACT:
        return [_line(each.begin, each.end) for each in outages if each.end > start]
    return [_line(start_of(first), end_of(last)) for first, last in _runs(day for day in days if day > day_of(start))]


def is_line(line: Mapping[str, Any]) -> bool:
    """Whether a pause in a ledger is an outage."""
    return bool(line["reason"] == STOOD)


def _line(begin: datetime, end: datetime) -> dict[str, Any]:
    return {"begin": begin.isoformat(), "end": end.isoformat(), "reason": STOOD}


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last of days that follow each other."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == ONE_DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def load_outage_rules(path: Path) -> OutageRules:
    """Read the rules, again when the file changes; without a file no outage moves a limit. `RegisterInvalid`."""
    try:
        return _load(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return OutageRules()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegisterInvalid(path, "格式", f"文件无法读取（{error}）。") from error


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> OutageRules:
    table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    if missing := sorted(_FILE - table.keys()):
        raise RegisterInvalid(path, "文件开头", f"缺少 {'、'.join(missing)}。")
    if strange := sorted(table.keys() - _FILE):
        raise RegisterInvalid(path, "文件开头", f"不认识 {'、'.join(strange)}，请核对拼写。")
    if not isinstance(table["automatic"], bool):
        raise RegisterInvalid(path, "automatic", "应写 true（自动登记）或 false（只由人登记）。")
    for key in _NUMBERS:
        if type(table[key]) is not int or not 1 <= table[key] <= 1440:
            raise RegisterInvalid(path, key, "应为 1 到 1440 的整数。")
    if not isinstance(table["basis"], str) or not table["basis"].strip():
        raise RegisterInvalid(path, "basis", "不能为空：写明依据。")
    gap, lost = (timedelta(minutes=table[key]) for key in _NUMBERS[:2])
    longest = timedelta(days=table["longest_days"])
    return OutageRules(table["automatic"], gap, lost, longest, table["basis"], _hours(path, table["hours"]))


def _hours(path: Path, rows: Any) -> tuple[tuple[time, time], ...]:
    found = []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RegisterInvalid(path, "[[hours]]", "每段工作时间写成一项 [[hours]]。")
    for number, row in enumerate(rows, 1):
        begin, end = row.get("from"), row.get("to")
        if row.keys() != {"from", "to"} or not isinstance(begin, time) or not isinstance(end, time) or begin >= end:
            what = "写 from 和 to 两个时刻，例如 from = 08:30:00（不加引号），from 在前。"
            raise RegisterInvalid(path, f"第{number}项 [[hours]]", what)
        found.append((begin, end))
    if not found or any(first[1] > second[0] for first, second in pairwise(found)):
        raise RegisterInvalid(path, "[[hours]]", "至少写一段工作时间；几段的按先后写，不能重叠。")
    return tuple(found)
