"""Hides how units and demo people come from processes/places into the database, however often they are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.people import toml
from engine.people.errors import PlacesInvalid
from engine.people.passwords import hash_password
from engine.people.representatives import ROLE as REPRESENTATIVE
from engine.people.representatives import VILLAGERS
from engine.people.roles import Roles
from engine.people.units import KINDS, Unit, Units, tree, with_paths
from engine.store import tables
from engine.store.appraisal import representative

if TYPE_CHECKING:
    from engine.store.database import Session

PEOPLE_FILE = "demo.toml"
FIRST_DAY = date(2019, 1, 1)  # demo representatives have served since
_UNIT_KEYS = (
    "parent",
    "region_code",
    "functional_zone",
    "contact_phone",
    "complaint_phone",
    "valid_from",
    "valid_to",
)
_TOWNSHIP_KEYS = ("villages", "functional_zone", "contact_phone", "complaint_phone", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Person:
    """A demo account: sign-in name, shown name, posts as (role, unit id)."""

    id: str
    name: str
    posts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """The demo accounts in the order of the file, and the one password that opens them all."""

    password: str
    people: tuple[Person, ...]


def load_places(session: Session, folder: Path) -> None:
    """Bring the table of units to what the files say: new ones added, changed ones changed, none removed.

    Units that left the files stay, because cases refer to them; give them a `valid_to`.
    """
    known = {row["id"]: dict(row) for row in session.execute(select(tables.unit)).mappings()}
    wanted = [_row(unit) for unit in read_places(folder)]
    if new := [row for row in wanted if row["id"] not in known]:
        session.execute(insert(tables.unit), new)
    for row in wanted:
        if row["id"] in known and known[row["id"]] != row:
            session.execute(update(tables.unit).where(tables.unit.c.id == row["id"]).values(row))


def load_demo_people(session: Session, folder: Path, roles: Roles) -> None:
    """Make the demo accounts and posts that aren't there yet; passwords and dates that were changed stay so."""
    demo = read_demo_people(folder, roles, tree(session))
    known = set(session.scalars(select(tables.account.c.id)))
    if new := [person for person in demo.people if person.id not in known]:
        stored = hash_password(demo.password)  # one for all: only demo accounts share a password
        accounts = [{"id": p.id, "name": p.name, "password_hash": stored, "active": True} for p in new]
        session.execute(insert(tables.account), accounts)
    _add_posts(session, demo.people)
    _add_representatives(session, demo.people)


def read_places(folder: Path) -> list[Unit]:
    """All units of the folder's files, each after the one above it; a mistake is `PlacesInvalid` with file and row."""
    units: dict[str, Unit] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name == PEOPLE_FILE:
            continue
        for unit in _units(path):
            if unit.id in units:
                raise PlacesInvalid(path, f"单位「{unit.id}」", "这个编号已经用过，请换一个")
            units[unit.id] = unit
    return with_paths(units.values())


def read_demo_people(folder: Path, roles: Roles, units: Units) -> DemoPeople:
    """The demo people; a post with an unknown role or unit, or a role that can't sit there, is `PlacesInvalid`."""
    path = folder / PEOPLE_FILE
    content = toml.read(path)
    if not isinstance(content.get("demo_password"), str):
        raise PlacesInvalid(path, "demo_password ", "没有写演示密码")
    people = []
    for row in toml.rows(path, content, "person", ("id", "name", "posts")):
        where = f"人员「{row['id']}」"
        posts = [_post(path, where, text, roles, units) for text in toml.texts(path, where, row["posts"])]
        people.append(Person(row["id"], row["name"], tuple(posts)))
    return DemoPeople(content["demo_password"], tuple(people))


def _post(path: Path, where: str, text: str, roles: Roles, units: Units) -> tuple[str, str]:
    role, at, unit_id = text.partition("@")
    if not at or role not in roles or unit_id not in units:
        raise PlacesInvalid(path, where, f"岗位「{text}」应写成“角色@单位编号”，角色和单位都要存在")
    kind = units.get(unit_id).kind
    if kind not in roles.get(role).kinds:
        raise PlacesInvalid(path, where, f"{roles.name(role)}不能在{KINDS[kind]}任职（岗位「{text}」）")
    return role, unit_id


def _add_posts(session: Session, people: Iterable[Person]) -> None:
    post = tables.post
    there = {tuple(row) for row in session.execute(select(post.c.account_id, post.c.role, post.c.unit_id))}
    wanted = [(person.id, role, unit_id) for person in people for role, unit_id in person.posts]
    if new := [held for held in wanted if held not in there]:
        session.execute(insert(post), [dict(zip(("account_id", "role", "unit_id"), held, strict=True)) for held in new])


def _add_representatives(session: Session, people: Iterable[Person]) -> None:
    """Who is a representative by post stands on the village's list, which draws are made from."""
    there = {tuple(row) for row in session.execute(select(representative.c.account_id, representative.c.village_id))}
    since = {"since": FIRST_DAY, "at": datetime.combine(FIRST_DAY, time(), UTC), "by": "system"}
    rows = [
        {"village_id": unit_id, "account_id": person.id, "name": person.name, "kind": VILLAGERS, "reason": "", **since}
        for person in people
        for role, unit_id in person.posts
        if role == REPRESENTATIVE and (person.id, unit_id) not in there
    ]
    if rows:
        session.execute(insert(representative), [{**row, "phone": ""} for row in rows])


def _units(path: Path) -> Iterator[Unit]:
    content = toml.read(path)
    for row in toml.rows(path, content, "unit", ("id", "name", "kind"), _UNIT_KEYS):
        yield _unit(path, row, row["kind"], row.get("parent"))
    for row in toml.rows(path, content, "township", ("id", "name", "county"), _TOWNSHIP_KEYS):
        yield _unit(path, row, "township", row["county"])
        for key, name in row.get("villages", {}).items():
            yield _unit(path, {"id": f"{row['id']}_{key}", "name": name}, "village", row["id"])


def _unit(path: Path, row: Mapping[str, Any], kind: str, parent: str | None) -> Unit:
    where = f"单位「{row['id']}」"
    if kind not in KINDS:
        raise PlacesInvalid(path, where, f"类型「{kind}」不存在，可用的是 {'、'.join(KINDS)}")
    if row.get("functional_zone") and row.get("region_code"):
        raise PlacesInvalid(path, where, "功能区没有自己的行政区划代码，请删去 region_code")
    for name in ("valid_from", "valid_to"):
        if type(row.get(name, date.min)) is not date:
            raise PlacesInvalid(path, where, f"{name} 请写成日期，例如 2026-01-01")
    own = {key: row[key] for key in _UNIT_KEYS if key in row and key != "parent"}
    return Unit(id=row["id"], name=row["name"], kind=kind, parent_id=parent, path="", **own)


def _row(unit: Unit) -> dict[str, Any]:
    empty_as_null = ("region_code", "contact_phone", "complaint_phone")
    return {key: (value or None) if key in empty_as_null else value for key, value in asdict(unit).items()}
