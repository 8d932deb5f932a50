"""近亲属: has a household relatives among those who handle the case or sit on the village committee? (SP2, E-12)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.store import tables
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

SIDES = ("application", "hukou", "residence")
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


def _names(file: dict[str, dict[str, Any]]) -> Iterator[str]:
    for values in file.values():
        for rows in (values.get("members"), values.get("supporters")):
            for row in rows or ():
                if isinstance(row, dict) and row.get("name"):
                    yield str(row["name"])
