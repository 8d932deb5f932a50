"""Conditions as an analyst writes them, and what a condition can never do."""

import contextlib
import datetime as dt
import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.expression import ExpressionError, FactMissing, parse, parse_unary

FACTS = {
    "人均月收入": "320.50",
    "低保标准": Decimal("780"),
    "审批意见": "同意",
    "材料齐全": True,
    "户籍迁入日": "2026-03-01",
    "银行卡": None,
    "members": [
        {"relation": "01", "income": "1200.10", "sick": True},
        {"relation": "10", "income": None, "sick": False},
        {"relation": "20", "income": "300.20", "sick": False},
    ],
}


@pytest.mark.parametrize(
    "text,value",
    [
        ("人均月收入 <= 低保标准", True),
        ("${审批意见 == '同意'}", True),
        ("=审批意见=“同意”", True),
        ("审批意见 ≠ 「同意」", False),
        ("１＋２ ＞＝ ３", True),
        ("材料齐全 且 （人均月收入 ＜ 100 或 审批意见 ＝ “同意”）", True),
        ("材料齐全 = 是", True),
        ("非 材料齐全", False),
        ("not(审批意见 = '不同意') && !(1 > 2)", True),
        ("审批意见 属于 [“同意”、“部分同意”]", True),
        ("审批意见 not in ['同意']", False),
        ("银行卡 = 空", True),
        ("从未填写 = null", True),
        ("银行卡 = '工商'", False),
        ("求和(members.income)", Decimal("1500.30")),
        ("长度(members)", Decimal(3)),
        ("任一(members.sick) 且 非 全部(members.sick)", True),
        ("'01' 属于 members.relation", True),
        ("最大(members.income, 1)", Decimal("1200.10")),
        ("取整(求和(members.income) / 长度(members))", Decimal("500.10")),
        ("取整(2.345)", Decimal("2.35")),
        ("向上取整(2.1)", Decimal(3)),
        ("0.1 + 0.2 = 0.3", True),
        ("-2 * 3 + 10", Decimal(4)),
        ("户籍迁入日 >= date('2026-03-01')", True),
        ("户籍迁入日 - 日期('2026-02-27')", Decimal(2)),
        ("年龄('2008-02-29', '2026-02-28')", Decimal(17)),
        ("如果(材料齐全, '受理', 1 / 0)", "受理"),
    ],
)
def test_a_condition_means_what_an_office_would_read(text: str, value: object) -> None:
    assert parse(text).evaluate(FACTS) == value


def test_a_missing_fact_is_named_and_never_taken_for_zero_or_no() -> None:
    with pytest.raises(FactMissing, match="还没有「家庭财产」的内容") as caught:
        parse("家庭财产 < 100").evaluate(FACTS)
    assert caught.value.name == "家庭财产"
    with pytest.raises(FactMissing, match="银行卡"):
        parse("银行卡 < 100").evaluate(FACTS)
    with pytest.raises(FactMissing, match="审批结果"):
        parse("审批结果 = '同意'").evaluate(FACTS)


def test_code_01_is_not_code_1_but_an_amount_stored_as_text_is_an_amount() -> None:
    facts = {"code": "01", "amount": "600.00"}
    assert not parse("code = '1'").evaluate(facts)
    assert parse("amount = 600").evaluate(facts)
    assert parse("amount < '1000.00'").evaluate(facts)


def test_an_amount_that_looks_like_a_day_is_still_an_amount() -> None:
    assert parse("a - b").evaluate({"a": "20260131", "b": "20260130.50"}) == Decimal("0.50")
    assert parse("a - b").evaluate({"a": "20001212", "b": "20001112"}) == Decimal(100)


def test_a_moment_in_the_evening_of_utc_is_the_next_day_in_shanghai() -> None:
    moment = dt.datetime(2026, 3, 1, 17, 0, tzinfo=dt.UTC)
    assert parse("收到 = date('2026-03-02')").evaluate({"收到": moment})


def test_the_names_a_condition_needs_are_known_before_it_runs() -> None:
    condition = parse("求和(members.income) / 人数 < 标准 且 members.sick != 空")
    assert condition.names == {"members", "人数", "标准"}
    assert condition.paths == {"members.income", "members.sick", "人数", "标准"}


