"""The same help asked for once more: earlier cases of the year of one person for one cause (E-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn.named import split
from engine.store import tables
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work


@topic("case.same_cause", provides=("同因办件",), parameters=("field", "outcomes"))
def same_cause(work: Work) -> dict[str, Any]:
    """Numbers of this year's other cases of this procedure for the same person and the same value of `field`.

    Those under way count, and those that ended with one of `outcomes`. Empty when there are none, or when nobody knows
    the person's number yet.
    """
    case, c, s = work.move.case, tables.case, tables.submission
    field, counted = work.parameter("field"), split(work.parameter("outcomes"))
    cause = lookup.raw(work, field)
    if not case["applicant_id_no"] or cause in (None, ""):
        return {"同因办件": ""}
    first_forms = select(c.c.number, c.c.started_on, c.c.status, c.c.outcome, s.c["values"]).join(
        s, s.c.case_id == c.c.id
    )
    query = first_forms.where(
        c.c.procedure == case["procedure"],
        c.c.applicant_id_no == case["applicant_id_no"],
        c.c.id != case["id"],
        s.c.task_id.is_(None),
    )
    found = [
        row.number
        for row in work.move.step.session.execute(query.order_by(c.c.id))
        if row.started_on.year == case["started_on"].year
        and (row.status == "open" or row.outcome in counted)
        and row.values.get(field) == cause
    ]
    return {"同因办件": "；".join(dict.fromkeys(found))}
