"""Which benefits may not be received together (`excludes` in processes/policy/items.toml; E-11)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from engine.people import toml


def excluded_by(policy: Path, item: str) -> frozenset[str]:
    """The items that cannot be received beside `item`, whichever of the two says so; `item` itself among them."""
    path = policy / "items.toml"
    table = _read(path, path.stat().st_mtime_ns) if path.exists() else {}
    named = table.get(item, frozenset())
    return named | {other for other, excludes in table.items() if item in excludes} | {item}


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Mapping[str, frozenset[str]]:
    return {str(row["id"]): frozenset(row.get("excludes", ())) for row in toml.read(path).get("item", [])}
