"""Accounts and posts of an area, kept by its administrators: one by one or by a list, each change written down (S3-10).

An administrator's area is the civil affairs unit at or above the post and all below. Nobody changes their own posts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select

from engine import sheets
from engine.people import accounts, posts
from engine.people.actor import Actor
from engine.people.errors import AccountIdUnfit, PeopleError
from engine.people.passwords import First, first_password
from engine.people.representatives import ROLE as REPRESENTATIVE
from engine.people.roles import Roles
from engine.people.units import KINDS, Unit, Units
from engine.store.tables import account, account_event, post, unit
from forms import kinds
from forms.errors import BadValue

if TYPE_CHECKING:
    from engine.store.database import Session

HEADINGS = ("姓名", "单位", "岗位")
OPTIONAL = ("手机号码", "登录名", "开始日期", "结束日期")
AUTHORITIES = ("county_ca", "prefecture_ca")
SHOWN = 200  # accounts on a page
MOST = 500  # lines of a list: a password takes some 40 ms to hash
_GAPS = re.compile(r"[\s/·]+")


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
class Opened:
    """What came of a line; `password` is there once, and only of a new account."""

    account_id: str
    name: str
    unit: str
    role: str
    password: str = ""


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
    return _members(area, ids[:SHOWN]), len(ids)


def member(area: Area, account_id: str) -> Member | None:
    """One account, if it has or had a post in the area."""
    found = _members(area, [account_id])
    within = found and any(area.has(area.units.get(each.unit_id).path) for each in found[0].posts)
    return found[0] if within else None


def events(area: Area, account_id: str) -> list[Mapping[str, Any]]:
    """What was done with an account, the newest first."""
    e = account_event
    query = select(e).where(e.c.account_id == account_id).order_by(e.c.id.desc()).limit(SHOWN)
    return [{**row} for row in area.session.execute(query).mappings()]


def _below(path: str) -> ColumnElement[bool]:
    return unit.c.path.startswith(path, autoescape=True)


def _members(area: Area, ids: Sequence[str]) -> list[Member]:
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
    _check_keeps(area, one, own_posts=True)
    _check_post(area, wanted.unit_id, wanted.role)
    grant(area, one.account_id, wanted, now)


def end_post(area: Area, one: Member, role: str, unit_id: str, until: date, now: datetime) -> None:
    """`until` is the last day of a post; work waiting at the post stays with it. `StaffingRefused`."""
    _check_keeps(area, one, own_posts=True)
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
    _check_keeps(area, one)
    first = first_password()
    accounts.hand_out(area.session, one.account_id, first)
    note(area, one.account_id, "重置密码", now)
    return first.password


def close(area: Area, one: Member, now: datetime) -> None:
    """Nobody signs in with it any more. `StaffingRefused`."""
    _check_keeps(area, one, own_posts=True)
    accounts.close(area.session, one.account_id)
    note(area, one.account_id, "停用账号", now)


def reopen(area: Area, one: Member, now: datetime) -> None:
    """It may sign in again. `StaffingRefused`."""
    _check_keeps(area, one)
    accounts.reopen(area.session, one.account_id)
    note(area, one.account_id, "恢复账号", now)


def _check_keeps(area: Area, one: Member, *, own_posts: bool = False) -> None:
    if own_posts and one.account_id == area.actor.account_id:
        raise StaffingRefused("自己的岗位和账号由另一位系统管理员办理。")
    if not one.mine:
        raise StaffingRefused(f"{one.name}还有本地区以外的岗位，由上级系统管理员办理。")


# --- a list ---------------------------------------------------------------------------------------------------------


def read_list(area: Area, content: bytes) -> list[Wanted]:
    """The lines of a CSV or .xlsx; `sheets.SheetInvalid` names row and column of all that doesn't fit."""
    rows = sheets.read(content, HEADINGS, OPTIONAL)
    if len(rows) > MOST:
        raise sheets.SheetInvalid([f"一次最多开通 {MOST} 行，请分开上传"])
    found, problems = [], []
    known: dict[tuple[str, str, str, str], int] = {}
    names = _names(area)
    for number, cells in rows:
        try:
            wanted = _read(area, names, cells)
            _check_line(area, wanted)
        except StaffingRefused as problem:
            problems.append(f"第 {number} 行：{problem.message}")
            continue
        key = (wanted.name, wanted.phone or wanted.account_id, wanted.unit_id, wanted.role)
        if key in known:
            problems.append(f"第 {number} 行：和第 {known[key]} 行是同一个人的同一个岗位，请删去一行。")
        known.setdefault(key, number)
        found.append(wanted)
    if problems:
        raise sheets.SheetInvalid(sheets.shorten(problems))
    return found


