"""Hides where accounts are kept: finding one with today's posts in one statement, signing in, making and closing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, RowMapping, Select, and_, bindparam, insert, select, update

from engine.people.actor import Actor, Post
from engine.people.errors import AccountIdUnfit, AccountTaken, AccountUnknown, PasswordUnfit
from engine.people.passwords import First, hash_password, matches
from engine.people.posts import post_valid, unit_valid
from engine.store.tables import account, post, unit

if TYPE_CHECKING:
    from engine.store.database import Session

ID = re.compile(r"[a-z][a-z0-9_.-]{1,63}")


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in: `mark` changes with the password; `initial` while the password is one that somebody else gave."""

    actor: Actor
    mark: str
    initial: bool


def load(session: Session, account_id: str, today: date) -> Account | None:
    """The account with the posts it holds on `today`; None when there is none or it is closed. One statement."""
    rows = _rows(session, account_id, today)
    return _account(rows, today) if rows else None


def find(session: Session, account_id: str, today: date) -> Actor | None:
    """Whom the account lets act on `today`; None when there is none or it is closed. One statement."""
    found = load(session, account_id, today)
    return found.actor if found else None


def name_of(session: Session, account_id: str) -> str:
    """The name of an account, open or closed; the id itself when there is none."""
    return session.scalar(select(account.c.name).where(account.c.id == account_id)) or account_id


def names_of(session: Session, account_ids: Iterable[str]) -> dict[str, str]:
    """The names of the accounts that exist among these, by id; one statement, none for nobody."""
    wanted = sorted(set(account_ids))
    query = select(account.c.id, account.c.name).where(account.c.id.in_(wanted))
    return {row.id: row.name for row in session.execute(query)} if wanted else {}


def sign_in(session: Session, account_id: str, password: str, today: date) -> Account | None:
    """The account, if it is open and `password` is its own; None otherwise, after the same work. One statement."""
    rows = _rows(session, account_id.strip(), today)
    stored = rows[0]["password_hash"] if rows else None
    return _account(rows, today) if matches(stored, password) and rows else None


def create(session: Session, account_id: str, name: str, password: str, phone: str = "") -> None:
    """A new, open account without posts. Raises `AccountIdUnfit`, `AccountTaken` or `PasswordUnfit`."""
    add(session, account_id, name, hash_password(password), phone)


def add(session: Session, account_id: str, name: str, stored: str, phone: str = "", *, initial: bool = False) -> None:
    """The same with a password that is hashed already; `initial` if somebody else hands it out."""
    if not ID.fullmatch(account_id):
        raise AccountIdUnfit(account_id)
    if session.scalar(select(account.c.id).where(account.c.id == account_id)):
        raise AccountTaken(account_id)
    row = {
        "id": account_id,
        "name": name,
        "password_hash": stored,
        "active": True,
        "phone": phone or None,
        "initial": initial,
    }
    session.execute(insert(account).values(row))


def set_password(session: Session, account_id: str, password: str) -> None:
    """A new password for an account; whoever is signed in with the old one no longer is. Raises `PasswordUnfit` or
    `AccountUnknown`."""
    _change(session, account_id, password_hash=hash_password(password), initial=False)


def hand_out(session: Session, account_id: str, first: First) -> None:
    """A password that somebody else hands out, to be changed when signing in. Raises `AccountUnknown`."""
    _change(session, account_id, password_hash=first.stored, initial=True)


def change_password(session: Session, account_id: str, old: str, new: str, today: date) -> Account | None:
    """The account's own new password, if `old` is its present one; None otherwise. Raises `PasswordUnfit`, also when
    nothing changes or the password is the sign-in name or the phone."""
    found = sign_in(session, account_id, old, today)
    if found is None:
        return None
    phone = session.scalar(select(account.c.phone).where(account.c.id == account_id))
    if new == old or new.lower() in {account_id, phone}:
        raise PasswordUnfit("新密码不能和原来的一样，也不能就是登录名或者手机号码。")
    set_password(session, account_id, new)
    return load(session, account_id, today)


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
    columns = (*(account.c[name] for name in ("id", "name", "password_hash", "initial")), post.c.role, unit.c.path)
    return (
        select(*columns, unit.c.id.label("unit_id"), unit.c.name.label("unit_name"))
        .select_from(account.outerjoin(held, and_(post.c.account_id == account.c.id, post_valid(today))))
        .where(account.c.id == bindparam("account_id"), account.c.active)
        .order_by(post.c.id)
    )


ACCOUNT_AND_POSTS = _account_and_posts()  # made once: every request asks it


def _rows(session: Session, account_id: str, today: date) -> Sequence[RowMapping]:
    return session.execute(ACCOUNT_AND_POSTS, {"account_id": account_id, "today": today}).mappings().all()


def _account(rows: Sequence[RowMapping], today: date) -> Account:
    first = rows[0]
    posts = tuple(Post(row["role"], row["unit_id"], row["path"], row["unit_name"]) for row in rows if row["role"])
    mark = hashlib.sha256((first["password_hash"] or "").encode()).hexdigest()[:16]
    return Account(Actor(first["id"], first["name"], posts, day=today), mark, first["initial"])
