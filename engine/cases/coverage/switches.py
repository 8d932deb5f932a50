"""What the documents leave open (processes/policy/switches.toml): the question, the answer, and where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.cases.coverage.errors import ClausesNotReadable

FILE = "processes/policy/switches.toml"
_COLUMNS: Mapping[str, type] = {
    "id": str,
    "question": str,
    "value": str,
    "choices": list,
    "where": str,
    "ground": str,
    "valid_from": date,
}
_NAMED = re.compile(r"[A-Za-z_][\w/]*\.(?:bpmn|dmn|toml|form)\b")


@dataclass(frozen=True, slots=True)
class Switch:
    """One question that the documents leave open or answer in two ways.

    `value` is the answer taken, one of `choices` or in words of its own; `where` says which file decides it and what to
    change there; `ground` is the reason; `valid_from` the day from which this answer holds.
    """

    id: str
    question: str
    value: str
    choices: tuple[str, ...]
    where: str
    ground: str
    valid_from: date

    def lost(self, files: Iterable[str]) -> tuple[str, ...]:
        """The files named in `where` that are none of `files`; a name may leave the first folders out."""
        known = list(files)
        named = dict.fromkeys(_NAMED.findall(self.where))
        return tuple(name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in known))


def read(files: Mapping[str, bytes]) -> Mapping[str, Switch]:
    """The switches of a deployment's files by id, in their order; `ClausesNotReadable` names the row and its fault."""
    try:
        rows = tomllib.loads(files.get(FILE, b"").decode()).get("switch", [])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClausesNotReadable(FILE, "", f"无法读取（{error}）") from error
    found: dict[str, Switch] = {}
    for number, row in enumerate(rows, 1):
        switch = _switch(number, row)
        if switch.id in found:
            raise ClausesNotReadable(FILE, switch.id, "编号重复，每个开关只能登记一次")
        found[switch.id] = switch
    return found


def _switch(number: int, row: Mapping[str, Any]) -> Switch:
    where = str(row.get("id") or f"第{number}项")
    for name, kind in _COLUMNS.items():
        if not isinstance(row.get(name), kind) or row[name] == "":
            raise ClausesNotReadable(FILE, where, f"{name} 没有写，或者写法不对，请对照其他开关")
    if strange := sorted(set(row) - set(_COLUMNS)):
        raise ClausesNotReadable(FILE, where, f"不认识 {'、'.join(strange)}，请核对拼写")
    return Switch(**{**row, "choices": tuple(map(str, row["choices"]))})
