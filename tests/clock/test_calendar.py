"""Working days as published, as projected for a year without notice, and as overlaid by regions."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from holidays import country_holidays

from engine.clock import calendar, festivals, notices
from engine.clock.calendar import Calendar
from engine.clock.days import start_of
from engine.clock.deadline import derive
from engine.clock.errors import RegionNotUnderstood, RegisterInvalid, YearOutOfRange
from engine.clock.limits import Limit, Unit
from engine.clock.notices import DayOff, Workday


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def test_every_day_since_2004_is_what_a_second_collection_of_the_notices_says() -> None:
    known = calendar.national(until=2026)
    other = country_holidays("CN", years=range(2004, 2027))

    days = every_day(date(2004, 1, 1), date(2026, 12, 31))

    assert [day for day in days if known.is_workday(day) != other.is_working_day(day)] == []


@pytest.mark.parametrize(
    "day,workday,name",
    [
        (date(2026, 2, 14), True, "调休上班（春节）"),
        (date(2026, 2, 17), False, "春节"),
        (date(2026, 2, 20), False, "春节"),
        (date(2026, 3, 7), False, "周六"),
        (date(2026, 3, 9), True, "周一"),
        (date(2026, 4, 5), False, "清明节"),
        (date(2018, 12, 29), True, "调休上班（元旦）"),
    ],
)
def test_a_day_is_called_what_the_office_calls_it(day: date, workday: bool, name: str) -> None:
    known = calendar.national()

    assert (known.is_workday(day), known.name_of(day)) == (workday, name)


def test_december_days_of_the_new_year_holiday_are_set_by_the_next_years_notice() -> None:
    assert calendar.national().source(date(2018, 12, 29)) == "国务院办公厅关于2019年部分节假日安排的通知"
    assert not calendar.national(until=2018).is_workday(date(2018, 12, 29))
    assert calendar.national(until=2018).is_workday(date(2018, 12, 31))


def test_a_year_without_notice_rests_on_statutory_days_and_weekends() -> None:
    known = calendar.national(until=2026)
    weekdays_off = [d for d in every_day(date(2027, 1, 1), date(2027, 12, 31)) if d.weekday() < 5]

    assert [f"{d:%m-%d}" for d in weekdays_off if not known.is_workday(d)] == [
        *("01-01", "02-05", "02-08", "04-05", "06-09", "09-15", "10-01"),
    ]
    assert [known.name_of(date(2027, 2, day)) for day in (5, 6, 7, 8)] == ["除夕", "春节", "春节", "春节"]
    assert known.name_of(date(2027, 5, 2)) == "劳动节"
    assert "2027年放假通知尚未公布" in known.source(date(2027, 2, 5))


def test_only_days_that_a_notice_may_still_change_are_provisional() -> None:
    known = calendar.national(until=2026)

    assert not known.is_provisional(date(2026, 12, 31))
    assert known.is_provisional(date(2027, 1, 1))


def test_late_december_is_open_while_the_next_new_year_may_reach_into_it() -> None:
    known = calendar.national(until=2018)  # 1 January 2019 was a Tuesday: Monday off, Saturday worked

    assert known.is_provisional(date(2018, 12, 31))
    assert known.is_provisional(date(2018, 12, 29))
    assert not known.is_provisional(date(2018, 12, 28))


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_notice_when_it_came_lay_between_earliest_and_latest(year: int) -> None:
    """For both years under the law of 2024: no deadline turned out earlier or later than announced."""
    before, after = calendar.national(until=year - 1), calendar.national(until=year)
    outside = []
    for start in every_day(date(year - 1, 11, 15), date(year, 11, 15)):
        for limit in (Limit(1, Unit.WORKDAY), Limit(5, Unit.WORKDAY), Limit(20, Unit.WORKDAY), Limit(7, Unit.DAY)):
            announced = derive(start_of(start), limit, before)
            real = derive(start_of(start), limit, after).due_on
            if not (announced.earliest and announced.latest and real) or not (
                announced.earliest <= real <= announced.latest
            ):
                outside.append((start, limit, real))

    assert outside == []


def test_a_longer_national_holiday_widens_the_range() -> None:
    found = derive(start_of(date(2027, 9, 24)), Limit(5, Unit.WORKDAY), calendar.national(until=2026))

    assert (found.due_on, found.provisional) == (date(2027, 10, 4), True)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest < date(2027, 10, 4) < found.latest


def test_the_notice_for_2027_settles_its_days_and_gives_a_new_version() -> None:
    known = calendar.national(until=2026)
    notice = "国务院办公厅关于2027年部分节假日安排的通知"

    settled = known.with_days(
        {
            date(2027, 1, 1): DayOff("元旦", notice),
            date(2027, 1, 4): DayOff("元旦", notice),
            date(2027, 1, 9): Workday("调休上班（元旦）", notice),
        },
        last_notice=2027,
    )
    found = derive(start_of(date(2026, 12, 24)), Limit(7, Unit.WORKDAY), settled)

    assert (found.due_on, found.provisional) == (date(2027, 1, 6), False)
    assert settled.version != known.version


def test_the_same_days_have_the_same_version_and_other_days_another() -> None:
    known = calendar.national(until=2026)
    changed = known.with_days({date(2026, 3, 9): DayOff("测试", "通知")})

    assert known.with_days({}).version == known.version
    assert changed.version != known.version
    assert known.is_workday(date(2026, 3, 9))


def test_far_years_are_projected_up_to_2100() -> None:
    known = calendar.national()

    assert not known.is_workday(date(2035, 2, 8))
    assert not known.is_workday(date(2100, 10, 1))
    assert derive(start_of(date(2035, 1, 3)), Limit(20, Unit.WORKDAY), known).provisional


def test_when_mid_autumn_falls_on_the_national_day_both_still_rest() -> None:
    assert festivals.statutory_days(2031)[date(2031, 10, 1)] == "国庆节"
    assert not calendar.national().is_workday(date(2031, 10, 1))


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2101, 1, 1), date(1, 1, 1), date(9999, 12, 31)])
def test_years_outside_the_tables_are_refused_in_chinese(day: date) -> None:
    with pytest.raises(YearOutOfRange, match="日历只覆盖2004年至2100年"):
        calendar.national().is_workday(day)


def test_the_published_years_are_read_from_the_data() -> None:
    years = notices.published_years()

    assert years[0] == 2004
    assert years[-1] >= 2026
    assert list(years) == list(range(years[0], years[-1] + 1))


def overlay(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "calendar.toml"
    path.write_text(text, "utf-8")
    return path


HAINAN = """
[[notice]]
source = "海南省人民政府办公厅通知"
region = "46"
off = [{ day = 2026-04-20, name = "三月三" }]
work = [{ day = 2026-04-25, name = "调休上班（三月三）" }]
"""


def test_a_regional_holiday_rests_only_in_its_region(tmp_path: Path) -> None:
    path = overlay(tmp_path, HAINAN)
    hainan, anhui = calendar.for_region("469002", path), calendar.for_region("341702", path)

    assert not hainan.is_workday(date(2026, 4, 20))
    assert hainan.is_workday(date(2026, 4, 25))
    assert hainan.name_of(date(2026, 4, 20)) == "三月三"
    assert anhui.is_workday(date(2026, 4, 20))
    assert len({hainan.version, anhui.version, calendar.national().version}) == 3


@pytest.mark.parametrize("region", ["琼海", "4", "46x", "1234567890123", ""])
def test_a_region_that_is_no_division_code_is_refused(region: str) -> None:
    with pytest.raises(RegionNotUnderstood, match="行政区划代码"):
        calendar.for_region(region)


@pytest.mark.parametrize(
    "text,where",
    [("[[notice", "格式"), ('[[notice]]\nregion = "46"\noff = [{ day = 2026-04-20, name = "x" }]', "第1条通知")],
)
def test_a_faulty_local_notice_is_named(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(RegisterInvalid, match=where):
        calendar.for_region("46", overlay(tmp_path, text))


def test_calendars_of_different_regions_dont_share_days() -> None:
    first = calendar.national()
    second: Calendar = first.with_days({date(2026, 3, 10): DayOff("测试", "通知")}, region="46")

    assert (first.is_workday(date(2026, 3, 10)), second.is_workday(date(2026, 3, 10))) == (True, False)
    assert second.region == "46"


def test_a_regions_calendar_is_kept_until_its_notices_change(tmp_path: Path) -> None:
    path = overlay(tmp_path, HAINAN)
    first = calendar.for_region("46", path)

    assert calendar.for_region("46", path) is first
    overlay(tmp_path, HAINAN.replace("04-20", "04-21"))
    os.utime(path, ns=(1, 1))
    assert calendar.for_region("46", path).is_workday(date(2026, 4, 20))
