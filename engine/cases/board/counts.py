"""The first page of the board: open cases by light, of each unit and each procedure, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import func, select

from engine.cases.board import conditions
from engine.cases.board.coming import Coming, coming
from engine.cases.board.filters import MARKS, Filters
from engine.cases.board.names import procedures
from engine.cases.board.sight import Sight, sight
from engine.cases.runtime import Step
from engine.people.units import Unit
from engine.store import tables


@dataclass(frozen=True)
class Counts:
    """Open cases: `total` is the sum of the four lights; `step`, `provisional` and `paused` are some of them."""

    total: int = 0
    red: int = 0
    yellow: int = 0
    none: int = 0
    step: int = 0
    provisional: int = 0
    paused: int = 0

    @property
    def green(self) -> int:
        return self.total - self.red - self.yellow - self.none

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in NAMES))


NAMES = tuple(each.name for each in fields(Counts))


@dataclass(frozen=True)
class Line:
    """One unit or procedure with its counts; `filters` lead to what it stands for, `opens` says whether there is more
    below."""

    name: str
    filters: Filters
    counts: Counts
    opens: bool = False


@dataclass(frozen=True)
class BoardPage:
    """Everything that the first page shows; `trail` leads from the actor's highest unit down to `top`."""

    filters: Filters
    top: Unit | None
    trail: Sequence[Unit]
    counts: Counts
    units: Sequence[Line]
    procedures: Sequence[Line]
    coming: Coming


def board(this: Step, filters: Filters) -> BoardPage:
    """The board of a unit and procedure; `BoardClosed`, `NotOnBoard`."""
    seen = sight(this)
    place = filters.place
    top = seen.top(place)
    names = procedures(this)
    found = count(this, seen, place)
    return BoardPage(
        filters=place,
        top=top,
        trail=seen.trail(top),
        counts=_sum(found.values()),
        units=_units(seen, place, found),
        procedures=_procedures(names, place, found),
        coming=coming(this, seen, place),
    )


def count(this: Step, seen: Sight, filters: Filters) -> Mapping[tuple[str, str], Counts]:
    """Counts of open cases by (unit id, procedure)."""
    c, now = tables.case, this.now
    parts = [conditions.light(c, name, now) for name in ("red", "yellow", "none")]
    parts += [conditions.mark(name, now) for name in MARKS]
    query = (
        select(c.c.unit_id, c.c.procedure, func.count(), *(func.count().filter(part) for part in parts))
        .where(*conditions.of_cases(seen, filters, now))
        .group_by(c.c.unit_id, c.c.procedure)
    )
    return {(unit_id, procedure): Counts(*numbers) for unit_id, procedure, *numbers in this.session.execute(query)}


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def _units(seen: Sight, filters: Filters, found: Mapping[tuple[str, str], Counts]) -> Sequence[Line]:
    """What lies directly below, and the unit itself if it decides cases beside them."""
    return [
        Line(
            part.name,
            part.filters,
            _sum(counts for (unit_id, _), counts in found.items() if unit_id in part.units),
            part.opens,
        )
        for part in seen.parts(filters, {unit_id for unit_id, _ in found})
    ]


def _procedures(names: Mapping[str, str], filters: Filters, found: Mapping[tuple[str, str], Counts]) -> Sequence[Line]:
    there = sorted({procedure for _, procedure in found})
    return [
        Line(
            names.get(each, each),
            filters.but(procedure=each),
            _sum(counts for (_, procedure), counts in found.items() if procedure == each),
        )
        for each in there
    ]
