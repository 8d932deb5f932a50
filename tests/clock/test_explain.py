"""What the reader is told about a date: the explanation, the due date and what remains."""

from datetime import datetime

import pytest

from engine.clock import calendar
from engine.clock.days import SHANGHAI
from engine.clock.deadline import derive
from engine.clock.explain import explain
from engine.clock.ledger import Extension, Rules
from engine.clock.limits import parse_limit
from engine.clock.pauses import Pause
from engine.clock.text import remaining, show_due

KNOWN = calendar.national(until=2026)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def told(start: str, limit: str, *pauses: Pause, rules: Rules | None = None, extended: str = "") -> list[str]:
    extensions = [Extension(parse_limit(extended), "调查难度较大")] if extended else []
    found = derive(at(start), parse_limit(limit), KNOWN, pauses=pauses, extensions=extensions, rules=rules or Rules())
    return [step.text for step in explain(found)]


def test_the_start_is_excluded_and_a_worked_saturday_counts_by_its_notice() -> None:
    assert told("2026-02-13T10:00", "1个工作日") == [
        "2026-02-13（周五）为起始日，当日不计，时限1个工作日",
        "2026-02-14（周六）第1个工作日，调休上班（春节），依据国务院办公厅关于2026年部分节假日安排的通知",
        "到期：2026-02-14 24时",
    ]


def test_skipped_days_say_which_notice_skips_them() -> None:
    lines = told("2026-09-30", "1个工作日")

    assert lines[1] == "2026-10-01（周四）不计：国庆节，依据国务院办公厅关于2026年部分节假日安排的通知"
    assert lines[-2:] == ["2026-10-08（周四）第1个工作日", "到期：2026-10-08 24时"]
    assert len(lines) == 10


def test_a_weekend_is_skipped_as_a_weekend() -> None:
    assert "2026-03-07（周六）不计：周六" in told("2026-03-06", "1个工作日")


def test_the_roll_off_a_holiday_is_shown_day_by_day() -> None:
    lines = told("2026-02-12", "7日")

    assert lines[7].startswith("2026-02-19（周四）第7日，春节，依据")
    assert lines[8].startswith("2026-02-20（周五）期限最后一日不是工作日，顺延；本日仍休息：春节")
    assert lines[-2] == "2026-02-24（周二）期限最后一日不是工作日，顺延到本日：工作日"
    assert lines[-1] == "到期：2026-02-24 24时"


def test_pauses_and_extensions_are_told_with_their_reasons() -> None:
    pause = Pause(at("2026-03-03T09:00"), at("2026-03-05T00:00"), "补正材料")

    lines = told("2026-03-02", "1个工作日", pause, extended="1个工作日")

    assert lines[1] == "经批准延长1个工作日（调查难度较大），时限共2个工作日"
    assert lines[3] == "2026-03-04（周三）不计：补正材料期间暂停"
    assert lines[-1] == "到期：2026-03-05 24时"


def test_an_open_pause_ends_the_explanation_without_a_date() -> None:
    lines = told("2026-03-02", "5个工作日", Pause(at("2026-03-03T09:00"), None, "公示"))

    assert lines[-2] == "2026-03-04（周三）暂停尚未结束，到期日待恢复后计算"
    assert lines[-1] == "到期日未定：暂停中，恢复后重新计算"


def test_a_provisional_date_says_what_is_missing_and_its_bounds() -> None:
    lines = told("2027-09-24", "5个工作日")

    assert lines[-2] == "到期：暂定 2027-10-04 24时"
    assert lines[-1].startswith("2027年放假安排尚未公布，以上按法定节假日和周末暂算")
    assert "最早2027-09-" in lines[-1]


def test_hours_are_told_by_their_moments() -> None:
    pause = Pause(at("2026-03-02T11:00"), at("2026-03-02T12:00"), "鉴定")

    assert told("2026-03-02T10:00", "24小时", pause) == [
        "2026-03-02 10:00起算，时限24小时",
        "2026-03-02 11:00暂停（鉴定），2026-03-02 12:00恢复，其间不计",
        "到期：2026-03-03 11:00",
    ]


def test_a_holiday_arrival_counted_from_the_next_working_day_says_so() -> None:
    lines = told("2026-10-03", "1个工作日", rules=Rules(next_workday_start=True))

    assert lines[0] == "2026-10-03（周六）收到，当日为国庆节，视为下一工作日收到"
    assert lines[1] == "2026-10-08（周四）为起始日，当日不计，时限1个工作日"


@pytest.mark.parametrize(
    "start,limit,shown",
    [
        ("2026-02-13", "1个工作日", "2026-02-14"),
        ("2026-02-13T10:00", "48小时", "2026-02-15 10:00"),
        ("2026-12-24", "7个工作日", "暂定 2027-01-05"),
        ("2027-02-04", "1个工作日", "暂定 2027-02-09（最早2027-02-09，最晚2027-02-15）"),
    ],
)
def test_a_due_date_is_shown_with_what_is_still_open(start: str, limit: str, shown: str) -> None:
    assert show_due(derive(at(start), parse_limit(limit), KNOWN)) == shown


@pytest.mark.parametrize(
    "now,due_at,shown",
    [
        ("2026-03-02T10:00", "2026-03-05T23:59:59", "还剩3个工作日"),
        ("2026-02-13T10:00", "2026-02-24T23:59:59", "还剩2个工作日"),
        ("2026-03-05T10:00", "2026-03-05T23:59:59", "今天到期"),
        ("2026-03-05T10:00", "2026-03-05T18:00:00", "今天18:00到期"),
        ("2026-03-06T10:00", "2026-03-08T12:00:00", "还剩2日"),
        ("2026-03-07T10:00", "2026-03-06T23:59:59", "已超期"),
        ("2026-03-10T10:00", "2026-03-06T23:59:59", "超期2个工作日"),
    ],
)
def test_what_remains_is_said_in_working_days(now: str, due_at: str, shown: str) -> None:
    assert remaining(at(now), at(due_at), KNOWN) == shown


def test_nothing_remains_to_be_said_while_the_clock_stands() -> None:
    assert remaining(at("2026-03-02"), None, KNOWN) == "暂停计时"
