"""A form is refused at the door, with its id, the component and what to do, rather than at the counter."""

import json
from pathlib import Path
from typing import Any

import pytest

from forms import codes, mask
from forms.errors import CodeListUnknown, FormDefinitionError
from forms.grammar import FUNCTIONS
from forms.properties import KINDS, RULES
from forms.schema import Form, catalogue, load

FIELD = {"type": "textfield", "key": "姓名", "label": "姓名"}
DEFINITIONS = Path(__file__).parents[2] / "forms" / "definitions"


def form(*components: dict[str, Any], **root: Any) -> Form:
    return load(json.dumps({"type": "default", "schemaVersion": 19, "components": list(components), **root}), "试表")


@pytest.mark.parametrize(
    "component,key,words",
    [
        ({"type": "html", "content": "<b>"}, "html", "请改用文本"),
        ({"type": "hologram", "key": "x", "label": "x"}, "x", "不能使用“hologram”组件"),
        ({**FIELD, "key": ""}, "姓名", "名称（Key）为空"),
        ({**FIELD, "key": "a b"}, "a b", "符号"),
        ({**FIELD, "key": "养父或继父"}, "养父或继父", "连接词"),
        ({**FIELD, "key": "空"}, "空", "连接词"),
        ({**FIELD, "label": ""}, "姓名", "没有标题"),
        ({**FIELD, "properties": {"kind": "dna"}}, "姓名", "没有“dna”这种 kind"),
        ({**FIELD, "properties": {"knid": "cn_id"}}, "姓名", "是不是“kind”"),
        ({**FIELD, "properties": {"kind": 3}}, "姓名", "不是文字"),
        ({**FIELD, "properties": {"mask": "all"}}, "姓名", "id、phone、account、name"),
        ({**FIELD, "properties": {"accept": "pdf"}}, "姓名", "不能用在 textfield 上"),
        ({**FIELD, "properties": {"check": "姓名 = 空"}}, "姓名", "成对填写"),
        ({**FIELD, "properties": {"check": "姓名 =", "checkMessage": "x"}}, "姓名", "缺少一个值"),
        ({**FIELD, "conditional": {"hide": "=open('x')"}}, "姓名", "没有「open」这个函数"),
        ({**FIELD, "validate": {"pattern": "("}}, "姓名", "正则表达式"),
        ({**FIELD, "validate": {"maxLength": "many"}}, "姓名", "maxLength"),
        ({"type": "number", "key": "n", "label": "n", "validate": {"min": "much"}}, "n", "不是数字"),
        ({"type": "select", "key": "s", "label": "s", "properties": {"codes": "stars"}}, "s", "没有名为「stars」"),
        ({"type": "select", "key": "s", "label": "s"}, "s", "没有选项"),
        ({"type": "select", "key": "s", "label": "s", "values": [{"value": "1"}, {"value": "1"}]}, "s", "Value 相同"),
        ({"type": "datetime", "key": "d", "dateLabel": "d", "subtype": "era"}, "d", "没有“era”这种类型"),
        ({"type": "expression", "key": "e", "expression": ""}, "e", "没有填写计算公式"),
        ({"type": "filepicker", "key": "f", "label": "f", "properties": {"accept": "exe"}}, "f", "不认识文件类型 exe"),
        ({**FIELD, "properties": {"kind": "cn_id", "birthOf": "birth"}}, "姓名", "“birth”不存在"),
        ({**FIELD, "properties": {"kind": "signature", "signer": "nobody"}}, "姓名", "“nobody”不存在"),
        (
            {"type": "dynamiclist", "path": "m", "label": "m", "components": [FIELD], "properties": {"unique": "idNo"}},
            "m",
            "不是这个列表里的字段",
        ),
        (
            {
                "type": "dynamiclist", "path": "m", "label": "m",
                "components": [{"type": "dynamiclist", "path": "k", "label": "k", "components": [FIELD]}],
            },
            "k",
            "列表里面又放了列表",
        ),
        ({"type": "select", "key": "s", "label": "s", "properties": {"kind": "unit"}}, "s", "由系统提供"),
        (
            {"type": "select", "key": "s", "label": "s", "valuesKey": "a", "properties": {"kind": "account"}},
            "s",
            "没有写明选哪个岗位的人",
        ),
        ({"type": "group", "label": "g", "path": "g", "components": [FIELD]}, "g", "请清空分组的 Path"),
    ],
)  # fmt: skip
def test_a_fault_in_a_form_names_the_component_and_the_remedy(component: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(FormDefinitionError, match="表单「试表」") as caught:
        form(component)
    assert caught.value.key == key
    assert words in caught.value.message


def test_the_same_key_twice_is_refused_but_a_list_has_its_own_names() -> None:
    with pytest.raises(FormDefinitionError, match="用了两次"):
        form(FIELD, {"type": "group", "label": "组", "components": [FIELD]})
    listed = form(FIELD, {"type": "dynamiclist", "path": "成员", "label": "成员", "components": [FIELD]})
    assert set(listed.fields) == {"姓名", "成员", "成员.姓名"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"type":"default"}', "[" * 100_000, '{"type":"default","schemaVersion":1}']
)
def test_a_file_that_is_no_form_is_refused(text: str) -> None:
    with pytest.raises(FormDefinitionError):
        load(text, "坏表")


