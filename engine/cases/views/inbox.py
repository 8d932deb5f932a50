"""The inbox and the case search: one page of rows from one table each, however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, tuple_

from engine.cases.runtime import Step
from engine.cases.views import clocks
from engine.people.actor import Actor
from engine.store import tables
from forms.mask import mask_id

Which = Literal["mine", "posts", "all"]


@dataclass(frozen=True)
class InboxRow:
    """One task in an inbox."""

    task_id: str
    name: str
    case_id: int
    case_number: str
    applicant_name: str | None
    applicant_id_no: str
    unit_name: str
    role: str
    assignee: str | None
    assignee_name: str | None
    due_at: datetime | None
    light: str | None
    provisional: bool
    due_text: str
    paused_text: str
    created_at: datetime
    mine: bool


@dataclass(frozen=True)
class Inbox:
    """One page of an inbox, and how many there are in each tab."""

    rows: list[InboxRow]
    total: int
    page: int
    pages: int
    counts: Mapping[str, int]


def inbox(this: Step, which: Which = "mine", search: str = "", page: int = 1, size: int = 20) -> Inbox:
    """The actor's open tasks by due date (those without come last): their own, those of their posts, or both."""
    t, a, c = tables.task, tables.account, tables.case
    mine, posts = _mine(this.actor), _of_posts(this.actor)
    wanted = {"mine": mine, "posts": posts, "all": or_(mine, posts)}[which]
    counts = this.session.execute(
        select(func.count(case((mine, 1))).label("mine"), func.count(case((posts, 1))).label("posts")).where(
            t.c.status == "open", or_(mine, posts)
        )
    ).one()
    condition = and_(
        t.c.status == "open", wanted, *_search(search, t.c.case_number, t.c.applicant_name, t.c.applicant_id_no)
    )
    total = _total(this, which, search, counts, condition)
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    query = (
        select(t, a.c.name.label("assignee_name"), c.c.paused_until)
        .join(c, c.c.id == t.c.case_id)
        .outerjoin(a, a.c.id == t.c.assignee)
        .where(condition)
        .order_by(t.c.due_at.is_(None), t.c.due_at, t.c.created_at, t.c.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    found = this.session.execute(query).mappings().all()
    standing = [row["id"] for row in found if row["paused_until"] and row["paused_until"] >= this.now]
    paused = clocks.paused_tasks(this, standing) if standing else {}
    rows = [_row(this, {**row}, paused.get(row["id"], "")) for row in found]
    return Inbox(rows, total, page, pages, {"mine": counts.mine, "posts": counts.posts})


def sees_numbers(this: Step) -> bool:
    """Whether any of the actor's roles reads applications at all; if not, no number of a family is shown either."""
    scope = this.runtime.scope
    roles = scope.roles_of(this.actor)
    forms = ("application", "help_application", "relief_application")
    return any(scope.visible_fields(roles, form).look("idNo", "id") != "hidden" for form in forms)


def _total(this: Step, which: Which, search: str, counts: Any, condition: ColumnElement[bool]) -> int:
    if not search.strip():
        return int({"mine": counts.mine, "posts": counts.posts, "all": counts.mine + counts.posts}[which])
    return int(this.session.execute(select(func.count()).select_from(tables.task).where(condition)).scalar_one())


def _mine(actor: Actor) -> ColumnElement[bool]:
    return tables.task.c.assignee == actor.account_id


def _of_posts(actor: Actor) -> ColumnElement[bool]:
    t, held = tables.task, [(post.unit_id, post.role) for post in actor.posts]
    return and_(t.c.assignee.is_(None), tuple_(t.c.unit_id, t.c.role).in_(held)) if held else false()


def _search(text: str, number: Any, name: Any, id_no: Any) -> list[ColumnElement[bool]]:
    """A whole identity number, or the beginning of a number or a name: what an index can find."""
    text = text.strip()
    if not text:
        return []
    if len(text) in (15, 18) and text[:14].isdigit():
        return [id_no == text.upper()]
    return [or_(number.startswith(text, autoescape=True), name.startswith(text, autoescape=True))]


def _row(this: Step, row: Mapping[str, Any], paused_text: str) -> InboxRow:
    unit = this.runtime.units.find(row["unit_id"])
    return InboxRow(
        task_id=row["id"],
        name=row["name"],
        case_id=row["case_id"],
        case_number=row["case_number"],
        applicant_name=row["applicant_name"],
        applicant_id_no=mask_id(row["applicant_id_no"] or "") if sees_numbers(this) else "",
        unit_name=unit.name if unit else "",
        role=row["role"],
        assignee=row["assignee"],
        assignee_name=row["assignee_name"],
        due_at=row["due_at"],
        light=clocks.light_of(row, this.now),
        provisional=row["provisional"],
        due_text=clocks.due_text(row),
        paused_text=paused_text,
        created_at=row["created_at"],
        mine=row["assignee"] == this.actor.account_id,
    )


@dataclass(frozen=True)
class CaseRow:
    """One case in a search."""

    case_id: int
    number: str
    applicant_name: str | None
    applicant_id_no: str
    item: str | None
    stage: str
    outcome: str | None
    unit_name: str
    started_at: datetime


@dataclass(frozen=True)
class Found:
    """One page of a search."""

    rows: list[CaseRow]
    total: int
    page: int
    pages: int


def search(this: Step, search: str = "", page: int = 1, size: int = 20) -> Found:
    """Cases in the actor's sight, newest first, by number, name or whole identity number."""
    c = tables.case
    columns = _search(search, c.c.number, c.c.applicant_name, c.c.applicant_id_no)
    condition = and_(this.runtime.scope.visible_cases(this.actor), *columns)
    total = int(this.session.execute(select(func.count()).select_from(c).where(condition)).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    wanted = (
        c.c.id, c.c.number, c.c.applicant_name, c.c.applicant_id_no, c.c.item, c.c.stage, c.c.outcome, c.c.unit_id,
        c.c.started_at,
    )  # fmt: skip
    query = select(*wanted).where(condition).order_by(c.c.id.desc()).limit(size).offset((page - 1) * size)
    rows = []
    for row in this.session.execute(query):
        unit = this.runtime.units.find(row.unit_id)
        shown = mask_id(row.applicant_id_no or "")
        rows.append(
            CaseRow(row.id, row.number, row.applicant_name, shown, row.item, row.stage, row.outcome,
                    unit.name if unit else "", row.started_at)
        )  # fmt: skip
    return Found(rows, total, page, pages)
