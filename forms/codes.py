"""The code lists of the office; hides the file they lie in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from forms.errors import CodeListUnknown

FILE = Path(__file__).with_name("codes.toml")


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list: `id`, `title`, the `standard` it follows, and `values` (code -> label, in the order to show)."""

    id: str
    title: str
    standard: str
    values: Mapping[str, str]


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, CodeList]:
    """All lists by id."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: CodeList(name, entry["title"], entry["standard"], MappingProxyType(entry["values"]))
            for name, entry in content.items()
        }
    )


def find(name: str) -> CodeList:
    """The list called `name`; raises CodeListUnknown."""
    found = catalogue().get(name)
    if found is None:
        raise CodeListUnknown(name)
    return found


def label(name: str, code: str | None) -> str:
    """The label of a code ("" for none); a code that is not (or no longer) in the list is shown as it is."""
    return "" if code is None else find(name).values.get(code, code)
