"""Accounts and posts of an area, kept by its administrators: one by one or by a list, each change written down (S3-10).

An administrator's area is the civil affairs unit at or above the post and all below. Nobody changes their own posts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, exists, insert, or_, select

from engine import sheets
from engine.people import accounts, posts
from engine.people.actor import Actor
from engine.people.errors import PeopleError
from engine.people.passwords import first_password
from engine.people.representatives import ROLE as REPRESENTATIVE
from engine.people.roles import Roles
from engine.people.units import Unit, Units
from engine.store.tables import account, account_event, post, unit

if TYPE_CHECKING:
    from engine.store.database import Session

AUTHORITIES = ("county_ca", "prefecture_ca")
SHOWN = 200  # accounts on a page


class StaffingRefused(PeopleError):
    """What can't be done with an account; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line: somebody who is to hold a post, from one day to another; an account is opened where there is none."""

    name: str
    unit_id: str
    role: str
    phone: str = ""
    account_id: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A post of an account."""

    role: str
    role_name: str
    unit_id: str
    unit: str
    since: date | None
    until: date | None

    def holds(self, day: date) -> bool:
        """Whether it is held on the day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Member:
    """An account as its administrator sees it; `mine` unless posts outside the area keep it from being changed."""

    account_id: str
    name: str
    phone: str
    active: bool
    initial: bool
    posts: tuple[Held, ...]
    mine: bool = True


@dataclass(frozen=True)
class Area:
    """Where an administrator keeps accounts, and on which day."""

    session: Session
    units: Units
    roles: Roles
    actor: Actor
    today: date

    @property
    def paths(self) -> frozenset[str]:
        """The subtrees of units."""
        held = (each.unit_id for each in self.actor.posts if self.roles.get(each.role).accounts)
        return frozenset(self._authority(unit_id).path for unit_id in held)

    def _authority(self, unit_id: str) -> Unit:
        upwards = (self.units.get(unit_id), *self.units.ancestors(unit_id))
        return next((each for each in upwards if each.kind in AUTHORITIES), upwards[0])

    def has(self, path: str) -> bool:
        """Whether a unit lies in it."""
        return any(path.startswith(each) for each in self.paths)

    def all_units(self) -> list[Unit]:
        """Its units that exist today, in the order of the tree."""
        return [each for each in self.units if self.has(each.path) and each.is_valid_on(self.today)]

    def granted(self, kind: str = "") -> list[tuple[str, str]]:
        """(id, name) of the roles that can be given, in units of one kind if given; 评议代表 are on another list."""
        return [
            (role.id, role.name)
            for role in self.roles
            if not role.public and role.id != REPRESENTATIVE and (not kind or kind in role.kinds)
        ]

    def full_name(self, unit_id: str) -> str:
        """`百节镇百节社区`: the unit with the township above it, as lists write it."""
        found = self.units.get(unit_id)
        above = self.units.find(found.parent_id)
        return f"{above.name}{found.name}" if found.kind == "village" and above else found.name


# --- looking --------------------------------------------------------------------------------------------------------


def may_keep(roles: Roles, actor: Actor) -> bool:
    """Whether one of the actor's posts keeps accounts."""
    return any(roles.get(each.role).accounts for each in actor.posts)


def find_members(area: Area, words: str = "", unit_id: str = "") -> tuple[list[Member], int]:
    """The first accounts with a post in the area (or a unit of it and all below), by name, sign-in name or phone; and
    how many there are."""
    path = area.units.get(unit_id).path if unit_id else ""
    within = [_below(each) for each in ([path] if path and area.has(path) else area.paths)]
    held = exists().where(post.c.account_id == account.c.id, post.c.unit_id == unit.c.id, or_(*within))
    said = or_(account.c.name.contains(words, autoescape=True), account.c.id == words, account.c.phone == words)
    query = select(account.c.id).where(held, *([said] if words else [])).order_by(account.c.id)
    ids = list(area.session.execute(query).scalars())
    return members_of(area, ids[:SHOWN]), len(ids)


def member(area: Area, account_id: str) -> Member | None:
    """One account, if it has or had a post in the area."""
    found = members_of(area, [account_id])
    within = found and any(area.has(area.units.get(each.unit_id).path) for each in found[0].posts)
    return found[0] if within else None


def events(area: Area, account_id: str) -> list[Mapping[str, Any]]:
    """What was done with an account, the newest first."""
    e = account_event
    query = select(e).where(e.c.account_id == account_id).order_by(e.c.id.desc()).limit(SHOWN)
    return [{**row} for row in area.session.execute(query).mappings()]


def _below(path: str) -> ColumnElement[bool]:
    return unit.c.path.startswith(path, autoescape=True)


