"""The one door to SpiffWorkflow: a running case, moved one step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import state
from engine.bpmn.decision import Matched
from engine.bpmn.diagram import Node
from engine.bpmn.errors import ProcedureNotFound, TokenNotFound
from engine.bpmn.named import handed_on, split
from engine.bpmn.prune import prune
from engine.bpmn.tokens import (
    BEGUN_BY,
    DECIDED,
    FACTS,
    Boundary,
    Call,
    Catch,
    FirstEvent,
    Human,
    Inside,
    LeanProcess,
    Message,
    Timer,
    Work,
    facts_of,
    instances_of,
    scope_of,
)
from forms import expression
from forms.errors import FactMissing

OPEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED
WAITS = TaskState.WAITING


@dataclass(frozen=True)
class Token:
    """Something the case waits for: a person, a topic, a timer or a message.

    `id` names it in the database; `facts` is what an expression at this token sees.
    """

    id: str
    node: Node
    kind: str  # user, work, timer, message; place: where a token stands, whatever is waited for there
    facts: Mapping[str, Any] = field(compare=False, repr=False)
    attached_token: str | None = None  # the user task that a boundary timer bounds
    inside: tuple[tuple[Node, str], ...] = field(default=(), compare=False, repr=False)  # instances, innermost first

    @property
    def instance(self) -> str | None:
        """The id of the instance of a multi-instance activity that it stands in."""
        return self.inside[0][1] if self.inside else None

    @property
    def places(self) -> Mapping[str, str | None]:
        """Places of the instances around it (`binds`), as unit ids; None while the fact that says it isn't known."""
        pairs = (pair for node, _ in reversed(self.inside) for pair in handed_on(node.properties.get("binds", "")))
        return {place: str(self.facts[fact]) if self.facts.get(fact) else None for place, fact in pairs}

    @property
    def name(self) -> str:
        """The node's name, with what its instance is about (`subject`)."""
        about = next((node.properties["subject"] for node, _ in self.inside if "subject" in node.properties), "")
        said = self.facts.get(about)
        return f"{self.node.name}（{said}）" if said else self.node.name

    def assignee(self) -> Any:
        """Value of the node's `camunda:assignee` over the facts; FactMissing, ExpressionError."""
        return expression.parse(self.node.assignee).evaluate(self.facts)

    def allows(self) -> bool:
        """Whether the node's property `when` holds: only then a message may be sent, or a timer runs.

        While a fact that it names isn't known it doesn't hold.
        """
        return self._holds("when", unsure=False)

    def is_over(self) -> bool:
        """Whether one of the facts that the property `until` names is known: what the timer limits is done."""
        names = split(self.node.properties.get("until", ""))
        return any(self.facts.get(name) is not None for name in names)

    def other_hands(self) -> tuple[str, ...]:
        """`different_from`: ids of the nodes whose submitters may not do this one, if `different_when` holds."""
        others = split(self.node.properties.get("different_from", ""))
        return others if others and self._holds("different_when", unsure=True) else ()

    def _holds(self, name: str, *, unsure: bool) -> bool:
        condition = self.node.properties.get(name)
        try:
            return not condition or expression.parse(condition).holds(self.facts)
        except FactMissing:
            return unsure


@dataclass(frozen=True)
class Passed:
    """A node that the step completed."""

    process_id: str
    node: Node


