"""Cases about another case, such as a 督办单: finding the other one, and writing into its history from outside.

A process says so with the property `about`, the key of the field of its start form that holds the other's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.bpmn.diagram import Process
from engine.cases import access, filing
from engine.cases.errors import FormRejected
from engine.cases.history import Chain
from engine.store import tables
from forms.model import Form
from forms.submission import Reading

if TYPE_CHECKING:
    from engine.cases.runtime import Step

ABOUT = "about"


def find(this: Step, process: Process, form: Form, reading: Reading) -> dict[str, Any] | None:
    """The row of the case that a start form is about; None for a process that isn't about another.

    `FormRejected` at the field when the actor sees no such case, when that one is itself about another, and when the
    form addresses a unit that has no part in it.
    """
    key = process.properties.get(ABOUT)
    if key is None:
        return None
    found = by_number(this, str(reading.values.get(key) or ""))
    if found is None or not access.sees_case(this.session, this.runtime.scope, this.actor, found):
        raise _rejected(reading, key, "没有这个编号的办件，或者不在您的查看范围内，请核对编号")
    if found["procedure"] == process.id:
        raise _rejected(reading, key, f"这个编号本身就是{process.name}，请填被{process.name[:2]}的办件的编号")
    taking_part = units(this, found["id"])
    for part in form.fields.values():
        bound = reading.values.get(part.key)
        if part.properties.get("place") and bound and bound not in taking_part:
            raise _rejected(reading, part.key, "这个单位没有参与这件办件，请选参与办理的单位")
    return found


def by_number(this: Step, number: str) -> dict[str, Any] | None:
    """The row of the case with this number, without its state."""
    c = tables.case
    columns = [column for column in c.c if column.name != "state"]
    query = select(*columns).where(c.c.number == number.strip().upper())
    row = this.session.execute(query).mappings().one_or_none()
    return {**row} if row else None


def units(this: Step, case_id: int) -> frozenset[str]:
    """The units that take part in a case, or have or had a task of it."""
    u, t = tables.case_unit, tables.task
    named = this.session.execute(select(u.c.unit_id).where(u.c.case_id == case_id)).scalars()
    tasked = this.session.execute(select(t.c.unit_id).where(t.c.case_id == case_id, t.c.unit_id.is_not(None)))
    return frozenset(named) | frozenset(tasked.scalars())


def person(process: Process, other: Mapping[str, Any] | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the new case's row: whom it is about, by name only, and as what; else what its form says."""
    if other:
        return filing.person(values) | {"applicant_name": other["applicant_name"], "item": process.name}
    said = filing.person(values)
    return said if said["applicant_name"] or said["item"] else said | {"item": process.name}


def write(this: Step, case_id: int, line: dict[str, Any]) -> None:
    """Add a line to the history of a case that this step doesn't move; its row is locked until the step's end.

    The live workflow stays as it is, so the revision does too: whoever moves the case reads the chain anew.
    """
    c = tables.case
    query = select(c.c.history_count, c.c.history_head).where(c.c.id == case_id).with_for_update()
    row = this.session.execute(query).one()
    chain = Chain(row.history_count, row.history_head)
    this.session.execute(insert(tables.history), [{**chain.add(line), "case_id": case_id}])
    moved = {"history_count": chain.count, "history_head": chain.head}
    this.session.execute(update(c).where(c.c.id == case_id).values(moved))


def last_submission(this: Step, case_id: int) -> tuple[str, str, datetime, Mapping[str, Any]]:
    """Account, name, moment and values of what was submitted last in a case."""
    s = tables.submission
    query = select(s.c.by, s.c.by_name, s.c.at, s.c["values"]).where(s.c.case_id == case_id)
    row = this.session.execute(query.order_by(s.c.id.desc()).limit(1)).mappings().one()
    return row["by"], row["by_name"], row["at"], row["values"]


def _rejected(reading: Reading, key: str, message: str) -> FormRejected:
    return FormRejected(replace(reading, errors={**reading.errors, key: message}))
