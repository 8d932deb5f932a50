"""Village assistants: every village of a township with whoever is assistant there today (S2-19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock.days import day_of
from engine.people import accounts, posts
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

ASSISTANT = "village_assistant"


@topic("assistant.list", provides=("村名单", "村数"))
def listing(work: Work) -> dict[str, Any]:
    """The villages of the case's township: 村 (unit id), 村名称, 协理员姓名, 协理员人数 (0 where nobody is)."""
    move = work.move
    session, units, today = move.step.session, move.step.runtime.units, day_of(move.step.now)
    township = work.unit("hukou_township")
    villages = [unit for unit in units.children(township) if unit.kind == "village"] if township else []
    found = []
    for village in villages:
        there = posts.holders(session, ASSISTANT, village.id, today)
        names = [known.name for each in there if (known := accounts.find(session, each, today))]
        said = {"村": village.id, "村名称": village.name, "协理员姓名": "、".join(names), "协理员人数": len(names)}
        found.append({**said, "applicantName": village.name})
    without = [str(row["村名称"]) for row in found if not row["协理员人数"]]
    text = f"{len(found)}个村（社区），没有协理员的：{'、'.join(without) or '没有'}"
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": text})
    return {"村名单": found, "村数": len(found)}
