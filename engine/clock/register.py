"""The register of limits (processes/policy/limits.toml): what each id means in law, and where a place differs."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from engine.clock.dated import in_force
from engine.clock.errors import LimitNotUnderstood, LimitUnknown, RegisterInvalid
from engine.clock.ledger import COMMON, Rules
from engine.clock.limits import Limit
from engine.clock.recurring import Recurring, parse_timer

_REQUIRED = frozenset({"id", "name", "text", "starts", "kind", "clause", "on_expiry"})
_SWITCHES = ("roll", "advance", "next_workday_start")
_ROW_KEYS = _REQUIRED | {"source", "note", *_SWITCHES}
_OVERRIDE_KEYS = frozenset({"id", "place", "valid_from", "text", "basis"})


@dataclass(frozen=True, slots=True)
class RegisteredLimit:
    """One row: the limit in law (`text`, read as `limit`), when it `starts`, its `clause` and `source`, whether it is
    statutory or of this system only, and what happens `on_expiry`. All texts are Chinese but ids and clauses."""

    id: str
    name: str
    text: str
    limit: Limit | Recurring
    starts: str
    kind: Literal["statutory", "internal"]
    clause: str
    on_expiry: str
    source: str = ""
    note: str = ""
    rules: Rules = COMMON

    @property
    def is_statutory(self) -> bool:
        """Whether a rule sets it; otherwise it is this system's own."""
        return self.kind == "statutory"


@dataclass(frozen=True, slots=True)
class Override:
    """From `valid_from` on, limit `id` is `limit` in `place`, on the `basis` quoted."""

    id: str
    place: str
    valid_from: date
    limit: Limit | Recurring
    basis: str


@dataclass(frozen=True, slots=True)
class Register:
    """All rows by id, and the overrides."""

    rows: Mapping[str, RegisteredLimit]
    overrides: tuple[Override, ...] = ()

    def row(self, limit_id: str) -> RegisteredLimit:
        """The row of `limit_id`, else `LimitUnknown`."""
        if limit_id not in self.rows:
            raise LimitUnknown(limit_id)
        return self.rows[limit_id]

    def override(self, limit_id: str, places: Sequence[str], day: date) -> Override | None:
        """What differs on `day` at the first of `places` (nearest first: township, county, city…) that has an override;
        the latest one in force wins. None when the number in the diagram holds."""
        return in_force(self.overrides, limit_id, places, day)

    def limit_for(self, limit_id: str, drawn: Limit | Recurring, places: Sequence[str], day: date) -> Limit | Recurring:
        """The limit to run: the `drawn` one of the diagram unless an override is in force."""
        override = self.override(limit_id, places, day)
        return drawn if override is None else override.limit


def load_register(path: Path) -> Register:
    """Read the register; `RegisterInvalid` names the row and its fault. Read again when the file changes."""
    try:
        return _load(path, path.stat().st_mtime_ns)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegisterInvalid(path, "格式", f"文件无法读取（{error}）。") from error


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> Register:
    tables: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text("utf-8"))
    rows: dict[str, RegisteredLimit] = {}
    for number, table in enumerate(tables.get("limit", []), 1):
        where = f"第{number}项时限（{table.get('id', '无编号')}）"
        _check_keys(path, where, table, _REQUIRED, _ROW_KEYS)
        if table["id"] in rows:
            raise RegisterInvalid(path, where, "编号重复，每个编号只能登记一次。")
        if table["kind"] not in ("statutory", "internal"):
            raise RegisterInvalid(path, where, f"kind“{table['kind']}”应为 statutory（法定）或 internal（内部）。")
        rows[table["id"]] = _row(path, where, table)
    overrides = tuple(
        _override(path, number, table, rows) for number, table in enumerate(tables.get("override", []), 1)
    )
    return Register(rows, overrides)


def _row(path: Path, where: str, table: dict[str, Any]) -> RegisteredLimit:
    given = dict(table)
    switches = {key: given.pop(key) for key in _SWITCHES if key in given}
    return RegisteredLimit(limit=_timer(path, where, given["text"]), rules=Rules(**switches), **given)


def _override(path: Path, number: int, table: dict[str, Any], rows: Mapping[str, RegisteredLimit]) -> Override:
    where = f"第{number}项地方规定（{table.get('id', '无编号')}）"
    _check_keys(path, where, table, _OVERRIDE_KEYS, _OVERRIDE_KEYS)
    if table["id"] not in rows:
        raise RegisterInvalid(path, where, f"没有编号为“{table['id']}”的时限。")
    if type(table["valid_from"]) is not date:
        raise RegisterInvalid(path, where, "valid_from 应为日期，例如 2024-02-01（不加引号）。")
    return Override(
        table["id"], table["place"], table["valid_from"], _timer(path, where, table["text"]), table["basis"]
    )


def _timer(path: Path, where: str, text: str) -> Limit | Recurring:
    try:
        return parse_timer(text)
    except LimitNotUnderstood as error:
        raise RegisterInvalid(path, where, str(error)) from error


def _check_keys(path: Path, where: str, table: dict[str, Any], needed: Iterable[str], known: frozenset[str]) -> None:
    missing, strange = sorted(set(needed) - set(table)), sorted(set(table) - known)
    if missing:
        raise RegisterInvalid(path, where, f"缺少 {'、'.join(missing)}。")
    if strange:
        raise RegisterInvalid(path, where, f"不认识 {'、'.join(strange)}，请核对拼写。")
    texts = {key for key in table if key not in ("valid_from", *_SWITCHES)}
    wrong = sorted(key for key in texts if not isinstance(table[key], str))
    wrong += sorted(key for key in _SWITCHES if not isinstance(table.get(key, True), bool))
    if wrong:
        raise RegisterInvalid(path, where, f"{'、'.join(wrong)} 的值类型不对：文字加引号，开关写 true 或 false。")
