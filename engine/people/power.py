"""Who confirms what (processes/policy/power.toml): the county itself, or the township by devolution or mandate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from engine.people import toml
from engine.people.errors import PlacesInvalid

Mode = Literal["本级", "下放", "委托"]
MODES: tuple[Mode, ...] = ("本级", "下放", "委托")
DEFAULT: Mode = "下放"
EVERYWHERE, EVERYTHING = "全国", "全部"
_COLUMNS = ("item", "place", "mode", "valid_from", "basis")


@dataclass(frozen=True, slots=True)
class Power:
    """From `valid_from` on, `item` is confirmed at `place` in this mode."""

    item: str
    place: str
    mode: Mode
    valid_from: date
    basis: str


def mode(powers: Sequence[Power], item: str | None, places: Sequence[str], day: date) -> Mode:
    """How `item` is confirmed on `day`: the first of `places` (nearest first) that says; devolved where none does."""
    for place in (*places, EVERYWHERE):
        found = [p for p in powers if p.place == place and p.item in (item, EVERYTHING) and p.valid_from <= day]
        if found:
            return max(found, key=lambda power: (power.item == item, power.valid_from)).mode
    return DEFAULT


def read_power(path: Path) -> tuple[Power, ...]:
    """The table, read again when the file changes; empty without a file. `PlacesInvalid` names what is wrong."""
    return _read(path, path.stat().st_mtime_ns) if path.exists() else ()


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[Power, ...]:
    return tuple(
        _power(path, number, row) for number, row in enumerate(toml.rows(path, toml.read(path), "power", _COLUMNS), 1)
    )


def _power(path: Path, number: int, row: dict[str, object]) -> Power:
    where = f"第 {number} 个 [[power]]"
    found = next((each for each in MODES if each == row["mode"]), None)
    if found is None:
        raise PlacesInvalid(path, where, f"mode“{row['mode']}”应为 {'、'.join(MODES)} 之一")
    if type(row["valid_from"]) is not date:
        raise PlacesInvalid(path, where, "valid_from 应为日期，例如 2024-02-01（不加引号）")
    return Power(str(row["item"]), str(row["place"]), found, row["valid_from"], str(row["basis"]))
