"""SpiffWorkflow's task specs as this platform uses them: nothing predicted, facts kept in one place."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import (
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnStartTask,
    SimpleBpmnTask,
    _EndJoin,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    CallActivity,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    IntermediateCatchEvent,
    NoneTask,
    ParallelGateway,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    StartEvent,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.decision import Decision
from engine.bpmn.diagram import Node
from engine.bpmn.errors import NoWayOn
from forms.expression import Expression

FUTURE, READY = TaskState.FUTURE, TaskState.READY
FACTS = "facts"  # key of the case's facts in the outermost workflow's data
DECIDED = "decided"  # key of the decisions of the running step, taken out at its end
BEGUN_BY = "begun_by"  # key of the id of the start event in the outermost workflow's data, taken out at once
SCOPE = "scope"  # key of an instance's own facts in a subprocess's data


class Lean(TaskSpec):
    """Grows a task's children when it runs, not before: the tree holds what is, never what may come."""

    node: Node | None = None

    def _predict(self, my_task: Any, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        return

    def _run(self, my_task: Any) -> Any:
        if not isinstance(self, MultiChoice):  # these pick their children themselves
            self._predict_hook(my_task)
        return super()._run(my_task)


class LeanProcess(BpmnProcessSpec):
    """A process spec whose own start and end are lean too."""

    def __init__(self, name: str) -> None:
        WorkflowSpec.__init__(self, name=name, addstart=False)
        self.bpmn_start_events: list[Any] = []
        self.start = Start(self, "Start")
        self.end = EndJoin(self, f"{name}.EndJoin")
        self.end.connect(End(self, "End"))
        self.svg = None
        self.description = name
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}


class Start(Lean, BpmnStartTask):
    """Goes on from one start event: the one by which the case is begun, else the one without a timer or message."""

    def _predict_hook(self, my_task: Any) -> None:
        begun_by = my_task.workflow.data.get(BEGUN_BY)
        plain = [spec for spec in self.outputs if spec.node.event.kind == "none"]
        chosen = [spec for spec in self.outputs if spec.name == begun_by] or plain or self.outputs
        my_task._sync_children(chosen[:1], FUTURE)


class EndJoin(Lean, _EndJoin):
    pass


class End(Lean, SimpleBpmnTask):
    pass


class Split(Lean, BoundaryEventSplit):
    pass


class Join(Lean, BoundaryEventJoin):
    pass


class StartedBy(Lean, StartEvent):
    pass


class EndedBy(Lean, EndEvent):
    pass


class Human(Lean, UserTask):
    """A user task: waits for a person."""


class Work(Lean, UserTask):
    """A service task or a message that is sent: waits for its topic, in this process or outside."""


class Decide(Lean, NoneTask):
    """A business rule task: asks its table and keeps the answer as facts, and why it was so."""

    decision: Decision

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manual = False  # the plain task of SpiffWorkflow waits for a person

    def _run_hook(self, my_task: Any) -> bool:
        facts = facts_of(my_task)
        why = self.decision.explain(facts)
        scope_of(my_task).update(self.decision.decide(facts))
        my_task.workflow.top_workflow.data.setdefault(DECIDED, []).append((self.node, why))
        return True


class Choose(Lean, ExclusiveGateway):
    """An exclusive gateway that says so when no way leads on."""

    def _run_hook(self, my_task: Any) -> bool:
        conditions = [condition for condition, _ in self.cond_task_specs if condition is not None]
        if self.default_task_spec is None and not any(condition._matches(my_task) for condition in conditions):
            assert self.node is not None
            raise NoWayOn(self.node.id, self.node.name)
        super()._run_hook(my_task)
        return True


class Fork(Lean, ParallelGateway):
    """A parallel gateway by the letter of BPMN: takes one token from each line in, and what is more waits its turn.

    SpiffWorkflow's own counts arrivals of an earlier turn of a loop, and so goes on too soon.
    """

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        arrived = {my_task.parent.task_spec: my_task}
        for other in my_task.workflow.tasks.values():
            if other.task_spec is self and other.state == TaskState.WAITING:
                arrived.setdefault(other.parent.task_spec, other)
        if len(arrived) < len(set(self.inputs)):
            my_task._set_state(TaskState.WAITING)
            return False
        for other in arrived.values():
            if other is not my_task:
                other.cancel()
        return True

    def _run_hook(self, my_task: Any) -> bool:
        return True


