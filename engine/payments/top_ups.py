"""Price-linked top-ups in force (processes/policy/top_ups.toml): so much for each person in certain months (S1-68)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.people import toml
from engine.people.errors import PlacesInvalid
from engine.registers import months
from engine.sheets import cents

EVERYWHERE = "全国"
_COLUMNS = ("name", "place", "first_month", "last_month", "amount", "basis")


@dataclass(frozen=True, slots=True)
class TopUp:
    """`amount` 分 a person and month, from `first_month` to `last_month`, for who receives one of `items`."""

    name: str
    place: str
    first_month: str
    last_month: str
    items: tuple[str, ...]
    amount: int
    basis: str


def in_force(policy: Path, places: Collection[str], month: str) -> list[TopUp]:
    """Those paid at a unit (`places`: its ids and region codes, those above it too) for a month; `PlacesInvalid`."""
    path = policy / "top_ups.toml"
    rows = _read(path, path.stat().st_mtime_ns) if path.exists() else ()
    here = {*places, EVERYWHERE}
    return [row for row in rows if row.place in here and row.first_month <= month <= row.last_month]


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[TopUp, ...]:
    rows = toml.rows(path, toml.read(path), "top_up", _COLUMNS, ("items",))
    return tuple(_row(path, f"第 {number} 个 [[top_up]]", row) for number, row in enumerate(rows, 1))


def _row(path: Path, where: str, row: Mapping[str, Any]) -> TopUp:
    for name in ("first_month", "last_month"):
        if not months.is_month(row[name]):
            raise PlacesInvalid(path, where, f"{name} 应写成月份，例如 2026-08")
    if row["first_month"] > row["last_month"]:
        raise PlacesInvalid(path, where, "last_month 早于 first_month")
    try:
        amount = cents(str(row["amount"]))
    except ValueError:
        amount = 0
    if amount <= 0:
        raise PlacesInvalid(path, where, f"amount“{row['amount']}”不是金额，例如 35.00")
    items = tuple(str(each) for each in row.get("items", ()))
    name, place, first, last = (str(row[name]) for name in _COLUMNS[:4])
    return TopUp(name, place, first, last, items, amount, str(row["basis"]))
