"""The ladder of a limit: when each rung is due, what is left out, and what the table may say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.clock.calendar import national
from engine.clock.days import SHANGHAI, local
from engine.clock.deadline import derive
from engine.clock.errors import RegisterInvalid
from engine.clock.limits import parse_limit
from engine.clock.pauses import Pause
from engine.clock.rungs import Ladders, load_ladders

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy" / "ladder.toml"
KIND = '[[kind]]\nname = "提醒"\nword = "提醒"\ntext = "{事项}"\n'
FIRST = '[[ladder]]\nname = "一般"\n[[ladder.rung]]\nkind = "提醒"\nat = "提前1个工作日"\ntell = ["holder"]\n'
SECOND = '[[ladder.rung]]\nkind = "提醒"\nat = "超期1个工作日"\ntell = ["holder"]\n'
URGE = '[urge]\nword = "催办"\nroles = ["supervisor"]\nsenders = []\nworkdays = 1\n'


def row(
    limit: str,
    start: str = "2026-03-02 10:00",
    limit_id: str | None = None,
    pauses: Sequence[Pause] = (),
    **columns: Any,
) -> dict[str, Any]:
    """A deadline as it is stored."""
    started_at = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI).astimezone(UTC)
    found = derive(started_at, parse_limit(limit), national(), pauses=pauses)
    dates = {"started_at": started_at, "due_at": found.due_at, "yellow_at": found.yellow_at, "ledger": found.ledger}
    return {"attached_to": "task", "limit_id": limit_id, "interrupting": False, "rung": 0, **dates, **columns}


def days(deadline: dict[str, Any], ladders: Ladders | None = None) -> list[str]:
    """What is ahead of a deadline: the rung and the moment on Shanghai's clock."""
    known = ladders or load_ladders(POLICY)
    rungs = known.of(deadline)
    ahead = known.ahead(deadline, deadline["ledger"], national())
    return [f"{rungs[number].kind.name} {local(at):%m-%d %H:%M}" for number, at in ahead]


def table(folder: Path, text: str) -> Path:
    path = folder / "ladder.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_limit_of_five_working_days_is_reminded_of_the_day_before_and_pressed_for_afterwards() -> None:
    expected = ["提醒 03-06 08:30", "黄灯 03-09 08:30", "督办 03-10 08:30", "督办 03-12 08:30", "督办 03-16 08:30"]
    assert days(row("5个工作日", limit_id="D14")) == expected


def test_the_whole_procedure_warns_when_seventy_and_ninety_percent_have_gone() -> None:
    expected = ["提醒 03-23 08:30", "黄灯 03-27 08:30", "督办 03-31 08:30", "督办 04-07 08:30"]
    assert days(row("20个工作日", limit_id="D19")) == expected
    assert days(row("30个工作日", limit_id="D19-county"))[:2] == ["提醒 04-01 08:30", "黄灯 04-10 08:30"]


def test_days_on_which_the_clock_stood_are_no_part_of_the_seventy_percent() -> None:
    stood = Pause(datetime(2026, 3, 4, tzinfo=SHANGHAI), datetime(2026, 3, 18, tzinfo=SHANGHAI), "补正")
    paused = days(row("20个工作日", limit_id="D19", pauses=[stood]))
    assert paused[:2] == ["提醒 04-07 08:30", "黄灯 04-13 08:30"]


def test_rungs_that_were_done_are_no_longer_ahead() -> None:
    assert days(row("5个工作日", rung=2))[0] == "督办 03-10 08:30"
    assert days(row("5个工作日", rung=6)) == []


def test_a_limit_of_one_day_has_no_reminder_on_the_day_it_begins() -> None:
    assert days(row("1个工作日", "2026-03-02 07:00"))[0] == "黄灯 03-03 08:30"


def test_a_reminder_that_would_come_with_the_yellow_light_is_left_out() -> None:
    assert days(row("10个工作日"))[0] == "黄灯 03-13 08:30"
    assert days(row("10个工作日", limit_id="D16-end"))[:2] == ["提醒 03-11 08:30", "黄灯 03-13 08:30"]


def test_days_off_lie_between_a_deadline_and_the_rungs_after_it() -> None:
    assert days(row("5个工作日", "2026-09-21 10:00"))[2:] == [
        "督办 09-30 08:30",
        "督办 10-09 08:30",
        "督办 10-12 08:30",
    ]


def test_a_limit_in_hours_turns_yellow_to_the_minute() -> None:
    assert days(row("48小时"))[1] == "黄灯 03-04 00:24"


def test_a_deadline_that_moved_takes_its_ladder_along() -> None:
    assert days(row("5个工作日") | {"due_at": row("8个工作日")["due_at"], "rung": 1})[-1] == "督办 03-19 08:30"


@pytest.mark.parametrize(
    "columns", [{"attached_to": None}, {"due_at": None}], ids=["a wait that nobody works at", "a clock that stands"]
)
def test_nothing_is_ahead_of(columns: dict[str, Any]) -> None:
    assert days(row("5个工作日") | columns) == []


def test_a_limit_that_ends_its_task_has_nothing_after_its_end() -> None:
    assert days(row("10个工作日", limit_id="D03", interrupting=True)) == ["提醒 03-12 08:30"]
    assert days(row("5个工作日", interrupting=True)) == ["提醒 03-06 08:30", "黄灯 03-09 08:30"]


def test_an_office_without_the_table_has_no_ladder(tmp_path: Path) -> None:
    assert days(row("5个工作日"), load_ladders(tmp_path / "ladder.toml")) == []


def test_a_changed_table_counts_at_once(tmp_path: Path) -> None:
    path = table(tmp_path, KIND + FIRST)
    assert len(days(row("5个工作日"), load_ladders(path))) == 1
    table(tmp_path, f"{KIND}{FIRST}{SECOND}{URGE}")
    assert len(days(row("5个工作日"), load_ladders(path))) == 2
    assert load_ladders(path).urge.roles == ("supervisor",)


@pytest.mark.parametrize(
    "text, said",
    [
        (FIRST, "缺少 kind"),
        (KIND + FIRST.replace('kind = "提醒"', 'kind = "题醒"'), "没有登记“题醒”"),
        (KIND + FIRST.replace("提前1个工作日", "早一点"), "早一点"),
        (KIND + FIRST.replace('tell = ["holder"]', ""), "tell"),
        (KIND + FIRST.replace('["holder"]', '"holder"'), "文字列表"),
        (KIND + FIRST + "drawn = true\n", "drawn"),
        (KIND + FIRST + 'whom = "谁"\n', "不认识 whom"),
        (KIND + FIRST + FIRST, "已经有了阶梯"),
        (KIND + FIRST.replace("提前1", "超期2") + SECOND, "先后"),
        (KIND + FIRST.replace("提前1个工作日", "超期1个工作日") + SECOND.replace("超期1个工作日", "黄灯"), "先后"),
        ('hour = "八点"\n' + KIND + FIRST, "hour"),
        (KIND + FIRST + URGE.replace("= 1", "= 0"), "workdays"),
        (KIND + FIRST + URGE.replace("senders = []\n", ""), "缺少 senders"),
        ("[[kind]", "无法读取"),
    ],
)
def test_a_table_that_makes_no_sense_says_where_and_what(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RegisterInvalid, match=said):
        load_ladders(table(tmp_path, text))