class Live:
    """A case in memory. After an error the object must be thrown away: it may stand half-way."""

    def __init__(self, workflow: Any, *, pruning: bool = True) -> None:
        self._workflow = workflow
        self._pruning = pruning
        self._passed: list[Passed] = []
        self.moment: datetime | None = None  # when the step counts: what nodes with `mark` set as a fact

    @classmethod
    def start(
        cls,
        process_id: str,
        specs: Mapping[str, LeanProcess],
        facts: Mapping[str, Any],
        moment: datetime | None = None,
        *,
        begun_by: str = "",
        pruning: bool = True,
    ) -> Live:
        """A new case of this process, standing at its first waiting tokens; `begun_by` is the id of its start event,
        where it has several.

        Without `pruning` finished tokens stay in the tree: slow, but what pruning must agree with.
        """
        if process_id not in specs:
            raise ProcedureNotFound(process_id)
        workflow = BpmnWorkflow(specs[process_id], dict(specs))
        workflow.data[FACTS] = dict(facts)
        if begun_by:
            workflow.data[BEGUN_BY] = begun_by
        live = cls(workflow, pruning=pruning)
        live.moment = moment
        live._go_on()
        workflow.data.pop(BEGUN_BY, None)
        return live

    @classmethod
    def load(cls, stored: bytes, specs: Mapping[str, LeanProcess]) -> Live:
        """The case that `dump` stored."""
        return cls(state.load(stored, dict(specs)))

    def dump(self) -> bytes:
        """The state to store."""
        self.decided()
        return state.dump(self._workflow)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The case's facts."""
        found: Mapping[str, Any] = self._workflow.data[FACTS]
        return found

    @property
    def ended(self) -> bool:
        """True when no token is left."""
        return bool(self._workflow.completed)

    def waiting(self) -> dict[str, Token]:
        """All that the case waits for, by id."""
        return {token.id: token for task in self._tasks() for token in _tokens(task)}

    def places(self) -> dict[str, Token]:
        """Where tokens stand, by id: at tasks and events that wait, and at the calls and subprocesses around them."""
        kinds = Human | Call | Inside | FirstEvent | Catch
        standing = [task for task in self._tasks() if isinstance(task.task_spec, kinds)]
        return {
            task.id.hex: Token(task.id.hex, task.task_spec.node, "place", facts_of(task))
            for task in standing
            if getattr(task.task_spec, "node", None) is not None
        }

    def belongs(self, token_id: str, place_id: str) -> bool:
        """Whether a token stands at the place, inside of it, or bounds it."""
        task = self._find(token_id)
        while task is not None:
            if place_id in (task.id.hex, *_siblings(task)):
                return True
            task = self._workflow.get_task_from_id(task.workflow.parent_task_id) if _is_inner(task) else None
        return False

    def learn(self, facts: Mapping[str, Any], token_id: str | None = None) -> None:
        """Set facts of the case, or of the instance that the token belongs to."""
        target = scope_of(self._find(token_id)) if token_id else self._workflow.data[FACTS]
        target.update(facts)

    def complete(self, token_id: str, facts: Mapping[str, Any]) -> None:
        """Complete a user task or a topic's work with the facts it gave; `TokenNotFound` if it isn't open."""
        task = self._find(token_id)
        if not isinstance(task.task_spec, Human | Work) or task.state != TaskState.READY:
            raise TokenNotFound(token_id)
        scope_of(task).update(facts)
        task.run()
        self._note(task)
        self._go_on()

    def fire(self, token_id: str, facts: Mapping[str, Any] | None = None) -> None:
        """A timer's time has come, or the message has arrived; `TokenNotFound` if nobody waits for it."""
        task = self._find(token_id)
        if task.state != WAITS:
            raise TokenNotFound(token_id)
        if facts:
            scope_of(task).update(facts)
        self._listen_on(task)
        if isinstance(task.task_spec, FirstEvent):
            task.internal_data["fired_by"] = token_id.partition(":")[2]
        task.internal_data["event_fired"] = True
        task.task_spec._update(task)
        self._go_on()

    def _listen_on(self, task: Any) -> None:
        """A message that interrupts nothing may come again: wait for it with a fresh token (BPMN 2.0, 10.5.4)."""
        spec = task.task_spec
        if isinstance(spec, Boundary) and isinstance(spec.event_definition, Message) and not spec.cancel_activity:
            task.parent._add_child(spec, WAITS).triggered = True

    def passed(self) -> list[Passed]:
        """The nodes completed since the last call, in order."""
        passed, self._passed = self._passed, []
        return passed

    def decided(self) -> list[tuple[Node, list[Matched]]]:
        """The decision tables asked since the last call, each with the rules that made the answer."""
        found: list[tuple[Node, list[Matched]]] = self._workflow.data.pop(DECIDED, [])
        return found

    def _go_on(self) -> None:
        self._workflow.do_engine_steps(did_complete_task=self._note)
        if self._pruning:
            prune(self._workflow)

    def _note(self, task: Any) -> None:
        node = getattr(task.task_spec, "node", None)
        if node is None:
            return
        self._passed.append(Passed(node.process_id, node))
        if mark := node.properties.get("mark"):
            scope_of(task)[mark] = self.moment

    def _tasks(self) -> Iterator[Any]:
        for workflow in (self._workflow, *self._workflow.subprocesses.values()):
            for task in list(workflow.tasks.values()):
                if task._state & OPEN:
                    yield task

    def _find(self, token_id: str) -> Any:
        key = UUID(hex=token_id.partition(":")[0])
        for workflow in (self._workflow, *self._workflow.subprocesses.values()):
            if key in workflow.tasks:
                return workflow.tasks[key]
        raise TokenNotFound(token_id)


def _tokens(task: Any) -> Iterator[Token]:
    spec, node = task.task_spec, getattr(task.task_spec, "node", None)
    if node is None:
        return
    if isinstance(spec, Human | Work):
        if task._state == TaskState.READY:
            kind = "user" if isinstance(spec, Human) else "work"
            yield Token(task.id.hex, node, kind, facts_of(task), inside=tuple(instances_of(task)))
    elif isinstance(spec, FirstEvent) and task._state == WAITS:
        for behind in spec.outputs:
            key, kind = f"{task.id.hex}:{behind.name}", behind.node.event.kind
            yield Token(key, behind.node, kind, facts_of(task), inside=tuple(instances_of(task)))
    elif task._state == WAITS and node.event.kind in ("timer", "message"):
        kind = "timer" if isinstance(spec.event_definition, Timer) else "message"
        yield Token(task.id.hex, node, kind, facts_of(task), _bounded(task), tuple(instances_of(task)))


def _is_inner(task: Any) -> bool:
    return task.workflow.parent_task_id is not None


def _siblings(task: Any) -> Iterator[str]:
    """For a boundary event, what stands beside it below the same split."""
    if task.task_spec.node is not None and task.task_spec.node.kind == "boundary" and task.parent is not None:
        yield from (each.id.hex for each in task.parent.children if not isinstance(each.task_spec, Boundary))


def _bounded(task: Any) -> str | None:
    if task.task_spec.node.kind != "boundary" or task.parent is None:
        return None
    for sibling in task.parent.children:
        if isinstance(sibling.task_spec, Human):
            return str(sibling.id.hex)
    return None
