"""Thousands of limits counted a second time, by hand: from the raw lists of days, without any of our functions."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta, timezone

import pytest
from chinese_calendar.constants import holidays, workdays

from engine.clock import calendar
from engine.clock.deadline import derive
from engine.clock.limits import parse_limit

CHINA = timezone(timedelta(hours=8))
FIRST, LAST = date(2007, 1, 1), date(2026, 12, 31)
QUESTIONS = 2000


def table() -> dict[int, bool]:
    """For each day by its ordinal, whether people work: five weekdays, less the days off, plus those made up for."""
    works: dict[int, bool] = {}
    for number in range(FIRST.toordinal(), LAST.toordinal() + 1):
        works[number] = number % 7 not in (6, 0)  # ordinal 6 was a Saturday, 7 a Sunday
    for day in holidays:
        works[day.toordinal()] = False
    for day in workdays:
        works[day.toordinal()] = True
    return works


WORKS = table()


def count_by_hand(start: date, amount: int, unit: str) -> date | None:
    """The due day; None when it lies behind the tables."""
    day, left = start.toordinal(), amount
    while left:
        day += 1
        if day not in WORKS:
            return None
        if unit == "日" or WORKS[day]:
            left -= 1
    while unit == "日" and not WORKS[day]:
        day += 1
        if day not in WORKS:
            return None
    return date.fromordinal(day)


def questions(unit: str, most: int, seed: int) -> list[tuple[date, int, str]]:
    chance = random.Random(seed)  # noqa: S311
    span = (LAST - FIRST).days - 2 * most - 40
    return [(FIRST + timedelta(days=chance.randrange(span)), chance.randint(1, most), unit) for _ in range(QUESTIONS)]


@pytest.mark.parametrize("unit,most,seed", [("工作日", 60, 20260213), ("日", 60, 20200127)])
def test_two_thousand_random_limits_fall_due_where_a_count_by_hand_ends(unit: str, most: int, seed: int) -> None:
    known = calendar.national(until=2026)
    wrong = []
    for start, amount, kind in questions(unit, most, seed):
        moment = datetime(start.year, start.month, start.day, 15, tzinfo=CHINA)
        found = derive(moment, parse_limit(f"{amount}{'个' if kind == '工作日' else ''}{kind}"), known)
        if found.due_on != count_by_hand(start, amount, kind):
            wrong.append((start, amount, kind, found.due_on))
    assert wrong == []


def test_the_questions_reach_every_kind_of_day() -> None:
    """The check is worth something only if holidays and made-up days lie on the way."""
    asked = questions("工作日", 60, 20260213)
    assert {start.year for start, _, _ in asked} == set(range(2007, 2027))
    starts = {start.toordinal() for start, _, _ in asked}
    assert len(starts & {day.toordinal() for day in holidays}) > 50
    assert len(starts & {day.toordinal() for day in workdays}) > 10