def open_all(area: Area, lines: Sequence[Wanted], firsts: Iterator[First], now: datetime) -> list[Opened]:
    """Give everybody on the list their post, with an account where they have none. `StaffingRefused` undoes all.

    Two lines of one person (the same name and phone) are one account. `firsts` gives a password for each, made before
    the transaction: hashing takes time in which nobody else could write.
    """
    taken = set(area.session.execute(select(account.c.id)).scalars())
    made: dict[str, str] = {}
    done = []
    for wanted in lines:
        _check_line(area, wanted)
        person = f"{wanted.name} {wanted.phone}" if wanted.phone else ""
        account_id = wanted.account_id if wanted.account_id in taken else made.get(person) or _same_person(area, wanted)
        password = ""
        if not account_id:
            account_id, first = wanted.account_id or _free(taken, wanted.unit_id), next(firsts)
            accounts.add(area.session, account_id, wanted.name, first.stored, wanted.phone, initial=True)
            password = first.password
            note(area, account_id, "开通账号", now)
        taken.add(account_id)
        if person:
            made[person] = account_id
        grant(area, account_id, wanted, now)
        names = (area.full_name(wanted.unit_id), area.roles.name(wanted.role))
        done.append(Opened(account_id, wanted.name, *names, password))
    return done


def read_line(area: Area, cells: Mapping[str, str]) -> Wanted:
    """One line by its headings, as a page or a list has it. `StaffingRefused`."""
    return _read(area, _names(area), cells)


def _read(area: Area, names: Mapping[str, Sequence[Unit]], cells: Mapping[str, str]) -> Wanted:
    text = {name: _plain(value) for name, value in cells.items()}
    if not text["姓名"]:
        raise StaffingRefused("没有写姓名。")
    found = _unit(area, names, text["单位"])
    return Wanted(
        name=text["姓名"],
        unit_id=found.id,
        role=_role(area, text["岗位"], found),
        phone=_phone(area, text.get("手机号码", "")),
        account_id=text.get("登录名", "").lower(),
        since=read_day(text.get("开始日期", ""), "开始日期"),
        until=read_day(text.get("结束日期", ""), "结束日期"),
    )


def _names(area: Area) -> dict[str, list[Unit]]:
    """The units of the area by id, by name, and by name with those above it in front."""
    found: dict[str, list[Unit]] = {}
    for each in area.all_units():
        written = {each.id, each.name}
        name = each.name
        for above in area.units.ancestors(each.id):
            name = above.name + name
            written.add(name)
        for text in written | {area.units.full_name(each.id)}:
            found.setdefault(_plain(text), []).append(each)
    return found


def _plain(text: str) -> str:
    """Full-width letters, digits and brackets as plain ones, as people write them by turns."""
    return unicodedata.normalize("NFKC", text).strip()


def _unit(area: Area, names: Mapping[str, Sequence[Unit]], text: str) -> Unit:
    found = names.get(text) or names.get(_GAPS.sub("", text)) or []
    if not text:
        raise StaffingRefused("没有写单位。")
    if not found:
        raise StaffingRefused(f"本地区没有叫“{text}”的单位，请写全名（例如“百节镇百节社区”）或者单位编号。")
    if len(found) > 1:
        said = "、".join(area.full_name(each.id) for each in found[:4])
        raise StaffingRefused(f"有 {len(found)} 个单位叫“{text}”（{said}），请写明是哪一个。")
    return found[0]


