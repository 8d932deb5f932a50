"""People who are to hold posts: read from a list or a page, checked line by line, given accounts (S3-10)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select

from engine import sheets
from engine.people import accounts
from engine.people.errors import AccountIdUnfit
from engine.people.passwords import First
from engine.people.representatives import ROLE as REPRESENTATIVE
from engine.people.staffing import (
    Area,
    StaffingRefused,
    Wanted,
    check_keeps,
    check_post,
    grant,
    members_of,
    note,
    read_day,
)
from engine.people.units import KINDS, Unit
from engine.store.tables import account, post
from forms import kinds
from forms.errors import BadValue

HEADINGS = ("姓名", "单位", "岗位")
OPTIONAL = ("手机号码", "登录名", "开始日期", "结束日期")
MOST = 500  # lines of a list: a password takes some 40 ms to hash
_GAPS = re.compile(r"[\s/·]+")


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of a line; `password` is there once, and only of a new account."""

    account_id: str
    name: str
    unit: str
    role: str
    password: str = ""


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
    wanted = Wanted(
        name=text["姓名"],
        unit_id=found.id,
        role=_role(area, text["岗位"], found),
        phone=_phone(area, text.get("手机号码", "")),
        account_id=text.get("登录名", "").lower(),
        since=read_day(text.get("开始日期", ""), "开始日期"),
        until=read_day(text.get("结束日期", ""), "结束日期"),
    )
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise StaffingRefused("结束日期早于开始日期。")
    return wanted


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
    check_post(area, wanted.unit_id, wanted.role)
    if not 0 < len(wanted.name) <= 30:
        raise StaffingRefused("姓名为 1 至 30 个字。")
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
    (one,) = members_of(area, [account_id])
    check_keeps(area, one, own_posts=True)
    held = [each for each in one.posts if (each.role, each.unit_id) == (wanted.role, wanted.unit_id)]
    if any(each.until is None or each.until >= area.today for each in held):
        raise StaffingRefused(f"{name}（{account_id}）已经有这个岗位，不用再开通。")


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


def _phone(area: Area, text: str) -> str:
    try:
        return kinds.clean_mobile(text, area.today).text if text.strip() else ""
    except BadValue as problem:
        raise StaffingRefused(f"{problem}。") from None
