"""What may stop the clock (processes/policy/pauses.toml): on which basis, for how long, which limits, and where."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.clock.dated import in_force
from engine.clock.errors import LimitNotUnderstood, RegisterInvalid
from engine.clock.limits import Limit, parse_limit

ALL = "all"
_KIND = frozenset({"id", "name", "basis", "limit", "enabled"})
_KIND_KEYS = _KIND | {"stops", "switch", "note"}
_OVERRIDE = frozenset({"id", "place", "valid_from", "enabled", "basis"})
_OVERRIDE_KEYS = _OVERRIDE | {"limit"}


@dataclass(frozen=True, slots=True)
class Terms:
    """How a kind stands at one place on one day: whether it stops the clock, for how long at most, on what basis."""

    enabled: bool
    limit: Limit
    basis: str


@dataclass(frozen=True, slots=True)
class PauseKind:
    """One reason for which the clock may stand. `stops` are ids of limits, or `all`; `switch` the open question."""

    id: str
    name: str
    terms: Terms
    stops: frozenset[str] = frozenset({ALL})
    switch: str = ""
    note: str = ""

    def stops_limit(self, limit_id: str | None) -> bool:
        """Whether it stops a limit of this id."""
        return ALL in self.stops or limit_id in self.stops


@dataclass(frozen=True, slots=True)
class Override:
    """From `valid_from` on, kind `id` stands otherwise in `place`."""

    id: str
    place: str
    valid_from: date
    terms: Terms


@dataclass(frozen=True, slots=True)
class PauseKinds:
    """All kinds by id, and the overrides."""

    kinds: Mapping[str, PauseKind]
    overrides: tuple[Override, ...] = ()

    def terms(self, kind_id: str, places: Sequence[str], day: date) -> Terms | None:
        """How the kind stands on `day` at the first of `places` (nearest first) that says; None for an unknown kind."""
        found = in_force(self.overrides, kind_id, places, day) or self.kinds.get(kind_id)
        return found.terms if found else None


def load_pause_kinds(path: Path) -> PauseKinds:
    """Read the table, again when the file changes; without a file nothing stops the clock. `RegisterInvalid`."""
    if not path.exists():
        return PauseKinds({})
    try:
        return _load(path, path.stat().st_mtime_ns)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegisterInvalid(path, "格式", f"文件无法读取（{error}）。") from error


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> PauseKinds:
    tables: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text("utf-8"))
    kinds: dict[str, PauseKind] = {}
    for number, table in enumerate(tables.get("pause", []), 1):
        where = f"第{number}项暂停（{table.get('id', '无编号')}）"
        _check(path, where, table, _KIND, _KIND_KEYS)
        if table["id"] in kinds:
            raise RegisterInvalid(path, where, "编号重复，每个编号只能登记一次。")
        stops = table.get("stops", ALL)
        kinds[table["id"]] = PauseKind(
            table["id"],
            table["name"],
            Terms(table["enabled"], _limit(path, where, table["limit"]), table["basis"]),
            frozenset([stops] if isinstance(stops, str) else stops),
            table.get("switch", ""),
            table.get("note", ""),
        )
    overrides = [_override(path, n, table, kinds) for n, table in enumerate(tables.get("override", []), 1)]
    return PauseKinds(kinds, tuple(overrides))


def _override(path: Path, number: int, table: dict[str, Any], kinds: Mapping[str, PauseKind]) -> Override:
    where = f"第{number}项地方规定（{table.get('id', '无编号')}）"
    _check(path, where, table, _OVERRIDE, _OVERRIDE_KEYS)
    if table["id"] not in kinds:
        raise RegisterInvalid(path, where, f"没有编号为“{table['id']}”的暂停。")
    if type(table["valid_from"]) is not date:
        raise RegisterInvalid(path, where, "valid_from 应为日期，例如 2024-02-01（不加引号）。")
    limit = _limit(path, where, table["limit"]) if "limit" in table else kinds[table["id"]].terms.limit
    terms = Terms(table["enabled"], limit, table["basis"])
    return Override(table["id"], table["place"], table["valid_from"], terms)


def _limit(path: Path, where: str, text: str) -> Limit:
    try:
        return parse_limit(text)
    except LimitNotUnderstood as error:
        raise RegisterInvalid(path, where, str(error)) from error


def _check(path: Path, where: str, table: dict[str, Any], needed: Iterable[str], known: frozenset[str]) -> None:
    missing, strange = sorted(set(needed) - set(table)), sorted(set(table) - known)
    if missing:
        raise RegisterInvalid(path, where, f"缺少 {'、'.join(missing)}。")
    if strange:
        raise RegisterInvalid(path, where, f"不认识 {'、'.join(strange)}，请核对拼写。")
    if not isinstance(table["enabled"], bool):
        raise RegisterInvalid(path, where, "enabled 应写 true（停）或 false（不停）。")
    empty = [key for key in ("basis", "limit") if key in table and not str(table[key]).strip()]
    if empty:
        raise RegisterInvalid(path, where, f"{'、'.join(empty)} 不能为空：暂停必须有依据和最长期限。")
