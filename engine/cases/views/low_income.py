"""The ledger of lists of low-income families: the department sees its own, the county's civil affairs all (S1-64)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, false, func, or_, select

from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.people.actor import Actor
from engine.registers.low_income import LINE, PUSH
from engine.store import tables

C = tables.case
COUNTY = ("county_clerk", "county_head", "supervisor")
LIAISON = "liaison"


@dataclass(frozen=True)
class List:
    """One department's list and how far it has got."""

    id: int
    case_id: int
    case_number: str
    unit: str
    scope: str
    per: str
    columns: Sequence[str]
    size: int
    households: int
    offered: int
    state: str
    sent_at: datetime | None
    received_at: datetime | None
    answered_at: datetime | None
    liaison: str
    said: str


@dataclass(frozen=True)
class Line:
    """One row of a list."""

    seq: int
    cells: Sequence[str]
    offer: str
    note: str


@dataclass(frozen=True)
class Ledger:
    """One page of the ledger."""

    rows: list[List]
    total: int
    page: int
    pages: int


def may_look(actor: Actor) -> bool:
    """Whether the menu shows the ledger."""
    return bool(actor.roles & {LIAISON, *COUNTY})


def ledger(this: Step, *, page: int = 1, size: int = 30) -> Ledger:
    """The lists in the actor's sight, newest first."""
    which = _sight(this)
    total = int(this.session.execute(select(func.count()).select_from(PUSH).where(which)).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    query = _query().where(which).order_by(PUSH.c.id.desc()).limit(size).offset((page - 1) * size)
    return Ledger([_list(this, row) for row in this.session.execute(query).mappings()], total, page, pages)


def of_case(this: Step, case_id: int) -> list[List]:
    """The lists of one case that the actor may see."""
    query = _query().where(PUSH.c.case_id == case_id, _sight(this)).order_by(PUSH.c.id)
    return [_list(this, row) for row in this.session.execute(query).mappings()]


def one(this: Step, push_id: int) -> tuple[List, list[Line]]:
    """A list with its lines; `CaseNotFound` outside the actor's sight."""
    row = this.session.execute(_query().where(PUSH.c.id == push_id, _sight(this))).mappings().one_or_none()
    if row is None:
        raise CaseNotFound
    query = select(LINE).where(LINE.c.push_id == push_id).order_by(LINE.c.seq)
    lines = [
        Line(each["seq"], each["cells"], each["offer"] or "", each["note"] or "")
        for each in this.session.execute(query).mappings()
    ]
    return _list(this, row), lines


def _sight(this: Step) -> ColumnElement[bool]:
    """A department its own lists, once they have been sent; the county's civil affairs those of the county."""
    own = [post.unit_id for post in this.actor.posts if post.role == LIAISON]
    units = (this.runtime.units.find(post.unit_id) for post in this.actor.posts if post.role in COUNTY)
    paths = [unit.path for unit in units if unit]
    sent = PUSH.c.unit_id.in_(own) & (PUSH.c.state != "待推送")
    return or_(sent if own else false(), PUSH.c.county_path.in_(paths))


def _query() -> Any:
    offered = (
        select(func.count())
        .where(LINE.c.push_id == PUSH.c.id, LINE.c.offer.is_not(None))
        .correlate(PUSH)
        .scalar_subquery()
    )
    return select(PUSH, C.c.number.label("case_number"), offered.label("offered")).join(C, C.c.id == PUSH.c.case_id)


def _list(this: Step, row: RowMapping) -> List:
    unit = this.runtime.units.find(row["unit_id"])
    same = (
        *("id", "case_id", "case_number", "scope", "per", "columns", "size", "households", "offered", "state"),
        *("sent_at", "received_at", "answered_at"),
    )
    return List(
        **{name: row[name] for name in same},
        liaison=row["liaison"] or "",
        said=row["said"] or "",
        unit=unit.name if unit else "",
    )