def members_of(area: Area, ids: Sequence[str]) -> list[Member]:
    """These accounts with all their posts, in order of their ids."""
    held: dict[str, list[Held]] = {each: [] for each in ids}
    for row in area.session.execute(select(post).where(post.c.account_id.in_(ids)).order_by(post.c.id)).mappings():
        name = area.roles.name(row["role"]) if row["role"] in area.roles else row["role"]
        days = (row["valid_from"], row["valid_to"])
        held[row["account_id"]].append(Held(row["role"], name, row["unit_id"], area.full_name(row["unit_id"]), *days))
    query = select(account).where(account.c.id.in_(ids)).order_by(account.c.id)
    return [
        Member(
            row["id"],
            row["name"],
            row["phone"] or "",
            row["active"],
            row["initial"],
            tuple(held[row["id"]]),
            all(area.has(area.units.get(each.unit_id).path) for each in held[row["id"]]),
        )
        for row in area.session.execute(query).mappings()
    ]


# --- one account ----------------------------------------------------------------------------------------------------


def give(area: Area, one: Member, wanted: Wanted, now: datetime) -> None:
    """Give the account a post, or one that it has other days. `StaffingRefused`."""
    check_keeps(area, one, own_posts=True)
    check_post(area, wanted.unit_id, wanted.role)
    grant(area, one.account_id, wanted, now)


def end_post(area: Area, one: Member, role: str, unit_id: str, until: date, now: datetime) -> None:
    """`until` is the last day of a post; work waiting at the post stays with it. `StaffingRefused`."""
    check_keeps(area, one, own_posts=True)
    held = next((each for each in one.posts if (each.role, each.unit_id) == (role, unit_id)), None)
    if held is None:
        raise StaffingRefused(f"{one.name}没有这个岗位，请刷新页面核对。")
    if role == REPRESENTATIVE:
        raise StaffingRefused("评议代表由乡镇（街道）在“评议代表”页面登记卸任。")
    since = min(held.since, until) if held.since else None
    posts.grant(area.session, one.account_id, role, unit_id, valid_from=since, valid_to=until)
    note(area, one.account_id, f"{held.unit}“{held.role_name}”到{until}为止", now)


def reset(area: Area, one: Member, now: datetime) -> str:
    """A new first password, given back once; whoever is signed in has to sign in again. `StaffingRefused`."""
    check_keeps(area, one)
    first = first_password()
    accounts.hand_out(area.session, one.account_id, first)
    note(area, one.account_id, "重置密码", now)
    return first.password


def close(area: Area, one: Member, now: datetime) -> None:
    """Nobody signs in with it any more. `StaffingRefused`."""
    check_keeps(area, one, own_posts=True)
    accounts.close(area.session, one.account_id)
    note(area, one.account_id, "停用账号", now)


def reopen(area: Area, one: Member, now: datetime) -> None:
    """It may sign in again. `StaffingRefused`."""
    check_keeps(area, one)
    accounts.reopen(area.session, one.account_id)
    note(area, one.account_id, "恢复账号", now)


def check_keeps(area: Area, one: Member, *, own_posts: bool = False) -> None:
    """The administrator keeps the account; nobody keeps their own posts. `StaffingRefused`."""
    if own_posts and one.account_id == area.actor.account_id:
        raise StaffingRefused("自己的岗位和账号由另一位系统管理员办理。")
    if not one.mine:
        raise StaffingRefused(f"{one.name}还有本地区以外的岗位，由上级系统管理员办理。")


def check_post(area: Area, unit_id: str, role: str) -> None:
    """The unit lies in the area and has such a post. `StaffingRefused`."""
    found = area.units.find(unit_id)
    if found is None or not area.has(found.path):
        raise StaffingRefused("单位不在本地区，由它的上级系统管理员办理。")
    if role not in dict(area.granted(found.kind)):
        raise StaffingRefused(f"{found.name}没有这个岗位，请重新选择。")


def grant(area: Area, account_id: str, wanted: Wanted, now: datetime) -> None:
    """Give the post, unchecked, and write it down."""
    days = {"valid_from": wanted.since, "valid_to": wanted.until}
    posts.grant(area.session, account_id, wanted.role, wanted.unit_id, **days)
    said = f"{area.full_name(wanted.unit_id)}“{area.roles.name(wanted.role)}”"
    since = f"，从{wanted.since}起" if wanted.since else ""
    until = f"，到{wanted.until}为止" if wanted.until else ""
    note(area, account_id, f"任{said}{since}{until}", now)


def read_day(text: str, name: str) -> date | None:
    """The day, None for nothing. `StaffingRefused`."""
    try:
        return sheets.day(text) if text.strip() else None
    except ValueError:
        raise StaffingRefused(f"{name}“{text}”不是日期，请写成 2026-03-01。") from None


def note(area: Area, account_id: str, text: str, now: datetime) -> None:
    """Write down what was done with an account."""
    row = {"account_id": account_id, "at": now, "by": area.actor.account_id, "by_name": area.actor.name, "text": text}
    area.session.execute(insert(account_event).values(row))
