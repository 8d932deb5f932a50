"""The case on its live diagram: what is done, open and late, with the dates that stand at each node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node, Process
from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.cases.views import clocks
from engine.cases.views.case import visible_row
from engine.clock.days import local
from engine.store import tables

STATES = {"red": "late", "yellow": "yellow"}
WORST_FIRST = ("late", "yellow", "open")


@dataclass(frozen=True)
class Standing:
    """Something that is open at a node: a task there, or the limit on all that the node holds."""

    state: str
    who: str
    due_at: datetime | None
    provisional: bool

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.who, due(self.due_at, provisional=self.provisional))))


def due(due_at: datetime | None, *, provisional: bool) -> str:
    """`3月9日到期`, with 暂定 before it while a notice on days off may still move it; "" without a date."""
    return f"{'暂定' if provisional else ''}{local(due_at):%-m月%-d日}到期" if due_at else ""


def diagram_xml(this: Step, case_id: int, process_id: str) -> bytes:
    """The diagram file that holds a process, as the case runs it."""
    row = visible_row(this, case_id)
    deployment = this.runtime.deployment(this.session, row["deployment_id"])
    if process_id not in deployment.closure(row["procedure"]):
        raise CaseNotFound
    return deployment.files[deployment.process_file(process_id)]


def diagram_state(this: Step, case_id: int, process_id: str) -> dict[str, Any]:
    """What to colour: element id -> {state: done|open|yellow|late, text}.

    A call activity shows the worst of what is open inside it, and the limit on the whole of it.
    """
    row = visible_row(this, case_id)
    deployment = this.runtime.deployment(this.session, row["deployment_id"])
    if process_id not in deployment.closure(row["procedure"]):
        raise CaseNotFound
    process = deployment.processes[process_id]
    done = _passed(this, case_id)
    inside = [node for node in process.every_node() if f"{process_id}:{node.id}" in done]
    elements = {node.id: {"state": "done", "text": ""} for node in inside}
    elements.update(_open(this, case_id, deployment, process))
    for node in _holding(process, elements):
        elements.setdefault(node.id, {"state": "open", "text": ""})
        if elements[node.id]["state"] == "done":
            elements[node.id] = {"state": "open", "text": ""}
    return {"elements": elements, "children": sorted(_called(process))}


def _open(this: Step, case_id: int, deployment: Deployment, process: Process) -> dict[str, dict[str, str]]:
    tasks: dict[str, list[Standing]] = defaultdict(list)
    for task in _tasks(this, case_id):
        own = task["process_id"] == process.id
        where = task["node_id"] if own else _caller(deployment, process, task["process_id"])
        if where is not None:
            tasks[where].append(_task(this, task))
    limits: dict[str, list[Standing]] = defaultdict(list)
    for row in _limits(this, case_id, process.id):
        limits[row["attached_to"]].append(_limit(this, row))
    return {where: _shown(tasks[where], limits[where]) for where in {*tasks, *limits}}


def _shown(tasks: Sequence[Standing], limits: Sequence[Standing]) -> dict[str, str]:
    states = {each.state for each in (*tasks, *limits)}
    lines = [str(each) for each in tasks]
    if len(tasks) > 1:
        first = next((each for each in tasks if each.due_at), None)  # they come by due date
        soonest = f"，最早{due(first.due_at, provisional=first.provisional)}" if first else ""
        lines = [f"{len(tasks)}项在办{soonest}"]
    lines += [str(each) for each in limits]
    return {"state": next(state for state in WORST_FIRST if state in states), "text": "\n".join(lines)}


def _tasks(this: Step, case_id: int) -> Iterator[Mapping[str, Any]]:
    t, a = tables.task, tables.account
    query = (
        select(t, a.c.name.label("assignee_name"))
        .outerjoin(a, a.c.id == t.c.assignee)
        .where(t.c.case_id == case_id, t.c.status == "open")
        .order_by(t.c.due_at, t.c.id)
    )
    yield from ({**row} for row in this.session.execute(query).mappings())


def _limits(this: Step, case_id: int, process_id: str) -> Iterator[Mapping[str, Any]]:
    """Open limits on call activities and sub-processes."""
    d = tables.deadline
    query = select(d).where(
        d.c.case_id == case_id,
        d.c.process_id == process_id,
        d.c.task_id.is_(None),
        d.c.attached_to.is_not(None),
        d.c.status.in_(("running", "overdue")),
    )
    yield from ({**row} for row in this.session.execute(query.order_by(d.c.due_at)).mappings())


def _task(this: Step, task: Mapping[str, Any]) -> Standing:
    unit = this.runtime.units.find(task["unit_id"])
    holder = task["assignee_name"] or (unit.name if unit else "申请人")
    return _standing(this, task, holder)


def _limit(this: Step, row: Mapping[str, Any]) -> Standing:
    return _standing(this, row, "总时限" if row["master"] else row["name"])


def _standing(this: Step, row: Mapping[str, Any], who: str) -> Standing:
    light = clocks.light_of({**row}, this.now)
    return Standing(STATES.get(light or "", "open"), who, row["due_at"], row["provisional"])


def _holding(process: Process, elements: Mapping[str, Mapping[str, str]]) -> Iterator[Node]:
    """Sub-processes in which something is open."""
    for body in process.every_process():
        for node in body.nodes.values():
            if node.body and any(
                elements.get(each.id, {}).get("state", "done") != "done" for each in node.body.every_node()
            ):
                yield node


def _passed(this: Step, case_id: int) -> frozenset[str]:
    h = tables.history
    details = this.session.execute(select(h.c.details).where(h.c.case_id == case_id)).scalars()
    return frozenset(node for each in details for node in each.get("passed", ()))


def _called(process: Process) -> Iterator[str]:
    for node in process.every_node():
        if node.kind == "call":
            yield node.called


def _caller(deployment: Deployment, process: Process, process_id: str) -> str | None:
    """The call activity of `process` inside of which a task of another process stands."""
    for node in process.every_node():
        if node.kind == "call" and process_id in deployment.closure(node.called):
            return node.id
    return None
