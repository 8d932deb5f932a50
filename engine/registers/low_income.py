"""Low-income families as other departments may see them: whom, which columns, and who agreed (S1-64, A-30)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, or_, select

from engine.clock import dated
from engine.people import toml
from engine.people.errors import PlacesInvalid
from engine.registers import months
from engine.store import registers, tables
from engine.store.low_income import low_income_line, low_income_push

if TYPE_CHECKING:
    from engine.people.units import Units
    from engine.store.database import Session

FILE = "low_income_push.toml"
COLUMNS = ("姓名", "身份证号码", "户主", "与户主关系", "救助类别", "家庭人口", "乡镇", "村（社区）", "有效期至")
HOUSEHOLD, PERSON = "户", "人"
RECOGNISED = ("低保边缘", "刚性支出困难")  # told on only when the family has agreed
CONSENT = ("recognition_application", "recognition_offer")
_ROW = ("item", "per", "categories", "columns", "offers", "valid_from", "basis")
AT_ONCE = 500
B, M, P = registers.benefit, registers.household_member, registers.person


@dataclass(frozen=True, slots=True)
class Share:
    """What the department that handles the item `id` may see and answer from `valid_from` on."""

    id: str
    per: str
    categories: tuple[str, ...]
    columns: tuple[str, ...]
    offers: tuple[str, ...]
    ages: tuple[int, int] | None
    valid_from: date
    place: str = "全国"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list: the cells in the order of the columns."""

    benefit_id: int
    household_id: int
    cells: tuple[str, ...]


def shares(policy: Path, day: date) -> list[Share]:
    """The rows in force on `day`, in the table's order; `PlacesInvalid` names what is wrong."""
    path = policy / FILE
    rows = _read(path, path.stat().st_mtime_ns) if path.exists() else ()
    found = (dated.in_force(rows, item, ("全国",), day) for item in dict.fromkeys(row.id for row in rows))
    return [row for row in found if row is not None]


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[Share, ...]:
    rows = toml.rows(path, toml.read(path), "push", _ROW, ("ages",))
    return tuple(_share(path, number, row) for number, row in enumerate(rows, 1))


def _share(path: Path, number: int, row: Mapping[str, Any]) -> Share:
    where = f"第 {number} 个 [[push]]（{row['item']}）"
    if row["per"] not in (HOUSEHOLD, PERSON):
        raise PlacesInvalid(path, where, f"per“{row['per']}”应为 户、人 之一")
    columns = tuple(toml.texts(path, where, row["columns"]))
    if strange := sorted(set(columns) - set(COLUMNS)):
        raise PlacesInvalid(path, where, f"没有“{'、'.join(strange)}”这些栏目，可用的是 {'、'.join(COLUMNS)}")
    if type(row["valid_from"]) is not date:
        raise PlacesInvalid(path, where, "valid_from 应为日期，例如 2023-07-01（不加引号）")
    ages = row.get("ages")
    if ages is not None and not (len(ages) == 2 and all(type(age) is int for age in ages) and ages[0] <= ages[1]):
        raise PlacesInvalid(path, where, "ages 应为两个周岁，例如 [3, 24]")
    return Share(
        id=str(row["item"]),
        per=str(row["per"]),
        categories=tuple(toml.texts(path, where, row["categories"])),
        columns=columns,
        offers=tuple(toml.texts(path, where, row["offers"])),
        ages=(ages[0], ages[1]) if ages else None,
        valid_from=row["valid_from"],
    )


# --- who is on a list ---------------------------------------------------------------------------------------------


def families(session: Session, county_path: str, today: date, number: str = "") -> list[RowMapping]:
    """Benefits in force under `county_path` on `today` with their holders, in the order of their numbers; of
    recognised families only those that agreed; `number`: only this one."""
    month = months.month_of(today)
    query = (
        select(B, P.c.name.label("holder"), P.c.id_no.label("holder_id_no"), P.c.birth.label("holder_birth"))
        .join(P, P.c.id == B.c.person_id)
        .where(
            B.c.unit_path.startswith(county_path, autoescape=True),
            B.c.status.in_(("在享", "渐退")),
            B.c.start_month <= month,
            or_(B.c.valid_to.is_(None), B.c.valid_to >= today),
            P.c.died_on.is_(None),
        )
        .order_by(B.c.unit_path, B.c.number)
    )
    if number:
        query = query.where(B.c.number == number)
    found = list(session.execute(query).mappings())
    agreed = _agreed(session, [row["case_id"] for row in found if row["item"] in RECOGNISED])
    return [row for row in found if row["item"] not in RECOGNISED or row["case_id"] in agreed]


