"""Whether those who owe a person support are able to give it: a table judges each, in words that the family reads."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.topics.registry import topic
from forms import codes

if TYPE_CHECKING:
    from engine.cases.move import Work


@topic("supporters.judge", provides=("义务人判断", "义务人说明"), parameters=("rows", "row", "table"))
def judge(work: Work) -> dict[str, Any]:
    """What the decision `table` says of each of the `rows`, seen by the table as the fact `row` (F3 §8).

    义务人判断 has a row for each: name, relation, the table's outputs and 依据, the note of its rule. 义务人说明 says
    the same in numbered sentences; it is empty without rows.
    """
    judged = [_judged(work, each) for each in work.facts.get(work.parameter("rows")) or ()]
    said = [_sentence(number, each) for number, each in enumerate(judged, 1)]
    return {"义务人判断": judged, "义务人说明": "\n".join(said)}


def _judged(work: Work, row: Mapping[str, Any]) -> dict[str, Any]:
    decision = work.move.deployment.decisions[work.parameter("table")]
    facts: Mapping[str, Any] = ChainMap({work.parameter("row"): row}, dict(work.facts))
    ground = "；".join(rule.annotation for rule in decision.explain(facts))
    who = {"name": row.get("name"), "relation": codes.label("relation", row.get("relation"))}
    return {**who, **decision.decide(facts), "依据": ground}


def _sentence(number: int, row: Mapping[str, Any]) -> str:
    return f"{number}．{row['name']}（{row['relation']}）：{row['履行能力']}。{row['判断理由']}。依据：{row['依据']}。"
