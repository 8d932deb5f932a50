"""Prolongs a running limit, once and only before it has run out: an act that somebody has approved (D19, E-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.named import split
from engine.cases import ledgers
from engine.clock.limits import parse_limit
from engine.topics import lookup, text
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work


@topic("clock.extend", provides=("延长结果", "延长后到期日"), parameters=("to", "reason"), writes=True)
def extend(work: Work) -> dict[str, Any]:
    """Prolong the running limit of `limit` (ids) to `to` in all, for the `reason` with its `{names}` filled.

    `延长结果` is 已延长, 时限已过, 已经延长过 or 不能再延长; the diagram says what follows.
    """
    reason = text.fill(work.parameter("reason"), lambda name: lookup.value(work, name))
    result, day = ledgers.extend(
        work.move, split(work.parameter("limit")), parse_limit(work.parameter("to")), reason, work.node.name
    )
    if day is None:
        work.move.record("topic", f"没有延长：{result}", node_id=work.node.id, details={"text": reason})
    return {"延长结果": result, "延长后到期日": day}
