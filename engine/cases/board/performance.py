"""What took how long: on-time shares by unit and month, working days by step, and what has been open longest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from engine.bpmn.deployment import Deployment
from engine.cases.board import conditions
from engine.cases.board.filters import Filters
from engine.cases.board.lists import Row, listing
from engine.cases.board.months import before, first_day, last_day, month_of
from engine.cases.board.names import step_name
from engine.cases.board.percentiles import median, ninety
from engine.cases.board.sight import Sight, sight
from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.people.units import Unit
from engine.store import tables

MONTHS = 6
LONGEST = 10


@dataclass(frozen=True)
class Ended:
    """Cases that have ended; those without a limit on the whole were neither in time nor late."""

    total: int = 0
    in_time: int = 0
    late: int = 0

    @property
    def share(self) -> float | None:
        """In percent, of those that had a limit."""
        limited = self.in_time + self.late
        return 100 * self.in_time / limited if limited else None

    def __add__(self, other: Ended) -> Ended:
        return Ended(self.total + other.total, self.in_time + other.in_time, self.late + other.late)


@dataclass(frozen=True)
class UnitLine:
    """One unit in the month asked for, and in the one before."""

    name: str
    filters: Filters
    now: Ended
    then: Ended
    opens: bool = False


@dataclass(frozen=True)
class MonthLine:
    """One month."""

    month: str
    filters: Filters
    ended: Ended


@dataclass
class Times:
    """How many working days the tasks of a node took, how many of them were late, and how many were done once more."""

    days: Counter[int] = field(default_factory=Counter)
    late: int = 0
    again: int = 0

    @property
    def total(self) -> int:
        return self.days.total()

    @property
    def median(self) -> float | None:
        return median(self.days)

    @property
    def ninety(self) -> int | None:
        return ninety(self.days)


@dataclass(frozen=True)
class StepLine:
    """One step in the month asked for, and in the one before."""

    name: str
    filters: Filters
    now: Times
    then: Times


@dataclass(frozen=True)
class Performance:
    """The whole page; `filters` hold the month shown, `previous` is the one before."""

    filters: Filters
    top: Unit | None
    trail: Sequence[Unit]
    choices: Sequence[str]
    previous: str
    units: Sequence[UnitLine]
    months: Sequence[MonthLine]
    steps: Sequence[StepLine]
    longest: Sequence[Row]


def performance(this: Step, filters: Filters) -> Performance:
    """The month asked for, else the present one, of a unit and procedure; `BoardClosed`, `NotOnBoard`."""
    seen, present = sight(this), month_of(day_of(this.now))
    shown = filters.place.but(month=filters.month or present)
    top = seen.top(shown)
    return Performance(
        filters=shown,
        top=top,
        trail=seen.trail(top),
        choices=[before(present, count) for count in range(2 * MONTHS)],
        previous=before(shown.month),
        units=_units(this, seen, shown),
        months=_months(this, seen, shown),
        steps=_steps(this, seen, shown),
        longest=listing(this, "cases", filters.place, size=LONGEST, order="age").rows,
    )


def _units(this: Step, seen: Sight, filters: Filters) -> Sequence[UnitLine]:
    """What lies directly below, and the unit itself."""
    found = _ended_by_unit(this, seen, filters)
    lines = []
    for part in seen.parts(filters, found):
        now, then = (sum((found[unit_id][which] for unit_id in part.units), Ended()) for which in (True, False))
        lines.append(UnitLine(part.name, part.filters, now, then, part.opens))
    return lines


def _ended_by_unit(this: Step, seen: Sight, filters: Filters) -> Mapping[str, Mapping[bool, Ended]]:
    """By unit and by whether it was in the month asked for rather than the one before."""
    c = tables.case
    this_month = (c.c.closed_on >= first_day(filters.month)).label("this_month")
    query = (
        select(c.c.unit_id, this_month, c.c.late, func.count())
        .where(
            *conditions.of_cases(seen, filters.but(status="closed", month=""), this.now),
            c.c.closed_on.between(first_day(before(filters.month)), last_day(filters.month)),
        )
        .group_by(c.c.unit_id, this_month, c.c.late)
    )
    found: dict[str, dict[bool, Ended]] = defaultdict(lambda: defaultdict(Ended))
    for unit_id, is_now, late, count in this.session.execute(query):
        found[unit_id][bool(is_now)] += _ended(late, count)
    return found


def _months(this: Step, seen: Sight, filters: Filters) -> Sequence[MonthLine]:
    """The last months up to the one asked for, the newest first."""
    c = tables.case
    shown = [before(filters.month, count) for count in range(MONTHS)]
    query = (
        select(c.c.closed_on, c.c.late, func.count())
        .where(
            *conditions.of_cases(seen, filters.but(status="closed", month=""), this.now),
            c.c.closed_on.between(first_day(shown[-1]), last_day(shown[0])),
        )
        .group_by(c.c.closed_on, c.c.late)
    )
    found: dict[str, Ended] = defaultdict(Ended)
    for day, late, count in this.session.execute(query):
        found[month_of(day)] += _ended(late, count)
    return [MonthLine(month, filters.but(status="closed", month=month), found[month]) for month in shown]


def _ended(late: bool | None, count: int) -> Ended:
    return Ended(count, count if late is False else 0, count if late else 0)


def _steps(this: Step, seen: Sight, filters: Filters) -> Sequence[StepLine]:
    """Those that took longest first."""
    deployment = this.runtime.current(this.session)[1]
    t = tables.task
    this_month = (t.c.closed_on >= first_day(filters.month)).label("this_month")
    keys = (t.c.procedure, t.c.process_id, t.c.node_id)
    query = (
        select(*keys, this_month, t.c.workdays, t.c.late, func.count())
        .where(
            *conditions.of_tasks(seen, filters.but(status="closed", month=""), deployment, this.now),
            t.c.closed_on.between(first_day(before(filters.month)), last_day(filters.month)),
        )
        .group_by(*keys, this_month, t.c.workdays, t.c.late)
    )
    found: dict[tuple[str, str, str], dict[bool, Times]] = defaultdict(lambda: defaultdict(Times))
    for procedure, process_id, node_id, is_now, workdays, late, count in this.session.execute(query):
        times = found[procedure, process_id, node_id][bool(is_now)]
        times.days[workdays or 0] += count
        times.late += count if late else 0
    for step, count in _repeated(this, seen, filters, deployment).items():
        found[step][True].again = count
    lines = [
        StepLine(
            step_name(deployment, process_id, node_id),
            filters.but(status="closed", procedure=procedure, process=process_id, node=node_id),
            times[True],
            times[False],
        )
        for (procedure, process_id, node_id), times in found.items()
    ]
    return _slowest_first(lines)


def _repeated(this: Step, seen: Sight, filters: Filters, deployment: Deployment) -> Mapping[tuple[str, str, str], int]:
    """How many tasks of the month were a step that the case had done before, by step."""
    t = tables.task
    keys = (t.c.procedure, t.c.process_id, t.c.node_id)
    asked = filters.but(status="closed", repeated="yes")
    query = select(*keys, func.count()).where(*conditions.of_tasks(seen, asked, deployment, this.now)).group_by(*keys)
    return {(row[0], row[1], row[2]): row[3] for row in this.session.execute(query)}


def _slowest_first(lines: Iterable[StepLine]) -> list[StepLine]:
    return sorted(lines, key=lambda line: (-(line.now.median or 0), -(line.now.ninety or 0), line.name))
