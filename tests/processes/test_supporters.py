"""法定义务人履行义务能力: the table judges each by 《特困人员认定办法》第八条, and doubts what isn't known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.bpmn.deployment import Deployment, read_folder
from tests.processes.conftest import ROOT

DEPLOYED = Deployment(read_folder(ROOT))
ABLE, UNABLE, DOUBTED = "有履行义务能力", "无履行义务能力", "待核实"
POOR: dict[str, Any] = {"ownIncome": "9600.00", "propertyFits": "符合"}
SEVENTY = {"incapacityGround": "高龄", "birth": "1950-01-01", **POOR}
DISABLED = {"incapacityGround": "重残", "disabilityType": "4", "disabilityGrade": "2", **POOR}


def judged(**row: Any) -> tuple[str, str]:
    """What the table says of one person, and the paragraph that it names."""
    facts = {
        "义务人": {"verified": "属于", **row},
        "今日": date(2026, 3, 5),
        "人均可支配收入": Decimal(36200),
    }
    decision = DEPLOYED.decisions["supporter_ability"]
    (rule,) = decision.explain(facts)
    return decision.decide(facts)["履行能力"], rule.annotation.removeprefix("《特困人员认定办法》第八条")


@pytest.mark.parametrize(
    "row, paragraph",
    [
        ({"incapacityGround": "特困"}, "第（一）项"),
        ({"incapacityGround": "老年低保", "birth": "1966-03-05"}, "第（二）项"),
        (SEVENTY, "第（三）项"),
        (DISABLED, "第（四）项"),
        (DISABLED | {"disabilityType": "6", "disabilityGrade": "3"}, "第（四）项"),
        ({"incapacityGround": "无行为能力", "propertyFits": "符合"}, "第（五）项"),
        ({"incapacityGround": "失踪", "propertyFits": "符合"}, "第（五）项"),
        ({"incapacityGround": "服刑", "propertyFits": "符合"}, "第（五）项"),
        ({"incapacityGround": "省定"}, "第（六）项"),
    ],
)
def test_each_ground_of_the_article_makes_unable(row: dict[str, Any], paragraph: str) -> None:
    assert judged(**row) == (UNABLE, paragraph)


@pytest.mark.parametrize(
    "row",
    [
        {"verified": "不属于"},
        {"incapacityGround": "老年低保", "birth": "1966-03-06"},
        SEVENTY | {"birth": "1956-03-06"},
        SEVENTY | {"ownIncome": "36200.00"},
        SEVENTY | {"propertyFits": "不符合"},
        DISABLED | {"disabilityGrade": "3"},
        DISABLED | {"disabilityGrade": "4"},
        DISABLED | {"ownIncome": "36200.00"},
        {"incapacityGround": "服刑", "propertyFits": "不符合"},
    ],
)
def test_who_misses_a_condition_is_able(row: dict[str, Any]) -> None:
    assert judged(**row)[0] == ABLE


@pytest.mark.parametrize(
    "row",
    [
        {"verified": "没有查清"},
        {"verified": None},
        {"incapacityGround": None},
        {"incapacityGround": "老年低保"},
        SEVENTY | {"ownIncome": None},
        SEVENTY | {"birth": None},
        DISABLED | {"propertyFits": "没有查清"},
        {"incapacityGround": "失踪", "propertyFits": "没有查清"},
    ],
)
def test_who_isnt_verified_is_doubted(row: dict[str, Any]) -> None:
    assert judged(**row)[0] == DOUBTED


@pytest.mark.parametrize(
    "there, each, proposed",
    [
        ("没有", [], True),
        ("有", [UNABLE, UNABLE], True),
        ("有", [UNABLE, ABLE], False),
        ("有", [DOUBTED, UNABLE], False),
    ],
)
def test_nobody_is_left_to_give_support_if_all_are_unable(there: str, each: list[str], proposed: bool) -> None:
    facts = {"有无法定义务人": there, "义务人判断": [{"履行能力": one} for one in each]}

    assert DEPLOYED.decisions["supporters_together"].decide(facts)["无履行义务人建议"] is proposed
