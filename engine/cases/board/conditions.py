"""The filters as conditions on the tables: the one place where a number and the list behind it are made alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, FromClause, and_, bindparam, exists, or_

from engine.bpmn.deployment import Deployment
from engine.cases.board.filters import Filters
from engine.cases.board.names import inside
from engine.cases.board.sight import Sight
from engine.clock.days import ONE_DAY, start_of
from engine.store import tables

# Written into the statement itself: a database finds an index on open rows only if it sees the word.
OPEN: BindParameter[str] = bindparam("open_status", "open", literal_execute=True)
DONE: BindParameter[str] = bindparam("done_status", "done", literal_execute=True)
CLOSED: BindParameter[str] = bindparam("closed_status", "closed", literal_execute=True)
Conditions = list[ColumnElement[bool]]


# --- lights, as engine/clock/deadline.light reads them from a row ----------------------------------------------------


def red(table: FromClause, now: datetime) -> ColumnElement[bool]:
    """The light is red: the deadline has passed."""
    return table.c.red_at < now


def yellow(table: FromClause, now: datetime) -> ColumnElement[bool]:
    """The light is yellow."""
    return and_(table.c.yellow_at <= now, _not_yet(table.c.red_at, now))


def green(table: FromClause, now: datetime) -> ColumnElement[bool]:
    """The light is green; what has no deadline has no light."""
    return and_(table.c.due_at.is_not(None), _not_yet(table.c.red_at, now), _later(table.c.yellow_at, now))


def unlit(table: FromClause) -> ColumnElement[bool]:
    """There is no deadline."""
    return table.c.due_at.is_(None)


def light(table: FromClause, name: str, now: datetime) -> ColumnElement[bool]:
    """The light of this name."""
    if name == "none":
        return unlit(table)
    return {"red": red, "yellow": yellow, "green": green}[name](table, now)


def step_late(now: datetime) -> ColumnElement[bool]:
    """A step of the case is over time though the case as a whole isn't."""
    c = tables.case
    return and_(c.c.step_red_at < now, _not_yet(c.c.red_at, now))


def provisional() -> ColumnElement[bool]:
    """The date of the whole case may still change; a clock that has ended keeps its date."""
    c = tables.case
    return and_(c.c.provisional, c.c.late.is_(None))


def paused(now: datetime) -> ColumnElement[bool]:
    """The clock stands now."""
    return tables.case.c.paused_until >= now


def mark(name: str, now: datetime) -> ColumnElement[bool]:
    """What is said of a case beside its light."""
    if name == "provisional":
        return provisional()
    return {"step": step_late, "paused": paused}[name](now)


def turns(table: FromClause, name: str, begin: datetime, end: datetime, now: datetime) -> ColumnElement[bool]:
    """It turns yellow, or falls due and would be red, from `begin` to before `end`, and hasn't yet."""
    column = table.c.yellow_at if name == "yellow" else table.c.red_at
    not_yet = column > now if name == "yellow" else column >= now
    return and_(not_yet, column >= begin, column < end)


def _not_yet(column: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column >= now)


def _later(column: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column > now)


# --- whole lists ------------------------------------------------------------------------------------------------------


def of_cases(sight: Sight, filters: Filters, now: datetime) -> Conditions:
    """The cases that the filters ask for."""
    c = tables.case
    return [
        c.c.status == (CLOSED if filters.status == "closed" else OPEN),
        c.c.unit_id.in_([unit.id for unit in sight.within(filters)]),
        *_common(c, filters, now),
        *([mark(filters.mark, now)] if filters.mark else []),
    ]


def of_tasks(sight: Sight, filters: Filters, deployment: Deployment, now: datetime) -> Conditions:
    """The tasks that the filters ask for: open ones, or those that were done."""
    t = tables.task
    return [
        t.c.status == (DONE if filters.status == "closed" else OPEN),
        t.c.unit_path.in_([unit.path for unit in sight.within(filters)]),
        *_common(t, filters, now),
        *_where(t, filters, deployment),
        *([again() if filters.repeated == "yes" else ~again()] if filters.repeated else []),
    ]


def again() -> ColumnElement[bool]:
    """The case had done the same step before the task came: it was sent back, or supplemented once more."""
    t, before = tables.task, tables.task.alias("before")
    same = [before.c[name] == t.c[name] for name in ("case_id", "process_id", "node_id")]
    return exists().where(*same, before.c.status == DONE, before.c.closed_at <= t.c.created_at)


def of_pauses(sight: Sight, filters: Filters) -> Conditions:
    """The pauses that the filters ask for, by the month in which they began."""
    return list(_of_pauses(sight, filters))


def _of_pauses(sight: Sight, filters: Filters) -> Iterator[ColumnElement[bool]]:
    p = tables.pause
    yield p.c.unit_path.in_([unit.path for unit in sight.within(filters)])
    yield from _procedure(p, filters)
    if filters.kind:
        yield p.c.kind == filters.kind
    if filters.repeated:
        yield p.c.nth > 1 if filters.repeated == "yes" else p.c.nth == 1
    if filters.last_day:
        yield p.c.last_day.is_(filters.last_day == "yes")
    if filters.month:
        first, last = filters.months()
        yield and_(p.c.begin_at >= start_of(first), p.c.begin_at < start_of(last + ONE_DAY))
    if filters.mark == "paused":
        yield p.c.end_at.is_(None)


def _common(table: FromClause, filters: Filters, now: datetime) -> Iterator[ColumnElement[bool]]:
    yield from _procedure(table, filters)
    if filters.light:
        yield light(table, filters.light, now)
    if filters.turns and filters.begin and filters.end:
        yield turns(table, filters.turns, start_of(filters.begin), start_of(filters.end + ONE_DAY), now)
    if filters.month:
        first, last = filters.months()
        yield table.c.closed_on.between(first, last)
    if filters.late:
        yield table.c.late.is_(filters.late == "yes")


def _procedure(table: FromClause, filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.procedure:
        yield table.c.procedure == filters.procedure
    if filters.procedures:
        yield table.c.procedure.in_(filters.procedures.split(","))


def _where(table: FromClause, filters: Filters, deployment: Deployment) -> Iterator[ColumnElement[bool]]:
    if filters.inside:
        yield table.c.process_id.in_(sorted(inside(deployment, filters.process, filters.node)))
        return
    if filters.process:
        yield table.c.process_id == filters.process
    if filters.node:
        yield table.c.node_id == filters.node
