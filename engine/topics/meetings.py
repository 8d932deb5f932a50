"""联席会议: who takes part, and how many have been held this year (A-23)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine.clock.days import day_of
from engine.people import accounts
from engine.store import tables
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work


@topic("meeting.attendant", provides=("签字人姓名",))
def attendant(work: Work) -> dict[str, Any]:
    """The name of the participant whose account is in `参会人`."""
    return {"签字人姓名": accounts.name_of(work.move.step.session, str(work.facts.get("参会人") or ""))}


@topic("meeting.count", parameters=("of", "held"), provides=("本年召开次数",))
def count(work: Work) -> dict[str, Any]:
    """How many cases of the procedure `of` (joint_meeting) at this case's county have this year come to the outcome
    `held` (会议已召开)."""
    c, u, move = tables.case, tables.case_unit, work.move
    year = day_of(move.step.now).year
    query = (
        select(func.count(c.c.id.distinct()))
        .join(u, u.c.case_id == c.c.id)
        .where(
            c.c.procedure == work.parameter("of", "joint_meeting"),
            c.c.outcome == work.parameter("held", "会议已召开"),
            u.c.place == "county",
            u.c.unit_id == work.unit("county"),
            c.c.closed_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
    )
    return {"本年召开次数": int(move.step.session.execute(query).scalar_one())}
