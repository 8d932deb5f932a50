"""Hides posts: a role at a unit from one day to another, and who holds it on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, ColumnElement, Select, and_, delete, insert, or_, select

from engine.people.errors import AccountUnknown, PostBackwards, UnitUnknown
from engine.store.tables import account, post, unit

if TYPE_CHECKING:
    from engine.store.database import Session


def grant(
    session: Session,
    account_id: str,
    role: str,
    unit_id: str,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> None:
    """Give an account a role at a unit, both days included (None: open); given again, the new days replace the old.

    So a substitute gets the days of an absence, and the person absent a post that begins on the day of return.
    Raises `AccountUnknown`, `UnitUnknown` or `PostBackwards`.
    """
    if valid_from and valid_to and valid_to < valid_from:
        raise PostBackwards(account_id, role, unit_id)
    if session.scalar(select(account.c.id).where(account.c.id == account_id)) is None:
        raise AccountUnknown(account_id)
    if session.scalar(select(unit.c.id).where(unit.c.id == unit_id)) is None:
        raise UnitUnknown(unit_id)
    withdraw(session, account_id, role, unit_id)
    row = {"account_id": account_id, "role": role, "unit_id": unit_id, "valid_from": valid_from, "valid_to": valid_to}
    session.execute(insert(post).values(row))


def withdraw(session: Session, account_id: str, role: str, unit_id: str) -> None:
    """Take a post away as if it had never been; to end it on a day, `grant` it again with `valid_to`."""
    this_post = and_(post.c.account_id == account_id, post.c.role == role, post.c.unit_id == unit_id)
    session.execute(delete(post).where(this_post))


def holders(session: Session, role: str, unit_id: str, today: date) -> list[str]:
    """Accounts, in order of their ids, that hold the role at the unit on `today` and may sign in."""
    query = _valid_posts(today).where(post.c.role == role, post.c.unit_id == unit_id)
    return [row.account_id for row in session.execute(query.order_by(post.c.account_id))]


def held(session: Session, today: date) -> frozenset[tuple[str, str]]:
    """Every (role, unit id) that somebody holds on `today`; one statement, for the gate and for reports."""
    return frozenset((row.role, row.unit_id) for row in session.execute(_valid_posts(today)))


def unheld(session: Session, roles: Iterable[str], today: date) -> list[str]:
    """Those of `roles` that nobody holds anywhere on `today`, in the order given."""
    somewhere = {role for role, _unit_id in held(session, today)}
    return [role for role in dict.fromkeys(roles) if role not in somewhere]


def post_valid(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Condition: the post is held on `day`."""
    return and_(
        or_(post.c.valid_from.is_(None), post.c.valid_from <= day),
        or_(post.c.valid_to.is_(None), post.c.valid_to >= day),
    )


def unit_valid(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Condition: the unit exists on `day`."""
    return and_(
        or_(unit.c.valid_from.is_(None), unit.c.valid_from <= day),
        or_(unit.c.valid_to.is_(None), unit.c.valid_to >= day),
    )


def _valid_posts(today: date) -> Select[tuple[str, str, str]]:
    query = select(post.c.account_id, post.c.role, post.c.unit_id)
    joined = query.join(account, account.c.id == post.c.account_id).join(unit, unit.c.id == post.c.unit_id)
    return joined.where(account.c.active, post_valid(today), unit_valid(today))