def _role(area: Area, text: str, at: Unit) -> str:
    if not text:
        raise StaffingRefused("没有写岗位。")
    offered = dict(area.granted(at.kind))
    found = [role_id for role_id, name in offered.items() if text in (role_id, _plain(name))]
    if text in (REPRESENTATIVE, _plain(area.roles.name(REPRESENTATIVE))):
        raise StaffingRefused("评议代表由乡镇（街道）在“评议代表”页面登记。")
    if not found:
        said = "、".join(offered.values()) or "（没有）"
        raise StaffingRefused(f"{KINDS[at.kind]}没有“{text}”这个岗位，可以写：{said}。")
    return found[0]


def _check_line(area: Area, wanted: Wanted) -> None:
    _check_post(area, wanted.unit_id, wanted.role)
    if not 0 < len(wanted.name) <= 30:
        raise StaffingRefused("姓名为 1 至 30 个字。")
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise StaffingRefused("结束日期早于开始日期。")
    if wanted.account_id and not accounts.ID.fullmatch(wanted.account_id):
        raise StaffingRefused(str(AccountIdUnfit(wanted.account_id)))
    query = select(account.c.id, account.c.name, account.c.active)
    if wanted.account_id:
        query = query.where(account.c.id == wanted.account_id)
    elif wanted.phone:
        query = query.where(account.c.phone == wanted.phone)
    else:
        query = query.where(account.c.name == wanted.name, _holds(wanted))
    for row in area.session.execute(query.limit(20)):
        _check_known(area, wanted, row.id, row.name, active=row.active)


def _holds(wanted: Wanted) -> ColumnElement[bool]:
    p = post.c
    return exists().where(p.account_id == account.c.id, p.unit_id == wanted.unit_id, p.role == wanted.role)


def _check_known(area: Area, wanted: Wanted, account_id: str, name: str, *, active: bool) -> None:
    """The account that a line means is of the same person, open, in the area, and doesn't hold the post already."""
    if name != wanted.name:
        what = f"登录名“{account_id}”" if wanted.account_id else f"手机号码 {wanted.phone}"
        raise StaffingRefused(f"{what}是{name}的账号，和姓名“{wanted.name}”不一致，请核对。")
    if not active:
        raise StaffingRefused(f"{name}的账号 {account_id} 已经停用，请先恢复。")
    (one,) = _members(area, [account_id])
    _check_keeps(area, one, own_posts=True)
    held = [each for each in one.posts if (each.role, each.unit_id) == (wanted.role, wanted.unit_id)]
    if any(each.until is None or each.until >= area.today for each in held):
        raise StaffingRefused(f"{name}（{account_id}）已经有这个岗位，不用再开通。")


def _check_post(area: Area, unit_id: str, role: str) -> None:
    found = area.units.find(unit_id)
    if found is None or not area.has(found.path):
        raise StaffingRefused("单位不在本地区，由它的上级系统管理员办理。")
    if role not in dict(area.granted(found.kind)):
        raise StaffingRefused(f"{found.name}没有这个岗位，请重新选择。")


def _same_person(area: Area, wanted: Wanted) -> str:
    """The open account with this name and phone; "" when there is none."""
    if not wanted.phone:
        return ""
    same = and_(account.c.phone == wanted.phone, account.c.name == wanted.name, account.c.active)
    return area.session.execute(select(account.c.id).where(same).limit(1)).scalar_one_or_none() or ""


def _free(taken: Collection[str], unit_id: str) -> str:
    """`baijie_baijie1`: the unit with the first free number."""
    number = 1
    while f"{unit_id}{number}" in taken:
        number += 1
    return f"{unit_id}{number}"


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


def _phone(area: Area, text: str) -> str:
    try:
        return kinds.clean_mobile(text, area.today).text if text.strip() else ""
    except BadValue as problem:
        raise StaffingRefused(f"{problem}。") from None


def note(area: Area, account_id: str, text: str, now: datetime) -> None:
    """Write down what was done with an account."""
    row = {"account_id": account_id, "at": now, "by": area.actor.account_id, "by_name": area.actor.name, "text": text}
    area.session.execute(insert(account_event).values(row))
