"""Deadlines with pauses, extensions, rest days and lights."""

import random
import time as stopwatch
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import calendar
from engine.clock.days import SHANGHAI
from engine.clock.deadline import Deadline, derive, light, project
from engine.clock.errors import ExtensionUnitDiffers, PauseBackwards, TimeWithoutZone, YearOutOfRange
from engine.clock.ledger import Extension, Rules
from engine.clock.limits import Limit, Unit, parse_limit
from engine.clock.pauses import Pause

KNOWN = calendar.national(until=2026)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, limit: str, *pauses: Pause, rules: Rules | None = None, extended: str = "") -> Deadline:
    extensions = [Extension(parse_limit(extended), "情况复杂")] if extended else []
    return derive(at(start), parse_limit(limit), KNOWN, pauses=pauses, extensions=extensions, rules=rules or Rules())


def pause(begin: str, end: str | None = None, reason: str = "补正材料") -> Pause:
    return Pause(at(begin), at(end) if end else None, reason)


def test_the_day_of_the_event_is_not_counted_even_at_midnight() -> None:
    assert due("2026-03-02T00:00", "1个工作日").due_on == date(2026, 3, 3)
    assert due("2026-03-02T23:59:59", "1个工作日").due_on == date(2026, 3, 3)


def test_days_are_those_of_shanghai_whatever_zone_the_moment_is_in() -> None:
    late_evening_in_london = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # already 3 March in Shanghai

    found = derive(late_evening_in_london, parse_limit("1个工作日"), KNOWN)

    assert found.due_on == date(2026, 3, 4)
    assert found.due_at == datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC)


def test_calendar_days_end_on_the_next_working_day_unless_switched_off() -> None:
    assert due("2026-02-12", "7日").due_on == date(2026, 2, 24)
    assert due("2026-02-12", "7日", rules=Rules(roll=False)).due_on == date(2026, 2, 19)


