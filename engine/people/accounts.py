"""Hides where accounts are kept: finding one with today's posts in one statement, signing in, making and closing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, RowMapping, Select, and_, bindparam, insert, select, update

from engine.people.actor import Actor, Post
from engine.people.errors import AccountIdUnfit, AccountTaken, AccountUnknown
from engine.people.passwords import hash_password, matches
from engine.people.posts import post_valid, unit_valid
from engine.store.tables import account, post, unit

if TYPE_CHECKING:
    from engine.store.database import Session

_ID = re.compile(r"[a-z][a-z0-9_.-]{1,63}")


def find(session: Session, account_id: str, today: date) -> Actor | None:
    """The account with the posts it holds on `today`; None when there is none or it is closed. One statement."""
    rows = _rows(session, account_id, today)
    return _actor(rows, today) if rows else None


def name_of(session: Session, account_id: str) -> str:
    """The name of an account, open or closed; the id itself when there is none."""
    return session.scalar(select(account.c.name).where(account.c.id == account_id)) or account_id


def sign_in(session: Session, account_id: str, password: str, today: date) -> Actor | None:
    """The account, if it is open and `password` is its own; None otherwise, after the same work. One statement."""
    rows = _rows(session, account_id.strip(), today)
    stored = rows[0]["password_hash"] if rows else None
    return _actor(rows, today) if matches(stored, password) and rows else None


def create(session: Session, account_id: str, name: str, password: str, phone: str = "") -> None:
    """A new, open account without posts. Raises `AccountIdUnfit`, `AccountTaken` or `PasswordUnfit`."""
    if not _ID.fullmatch(account_id):
        raise AccountIdUnfit(account_id)
    if session.scalar(select(account.c.id).where(account.c.id == account_id)):
        raise AccountTaken(account_id)
    row = {
        "id": account_id,
        "name": name,
        "password_hash": hash_password(password),
        "active": True,
        "phone": phone or None,
    }
    session.execute(insert(account).values(row))


def set_password(session: Session, account_id: str, password: str) -> None:
    """A new password for an account. Raises `PasswordUnfit` or `AccountUnknown`."""
    _change(session, account_id, password_hash=hash_password(password))


def close(session: Session, account_id: str) -> None:
    """Nobody signs in with this account any more; what it did stays. Raises `AccountUnknown`."""
    _change(session, account_id, active=False)


def reopen(session: Session, account_id: str) -> None:
    """The account may sign in again. Raises `AccountUnknown`."""
    _change(session, account_id, active=True)


def _change(session: Session, account_id: str, **values: object) -> None:
    changed = update(account).where(account.c.id == account_id).values(values).returning(account.c.id)
    if session.scalar(changed) is None:
        raise AccountUnknown(account_id)


def _account_and_posts() -> Select[Any]:
    today = bindparam("today", type_=Date)
    held = post.join(unit, and_(post.c.unit_id == unit.c.id, unit_valid(today)))
    columns = (account.c.id, account.c.name, account.c.password_hash, post.c.role, unit.c.path)
    return (
        select(*columns, unit.c.id.label("unit_id"), unit.c.name.label("unit_name"))
        .select_from(account.outerjoin(held, and_(post.c.account_id == account.c.id, post_valid(today))))
        .where(account.c.id == bindparam("account_id"), account.c.active)
        .order_by(post.c.id)
    )


ACCOUNT_AND_POSTS = _account_and_posts()  # made once: every request asks it


def _rows(session: Session, account_id: str, today: date) -> Sequence[RowMapping]:
    return session.execute(ACCOUNT_AND_POSTS, {"account_id": account_id, "today": today}).mappings().all()


def _actor(rows: Sequence[RowMapping], today: date) -> Actor:
    posts = tuple(Post(row["role"], row["unit_id"], row["path"], row["unit_name"]) for row in rows if row["role"])
    return Actor(rows[0]["id"], rows[0]["name"], posts, day=today)
