"""A month as an address names it: `2026-03`."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

PATTERN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True)
class Month:
    """A month of the calendar."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def before(self) -> Month:
        """The month before."""
        return month_of(self.first - timedelta(days=1))

    @property
    def after(self) -> Month:
        """The month after."""
        return month_of(self.last + timedelta(days=1))

    @property
    def words(self) -> str:
        """`2026年3月`."""
        return f"{self.first.year}年{self.first.month}月"

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


def month_of(day: date) -> Month:
    """The month that a day lies in."""
    return Month(day.replace(day=1))


def month_asked(text: str) -> Month | None:
    """The month that an address asks for; None for anything odd."""
    found = PATTERN.fullmatch(text.strip())
    if not found or not (1 <= int(found[2]) <= 12 and 2000 <= int(found[1]) <= 2999):
        return None
    return Month(date(int(found[1]), int(found[2]), 1))
