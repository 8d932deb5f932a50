"""The task page: the form, and beside it what its holder needs to read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node
from engine.bpmn.named import handed_on
from engine.bpmn.run import Live, Token
from engine.cases import access, earlier
from engine.cases.entries import options
from engine.cases.errors import TaskAlreadyClosed, TaskNotFound
from engine.cases.runtime import Step
from engine.cases.views import acts, clocks, reading
from engine.cases.views.acts import ActView
from engine.cases.views.clocks import DeadlineView
from engine.cases.views.reading import ReadBlock
from engine.store import tables
from forms import submission
from forms.model import Form


@dataclass(frozen=True)
class TaskPage:
    """Everything that the page of one open task shows."""

    task: Mapping[str, Any]
    case: Mapping[str, Any]
    form: Form
    fields: Mapping[str, Sequence[str]]  # prefill by input name
    files: Mapping[str, str]  # names of the files among them by sha256
    options: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, Any]
    reading: list[ReadBlock]
    deadlines: list[DeadlineView]
    urges: list[ActView]  # 催办 that wait for an answer
    mine: bool
    may_act: bool
    why_not: str
    claimed_by: str | None
    documentation: str
    clauses: tuple[str, ...]
    key: str


def task(this: Step, task_id: str) -> TaskPage:
    """The page of an open task; `TaskNotFound` outside the actor's posts, `TaskAlreadyClosed` when it is done."""
    row, case_row = _rows(this, task_id)
    deployment = this.runtime.deployment(this.session, case_row["deployment_id"])
    node = find_node(deployment.processes[row["process_id"]], row["node_id"])
    form = deployment.forms[row["form_id"]]
    mine = row["assignee"] == this.actor.account_id or row["place"] == "case"
    token = _token(this, deployment, row, form, node)
    done = access.already_did(this.session, this.actor, row["case_id"], token.other_hands()) if token else None
    only = node.properties.get("read", "").replace("，", ",").replace(",", " ").split()
    said = earlier.values(this.session, form, row)
    return TaskPage(
        task=row,
        case=case_row,
        form=form,
        fields=submission.fill(form, {**_prefilled(node, token), **said}),
        files={digest: str(each["name"]) for digest, each in earlier.files(said).items()},
        options=options(form, this.session, this.runtime, places_of_task(case_row, row), this.now),
        facts={name: token.facts[name] for name in form.needs if name in token.facts} if token else {},
        reading=reading.blocks(this, deployment, row["case_id"], only=only, handler=True, instance=row["instance"]),
        deadlines=clocks.of_case(this, case_row, task_id=task_id),
        urges=acts.to_answer(this, task_id),
        mine=mine,
        may_act=(mine or row["assignee"] is None) and not done,
        why_not=f"您已办理过「{done}」，按规定这一步须由另一人办理。" if done else "",
        claimed_by=row["assignee_name"],
        documentation=node.documentation,
        clauses=node.clauses,
        key=secrets.token_hex(16),
    )


def places_of_task(case: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, str]:
    """The places of a case as one of its tasks sees them: what the task's own place means is on its row."""
    own = {row["place"]: row["unit_id"]} if row["place"] and row["unit_id"] else {}
    return {**case["places"], **own}


def find_node(process: Any, node_id: str) -> Node:
    """A node of a process or of the bodies inside it."""
    for body in process.every_process():
        if node_id in body.nodes:
            node: Node = body.nodes[node_id]
            return node
    raise TaskNotFound


def _rows(this: Step, task_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    t, c, a = tables.task, tables.case, tables.account
    case_columns = [column.label(f"whole_{column.name}") for column in c.c if column.name != "state"]
    query = (
        select(t, a.c.name.label("assignee_name"), *case_columns)
        .join(c, c.c.id == t.c.case_id)
        .outerjoin(a, a.c.id == t.c.assignee)
        .where(t.c.id == task_id)
    )
    found = this.session.execute(query).mappings().one_or_none()
    if found is None:
        raise TaskNotFound
    row = {column.name: found[column.name] for column in t.c} | {"assignee_name": found["assignee_name"]}
    case_row = {column.name: found[f"whole_{column.name}"] for column in c.c if column.name != "state"}
    if not access.has_task_role(this.actor, {**row, "number": case_row["number"]}):
        raise TaskNotFound
    if not this.runtime.scope.may_open(this.actor, row["role"], row["assignee"]):
        raise TaskNotFound
    if row["status"] != "open":
        raise TaskAlreadyClosed(_closer(this, row["closed_by"]), row["closed_at"], row["due_at"])
    return row, case_row


def _token(this: Step, deployment: Deployment, row: Mapping[str, Any], form: Form, node: Node) -> Token | None:
    """The task's token, if form or node ask for facts or the node for other hands; else the state isn't read."""
    if not (form.needs or {"different_from", "prefill"} & node.properties.keys()):
        return None
    c = tables.case
    state = this.session.execute(select(c.c.state).where(c.c.id == row["case_id"])).scalar_one()
    return Live.load(state, deployment.specs).waiting().get(row["id"])


def _prefilled(node: Node, token: Token | None) -> dict[str, Any]:
    """What the case knows already and the form asks again (property `prefill`: field=fact), to be checked and kept."""
    pairs = handed_on(node.properties.get("prefill", ""))
    return {field: token.facts[fact] for field, fact in pairs if token and token.facts.get(fact) is not None}


def _closer(this: Step, account_id: str | None) -> str | None:
    a = tables.account
    found = this.session.execute(select(a.c.name).where(a.c.id == account_id)).scalar_one_or_none()
    return str(found) if found else None