def test_the_version_follows_the_content_and_not_the_program_that_saved_it() -> None:
    first = form(FIELD)
    assert form(FIELD, exporter={"name": "form-js"}).version == first.version
    assert form({**FIELD, "label": "名字"}).version != first.version
    assert len(first.version) == 12


def test_a_form_tells_which_facts_it_gives_and_which_it_needs() -> None:
    listed = form(
        {"type": "text", "text": "# 试表的标题"},
        {**FIELD, "conditional": {"hide": "=事项 = '特困' 或 今日 < date('2026-01-01')"}},
        {
            "type": "dynamiclist", "path": "成员", "label": "成员",
            "components": [
                {**FIELD, "conditional": {"hide": "=年收入 > 上限"}},
                {"type": "number", "key": "年收入", "label": "收入"},
            ],
        },
        {"type": "table", "dataSource": "=核对结果", "columns": []},
    )  # fmt: skip
    assert listed.title == "试表的标题"
    assert listed.facts == {"姓名": "text", "成员": "rows", "成员.姓名": "text", "成员.年收入": "number"}
    assert listed.needs == {"事项", "上限", "核对结果"}


def test_the_forms_of_the_procedures_load_and_carry_their_clauses() -> None:
    forms = catalogue(DEFINITIONS)
    clauses = {
        clause.strip()
        for each in forms.values()
        for part in each.root.walk()
        for clause in part.properties.get("clause", "").split(",")
    }
    assert {"S0-05", "S0-06", "S0-09", "S0-10", "S0-11", "S0-15", "S0-17", "S0-18"} <= clauses


def test_component_ids_are_what_the_form_designer_accepts() -> None:
    for each in catalogue(DEFINITIONS).values():
        ids = [str(part.raw.get("id")) for part in each.root.walk()]
        assert all(name.isascii() and name.replace("_", "").isalnum() for name in ids)
        assert len(ids) == len(set(ids))


def test_code_lists_hold_the_national_values() -> None:
    assert codes.label("sex", "1") == "男"
    assert codes.label("relation", "01") == "本人"
    nations = codes.find("nation").values
    assert len(nations) == 58
    assert (nations["01"], nations["56"], nations["97"]) == ("汉族", "基诺族", "其他")
    assert codes.label("marital", "77") == "77"
    with pytest.raises(CodeListUnknown):
        codes.label("星座", "1")


@pytest.mark.parametrize(
    "kind,text,shown",
    [
        ("id", "341702199001011234", "341702********1234"),
        ("phone", "13812345678", "138****5678"),
        ("account", "6222021234567890123", "***************0123"),
        ("name", "欧阳建国", "欧***"),
        ("id", "123", "**3"),
        ("phone", None, ""),
    ],
)
def test_a_masked_number_shows_only_its_ends(kind: str, text: str | None, shown: str) -> None:
    assert mask.mask(kind, text) == shown


def test_the_analysts_guide_names_every_property_and_every_function() -> None:
    guide = (DEFINITIONS.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in RULES if name.removesuffix("Message").rstrip("23") not in guide] == []
    assert [kind for kinds in KINDS.values() for kind in kinds if f"`{kind}`" not in guide] == []
    assert {name for name, _, _ in FUNCTIONS.values()} == {
        FUNCTIONS[word][0] for word in FUNCTIONS if not word.isascii() and word in guide
    }
