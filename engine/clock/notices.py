"""The published arrangements of days off: the State Council's notices as `chinese-calendar` keeps them, and ours."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar

from chinese_calendar.constants import Holiday, holidays, workdays

from engine.clock.errors import RegisterInvalid

_FULL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
_CHANGED = (  # notices that changed a year's arrangement after it had been published
    (date(2015, 9, 3), date(2015, 9, 6), "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知"),
    (date(2019, 4, 28), date(2019, 5, 5), "国务院办公厅关于调整2019年劳动节假期安排的通知"),
    (date(2020, 1, 31), date(2020, 2, 2), "国务院办公厅关于延长2020年春节假期的通知"),
)


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day declared off: the festival's `name` and the notice (`source`) that says so."""

    name: str
    source: str
    works: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Workday:
    """A day declared a working day, mostly a weekend day worked in exchange (调休)."""

    name: str
    source: str
    works: ClassVar[bool] = True


Mark = DayOff | Workday


@dataclass(frozen=True, slots=True)
class Declared:
    """One day of a notice: off, or worked."""

    day: date
    works: bool
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice on days off. `region` is "" for the whole country, else a division code or its leading digits; `year`
    is the year that it settles, None for a change within settled years and for what a region adds."""

    title: str
    number: str
    issued_on: date
    source: str
    region: str
    year: int | None
    days: tuple[Declared, ...]


_CORRECTED: dict[date, Mark] = {  # worked for New Year 2006; missing from the package's data
    date(2005, 12, 31): Workday("调休上班（元旦）", "国务院办公厅关于2006年部分节假日安排的通知"),
}


@cache
def published_years() -> tuple[int, ...]:
    """The years whose notice is really there: those with days off for the National Day, e.g. 2004 … 2026."""
    return tuple(sorted(day.year for day in holidays if (day.month, day.day) == (10, 1)))


@cache
def published_days() -> Mapping[date, Mark]:
    """Every day that a State Council notice declares off or worked."""
    marks: dict[date, Mark] = {day: DayOff(_name(key), _source(day, key)) for day, key in holidays.items()}
    for day, key in workdays.items():
        marks[day] = Workday(f"调休上班（{_name(key)}）", _source(day, key))
    return marks | _CORRECTED


def notice_year(day: date, mark: Mark) -> int:
    """The year whose notice declares `day`: New Year's days in December belong to the next year's notice."""
    return day.year + (day.month == 12 and "元旦" in mark.name)


def marks_of(days: Iterable[Declared], source: str) -> dict[date, Mark]:
    """What a calendar is told of the `days` that the notice `source` declares."""
    return {each.day: (Workday if each.works else DayOff)(each.name, source) for each in days}


def packaged_notice(year: int, issued_on: date) -> Notice:
    """The notice of `year` as `chinese-calendar` keeps it, changes included, taken over on `issued_on`."""
    marks = published_days()
    days = sorted(day for day, mark in marks.items() if notice_year(day, mark) == year)
    title = f"国务院办公厅关于{year}年部分节假日安排的通知"
    declared = tuple(Declared(day, marks[day].works, marks[day].name) for day in days)
    return Notice(title, "", issued_on, title, "", year, declared)


def local_days(path: Path, region: str) -> dict[date, Mark]:
    """Days that later or regional notices in the TOML file `path` declare for `region` (a division code).

    Each `[[notice]]` has `source`, `region` ("" for the whole country, else the code's leading digits) and lists
    `off` and `work` of `{day, name}`; a later notice wins. `RegisterInvalid` names the notice that is wrong.
    """
    marks: dict[date, Mark] = {}
    try:
        notices = tomllib.loads(path.read_text("utf-8")).get("notice", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RegisterInvalid(path, "格式", f"文件无法读取（{error}）。") from error
    for number, notice in enumerate(notices, 1):
        try:
            if region.startswith(notice["region"]):
                marks |= {row["day"]: DayOff(row["name"], notice["source"]) for row in notice.get("off", [])}
                marks |= {row["day"]: Workday(row["name"], notice["source"]) for row in notice.get("work", [])}
        except (KeyError, TypeError) as error:
            raise RegisterInvalid(path, f"第{number}条通知", f"缺少 {error}，须写明来源、地区、日期和名称。") from error
    return marks


def _name(key: str) -> str:
    name: str = Holiday(key).chinese
    return _FULL_NAMES.get(name, name)


def _source(day: date, key: str) -> str:
    for first, last, source in _CHANGED:
        if first <= day <= last:
            return source
    year = day.year + (day.month == 12 and key == Holiday.new_years_day.value)
    return f"国务院办公厅关于{year}年部分节假日安排的通知"
