"""Medians and ninety-percent values from counts by value: what SQLite can't compute, alike on both databases."""

from __future__ import annotations

from collections.abc import Mapping

Histogram = Mapping[int, int]  # value -> how often


def median(histogram: Histogram) -> float | None:
    """The middle value, the mean of the two middle ones of an even number; None for nothing."""
    total = sum(histogram.values())
    if not total:
        return None
    return (_at(histogram, (total + 1) // 2) + _at(histogram, total // 2 + 1)) / 2


def ninety(histogram: Histogram) -> int | None:
    """The smallest value that at least nine of ten don't exceed (nearest rank); None for nothing."""
    total = sum(histogram.values())
    return _at(histogram, -(-total * 9 // 10)) if total else None


def _at(histogram: Histogram, rank: int) -> int:
    """The value at this place, counted from 1, of all values in order."""
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen >= rank:
            return value
    raise ValueError(rank)
