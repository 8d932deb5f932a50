"""How deadlines end: met, late, overdue while what they bound goes on, fired, or cancelled; one statement a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Update, and_, bindparam, case, null, or_, update

from engine.bpmn.diagram import Node
from engine.bpmn.run import Token
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.move import Move


def _close_query() -> Update:
    """Closes the timers in `gone`, and the overdue ones whose task or activity is no longer there.

    `fired` goes on as overdue if it interrupts nothing. What was done in time is met, what was done too late is late.
    """
    d = tables.deadline
    now = bindparam("closing_at", type_=d.c.closed_at.type)
    trail = d.c.process_id + ":" + d.c.attached_to
    fired, goes_on = d.c.id == bindparam("fired_id"), d.c.id == bindparam("overdue_id")
    over, no_task = d.c.status == "overdue", d.c.task_id.is_(None)
    done = or_(
        d.c.id.in_(_several("met_ids")),
        and_(over, d.c.task_id == bindparam("completed_id")),
        and_(over, no_task, trail.in_(_several("passed"))),
        (d.c.process_id + ":" + d.c.node_id).in_(_several("settled")),
    )
    left = or_(d.c.task_id.in_(_several("people")), and_(no_task, trail.not_in(_several("standing"))))
    status = case(
        (goes_on, "overdue"), (fired, "fired"), (and_(done, d.c.due_at < now), "late"), (done, "met"), else_="cancelled"
    )
    closing = {"status": status, "closed_at": case((goes_on, null()), else_=now)}
    ended = or_(d.c.id.in_(_several("gone")), and_(over, or_(left, done)), done)
    return (
        update(d)
        .where(d.c.case_id == bindparam("which_case"), d.c.status.in_(("running", "overdue")), ended)
        .values(next_act_at=case((goes_on, d.c.next_act_at), else_=null()), **closing)
    )


def _several(name: str) -> BindParameter[Any]:
    """A list of ids, of any length, in a statement that is made once."""
    return bindparam(name, type_=tables.deadline.c.id.type, expanding=True)


CLOSE = _close_query()


def close(move: Move, gone: Iterable[Token], after: Mapping[str, Token], standing: Mapping[str, Token]) -> None:
    """Timers that no longer wait, or have nothing more to wait for; overdue ones whose activity (none of `standing`)
    is no longer there."""
    gone = list(gone)
    timers = {token.id: token for token in gone if token.kind == "timer"}
    settled = any(token.kind == "timer" and token.is_over() for token in after.values())
    if not timers and not settled and not may_be_overdue(move.case, move.step.now):
        return
    fired = move.fired if move.fired is not None and move.fired.id in timers else None
    goes_on = fired is not None and fired.node.kind == "boundary" and not fired.node.interrupting
    values = {
        "which_case": move.case["id"],
        "closing_at": move.step.now,
        "gone": list(timers),
        "met_ids": [key for key, token in timers.items() if token is not fired and _is_met(move, token)],
        "fired_id": fired.id if fired else "",
        "overdue_id": fired.id if fired and goes_on else "",
        "completed_id": move.completed or "",
        "people": [token.id for token in gone if token.kind == "user"],
        "passed": list(dict.fromkeys(move.passed)),
        "standing": [_trail(token.node) for token in standing.values()],
        "settled": list(_settled(move, standing)),
    }
    move.step.session.execute(CLOSE, values)


def _settled(move: Move, standing: Mapping[str, Token]) -> Iterator[str]:
    """Timers at activities that still go on whose `until` is known: what they limit is done."""
    for token in standing.values():
        for timer in _bounding(move, token.node.process_id, token.node.id):
            if replace(token, node=timer).is_over():
                yield _trail(timer)


def _trail(node: Node) -> str:
    return f"{node.process_id}:{node.id}"


def _bounding(move: Move, process_id: str, node_id: str) -> list[Node]:
    bodies = move.deployment.processes[process_id].every_process()
    return next((body.boundary(node_id) for body in bodies if node_id in body.nodes), [])


def may_be_overdue(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether a case may have overdue deadlines: its row tells."""
    return any(at is not None and at < now for at in (row.get("step_due_at"), row.get("due_at")))


def _is_met(move: Move, token: Token) -> bool:
    done = token.attached_token is not None and token.attached_token == move.completed
    return done or f"{token.node.process_id}:{token.node.attached_to}" in move.passed


def end_master(move: Move, gone: Iterable[Token]) -> None:
    """When the activity that the master clock spans is left, the case keeps whether it had run out; its lights end."""
    case_row, now = move.case, move.step.now
    if case_row.get("due_at") is None or case_row.get("late") is not None:
        return
    left = any(_is_master(token.node) and token is not move.fired for token in gone if token.kind == "timer")
    if move.live.ended or left or any(_has_master(move, name) for name in move.passed):
        late = master_is_late(case_row, now)
        move.change(late=late, **({} if late else {"yellow_at": None, "red_at": None}))


def master_is_late(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether the master clock of a case had run out by `now` while it still ran."""
    return row.get("late") is None and row.get("due_at") is not None and bool(row["due_at"] < now)


def _is_master(node: Node) -> bool:
    return node.properties.get("clock") == "master"


def _has_master(move: Move, name: str) -> bool:
    process_id, _, node_id = name.partition(":")
    return any(_is_master(each) for each in _bounding(move, process_id, node_id))
