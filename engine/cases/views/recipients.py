"""Who receives 低保 or 特困供养 now, as the website says it: whitelisted fields, names masked (S2-22, A-30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.people.units import Unit
from engine.registers import amounts, months
from engine.store import registers
from forms.mask import mask_name

B, P = registers.benefit, registers.person
ITEMS = ("低保", "特困")  # 低保边缘, 刚性支出困难 are told to nobody


@dataclass(frozen=True)
class Recipient:
    """One line of the list; nothing else of a family is ever on it."""

    name: str
    village: str
    persons: int
    category: str
    amount: str


@dataclass(frozen=True)
class Township:
    """How many receive in a township."""

    id: str
    name: str
    households: int
    persons: int


@dataclass(frozen=True)
class Page:
    """One page of a township's list."""

    unit: Unit
    rows: list[Recipient]
    total: int
    page: int
    pages: int
    as_of: date


def townships(this: Step) -> list[tuple[str, list[Township]]]:
    """The townships that have recipients, under the names of their counties, with sums."""
    query = select(B.c.unit_id, func.count(), func.sum(B.c.persons)).where(*_now(this)).group_by(B.c.unit_id)
    found: dict[str, list[Township]] = {}
    units = this.runtime.units
    for unit_id, households, persons in this.session.execute(query):
        unit, county = units.find(unit_id), units.county_of(unit_id)
        if unit is not None:
            heading = county.name if county else ""
            found.setdefault(heading, []).append(Township(unit.id, unit.name, int(households), int(persons)))
    return [(name, sorted(found[name], key=lambda each: each.name)) for name in sorted(found)]


def listing(this: Step, unit: Unit, *, search: str = "", page: int = 1, size: int = 50) -> Page:
    """The recipients of a township by village.

    `search`: a name, looked for as the list shows it, by family name and length: nobody learns from it what is hidden.
    """
    conditions = [*_now(this), B.c.unit_id == unit.id]
    if search:
        conditions += [P.c.name.startswith(search[:1], autoescape=True), func.length(P.c.name) == len(search)]
    join = B.join(P, P.c.id == B.c.person_id)
    total = int(this.session.execute(select(func.count()).select_from(join).where(*conditions)).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    query = select(B.c.village_id, B.c.persons, B.c.category, B.c.amount, P.c.name).select_from(join).where(*conditions)
    query = query.order_by(B.c.village_id, B.c.id).limit(size).offset((page - 1) * size)
    rows = [_recipient(this, row) for row in this.session.execute(query).mappings()]
    return Page(unit, rows, total, page, pages, day_of(this.now))


def _now(this: Step) -> Sequence[ColumnElement[bool]]:
    """In force this month: whoever is stopped is no longer on the list from the first month on that isn't paid."""
    month = months.month_of(day_of(this.now))
    return (
        B.c.item.in_(ITEMS),
        B.c.status.in_(("在享", "渐退")),
        B.c.start_month <= month,
        or_(B.c.end_month.is_(None), B.c.end_month >= month),
    )


def _recipient(this: Step, row: Any) -> Recipient:
    village = this.runtime.units.find(row["village_id"])
    return Recipient(
        name=mask_name(row["name"]),
        village=village.name if village else "",
        persons=row["persons"],
        category=row["category"],
        amount=amounts.yuan(row["amount"]),
    )
