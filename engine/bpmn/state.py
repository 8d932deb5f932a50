"""A running case as bytes and back: definite tokens only, no specs, compressed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task

from engine.bpmn.tokens import LeanProcess
from forms.plain import as_json, from_json

VERSION = 1


def dump(workflow: Any) -> bytes:
    """The workflow's tokens and facts; `load` gives the same workflow back."""
    parts = [_part(workflow)] + [_part(sub) for sub in _outer_first(workflow)]
    text = json.dumps({"v": VERSION, "parts": parts}, ensure_ascii=False, separators=(",", ":"), default=as_json)
    return zlib.compress(text.encode(), 6)


def load(state: bytes, specs: Mapping[str, LeanProcess]) -> Any:
    """The workflow that `dump` wrote, over the specs of its own deployment."""
    document = json.loads(zlib.decompress(state), object_hook=from_json)
    if document["v"] != VERSION:
        raise ValueError(f"unknown version of a case's state: {document['v']}")
    first, *rest = document["parts"]
    workflow = BpmnWorkflow(specs[first["spec"]], specs, deserializing=True)
    _fill(workflow, first)
    for part in rest:
        parent_id = UUID(hex=part["parent"])
        sub = BpmnSubWorkflow(specs[part["spec"]], parent_id, workflow, deserializing=True)
        workflow.subprocesses[parent_id] = sub
        _fill(sub, part)
        parent = workflow.get_task_from_id(parent_id)
        sub.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    return workflow


def _outer_first(workflow: Any) -> list[Any]:
    return sorted(workflow.subprocesses.values(), key=lambda sub: int(sub.depth))


def _part(workflow: Any) -> dict[str, Any]:
    part: dict[str, Any] = {"spec": workflow.spec.name, "done": workflow.completed, "data": workflow.data}
    if workflow.parent_task_id is not None:
        part["parent"] = workflow.parent_task_id.hex
    part["tasks"] = [_token(task) for task in _parents_first(workflow)]
    return part


def _parents_first(workflow: Any) -> list[Any]:
    found, queue = [], [workflow.task_tree]
    while queue:
        task = queue.pop(0)
        found.append(task)
        queue.extend(task.children)
    return found


def _token(task: Any) -> list[Any]:
    token = [task.id.hex, task._parent.hex if task._parent else None, task.task_spec.name, task._state]
    extra = (task.triggered, task.data, task.internal_data)
    return [*token, *extra] if any(extra) else token


def _fill(workflow: Any, part: Mapping[str, Any]) -> None:
    workflow.data = part["data"]
    workflow.completed = part["done"]
    for order, (task_id, parent_id, name, state, *extra) in enumerate(part["tasks"]):
        parent = workflow.tasks[UUID(hex=parent_id)] if parent_id else None
        task = Task(workflow, workflow.spec.task_specs[name], parent, state, UUID(hex=task_id))
        task.last_state_change = order
        if extra:
            task.triggered, task.data, task.internal_data = extra
        if parent is None:
            workflow.task_tree = task