class FirstEvent(Lean, EventBasedGateway):
    """Waits at the gateway itself; the first event behind it that fires takes the token."""

    def connect(self, taskspec: Any) -> None:
        TaskSpec.connect(self, taskspec)

    def _run_hook(self, my_task: Any) -> bool:
        chosen = my_task.workflow.spec.task_specs[my_task.internal_data["fired_by"]]
        my_task._sync_children([chosen], FUTURE)
        return True


class Catch(Lean, IntermediateCatchEvent):
    pass


class Boundary(Lean, BoundaryEvent):
    pass


class Inside(Lean, SubWorkflowTask):
    """An embedded subprocess; facts are the case's, so nothing is copied in or out."""

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        open_scope(my_task, subworkflow)

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        return


class Call(Lean, CallActivity):
    """A call activity; facts are the case's, so nothing is copied in or out."""

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        open_scope(my_task, subworkflow)

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        return


class EachAtOnce(Lean, ParallelMultiInstanceTask):
    """One instance an element, all at once."""

    def merge_child(self, workflow: Any, child: Any) -> None:
        my_task = child.parent
        my_task.internal_data["merged"].append(str(child.id))
        if self.children_complete(my_task):
            my_task._set_state(READY)


class EachInTurn(Lean, SequentialMultiInstanceTask):
    """One instance an element, one after the other."""

    def merge_child(self, workflow: Any, child: Any) -> None:
        my_task = child.parent
        my_task.internal_data["merged"].append(str(child.id))
        if self.children_complete(my_task):
            my_task._set_state(READY)
        else:
            self.add_next_child(my_task)


class Timer(EventDefinition):
    """Fires only when the platform's clock says so; its due time is a row, not the engine's business."""

    def catches(self, my_task: Any, event: Any) -> bool:
        return False


class Message(EventDefinition):
    """Fires when the platform delivers a message of this name."""

    def catches(self, my_task: Any, event: Any) -> bool:
        return False


class Passed(NoneEventDefinition):
    """An event behind an event gateway: the gateway has waited for it already."""


class FactList:
    """A multi-instance's input: the list of this name among the facts."""

    def __init__(self, name: str) -> None:
        self.bpmn_id = self.bpmn_name = name

    def get(self, my_task: Any) -> list[Any]:
        return list(facts_of(my_task).get(self.bpmn_id) or [])

    def exists(self, my_task: Any) -> bool:
        return self.bpmn_id in facts_of(my_task)


class Element:
    """A multi-instance's element variable: a fact of the instance alone."""

    def __init__(self, name: str) -> None:
        self.bpmn_id = self.bpmn_name = name

    def exists(self, my_task: Any) -> bool:
        return False

    def set(self, my_task: Any, value: Any) -> None:
        my_task.data[self.bpmn_id] = value


class Condition:
    """A flow's condition over the facts that its token sees."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def _matches(self, my_task: Any) -> bool:
        return self.expression.holds(facts_of(my_task))


def open_scope(my_task: Any, subworkflow: Any) -> None:
    """Give an instance's subprocess a scope of its own, holding its element."""
    if my_task.data:
        subworkflow.data[SCOPE] = dict(my_task.data)


def facts_of(my_task: Any) -> Mapping[str, Any]:
    """What an expression at this token sees: its own element, its instance's facts, the case's facts."""
    scopes = [my_task.data] if my_task.data else []
    workflow = my_task.workflow
    while workflow.parent_task_id is not None:
        if SCOPE in workflow.data:
            scopes.append(workflow.data[SCOPE])
        parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        workflow = parent.workflow
    return ChainMap(*scopes, workflow.data[FACTS]) if scopes else workflow.data[FACTS]


def instances_of(my_task: Any) -> Iterator[tuple[Node, str]]:
    """The multi-instance activities of which this token stands in one instance, with its id, the innermost first."""
    if my_task.data and my_task.task_spec.node is not None:
        yield my_task.task_spec.node, my_task.id.hex
    workflow = my_task.workflow
    while workflow.parent_task_id is not None:
        parent = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        if SCOPE in workflow.data:
            yield parent.task_spec.node, parent.id.hex
        workflow = parent.workflow


def scope_of(my_task: Any) -> dict[str, Any]:
    """Where facts produced at this token are kept: its instance's scope, else the case."""
    workflow = my_task.workflow
    while workflow.parent_task_id is not None:
        if SCOPE in workflow.data:
            found: dict[str, Any] = workflow.data[SCOPE]
            return found
        workflow = workflow.top_workflow.get_task_from_id(workflow.parent_task_id).workflow
    facts: dict[str, Any] = workflow.data[FACTS]
    return facts
