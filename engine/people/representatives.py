"""Hides the list of each village's 评议代表: who may be drawn on a day, who joins, who leaves (S4-08)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, insert, or_, select, update

from engine.people import accounts, posts
from engine.people.errors import AccountTaken
from engine.people.passwords import First
from engine.store import tables
from engine.store.appraisal import representative

if TYPE_CHECKING:
    from engine.store.database import Session

R = representative
ROLE = "appraisal_representative"
VILLAGERS, PARTY, COMMITTEE = "村（居）民代表", "党员代表", "村（居）两委成员"
KINDS = (VILLAGERS, PARTY, COMMITTEE)


class RepresentativeRefused(Exception):
    """A representative can't be added or ended so; `str()` is Chinese and says what to do."""


@dataclass(frozen=True, slots=True)
class Representative:
    """One representative of a village; both days are included, `until` is empty while nobody has ended it."""

    id: int
    village_id: str
    account_id: str
    name: str
    phone: str
    kind: str
    since: date
    until: date | None
    reason: str = ""

    def serves(self, day: date) -> bool:
        """Whether they are a representative on that day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down of a new one; with `account_id` somebody who has an account already."""

    village_id: str
    name: str
    phone: str
    kind: str
    since: date
    account_id: str = ""


def on(session: Session, village_id: str, day: date) -> list[Representative]:
    """Who may be drawn in the village on `day`: on the list, with an open account and the post, by account."""
    a, p = tables.account, tables.post
    held = and_(
        p.c.account_id == R.c.account_id, p.c.unit_id == R.c.village_id, p.c.role == ROLE, posts.post_valid(day)
    )
    query = select(R).join(a, a.c.id == R.c.account_id).join(p, held)
    query = query.where(R.c.village_id == village_id, a.c.active, *_serving(day)).order_by(R.c.account_id, R.c.id)
    found = {row["account_id"]: _one(row) for row in session.execute(query).mappings()}
    return list(found.values())


def listing(session: Session, village_ids: Collection[str]) -> list[Representative]:
    """All of these villages, those who serve first, then those who have left."""
    query: Select[tuple[object, ...]] = select(R).where(R.c.village_id.in_(village_ids))
    query = query.order_by(R.c.village_id, R.c.until.is_not(None), R.c.since, R.c.id)
    return [_one(row) for row in session.execute(query).mappings()]


def find(session: Session, representative_id: int) -> Representative | None:
    """One of them by id."""
    row = session.execute(select(R).where(R.c.id == representative_id)).mappings().one_or_none()
    return _one(row) if row else None


def add(session: Session, entry: Entry, first: First, now: datetime, by: str) -> Representative:
    """A new representative with an account (made unless there is one) and the post from that day on.

    `RepresentativeRefused` when the name is missing, or the account or phone is on the village's list already.
    """
    if not entry.name:
        raise RepresentativeRefused("请填写代表姓名")
    if entry.kind not in KINDS:
        raise RepresentativeRefused(f"代表类别只能是{'、'.join(KINDS)}")
    account_id = entry.account_id or _new_account(session, entry, first)
    same = or_(R.c.account_id == account_id, and_(R.c.phone == entry.phone, R.c.phone != ""))
    still = or_(R.c.until.is_(None), R.c.until >= entry.since)
    taken = select(R.c.name).where(R.c.village_id == entry.village_id, same, still).limit(1)
    if name := session.execute(taken).scalar_one_or_none():
        raise RepresentativeRefused(f"{name}已经是本村（社区）的评议代表，不用再登记；手机号码重复的请核对")
    known = session.scalar(select(tables.account.c.name).where(tables.account.c.id == account_id))
    if known is None:
        raise RepresentativeRefused(f"没有登录名「{account_id}」，请核对；没有账号的请留空，由系统开通")
    row = {
        "village_id": entry.village_id,
        "account_id": account_id,
        "name": entry.name,
        "phone": entry.phone,
        "kind": entry.kind,
        "since": entry.since,
        "reason": "",
        **{"at": now, "by": by},
    }
    session.execute(insert(R).values(row))
    posts.grant(session, account_id, ROLE, entry.village_id, valid_from=entry.since)
    found = session.execute(select(R).where(R.c.village_id == entry.village_id, R.c.account_id == account_id))
    return _one(found.mappings().all()[-1])


def end(session: Session, one: Representative, until: date, reason: str) -> None:
    """`until` is the last day; from the next day on they are neither drawn nor vote. `RepresentativeRefused`."""
    if one.until is not None:
        raise RepresentativeRefused(f"{one.name}已经在{one.until:%Y年%-m月%-d日}卸任，不用再登记")
    if until < one.since - timedelta(days=1):
        raise RepresentativeRefused(f"卸任日期不能早于担任日期{one.since:%Y年%-m月%-d日}")
    if not reason:
        raise RepresentativeRefused("请写明卸任的原因，例如迁出、换届")
    session.execute(update(R).where(R.c.id == one.id).values(until=until, reason=reason[:200]))
    first = min(one.since, until)
    posts.grant(session, one.account_id, ROLE, one.village_id, valid_from=first, valid_to=until)


def _new_account(session: Session, entry: Entry, first: First) -> str:
    """An account named after the village: `rep12`, the first free number."""
    count = session.execute(select(func.count()).select_from(tables.account)).scalar_one()
    number = int(count)
    while True:
        number += 1
        account_id = f"rep{number}"
        try:
            accounts.add(session, account_id, entry.name, first.stored, entry.phone, initial=True)
        except AccountTaken:
            continue
        return account_id


def _serving(day: date) -> list[ColumnElement[bool]]:
    return [R.c.since <= day, or_(R.c.until.is_(None), R.c.until >= day)]


def _one(row: RowMapping) -> Representative:
    names = ("id", "village_id", "account_id", "name", "phone", "kind", "since", "until", "reason")
    return Representative(**{name: row[name] for name in names})
