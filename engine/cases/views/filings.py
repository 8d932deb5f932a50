"""Lists kept beside the register of benefits: near relatives filed singly, and mandates (S0-17, S2-29, S0-08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from engine.cases.runtime import Step
from engine.cases.views.registers import seen
from engine.clock.days import day_of
from engine.store import registers, supervision, tables
from engine.supervision.population import RELATIVES

C, N, M, P, B = tables.case, registers.near_relative, registers.mandate, registers.person, registers.benefit
FILING = "near_relative_filing"  # by whose fields a reader's sight is set


@dataclass(frozen=True)
class Relative:
    """A filing: whose kin the member of the household is, how that person keeps out, and the county's visit."""

    case_id: int
    case_number: str
    applicant: str
    unit_name: str
    member: str
    relation: str
    relative: str
    duty: str
    avoidance: str
    at: datetime
    by_name: str
    visit: str


@dataclass(frozen=True)
class Mandate:
    """Who acts for whom, in what, from one day to another."""

    case_id: int
    case_number: str
    giver: str
    agent: str
    phone: str
    relation: str
    scope: str
    since: date
    valid_to: date | None
    state: str


@dataclass(frozen=True)
class Found:
    """One page of a list."""

    rows: list[Any]
    total: int
    page: int
    pages: int


def relatives(this: Step, *, page: int = 1, size: int = 25) -> Found:
    """Filings of the cases in the actor's sight, the newest first; none for who may not see such a form."""
    scope = this.runtime.scope
    if not scope.visible_fields(scope.roles_of(this.actor), FILING).sights:
        return Found([], 0, 1, 1)
    query = select(N, *_case_columns()).join(C, C.c.id == N.c.case_id)
    found = _page(this, query, N.c.id, page, size)
    visits = _visits(this, [row["case_id"] for row in found.rows])
    return Found([_relative(this, row, visits) for row in found.rows], found.total, found.page, found.pages)


def mandates(this: Step, *, page: int = 1, size: int = 25) -> Found:
    """Mandates of the cases in the actor's sight, the newest first."""
    giver = P.c.name.label("giver")
    query = select(M, giver, *_case_columns()).join(C, C.c.id == M.c.case_id).join(P, P.c.id == M.c.person_id)
    found = _page(this, query, M.c.id, page, size)
    return Found([_mandate(this, row) for row in found.rows], found.total, found.page, found.pages)


def _case_columns() -> tuple[Any, ...]:
    return C.c.number.label("case_number"), C.c.applicant_name, C.c.unit_id


def _page(this: Step, query: Select[Any], newest: Any, page: int, size: int) -> Found:
    seen = query.where(this.runtime.scope.visible_cases(this.actor))
    total = int(this.session.execute(select(func.count()).select_from(seen.subquery())).scalar_one())
    pages = max(1, -(-total // size))
    page = min(page, pages)
    rows = this.session.execute(seen.order_by(newest.desc()).limit(size).offset((page - 1) * size)).mappings()
    return Found([{**row} for row in rows], total, page, pages)


def _visits(this: Step, case_ids: list[int]) -> dict[int, str]:
    """By case, how the visit of the household stands that every filing leads to (S2-29)."""
    item, draw = supervision.draw_item, supervision.draw
    query = select(B.c.case_id, item.c.result, item.c.done_on).join(item, item.c.benefit_id == B.c.id)
    query = query.join(draw, draw.c.id == item.c.draw_id)
    query = query.where(draw.c.kind == RELATIVES, B.c.case_id.in_(case_ids)).order_by(item.c.id)
    rows = this.session.execute(query)
    return {row.case_id: f"{row.done_on} {row.result}" if row.result else "待入户" for row in rows}


def _relative(this: Step, row: Mapping[str, Any], visits: Mapping[int, str]) -> Relative:
    unit = this.runtime.units.find(row["unit_id"])
    return Relative(
        case_id=row["case_id"],
        case_number=row["case_number"],
        applicant=seen(this, "applicantName", "name", row["applicant_name"]),
        unit_name=unit.name if unit else "",
        member=seen(this, "备案对象", "name", row["member"], FILING),
        relation=row["relation"],
        relative=seen(this, "备案近亲属", "name", row["relative"], FILING),
        duty=row["duty"],
        avoidance=row["avoidance"],
        at=row["at"],
        by_name=row["by_name"],
        visit=visits.get(row["case_id"], ""),
    )


def _mandate(this: Step, row: Mapping[str, Any]) -> Mandate:
    ended = row["revoked_at"] is not None or (row["valid_to"] is not None and row["valid_to"] < day_of(this.now))
    return Mandate(
        case_id=row["case_id"],
        case_number=row["case_number"],
        giver=seen(this, "applicantName", "name", row["giver"]),
        agent=seen(this, "agentName", "name", row["agent_name"]),
        phone=seen(this, "agentPhone", "phone", row["agent_phone"]),
        relation=row["relation"] or "",
        scope=row["scope"],
        since=row["since"],
        valid_to=row["valid_to"],
        state="已撤销" if row["revoked_at"] else "已到期" if ended else "有效",
    )
