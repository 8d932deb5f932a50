"""Rows of policy tables that hold at a place from a day on: which one is in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar


class Dated(Protocol):
    """A row that says something about `id` in `place` from `valid_from` on."""

    @property
    def id(self) -> str: ...

    @property
    def place(self) -> str: ...

    @property
    def valid_from(self) -> date: ...


Row = TypeVar("Row", bound=Dated)


def in_force(rows: Iterable[Row], row_id: str, places: Sequence[str], day: date) -> Row | None:
    """The row about `row_id` on `day` at the first of `places` (nearest first: township, county, city…) that has one;
    the latest in force wins. None where no place says anything."""
    about = [row for row in rows if row.id == row_id and row.valid_from <= day]
    for place in places:
        if found := [row for row in about if row.place == place]:
            return max(found, key=lambda row: row.valid_from)
    return None
