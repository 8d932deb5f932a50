"""How a form is laid out for a page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from forms import schema
from forms.model import Form
from tests.support.app import World
from webapp.drafts import Kept
from webapp.filters import find_light, show_day, show_moment
from webapp.forms_html import Filling, lay_out
from webapp.notes import show_note
from webapp.sheets import grouped

ROWS = {
    "type": "dynamiclist",
    "path": "members",
    "label": "家庭成员",
    "id": "l",
    "properties": {"rowLabel": "成员", "maxRows": "3"},
    "components": [
        {"type": "textfield", "key": "name", "label": "姓名", "id": "n", "validate": {"required": True}},
        {"type": "number", "key": "income", "label": "月收入", "id": "i", "properties": {"kind": "money"}},
    ],
}


def form(*components: dict[str, Any]) -> Form:
    """A form of these components."""
    content = {"type": "default", "schemaVersion": 16, "components": list(components)}
    return schema.load(json.dumps(content), "test")


def test_every_form_of_the_office_can_be_laid_out(world: World) -> None:
    with world.runtime.store.transaction(write=False) as session:
        forms = world.runtime.current(session)[1].forms
    assert len(forms) > 20
    for one in forms.values():
        names = {part.name for top in lay_out(one, Filling()).parts for part in top.walk() if part.name}
        assert {key for key, part in one.fields.items() if not part.list} <= names


def test_rows_keep_the_numbers_they_were_sent_with_and_one_blank_row_follows() -> None:
    sheet = lay_out(form(ROWS), Filling(texts={"members-2-name": ["张三"], "members-7-name": ["李四"]}))
    assert [(row.number, row.spare) for row in sheet.parts[0].rows] == [("2", False), ("7", False), ("8", True)]


def test_a_full_list_offers_no_further_row() -> None:
    texts = {f"members-{number}-name": ["某人"] for number in range(3)}
    assert len(lay_out(form(ROWS), Filling(texts=texts)).parts[0].rows) == 3


def test_a_fault_in_a_row_names_the_row_as_the_reader_counts_it() -> None:
    filling = Filling(
        texts={"members-2-name": ["张三"], "members-7-income": ["x"]}, errors={"members-7-income": "请填写数字"}
    )
    assert lay_out(form(ROWS), filling).faults == [("f-members-7-income", "成员 2，月收入", "请填写数字")]


def test_a_fault_of_a_field_that_is_not_on_the_page_is_told_all_the_same() -> None:
    assert lay_out(form(ROWS), Filling(errors={"gone": "不对"})).faults == [("", "", "不对")]


def test_kept_files_stand_at_their_field() -> None:
    picker = {"type": "filepicker", "key": "photo", "label": "照片", "id": "p"}
    kept = Kept("a.png", 10, "token")
    assert lay_out(form(picker), Filling(kept={"photo": [kept]})).parts[0].kept == [kept]


def test_only_the_facts_that_a_form_asks_for_reach_the_browser() -> None:
    field = {
        "type": "textfield",
        "key": "a",
        "label": "甲",
        "id": "a",
        "conditional": {"hide": '=救助类别 = "特困"'},
    }
    sheet = lay_out(form(field), Filling(facts={"救助类别": "低保", "核对结论": "超标"}))
    assert json.loads(sheet.facts) == {"救助类别": "低保"}


def test_choices_of_units_are_grouped_by_the_unit_above() -> None:
    offered = {"townships": {"qiupu": "贵池区 · 秋浦街道", "yaodu": "东至县 · 尧渡镇", "x": "独立"}}
    assert grouped(offered)["townships"] == [
        ("贵池区", [("qiupu", "秋浦街道")]),
        ("东至县", [("yaodu", "尧渡镇")]),
        ("", [("x", "独立")]),
    ]


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "**<img src=x onerror=1>**", "- <b>x</b>", "# <i>", "[a](javascript:1)"],
)
def test_reading_text_never_becomes_markup_of_its_own(text: str) -> None:
    allowed = re.sub(r"</?(p|ul|li|h3|strong)>", "", str(show_note(text)))
    assert "<" not in allowed


def test_reading_text_has_headings_lists_and_bold() -> None:
    shown = str(show_note("# 标题\n要点：\n- 一\n- 二\n**重要**"))
    assert shown == "<h3>标题</h3><p>要点：</p><ul><li>一</li><li>二</li></ul><p><strong>重要</strong></p>"


def test_moments_are_written_as_an_office_writes_them(world: World) -> None:
    assert show_moment(world.clock.now) == "2026年3月2日 周一 09:30"
    assert show_day(world.clock.now) == "2026年3月2日 周一"
    assert show_moment(None) == ""


def test_a_light_can_be_told_without_its_colour() -> None:
    symbols = [find_light("green"), find_light("yellow"), find_light("red"), find_light("green", provisional=True)]
    assert len({light.symbol for light in symbols}) == len({light.word for light in symbols}) == 4


def test_what_the_case_knows_is_shown_where_it_is_only_read() -> None:
    amount = {
        "type": "number",
        "key": "建议金额",
        "label": "建议金额",
        "id": "a",
        "readonly": True,
        "properties": {"kind": "money"},
    }
    part = lay_out(form(amount, ROWS), Filling(facts={"建议金额": "700.00"})).parts[0]
    assert (part.draw, part.texts) == ("readonly", ("700.00 元",))
