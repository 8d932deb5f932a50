"""Months as the board counts them: `2026-03`, the one before, and the days of each."""

from __future__ import annotations

from datetime import date, timedelta


def month_of(day: date) -> str:
    """The month that a day lies in."""
    return f"{day:%Y-%m}"


def before(month: str, count: int = 1) -> str:
    """The month so many months before."""
    for _ in range(count):
        month = month_of(first_day(month) - timedelta(days=1))
    return month


def first_day(month: str) -> date:
    """Its first day."""
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    """Its last day."""
    return (first_day(month) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
