"""Near relatives filed singly, and mandates: two lists beside the register of benefits."""

from __future__ import annotations

from engine.cases import scenario
from tests.support.app import ROOT, World

FULL_ONLINE = ROOT / "processes" / "full_online" / "scenarios"


def play(world: World, name: str) -> None:
    report = scenario.Run(world.runtime, scenario.read(FULL_ONLINE / name)).play()
    assert not report.failure, report.failure


def test_a_filing_is_on_the_list_of_who_may_see_it(world: World) -> None:
    play(world, "near_relative_declared.yaml")
    page = world.desk("qp_clerk").get("/desk/benefits/relatives").text
    for words in ("王大明", "李小芳", "朱德才", "朱德才不参加本案公示和评议", "秋浦街道"):
        assert words in page
    assert "还没有近亲属备案" in world.desk("yd_clerk").get("/desk/benefits/relatives").text


def test_a_mandate_names_agent_scope_and_days(world: World) -> None:
    play(world, "agent_with_mandate.yaml")
    page = world.desk("qp_clerk").get("/desk/benefits/mandates").text
    assert "有效" in page
    assert "李大海" in page
    assert "代为申请低保、补正材料、签收文书" in page
    assert "还没有委托代理" in world.desk("yd_clerk").get("/desk/benefits/mandates").text
