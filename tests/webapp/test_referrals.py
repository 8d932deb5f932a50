"""受理、转办、办理结果登记表: a row for each item, in the sight of those who handle it, on the page and as a file."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from engine.cases import scenario
from engine.store import tables
from tests.support.app import ROOT, World

EXAMPLE = ROOT / "processes" / "one_door" / "scenarios" / "all_eleven_departments.yaml"


@pytest.fixture
def number(world: World) -> str:
    """An application with items for all departments, finished; its number."""
    report = scenario.Run(world.runtime, scenario.read(EXAMPLE)).play()
    assert not report.failure, report.failure
    return report.number


def test_each_item_is_a_row_with_its_department_and_result(world: World, number: str) -> None:
    county = world.desk("sf_county")
    text = county.get(f"/desk/referrals/?search={number}").text

    for words in ("示范市教体局", "示范市医保局", "教育救助", "已办结"):
        assert words in text
    assert "没有符合条件的登记" in county.get("/desk/referrals/?search=查无此人").text


def test_a_department_sees_its_own_applications_and_a_stranger_none(world: World, number: str) -> None:
    assert number in world.desk("sf_cl_liaison").get("/desk/referrals/").text
    assert number not in world.desk("qp_window").get("/desk/referrals/").text


def test_the_file_holds_the_same_rows(world: World, number: str) -> None:
    answer = world.desk("sf_county").get(f"/desk/referrals/export?search={number}")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert rows[0][0] == "受理、转办、办理结果登记表"
    assert {row[5] for row in rows[2:]} == {number}
    assert len({row[6] for row in rows[2:]}) == len(rows) - 2 > 10


def test_the_case_page_shows_all_lines_of_the_application(world: World, number: str) -> None:
    page = world.desk("sf_county").get("/desk/cases/1").text
    assert "申请事项（" in page
    assert "示范市总工会" in page


def test_a_department_sees_its_own_item_and_nothing_of_the_others(world: World, number: str) -> None:
    disabled = world.desk("sf_cl_liaison")
    page = disabled.get("/desk/cases/1").text

    assert "残疾人身份认定及相关救助" in page
    assert "户主患重病失业" in page  # the application itself, which its tasks have to read
    for of_others in ("示范律师事务所", "示范市第一中学", "慈善会", "医疗救助", "办结的事项"):
        assert of_others not in page
    assert "示范律师事务所" in world.desk("sf_window").get("/desk/cases/1").text
    assert "示范律师事务所" in world.desk("sf_sf_liaison").get("/desk/cases/1").text


def test_the_ledger_of_a_department_lists_its_own_rows(world: World, number: str) -> None:
    text = world.desk("sf_cl_liaison").get("/desk/referrals/").text
    assert "残疾人身份认定及相关救助" in text
    assert "法律援助" not in text


def test_whoever_the_liaison_names_gets_the_item_and_their_colleagues_do_not(world: World) -> None:
    example = ROOT / "processes" / "one_door" / "scenarios" / "one_trip.yaml"
    report = scenario.Run(world.runtime, scenario.read(example), until=scenario.moment("2026-03-02 15:00")).play()
    assert not report.failure
    t = tables.task
    with world.runtime.store.transaction(write=False) as session:
        task = session.execute(select(t).where(t.c.node_id == "first_check")).mappings().one()

    assert task["assignee"] == "sf_yb_handler"
