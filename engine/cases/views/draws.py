"""Draws, visits, what was found and how far it is corrected: for those who oversee the units (S2-46, S2-42)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, func, or_, select

from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.cases.views import clocks
from engine.people import accounts
from engine.people.actor import Actor
from engine.people.scope import Scope
from engine.store import registers, tables
from engine.store.supervision import draw, draw_item, finding
from engine.supervision import published
from engine.supervision.draw import DrawImpossible
from engine.supervision.published import Promised, Published

STATES = ("待整改", "已整改", "已提醒")


@dataclass(frozen=True)
class DrawRow:
    """A draw with what a second run says of it, and the case that it was made in."""

    id: int
    case_id: int
    said: Published
    problems: Sequence[str]

    @property
    def left(self) -> int:
        """Households that nobody has looked at yet."""
        return self.said.drawn - self.said.done


@dataclass(frozen=True)
class FindingRow:
    """A finding, and the case in which it is corrected: its stage, light and due day."""

    number: str
    source: str
    unit_name: str
    kind: str
    remedy: str
    text: str
    status: str
    at: datetime
    case_id: int
    correction_id: int | None
    correction: str
    light: str | None
    due_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """The page: draws, seeds that wait, and findings."""

    draws: Sequence[DrawRow]
    promised: Sequence[Promised]
    findings: Sequence[FindingRow]
    counts: Mapping[str, int]  # findings by status


@dataclass(frozen=True)
class Item:
    """A household that was drawn."""

    number: str
    township: str
    category: str
    inspectors: str
    result: str
    done_on: date | None


@dataclass(frozen=True)
class DrawPage:
    """One draw with its households."""

    row: DrawRow
    items: Sequence[Item]


def may_look(scope: Scope, actor: Actor) -> bool:
    """Whether the actor oversees a unit."""
    return bool(_paths(scope, actor))


def overview(this: Step, status: str = "") -> Overview:
    """The newest draws and the findings of the units that the actor oversees; `CaseNotFound` for anybody else."""
    paths = _seen(this)
    rows = this.session.execute(select(draw).order_by(draw.c.id.desc()).limit(100)).mappings().all()
    known = {row["number"]: row for row in rows}
    said = published.listing(this.session, this.runtime.units, paths)
    units = this.runtime.units
    return Overview(
        [_row(known[one.number], one) for one in said if one.number in known],
        published.promised(this.session, units, paths),
        _findings(this, paths, status),
        _counts(this, paths),
    )


def one(this: Step, draw_id: int) -> DrawPage:
    """A draw with its households; `CaseNotFound` for one that the actor doesn't oversee."""
    paths = _seen(this)
    row = this.session.execute(select(draw).where(draw.c.id == draw_id)).mappings().one_or_none()
    said = {each.number: each for each in published.listing(this.session, this.runtime.units, paths)}
    if row is None or row["number"] not in said:
        raise CaseNotFound
    return DrawPage(_row(row, said[row["number"]]), _items(this, draw_id))


def _seen(this: Step) -> tuple[str, ...]:
    paths = _paths(this.runtime.scope, this.actor)
    if not paths:
        raise CaseNotFound
    return paths


def _paths(scope: Scope, actor: Actor) -> tuple[str, ...]:
    """The units whose draws and findings the actor sees, and all below: those of posts with the board, or audit's."""
    reach = scope.reach(actor)
    watching = {post.unit_path for post in actor.posts if scope.roles.get(post.role).board}
    audits = {path for path in reach.paths if any(scope.roles.get(post.role).rows == "area" for post in actor.posts)}
    return tuple(sorted(watching | audits))


def _row(row: RowMapping, said: Published) -> DrawRow:
    try:
        problems = published.verify(row["document"])
    except DrawImpossible as problem:
        problems = [str(problem)]
    return DrawRow(row["id"], row["case_id"], said, problems)


def _items(this: Step, draw_id: int) -> list[Item]:
    i, b = draw_item.c, registers.benefit.c
    query = select(b.number, b.unit_id, b.category, i.inspectors, i.result, i.done_on)
    query = query.join(registers.benefit, b.id == i.benefit_id).where(i.draw_id == draw_id).order_by(i.id)
    rows = this.session.execute(query).all()
    names = accounts.names_of(this.session, (account for row in rows for account in row.inspectors))
    units = this.runtime.units
    return [
        Item(
            row.number,
            unit.name if (unit := units.find(row.unit_id)) else "",
            row.category,
            "、".join(names.get(account, "") for account in row.inspectors),
            row.result or "",
            row.done_on,
        )
        for row in rows
    ]


def _findings(this: Step, paths: tuple[str, ...], status: str) -> list[FindingRow]:
    f = finding.c
    below = or_(*(f.unit_path.startswith(path, autoescape=True) for path in paths))
    query = select(finding).where(below, *([f.status == status] if status in STATES else []))
    rows = this.session.execute(query.order_by(f.id.desc()).limit(200)).mappings().all()
    cases = _corrections(this, {row["case_id"] for row in rows})
    return [_finding(this, row, cases.get(row["number"])) for row in rows]


def _counts(this: Step, paths: tuple[str, ...]) -> dict[str, int]:
    f = finding.c
    below = or_(*(f.unit_path.startswith(path, autoescape=True) for path in paths))
    found = this.session.execute(select(f.status, func.count()).where(below).group_by(f.status))
    counted = {row[0]: row[1] for row in found}
    return {status: counted.get(status, 0) for status in STATES}


def _corrections(this: Step, case_ids: set[int]) -> dict[str, Mapping[str, Any]]:
    """The cases that correct what was found in these cases, by the finding's number."""
    r, c = tables.relay, tables.case
    query = select(r.c.content, *(column for column in c.c if column.name != "state")).join(c, c.c.id == r.c.to_id)
    query = query.where(r.c.from_id.in_(sorted(case_ids)), r.c.procedure == "rectification")
    return {row["content"]["facts"].get("发现编号", ""): {**row} for row in this.session.execute(query).mappings()}


def _finding(this: Step, row: RowMapping, case: Mapping[str, Any] | None) -> FindingRow:
    unit = this.runtime.units.find(row["unit_id"])
    is_open = case is not None and case["status"] == "open"
    return FindingRow(
        number=row["number"],
        source=row["source"],
        unit_name=unit.name if unit else "",
        kind=row["class"],
        remedy=row["remedy"],
        text=row["text"],
        status=row["status"],
        at=row["at"],
        case_id=row["case_id"],
        correction_id=case["id"] if case else None,
        correction=(case["outcome"] or case["stage"]) if case else "",
        light=clocks.light_of(_first_step(case), this.now) if case and is_open else None,
        due_at=case["step_due_at"] if case and is_open else None,
    )


def _first_step(case: Mapping[str, Any]) -> dict[str, Any]:
    """The first step of the case to fall due, as its light is read."""
    return {name: case[f"step_{name}"] for name in ("due_at", "yellow_at", "red_at")}
