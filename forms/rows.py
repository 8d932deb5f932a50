"""Finds the rows of a repeated list among the names a browser sent, and checks the rules that hold across rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from forms.model import Component
from forms.properties import split

MOST_ROWS = 1000
DEFAULT_MOST = 50


def find_rows(list_key: str, names: Iterable[str]) -> list[int]:
    """The row numbers present (`members-3-idNo` -> 3), in order; gaps left by deleted rows are fine."""
    shape = re.compile(rf"{re.escape(list_key)}-(\d{{1,5}})-")
    return sorted({int(match.group(1)) for name in names if (match := shape.match(name))})[:MOST_ROWS]


def check_rows(part: Component, rows: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Faults across the rows of a list as (input name or list key, message); rows are (row number as sent, values)."""
    least, most = int(part.properties.get("minRows", 0)), int(part.properties.get("maxRows", DEFAULT_MOST))
    if len(rows) < least:
        yield part.key, f"“{part.label}”至少要填 {least} 行，现在有 {len(rows)} 行"
    if len(rows) > most:
        yield part.key, f"“{part.label}”最多 {most} 行，现在有 {len(rows)} 行"
    columns = {child.key: child for child in part.walk() if child.list == part.key}
    if wanted := part.properties.get("exactlyOne"):
        yield from _check_exactly_one(part, columns, wanted, rows)
    for name in filter(None, split(part.properties.get("unique", ""))):
        yield from _check_unique(columns[name], rows)


def _check_exactly_one(
    part: Component, columns: dict[str, Component], wanted: str, rows: Sequence[tuple[int, dict[str, Any]]]
) -> Iterator[tuple[str, str]]:
    name, value = split(wanted, "=")
    found = sum(str(row.get(name)) == value for _, row in rows)
    if found != 1:
        shown = columns[name].options().get(value, value)
        where = f"“{part.label}”中“{columns[name].label}”为“{shown}”的"
        yield part.key, f"{where}应有且只有一行，现在有 {found} 行"


def _check_unique(column: Component, rows: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    seen: dict[Any, int] = {}
    for position, (number, row) in enumerate(rows, 1):
        value = row.get(column.key)
        if value is None:
            continue
        if value in seen:
            yield column.input_name(number), f"“{column.label}”与第 {seen[value]} 行重复，请核对"
        seen.setdefault(value, position)
