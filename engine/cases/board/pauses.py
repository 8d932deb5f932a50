"""The report on clocks that stood: how often, how often again, and how often begun on a limit's last day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from engine.cases.board import conditions
from engine.cases.board.filters import Filters
from engine.cases.board.months import before, month_of
from engine.cases.board.sight import Sight, sight
from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.people.units import Unit
from engine.store import tables

MONTHS = 12


@dataclass(frozen=True)
class Stood:
    """Pauses that began in the month: all, those that weren't the first of their kind, those begun on a last day, and
    those that stand yet."""

    total: int = 0
    repeated: int = 0
    last_day: int = 0
    standing: int = 0

    def __add__(self, other: Stood) -> Stood:
        return Stood(
            self.total + other.total,
            self.repeated + other.repeated,
            self.last_day + other.last_day,
            self.standing + other.standing,
        )


@dataclass(frozen=True)
class PauseLine:
    """One kind or one unit."""

    name: str
    filters: Filters
    stood: Stood
    opens: bool = False


@dataclass(frozen=True)
class PauseReport:
    """The whole page; `filters` hold the month shown."""

    filters: Filters
    top: Unit | None
    trail: Sequence[Unit]
    choices: Sequence[str]
    kinds: Sequence[PauseLine]
    units: Sequence[PauseLine]


def report(this: Step, filters: Filters) -> PauseReport:
    """The month asked for, else the present one; one statement. `BoardClosed`, `NotOnBoard`."""
    seen, present = sight(this), month_of(day_of(this.now))
    shown = filters.place.but(month=filters.month or present)
    top = seen.top(shown)
    found = _count(this, seen, shown)
    kinds = sorted({kind for _, kind in found})
    return PauseReport(
        filters=shown,
        top=top,
        trail=seen.trail(top),
        choices=[before(present, count) for count in range(MONTHS)],
        kinds=[
            PauseLine(kind, shown.but(kind=kind), _sum(each for (_, of), each in found.items() if of == kind))
            for kind in kinds
        ],
        units=_units(seen, shown, found),
    )


def _count(this: Step, seen: Sight, filters: Filters) -> Mapping[tuple[str, str], Stood]:
    p = tables.pause
    parts = (p.c.nth > 1, p.c.last_day, p.c.end_at.is_(None))
    query = (
        select(p.c.unit_id, p.c.kind, func.count(), *(func.count().filter(part) for part in parts))
        .where(*conditions.of_pauses(seen, filters))
        .group_by(p.c.unit_id, p.c.kind)
    )
    return {(unit_id, kind): Stood(*numbers) for unit_id, kind, *numbers in this.session.execute(query)}


def _sum(stood: Iterable[Stood]) -> Stood:
    return sum(stood, Stood())


def _units(seen: Sight, filters: Filters, found: Mapping[tuple[str, str], Stood]) -> list[PauseLine]:
    """What lies directly below, and the unit itself."""
    return [
        PauseLine(
            part.name,
            part.filters,
            _sum(each for (unit_id, _), each in found.items() if unit_id in part.units),
            part.opens,
        )
        for part in seen.parts(filters, {unit_id for unit_id, _ in found if unit_id})
    ]
