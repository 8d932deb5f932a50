"""The pages of the register of benefits: found by name or number, masked for its reader, not found by strangers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.cases import scenario
from engine.store import registers
from tests.support.app import ROOT, World

EXAMPLE = ROOT / "processes" / "full_online" / "scenarios" / "approved_without_objection.yaml"


@pytest.fixture
def number(world: World) -> str:
    """A family receives 低保; the number of its benefit."""
    report = scenario.Run(world.runtime, scenario.read(Path(EXAMPLE))).play()
    assert not report.failure, report.failure
    with world.runtime.store.transaction(write=False) as session:
        return str(session.execute(registers.benefit.select()).mappings().one()["number"])


def test_a_clerk_finds_a_benefit_by_the_name_of_any_member(world: World, number: str) -> None:
    desk = world.desk("qp_clerk")

    for words in ("王大明", "李小芳", number):
        assert number in desk.get(f"/desk/benefits/?search={words}").text
    assert "没有查到" in desk.get("/desk/benefits/?search=王").text or number in desk.page
    assert "没有查到" in desk.get("/desk/benefits/?search=查无此人").text


def test_its_page_shows_history_household_and_cases(world: World, number: str) -> None:
    page = world.desk("qp_clerk").get("/desk/benefits/1").text

    for words in (number, "新增", "2026-04", "2026-05", "864.00", "王小宝", "本人", "农村低保"):
        assert words in page
    assert re.search(r"/desk/cases/\d+", page)


def test_the_village_sees_no_account_and_no_whole_number(world: World, number: str) -> None:
    page = world.desk("hx_village").get("/desk/benefits/1").text

    assert number in page
    assert "银行账号" not in page
    assert not re.search(r"(?<!\d)\d{17}[\dX]", page)


def test_another_county_finds_neither_the_list_nor_the_page(world: World, number: str) -> None:
    stranger = world.desk("dz_clerk")

    assert number not in stranger.get("/desk/benefits/").text
    assert stranger.get("/desk/benefits/1").status_code == 404


def test_an_odd_month_status_or_page_is_taken_for_none(world: World, number: str) -> None:
    desk = world.desk("qp_clerk")

    assert number in desk.get("/desk/benefits/?month=2026-13&status=没有&page=99").text
    assert number not in desk.get("/desk/benefits/?month=2026-03").text
    assert number in desk.get("/desk/benefits/?month=2026-04").text
