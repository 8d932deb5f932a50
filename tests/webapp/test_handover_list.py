"""The list of a handover on its page: the county sees every case, a township its own, and what has become of each."""

from __future__ import annotations

from pathlib import Path

from engine.cases import scenario
from tests.support.app import World
from tests.support.office import moment

LISTED = Path(__file__).resolve().parents[2] / "processes/devolved/scenarios/handover_to_townships.yaml"


def test_county_and_township_see_the_list_and_who_has_received_it(world: World) -> None:
    until = moment("2022-03-16 15:00")
    report = scenario.Run(world.runtime, scenario.read(LISTED), until=until).play()
    assert report.ok, report.failure

    for who in ("jj_county", "jj_clerk"):
        page = world.desk(who).get(f"/desk/cases/{report.case_id}").text
        assert "移交清单" in page
        assert "审查材料和审核意见" in page
        assert "琼海市民政局 → 嘉积镇" in page
        assert "王业成" in page
        assert "已移交" in page
    assert world.desk("qp_clerk").get(f"/desk/cases/{report.case_id}").status_code == 404
