"""Moves the dates of an example to another day, so that it can be played now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from engine.clock.calendar import Calendar
from engine.clock.days import SHANGHAI


@dataclass(frozen=True)
class Shift:
    """Moves moments: a working day stays a working day, at the same distance in working days from the start.

    What an earlier example did before this one's start moves before it too.
    """

    calendar: Calendar
    scenario_start: date
    new_start: date

    def __call__(self, at: datetime) -> datetime:
        local = at.astimezone(SHANGHAI)
        if local.date() < self.scenario_start:
            return datetime.combine(self._back(local.date()), local.timetz()).astimezone(UTC)
        days = self.calendar.workdays_between(self.scenario_start, local.date())
        day = self.new_start
        for _ in range(days):
            day = self.calendar.next_workday(day + timedelta(days=1))
        return datetime.combine(day, local.timetz()).astimezone(UTC)

    def _back(self, moved: date) -> date:
        """The day that lies as many working days before the new start as `moved` before the old one."""
        day = self.new_start
        for _ in range(self.calendar.workdays_between(moved, self.scenario_start)):
            day -= timedelta(days=1)
            while not self.calendar.is_workday(day):
                day -= timedelta(days=1)
        return day
