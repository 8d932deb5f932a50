"""办事指南: open to everybody, found by everyday words, true to the catalogue, the limits and the units of the day."""

from __future__ import annotations

import pytest

from engine.people.catalogue import read_catalogue
from tests.support.app import ROOT, World


def test_all_items_of_all_departments_stand_in_the_guide(world: World) -> None:
    page = world.visitor().get("/guide").text

    assert "11个部门19项" in page
    for item in read_catalogue(ROOT / "processes" / "policy").items:
        assert item.name in page
        assert item.conditions in page
        assert all(each in page for each in item.materials)


@pytest.mark.parametrize(
    "search, found, not_found",
    [
        ("看病", "医疗救助", "教育救助"),
        ("孩子上学", "教育救助", "法律援助"),
        ("打官司 律师", "法律援助", "医疗救助"),
        ("MZ-03", "临时救助", "两癌"),
    ],
)
def test_people_find_an_item_by_the_words_they_use(world: World, search: str, found: str, not_found: str) -> None:
    page = world.visitor().get("/guide", query_string={"search": search}).text
    items = page[page.index('role="status"') :]

    assert f"<h3>{found}</h3>" in items
    assert not_found not in items


def test_a_department_is_shown_alone_with_its_limits_and_telephones(world: World) -> None:
    page = world.visitor().get("/guide", query_string={"department": "医保局"}).text

    assert "找到 1 项" in page
    assert "示范市医保局，投诉举报 12345" in page
    for limit in ("转办", "1个工作日", "反馈初步核查情况", "6个工作日"):
        assert limit in page
    assert '<h2 id="department-1">医保局</h2>' in page


def test_nothing_found_says_where_to_ask(world: World) -> None:
    assert "到综合服务窗口说明困难" in world.visitor().get("/guide", query_string={"search": "买彩票<b>"}).text


def test_an_item_leads_to_its_own_application_or_to_the_one_door(world: World) -> None:
    visitor = world.visitor()

    assert '"/apply/full_online"' in visitor.get("/guide?search=MZ-01").text
    assert '"/apply/one_door"' in visitor.get("/guide?search=YB-01").text
    assert "现在申请" not in visitor.get("/guide?search=WJ-01").text


def test_clerks_read_the_same_guide_at_their_desk(world: World) -> None:
    page = world.desk("sf_window").get("/guide").text
    assert "办事指南" in page
    assert "待办" in page
