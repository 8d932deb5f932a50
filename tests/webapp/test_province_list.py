"""与省系统往来: what was reported of a case and what came back, on the case page, in words."""

from __future__ import annotations

import pytest

from engine.cases import scenario
from tests.support.app import ROOT, World
from tests.support.office import watched

PROCESSES = ROOT / "processes"
SCENARIOS = PROCESSES / "handheld" / "scenarios"


def page(world: World, name: str, until: str | None = None, account: str = "dc_clerk") -> str:
    at = scenario.moment(until) if until else None
    report = scenario.Run(world.runtime, scenario.read(SCENARIOS / f"{name}.yaml"), until=at).play()
    assert not report.failure, report.failure
    if at:
        world.clock.now = at
    return world.desk(account).get(f"/desk/cases/{report.case_id}").text


def test_a_report_that_was_granted_stands_with_its_answers(world: World) -> None:
    said = page(world, "granted_by_province")

    for words in ("与省系统往来", "省系统答复：同意", "每月50元", "自2026-04起发", "受理"):
        assert words in said


def test_a_report_that_came_back_stands_with_the_reason_and_its_new_version(world: World) -> None:
    said = page(world, "returned_and_corrected")

    assert "省系统退回" in said
    assert "第2版" in said


def test_a_report_that_was_only_queued_says_so(world: World) -> None:
    said = page(world, "granted_by_province", "2026-03-03 10:02")

    assert "排队报送" in said
    assert "省系统答复：同意" not in said


def test_a_report_that_was_taken_and_has_no_result_says_so(world: World) -> None:
    assert "省系统已受理，等结果" in page(world, "granted_by_province", "2026-03-03 10:06")


def test_a_case_that_isnt_reported_has_no_list(world: World) -> None:
    assert "与省系统往来" not in page(world, "withdrawn")


@pytest.mark.parametrize(
    "name, account, asked",
    [("handheld/granted_by_province", "dc_clerk", True), ("relief/relief_withdrawn_early", "jj_clerk", False)],
)
def test_only_a_case_whose_diagrams_report_asks_for_what_was_reported(
    world: World, name: str, account: str, asked: bool
) -> None:
    folder, _, example = name.partition("/")
    report = scenario.Run(world.runtime, scenario.read(PROCESSES / folder / "scenarios" / f"{example}.yaml")).play()
    assert not report.failure, report.failure
    desk = world.desk(account)

    with watched(world.runtime) as traffic:
        assert desk.get(f"/desk/cases/{report.case_id}").status_code == 200
    assert any("FROM province_message" in each for each in traffic.statements) is asked
