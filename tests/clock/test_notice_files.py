"""Notices as files: both shapes are read, and every fault is named with its place in Chinese."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from engine.clock import calendar, notice_files, notices
from engine.clock.errors import NoticeInvalid
from engine.clock.notices import DayOff, Declared, Workday

TODAY = date(2026, 11, 20)
TOML = """
[[notice]]
title = "关于三月三放假的通知"
number = "琼府办〔2027〕1号"
issued_on = 2027-03-01
region = "46"
off = [{ day = 2027-04-09, name = "三月三" }]
work = [{ day = 2027-04-11, name = "调休上班（三月三）" }]
"""


def read(content: str | bytes) -> list[notices.Notice]:
    return notice_files.read(content.encode() if isinstance(content, str) else content, "通知", TODAY)


def year_as_json(year: int = 2026, **changes: Any) -> str:
    """A year as the widespread collections publish it."""
    marks = {day: mark for day, mark in notices.published_days().items() if notices.notice_year(day, mark) == year}
    days = [{"name": "节", "date": str(day), "isOffDay": not mark.works} for day, mark in sorted(marks.items())]
    return json.dumps({"year": year, "papers": ["http://www.gov.cn/x"], "days": days, **changes})


def test_a_regional_notice_is_read_with_its_days() -> None:
    (found,) = read(TOML)
    assert (found.title, found.number, found.issued_on) == (
        "关于三月三放假的通知",
        "琼府办〔2027〕1号",
        date(2027, 3, 1),
    )
    assert (found.region, found.year, found.source) == ("46", None, "关于三月三放假的通知（琼府办〔2027〕1号）")
    assert found.days == (
        Declared(date(2027, 4, 9), False, "三月三"),
        Declared(date(2027, 4, 11), True, "调休上班（三月三）"),
    )


def test_a_year_as_json_gives_the_same_calendar_as_the_package() -> None:
    (found,) = read(year_as_json())
    before, after = calendar.national(until=2025), calendar.national(until=2026)
    laid = before.with_days(notices.marks_of(found.days, found.source), last_notice=found.year)
    assert (found.year, found.issued_on, found.source) == (2026, TODAY, "http://www.gov.cn/x")
    assert laid.version == after.version


def test_the_package_gives_a_year_as_a_notice() -> None:
    found = notices.packaged_notice(2020, TODAY)
    marks = notices.marks_of(found.days, found.source)
    assert isinstance(marks[date(2020, 2, 1)], DayOff)
    assert isinstance(marks[date(2020, 1, 19)], Workday)
    notice_files.check(found, "自带数据")


FAULTS: list[tuple[str | bytes, str]] = [
    ("", "没有找到通知"),
    (b"\xff\xfe", "UTF-8"),
    ("x" * 400_000, "400 KB"),
    ("[[notice", "文件格式无法识别"),
    ("{", "第1行"),
    ("{}", "没有找到 year"),
    ('{"year": "2027", "days": []}', "没有找到 year"),
    ('{"year": 2027, "days": []}', "没有写放假或上班的日期"),
    ('{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01"}]}', "days 第1项有误：须写明"),
    ('{"year": 2027, "days": [{"name": "元旦", "date": "一月一日", "isOffDay": true}]}', "“一月一日”不是日期"),
    (TOML.replace("关于三月三放假的通知", ""), "缺少 title"),
    (TOML.replace("number", "numero"), "不认识 numero"),
    (TOML.replace("2027-03-01", '"三月"'), "“三月”不是日期"),
    (TOML.replace('region = "46"', 'region = "46"\nyear = "2027"'), "year“2027”应为年份"),
    (TOML.replace('region = "46"', 'region = "46"\nyear = 2027'), "地方通知只写增加或调整的日期"),
    (TOML.replace('region = "46"', "year = 9999"), "请核对年份"),
    (TOML.replace("2027-04-11", "2027-04-09"), "2027-04-09 出现了两次"),
    (TOML.replace("2027-04-09", "2027-04-09T08:00:00"), "不是日期"),
    (TOML.replace("day = 2027-04-09, ", ""), "没有写日期"),
    (TOML.replace(', name = "三月三"', ""), "off 第1项有误：须写明"),
    (year_as_json(2026).replace("2026-10-01", "2026-10-09"), "2026-10-01（国庆节）是法定节假日"),
    (year_as_json(2026).replace("2026-05-09", "2025-05-10"), "2025-05-10 不属于2026年"),
]


@pytest.mark.parametrize("content,words", FAULTS, ids=[words for _, words in FAULTS])
def test_a_fault_is_named(content: str | bytes, words: str) -> None:
    with pytest.raises(NoticeInvalid, match=words.replace("（", "[（]").replace(".", r"\.")):
        read(content)
