"""What everybody may read of draws: numbers, seed and checksum, never a name (一公开, S2-46)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, func, select

from engine.people.units import Units
from engine.store.supervision import draw, draw_item, finding, seed_commitment
from engine.supervision import draw as inspections
from engine.supervision import representatives
from engine.supervision.draw import DrawImpossible

if TYPE_CHECKING:
    from engine.store.database import Session


@dataclass(frozen=True, slots=True)
class Published:
    """One draw as the public sees it, with how far it has got."""

    number: str
    kind: str
    unit_name: str
    period: str
    size: int
    drawn: int
    done: int
    wrong: int
    seed: str
    digest: str
    at: datetime
    committed_at: datetime | None  # when the checksum of its seed was published


@dataclass(frozen=True, slots=True)
class Promised:
    """A seed whose checksum is published and that hasn't drawn yet."""

    kind: str
    unit_name: str
    period: str
    digest: str
    at: datetime


def promised(session: Session, units: Units, paths: tuple[str, ...] = ("/",)) -> list[Promised]:
    """The seeds of units under one of `paths` that wait for their draw, newest first."""
    s = seed_commitment.c
    query = select(s.unit_id, s.unit_path, s.kind, s.period, s.digest, s.at).where(s.draw_id.is_(None))
    rows = session.execute(query.order_by(s.id.desc()).limit(100)).all()
    return [
        Promised(row.kind, unit.name if (unit := units.find(row.unit_id)) else "", row.period, row.digest, row.at)
        for row in rows
        if row.unit_path.startswith(paths)
    ]


def listing(session: Session, units: Units, paths: tuple[str, ...] = ("/",)) -> list[Published]:
    """The newest hundred draws of units under one of `paths`, newest first."""
    query = select(draw).order_by(draw.c.id.desc()).limit(100)
    rows = [row for row in session.execute(query).mappings() if row["unit_path"].startswith(paths)]
    ids = [row["id"] for row in rows]
    i = draw_item.c
    counted = select(i.draw_id, func.count(i.result), func.count(finding.c.id.distinct()))
    counted = counted.outerjoin_from(draw_item, finding, finding.c.draw_item_id == i.id).where(i.draw_id.in_(ids))
    done = {row[0]: (row[1], row[2]) for row in session.execute(counted.group_by(i.draw_id))}
    s = seed_commitment.c
    before = {row.draw_id: row.at for row in session.execute(select(s.draw_id, s.at).where(s.draw_id.in_(ids)))}
    return [_published(row, units, *done.get(row["id"], (0, 0)), before.get(row["id"])) for row in rows]


def document(session: Session, number: str) -> Mapping[str, Any]:
    """The document of a draw by its number; `DrawImpossible` when there is none."""
    found = session.execute(select(draw.c.document).where(draw.c.number == number)).scalar_one_or_none()
    if found is None:
        raise DrawImpossible(f"没有编号为「{number}」的抽取，也没有这个文件，请核对")
    return dict(found)


def verify(found: Mapping[str, Any]) -> list[str]:
    """What of a document, of either kind, doesn't come out when it is run again. `DrawImpossible` if unreadable."""
    if found.get("algorithm") == representatives.ALGORITHM:
        return representatives.verify(found)
    return inspections.verify(found)


def _published(row: RowMapping, units: Units, done: int, wrong: int, committed_at: datetime | None) -> Published:
    unit = units.find(row["unit_id"])
    names = ("number", "kind", "period", "size", "drawn", "seed", "digest", "at")
    said = {name: row[name] for name in names}
    unit_name = unit.name if unit else ""
    return Published(**said, unit_name=unit_name, done=done, wrong=wrong, committed_at=committed_at)
