"""救助事项目录 (processes/policy/catalogue.toml): the items of the one door, and which unit handles each, by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.clock.dated import in_force
from engine.people import toml
from engine.people.errors import PlacesInvalid

FILE = "catalogue.toml"
GROUPS, WAYS = ("1", "8", "N"), ("本窗口", "部门", "告知转送", "转介")
_TEXTS = ("id", "name", "short", "department", "grouped", "way", "basis", "conditions", "decides", "limit", "clause")
_OPTIONAL = ("partner", "note", "categories", "valid_until", "procedure", "applies", "called")
_ASSIGNED = ("item", "place", "unit", "valid_from", "basis")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the catalogue, as the public guide shows it too (domain 3.2, 3.3).

    The window begins an item of its own by `procedure`, as the item `applies` of policy/items.toml; both are empty
    where no procedure is drawn for it yet.
    """

    id: str
    name: str
    short: str
    department: str
    grouped: str
    counted: bool
    way: str
    basis: str
    conditions: str
    materials: tuple[str, ...]
    decides: str
    limit: str
    partner: str
    note: str
    procedure: str
    applies: str
    categories: tuple[str, ...]
    called: tuple[str, ...]
    valid_from: date
    valid_until: date | None

    def is_valid_on(self, day: date) -> bool:
        """Whether the item is on offer on this day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Assignment:
    """From `valid_from` on the item `id` is handled by `unit` at `place` (S1-62)."""

    id: str
    place: str
    unit: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole table."""

    items: tuple[Item, ...]
    assignments: tuple[Assignment, ...]

    def find(self, item_id: str) -> Item | None:
        """The item of this id."""
        return next((item for item in self.items if item.id == item_id), None)

    def unit_of(self, item_id: str, places: Sequence[str], day: date) -> str | None:
        """The id of the unit that handles an item on `day`; `places` are unit ids, the nearest first."""
        found = in_force(self.assignments, item_id, places, day)
        return found.unit if found else None

    def headline(self, day: date) -> tuple[int, int]:
        """How many departments and items count as 「11个部门19项」 on `day` (A-01)."""
        counted = [item for item in self.items if item.counted and item.is_valid_on(day)]
        return len({item.department for item in counted}), len(counted)


def read_catalogue(policy: Path) -> Catalogue:
    """The table in the folder `policy`, read again when the file changes; empty without a file.

    `PlacesInvalid` names what is wrong.
    """
    path = policy / FILE
    return _read(path, path.stat().st_mtime_ns) if path.exists() else Catalogue((), ())


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Catalogue:
    table = toml.read(path)
    rows = toml.rows(path, table, "item", (*_TEXTS, "counted", "materials", "valid_from"), _OPTIONAL)
    items = tuple(_item(path, row) for row in rows)
    known = [item.id for item in items]
    if twice := sorted({each for each in known if known.count(each) > 1}):
        raise PlacesInvalid(path, "事项", f"编号{'、'.join(twice)}写了不止一次，请改成不同的编号")
    assigned = toml.rows(path, table, "assignment", _ASSIGNED)
    return Catalogue(items, tuple(_assignment(path, row, known) for row in assigned))


def _item(path: Path, row: dict[str, Any]) -> Item:
    where = f"事项 {row['id']}"
    _one_of(path, where, "grouped", row["grouped"], GROUPS)
    _one_of(path, where, "way", row["way"], WAYS)
    if type(row["counted"]) is not bool:
        raise PlacesInvalid(path, where, "counted 应为 true 或 false")
    if row.get("procedure") and row["way"] != "本窗口":
        raise PlacesInvalid(path, where, "只有 way 是“本窗口”的事项由窗口按流程办，请去掉 procedure")
    if bool(row.get("procedure")) != bool(row.get("applies")):
        raise PlacesInvalid(path, where, "procedure（流程编号）和 applies（items.toml 的事项代码）要么都写，要么都不写")
    for name in ("valid_from", "valid_until"):
        if name in row and type(row[name]) is not date:
            raise PlacesInvalid(path, where, f"{name} 应为日期，例如 2023-01-01（不加引号）")
    return Item(
        **{name: str(row[name]) for name in _TEXTS if name != "clause"},
        counted=row["counted"],
        materials=tuple(toml.texts(path, where, row["materials"])),
        partner=str(row.get("partner", "")),
        note=str(row.get("note", "")),
        procedure=str(row.get("procedure", "")),
        applies=str(row.get("applies", "")),
        categories=tuple(toml.texts(path, where, row.get("categories", []))),
        called=tuple(toml.texts(path, where, row.get("called", []))),
        valid_from=row["valid_from"],
        valid_until=row.get("valid_until"),
    )


def _one_of(path: Path, where: str, name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise PlacesInvalid(path, where, f"{name}“{value}”应为 {'、'.join(allowed)} 之一")


def _assignment(path: Path, row: dict[str, Any], known: Sequence[str]) -> Assignment:
    where = f"承办单位 {row['item']}（{row['place']}）"
    if row["item"] not in known:
        raise PlacesInvalid(path, where, "目录里没有这个事项，请核对编号")
    if type(row["valid_from"]) is not date:
        raise PlacesInvalid(path, where, "valid_from 应为日期，例如 2023-01-01（不加引号）")
    return Assignment(str(row["item"]), str(row["place"]), str(row["unit"]), row["valid_from"])
