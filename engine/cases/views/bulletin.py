"""通报: what each unit has done in a month, in time and late, what is overdue, and how often it had to be reminded.

A case counts for the unit that decides it, a step for the unit that holds it, at the end of the month or, in the
month that runs, now (S1-57).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from engine.cases import access
from engine.cases.board.filters import Filters
from engine.cases.board.sight import Sight, sight
from engine.cases.runtime import Step
from engine.clock.days import ONE_DAY, day_of, local, start_of
from engine.people.units import Unit
from engine.store import tables

C, T, A = tables.case, tables.task, tables.act
URGED, PRESSED, OVERSEEN = "催办", "督办", "督办单"  # kinds of act: by a person, by the clock, with a paper


@dataclass
class Row:
    """One unit's month. `longest` is the open case that began first."""

    unit: Unit | None
    done: int = 0
    on_time: int = 0
    late: int = 0
    open: int = 0
    overdue: int = 0
    steps: int = 0
    steps_late: int = 0
    urged: int = 0
    pressed: int = 0
    overseen: int = 0
    longest: Longest | None = None

    @property
    def rate(self) -> float | None:
        """The share of the done cases that were in time."""
        return self.on_time / self.done if self.done else None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say about the unit."""
        return not (self.done or self.open or self.steps or self.urged or self.pressed or self.overseen)


@dataclass(frozen=True)
class Longest:
    """An open case and for how many working days it has been open."""

    case_id: int
    number: str
    days: int


@dataclass(frozen=True)
class Bulletin:
    """The month's rows in the order of the units, their sum, and until when it was counted.

    `runs`: the month isn't over, what is open is open now; `procedures`: the ids of those whose cases are counted.
    """

    first: date
    last: date
    until: datetime
    runs: bool
    procedures: Sequence[str]
    rows: Sequence[Row]
    total: Row = field(default_factory=lambda: Row(None))

    @property
    def until_words(self) -> str:
        """`2026年3月31日24时`, or the minute of a month that runs."""
        if self.runs:
            return f"{local(self.until):%Y-%m-%d %H:%M}"
        return f"{self.last.year}年{self.last.month}月{self.last.day}日24时"


def bulletin(this: Step, first: date, last: date) -> Bulletin:
    """The month from `first` to `last` for the units the actor watches over; `BoardClosed` for one who watches none.

    Units without anything are left out. Six statements, whatever the number of units.
    """
    watched = sight(this)
    until = min(this.now, start_of(last + ONE_DAY))
    rows = {unit.id: Row(unit) for unit in watched.within(Filters())}
    procedures = _procedures(this)
    count = _Count(this, watched, first, last, until, procedures, rows)
    count.cases_done()
    count.cases_open()
    count.steps()
    count.acts()
    count.longest()
    found = [row for row in rows.values() if not row.is_empty]
    return Bulletin(first, last, until, until == this.now, procedures, found, _sum(found))


@dataclass
class _Count:
    """One counting: every method is a statement that fills some numbers of the rows."""

    this: Step
    watched: Sight
    first: date
    last: date
    until: datetime
    procedures: Sequence[str]
    rows: Mapping[str, Row]

    def cases_done(self) -> None:
        late = func.count(case((C.c.late, 1)))
        query = self._cases(C.c.unit_id, func.count(), late).where(C.c.closed_on.between(self.first, self.last))
        for row, done, late_ones in self._fill(query.group_by(C.c.unit_id)):
            row.done, row.late, row.on_time = done, late_ones, done - late_ones

    def cases_open(self) -> None:
        overdue = func.count(case((C.c.due_at < self.until, 1)))
        query = self._cases(C.c.unit_id, func.count(), overdue).where(self._still_open())
        for row, still, overdue_ones in self._fill(query.group_by(C.c.unit_id)):
            row.open, row.overdue = still, overdue_ones

    def steps(self) -> None:
        """Steps that were done in the month, and those late among them."""
        late = func.count(case((T.c.late, 1)))
        query = select(T.c.unit_id, func.count(), late).where(
            T.c.status == "done", T.c.closed_on.between(self.first, self.last), self._within(T.c.unit_path)
        )
        for row, done, late_ones in self._fill(query.group_by(T.c.unit_id)):
            row.steps, row.steps_late = done, late_ones

    def acts(self) -> None:
        counts = [func.count(case((A.c.kind == kind, 1))) for kind in (URGED, PRESSED, OVERSEEN)]
        query = select(A.c.unit_id, *counts).where(
            A.c.at >= start_of(self.first), A.c.at < start_of(self.last + ONE_DAY), self._within(A.c.unit_path)
        )
        for row, urged, pressed, overseen in self._fill(query.group_by(A.c.unit_id)):
            row.urged, row.pressed, row.overseen = urged, pressed, overseen

    def longest(self) -> None:
        """The open case that came first, by unit: numbers of rows rise with time."""
        first = self._cases(func.min(C.c.id)).where(self._still_open()).group_by(C.c.unit_id)
        query = select(C.c.unit_id, C.c.id, C.c.number, C.c.started_on).where(C.c.id.in_(first))
        calendar, today = self.this.runtime.calendar(), min(self.last, day_of(self.this.now))
        for row, case_id, number, began in self._fill(query):
            row.longest = Longest(case_id, number, calendar.workdays_between(began, today))

    def _cases(self, *columns: Any) -> Select[Any]:
        """Applications within sight; a case about another case, such as a 督办单, is none."""
        return select(*columns).where(self._within(C.c.unit_path), C.c.procedure.in_(self.procedures))

    def _still_open(self) -> ColumnElement[bool]:
        return and_(C.c.started_at <= self.until, or_(C.c.closed_at.is_(None), C.c.closed_at > self.until))

    def _within(self, path: Any) -> ColumnElement[bool]:
        return or_(*(path.startswith(root.path, autoescape=True) for root in self.watched.roots))

    def _fill(self, query: Select[Any]) -> Iterable[tuple[Any, ...]]:
        for unit_id, *numbers in self.this.session.execute(query):
            if unit_id in self.rows:
                yield self.rows[unit_id], *numbers


def _procedures(this: Step) -> list[str]:
    """Those that the public may begin: an application, and no case about another case or about a month's work."""
    processes = this.runtime.current(this.session)[1].processes.values()
    return [process.id for process in processes if access.open_to_public(process.starters)]


def _sum(rows: Sequence[Row]) -> Row:
    total = Row(None)
    for name in ("done", "on_time", "late", "open", "overdue", "steps", "steps_late", "urged", "pressed", "overseen"):
        setattr(total, name, sum(getattr(row, name) for row in rows))
    total.longest = max((row.longest for row in rows if row.longest), key=lambda each: each.days, default=None)
    return total
