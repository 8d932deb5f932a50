"""How the amounts of a case or a benefit came about, line by line: what was, what is, by which rule (S0-23, S2-14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.cases.runtime import Step
from engine.cases.views.own_part import own_part
from engine.registers import calculations
from engine.registers.amounts import yuan

FORM = "amount_lines"  # what visibility.toml calls it
COUNTS = "amount.explain"  # the topic of a diagram that counts amounts
FIRST = "新增"
GONE = "不再发给"


@dataclass(frozen=True, slots=True)
class Line:
    """One part of an amount; `before` is "" where nothing was, `amount` is "" where nothing is any more."""

    item: str
    formula: str
    basis: str
    before: str
    amount: str


@dataclass(frozen=True, slots=True)
class Explained:
    """An amount with its lines. `kind` 新增, 增发, 减发 …, 单次 for what is given once, "" while it is only counted."""

    kind: str
    category: str
    month: str  # from which on, in words
    before: str
    after: str  # as it was decided; what the lines add up to while it is only counted
    difference: str  # without sign
    rises: bool
    reason: str
    lines: tuple[Line, ...]
    total: str
    compares: bool  # the lines before are known

    @property
    def differs(self) -> bool:
        """Whether another amount was decided than the lines add up to."""
        return bool(self.lines) and self.total != self.after


def of_case(this: Step, case: Mapping[str, Any]) -> list[Explained]:
    """What was counted and decided in a case (its row), newest first, if the actor's roles see it; nothing is asked
    for a case whose diagrams count no amounts."""
    deployment = this.runtime.deployment(this.session, case["deployment_id"])
    if not sees(this) or COUNTS not in deployment.works(case["procedure"]) or own_part(this, deployment, case):
        return []
    counted = calculations.of_case(this.session, case["id"])
    pending = [_pending(this, row) for row in counted if row["settled_at"] is None]
    changed = calculations.changes_around(this.session, case["id"]) if any(row["change_id"] for row in counted) else []
    mine = [shown for row, shown in _explained(changed) if row["case_id"] == case["id"] and row["lines"] is not None]
    return [*pending, *reversed([*(_once(row) for row in counted if _is_once(row)), *mine])]


def for_family(this: Step, case_id: int) -> list[Explained]:
    """What a family is told of its money: what the register holds or was given, never what is only proposed; all
    changes of the benefits that the case granted or changed, newest first."""
    once = [_once(row) for row in calculations.of_case(this.session, case_id) if _is_once(row)]
    changed = [shown for row, shown in _explained(calculations.changes_around(this.session, case_id)) if _matters(row)]
    return [*reversed(changed), *reversed(once)]


def of_benefit(this: Step, benefit_id: int) -> dict[int, Explained]:
    """What explains each change of a benefit that the actor may see, by the change's id."""
    if not sees(this):
        return {}
    changed = calculations.changes_of_benefit(this.session, benefit_id)
    return {row["id"]: shown for row, shown in _explained(changed) if shown.lines}


def sees(this: Step) -> bool:
    """Whether the actor's roles see formulas, which name incomes and who is ill or disabled in the family."""
    return this.runtime.scope.visible_fields(this.runtime.scope.roles_of(this.actor), FORM).visible


def _matters(row: Mapping[str, Any]) -> bool:
    return row["lines"] is not None or row["before"] != row["after"]


def _is_once(row: Mapping[str, Any]) -> bool:
    return row["settled_at"] is not None and row["change_id"] is None


def _explained(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Explained]]:
    """Every change beside what it means, with the lines that its benefit had before."""
    stood: dict[int, Sequence[Mapping[str, Any]] | None] = {}
    for row in rows:
        before = stood.get(row["benefit_id"])
        yield row, _change(row, before)
        if row["lines"] is not None:
            stood[row["benefit_id"]] = row["lines"]
        elif row["before"] != row["after"]:
            stood[row["benefit_id"]] = None  # not explained: what follows has nothing to be compared with


def _change(row: Mapping[str, Any], before: Sequence[Mapping[str, Any]] | None) -> Explained:
    first = row["kind"] == FIRST
    return Explained(
        kind=row["kind"],
        category=row["category"],
        month=in_words(row["month"]),
        before="" if first else yuan(row["before"]),
        after=yuan(row["after"]),
        difference=yuan(abs(row["after"] - row["before"])),
        rises=row["after"] > row["before"],
        reason="" if first else row["reason"],
        lines=_lines(row["lines"] or (), () if first else before or ()),
        total=_total(row["lines"] or ()),
        compares=bool(before) and not first,
    )


def _pending(this: Step, row: Mapping[str, Any]) -> Explained:
    changed = calculations.changes_of_benefit(this.session, row["benefit_id"]) if row["benefit_id"] else []
    now = changed[-1]["after"] if changed else 0
    total = sum(line["amount"] for line in row["lines"])
    return Explained(
        kind="",
        category="",
        month="",
        before=yuan(now) if changed else "",
        after=yuan(total),
        difference=yuan(abs(total - now)),
        rises=total > now,
        reason="",
        lines=_lines(row["lines"], _stands(changed)),
        total=yuan(total),
        compares=bool(_stands(changed)),
    )


def _stands(changed: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The lines by which a benefit is paid after these changes, as far as they are known."""
    last = next((row for row in reversed(changed) if _matters(row)), None)
    return (last["lines"] or ()) if last else ()


def _once(row: Mapping[str, Any]) -> Explained:
    given = yuan(row["amount"])
    lines, total = _lines(row["lines"], ()), _total(row["lines"])
    return Explained("单次", "", "", "", given, given, True, "", lines, total, False)


def _total(lines: Sequence[Mapping[str, Any]]) -> str:
    return yuan(sum(line["amount"] for line in lines))


def _lines(now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """Each line beside the one that it takes the place of: that of the same name, else one of the same kind; then
    those that are gone."""
    names, left = {line["item"] for line in now}, list(before)
    found = []
    for line in now:
        was = next((one for one in left if one["item"] == line["item"]), None) or next(
            (one for one in left if one["kind"] == line["kind"] and one["item"] not in names), None
        )
        if was is not None:
            left.remove(was)
        amount = yuan(line["amount"])
        found.append(Line(line["item"], line["formula"], line["basis"], yuan(was["amount"]) if was else "", amount))
    return (*found, *(Line(one["item"], GONE, "", yuan(one["amount"]), "") for one in left))


def in_words(month: str) -> str:
    """`2026年5月` of `2026-05`."""
    return f"{month[:4]}年{int(month[5:])}月"
