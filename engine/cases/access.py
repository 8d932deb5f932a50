"""Who may start, see, do and send: within their unit and their task, or not at all (domain 2.3–2.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn.diagram import Node, pairs
from engine.cases.facts import resolve
from engine.people.actor import Actor
from engine.people.scope import Scope
from engine.people.units import Units
from engine.store import tables

if TYPE_CHECKING:
    from engine.store.database import Session


def may_start(actor: Actor, starters: str) -> bool:
    """Whether the process's `camunda:candidateStarterGroups` name the actor: `public`, or one of their roles."""
    groups = {role for role, _ in pairs(starters)}
    return (actor.is_public and open_to_public(starters)) or bool(groups & actor.roles)


def open_to_public(starters: str) -> bool:
    """Whether anybody may begin it: an application or a report, not a case of the office's own."""
    return "public" in {role for role, _ in pairs(starters)}


def has_task_role(actor: Actor, task: Mapping[str, Any]) -> bool:
    """Whether the task is the actor's at all: of their post, the applicant's own, or given to them where no post is
    asked for. Who has lost the post has lost what they signed for."""
    if not task["role"]:
        return bool(actor.account_id == task["assignee"])
    if task["place"] == "case":
        return is_applicant(actor, task["number"])
    unit_id = task["task_unit"] if "task_unit" in task else task["unit_id"]  # beside the case's own, or alone
    return actor.holds(task["role"], unit_id or "")


def is_applicant(actor: Actor, number: str) -> bool:
    """Whether the actor is the citizen who knows this case's number and code."""
    return actor.is_public and actor.account_id == f"public:{number}"


def already_did(session: Session, actor: Actor, case_id: int, node_ids: Sequence[str]) -> str | None:
    """The name of a step among `node_ids` that the actor has submitted in this case, if there is one."""
    if not node_ids:
        return None
    s = tables.submission
    query = select(s.c.name).where(s.c.case_id == case_id, s.c.node_id.in_(node_ids), s.c.by == actor.account_id)
    return session.execute(query.limit(1)).scalar_one_or_none()


def may_send(actor: Actor, node: Node, number: str, places: Mapping[str, str], units: Units) -> bool:
    """Whether a message event's `sender` names the actor, in the case of this number with these places."""
    for role, place in pairs(node.properties.get("sender", "")):
        if place == "case":
            if is_applicant(actor, number):
                return True
        elif actor.holds(role, resolve(places, place, units) or ""):
            return True
    return False


def sees_case(session: Session, scope: Scope, actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether the actor has a role in this case; if not, the case doesn't exist for them."""
    if actor.is_public:
        return is_applicant(actor, case["number"])
    c = tables.case
    query = select(c.c.id).where(c.c.id == case["id"], scope.visible_cases(actor))
    return session.execute(query).one_or_none() is not None
