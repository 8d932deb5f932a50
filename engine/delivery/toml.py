"""Hides how the two files of this package are read: tables with known typed keys, and errors that say where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.delivery.errors import SettingsInvalid

WORDS: dict[type, str] = {str: "文字", int: "整数", float: "数", bool: "true 或 false", list: "列表", dict: "一段"}


def read(path: Path) -> dict[str, Any]:
    """The file's content; `SettingsInvalid` when it is no TOML, an `OSError` when it can't be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(path, "格式", f"不是合格的 TOML（{error}）") from None


def check(
    path: Path, where: str, row: object, required: Mapping[str, type], optional: Mapping[str, type]
) -> dict[str, Any]:
    """The row, if it has all `required` keys, none but these and the `optional`, each of its type."""
    if not isinstance(row, dict):
        raise SettingsInvalid(path, where, "应为一段，各项写成 名称 = 值")
    kinds = {**required, **optional}
    if missing := [name for name in required if name not in row]:
        raise SettingsInvalid(path, where, f"缺少 {'、'.join(missing)}")
    if strange := [name for name in row if name not in kinds]:
        raise SettingsInvalid(path, where, f"有不认识的项 {'、'.join(strange)}，可用的是 {'、'.join(kinds)}")
    for name, value in row.items():
        kind = kinds[name]
        if not (type(value) is kind or (kind is float and type(value) is int)):
            raise SettingsInvalid(path, where, f"{name} 应为{WORDS[kind]}")
    return row
