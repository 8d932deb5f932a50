"""A dated look into the office for those who supervise it from outside: for a reason, ending by itself (S2-45)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.clock.days import ONE_DAY, day_of
from engine.store import tables
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

P = tables.post.c


class AccessUnclear(Exception):
    """Who may look, as what, where or until when isn't said; `str()` says what is missing."""


@topic("access.grant", provides=("授权说明",), parameters=("role", "account", "unit", "first", "last"), writes=True)
def grant(work: Work) -> dict[str, Any]:
    """Give the account that the name in `account` says the post `role` at the place `unit`, from `first` to `last`.

    A post without an end stays as it is. The days are names of facts or of answers; the last day counts.
    """
    move = work.move
    role, unit_id, account = work.parameter("role"), work.unit(work.parameter("unit")), _account(work)
    since, until = (lookup.day(lookup.raw(work, work.parameter(name))) for name in ("first", "last"))
    if not (unit_id and since and until):
        raise AccessUnclear("没有写明哪个单位、从哪天到哪天，请核对属性 unit、first、last")
    _give(work, account, role, unit_id, since, until)
    name = move.step.session.execute(select(tables.account.c.name).where(tables.account.c.id == account)).scalar_one()
    said = f"{name}，{move.step.runtime.scope.roles.name(role)}，{since:%Y-%m-%d}至{until:%Y-%m-%d}"
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": said})
    return {"授权说明": said}


@topic("access.revoke", parameters=("role", "account", "unit"), writes=True)
def revoke(work: Work) -> None:
    """Take a dated post back: from now on it is over. One without an end is not touched."""
    move, today = work.move, day_of(work.move.step.now)
    unit_id = work.unit(work.parameter("unit"))
    mine = (P.account_id == _account(work), P.role == work.parameter("role"), P.unit_id == unit_id, P.valid_to >= today)
    move.step.session.execute(update(tables.post).where(*mine).values(valid_to=today - ONE_DAY))
    move.record("topic", work.node.name, node_id=work.node.id)


def _account(work: Work) -> str:
    found = str(lookup.raw(work, work.parameter("account")) or "")
    if not found:
        raise AccessUnclear("没有写明授权给谁，请核对属性 account")
    return found


def _give(work: Work, account: str, role: str, unit_id: str, since: date, until: date) -> None:
    session = work.move.step.session
    which = (P.account_id == account, P.role == role, P.unit_id == unit_id)
    held = session.execute(select(P.id, P.valid_to).where(*which)).one_or_none()
    days = {"valid_from": since, "valid_to": until}
    if held is None:
        session.execute(insert(tables.post).values(account_id=account, role=role, unit_id=unit_id, **days))
    elif held.valid_to is not None:
        session.execute(update(tables.post).where(P.id == held.id).values(days))
