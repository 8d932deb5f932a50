"""定期报告: who is due to declare, who has, who is overdue, and whose changes are material (S4-16, S4-17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.cases import schedules
from engine.cases.facts import nearest_first
from engine.cases.runtime import Runtime, Step
from engine.cases.views import clocks
from engine.people.actor import Actor
from engine.store import registers, tables
from engine.store.declarations import declaration
from forms.mask import mask_name

D, B, C, T = declaration, registers.benefit, tables.case, tables.task
ROUND = "declaration_round"  # the procedure by which the clock asks for declarations
FORM = "application"  # by whose fields a reader's sight of names is set
KEPT_BY = frozenset(
    {"civil_affairs_clerk", "deputy_head", "township_head", "county_clerk", "county_head", "supervisor"}
    | {"village_assistant", "village_head"}
)
OVERDUE = "逾期没有申报"
MATERIAL = "有重大变化"
STATES = ("待申报", "已申报", "已上门", "已办结", OVERDUE, MATERIAL)


@dataclass(frozen=True)
class Report:
    """One line of the column."""

    case_id: int
    case_number: str
    applicant: str
    category: str
    township: str
    village: str
    month: str
    state: str
    overdue: bool
    said_at: datetime | None
    said_by: str
    changes: str
    hint: str
    material: bool | None
    result: str
    step: str
    due_text: str
    light: str | None


@dataclass(frozen=True)
class Reports:
    """One page of the column; `counts` say how many of each state there are in the month."""

    rows: list[Report]
    total: int
    page: int
    pages: int
    months: list[str]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Wanted:
    """By what the column is filtered: state, month, and a name or number."""

    state: str = ""
    month: str = ""
    search: str = ""


def may_look(runtime: Runtime, actor: Actor) -> bool:
    """Whether the menu shows the column: to those who keep it, in places where households declare by the clock."""
    places = {row.place for row in schedules.read(runtime.root) if row.procedure == ROUND}
    at = [post.unit_id for post in actor.posts if post.role in KEPT_BY]
    return any(places & {schedules.EVERYWHERE, *nearest_first(runtime.units, unit_id)} for unit_id in at)


def listing(this: Step, wanted: Wanted, *, page: int = 1, size: int = 50) -> Reports:
    """The reports in the actor's sight: material changes first, then those overdue, then by due month."""
    which = list(_which(this, wanted))
    total = int(this.session.execute(_joined(select(func.count())).where(*which)).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    found = _rows(this, _query().where(*which).limit(size).offset((page - 1) * size))
    return Reports(found, total, page, pages, _months(this), _counts(this, wanted.month))


def whole(this: Step, wanted: Wanted) -> list[Report]:
    """The same without pages, for a file."""
    return _rows(this, _query().where(*_which(this, wanted)))


def _joined(query: Select[Any]) -> Select[Any]:
    return query.select_from(D.join(C, C.c.id == D.c.case_id).join(B, B.c.id == D.c.benefit_id))


def _query() -> Select[Any]:
    shown = (C.c.number.label("case_number"), C.c.applicant_name, B.c.category, B.c.unit_id, B.c.village_id)
    first = (D.c.material.is_(True).desc(), D.c.closed_at.is_not(None), _overdue_order(), D.c.month.desc(), D.c.id)
    return _joined(select(D, *shown)).order_by(*first)


def _overdue_order() -> ColumnElement[bool]:
    return D.c.said_at.is_not(None)


def _visiting() -> ColumnElement[bool]:
    """The household let its time pass: its village is to visit."""
    open_visit = select(T.c.id).where(
        T.c.case_id == D.c.case_id, T.c.status == "open", T.c.form_id != "periodic_declaration"
    )
    return and_(D.c.state == "待申报", open_visit.exists())


def _which(this: Step, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield this.runtime.scope.visible_cases(this.actor)
    if wanted.month:
        yield D.c.month == wanted.month
    if wanted.state == OVERDUE:
        yield _visiting()
    elif wanted.state == MATERIAL:
        yield D.c.material.is_(True)
    elif wanted.state:
        yield D.c.state == wanted.state
    if search := wanted.search:
        yield or_(C.c.applicant_name == search, C.c.applicant_id_no == search.upper(), C.c.number == search.upper())


def _months(this: Step) -> list[str]:
    query = _joined(select(D.c.month)).where(this.runtime.scope.visible_cases(this.actor))
    return sorted(this.session.execute(query.distinct()).scalars(), reverse=True)


def _counts(this: Step, month: str) -> dict[str, int]:
    base = [this.runtime.scope.visible_cases(this.actor), *([D.c.month == month] if month else [])]
    by_state = _joined(select(D.c.state, func.count().label("count"))).where(*base).group_by(D.c.state)
    counts = {row.state: int(row[1]) for row in this.session.execute(by_state)}
    for name, condition in ((OVERDUE, _visiting()), (MATERIAL, D.c.material.is_(True))):
        counts[name] = int(this.session.execute(_joined(select(func.count())).where(*base, condition)).scalar_one())
    return {name: counts.get(name, 0) for name in STATES}


def _rows(this: Step, query: Select[Any]) -> list[Report]:
    rows = [{**row} for row in this.session.execute(query).mappings()]
    steps = _open_steps(this, [row["case_id"] for row in rows])
    scope = this.runtime.scope
    plain = scope.visible_fields(scope.roles_of(this.actor), FORM).look("applicantName", "name") == "plain"
    return [_row(this, row, steps.get(row["case_id"]), plain) for row in rows]


def _open_steps(this: Step, case_ids: list[int]) -> dict[int, Mapping[str, Any]]:
    query = select(T).where(T.c.case_id.in_(case_ids), T.c.status == "open").order_by(T.c.due_at.desc(), T.c.id)
    return {row["case_id"]: {**row} for row in this.session.execute(query).mappings()}


def _row(this: Step, row: Mapping[str, Any], step: Mapping[str, Any] | None, plain: bool) -> Report:
    township, village = this.runtime.units.find(row["unit_id"]), this.runtime.units.find(row["village_id"])
    name = row["applicant_name"] or ""
    return Report(
        case_id=row["case_id"],
        case_number=row["case_number"],
        applicant=name if plain else mask_name(name),
        category=row["category"],
        township=township.name if township else "",
        village=village.name if village else "",
        month=row["month"],
        state=row["state"],
        overdue=bool(step and row["state"] == "待申报" and step["form_id"] != "periodic_declaration"),
        said_at=row["said_at"],
        said_by=row["said_by"] or "",
        changes=row["changes"],
        hint=row["hint"],
        material=row["material"],
        result=row["result"],
        step=step["name"] if step else "",
        due_text=clocks.due_text(step) if step and step["due_at"] else "",
        light=clocks.light_of(step, this.now) if step and step["due_at"] else None,
    )
