"""Limits that are a day of the month (A-11): the day itself counts, and a rest day moves it back or forward."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from engine.clock import calendar, deadline, explain
from engine.clock.days import SHANGHAI
from engine.clock.errors import ExtensionUnitDiffers, LimitNotUnderstood
from engine.clock.ledger import Extension, Rules
from engine.clock.limits import parse_limit
from engine.clock.pauses import Pause

INTERNAL = Rules(advance=True)


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=SHANGHAI)


def due(start: str, text: str, rules: Rules | None = None) -> date | None:
    return deadline.derive(at(start), parse_limit(text), calendar.national(2026), rules=rules or Rules()).due_on


@pytest.mark.parametrize(
    "start, text, day",
    [
        ("2026-04-01", "每月15日前", "2026-04-15"),
        ("2026-04-15", "每月15日前", "2026-04-15"),  # the day itself counts
        ("2026-04-16", "每月15日前", "2026-05-15"),
        ("2026-04-16", "当月十五日之前", "2026-05-15"),
        ("2026-04-01", "次月10日前", "2026-05-11"),  # 10 May is a Sunday
        ("2026-02-01", "次月31日前", "2026-03-31"),
        ("2026-02-10", "每月31日前", "2026-02-28"),  # the month's last day, a worked Saturday
        ("2026-02-01", "每月15日前", "2026-02-24"),  # Spring Festival: statutory limits move back
        ("2026-09-01", "每月20日前", "2026-09-20"),  # a Sunday that is worked
    ],
)
def test_a_day_of_the_month_is_the_next_one_to_come(start: str, text: str, day: str) -> None:
    assert due(start, text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "start, text, day",
    [
        ("2026-02-01", "每月15日前", "2026-02-14"),  # a worked Saturday before the festival
        ("2026-08-01", "每月15日前", "2026-08-14"),
        ("2026-04-01", "每月15日前", "2026-04-15"),
        ("2026-08-15", "每月15日前", "2026-08-17"),  # nothing ends before it begins
    ],
)
def test_an_internal_limit_moves_forward_to_the_working_day_before(start: str, text: str, day: str) -> None:
    assert due(start, text, INTERNAL) == date.fromisoformat(day)


def test_no_pause_and_no_extension_moves_a_day_of_the_month() -> None:
    limit, known = parse_limit("每月15日前"), calendar.national(2026)
    pause = Pause(at("2026-04-02"), at("2026-04-09"), "补正")
    assert deadline.derive(at("2026-04-01"), limit, known, pauses=[pause]).due_on == date(2026, 4, 15)
    with pytest.raises(ExtensionUnitDiffers):
        deadline.derive(at("2026-04-01"), limit, known, extensions=[Extension(parse_limit("5日"))])


def test_it_is_yellow_near_its_end_and_explains_itself() -> None:
    found = deadline.derive(at("2026-04-01"), parse_limit("每月15日前"), calendar.national(2026))
    assert deadline.light(found, at("2026-04-02")) == "green"
    assert deadline.light(found, at("2026-04-14")) == "yellow"
    assert deadline.light(found, at("2026-04-16")) == "red"
    lines = [step.text for step in explain.explain(found)]
    assert "当天办完也算按期" in lines[0]
    assert lines[-1].startswith("到期：2026-04-15")


def test_its_rules_are_told_in_words() -> None:
    limit = parse_limit("每月15日前")
    assert explain.rules(limit, Rules())[1] == "最后一日逢休息日的顺延到下一工作日"
    assert explain.rules(limit, INTERNAL)[1] == "最后一日逢休息日的提前到前一工作日"


def test_a_day_that_no_month_has_is_refused() -> None:
    with pytest.raises(LimitNotUnderstood, match="没有32日"):
        parse_limit("每月32日前")


def test_it_is_written_as_it_is_read() -> None:
    for text in ("每月15日前", "次月10日前"):
        assert str(parse_limit(text)) == text