def _agreed(session: Session, case_ids: Sequence[int]) -> set[int]:
    """The cases whose newest word on it agrees to passing the family's data on."""
    s, said = tables.submission, dict[int, bool]()
    for first in range(0, len(case_ids), AT_ONCE):
        mine = case_ids[first : first + AT_ONCE]
        query = select(s.c.case_id, s.c["values"]).where(s.c.case_id.in_(mine), s.c.form_id.in_(CONSENT))
        for row in session.execute(query.order_by(s.c.id)):
            said[row[0]] = row[1].get("consentShare") is True
    return {case_id for case_id, agrees in said.items() if agrees}


def lines(session: Session, units: Units, share: Share, found: Sequence[RowMapping], today: date) -> list[Line]:
    """The rows of these families that the share lets its department see."""
    mine = [row for row in found if row["item"] in share.categories]
    people = {row["id"]: [_holder(row)] for row in mine} if share.per == HOUSEHOLD else _members(session, mine)
    return [
        Line(row["id"], row["household_id"], tuple(_cell(column, row, person, units) for column in share.columns))
        for row in mine
        for person in people[row["id"]]
        if share.per == HOUSEHOLD or _of_age(_birth(person), share.ages, today)
    ]


def _holder(row: RowMapping) -> dict[str, Any]:
    names = {"name": row["holder"], "id_no": row["holder_id_no"], "birth": row["holder_birth"]}
    return {**names, "relation": "本人"}


def _members(session: Session, rows: Sequence[RowMapping]) -> dict[int, list[dict[str, Any]]]:
    """Of each benefit: its holder, and the others of the household who live with the holder."""
    homes: dict[int, list[dict[str, Any]]] = {}
    ids = sorted({row["household_id"] for row in rows})
    for first in range(0, len(ids), AT_ONCE):
        query = (
            select(M.c.household_id, M.c.person_id, M.c.relation, P.c.name, P.c.id_no, P.c.birth)
            .join(P, P.c.id == M.c.person_id)
            .where(M.c.household_id.in_(ids[first : first + AT_ONCE]), M.c.until.is_(None), M.c.co_living)
            .where(P.c.died_on.is_(None))
            .order_by(M.c.id)
        )
        for row in session.execute(query).mappings():
            homes.setdefault(row["household_id"], []).append({**row})
    own = {"特困"}  # received by the person, not by the family
    return {
        row["id"]: [_holder(row)]
        + [
            person
            for person in homes.get(row["household_id"], ())
            if row["item"] not in own and person["person_id"] != row["person_id"]
        ]
        for row in rows
    }


def _birth(person: Mapping[str, Any]) -> date | None:
    """The birthday on record, else the one in the identity number."""
    digits = str(person["id_no"] or "")[6:14]
    if person["birth"] is not None or len(digits) < 8:
        return person["birth"] or None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _of_age(birth: date | None, ages: tuple[int, int] | None, today: date) -> bool:
    """Within the ages; of whom no birthday is known is left in, for the department to see to."""
    if ages is None or birth is None:
        return True
    years = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    return ages[0] <= years <= ages[1]


def _cell(column: str, row: RowMapping, person: Mapping[str, Any], units: Units) -> str:
    township, village = units.find(row["unit_id"]), units.find(row["village_id"])
    found = {
        "姓名": person["name"],
        "身份证号码": person["id_no"],
        "户主": row["holder"],
        "与户主关系": person["relation"],
        "救助类别": row["category"],
        "家庭人口": row["persons"],
        "乡镇": township.name if township else "",
        "村（社区）": village.name if village else "",
        "有效期至": row["valid_to"] or "",
    }
    return str(found[column] or "")


def digest(columns: Sequence[str], rows: Sequence[Line]) -> str:
    """What the list's content comes to: it is the same as long as nobody changes it."""
    content = json.dumps([list(columns), *(list(row.cells) for row in rows)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


# --- lists that have been made ------------------------------------------------------------------------------------

PUSH, LINE = low_income_push, low_income_line


def of_case(session: Session, case_id: int) -> list[RowMapping]:
    """The lists of a case, in the order they were made."""
    return list(session.execute(select(PUSH).where(PUSH.c.case_id == case_id).order_by(PUSH.c.id)).mappings())
