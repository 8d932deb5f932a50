"""A deadline has passed: a numbered reminder in the history and a message to those the diagram names (D01 ff.)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from engine.bpmn.diagram import pairs
from engine.cases import ladder, numbers
from engine.store import tables
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work


@topic("deadline.overdue", parameters=("tell", "text"), writes=True)
def overdue(work: Work) -> None:
    """Tell each `role@place` of `tell`; nothing is approved or refused because time ran out.

    Where the ladder of the limit leaves its red rung to the diagram, this is that rung: a numbered act.
    """
    move = work.move
    fired = move.fired
    late = move.deployment.processes[fired.node.process_id] if fired else None
    name = _bounded_name(work) if late else work.node.name
    limit = fired.node.event.text if fired else ""
    title = f"超期催办：{name}"
    text = work.parameter("text") or (
        f"办件{move.case['number']}（{move.case['applicant_name'] or ''}）的「{name}」已超过{limit}，请督促尽快办理。"
    )
    told = pairs(work.parameter("tell"))
    number = _red_rung(work, text, [f"{role}@{work.unit(place)}" for role, place in told])
    said = f"{text}（{number}）" if number else text
    for role, place in told:
        work.tell(f":{role}@{place}", "催办", title, said, role=role, place=place)
    details = {"limit": limit, "told": [f"{role}@{place}" for role, place in told], "text": said, "number": number}
    move.record("overdue", title, node_id=work.node.id, details=details)


def _red_rung(work: Work, text: str, told: list[str]) -> str:
    """Number and keep the act of the deadline that has fired; "" when its ladder doesn't wait for the diagram."""
    move, d = work.move, tables.deadline
    session, this = move.step.session, move.step
    query = select(d).where(d.c.id == (move.fired.id if move.fired else ""))
    found = session.execute(query).mappings().one_or_none()
    deadline = {**found} if found else {}
    rung, kind = ladder.drawn(this.runtime, deadline) if deadline else (None, None)
    if kind is None:
        return ""
    row = {
        "number": numbers.act_number(this, kind.word),
        "kind": kind.name,
        "case_id": move.case["id"],
        **{name: deadline[name] for name in ("task_id", "name", "unit_id", "unit_path")},
        "deadline_id": deadline["id"],
        "rung": rung,
        "told": told,
        "text": text,
        "at": this.woken_at or this.now,
        "by": this.actor.account_id,
        "by_name": this.actor.name,
    }
    session.execute(insert(tables.act).values(row))
    return str(row["number"])


def _bounded_name(work: Work) -> str:
    fired = work.move.fired
    assert fired is not None
    process = work.move.deployment.processes.get(fired.node.process_id)
    for body in process.every_process() if process else ():
        if fired.node.attached_to in body.nodes:
            return body.nodes[fired.node.attached_to].name
    return fired.node.name
