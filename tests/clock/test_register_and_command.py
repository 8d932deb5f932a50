"""The register of limits, and `jiuzhu deadline` in a terminal."""

import argparse
import json
from datetime import date
from pathlib import Path

import pytest

from engine.clock import command
from engine.clock.errors import ClockError, LimitUnknown, RegisterInvalid
from engine.clock.limits import Limit, Unit, parse_limit
from engine.clock.register import load_register

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy"
ROW = """
[[limit]]
id = "D02"
name = "一次性告知"
text = "1个工作日"
starts = "收到申请"
kind = "statutory"
clause = "S0-13"
on_expiry = "提醒分管负责人"
"""
OVERRIDES = """
[[override]]
id = "D02"
place = "3417"
valid_from = 2024-01-01
text = "3个工作日"
basis = "市文件"

[[override]]
id = "D02"
place = "3417"
valid_from = 2026-01-01
text = "2个工作日"
basis = "市文件（新）"

[[override]]
id = "D02"
place = "341702"
valid_from = 2026-06-01
text = "5日"
basis = "区文件"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_limits_of_the_whole_online_path_are_registered_with_their_clause() -> None:
    register = load_register(POLICY / "limits.toml")

    numbers = {"D01": "1个工作日", "D02": "1个工作日", "D05": "3个工作日", "D07": "7个工作日", "D13": "7日"}
    numbers |= {"D14": "5个工作日", "D16": "3个工作日", "D17": "2个工作日"}
    numbers |= {"D19": "20个工作日", "D19-county": "30个工作日", "D19-special": "45个工作日"}
    assert {key: str(register.row(key).limit) for key in numbers} == numbers
    assert all(row.clause[0] in "SFE" and row.on_expiry and row.starts for row in register.rows.values())
    assert {row.id for row in register.rows.values() if row.is_statutory and not row.source} == set()
    assert not register.row("D03").is_statutory


def test_no_registered_limit_decides_by_running_out() -> None:
    expiries = {row.on_expiry for row in load_register(POLICY / "limits.toml").rows.values()}

    assert not [
        text for text in expiries if "自动" in text or "视为同意" in text or "视为受理" in text.replace("不视为", "")
    ]


@pytest.mark.parametrize(
    "places,day,expected",
    [
        (["341702", "3417"], date(2023, 12, 31), "4个工作日"),
        (["341702", "3417"], date(2024, 1, 1), "3个工作日"),
        (["341702", "3417"], date(2026, 2, 1), "2个工作日"),
        (["341702", "3417"], date(2026, 6, 1), "5日"),
        (["341703", "3417"], date(2026, 6, 1), "2个工作日"),
        (["46"], date(2026, 6, 1), "4个工作日"),
        ([], date(2026, 6, 1), "4个工作日"),
    ],
)
def test_the_diagram_holds_the_number_unless_the_place_has_its_own(
    tmp_path: Path, places: list[str], day: date, expected: str
) -> None:
    register = load_register(written(tmp_path, ROW + OVERRIDES))

    assert str(register.limit_for("D02", parse_limit("4个工作日"), places, day)) == expected


def test_a_changed_register_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, ROW)
    assert load_register(path).row("D02").limit == Limit(1, Unit.WORKDAY)

    path.write_text(ROW.replace("1个", "12个"), "utf-8")

    assert load_register(path).row("D02").limit == Limit(12, Unit.WORKDAY)


@pytest.mark.parametrize(
    "text,problem",
    [
        (ROW.replace("1个工作日", "尽快"), "第1项时限（D02）.*“尽快”无法识别"),
        (ROW + ROW, "第2项时限（D02）.*编号重复"),
        (ROW.replace("statutory", "legal"), "kind“legal”应为"),
        (ROW.replace('clause = "S0-13"', ""), "缺少 clause"),
        (ROW + "colour = 1", "不认识 colour"),
        (ROW.replace('"1个工作日"', "1"), "text 的值类型不对"),
        (ROW + 'roll = "no"', "roll 的值类型不对"),
        (ROW + OVERRIDES.replace('"D02"', '"D99"'), "第1项地方规定（D99）.*没有编号"),
        (ROW + OVERRIDES.replace("2024-01-01", '"2024-01-01"'), "valid_from 应为日期"),
        ("[[limit", "文件无法读取"),
    ],
)
def test_a_faulty_register_names_the_row_and_the_fault(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RegisterInvalid, match=problem):
        load_register(written(tmp_path, text))


def test_a_missing_register_and_an_unknown_id_are_said(tmp_path: Path) -> None:
    with pytest.raises(RegisterInvalid, match="文件无法读取"):
        load_register(tmp_path / "none.toml")
    with pytest.raises(LimitUnknown, match="没有编号“D99”"):
        load_register(POLICY / "limits.toml").row("D99")


def asked(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


@pytest.mark.parametrize(
    "words,printed",
    [
        (["2026-02-13T10:00", "1个工作日"], "2026-02-14"),
        (["2026-02-13", "1个工作日"], "2026-02-14"),
        (["2026-02-13T02:00Z", "一个工作日"], "2026-02-14"),
        (["2026-02-12T17:00Z", "1个工作日"], "2026-02-14"),
        (["2026-12-24", "7个工作日"], "暂定 2027-01-05"),
        (["2026-02-06", "D07", "--region", "341702"], "2026-02-24"),
        (["2026-03-02", "d19-special"], "2026-05-08"),
        (["2026-02-13T10:00", "48小时"], "2026-02-15 10:00"),
    ],
)
def test_the_command_prints_just_the_date(words: list[str], printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(*words) == 0
    assert capsys.readouterr().out.strip() == printed


def test_the_command_gives_everything_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("2026-12-24", "7个工作日", "--json") == 0
    found = json.loads(capsys.readouterr().out)

    assert set(found) == {"due", "provisional", "earliest", "latest", "calendar_version", "steps"}
    assert (found["due"], found["provisional"]) == ("2027-01-05", True)
    assert found["steps"][0]["text"].startswith("2026-12-24（周四）为起始日")
    assert [step["number"] for step in found["steps"] if step["number"]] == [1, 2, 3, 4, 5, 6, 7]


def test_the_answer_for_hours_is_a_moment() -> None:
    assert command.answer("2026-02-13T10:00", "48小时")["due"] == "2026-02-15T10:00+08:00"


@pytest.mark.parametrize(
    "words,message",
    [
        (["昨天", "1个工作日"], "起始时间“昨天”无法识别"),
        (["2026-02-30", "1个工作日"], "无法识别"),
        (["0001-01-01T00:00+14:00", "1个工作日"], "无法识别"),
        (["2026-02-13", "尽快"], "时限“尽快”无法识别"),
        (["2026-02-13", "D99"], "没有编号“D99”"),
        (["1999-02-13", "1个工作日"], "日历只覆盖2004年"),
        (["2026-02-13", "1个工作日", "--region", "池州"], "地区代码“池州”无法识别"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why_and_exits_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(*words) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_a_recurring_start_is_no_limit_to_ask_for(tmp_path: Path) -> None:
    written(tmp_path, ROW.replace("1个工作日", "每月15日"))

    with pytest.raises(ClockError, match="D02是定时启动，不是时限"):
        command.answer("2026-02-13", "D02", policy=tmp_path)