@pytest.mark.parametrize(
    "text,position,words",
    [
        ("", 0, "空的"),
        ("a >", 3, "缺少一个值"),
        ("(a", 2, "括号没有配对"),
        ("a = '同意", 4, "引号没有配对"),
        ("a b", 2, "缺少“且”"),
        ("收入低且材料齐", 3, "两边留空格"),
        ("1 < 2 < 3", 6, "一次只能比较两个值"),
        ("a ; b", 2, "不认识的符号"),
        ("最大()", 0, "要写 1 到 20 个值"),
        ("date('2026-02-30')", 0, "不是有效日期"),
        ("x ** 2", 3, "缺少一个值"),
        ("9" * 31, 0, "数字太长"),
    ],
)
def test_a_mistake_is_shown_at_its_place_with_what_to_do(text: str, position: int, words: str) -> None:
    with pytest.raises(ExpressionError, match=words) as caught:
        parse(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "open('/etc/passwd')",
        "a.__class__",
        "a._private",
        "eval('1')",
        "[x for x in y]",
        "lambda: 1",
        "a[0]",
        "1 << 9",
        "f'{a}'",
        "a if b else c",
        "a := 1",
        "exec",
    ],
)
def test_nothing_outside_the_language_gets_in(text: str) -> None:
    with pytest.raises((ExpressionError, FactMissing)):
        parse(text).evaluate({"a": 1, "b": 2, "c": 3, "y": [1]})


@pytest.mark.parametrize(
    "text", ["(" * 1000, "-" * 1900 + "1", "not " * 400 + "a", "1" + "+1" * 900, "[" * 900, "最大(" * 300]
)
def test_deep_nesting_is_refused_calmly_even_on_a_small_stack(text: str) -> None:
    found: list[BaseException] = []

    def run() -> None:
        try:
            parse(text)
        except ExpressionError as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert "嵌套太深" in str(found[0])


def test_a_long_list_of_alternatives_is_not_deep() -> None:
    assert parse(" or ".join(f"a = '{n}'" for n in range(150))).evaluate({"a": "149"})


def test_an_expression_over_2000_characters_is_refused() -> None:
    with pytest.raises(ExpressionError, match="太长"):
        parse("1" + " " * 2000)


@pytest.mark.parametrize(
    "text", ["1 / 0", "审批意见 + 1", "审批意见 < 1", "人均月收入 且 是", "求和(审批意见)", "1 属于 2"]
)
def test_a_computation_that_makes_no_sense_is_an_explained_error(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text).evaluate(FACTS)


@given(st.text(alphabet="ab1.0'“”()[]且或非=<>+-*/,、? ＜（空是", max_size=40))
def test_any_text_is_either_understood_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(ExpressionError, FactMissing):
        parse(text).evaluate({"a": "1", "b": None})


def test_a_condition_must_end_in_yes_or_no() -> None:
    assert parse("材料齐全").holds(FACTS)
    with pytest.raises(ExpressionError, match="不能当条件用"):
        parse("1 + 1").holds(FACTS)


def test_the_browser_gets_the_tree_and_no_code() -> None:
    assert parse("a.b <= 1.50 且 非 c").to_json() == [
        "and",
        [["<=", ["get", ["name", "a"], "b"], ["num", "1.50"]], ["not", ["name", "c"]]],
    ]


@pytest.mark.parametrize(
    "cell,value,passes",
    [
        ("-", None, True),
        ("", "x", True),
        ('"341702"', "341702", True),
        ('"低保","特困"', "特困", True),
        ('["低保","特困"]', "孤儿", False),
        ("1", "1", True),
        ("true", True, True),
        ("是", False, False),
        ("< 100", "99.99", True),
        (">= 0", 0, True),
        ("[1..5]", 5, True),
        ("(1..5]", 1, False),
        ("]1..5[", 5, False),
        ("< 低保标准", "779.99", True),
        ('date("2026-01-01")', dt.date(2026, 1, 1), True),
        ('>= date("2026-01-01")', "2025-12-31", False),
        ('[date("2026-01-01")..date("2026-12-31")]', "2026-07-01", True),
        ('not("低保","特困")', "低保", False),
        ("not(空)", "x", True),
        ("空", None, True),
        ("? > 1 且 ? <= 低保标准", 780, True),
        ("not(? = 1) 或 ? = 1", 1, True),
    ],
)
def test_a_cell_of_a_decision_table_passes_the_values_it_says(cell: str, value: object, passes: bool) -> None:
    assert parse_unary(cell).matches(value, FACTS) is passes


def test_a_blank_input_of_a_table_is_named_by_its_column() -> None:
    with pytest.raises(FactMissing, match="人均月收入"):
        parse_unary("< 100").matches(None, label="人均月收入")


@pytest.mark.parametrize("cell", ["[1..", "1 2", "< ", '"a",', "not("])
def test_a_broken_cell_is_refused(cell: str) -> None:
    with pytest.raises(ExpressionError):
        parse_unary(cell)
