"""Draws, visits and findings as those who oversee see them."""

from __future__ import annotations

from engine.cases import scenario
from tests.support.app import ROOT, World

SCENARIOS = ROOT / "processes" / "supervision" / "scenarios"


def play(world: World, name: str) -> None:
    report = scenario.Run(world.runtime, scenario.read(SCENARIOS / f"{name}.yaml")).play()
    assert not report.failure, report.failure


def test_a_supervisor_sees_each_draw_run_again_and_each_finding_with_its_correction(world: World) -> None:
    play(world, "files_of_a_month_audited")
    desk = world.desk("dz_supervisor")

    page = desk.get("/desk/draws/").text

    for words in (
        "检查和整改",
        "档案审查",
        "2026-03",
        "一致",
        "分类施保金额少算",
        "变更确认决定",
        "整改办结",
        "已提醒",
    ):
        assert words in page
    assert "不一致" not in page
    open_ones = desk.get("/desk/draws/?status=待整改").text
    assert "没有“待整改”的问题" in open_ones


def test_a_draw_lists_its_households_with_who_looked_and_what_came_out(world: World) -> None:
    play(world, "files_of_a_month_audited")

    page = world.desk("dz_head").get("/desk/draws/1").text

    for words in ("有问题", "2026-04-03", "下载抽取记录", "没有事先公布"):
        assert words in page
    assert any(name in page for name in ("史建业", "鲍正华"))  # the clerk had a hand in the case


def test_a_township_sees_its_own_findings_and_no_draw_of_the_county(world: World) -> None:
    play(world, "files_of_a_month_audited")
    head = world.desk("yd_head")

    page = head.get("/desk/draws/").text

    assert "分类施保金额少算" in page
    assert "抽〔" not in page
    assert head.get("/desk/draws/1").status_code == 404


def test_nobody_else_finds_the_page(world: World) -> None:
    play(world, "files_of_a_month_audited")

    for account in ("yd_window", "dz_pay"):
        desk = world.desk(account)
        assert desk.get("/desk/draws/").status_code == 404, account
        assert "/desk/draws/" not in desk.get("/desk/").text
    assert "分类施保金额少算" not in world.desk("gc_supervisor").get("/desk/draws/").text
    assert world.visitor().get("/desk/draws/").status_code == 302


def test_a_draw_that_is_not_there_is_not_found(world: World) -> None:
    assert world.desk("dz_supervisor").get("/desk/draws/999").status_code == 404
