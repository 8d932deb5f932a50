"""Which confirmations the county checks at once: at least a share of each month's, drawn one by one (F3 §16, A-13)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn.diagram import pairs
from engine.cases import numbers
from engine.clock.days import day_of
from engine.store import tables
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work


@topic("confirm.sample", provides=("县级抽查",), parameters=("share", "tell"), writes=True)
def sample(work: Work) -> dict[str, Any]:
    """Draw this case with the chance of `share` percent, and surely if its township's month would fall below it.

    So every township has at least one each month. The drawn one is told to the roles of `tell`.
    """
    move, share = work.move, int(work.parameter("share", "30"))
    name = f"sample:{move.case['procedure']}:{move.case['item']}:{move.case['unit_id']}:{day_of(move.step.now):%Y-%m}"
    confirmed = numbers.next_value(move.step, f"{name}:n")
    needed = -(-confirmed * share // 100)
    drawn = _drawn(work, f"{name}:k") < needed or secrets.randbelow(100) < share
    if drawn:
        numbers.next_value(move.step, f"{name}:k")
        said = f"{move.case['number']} {move.case['applicant_name']}：已抽中，请按不低于{share}%的比例入户抽查。"
        for role, place in pairs(work.parameter("tell")):
            move.tell(f"{work.token.id}:{role}@{place}", "通知", "县级抽查", said, role=role, place=place)
    move.record("topic", "县级抽查：抽中" if drawn else "县级抽查：没有抽中", node_id=work.node.id)
    return {"县级抽查": drawn}


def _drawn(work: Work, name: str) -> int:
    c = tables.counter
    return work.move.step.session.execute(select(c.c.value).where(c.c.name == name)).scalar_one_or_none() or 0
