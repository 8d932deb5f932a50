"""The ledger of lists of low-income families: a department sees its own list and columns, the county all of them."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from engine.cases import scenario
from engine.store.low_income import low_income_push
from tests.support.app import ROOT, World

EXAMPLES = ROOT / "processes" / "one_door" / "scenarios"


@pytest.fixture
def lists(world: World) -> dict[str, int]:
    """A month's lists, answered; by department."""
    report = scenario.Run(world.runtime, scenario.read(EXAMPLES / "low_income_pushed.yaml")).play()
    assert not report.failure, report.failure
    with world.runtime.store.transaction(write=False) as session:
        rows = session.execute(select(low_income_push.c.unit_id, low_income_push.c.id)).all()
    return {row.unit_id: row.id for row in rows}


def test_a_department_sees_its_own_list_with_its_columns_only(world: World, lists: dict[str, int]) -> None:
    desk = world.desk("sf_zj_liaison")
    ledger = desk.get("/desk/low-income/").text
    page = desk.get(f"/desk/low-income/{lists['window_city_zj']}").text

    assert "示范市住建局" in ledger
    assert "示范市医保局" not in ledger
    assert "户主" in page
    assert "何春山" in page
    assert "有效期至" not in page
    assert "危房改造" in page
    assert desk.get(f"/desk/low-income/{lists['window_city_yb']}").status_code == 404


def test_the_county_sees_every_list_and_another_county_none(world: World, lists: dict[str, int]) -> None:
    ours = world.desk("sf_county").get("/desk/low-income/").text
    strangers = world.desk("dz_clerk")

    assert "示范市住建局" in ours
    assert "示范市医保局" in ours
    assert "今年已参保，补助缴费" in world.desk("sf_county").get(f"/desk/low-income/{lists['window_city_yb']}").text
    assert "还没有推送过名单" in strangers.get("/desk/low-income/").text
    assert strangers.get(f"/desk/low-income/{lists['window_city_yb']}").status_code == 404


def test_the_file_holds_the_same_lines(world: World, lists: dict[str, int]) -> None:
    answer = world.desk("sf_yb_liaison").get(f"/desk/low-income/{lists['window_city_yb']}/export")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert rows[1][:3] == ["序号", "姓名", "身份证号码"]
    assert {row[1] for row in rows[2:]} == {"何春山", "邓秀珠"}


def test_the_case_page_leads_to_the_lists(world: World, lists: dict[str, int]) -> None:
    with world.runtime.store.transaction(write=False) as session:
        case_id = session.execute(select(low_income_push.c.case_id).limit(1)).scalar_one()

    assert f"/desk/low-income/{lists['window_city_yb']}" in world.desk("sf_county").get(f"/desk/cases/{case_id}").text


def test_whoever_has_nothing_to_do_with_it_has_no_such_page_in_the_menu(world: World, lists: dict[str, int]) -> None:
    assert "/desk/low-income/" in world.desk("sf_yb_liaison").get("/desk/").text
    assert "/desk/low-income/" not in world.desk("qp_window").get("/desk/").text