@pytest.mark.parametrize(
    "start,limit,expected",
    [
        ("2026-03-10", "3个月", date(2026, 6, 10)),
        ("2025-11-30", "3个月", date(2026, 2, 28)),
        ("2026-08-31", "1个月", date(2026, 9, 30)),
        ("2026-01-06", "1年", date(2027, 1, 6)),
        ("2026-01-17", "1个月", date(2026, 2, 24)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_end_and_then_roll(start: str, limit: str, expected: date) -> None:
    assert due(start, limit).due_on == expected


def test_hours_run_through_nights_and_holidays_to_the_minute() -> None:
    found = due("2026-02-14T10:30", "48小时")

    assert found.due_at == at("2026-02-16T10:30")
    assert found.yellow_at == at("2026-02-16T00:54")
    assert not found.provisional


def test_whole_days_of_a_pause_do_not_count() -> None:
    assert due("2026-03-02", "5个工作日").due_on == date(2026, 3, 9)
    assert due("2026-03-02", "5个工作日", pause("2026-03-04T00:00", "2026-03-06T00:00")).due_on == date(2026, 3, 11)


def test_the_days_on_which_a_pause_begins_and_ends_count() -> None:
    assert due("2026-03-02", "5个工作日", pause("2026-03-04T09:00", "2026-03-06T15:00")).due_on == date(2026, 3, 10)
    assert due("2026-03-02", "5个工作日", pause("2026-03-04T09:00", "2026-03-04T15:00")).due_on == date(2026, 3, 9)


def test_overlapping_pauses_count_once_in_any_order() -> None:
    first, second = pause("2026-03-03T09:00", "2026-03-06T09:00"), pause("2026-03-04T09:00", "2026-03-10T00:00", "公示")
    joined = pause("2026-03-03T09:00", "2026-03-10T00:00")

    expected = due("2026-03-02", "5个工作日", joined).due_on

    assert due("2026-03-02", "5个工作日", first, second).due_on == expected
    assert due("2026-03-02", "5个工作日", second, first).due_on == expected


def test_two_pauses_that_meet_within_a_day_pause_that_day() -> None:
    morning, afternoon = pause("2026-03-03T09:00", "2026-03-05T12:00"), pause("2026-03-05T12:00", "2026-03-06T09:00")

    assert due("2026-03-02", "5个工作日", morning, afternoon).due_on == date(2026, 3, 11)


def test_a_pause_over_a_weekend_takes_no_working_day() -> None:
    assert due("2026-03-02", "5个工作日", pause("2026-03-06T18:00", "2026-03-09T08:00")).due_on == date(2026, 3, 9)


def test_pauses_stop_calendar_days_months_and_hours_too() -> None:
    assert due("2026-03-02", "7日", pause("2026-03-04T00:00", "2026-03-06T00:00")).due_on == date(2026, 3, 11)
    assert due("2026-03-10", "1个月", pause("2026-03-20T00:00", "2026-03-23T00:00")).due_on == date(2026, 4, 13)
    stopped = due("2026-03-02T10:00", "24小时", pause("2026-03-02T09:00", "2026-03-02T12:00"))
    assert stopped.due_at == at("2026-03-03T12:00")


@pytest.mark.parametrize("limit", ["5个工作日", "7日", "1个月", "48小时"])
def test_a_pause_without_end_leaves_the_due_date_open(limit: str) -> None:
    found = due("2026-03-02", limit, pause("2026-03-03T09:00"))

    assert found.is_open
    assert (found.due_at, found.due_on, found.yellow_at, found.red_at) == (None, None, None, None)
    assert light(found, at("2030-01-01")) == "green"


@pytest.mark.parametrize("limit", ["5个工作日", "7日", "48小时"])
def test_a_pause_that_begins_after_the_last_day_changes_nothing(limit: str) -> None:
    assert due("2026-03-02", limit, pause("2026-03-20T09:00")).due_at == due("2026-03-02", limit).due_at


def test_a_deadline_resumes_from_the_same_ledger() -> None:
    stopped = due("2026-03-02", "5个工作日", pause("2026-03-04T09:00"))
    resumed = due("2026-03-02", "5个工作日", pause("2026-03-04T09:00", "2026-03-11T15:00"))

    assert stopped.is_open
    assert project(resumed.ledger, KNOWN) == resumed
    assert resumed.due_on == date(2026, 3, 13)


def test_a_pause_cannot_end_before_it_begins() -> None:
    with pytest.raises(PauseBackwards, match="早于开始时间"):
        pause("2026-03-04T09:00", "2026-03-03T09:00")


def test_an_extension_is_counted_like_the_limit_that_it_prolongs() -> None:
    assert due("2026-03-02", "20个工作日", extended="25个工作日").due_on == due("2026-03-02", "45个工作日").due_on
    with pytest.raises(ExtensionUnitDiffers):
        due("2026-03-02", "20个工作日", extended="25日")


@pytest.mark.parametrize(
    "limit,yellow",
    [
        ("1个工作日", "2026-03-03T00:00"),
        ("5个工作日", "2026-03-09T00:00"),
        ("9个工作日", "2026-03-13T00:00"),
        ("10个工作日", "2026-03-13T00:00"),
        ("20个工作日", "2026-03-25T00:00"),
        ("7日", "2026-03-09T00:00"),
        ("15日", "2026-03-16T00:00"),
    ],
)
def test_yellow_begins_on_the_working_day_with_a_fifth_left(limit: str, yellow: str) -> None:
    found = due("2026-03-02", limit)

    assert found.yellow_at == at(yellow)
    assert light(found, at(yellow)) == "yellow"
    assert light(found, at(yellow) - timedelta(seconds=1)) == "green"


def test_the_share_that_turns_yellow_is_a_switch() -> None:
    assert due("2026-03-02", "20个工作日", rules=Rules(yellow_percent=50)).yellow_at == at("2026-03-17T00:00")


def test_red_begins_when_the_due_day_is_over() -> None:
    found = due("2026-03-02", "1个工作日")

    assert light(found, at("2026-03-03T23:59:59")) == "yellow"
    assert light(found, at("2026-03-04T00:00")) == "red"


def test_a_start_without_zone_or_before_the_notices_is_refused() -> None:
    with pytest.raises(TimeWithoutZone):
        derive(datetime(2026, 3, 2), parse_limit("1个工作日"), KNOWN)  # noqa: DTZ001
    with pytest.raises(YearOutOfRange, match="2004年"):
        due("1999-03-02", "1个工作日")
    with pytest.raises(YearOutOfRange):
        due("2099-03-02", "120个月")


# An independent counter: the other package's notices, a list of days, no code of ours.
REST = country_holidays("CN", years=range(2007, 2027))


def counted_by_hand(start: date, amount: int, unit: Unit) -> date:
    if unit is Unit.WORKDAY:
        days = [start + timedelta(days=n) for n in range(1, 2 * amount + 40)]
        return [day for day in days if REST.is_working_day(day)][amount - 1]
    if unit is Unit.DAY:
        last = start + timedelta(days=amount)
    else:
        month = start.month + amount
        year, month = start.year + (month - 1) // 12, (month - 1) % 12 + 1
        last = date(year, month, min(start.day, monthrange(year, month)[1]))
    while not REST.is_working_day(last):
        last += timedelta(days=1)
    return last


def test_two_thousand_random_limits_agree_with_a_count_by_hand() -> None:
    chance = random.Random(20260213)  # noqa: S311
    first, span = date(2007, 1, 1), (date(2026, 6, 30) - date(2007, 1, 1)).days
    wrong = []
    for _ in range(2000):
        start = first + timedelta(days=chance.randrange(span))
        unit, most = chance.choice([(Unit.WORKDAY, 60), (Unit.WORKDAY, 10), (Unit.DAY, 90), (Unit.MONTH, 5)])
        amount = chance.randint(1, most)
        moment = datetime.combine(start, time(chance.randrange(24), chance.randrange(60)), SHANGHAI)
        found = derive(moment, Limit(amount, unit), KNOWN).due_on
        if found != counted_by_hand(start, amount, unit):
            wrong.append((start, amount, unit, found))

    assert wrong == []


pauses_in_spring = st.lists(
    st.tuples(st.integers(0, 40 * 24), st.integers(0, 10 * 24)).map(
        lambda hours: Pause(
            at("2026-03-02") + timedelta(hours=hours[0]), at("2026-03-02") + timedelta(hours=sum(hours))
        )
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(pauses_in_spring, st.integers(1, 20))
def test_pauses_take_out_exactly_the_whole_days_that_they_cover(pauses: list[Pause], amount: int) -> None:
    minutes = {
        begin + timedelta(minutes=n)
        for begin, length in ((p.begin, (p.end or p.begin) - p.begin) for p in pauses)
        for n in range(0, int(length.total_seconds() // 60), 60)
    }
    day, left = date(2026, 3, 2), amount
    while left:
        day += timedelta(days=1)
        hours = [datetime.combine(day, time(hour), SHANGHAI) for hour in range(24)]
        if REST.is_working_day(day) and not all(hour in minutes for hour in hours):
            left -= 1

    assert derive(at("2026-03-02"), Limit(amount, Unit.WORKDAY), KNOWN, pauses=pauses).due_on == day


def test_a_long_limit_is_derived_in_a_fifth_of_a_millisecond() -> None:
    limit, start = parse_limit("45个工作日"), at("2026-03-02")
    derive(start, limit, KNOWN)
    begin = stopwatch.process_time()

    for _ in range(500):
        derive(start, limit, KNOWN)

    assert (stopwatch.process_time() - begin) / 500 < 0.000_4  # 0.1 ms when the machine is idle
