"""事项目录 and the ledger of referrals: what analysts write wrongly, and whose unit an item is on which day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.people.catalogue import read_catalogue
from engine.people.errors import PlacesInvalid

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy"
ITEM = """
[[item]]
id = "YB-01"
name = "医疗救助"
short = "医疗救助"
department = "医保局"
grouped = "8"
counted = true
way = "部门"
basis = "《社会救助暂行办法》"
conditions = "低保、特困"
materials = ["申请表"]
decides = "医保局"
limit = "按部门规定"
valid_from = 2023-01-01
clause = "S1-15"
"""
ASSIGNED = """
[[assignment]]
item = "YB-01"
place = "window_city"
unit = "{unit}"
valid_from = {since}
basis = "方案"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "catalogue.toml").write_text(text, encoding="utf-8")
    return folder


def test_eleven_departments_and_nineteen_items_are_what_the_catalogue_counts() -> None:
    assert read_catalogue(POLICY).headline(date(2026, 3, 2)) == (11, 19)


def test_an_item_goes_to_the_unit_that_is_responsible_on_the_day(tmp_path: Path) -> None:
    text = ITEM + ASSIGNED.format(unit="old", since="2023-01-01") + ASSIGNED.format(unit="new", since="2026-07-01")
    catalogue = read_catalogue(write(tmp_path, text))
    places = ["window_city_pilot1", "window_city"]
    assert catalogue.unit_of("YB-01", places, date(2026, 6, 30)) == "old"
    assert catalogue.unit_of("YB-01", places, date(2026, 7, 1)) == "new"
    assert catalogue.unit_of("YB-01", ["elsewhere"], date(2026, 7, 1)) is None


@pytest.mark.parametrize(
    "text, said",
    [
        (ITEM.replace('"部门"', '"寄出"'), "way“寄出”应为"),
        (ITEM.replace("true", '"是"'), "counted 应为 true 或 false"),
        (ITEM.replace("2023-01-01", '"2023-01-01"'), "valid_from 应为日期"),
        (ITEM + ITEM, "编号YB-01写了不止一次"),
        (ASSIGNED.format(unit="u", since="2023-01-01"), "目录里没有这个事项"),
        (ITEM.replace('name = "医疗救助"', ""), "缺少 name"),
        (ITEM + 'procedure = "full_online"\napplies = "低保"\n', "请去掉 procedure"),
        (ITEM.replace('"部门"', '"本窗口"') + 'procedure = "full_online"\n', "要么都写，要么都不写"),
    ],
)
def test_a_mistake_in_the_catalogue_is_said_with_its_item(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PlacesInvalid, match=said):
        read_catalogue(write(tmp_path, text))


def test_without_a_catalogue_there_are_no_items(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path).items == ()
