"""Comparison of the registers by themselves: what in one of them doesn't go with a benefit in force (S2-17).

Each indicator is one statement over all benefits of a unit, however many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, or_, select

from engine.clock.days import day_of
from engine.registers import exclusion
from engine.registers.amounts import yuan
from engine.registers.benefits import LIVE
from engine.store import registers
from engine.store.declarations import declaration

if TYPE_CHECKING:
    from engine.store.database import Session

B, P, H = registers.benefit, registers.person, registers.household
M, C, D = registers.household_member, registers.benefit_change, declaration
RAISED = ("增发", "减发")


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked at: the declarations asked for before `asked_before`; changes recorded since `changed_since` by
    at least `share` per cent; what may not go together says items.toml in `policy`."""

    unit_path: str
    asked_before: datetime
    changed_since: datetime
    share: int
    policy: Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One indicator of one benefit, in words; `died` when the holder did."""

    benefit_id: int
    indicator: str
    text: str
    died: date | None = None


def in_receipt(session: Session, unit_path: str) -> dict[int, Mapping[str, Any]]:
    """The benefits of the unit that are in force, by id: number, item, holder, id_no."""
    query = select(B.c.id, B.c.number, B.c.item, P.c.name, P.c.id_no).select_from(B).join(P, P.c.id == B.c.person_id)
    query = query.where(*_below(unit_path)).order_by(B.c.id)
    return {row["id"]: {**row} for row in session.execute(query).mappings()}


def compare(session: Session, indicators: Collection[str], criteria: Criteria) -> list[Finding]:
    """What the wanted indicators find, in their order. `KeyError` for an indicator that doesn't exist."""
    return [found for name in indicators for found in INDICATORS[name](session, criteria)]


def _died(session: Session, criteria: Criteria) -> Iterator[Finding]:
    lives_there = and_(M.c.household_id == B.c.household_id, M.c.until.is_(None), M.c.co_living)
    in_home = select(M.c.id).where(lives_there, M.c.person_id == P.c.id).exists()
    dead = or_(P.c.id == B.c.person_id, and_(B.c.persons > 1, in_home))
    query = select(B.c.id, B.c.person_id, P.c.id.label("dead"), P.c.name, P.c.died_on).select_from(B).join(P, dead)
    query = query.where(*_below(criteria.unit_path), P.c.died_on.is_not(None)).order_by(B.c.id, P.c.id)
    for row in session.execute(query):
        holder = row.dead == row.person_id
        what = "待遇仍在发放" if holder else "仍计入保障人口"
        yield Finding(row.id, "死亡", f"{row.name}{row.died_on}去世，{what}", row.died_on if holder else None)


def _moved(session: Session, criteria: Criteria) -> Iterator[Finding]:
    elsewhere = func.substr(H.c.unit_path, 1, func.length(B.c.unit_path)) != B.c.unit_path
    query = select(B.c.id, H.c.until).select_from(B).join(H, H.c.id == B.c.household_id)
    query = query.where(*_below(criteria.unit_path), or_(H.c.until.is_not(None), elsewhere)).order_by(B.c.id)
    for row in session.execute(query):
        how = f"户已于{row.until}注销" if row.until else "户籍已经不在本乡镇（街道）"
        yield Finding(row.id, "迁出", f"{how}，待遇没有迁移")


def _two_benefits(session: Session, criteria: Criteria) -> Iterator[Finding]:
    other = B.alias("other")
    theirs = and_(other.c.person_id == B.c.person_id, other.c.id < B.c.id, other.c.status.in_(LIVE))
    query = select(B.c.id, B.c.item, other.c.item.label("with"), other.c.number).select_from(B).join(other, theirs)
    for row in session.execute(query.where(*_below(criteria.unit_path)).order_by(B.c.id, other.c.id)).mappings():
        if row["with"] in exclusion.excluded_by(criteria.policy, row["item"]):
            yield Finding(row["id"], "同享", f"同一人另有{row['with']}（{row['number']}），与{row['item']}不能同时享受")


def _two_homes(session: Session, criteria: Criteria) -> Iterator[Finding]:
    mine, theirs, other = M.alias("mine"), M.alias("theirs"), B.alias("other")
    again = and_(theirs.c.person_id == mine.c.person_id, theirs.c.household_id != mine.c.household_id)
    query = select(B.c.id, P.c.name, other.c.number).distinct().select_from(B)
    query = query.join(mine, mine.c.household_id == B.c.household_id).join(theirs, again)
    query = query.join(other, other.c.household_id == theirs.c.household_id).join(P, P.c.id == mine.c.person_id)
    counts = (each for m in (mine, theirs) for each in (m.c.until.is_(None), m.c.co_living))
    living = (*counts, other.c.status.in_(LIVE), other.c.id < B.c.id)
    for row in session.execute(query.where(*_below(criteria.unit_path), *living).order_by(B.c.id, P.c.name)):
        yield Finding(row.id, "两户", f"{row.name}同时在另一户在享家庭（{row.number}）里")


def _not_declared(session: Session, criteria: Criteria) -> Iterator[Finding]:
    silent = (D.c.said_at.is_(None), D.c.closed_at.is_(None), D.c.opened_at < criteria.asked_before)
    query = select(B.c.id, D.c.opened_at).select_from(B).join(D, D.c.benefit_id == B.c.id)
    for row in session.execute(query.where(*_below(criteria.unit_path), *silent).order_by(B.c.id)):
        yield Finding(row.id, "未申报", f"{day_of(row.opened_at)}通知定期申报，至今没有申报")


def _big_change(session: Session, criteria: Criteria) -> Iterator[Finding]:
    by = func.abs(C.c.after - C.c.before) * 100 >= C.c.before * criteria.share
    big = (C.c.kind.in_(RAISED), C.c.before > 0, C.c.at >= criteria.changed_since, by)
    query: Select[Any] = (
        select(B.c.id, C.c.kind, C.c.before, C.c.after, C.c.month).select_from(B).join(C, C.c.benefit_id == B.c.id)
    )
    for row in session.execute(query.where(*_below(criteria.unit_path), *big).order_by(B.c.id, C.c.id)):
        said = f"自{row.month}起{row.kind}，每月由{yuan(row.before)}元变为{yuan(row.after)}元"
        yield Finding(row.id, "变动大", said)


def _below(unit_path: str) -> tuple[Any, ...]:
    return B.c.unit_path.startswith(unit_path, autoescape=True), B.c.status.in_(LIVE)


INDICATORS: Mapping[str, Callable[[Session, Criteria], Iterator[Finding]]] = {
    "死亡": _died,
    "迁出": _moved,
    "同享": _two_benefits,
    "两户": _two_homes,
    "未申报": _not_declared,
    "变动大": _big_change,
}
