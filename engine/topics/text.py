"""Fills `{name}` in a text that an analyst wrote, from facts and the case file; never Python's format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from engine.clock.days import local

PLACEHOLDER = re.compile(r"\{([^{}\n]{1,60})\}")
OPTIONAL = re.compile(r"\[\[(.+?)\]\](\n?)", re.DOTALL)


def fill(text: str, look_up: Callable[[str], Any]) -> str:
    """`text` with every `{name}` replaced; a name without a value becomes 「　　」, to be filled by hand.

    What stands in `[[ ]]` is left out, with the end of its line, when a name in it has no value.
    """
    text = OPTIONAL.sub(lambda found: _if_known(found, look_up), text)
    return PLACEHOLDER.sub(lambda found: show(look_up(found[1].strip())), text)


def _if_known(found: re.Match[str], look_up: Callable[[str], Any]) -> str:
    names = PLACEHOLDER.findall(found[1])
    return found[1] + found[2] if all(look_up(name.strip()) not in (None, "") for name in names) else ""


def show(value: Any) -> str:
    """A value as it stands in an official paper."""
    if value is None or value == "":
        return "　　"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        value = local(value).date()
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, list):
        return "、".join(show(each) for each in value if not isinstance(each, Mapping))
    return str(value)
