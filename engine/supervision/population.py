"""Whom a draw is made from: the register on the day of the draw, and who had a hand in each household's case."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select

from engine.people.posts import post_valid
from engine.registers.benefits import LIVE
from engine.store import registers, tables
from engine.supervision.draw import DrawImpossible, Household

if TYPE_CHECKING:
    from engine.store.database import Session

B, S = registers.benefit, tables.submission
FILES, NEW, YEARLY, RELATIVES = "档案审查", "新增抽查", "年度入户", "近亲属入户"
KINDS = (FILES, NEW, YEARLY, RELATIVES)


@dataclass(frozen=True, slots=True)
class Population:
    """The households, each one's row in the register (number -> id, township), and the first day of confirmation."""

    households: tuple[Household, ...]
    ids: dict[str, int]
    first: date | None


def find(session: Session, kind: str, unit_path: str, month: str) -> Population:
    """The population of a kind of draw under `unit_path`; `month` is the cohort's, for those confirmed in it."""
    conditions = [B.c.unit_path.startswith(unit_path, autoescape=True), *_of_kind(kind, month)]
    columns = (B.c.id, B.c.number, B.c.unit_id, B.c.item, B.c.case_id, B.c.confirmed_on)
    rows = session.execute(select(*columns).where(*conditions).order_by(B.c.number)).all()
    hands = _handlers(session, [row.case_id for row in rows])
    households = tuple(
        Household(row.number, row.unit_id, row.item, tuple(sorted(map(mark, hands.get(row.case_id, ())))))
        for row in rows
    )
    return Population(
        households, {row.number: row.id for row in rows}, min((row.confirmed_on for row in rows), default=None)
    )


def _of_kind(kind: str, month: str) -> list[ColumnElement[bool]]:
    if kind in (FILES, NEW):
        first = date.fromisoformat(f"{month}-01")
        later = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return [B.c.item == "低保", B.c.confirmed_on >= first, B.c.confirmed_on < later]
    if kind == YEARLY:
        return [B.c.item.in_(("低保", "特困")), B.c.status.in_(LIVE)]
    if kind == RELATIVES:
        return [B.c.near_relative, B.c.status.in_(LIVE)]
    raise DrawImpossible(f"没有名为「{kind}」的抽查，可用的是 {'、'.join(KINDS)}")


def mark(account_id: str) -> str:
    """How an account is named in a published draw: the same account always alike, without its sign-in name."""
    return hashlib.sha256(f"检查人\n{account_id}".encode()).hexdigest()[:12]


def inspectors(session: Session, roles: Sequence[str], unit_id: str, day: date) -> dict[str, str]:
    """The accounts that hold one of these roles at the unit on that day, by their marks."""
    a, p = tables.account, tables.post
    query = (
        select(a.c.id)
        .distinct()
        .join(p, p.c.account_id == a.c.id)
        .where(p.c.role.in_(roles), p.c.unit_id == unit_id, a.c.active, post_valid(day))
    )
    return {mark(account): account for account in session.execute(query.order_by(a.c.id)).scalars()}


def _handlers(session: Session, case_ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    accounts = select(tables.account.c.id)
    for first in range(0, len(case_ids), 500):
        query = select(S.c.case_id, S.c.by).distinct()
        query = query.where(S.c.case_id.in_(case_ids[first : first + 500]), S.c.by.in_(accounts))
        for row in session.execute(query):
            found.setdefault(row.case_id, set()).add(row.by)
    return found
