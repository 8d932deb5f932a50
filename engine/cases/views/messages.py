"""Messages that a case waits for and that the actor may send: 撤回, 死亡登记, 异议 …"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.bpmn.run import Live
from engine.cases import access
from engine.cases.entries import options
from engine.cases.errors import CaseNotFound, MessageNotWaited
from engine.cases.move import places_at
from engine.cases.runtime import Step
from engine.store import tables
from forms.model import Form


@dataclass(frozen=True)
class MessageView:
    """A message that may be sent now."""

    token_id: str
    name: str
    form: Form | None
    may_send: bool
    documentation: str
    places: Mapping[str, str]  # of the case, as they are where it is waited for


@dataclass(frozen=True)
class MessagePage:
    """The form of a message."""

    message: MessageView
    case: Mapping[str, Any]
    options: Mapping[str, Mapping[str, str]]
    key: str


def messages(this: Step, case: Mapping[str, Any]) -> list[MessageView]:
    """The messages that the actor may send to a case (a row of the table `case`)."""
    if case["status"] != "open":
        return []
    deployment = this.runtime.deployment(this.session, case["deployment_id"])
    c = tables.case
    state = this.session.execute(select(c.c.state).where(c.c.id == case["id"])).scalar_one()
    found = []
    for token in Live.load(state, deployment.specs).waiting().values():
        if (
            token.kind == "message"
            and token.allows()
            and access.may_send(this.actor, token.node, case["number"], places_at(case, token), this.runtime.units)
        ):
            form = deployment.forms.get(token.node.properties.get("form", ""))
            name = token.name or token.node.event.text
            places = places_at(case, token)
            found.append(MessageView(token.id, name, form, True, token.node.documentation, places))
    return found


def message_form(this: Step, case_id: int, token_id: str) -> MessagePage:
    """The form page of a message; `CaseNotFound` out of sight, `MessageNotWaited` when it can't be sent."""
    c = tables.case
    row = this.session.execute(select(c).where(c.c.id == case_id)).mappings().one_or_none()
    if row is None or not access.sees_case(this.session, this.runtime.scope, this.actor, {**row}):
        raise CaseNotFound
    found = next((message for message in messages(this, {**row}) if message.token_id == token_id), None)
    if found is None:
        raise MessageNotWaited
    choices = options(found.form, this.session, this.runtime, found.places, this.now) if found.form else {}
    return MessagePage(found, {**row}, choices, secrets.token_hex(16))
