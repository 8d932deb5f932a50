"""Takes finished tokens out of the tree, so that a step costs the same on the first day and on the two-hundredth.

SpiffWorkflow keeps every finished task. What a later step can still ask for is little: unfinished tasks; for an
arrival at a parallel join that still waits, the task before it; the siblings at a split whose boundary
events still wait; the instances of a multi-instance that still runs. All else goes, and what stays hangs below the
nearest ancestor that stays.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.tokens import EachAtOnce, EachInTurn, Fork, Join, Split

FINISHED = TaskState.FINISHED_MASK


def prune(workflow: Any) -> None:
    """Drop what no later step of the workflow or its subprocesses can ask for."""
    for parent_id in list(workflow.subprocesses):
        parent = workflow.get_task_from_id(parent_id) if _has(workflow, parent_id) else None
        if parent is None or parent.has_state(FINISHED):
            workflow.subprocesses.pop(parent_id, None)
    for part in (workflow, *workflow.subprocesses.values()):
        _prune_one(part)


def _has(workflow: Any, task_id: Any) -> bool:
    return task_id in workflow.tasks or any(task_id in sub.tasks for sub in workflow.subprocesses.values())


def _prune_one(workflow: Any) -> None:
    tasks = workflow.tasks
    keep = _kept(workflow)
    if len(keep) == len(tasks):
        return
    for task in list(tasks.values()):
        task._children = []
    for task_id in keep:
        task = tasks[task_id]
        parent_id = task._parent
        while parent_id is not None and parent_id not in keep:
            parent_id = tasks[parent_id]._parent
        task._parent = parent_id
        if parent_id is not None:
            tasks[parent_id]._children.append(task_id)
    workflow.tasks = {task_id: task for task_id, task in tasks.items() if task_id in keep}
    if workflow.last_task is not None and workflow.last_task.id not in workflow.tasks:
        workflow.last_task = workflow.task_tree


def _kept(workflow: Any) -> dict[Any, None]:
    """Ids of the tasks to keep, in the order of the tree's growth."""
    wanted = {workflow.task_tree.id}
    for task in workflow.tasks.values():
        if task.has_state(FINISHED):
            continue
        wanted.add(task.id)
        wanted.update(_split_above(task))
        if isinstance(task.task_spec, EachAtOnce | EachInTurn):
            wanted.update(task._children)
        if isinstance(task.task_spec, Fork):
            wanted.add(task._parent)  # it tells by which line the token came
    return {task_id: None for task_id in workflow.tasks if task_id in wanted}


def _split_above(task: Any) -> list[Any]:
    """For a task between a boundary split and its join: the split and all its children."""
    parent = task.parent
    if isinstance(task.task_spec, Join):
        parent = task.find_ancestor(task.task_spec.split_task)
    if parent is None or not isinstance(parent.task_spec, Split):
        return []
    return [parent.id, *parent._children]
