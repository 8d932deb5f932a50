"""Turns read diagrams into SpiffWorkflow specs, directly: its own parser misreads too much of BPMN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition

from engine.bpmn import tokens
from engine.bpmn.decision import Decision
from engine.bpmn.diagram import Event, Node, Process
from engine.bpmn.errors import ProcedureNotFound
from forms import expression

Decisions = Mapping[str, Decision]


def specs(processes: Mapping[str, Process], decisions: Decisions) -> dict[str, tokens.LeanProcess]:
    """Specs of all processes of a deployment and of their embedded subprocesses, by id.

    `decisions` are the decision tables by id; the diagrams have passed lint.
    """
    built: dict[str, tokens.LeanProcess] = {}
    for outer in processes.values():
        for process in outer.every_process():
            built[process.id] = _process(process, processes, decisions)
    return built


def _process(process: Process, all_processes: Mapping[str, Process], decisions: Decisions) -> tokens.LeanProcess:
    spec = tokens.LeanProcess(process.id)
    entry: dict[str, Any] = {}
    leave: dict[str, Any] = {}
    after_gateway = {f.target for f in process.flows if process.nodes[f.source].kind == "event_gateway"}
    for node in process.nodes.values():
        entry[node.id] = leave[node.id] = _task(spec, node, all_processes, decisions, node.id in after_gateway)
    for node in process.nodes.values():
        if node.loop:
            entry[node.id] = leave[node.id] = _each(spec, node, entry[node.id])
    for node in process.nodes.values():
        bounds = process.boundary(node.id)
        if bounds:
            entry[node.id] = _bounded(spec, node, leave[node.id], [leave[b.id] for b in bounds])
    for node in process.nodes.values():
        _connect(process, node, entry, leave[node.id], spec)
    return spec


def _task(spec: Any, node: Node, all_processes: Mapping[str, Process], decisions: Decisions, passed: bool) -> Any:
    name = f"{node.id} [each]" if node.loop else node.id
    task = _make(spec, node, name, all_processes, decisions, passed)
    task.node = node
    task.lane = node.lane or None
    return task


def _make(
    spec: Any, node: Node, name: str, all_processes: Mapping[str, Process], decisions: Decisions, passed: bool
) -> Any:
    match node.kind:
        case "start":
            return tokens.StartedBy(spec, name, NoneEventDefinition(), bpmn_name=node.name)
        case "end" | "throw" | "service" if node.works:
            return tokens.Work(spec, name, bpmn_name=node.name)
        case "end":
            terminate = node.event.kind == "terminate"
            return tokens.EndedBy(spec, name, TerminateEventDefinition() if terminate else NoneEventDefinition())
        case "user":
            return tokens.Human(spec, name, bpmn_name=node.name)
        case "rule":
            task = tokens.Decide(spec, name, bpmn_name=node.name)
            task.decision = decisions[node.decision]
            return task
        case "call":
            if node.called not in all_processes:
                raise ProcedureNotFound(node.called)
            return tokens.Call(spec, name, node.called, bpmn_name=node.name)
        case "subprocess":
            return tokens.Inside(spec, name, node.id, bpmn_name=node.name)
        case "exclusive":
            return tokens.Choose(spec, name, bpmn_name=node.name)
        case "parallel":
            return tokens.Fork(spec, name, bpmn_name=node.name)
        case "event_gateway":
            return tokens.FirstEvent(spec, name, tokens.Message(node.name), bpmn_name=node.name)
        case "boundary":
            return tokens.Boundary(spec, name, _event(node.event), node.interrupting, bpmn_name=node.name)
        case "catch" | "receive":
            return tokens.Catch(spec, name, tokens.Passed() if passed else _event(node.event), bpmn_name=node.name)
        case _:
            return tokens.Catch(spec, name, NoneEventDefinition(), bpmn_name=node.name)


def _event(event: Event) -> Any:
    return tokens.Timer(event.text) if event.kind == "timer" else tokens.Message(event.text)


def _each(spec: Any, node: Node, child: Any) -> Any:
    assert node.loop is not None
    make = tokens.EachInTurn if node.loop.kind == "sequential" else tokens.EachAtOnce
    each = make(
        spec,
        node.id,
        task_spec=child.name,
        data_input=tokens.FactList(node.loop.collection),
        input_item=tokens.Element(node.loop.element),
        bpmn_name=node.name,
    )
    each.node = node
    child._connect_notify(each)
    child.completed_event.connect(each.merge_child)
    return each


def _bounded(spec: Any, node: Node, task: Any, events: list[Any]) -> Any:
    split = tokens.Split(spec, f"{node.id}.BoundaryEventSplit")
    join = tokens.Join(spec, f"{node.id}.BoundaryEventJoin", split_task=split.name, cancel=True)
    split.connect(task)
    task.connect(join)
    for event in events:
        split.connect(event)
        event.connect(join)
    return split


def _connect(process: Process, node: Node, entry: Mapping[str, Any], task: Any, spec: Any) -> None:
    if node.kind == "start":
        spec.start.connect(entry[node.id])
    leaving = process.leaving(node.id)
    for flow in leaving:
        target = entry[flow.target]
        if node.kind == "exclusive" and flow.id != node.default and flow.condition:
            task.connect_if(tokens.Condition(expression.parse(flow.condition)), target)
        else:
            task.connect(target)
    if not leaving:
        task.connect(spec.end)
