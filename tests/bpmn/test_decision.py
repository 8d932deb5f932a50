from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.bpmn.decision import Decision, read
from engine.bpmn.errors import DecisionError, DiagramNotReadable
from tests.support.tables import decisions, formula, table

STANDARDS = table(
    "低保标准表",
    ["地区代码", "日期"],
    ["低保标准", "特困标准"],
    [
        ['"341702"', '< date("2026-01-01")', "740", "962", "池民〔2024〕"],
        ['"341702"', '>= date("2026-01-01")', "785.5", "1021", "池民〔2025〕"],
        ['"469002"', '[date("2025-07-01")..date("2026-06-30")]', "680", "900"],
    ],
    types=["number", "number"],
)
CATEGORY = table(
    "救助类别",
    ["家庭人均月收入", "重残"],
    ["类别", "金额"],
    [
        ["<= 低保标准", "-", '"低保"', "低保标准 * 保障人数 - 家庭月收入", "收入低于标准"],
        ["> 低保标准", "true", '"低保边缘"', "0"],
        ["> 低保标准", "false", '"不符合"', "0"],
    ],
    hit="FIRST",
    requires=["低保标准表"],
)
FAMILY: Mapping[str, Any] = {
    "地区代码": "341702",
    "日期": date(2026, 3, 2),
    "家庭人均月收入": Decimal("300.10"),
    "家庭月收入": Decimal("900.30"),
    "保障人数": 3,
    "重残": False,
}


def one(body: str) -> Decision:
    return list(read(decisions(body), "t.dmn").values())[-1]


@pytest.mark.parametrize(
    "region, day, standard",
    [
        ("341702", date(2025, 12, 31), "740"),
        ("341702", date(2026, 1, 1), "785.5"),
        ("341702", "2026-01-01", "785.5"),
        ("469002", date(2026, 6, 30), "680"),
    ],
)
def test_the_standard_is_that_of_the_place_on_the_day(region: str, day: object, standard: str) -> None:
    assert one(STANDARDS).decide({"地区代码": region, "日期": day})["低保标准"] == Decimal(standard)


def test_the_amount_is_computed_exactly_from_the_standard_of_the_required_table() -> None:
    assert one(STANDARDS + CATEGORY).decide(FAMILY) == {"类别": "低保", "金额": Decimal("1456.20")}


def test_a_decision_names_what_the_case_must_hold_and_not_what_required_tables_give() -> None:
    decision = one(STANDARDS + CATEGORY)
    assert decision.names == {"地区代码", "日期", "家庭人均月收入", "重残", "保障人数", "家庭月收入"}
    assert decision.outputs == ("类别", "金额")


def test_the_explanation_names_each_rule_its_note_and_what_it_saw() -> None:
    standard, category = one(STANDARDS + CATEGORY).explain(FAMILY)
    assert (standard.rule, standard.annotation) == (2, "池民〔2025〕")
    assert standard.inputs == {"地区代码": "341702", "日期": "2026-03-02"}
    assert (category.rule, category.annotation) == (1, "收入低于标准")
    assert category.inputs == {"家庭人均月收入": "300.10", "重残": "否"}


def test_no_rule_for_a_place_says_which_inputs_it_saw() -> None:
    with pytest.raises(DecisionError, match=r"低保标准表.*没有一条规则符合.*地区代码 = 150621，日期 = 2026-01-01"):
        one(STANDARDS).decide({"地区代码": "150621", "日期": date(2026, 1, 1)})


def test_two_rules_under_unique_are_an_error_with_their_numbers() -> None:
    body = table("类别", ["收入"], ["结果"], [["< 10", '"甲"'], ["< 20", '"乙"']])
    with pytest.raises(DecisionError, match=r"第 1、2 条规则同时符合.*收入 = 5"):
        one(body).decide({"收入": 5})


def test_a_blank_income_is_never_below_a_limit() -> None:
    body = table("类别", ["收入"], ["结果"], [["< 10", '"甲"']])
    with pytest.raises(DecisionError, match=r"第 1 条规则「收入」.*收入 = 空"):
        one(body).decide({})


def test_a_blank_cell_matches_a_blank_fact() -> None:
    body = table("类别", ["备注"], ["结果"], [["空", '"无"'], ["!= 空", '"有"']])
    assert one(body).decide({}) == {"结果": "无"}


def test_a_default_result_stands_in_when_no_rule_matches() -> None:
    body = table("类别", ["收入"], ["结果"], [["< 10", '"甲"']], defaults=['"其他"'])
    assert one(body).decide({"收入": 50}) == {"结果": "其他"}
    assert one(body).explain({"收入": 50})[0].rule == 0


