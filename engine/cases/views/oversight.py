"""督办单: those of a case, those in one's sight, one as it is printed, and what a new one begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from engine.cases.about import ABOUT
from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.cases.views import clocks
from engine.cases.views.case import Paper, papers, visible_row
from engine.cases.views.start import Startable, StartPage, startable
from engine.clock.days import end_of, start_of
from engine.clock.deadline import Light
from engine.store import tables
from engine.topics.oversight import ISSUED, KIND

A, C, P = tables.act, tables.case, tables.paper
OTHER = tables.case.alias("other")


@dataclass(frozen=True)
class Sheet:
    """One 督办单. `case_id` is its own case, `other_id` the supervised one."""

    case_id: int
    number: str
    reason: str
    asked: str
    unit_name: str
    at: datetime
    by_name: str
    reply: str
    replied_at: datetime | None
    replied_by_name: str
    stage: str
    is_open: bool
    due_at: datetime | None
    due_text: str
    light: Light | None
    provisional: bool
    other_id: int
    other_number: str
    applicant_name: str


@dataclass(frozen=True)
class SheetList:
    """One page of 督办单, newest first."""

    rows: list[Sheet]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Exchange:
    """What was said at one step: issued, replied, returned, accepted."""

    name: str
    at: datetime
    by_name: str
    text: str


@dataclass(frozen=True)
class PrintPage:
    """A 督办单 as it is printed: the paper, and what was said since."""

    sheet: Sheet
    paper: Paper
    exchanges: list[Exchange]


@dataclass(frozen=True)
class CasePart:
    """What a case's page shows of it: those about the case, what may be sent about it, and its own one to print."""

    sheets: list[Sheet]
    procedures: list[Startable]
    own: bool


def part(this: Step, case: Mapping[str, Any]) -> CasePart:
    """The same for a case that the actor sees."""
    deployment = this.runtime.deployment(this.session, case["deployment_id"])
    if deployment.processes[case["procedure"]].properties.get(ABOUT):
        return CasePart([], [], own=is_sheet(this, case["id"]))
    query = _query(this).where(A.c.case_id == case["id"]).order_by(A.c.id.desc())
    sheets = [_sheet(this, {**row}) for row in this.session.execute(query).mappings()]
    return CasePart(sheets, [each for each in startable(this) if each.about], own=False)


def issuable(this: Step) -> list[Startable]:
    """The procedures by which the actor may issue a 督办单."""
    processes = this.runtime.current(this.session)[1].processes
    return [each for each in startable(this) if any(n.works == ISSUED for n in processes[each.id].every_node())]


def is_sheet(this: Step, case_id: int) -> bool:
    """Whether a case is a 督办单, with its number on the list of acts."""
    return this.session.execute(_query(this).where(C.c.id == case_id)).first() is not None


def listing(
    this: Step,
    *,
    unit_id: str = "",
    own: bool = False,
    first: date | None = None,
    last: date | None = None,
    only_open: bool = False,
    page: int = 1,
    size: int = 25,
) -> SheetList:
    """Those in the actor's sight: of a unit and, unless `own`, those below; issued from one day to another; open."""
    conditions: list[ColumnElement[bool]] = []
    if (unit := this.runtime.units.find(unit_id)) is not None:
        below = A.c.unit_path.startswith(unit.path, autoescape=True)
        conditions.append(A.c.unit_id == unit.id if own else below)
    if first is not None:
        conditions.append(A.c.at >= start_of(first))
    if last is not None:
        conditions.append(A.c.at <= end_of(last))
    if only_open:
        conditions.append(C.c.status == "open")
    query = _query(this).where(*conditions)
    total = int(this.session.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    found = this.session.execute(query.order_by(A.c.id.desc()).limit(size).offset((page - 1) * size)).mappings()
    return SheetList([_sheet(this, {**row}) for row in found], total, page, pages)


def to_print(this: Step, case_id: int) -> PrintPage:
    """A 督办单 by its own case; `CaseNotFound` outside the actor's sight or for another kind of case."""
    visible_row(this, case_id)
    row = this.session.execute(_query(this).where(C.c.id == case_id)).mappings().one_or_none()
    if row is None:
        raise CaseNotFound
    sheet = _sheet(this, {**row})
    paper = next(each for each in papers(this, case_id) if each.number == sheet.number)
    h = tables.history
    lines = select(h.c.name, h.c.at, h.c.by_name, h.c.details).where(
        h.c.case_id == sheet.other_id, h.c.act == "oversight"
    )
    exchanges = [
        Exchange(line.name.removesuffix(f" {sheet.number}"), line.at, line.by_name, str(line.details.get("text", "")))
        for line in this.session.execute(lines.order_by(h.c.seq))
        if line.details.get("number") == sheet.number
    ]
    return PrintPage(sheet, paper, exchanges)


def draft(this: Step, page: StartPage, case_id: int) -> Mapping[str, Sequence[str]]:
    """What the start form begins with for a case: its number, and the unit that holds its most urgent task."""
    case = visible_row(this, case_id)
    texts: dict[str, Sequence[str]] = {page.procedure.about: [case["number"]]}
    parts = [part for part in page.form.fields.values() if part.kind == "unit" and part.properties.get("place")]
    for part in parts:
        offered = page.options.get(part.options_key, {})
        if unit_id := _holder(this, case, offered):
            texts[part.key] = [unit_id]
    return texts


def _holder(this: Step, case: Mapping[str, Any], offered: Mapping[str, str]) -> str | None:
    t = tables.task
    query = select(t.c.unit_id).where(t.c.case_id == case["id"], t.c.status == "open")
    tasked = this.session.execute(query.order_by(t.c.due_at.is_(None), t.c.due_at)).scalars()
    return next((unit_id for unit_id in (*tasked, case["unit_id"]) if unit_id in offered), None)


def _query(this: Step) -> Select[Any]:
    """Acts of this kind with their own case (C) and the supervised one, in the actor's sight by their own."""
    joined = and_(P.c.case_id == C.c.id, this.runtime.scope.visible_cases(this.actor))
    return (
        select(
            A,
            C.c.id.label("own_id"),
            C.c.stage,
            C.c.status,
            C.c.step_due_at,
            C.c.step_yellow_at,
            C.c.step_red_at,
            C.c.step_provisional,
            OTHER.c.number.label("other_number"),
            OTHER.c.applicant_name,
        )
        .join(P, P.c.number == A.c.number)
        .join(C, joined)
        .join(OTHER, OTHER.c.id == A.c.case_id)
        .where(A.c.kind == KIND)
    )


def _sheet(this: Step, row: Mapping[str, Any]) -> Sheet:
    unit = this.runtime.units.find(row["unit_id"])
    is_open = row["status"] == "open"
    step = {name: row[f"step_{name}"] for name in ("due_at", "yellow_at", "red_at", "provisional")}
    return Sheet(
        case_id=row["own_id"],
        number=row["number"],
        reason=row["name"],
        asked=row["text"],
        unit_name=unit.name if unit else "",
        at=row["at"],
        by_name=row["by_name"],
        reply=row["reply"] or "",
        replied_at=row["replied_at"],
        replied_by_name=row["replied_by_name"] or "",
        stage=row["stage"],
        is_open=is_open,
        due_at=step["due_at"] if is_open else None,
        due_text=clocks.due_text({**step, "earliest": None, "latest": None}) if is_open else "",
        light=clocks.light_of(step, this.now) if is_open else None,
        provisional=bool(step["provisional"]),
        other_id=row["case_id"],
        other_number=row["other_number"],
        applicant_name=row["applicant_name"] or "",
    )
