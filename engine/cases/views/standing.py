"""绩效评价: how each township has used its powers in a month or a quarter, in numbers of the office itself (S2-44)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import case, func, select

from engine.cases.runtime import Step
from engine.cases.views.bulletin import Bulletin, Row, bulletin
from engine.clock.days import ONE_DAY, start_of
from engine.people.units import Unit
from engine.store.supervision import complaint, finding

COLUMNS = (
    ("unit", "乡镇（街道）"), ("done", "办结件数"), ("on_time", "按期办结"), ("rate", "按期率"),
    ("overdue", "超期未结"), ("steps", "办结环节"), ("steps_late", "超期环节"), ("reminded", "催办、督办"),
    ("findings", "发现问题"), ("breaches", "违规违纪"), ("errors", "工作失误"), ("tolerated", "探索性失误"),
    ("corrected", "已整改"), ("uncorrected", "待整改"), ("complaints", "查实的投诉举报"),
)  # fmt: skip
TRUE = ("属实", "部分属实")


@dataclass
class Standing:
    """One township in the period; errors that were made in trying something new are counted, not blamed (S2-48)."""

    unit: Unit
    row: Row
    findings: int = 0
    breaches: int = 0
    errors: int = 0
    tolerated: int = 0
    corrected: int = 0
    complaints: int = 0

    @property
    def uncorrected(self) -> int:
        """Findings that need correction and haven't been corrected."""
        return self.findings - self.corrected

    @property
    def reminded(self) -> int:
        """How often it had to be urged, pressed or overseen with a paper."""
        return self.row.urged + self.row.pressed + self.row.overseen

    @property
    def rate(self) -> float | None:
        """The share of cases done in time, in per cent."""
        return None if self.row.rate is None else round(100 * self.row.rate, 1)


@dataclass(frozen=True)
class Standings:
    """All townships of the actor's sight that did anything, or had anything found."""

    bulletin: Bulletin
    rows: Sequence[Standing] = field(default_factory=list)


def standings(this: Step, first: date, last: date) -> Standings:
    """The period from `first` to `last`; `BoardClosed` for one who watches over nobody."""
    counted = bulletin(this, first, last)
    units = this.runtime.units
    rows = {row.unit.id: Standing(row.unit, row) for row in counted.rows if row.unit and row.unit.kind == "township"}
    watched = {unit.id for unit in units if unit.kind == "township" and _seen(this, unit)}
    for unit_id, number, breaches, errors, tolerated, corrected in _findings(this, first, last):
        if unit_id in watched:
            found = rows.setdefault(unit_id, Standing(units.get(unit_id), Row(units.get(unit_id))))
            found.findings, found.breaches, found.errors, found.tolerated = number, breaches, errors, tolerated
            found.corrected = corrected
    for unit_id, number in _complaints(this, first, last):
        unit = units.find(unit_id)
        township = unit.parent_id if unit and unit.kind == "village" else unit_id
        if township in watched:
            rows.setdefault(township, Standing(units.get(township), Row(units.get(township)))).complaints += number
    return Standings(counted, sorted(rows.values(), key=lambda each: each.unit.path))


def cells(each: Standing) -> Iterator[tuple[str, str | int]]:
    """What stands in the columns of COLUMNS; a share as text."""
    row = each.row
    yield "unit", each.unit.name
    yield from (("done", row.done), ("on_time", row.on_time), ("overdue", row.overdue))
    yield "rate", "" if each.rate is None else f"{each.rate}%"
    yield from (("steps", row.steps), ("steps_late", row.steps_late), ("reminded", each.reminded))
    for name in ("findings", "breaches", "errors", "tolerated", "corrected", "uncorrected", "complaints"):
        yield name, getattr(each, name)


def _seen(this: Step, unit: Unit) -> bool:
    roles = this.runtime.scope.roles
    return any(roles.get(post.role).board and unit.path.startswith(post.unit_path) for post in this.actor.posts)


def _findings(this: Step, first: date, last: date) -> Iterable[tuple[str, int, int, int, int, int]]:
    f = finding.c
    kinds = [func.count(case((f["class"] == kind, 1))) for kind in ("违规违纪", "工作失误", "探索性失误")]
    done = func.count(case((f.status != "待整改", 1)))
    query = select(f.unit_id, func.count(), *kinds, done)
    query = query.where(f.at >= start_of(first), f.at < start_of(last + ONE_DAY)).group_by(f.unit_id)
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in this.session.execute(query)]


def _complaints(this: Step, first: date, last: date) -> Iterable[tuple[str, int]]:
    """Reports that were answered in the period and found true, by the unit that they were about."""
    c = complaint.c
    query = select(c.accused_unit_id, func.count()).where(c.outcome.in_(TRUE))
    query = query.where(c.told_at >= start_of(first), c.told_at < start_of(last + ONE_DAY)).group_by(c.accused_unit_id)
    return [(row[0], row[1]) for row in this.session.execute(query)]