def test_any_takes_equal_results_and_refuses_different_ones() -> None:
    same = table("类别", ["收入"], ["结果"], [["< 10", '"甲"'], ["< 20", '"甲"']], hit="ANY")
    other = table("类别", ["收入"], ["结果"], [["< 10", '"甲"'], ["< 20", '"乙"']], hit="ANY")
    assert one(same).decide({"收入": 5}) == {"结果": "甲"}
    with pytest.raises(DecisionError, match="结果不同"):
        one(other).decide({"收入": 5})


@pytest.mark.parametrize("hit", ["COLLECT", "RULE ORDER"])
def test_collect_gives_lists_in_the_tables_order(hit: str) -> None:
    body = table(
        "材料", ["年龄"], ["要交"], [["[0..200)", '"身份证"'], [">= 60", '"照片"'], ["[0..18)", '"出生证明"']], hit=hit
    )
    assert one(body).decide({"年龄": 70}) == {"要交": ["身份证", "照片"]}
    assert one(body).decide({"年龄": -1}) == {"要交": []}


@pytest.mark.parametrize("how, total", [("SUM", "150.5"), ("MAX", "100"), ("MIN", "50.5"), ("COUNT", "2")])
def test_collected_amounts_are_added_up_exactly(how: str, total: str) -> None:
    rows = [[">= 60", "100"], [">= 70", "50.5"], [">= 80", "200"]]
    body = table("补贴", ["年龄"], ["金额"], rows, hit="COLLECT", more=f'aggregation="{how}"')
    assert one(body).decide({"年龄": 75}) == {"金额": Decimal(total)}


def test_a_formula_is_a_decision_too() -> None:
    decision = one(STANDARDS + formula("补差", "月补差", "最大(低保标准 - 人均收入, 0)", requires=["低保标准表"]))
    facts = {"地区代码": "341702", "日期": "2026-05-01", "人均收入": "700.25"}
    assert decision.decide(facts) == {"月补差": Decimal("85.25")}
    assert decision.names == {"地区代码", "日期", "人均收入"}


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER"])
def test_hit_policies_that_we_do_not_keep_are_refused_with_those_that_we_do(policy: str) -> None:
    with pytest.raises(DecisionError, match=rf"不支持命中策略 {policy}，请改用 UNIQUE"):
        one(table("类别", ["收入"], ["结果"], [["< 10", '"甲"']], hit=policy))


def test_a_cell_that_is_not_understood_names_its_rule_and_column() -> None:
    with pytest.raises(DecisionError, match=r"第 2 条规则「收入」.*第 4 个字符"):
        one(table("类别", ["收入"], ["结果"], [["< 10", '"甲"'], ["< (", '"乙"']]))


def test_an_output_of_the_wrong_type_is_refused() -> None:
    body = table("标准", ["地区"], ["低保标准"], [["-", '"七百"']], types=["number"])
    with pytest.raises(DecisionError, match="应是 number 类型，结果却是 七百"):
        one(body).decide({"地区": "1"})


def test_decisions_that_require_each_other_are_refused() -> None:
    body = formula("甲", "甲值", "乙值", requires=["乙"]) + formula("乙", "乙值", "甲值", requires=["甲"])
    with pytest.raises(DecisionError, match="成了环：甲 → 乙 → 甲"):
        one(body)


def test_a_required_decision_in_another_file_is_refused_by_name() -> None:
    with pytest.raises(DecisionError, match="所依赖的决策「别处」不在同一个文件里"):
        one(formula("甲", "甲值", "1", requires=["别处"]))


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
    ],
)
def test_files_of_older_modelers_are_read(namespace: str) -> None:
    assert list(read(decisions(STANDARDS, namespace), "t.dmn")) == ["低保标准表"]


def test_code_in_a_cell_is_text_that_is_not_understood() -> None:
    with pytest.raises(DecisionError):
        one(table("类别", ["__import__('os').system('id')"], ["结果"], [["-", "1"]]))
    script = formula("x", "y", "1").replace("<literalExpression", '<literalExpression expressionLanguage="groovy"')
    with pytest.raises(DecisionError, match="groovy 脚本"):
        one(script)


def test_a_diagram_is_no_decision_file() -> None:
    with pytest.raises(DiagramNotReadable, match="不是 DMN"):
        read(b"<definitions/>", "t.dmn")


def test_a_note_as_dmn_js_writes_it_is_shown() -> None:
    body = (
        '<decision id="x" name="X"><decisionTable id="t"><input id="i" label="年龄">'
        '<inputExpression id="e" typeRef="number">'
        "<text>年龄</text></inputExpression></input><output id='o' label='结果' name='结果' typeRef='string'/>"
        "<annotation name='依据'/><rule id='r'><inputEntry id='ie'><text>&gt;= 60</text></inputEntry>"
        "<outputEntry id='oe'><text>\"老年\"</text></outputEntry><annotationEntry><text>S0-20</text></annotationEntry>"
        "</rule></decisionTable></decision>"
    )
    assert one(body).explain({"年龄": 61})[0].annotation == "S0-20"
