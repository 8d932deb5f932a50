"""How a monthly amount comes about, in lines that a family can read: because, by which rule, by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.registers import amounts, calculations
from engine.topics import lookup, text
from engine.topics.registry import topic
from forms.values import as_number

if TYPE_CHECKING:
    from engine.cases.move import Work

COLUMNS: Mapping[str, str] = {  # of a line: the fact in which a decision table gives it for every line
    "项目": "测算项目",
    "性质": "测算性质",
    "算式": "测算算式",
    "金额": "测算金额",
    "依据": "测算依据",
}
BASIC = "基本"


@topic(
    "amount.explain",
    provides=("测算明细", "测算说明", "测算合计", "测算增发"),
    parameters=("once",),
    writes=True,
)
def explain(work: Work) -> dict[str, Any]:
    """The lines that a table such as 救助金测算 gave, with their formulas filled in: as rows, as a text, and added up.

    测算合计 is the sum of all, 测算增发 of those beyond the basic amount (分类施保, 照料护理). No line: 0, and
    the text says so. The lines are kept: they explain the change of a benefit, or what is given once (`once`), that
    follows.
    """
    rows = [_row(work, line) for line in _lines(work.facts)]
    move = work.move
    benefit = str(work.facts.get("待遇编号") or "")
    calculations.count(move.step.session, move.case["id"], benefit, [_kept(row) for row in rows], move.step.now)
    total = sum((row["金额"] for row in rows), Decimal(0))
    more = sum((row["金额"] for row in rows if row["性质"] != BASIC), Decimal(0))
    said = [_sentence(number, row) for number, row in enumerate(rows, 1)]
    every = "" if work.parameter("once") else "每月"
    summed = f"{every}合计{_yuan(total)}元。" if rows else "按核定的情况，没有应发的救助金。"
    return {"测算明细": rows, "测算说明": "\n".join([*said, summed]), "测算合计": total, "测算增发": more}


def _lines(facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    given: dict[str, Sequence[Any]] = {column: facts.get(fact) or () for column, fact in COLUMNS.items()}
    for each in zip(*given.values(), strict=True):
        yield dict(zip(given, each, strict=True))


def _row(work: Work, line: Mapping[str, Any]) -> dict[str, Any]:
    formula = text.fill(str(line["算式"]), lambda name: _shown(lookup.raw(work, name)))
    return {**line, "算式": formula, "金额": as_number(line["金额"]) or Decimal(0)}


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"item": row["项目"], "kind": row["性质"], "formula": row["算式"], "basis": row["依据"]}
    return {**kept, "amount": amounts.cents(row["金额"])}


def _sentence(number: int, row: Mapping[str, Any]) -> str:
    return f"{number}．{row['项目']}：{row['算式']}＝{_yuan(row['金额'])}元。依据：{row['依据']}。"


def _shown(found: Any) -> Any:
    """A number without needless zeros: 788, 320.50."""
    number = as_number(found)
    if number is None:
        return found
    return str(int(number)) if number == int(number) else _yuan(number)


def _yuan(number: Decimal) -> str:
    return amounts.yuan(amounts.cents(number))
