"""The list of a handover of power: every case on it, who has received it, and whether it has moved (S2-41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from engine.cases.runtime import Step
from engine.store import tables
from engine.store.power import power_item
from forms.mask import mask

FAILED, WAITS, STAYS, MOVED = "没有移成，自动再试", "待接收", "原单位办完", "已移交"


@dataclass(frozen=True)
class Line:
    """One case of the list as it stood when it was listed, and what has become of it."""

    case_id: int
    number: str
    applicant: str
    unit_name: str
    giver: str
    taker: str
    step: str
    due_at: datetime | None
    files: int
    received_at: datetime | None
    received_by: str
    state: str


def of_case(this: Step, case_id: int) -> list[Line]:
    """The lines of this handover in the actor's sight, by unit and number; none for another kind of case."""
    i, c, r = power_item, tables.case, tables.relay
    order = and_(r.c.from_id == i.c.case_id, r.c.to_id == i.c.moved_id)
    query = select(i, c.c.number, c.c.applicant_name, r.c.status).join(c, c.c.id == i.c.moved_id).outerjoin(r, order)
    query = query.where(i.c.case_id == case_id, this.runtime.scope.visible_cases(this.actor))
    rows = this.session.execute(query.order_by(i.c.unit_id, c.c.number)).mappings()
    names = {unit.id: unit.name for unit in this.runtime.units}
    look = this.runtime.scope.visible_fields(this.runtime.scope.roles_of(this.actor), "application").look
    hidden = look("applicantName", "name") != "plain"
    return [
        Line(
            case_id=row["moved_id"],
            number=row["number"],
            applicant=(mask("name", row["applicant_name"]) if hidden else row["applicant_name"]) or "",
            unit_name=names.get(row["unit_id"], ""),
            giver=names.get(row["from_unit"], ""),
            taker=names.get(row["to_unit"], ""),
            step=row["step"],
            due_at=row["due_at"],
            files=row["files"],
            received_at=row["received_at"],
            received_by=row["received_by"] or "",
            state=_state(row["received_at"], row["status"], stays=row["stays"]),
        )
        for row in rows
    ]


def _state(received_at: datetime | None, order: str | None, *, stays: bool) -> str:
    if received_at is None:
        return WAITS
    if order != "done":
        return FAILED
    return STAYS if stays else MOVED
