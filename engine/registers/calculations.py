"""How amounts came about, line by line: counted for a case, settled once the register or a payment takes the amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, insert, select, update

from engine.store import registers

if TYPE_CHECKING:
    from engine.store.database import Session

B, C, K = registers.benefit, registers.benefit_change, registers.calculation


def count(session: Session, case_id: int, benefit: str, lines: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Keep what was counted for a case, of a benefit that exists already by its number or "". Lines: item, kind,
    formula, amount (分), basis."""
    known = select(B.c.id).where(B.c.number == benefit).scalar_subquery()
    session.execute(insert(K).values(case_id=case_id, benefit_id=known, at=at, lines=list(lines)))


def settle(session: Session, case_id: int, benefit_id: int | None, amount: int, at: datetime) -> None:
    """What was counted last for the case explains the change that it just made to a benefit, or what it gave once.

    Nothing paid (`amount` 0) has no lines: why, the change says.
    """
    mine = select(func.max(C.c.id)).where(C.c.benefit_id == benefit_id, C.c.case_id == case_id).scalar_subquery()
    columns: dict[str, Any] = {"benefit_id": benefit_id, "change_id": mine, "settled_at": at, "amount": amount}
    if not amount:
        columns["lines"] = []
    last = select(func.max(K.c.id)).where(K.c.case_id == case_id).scalar_subquery()
    session.execute(update(K).where(K.c.id == last, K.c.settled_at.is_(None)).values(columns))


def give_back(session: Session, case_id: int, benefit_id: int, at: datetime) -> None:
    """A case that took its own change back: the benefit is explained again as it was before."""
    mine = select(C.c.id, C.c.after).where(C.c.benefit_id == benefit_id, C.c.case_id == case_id).order_by(C.c.id.desc())
    now, undone = session.execute(mine.limit(2)).all()
    before = select(K.c.lines).where(K.c.benefit_id == benefit_id, K.c.change_id < undone.id)
    lines = session.execute(before.order_by(K.c.change_id.desc()).limit(1)).scalar_one_or_none()
    if lines is not None:
        known = {"case_id": case_id, "benefit_id": benefit_id, "change_id": now.id, "amount": now.after}
        session.execute(insert(K).values(**known, at=at, settled_at=at, lines=lines))


def of_case(session: Session, case_id: int) -> list[Mapping[str, Any]]:
    """What was counted for a case, oldest first: what was settled, and the last one."""
    rows = [{**row} for row in session.execute(select(K).where(K.c.case_id == case_id).order_by(K.c.id)).mappings()]
    return [row for row in rows if row["settled_at"] is not None or row is rows[-1]]


def changes_of_benefit(session: Session, benefit_id: int) -> list[Mapping[str, Any]]:
    """The changes of a benefit, with its category and what explains each (`lines`, else None); oldest first."""
    return _changes(session, C.c.benefit_id == benefit_id)


def changes_around(session: Session, case_id: int) -> list[Mapping[str, Any]]:
    """The same of all benefits that a case granted or changed."""
    return _changes(session, C.c.benefit_id.in_(select(C.c.benefit_id).where(C.c.case_id == case_id)))


def _changes(session: Session, wanted: ColumnElement[bool]) -> list[Mapping[str, Any]]:
    with_lines = select(C, B.c.category, K.c.lines).join(B, B.c.id == C.c.benefit_id)
    query = with_lines.outerjoin(K, K.c.change_id == C.c.id).where(wanted)
    return [{**row} for row in session.execute(query.order_by(C.c.id)).mappings()]
