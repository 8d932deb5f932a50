"""What the office calls its procedures and their steps: the names that the newest diagrams give them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node
from engine.cases.runtime import Step


def procedures(this: Step) -> Mapping[str, str]:
    """Names by id of what can be started."""
    processes = this.runtime.current(this.session)[1].processes
    return {each.id: each.name or each.id for each in processes.values() if each.starters}


def step_name(deployment: Deployment, process_id: str, node_id: str) -> str:
    """What a step is called now; its id once no diagram has it any more."""
    return next((node.name for node in nodes(deployment, process_id) if node.id == node_id and node.name), node_id)


def nodes(deployment: Deployment, process_id: str) -> Iterator[Node]:
    """All nodes of a process; none of one that is there no more."""
    process = deployment.processes.get(process_id)
    return process.every_node() if process else iter(())


def inside(deployment: Deployment, process_id: str, node_id: str) -> frozenset[str]:
    """The processes that count as inside of a call activity: what it calls, at any depth.

    One that another activity of the same diagram calls directly counts there (a survey for an objection counts as a
    survey): a task doesn't say through which call it came. Empty for a node that calls nothing.
    """
    calls = {node.id: node.called for node in nodes(deployment, process_id) if node.called}
    waiting = [calls[node_id]] if node_id in calls else []
    elsewhere = set(calls.values()) - set(waiting)
    found: set[str] = set()
    while waiting:
        current = waiting.pop()
        if current not in found and current not in elsewhere:
            found.add(current)
            waiting += [node.called for node in nodes(deployment, current) if node.called]
    return frozenset(found)
