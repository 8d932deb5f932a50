"""Months as `2026-04`: the next one, how many lie between two, and which month a day is in."""

from __future__ import annotations

import re
from datetime import date

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def month_of(day: date) -> str:
    """The month of a day."""
    return f"{day:%Y-%m}"


def after(month: str, count: int = 1) -> str:
    """`count` months later, or earlier when negative."""
    year, rest = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + count, 12)
    return f"{year:04d}-{rest + 1:02d}"


def between(first: str, last: str) -> int:
    """How many months lie from `first` to `last`, both counted; 0 when `last` is earlier."""
    months = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1
    return max(0, months)


def is_month(text: object) -> bool:
    """Whether `text` names a month."""
    return isinstance(text, str) and MONTH.fullmatch(text) is not None
