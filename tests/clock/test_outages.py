"""Which working days an outage costs, and what it takes out of limits of each kind (E-28)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import calendar
from engine.clock.days import SHANGHAI
from engine.clock.deadline import derive
from engine.clock.errors import RegisterInvalid
from engine.clock.explain import explain
from engine.clock.limits import parse_limit
from engine.clock.outages import Outage, OutageRules, lines, load_outage_rules, lost_days
from engine.clock.pauses import Pause
from engine.clock.text import show_due_at

KNOWN = calendar.national(until=2026)
POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy" / "outages.toml"
RULES = load_outage_rules(POLICY)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def outages(*spans: tuple[str, str]) -> list[Outage]:
    return [Outage(number, at(begin), at(end)) for number, (begin, end) in enumerate(spans)]


def lost(*spans: tuple[str, str]) -> list[str]:
    return [str(day) for day in lost_days(outages(*spans), KNOWN, RULES)]


def pauses(start: str, limit: str, *spans: tuple[str, str]) -> list[Pause]:
    found = outages(*spans)
    ledger = lines(at(start), parse_limit(limit), found, lost_days(found, KNOWN, RULES))
    return [
        Pause(datetime.fromisoformat(each["begin"]), datetime.fromisoformat(each["end"]), each["reason"])
        for each in ledger
    ]


def due(start: str, limit: str, *spans: tuple[str, str], more: tuple[Pause, ...] = ()) -> str:
    stood = (*more, *pauses(start, limit, *spans))
    return show_due_at(derive(at(start), parse_limit(limit), KNOWN, pauses=stood).due_at)


@pytest.mark.parametrize(
    "begin, end, days",
    [
        ("2026-07-08 09:00", "2026-07-08 10:00", ["2026-07-08"]),  # 60 minutes
        ("2026-07-08 09:00", "2026-07-08 09:59", []),
        ("2026-07-08 11:30", "2026-07-08 14:29", []),  # 59 of them in office hours, the lunch break isn't
        ("2026-07-08 11:30", "2026-07-08 14:30", ["2026-07-08"]),
        ("2026-07-08 17:30", "2026-07-09 08:30", []),  # at night
        ("2026-07-08 16:00", "2026-07-10 09:00", ["2026-07-08", "2026-07-09"]),  # 30 minutes of the last
        ("2026-07-11 08:00", "2026-07-12 18:00", []),  # a weekend
        ("2026-02-13 16:00", "2026-02-24 12:00", ["2026-02-13", "2026-02-14", "2026-02-24"]),  # a worked Saturday
        ("2026-09-30 17:00", "2026-10-08 09:00", []),  # a holiday
        ("2026-10-10 08:30", "2026-10-10 17:30", ["2026-10-10"]),  # a worked Saturday
    ],
)
def test_a_working_day_is_lost_with_an_hour_of_its_office_hours(begin: str, end: str, days: list[str]) -> None:
    assert lost((begin, end)) == days


def test_several_outages_of_a_day_are_added_and_what_they_share_counts_once() -> None:
    assert lost(("2026-07-08 09:00", "2026-07-08 09:40"), ("2026-07-08 15:00", "2026-07-08 15:20")) == ["2026-07-08"]
    assert lost(("2026-07-08 09:20", "2026-07-08 09:50"), ("2026-07-08 09:00", "2026-07-08 09:40")) == []


@pytest.mark.parametrize(
    "start, limit, begin, end, without, expected",
    [
        ("2026-07-07 10:00", "1个工作日", "2026-07-08 09:00", "2026-07-08 15:00", "2026-07-08", "2026-07-09"),
        ("2026-07-07 10:00", "1个工作日", "2026-07-07 14:00", "2026-07-07 16:00", "2026-07-08", "2026-07-08"),
        ("2026-07-07 10:00", "1个工作日", "2026-07-08 18:00", "2026-07-09 08:00", "2026-07-08", "2026-07-08"),
        ("2026-02-13 10:00", "1个工作日", "2026-02-14 09:00", "2026-02-14 11:00", "2026-02-14", "2026-02-24"),
        ("2026-07-06 10:00", "7日", "2026-07-08 09:00", "2026-07-09 12:00", "2026-07-13", "2026-07-15"),
        ("2026-07-06 10:00", "7日", "2026-07-11 09:00", "2026-07-12 12:00", "2026-07-13", "2026-07-13"),
        ("2026-07-06 10:00", "1个月", "2026-07-08 09:00", "2026-07-08 12:00", "2026-08-06", "2026-08-07"),
        ("2026-07-06 10:00", "每月15日前", "2026-07-15 08:00", "2026-07-15 18:00", "2026-07-15", "2026-07-15"),
        ("2026-07-07 10:00", "24小时", "2026-07-07 22:00", "2026-07-08 01:30", "2026-07-08 10:00", "2026-07-08 13:30"),
        ("2026-07-07 10:00", "90分钟", "2026-07-07 09:00", "2026-07-07 10:30", "2026-07-07 11:30", "2026-07-07 12:00"),
        ("2026-07-07 10:00", "90分钟", "2026-07-07 08:00", "2026-07-07 10:00", "2026-07-07 11:30", "2026-07-07 11:30"),
    ],
)
def test_what_an_outage_makes_of_a_limit(
    start: str, limit: str, begin: str, end: str, without: str, expected: str
) -> None:
    assert (due(start, limit), due(start, limit, (begin, end))) == (without, expected)


def test_a_day_that_is_paused_anyway_counts_once() -> None:
    pause = Pause(at("2026-07-07 09:00"), at("2026-07-09 23:59:59"), "补正")
    assert due("2026-07-06", "2个工作日", ("2026-07-09 09:00", "2026-07-10 12:00"), more=(pause,)) == "2026-07-13"


def test_the_ledger_keeps_days_that_follow_each_other_as_one() -> None:
    found = pauses("2026-07-06", "5个工作日", ("2026-07-07 09:00", "2026-07-13 12:00"))
    assert [(each.begin, each.end) for each in found] == [
        (at("2026-07-07 00:00"), at("2026-07-10 23:59:59")),
        (at("2026-07-13 00:00"), at("2026-07-13 23:59:59")),
    ]


def test_the_ledger_keeps_nothing_of_what_came_before_its_second_day() -> None:
    assert pauses("2026-07-07 16:00", "1个工作日", ("2026-07-06 09:00", "2026-07-07 15:00")) == []


def test_the_reader_is_told_which_day_does_not_count() -> None:
    stood = pauses("2026-07-06", "1个工作日", ("2026-07-07 09:00", "2026-07-07 12:00"))
    found = derive(at("2026-07-06"), parse_limit("1个工作日"), KNOWN, pauses=stood)
    assert [step.text for step in explain(found)] == [
        "2026-07-06（周一）为起始日，当日不计，时限1个工作日",
        "2026-07-07（周二）不计：当天系统停机",
        "2026-07-08（周三）第1个工作日",
        "到期：2026-07-08 24时",
    ]


def test_without_a_table_no_outage_moves_a_limit(tmp_path: Path) -> None:
    found = load_outage_rules(tmp_path / "none.toml")
    assert found == OutageRules()
    assert lost_days(outages(("2026-07-08 08:00", "2026-07-08 18:00")), KNOWN, found) == []


GOOD: dict[str, Any] = {
    "automatic": "true",
    "gap_minutes": "15",
    "lost_minutes": "60",
    "longest_days": "30",
    "basis": '"依据"',
}
HOURS = "[[hours]]\nfrom = 08:00:00\nto = 12:00:00\n"


def written(tmp_path: Path, hours: str = HOURS, **changed: str | None) -> Path:
    path = tmp_path / "outages.toml"
    rows = {**GOOD, **changed}
    path.write_text("".join(f"{key} = {value}\n" for key, value in rows.items() if value) + hours, encoding="utf-8")
    return path


def test_the_table_is_read(tmp_path: Path) -> None:
    found = load_outage_rules(written(tmp_path))
    assert (found.automatic, found.gap, found.longest) == (True, timedelta(minutes=15), timedelta(days=30))
    assert found.between(date(2026, 7, 8), at("2026-07-08 07:00"), at("2026-07-08 09:00")) == timedelta(hours=1)


@pytest.mark.parametrize(
    "changed, hours, said",
    [
        ({"basis": None}, HOURS, "缺少 basis"),
        ({"lots": "1"}, HOURS, "不认识 lots"),
        ({"automatic": '"ja"'}, HOURS, "automatic"),
        ({"gap_minutes": "0"}, HOURS, "gap_minutes"),
        ({"lost_minutes": '"60"'}, HOURS, "lost_minutes"),
        ({"basis": '" "'}, HOURS, "basis"),
        ({}, "[[hours]]\nfrom = 12:00:00\nto = 08:00:00\n", "from 在前"),
        ({}, "[[hours]]\nfrom = 12:00:00\n", "from 和 to"),
        ({}, HOURS + "[[hours]]\nfrom = 11:00:00\nto = 17:00:00\n", "不能重叠"),
        ({}, "hours = []\n", "至少写一段"),
        ({}, "hours = 3\n", "[[hours]]"),
        ({"basis": '"'}, HOURS, "无法读取"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(
    tmp_path: Path, changed: dict[str, str | None], hours: str, said: str
) -> None:
    with pytest.raises(RegisterInvalid) as problem:
        load_outage_rules(written(tmp_path, hours, **changed))
    assert said in str(problem.value)
