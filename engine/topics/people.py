"""近亲属: has a household relatives among those who handle the case or sit on the village committee? (SP2, E-12)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from engine.store import registers, tables
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

SIDES = ("application", "hukou", "residence")
FILED = {
    "member": "备案对象",
    "relation": "备案关系",
    "relative": "备案近亲属",
    "duty": "备案近亲属职务",
    "avoidance": "回避安排",
}
PLACES = ("county", *(f"{side}_{kind}" for side in SIDES for kind in ("township", "village")))


@topic("near_relative.match", provides=("近亲属命中", "近亲属线索"))
def match(work: Work) -> dict[str, Any]:
    """What the household declared, and namesakes of its members and supporters among the staff of the case's units."""
    file = work.file()
    declared = [
        str(values.get("nearRelativeWho") or "已申明")
        for values in file.values()
        if values.get("nearRelativeDeclared") in ("是", "1", "yes", True)
    ]
    names = set(_names(file))
    a, p = tables.account, tables.post
    units = [unit for unit in (work.unit(place) for place in PLACES) if unit]
    query = select(a.c.name).distinct().join(p, p.c.account_id == a.c.id).where(p.c.unit_id.in_(units))
    hits = sorted(name for name in work.move.step.session.execute(query).scalars() if name in names)
    clues = [f"申明：{who}" for who in declared] + [f"同名：{name}" for name in hits]
    return {"近亲属命中": bool(clues), "近亲属线索": "；".join(clues)}


@topic("near_relative.file", writes=True)
def file(work: Work) -> None:
    """Enter in the register what the clerk filed (S0-17): a visit follows to all that are on it (S2-29)."""
    move, n = work.move, registers.near_relative
    row = {column: lookup.said(work, fact) or "" for column, fact in FILED.items()}
    kept = {"case_id": move.case["id"], "at": move.step.now, "by_name": move.step.actor.name}
    move.step.session.execute(delete(n).where(n.c.case_id == move.case["id"]))
    move.step.session.execute(insert(n).values({**row, **kept}))
    text = f"{row['member']}：{row['relative']}（{row['duty']}）的{row['relation']}"
    move.record("register", "登记近亲属备案", node_id=work.node.id, details={"text": text})


def _names(file: dict[str, dict[str, Any]]) -> Iterator[str]:
    for values in file.values():
        for rows in (values.get("members"), values.get("supporters")):
            for row in rows or ():
                if isinstance(row, dict) and row.get("name"):
                    yield str(row["name"])
