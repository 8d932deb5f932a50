"""联席会议: the register of meetings, who signed, and how far what was decided is."""

from __future__ import annotations

from engine.cases import scenario
from tests.support.app import ROOT, World

SCENARIOS = ROOT / "processes" / "supervision" / "scenarios"


def played(world: World, name: str, until: str) -> None:
    at = scenario.moment(until)
    report = scenario.Run(world.runtime, scenario.read(SCENARIOS / f"{name}.yaml"), until=at).play()
    assert not report.failure, report.failure
    world.clock.now = at


def shown(world: World, account: str, query: str = "") -> str:
    return world.desk(account).get(f"/desk/meetings/{query}").text


def test_a_meeting_stands_with_attendance_minutes_and_the_state_of_what_was_decided(world: World) -> None:
    played(world, "joint_meeting_held", "2026-03-21 09:00")

    page = shown(world, "sf_rs_liaison")

    for words in ("2026-03-20", "就业帮扶与低保衔接", "研究了衔接办法", "已签字", "建议先作测算", "示范市财政局：某某"):
        assert words in page
    assert "制定衔接办法" in page
    assert "落实中" in page
    assert "待签字" not in page


def test_what_was_decided_is_shown_as_done_once_it_is_checked_off(world: World) -> None:
    played(world, "joint_meeting_held", "2026-04-22 11:05")

    assert "已落实" in shown(world, "sf_rs_liaison")


def test_who_did_not_sign_stands_there_with_the_reason(world: World) -> None:
    played(world, "joint_meeting_unsigned", "2026-03-26 09:00")
    assert "待签字" in shown(world, "sf_rs_liaison")

    played(world, "joint_meeting_unsigned", "2026-03-30 10:05")
    page = shown(world, "sf_rs_liaison", "?state=已召开")
    assert "没有签字" in page
    assert "外出学习，电话里同意纪要内容" in page


def test_a_township_sees_its_own_meeting_and_no_other(world: World) -> None:
    played(world, "township_meeting_held", "2026-03-12 16:10")

    assert "疑难对象审核确认" in shown(world, "sf_clerk", "?state=准备中&year=2026")
    assert "疑难对象审核确认" not in shown(world, "sf_clerk", "?state=没有召开")
    assert "疑难对象审核确认" not in shown(world, "qp_clerk")
