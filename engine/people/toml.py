"""Hides how this package's tables are read from TOML: rows with known keys, and errors that say file and row."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from engine.people.errors import PlacesInvalid


def read(path: Path) -> dict[str, Any]:
    """The file's content; `PlacesInvalid` when it is missing or no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlacesInvalid(path, "文件", "文件不存在。请补上这个文件") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlacesInvalid(path, "格式", f"不是合格的 TOML：{error}") from None


def rows(path: Path, table: dict[str, Any], name: str, required: Iterable[str], optional: Iterable[str] = ()) -> Any:
    """The `[[name]]` rows of a table, each a dict with all `required` and only known keys; else `PlacesInvalid`."""
    found = table.get(name, [])
    if not isinstance(found, list):
        raise PlacesInvalid(path, f"「{name}」", f"请写成 [[{name}]]，每项一段")
    needed, known = set(required), {*required, *optional}
    for number, row in enumerate(found, 1):
        where = f"第 {number} 个 [[{name}]]（{row.get('id') or row.get('role') or '未写编号'}）"
        if missing := sorted(needed - row.keys()):
            raise PlacesInvalid(path, where, f"缺少 {'、'.join(missing)}")
        if strange := sorted(row.keys() - known):
            raise PlacesInvalid(path, where, f"有不认识的项 {'、'.join(strange)}，可用的是 {'、'.join(sorted(known))}")
    return found


def texts(path: Path, where: str, value: object) -> Sequence[str]:
    """A list of texts, as such; anything else is `PlacesInvalid`."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise PlacesInvalid(path, where, '应为文字列表，例如 ["a", "b"]')
    return value
