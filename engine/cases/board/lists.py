"""The lists behind the numbers: cases, tasks and pauses, a page at a time or whole for a file, masked by the scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Select, func, select

from engine.bpmn.deployment import Deployment
from engine.cases.board import conditions
from engine.cases.board.errors import ListTooLong
from engine.cases.board.filters import Filters
from engine.cases.board.names import procedures
from engine.cases.board.sight import Sight, sight
from engine.cases.board.words import heading_of, headings
from engine.cases.runtime import Step
from engine.cases.views.clocks import light_of
from engine.clock.days import day_of
from engine.store import tables
from forms.mask import mask_id, mask_name

Of = Literal["cases", "tasks", "pauses"]
Order = Literal["urgency", "age"]
Value = str | int | date | datetime | None
MOST_EXPORTED = 100_000
AT_ONCE = 1000  # rows fetched at a time for a file


@dataclass(frozen=True)
class Row:
    """One line of a list: its case, its light, whether a step is over time though the case isn't, and its cells by
    column."""

    case_id: int
    light: str | None
    provisional: bool
    step_late: bool
    cells: Mapping[str, Value]


@dataclass(frozen=True)
class Listing:
    """One page of a list; `columns` are (key, heading), `title` says in words what was asked for."""

    of: Of
    filters: Filters
    title: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    total: int
    page: int
    pages: int


def listing(
    this: Step, of: Of, filters: Filters, page: int = 1, size: int = 50, *, order: Order = "urgency"
) -> Listing:
    """A page of the list, the most urgent (or oldest) first; two statements beside the names of procedures."""
    wanted = _Wanted(this, of, filters, order)
    total = wanted.total()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    query = wanted.rows().limit(size).offset((page - 1) * size)
    rows = [wanted.row({**row}) for row in this.session.execute(query).mappings()]
    return Listing(of, filters, wanted.title, wanted.columns, rows, total, page, pages)


def whole(this: Step, of: Of, filters: Filters) -> tuple[Sequence[tuple[str, str]], str, Iterator[Row]]:
    """Columns, title and all rows, read as they are asked for; `ListTooLong` above MOST_EXPORTED."""
    wanted = _Wanted(this, of, filters)
    if (total := wanted.total()) > MOST_EXPORTED:
        raise ListTooLong(total, MOST_EXPORTED)
    found = this.session.execution_options(yield_per=AT_ONCE).execute(wanted.rows()).mappings()
    return wanted.columns, wanted.title, (wanted.row({**row}) for row in found)


class _Wanted:
    """What one list asks for, and how its rows are read."""

    def __init__(self, this: Step, of: Of, filters: Filters, order: Order = "urgency") -> None:
        self.this, self.of, self.filters, self.order = this, of, filters, order
        self.sight: Sight = sight(this)
        self.deployment: Deployment = this.runtime.current(this.session)[1]
        self.procedures = procedures(this)
        self.columns = headings(of, filters)
        self.title = heading_of(of, filters, self.sight, self.deployment, self.procedures, this.now)
        self._calendar, self._today = this.runtime.calendar(), day_of(this.now)

    def total(self) -> int:
        table = {"cases": tables.case, "tasks": tables.task, "pauses": tables.pause}[self.of]
        query = select(func.count()).select_from(table).where(*self._conditions())
        return int(self.this.session.execute(query).scalar_one())

    def rows(self) -> Select[Any]:
        make = {"cases": self._cases, "tasks": self._tasks, "pauses": self._pauses}[self.of]
        return make().where(*self._conditions())

    def row(self, row: Mapping[str, Any]) -> Row:
        unit = self.sight.units.find(row["unit_id"])
        name = row["applicant_name"] or ""
        cells = {
            **row,
            "applicant_name": name if self.sight.shows_names else mask_name(name),
            "applicant_id_no": mask_id(row["applicant_id_no"] or ""),
            "unit": unit.name if unit else "申请人" if self.of == "tasks" else "",
            "procedure": self.procedures.get(row["procedure"], row["procedure"]),
        }
        is_open = self.filters.status == "open" and self.of != "pauses"
        if self.of == "tasks" and is_open:
            began = row["created_on"] or day_of(row["created_at"])
            cells["age"] = self._calendar.workdays_between(began, self._today)
        for flag in ("late", "last_day"):
            cells[flag] = "" if cells.get(flag) is None else "是" if cells[flag] else "否"
        shown = {key: cells.get(key) for key, _ in self.columns}
        light = light_of(row, self.this.now) if is_open else None
        step_late = is_open and self.of == "cases" and light != "red" and self._is_over(row["step_red_at"])
        return Row(row["case_id"], light, bool(row.get("provisional")), step_late, shown)

    def _is_over(self, red_at: datetime | None) -> bool:
        return red_at is not None and red_at < self.this.now

    def _conditions(self) -> conditions.Conditions:
        if self.of == "cases":
            return conditions.of_cases(self.sight, self.filters, self.this.now)
        if self.of == "tasks":
            return conditions.of_tasks(self.sight, self.filters, self.deployment, self.this.now)
        return conditions.of_pauses(self.sight, self.filters)

    def _cases(self) -> Select[Any]:
        c = tables.case
        names = (
            "number", "applicant_name", "applicant_id_no", "item", "procedure", "unit_id", "stage", "outcome",
            "started_on", "closed_on", "late", "due_at", "yellow_at", "red_at", "provisional", "step_due_at",
            "step_red_at", "paused_by", "paused_until",
        )  # fmt: skip
        query = select(c.c.id.label("case_id"), *(c.c[name] for name in names))
        if self.filters.status == "closed":
            return query.order_by(c.c.closed_on.desc(), c.c.id.desc())
        if self.order == "age":
            return query.order_by(c.c.started_on, c.c.id)
        return query.order_by(c.c.red_at.asc().nulls_last(), c.c.id)

    def _tasks(self) -> Select[Any]:
        t, a = tables.task, tables.account
        names = (
            "case_id", "case_number", "applicant_name", "applicant_id_no", "procedure", "name", "unit_id", "created_on",
            "created_at", "closed_on", "workdays", "late", "due_at", "yellow_at", "red_at", "provisional",
        )  # fmt: skip
        query = select(*(t.c[name] for name in names), a.c.name.label("assignee")).outerjoin(a, a.c.id == t.c.assignee)
        if self.filters.status == "closed":
            return query.order_by(t.c.workdays.desc(), t.c.id)
        return query.order_by(t.c.red_at.asc().nulls_last(), t.c.id)

    def _pauses(self) -> Select[Any]:
        p, c = tables.pause, tables.case
        names = (
            "case_id", "kind", "name", "basis", "limit_text", "begin_at", "until_at", "end_at", "nth", "last_day",
            "unit_id", "procedure", "by_name",
        )  # fmt: skip
        of_case = (c.c.number, c.c.applicant_name, c.c.applicant_id_no)
        query = select(*(p.c[name] for name in names), *of_case).join(c, c.c.id == p.c.case_id)
        return query.order_by(p.c.begin_at.desc(), p.c.id.desc())
