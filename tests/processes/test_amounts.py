"""救助金测算 and 生活自理能力: the tables give each amount by its rule, exactly, and say why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.bpmn.deployment import Deployment, read_folder
from tests.processes.conftest import ROOT

DEPLOYED = Deployment(read_folder(ROOT))
SIX = ("careEat", "careDress", "careTransfer", "careToilet", "careWalk", "careBath")
FAMILY: dict[str, Any] = {
    "itemId": "低保",
    "地区代码": "341702",
    "今日": date(2026, 6, 10),
    "低保标准": Decimal(788),
    "特困标准": Decimal(1024),
    "人均月收入": Decimal("600.50"),
    "保障人数": 3,
    "单人户类型": None,
}


def lines(**facts: Any) -> dict[str, Decimal]:
    """The amount of each line by its name."""
    given = DEPLOYED.decisions["assistance_amount"].decide({**FAMILY, **facts})
    return dict(zip(given["测算项目"], given["测算金额"], strict=True))


@pytest.mark.parametrize(
    "failed, level",
    [
        (0, "具备生活自理能力"),
        (1, "部分丧失生活自理能力"),
        (3, "部分丧失生活自理能力"),
        (4, "完全丧失生活自理能力"),
        (6, "完全丧失生活自理能力"),
    ],
)
def test_six_indicators_give_the_level_by_how_many_fail(failed: int, level: str) -> None:
    facts = {name: "不能" if number < failed else "能" for number, name in enumerate(SIX)}

    assert DEPLOYED.decisions["self_care_level"].decide(facts) == {"生活自理能力": level, "丧失项数": failed}


def test_the_gap_to_the_standard_is_paid_for_each_person() -> None:
    assert lines() == {"补差救助金": Decimal("562.50")}


def test_a_family_that_applies_as_a_whole_is_paid_the_gap_however_the_form_says_so() -> None:
    assert lines(单人户类型="0") == lines(单人户类型=None) == {"补差救助金": Decimal("562.50")}
    assert lines(单人户类型="重残", 保障人数=1) == {"单人户救助金": Decimal(788)}


def test_members_of_a_category_add_a_line_each() -> None:
    assert lines(重残人数=1, 未成年人数=2) == {
        "补差救助金": Decimal("562.50"),
        "分类施保（重度残疾人）": Decimal("157.60"),
        "分类施保（未成年人）": Decimal("157.60"),
    }


def test_a_family_at_the_standard_has_no_line() -> None:
    assert lines(人均月收入=Decimal(788), 重残人数=1) == {}


@pytest.mark.parametrize("income, step", [("100", "一档救助金"), ("300", "二档救助金"), ("779.99", "三档救助金")])
def test_where_aid_is_graded_the_income_chooses_the_grade(income: str, step: str) -> None:
    found = lines(地区代码="150621", 低保标准=Decimal(780), 人均月收入=Decimal(income))

    assert list(found) == [step]


@pytest.mark.parametrize(
    "level, care", [("具备生活自理能力", 120), ("部分丧失生活自理能力", 360), ("完全丧失生活自理能力", 720)]
)
def test_care_goes_by_the_level_of_the_assessment(level: str, care: int) -> None:
    found = lines(itemId="特困", 生活自理能力=level)

    assert list(found.values()) == [Decimal(1024), Decimal(care)]


def test_without_an_assessment_nothing_is_counted_for_care() -> None:
    assert lines(itemId="特困") == {"基本生活费": Decimal(1024), "照料护理费": Decimal(0)}


def test_aid_that_fades_out_is_given_once_and_only_just_above_the_standard() -> None:
    fading = DEPLOYED.decisions["gradual_exit"]
    facts = {
        **FAMILY,
        "变更原因": "就业增收",
        "人均月收入": Decimal(900),
        "原金额": Decimal("864.00"),
        "待遇状态": "在享",
    }

    assert (fading.decide(facts)["渐退月数"], fading.decide(facts)["渐退金额"]) == (3, Decimal("864.00"))
    for other in ({"待遇状态": "渐退"}, {"人均月收入": Decimal(1200)}, {"变更原因": "收入增加"}):
        assert fading.decide({**facts, **other})["渐退月数"] == 0
