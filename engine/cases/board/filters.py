"""What a page of the board is about: one set of filters, read from an address and written back into links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from engine.cases.board.errors import FilterNotUnderstood

LIGHTS = ("green", "yellow", "red", "none")
MARKS = ("step", "provisional", "paused")
TURNS = ("yellow", "red")
ANSWERS = ("yes", "no")
STATUSES = ("open", "closed")
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
NAME = re.compile(r"[\w.-]{1,120}")
NAMES = re.compile(r"[\w.-]{1,120}(,[\w.-]{1,120}){0,40}")


@dataclass(frozen=True)
class Filters:
    """All filters of the board; an empty one asks for nothing.

    `procedures` are several by id, with commas between; `unit` is the unit that decides (cases) or holds (tasks)
    with all below it, with `own` it alone; `turns` with `begin` and `end` (Shanghai days, both included) is what
    turns yellow or red then; `month` is that of the end (pauses: of the beginning); `process` and `node` are where
    a task stands, with `inside` within what the node calls; `late`, `repeated` (a pause of that kind, or a step,
    once more) and `last_day` are `yes` or `no`.
    """

    unit: str = ""
    own: bool = False
    procedure: str = ""
    procedures: str = ""
    status: str = "open"
    light: str = ""
    mark: str = ""
    turns: str = ""
    begin: date | None = None
    end: date | None = None
    month: str = ""
    late: str = ""
    process: str = ""
    node: str = ""
    inside: bool = False
    kind: str = ""
    repeated: str = ""
    last_day: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Filters:
        """The filters of an address; other names in it are left alone. Raises `FilterNotUnderstood`."""
        return cls(**{name: READ[name](name, text) for name, text in given.items() if name in READ and text})

    def query(self) -> dict[str, str]:
        """The same for an address: only what was asked for."""
        empty = Filters()
        asked = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _text(value) for name, value in asked.items() if value != getattr(empty, name)}

    def but(self, **changes: Any) -> Filters:
        """These filters with some others."""
        return replace(self, **changes)

    @property
    def place(self) -> Filters:
        """Only where: unit and procedure, which all pages of the board share."""
        return Filters(unit=self.unit, own=self.own, procedure=self.procedure)

    def months(self) -> tuple[date, date]:
        """First and last day of the month asked for."""
        first = date.fromisoformat(f"{self.month}-01")
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "yes" if value is True else str(value)


def _one_of(*allowed: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in allowed:
            raise FilterNotUnderstood(name, text)
        return text

    return read


def _yes(name: str, text: str) -> bool:
    return bool(_one_of("yes")(name, text))


def _like(pattern: re.Pattern[str]) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if not pattern.fullmatch(text):
            raise FilterNotUnderstood(name, text)
        return text

    return read


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FilterNotUnderstood(name, text) from None


READ: Mapping[str, Callable[[str, str], Any]] = {
    "unit": _like(NAME),
    "own": _yes,
    "procedure": _like(NAME),
    "procedures": _like(NAMES),
    "status": _one_of(*STATUSES),
    "light": _one_of(*LIGHTS),
    "mark": _one_of(*MARKS),
    "turns": _one_of(*TURNS),
    "begin": _day,
    "end": _day,
    "month": _like(MONTH),
    "late": _one_of(*ANSWERS),
    "process": _like(NAME),
    "node": _like(NAME),
    "inside": _yes,
    "kind": _like(NAME),
    "repeated": _one_of(*ANSWERS),
    "last_day": _one_of(*ANSWERS),
}
