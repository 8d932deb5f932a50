"""提醒, 黄灯, 红灯, 督办 and 催办 as pages show them: those of a case, those that wait for an answer, and lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.cases import access
from engine.cases.acts import URGE, urging_post
from engine.cases.errors import ActNotFound
from engine.cases.runtime import Step
from engine.clock.days import end_of, start_of
from engine.people import accounts
from engine.store import tables
from engine.topics.oversight import KIND as OVERSIGHT

A, C = tables.act, tables.case
T = tables.task.alias("pressed")  # beside the tasks by which one sees a case


@dataclass(frozen=True)
class ActView:
    """One numbered act; `told` in words; `asks`: it still waits for an answer."""

    id: int
    number: str
    kind: str
    name: str
    case_id: int
    case_number: str
    applicant_name: str
    unit_name: str
    told: str
    text: str
    at: datetime
    by_name: str
    by_unit_name: str
    reply: str | None
    replied_at: datetime | None
    replied_by_name: str | None
    asks: bool
    may_reply: bool


@dataclass(frozen=True)
class Wanted:
    """Which acts a list shows: of a kind, about a unit (and those below, unless `own`), of days, still unanswered,
    mine to answer. `first` and `last` both count."""

    kind: str = ""
    unit_id: str = ""
    own: bool = False
    first: date | None = None
    last: date | None = None
    unanswered: bool = False
    mine: bool = False


@dataclass(frozen=True)
class Acts:
    """One page of acts; `kinds` are those there are."""

    rows: list[ActView]
    total: int
    page: int
    pages: int
    kinds: Collection[str]


def of_case(this: Step, case_id: int) -> list[ActView]:
    """The acts about a case that the caller may see, newest first; 督办单 have their own part of the page."""
    return _views(this, _select().where(A.c.case_id == case_id, A.c.kind != OVERSIGHT).order_by(A.c.id.desc()))


def to_answer(this: Step, task_id: str) -> list[ActView]:
    """The 催办 about an open task that nobody has answered."""
    waiting = (A.c.task_id == task_id, A.c.kind == URGE, A.c.replied_at.is_(None))
    return _views(this, _select().where(*waiting).order_by(A.c.id))


def act(this: Step, act_id: int) -> ActView:
    """One act; `ActNotFound` when its case is out of the actor's sight."""
    query = _select().where(A.c.id == act_id, this.runtime.scope.visible_cases(this.actor))
    found = _views(this, query)
    if not found:
        raise ActNotFound
    return found[0]


def acts(this: Step, wanted: Wanted, page: int = 1, size: int = 25) -> Acts:
    """Acts about cases in the actor's sight, newest first."""
    seen = this.runtime.scope.visible_cases(this.actor)
    kinds = select(A.c.kind).join(C, C.c.id == A.c.case_id).where(seen).distinct().order_by(A.c.kind)
    condition = and_(seen, *_conditions(this, wanted))
    joined = A.join(C, C.c.id == A.c.case_id).outerjoin(T, T.c.id == A.c.task_id)
    total = int(this.session.execute(select(func.count()).select_from(joined).where(condition)).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    query = _select().where(condition).order_by(A.c.id.desc()).limit(size).offset((page - 1) * size)
    return Acts(_views(this, query), total, page, pages, this.session.execute(kinds).scalars().all())


def urgeable(this: Step, case: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the case's open tasks that the actor may urge, whether or not it is too early to do so again."""
    query = select(T).where(T.c.case_id == case["id"], T.c.status == "open", T.c.place != "case")
    rows = [{**row, "number": case["number"]} for row in this.session.execute(query).mappings()]
    return frozenset(
        row["id"] for row in rows if urging_post(this, case, row) and not access.has_task_role(this.actor, row)
    )


def _conditions(this: Step, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    unit = this.runtime.units.find(wanted.unit_id)
    if wanted.kind:
        found.append(A.c.kind == wanted.kind)
    if unit:
        below = A.c.unit_path.startswith(unit.path, autoescape=True)
        found.append(A.c.unit_id == unit.id if wanted.own else below)
    if wanted.first:
        found.append(A.c.at >= start_of(wanted.first))
    if wanted.last:
        found.append(A.c.at <= end_of(wanted.last))
    if wanted.unanswered or wanted.mine:
        found.append(and_(A.c.kind == URGE, A.c.replied_at.is_(None)))
    if wanted.mine:
        posts = [and_(T.c.unit_id == post.unit_id, T.c.role == post.role) for post in this.actor.posts]
        found.append(or_(T.c.assignee == this.actor.account_id, and_(T.c.assignee.is_(None), or_(*posts))))
    return found


def _select() -> Select[Any]:
    case_columns = (C.c.number.label("case_number"), C.c.applicant_name)
    task_columns = (T.c.role, T.c.place, T.c.assignee, T.c.unit_id.label("task_unit"))
    return select(A, *case_columns, *task_columns).join(C, C.c.id == A.c.case_id).outerjoin(T, T.c.id == A.c.task_id)


def _views(this: Step, query: Select[Any]) -> list[ActView]:
    rows = [{**row} for row in this.session.execute(query).mappings()]
    names = accounts.names_of(this.session, (each for row in rows for each in row["told"] if "@" not in each))
    return [_view(this, row, names) for row in rows]


def _view(this: Step, row: Mapping[str, Any], names: Mapping[str, str]) -> ActView:
    units = this.runtime.units
    unit, by_unit = units.find(row["unit_id"]), units.find(row["by_unit_id"])
    asks = row["kind"] == URGE and row["replied_at"] is None
    mine = row["role"] is not None and access.has_task_role(this.actor, {**row, "number": row["case_number"]})
    return ActView(
        **{name: row[name] for name in ("id", "number", "kind", "name", "case_id", "case_number", "text", "at")},
        **{name: row[name] for name in ("by_name", "reply", "replied_at", "replied_by_name")},
        applicant_name=row["applicant_name"] or "",
        unit_name=unit.name if unit else "",
        told="、".join(_told(this, each, names) for each in row["told"]),
        by_unit_name=by_unit.name if by_unit else "",
        asks=asks,
        may_reply=asks and mine,
    )


def _told(this: Step, who: str, names: Mapping[str, str]) -> str:
    """`秋浦街道分管负责人`, `王晓梅` or `申请人`."""
    role, at, unit_id = who.partition("@")
    if not at:
        return names.get(who, who)
    if role == "applicant":
        return "申请人"
    unit, roles = this.runtime.units.find(unit_id), this.runtime.scope.roles
    return f"{unit.name if unit else ''}{roles.name(role) if role in roles else role}"
