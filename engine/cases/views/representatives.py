"""The lists of 评议代表 that a township keeps, and the rounds of votes that its villages held (S4-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.people import representatives
from engine.people.actor import Actor
from engine.people.representatives import Representative
from engine.people.units import Unit
from engine.store import tables
from engine.store.appraisal import appraisal, appraisal_seat
from engine.store.supervision import draw

KEEPERS = frozenset({"civil_affairs_clerk"})
READERS = KEEPERS | {"appraisal_host", "deputy_head", "township_head"}
ROUNDS = 30


@dataclass(frozen=True)
class Village:
    """A village with its representatives of today and those who have left."""

    unit: Unit
    serving: list[Representative]
    left: list[Representative]


@dataclass(frozen=True)
class Round:
    """One round of votes: how many came, and what they thought; never who said what."""

    case_id: int
    case_number: str
    applicant: str
    village: str
    number: int
    draw_number: str
    opened_at: datetime
    closed_at: datetime | None
    drawn: int
    voted: int
    recused: int
    quorum: bool | None
    opinion: str


@dataclass(frozen=True)
class RepresentativesPage:
    """Villages in the actor's township, whether the actor keeps their lists, and their newest rounds."""

    villages: list[Village]
    may_keep: bool
    rounds: list[Round]


def may_look(actor: Actor) -> bool:
    """Whether the menu shows the lists."""
    return bool(READERS & actor.roles)


def page(this: Step) -> RepresentativesPage:
    """The lists of the actor's townships; empty for anybody else."""
    units, today = villages(this), day_of(this.now)
    found = representatives.listing(this.session, [unit.id for unit in units])
    listed = [
        Village(
            unit,
            [one for one in found if one.village_id == unit.id and (one.until is None or one.until >= today)],
            [one for one in found if one.village_id == unit.id and one.until is not None and one.until < today],
        )
        for unit in units
    ]
    return RepresentativesPage(listed, bool(KEEPERS & this.actor.roles), _rounds(this, units))


def villages(this: Step, roles: frozenset[str] = READERS) -> list[Unit]:
    """The villages of the townships at which the actor holds one of these posts."""
    townships = {post.unit_id for post in this.actor.posts if post.role in roles}
    return [unit for unit in this.runtime.units if unit.kind == "village" and unit.parent_id in townships]


def kept(this: Step, village_id: str) -> Unit | None:
    """The village, if the actor keeps its list."""
    return next((unit for unit in villages(this, KEEPERS) if unit.id == village_id), None)


def _rounds(this: Step, units: Sequence[Unit]) -> list[Round]:
    c, a, s = tables.case.c, appraisal.c, appraisal_seat.c
    query = (
        select(appraisal, c.number.label("case_number"), c.applicant_name, draw.c.number.label("draw_number"))
        .join(tables.case, c.id == a.case_id)
        .join(draw, draw.c.id == a.draw_id)
        .where(a.village_id.in_([unit.id for unit in units]), this.runtime.scope.visible_cases(this.actor))
        .order_by(a.id.desc())
        .limit(ROUNDS)
    )
    rows = this.session.execute(query).mappings().all()
    counted = select(s.appraisal_id, s.state, func.count().label("count")).group_by(s.appraisal_id, s.state)
    counts: dict[int, dict[str, int]] = {}
    for row in this.session.execute(counted.where(s.appraisal_id.in_([row["id"] for row in rows]))):
        counts.setdefault(row.appraisal_id, {})[row.state] = int(row[2])
    return [_round(this, {**row}, counts.get(row["id"], {})) for row in rows]


def _round(this: Step, row: Mapping[str, Any], counts: Mapping[str, int]) -> Round:
    village = this.runtime.units.find(row["village_id"])
    return Round(
        case_id=row["case_id"],
        case_number=row["case_number"],
        applicant=row["applicant_name"] or "",
        village=village.name if village else "",
        number=row["round"],
        draw_number=row["draw_number"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        drawn=sum(counts.values()),
        voted=counts.get("已表决", 0),
        recused=counts.get("已回避", 0),
        quorum=row["quorum"],
        opinion=row["opinion"] or "",
    )
