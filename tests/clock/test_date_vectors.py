"""The golden dates V01-V24: what the notices of 2020 and 2023-2026 make of real limits."""

from datetime import date, datetime, time, timedelta

import pytest

from engine.clock import calendar
from engine.clock.calendar import Calendar
from engine.clock.days import SHANGHAI
from engine.clock.deadline import Deadline, derive
from engine.clock.ledger import Rules
from engine.clock.limits import parse_limit
from engine.clock.notices import DayOff, Workday

VECTORS = [
    ("V01", "2026-02-13", "1个工作日", "2026-02-14"),
    ("V02", "2026-02-14", "1个工作日", "2026-02-24"),
    ("V03", "2026-02-06", "7个工作日", "2026-02-24"),
    ("V04", "2026-02-12", "7个工作日", "2026-02-28"),
    ("V05", "2026-02-12", "7日", "2026-02-24"),
    ("V06", "2026-02-10", "10日", "2026-02-24"),
    ("V07", "2026-09-18", "1个工作日", "2026-09-20"),
    ("V08", "2026-09-24", "5个工作日", "2026-10-09"),
    ("V09", "2026-09-24", "7日", "2026-10-08"),
    ("V10", "2026-09-30", "3个工作日", "2026-10-10"),
    ("V11", "2026-10-03", "1个工作日", "2026-10-08"),
    ("V12", "2025-12-30", "2个工作日", "2026-01-04"),
    ("V13", "2025-01-24", "1个工作日", "2025-01-26"),
    ("V14", "2023-01-19", "2个工作日", "2023-01-28"),
    ("V15", "2023-09-27", "5个工作日", "2023-10-10"),
    ("V16", "2024-09-13", "1个工作日", "2024-09-14"),
    ("V17", "2026-03-02", "20个工作日", "2026-03-30"),
    ("V17", "2026-03-02", "30个工作日", "2026-04-14"),
    ("V17", "2026-03-02", "45个工作日", "2026-05-08"),
    ("V18", "2026-02-09", "20个工作日", "2026-03-13"),
    ("V18", "2026-02-09", "30个工作日", "2026-03-27"),
    ("V18", "2026-02-09", "45个工作日", "2026-04-20"),
    ("V19", "2026-09-21", "20个工作日", "2026-10-26"),
    ("V19", "2026-09-21", "30个工作日", "2026-11-09"),
    ("V19", "2026-09-21", "45个工作日", "2026-11-30"),
]


def at(day: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour), SHANGHAI)


def due(day: str, limit: str, known: Calendar | None = None) -> Deadline:
    return derive(at(day), parse_limit(limit), known or calendar.national(until=2026))


@pytest.mark.parametrize("vector,start,limit,expected", VECTORS)
def test_a_limit_falls_due_on_the_day_that_the_notice_makes_it(
    vector: str, start: str, limit: str, expected: str
) -> None:
    found = due(start, limit)

    assert found.due_on == date.fromisoformat(expected), vector
    assert found.due_at == datetime.combine(date.fromisoformat(expected), time(23, 59, 59), SHANGHAI)
    assert (found.provisional, found.earliest, found.latest) == (False, found.due_on, found.due_on)


def test_v11_an_application_on_a_holiday_may_count_as_received_on_the_next_working_day() -> None:
    found = derive(
        at("2026-10-03"), parse_limit("1个工作日"), calendar.national(), rules=Rules(next_workday_start=True)
    )

    assert found.due_on == date(2026, 10, 9)


def test_v20_a_case_accepted_on_christmas_eve_2026_gets_a_provisional_date() -> None:
    found = due("2026-12-24", "7个工作日")

    assert found.provisional
    assert found.due_on == date(2027, 1, 5)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest <= found.due_on <= found.latest


@pytest.mark.parametrize(
    "commissioned,decided,total",
    [("2026-03-02", "2026-03-27", 19), ("2026-03-05", "2026-04-01", 22)],
    ids=["V21 commissioned at once", "V22 commissioned three working days late"],
)
def test_the_whole_path_takes_as_long_as_its_stages_allow(commissioned: str, decided: str, total: int) -> None:
    known = calendar.national(until=2026)
    moment, days = at(commissioned), []
    for limit in ("7个工作日", "1个工作日", "1个工作日", "7日", "5个工作日"):
        stage = derive(moment, parse_limit(limit), known)
        assert stage.due_at is not None
        moment = stage.due_at
        days.append(str(stage.due_on))

    if total == 19:
        assert days == ["2026-03-11", "2026-03-12", "2026-03-13", "2026-03-20", "2026-03-27"]
    assert days[-1] == decided
    assert known.workdays_between(date(2026, 3, 2), date.fromisoformat(decided)) == total


NOTICE_OF_2019 = "国务院办公厅关于2020年部分节假日安排的通知"


def calendar_before_2020_01_27() -> Calendar:
    """As the notice of November 2019 had it: the holiday ends on 30 January, Saturday 1 February is worked."""
    return calendar.national(until=2020).with_days(
        {
            date(2020, 1, 31): Workday("周五", NOTICE_OF_2019),
            date(2020, 2, 1): Workday("调休上班（春节）", NOTICE_OF_2019),
        },
        version="2020-before-2020-01-27",
    )


@pytest.mark.parametrize(
    "vector,start,before,after",
    [("V23", "2020-01-30", "2020-01-31", "2020-02-03"), ("V24", "2020-01-31", "2020-02-01", "2020-02-03")],
)
def test_the_longer_holiday_of_2020_moves_what_was_due_in_it(vector: str, start: str, before: str, after: str) -> None:
    old, new = due(start, "1个工作日", calendar_before_2020_01_27()), due(start, "1个工作日")

    assert (str(old.due_on), str(new.due_on)) == (before, after), vector
    assert old.calendar_version == "2020-before-2020-01-27"
    assert new.calendar_version != old.calendar_version


def test_the_later_notice_is_named_as_the_reason() -> None:
    known = calendar.national()

    assert known.source(date(2020, 1, 31)) == "国务院办公厅关于延长2020年春节假期的通知"
    assert isinstance(known.mark(date(2020, 2, 2)), DayOff)
    assert due("2020-01-31", "1个工作日").due_on == date(2020, 1, 31) + timedelta(days=3)
