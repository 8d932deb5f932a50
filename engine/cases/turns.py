"""Whose turn it is: one step of a case at a time, one taking of a submission; hides how the databases see to it.

SQLite has one writer, who holds the whole database from the beginning of the step. PostgreSQL shows a statement the
rows as they were when it began, even after it has waited for a lock: therefore wait first, and read afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.runtime import Step


def _case_of(table: Any, key: Any) -> Select[Any]:
    c = tables.case
    found = select(table.c.case_id).where(key == bindparam("which")).scalar_subquery()
    return select(c.c.id).where(c.c.id == found).with_for_update()


CASE_OF_TASK = _case_of(tables.task, tables.task.c.id)
CASE_OF_DEADLINE = _case_of(tables.deadline, tables.deadline.c.id)
KEY = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("which"), 0)))


def wait_for_task(this: Step, task_id: str) -> None:
    """Wait until nobody else moves the case of this task, until the end of our step."""
    _wait(this, CASE_OF_TASK, task_id)


def wait_for_deadline(this: Step, deadline_id: str) -> None:
    """Wait until nobody else moves the case of this deadline, until the end of our step."""
    _wait(this, CASE_OF_DEADLINE, deadline_id)


def wait_for_key(this: Step, key: str) -> None:
    """Wait until nobody else takes a submission with this key, until the end of our step."""
    _wait(this, KEY, key)


def _wait(this: Step, lock: Select[Any], which: str) -> None:
    if this.runtime.store.dialect != "sqlite":
        this.session.execute(lock, {"which": which})
