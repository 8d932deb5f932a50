"""Lines up text of Chinese and Latin letters in a terminal, where a Chinese character is two columns wide."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

GAP = "  "


def width(text: str) -> int:
    """Columns that the text takes."""
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


def fit(text: str, most: int) -> str:
    """The text, cut with … where it is wider than `most` columns."""
    if width(text) <= most:
        return text
    while text and width(text) > most - 2:
        text = text[:-1]
    return f"{text}…"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """One line a row with its columns aligned; the last column isn't padded."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] if rows else []
    return [GAP.join([*(_pad(cell, w) for cell, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]


def _pad(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))
