"""定期报告: who declared what, who is overdue, whose changes are material, on the page and as a file."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from engine.cases import scenario
from tests.support.app import ROOT, World

SCENARIOS = ROOT / "processes" / "paperless" / "scenarios"


def played(world: World, name: str, until: str) -> None:
    at = scenario.moment(until)
    report = scenario.Run(world.runtime, scenario.read(SCENARIOS / f"{name}.yaml"), until=at).play()
    assert not report.failure, report.failure
    world.clock.now = at


@pytest.fixture
def declared(world: World) -> World:
    """A family's agent has declared that its income has changed."""
    played(world, "declared_income_changed", "2026-10-03 20:10")
    return world


def test_a_declaration_stands_in_the_column_with_its_changes_and_the_hint(declared: World) -> None:
    page = declared.desk("wz_clerk").get("/desk/declarations/").text

    for words in ("王大明", "2026-10", "已申报", "委托代理人", "收入、刚性支出", "收入有变化，可能影响金额"):
        assert words in page
    assert "没有符合条件的定期报告" in declared.desk("wz_clerk").get("/desk/declarations/?state=待申报").text


def test_a_material_change_is_marked_and_found_by_itself(world: World) -> None:
    played(world, "declared_income_changed", "2026-10-08 10:00")

    page = world.desk("wz_clerk").get("/desk/declarations/?state=有重大变化").text

    assert "<strong" in page
    assert "重大变化</strong>" in page
    assert "王大明" in page


def test_who_lets_the_time_pass_is_overdue_and_still_in_receipt(world: World) -> None:
    played(world, "not_declared_visited", "2026-11-03 09:00")
    desk = world.desk("wz_clerk")

    assert "待申报，逾期" in desk.get("/desk/declarations/?state=逾期没有申报").text
    assert "在享" in desk.get("/desk/benefits/").text


def test_a_stranger_sees_no_report_and_the_village_its_own(declared: World) -> None:
    assert "王大明" not in declared.desk("qp_clerk").get("/desk/declarations/").text
    assert "王大明" in declared.desk("wz_village").get("/desk/declarations/").text


def test_the_file_holds_the_same_rows(declared: World) -> None:
    answer = declared.desk("wz_clerk").get("/desk/declarations/export?month=2026-10")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert rows[0][0] == "定期报告"
    assert rows[2][1:3] == ["王大明", "农村低保"]
    assert "没有审阅" in rows[2]


def test_the_menu_shows_the_column_where_households_declare(world: World) -> None:
    assert "定期报告" in world.desk("wz_clerk").get("/desk/").text
    assert "定期报告" not in world.desk("qp_clerk").get("/desk/").text
