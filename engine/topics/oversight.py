"""督办单: its day and issuer, and what the supervised case and the list of acts learn of it (S0-47, S1-26, S1-57)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from engine.bpmn.diagram import pairs
from engine.cases import about
from engine.cases.history import line
from engine.clock.days import day_of
from engine.people import accounts
from engine.people.actor import Actor
from engine.people.units import organ_name
from engine.store import tables
from engine.topics import lookup, text
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

KIND = "督办单"  # in the table `act`
ISSUED = "oversight.issued"


class OversightBroken(Exception):
    """The diagram or the case lacks what a 督办单 needs; `str()` says what."""


@topic("oversight.prepare", provides=("督办人", "督办单位", "到期日"))
def prepare(work: Work) -> dict[str, Any]:
    """Who issues it for which unit, and the day on which the first timer of the same `limit` here would fall due."""
    limit_id = work.node.properties.get("limit", "")
    process = work.move.deployment.processes[work.node.process_id]
    timers = (node for node in process.every_node() if node.event.kind == "timer")
    words = next((node.event.text for node in timers if node.properties.get("limit") == limit_id), None)
    if words is None:
        raise OversightBroken(f"流程图上没有时限为「{limit_id}」的定时，请核对属性 limit")
    issuer = _issuer(work)
    starters = {role for role, _ in pairs(process.starters)}
    unit_id = next((post.unit_id for post in issuer.posts if post.role in starters), None)
    unit = work.move.step.runtime.units.find(unit_id)
    return {
        "督办人": issuer.account_id,
        "督办单位": organ_name(unit) if unit else "",
        "到期日": work.move.deadline(words, limit_id).due_on,
    }


@topic(ISSUED, parameters=("tell", "text"), writes=True)
def issued(work: Work) -> None:
    """The supervised case's history says so, and the list of acts has it under the paper's number."""
    move, other = work.move, _other(work)
    unit = move.step.runtime.units.find(move.case["unit_id"])
    by, by_name, at, values = about.last_submission(move.step, move.case["id"])
    row = {
        "number": str(work.facts["文书编号"]),
        "kind": KIND,
        "case_id": other["id"],
        "name": str(values.get("督办事由") or move.case["number"]),
        "unit_id": unit.id if unit else None,
        "unit_path": unit.path if unit else None,
        "told": [f"{role}@{move.unit(place)}" for role, place in pairs(work.parameter("tell"))],
        "text": str(values.get("督办要求") or ""),
        "at": at,
        "by": by,
        "by_name": by_name,
    }
    move.step.session.execute(insert(tables.act).values(row))
    _note(work, other["id"])


@topic("oversight.replied", parameters=("text",), writes=True)
def replied(work: Work) -> None:
    """The newest reply, on the list of acts and in the supervised case's history."""
    move, a = work.move, tables.act
    by, by_name, at, values = about.last_submission(move.step, move.case["id"])
    said = {
        "reply": str(values.get("答复内容") or ""),
        "replied_at": at,
        "replied_by": by,
        "replied_by_name": by_name,
    }
    move.step.session.execute(update(a).where(a.c.number == str(work.facts["文书编号"])).values(said))
    _note(work, _other(work)["id"])


@topic("oversight.closed", parameters=("text",), writes=True)
def closed(work: Work) -> None:
    """The supervised case's history says how the reply was received."""
    _note(work, _other(work)["id"])


@topic("about.note", parameters=("text",), writes=True)
def note(work: Work) -> None:
    """The history of the case that this one is about says `text`, under this case's number (E-20)."""
    _write(work, _other(work)["id"], "linked", str(work.move.case["number"]))


def _note(work: Work, case_id: int) -> None:
    """The same for a 督办单, under its paper's number."""
    _write(work, case_id, "oversight", str(work.facts["文书编号"]))


def _write(work: Work, case_id: int, act: str, number: str) -> None:
    """`text`, with its names filled, as a line in the other case's history, by whoever acted last."""
    move = work.move
    said = text.fill(work.parameter("text"), lambda name: lookup.value(work, name))
    by, by_name, at, _values = about.last_submission(move.step, move.case["id"])
    details = {"text": said, "number": number, act: move.case["id"]}
    about.write(move.step, case_id, line(Actor(by, by_name), at, act, f"{work.node.name} {number}", details=details))


def _issuer(work: Work) -> Actor:
    this = work.move.step
    found = accounts.find(this.session, work.move.case["started_by"], day_of(this.now))
    if found is None:
        raise OversightBroken("发出督办单的账号已经停用，请由其他人员重新发出")
    return found


def _other(work: Work) -> dict[str, Any]:
    """The case that this one is about, by the number in the field that the process's `about` names."""
    move = work.move
    key = move.deployment.processes[work.node.process_id].properties.get(about.ABOUT, "")
    found = about.by_number(move.step, str(lookup.value(work, key) or "")) if key else None
    if found is None:
        raise OversightBroken(f"找不到所针对的办件，请核对流程的属性 {about.ABOUT} 和表单里的「{key}」")
    return found
