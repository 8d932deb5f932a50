"""Recognitions that run out: found in time, continued to a later day (D40, E-24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.clock.days import day_of
from engine.registers import benefits, low_income, months
from engine.registers.benefits import Said, Terms, When
from engine.store import registers
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

B, P = registers.benefit, registers.person


class NothingToContinue(Exception):
    """The case doesn't say which recognition until when; `str()` says what is missing."""


@topic("recognition.expiring", provides=("到期名单", "到期户数"))
def expiring(work: Work) -> dict[str, Any]:
    """The recognitions of the county whose last day lies in the next month, with what a renewal needs to know."""
    move, units = work.move, work.move.step.runtime.units
    county = units.find(work.unit("county"))
    month = months.after(months.month_of(day_of(move.step.now)))
    query = (
        select(B, P.c.name, P.c.id_no, P.c.phone)
        .join(P, P.c.id == B.c.person_id)
        .where(
            B.c.unit_path.startswith(county.path if county else "-", autoescape=True),
            B.c.item.in_(low_income.RECOGNISED),
            B.c.status == "在享",
            B.c.valid_to.is_not(None),
            P.c.died_on.is_(None),
        )
        .order_by(B.c.valid_to, B.c.id)
    )
    found = [
        {
            "applicantName": row["name"],
            "idNo": row["id_no"],
            "phone": row["phone"],
            "itemId": row["item"],
            "待遇编号": row["number"],
            "原有效期至": row["valid_to"].isoformat(),
            "终止月份": months.after(month),
            "乡镇": row["unit_id"],
        }
        for row in move.step.session.execute(query).mappings()
        if months.month_of(row["valid_to"]) == month
    ]
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": f"{month}到期{len(found)}户"})
    return {"到期名单": found, "到期户数": len(found)}


@topic("recognition.extend", parameters=("benefit", "valid_to", "persons"), writes=True)
def extend(work: Work) -> None:
    """The recognition whose number `benefit` names holds until the day that `valid_to` names, for so many `persons`."""
    move, session = work.move, work.move.step.session
    number = str(lookup.raw(work, work.parameter("benefit", "待遇编号")) or "")
    until = lookup.day(lookup.raw(work, work.parameter("valid_to", "认定有效期至")))
    if not number or until is None:
        raise NothingToContinue("没有写明延续哪一项认定、到哪一天，请补上")
    benefit = benefits.find(session, number)
    month = months.month_of(day_of(move.step.now))
    persons = lookup.raw(work, work.parameter("persons", "保障人数"))
    terms = Terms(valid_to=until, next_review_on=until, persons=int(persons) if persons is not None else None)
    said = Said(f"复核后延续到{until}", move.case["id"], move.step.now, move.step.actor)
    benefits.record(session, benefit, "延续", terms, When(max(month, benefit.start_month), month), said)
    move.record("register", f"延续 {number}", node_id=work.node.id, details={"text": f"有效期至{until}"})
