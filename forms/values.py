"""What a stored fact stands for: numbers kept as texts, dates, moments, yes and no."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
TRUE_WORDS = {"是": True, "真": True, "true": True, "否": False, "假": False, "false": False}


def as_number(value: object) -> Decimal | None:
    """The exact number a fact stands for, or None when it is none (bool is none)."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return Decimal(value)
    return None


def as_day(value: object) -> dt.date | None:
    """The day a fact stands for (a moment at its day in Shanghai), or None when it is none."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value) if DAY.match(value) else None
        except ValueError:
            return None
    if isinstance(value, dt.datetime):
        return (value.astimezone(SHANGHAI) if value.tzinfo else value).date()
    return value if isinstance(value, dt.date) else None


def as_moment(value: object) -> dt.datetime | None:
    """The aware moment a fact stands for (a text with a time and an offset), or None when it is none."""
    if isinstance(value, str) and "T" in value:
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, dt.datetime) and value.tzinfo else None


def equals(left: object, right: object) -> bool:
    """Equality across the forms a fact is stored in; texts compare exactly, so code "01" is not code "1"."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return as_truth(left) is as_truth(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    for read in (as_day, as_number):
        kinds = (dt.date,) if read is as_day else (int, float, Decimal)
        if isinstance(left, kinds) or isinstance(right, kinds):
            first = read(left)
            return first is not None and first == read(right)
    return left == right


def as_truth(value: object) -> bool | object:
    """True or False for the words of a radio button (是, 否, true…); anything else as it is."""
    return TRUE_WORDS.get(value, value) if isinstance(value, str) else value


def flatten(values: Iterable[object]) -> list[object]:
    """Arguments laid flat, blanks left out."""
    flat: list[object] = []
    for value in values:
        flat.extend(flatten(value) if isinstance(value, (list, tuple)) else [] if value is None else [value])
    return flat


def whole_years(birth: dt.date, day: dt.date) -> int:
    """Age in completed years (周岁) on `day`; born on 29 February: complete on 1 March of a common year."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
