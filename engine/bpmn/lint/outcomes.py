"""Rules about how a case ends: nobody is approved or refused by the clock, and no refusal goes without reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from engine.bpmn.diagram import Flow, Node, Process
from engine.bpmn.lint import graph
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.knowledge import Visit, Walk
from engine.bpmn.lint.world import Scope, World, named
from forms import expression
from forms.errors import ExpressionError
from forms.grammar import Node as Tree

DECIDED = ("确认同意", "不予确认", "同意", "不同意", "不予批准", "批准")
RESULTS = ("确认同意", "不予确认")
PAPERS = ("approval", "refusal")
REFUSED = "不予确认"
REASONS_CLAUSE = "S0-30"
REASON_WORDS = ("理由", "原因", "reason")


def no_decision_by_the_clock(world: World, visits: Sequence[Visit]) -> Iterator[Finding]:
    """From a timer no approval or refusal, nor the paper that says so, is reached without a person (domain 4.0)."""
    may: dict[tuple[int, str], frozenset[str]] = {}
    for visit in visits:
        key = id(visit.process), visit.node.id
        may[key] = may.get(key, frozenset()) | visit.facts.may
    for scope in world.scopes():
        for node in scope.process.nodes.values():
            if _runs_out(scope, node):
                known = may.get((id(scope.process), node.id), frozenset())
                alone = _Alone(world, known, goes_on_outside=node.kind != "boundary" or node.interrupting)
                for end in islice(alone.ends(scope.outer, scope.process, node.id), 1):
                    what = end.properties.get("outcome") or end.name
                    message = f"到期后没有人办理就走到结果「{what}」的{named(end)}"
                    hint = "时限到期不能自动同意或不同意：请改成提醒，或在中间加一个由人决定的用户任务"
                    yield scope.error(node, "decided-by-clock", message, hint)


def _runs_out(scope: Scope, node: Node) -> bool:
    """Whether time goes on from here by itself: not a mere delay after a person's work."""
    if node.event.kind != "timer":
        return False
    if node.kind != "catch":
        return node.kind in ("boundary", "start")
    process = scope.process
    if any(process.nodes[flow.source].kind == "event_gateway" for flow in process.arriving(node.id)):
        return True
    called = any(n.called == scope.outer.id for p in scope.world.processes.values() for n in p.every_node())
    people = {each.id for each in process.nodes.values() if graph.has_user(each, scope.world.processes)}
    before = graph.reached(graph.backwards(graph.edges(process)), [node.id], people.__contains__)
    return not scope.is_inner and not called and any(process.nodes[each].kind == "start" for each in before - people)


class _Alone:
    """Follows a token that nobody touches: past people's tasks it doesn't go, nor where a fact would be needed that
    nobody can have given yet, nor where a person has already said the result itself.

    A reminder's token doesn't end the process around it: what it reminds of still stands (`goes_on_outside`).
    """

    def __init__(self, world: World, known: frozenset[str], *, goes_on_outside: bool) -> None:
        self.world = world
        self.goes_on_outside = goes_on_outside
        walk = Walk(world)
        nodes = [node for process in world.processes.values() for node in process.every_node()]
        self.by_people = frozenset[str]().union(*(walk.given(node) for node in nodes if node.kind == "user"))
        self.known = known.union(*(walk.given(node) for node in nodes if node.kind != "user"))

    def ends(self, outer: Process, process: Process, begin: str) -> Iterator[Node]:
        """The deciding ends and papers that it reaches, in this process or in those around it."""
        open_places = [(outer, process, begin)]
        seen: set[tuple[str, str, str]] = set()
        while open_places:
            outer, process, at = open_places.pop()
            if (outer.id, process.id, at) in seen or at not in process.nodes:
                continue
            seen.add((outer.id, process.id, at))
            node = process.nodes[at]
            if graph.has_user(node, self.world.processes) or _decided_outside(node):
                continue
            if node.properties.get("paper", "") in PAPERS:
                yield node
            if node.kind == "end":
                if node.properties.get("outcome", "") in DECIDED:
                    yield node
                for around, caller, calling in _around(self.world, outer, process) if self.goes_on_outside else ():
                    open_places += [(around, caller, flow.target) for flow in self.open(caller, caller.nodes[calling])]
            open_places += [(outer, process, flow.target) for flow in self.open(process, node)]

    def open(self, process: Process, node: Node) -> list[Flow]:
        """The lines that it can take from the node."""
        leaving = process.leaving(node.id)
        if node.kind != "exclusive" or self.world.forms is None:
            return leaving
        return [flow for flow in leaving if flow.id == node.default or self.can_hold(flow.condition)]

    def can_hold(self, condition: str) -> bool:
        """Whether the condition can be true on its way."""
        try:
            tree = expression.parse(condition).node if condition else None
        except ExpressionError:
            return True
        return tree is None or all(map(self.can_be_true, tree.parts if tree.kind == "and" else (tree,)))

    def can_be_true(self, test: Tree) -> bool:
        names = {part.text for part in test.walk() if part.kind == "name"}
        if test.kind in ("or", "not") or (test.kind == "=" and any(part.kind == "null" for part in test.parts)):
            return True
        said = test.kind == "=" and any(part.kind == "str" and part.text in RESULTS for part in test.parts)
        return names <= self.known and not (said and names <= self.by_people)


def _decided_outside(node: Node) -> bool:
    """Whether the token waits here, or inside, for the word of an authority outside (property `outside`)."""
    if node.properties.get("outside") and node.event.kind == "message":
        return True
    return node.body is not None and any(_decided_outside(inner) for inner in node.body.nodes.values())


def _around(world: World, outer: Process, process: Process) -> Iterator[tuple[Process, Process, str]]:
    """Where a token goes on when the process ends: the subprocess node around it, or all who call it."""
    for other in world.processes.values():
        for part in other.every_process():
            for node in part.nodes.values():
                if node.body is process or (node.kind == "call" and process is outer and node.called == process.id):
                    yield other, part, node.id


def refusal_has_reasons(scope: Scope) -> Iterator[Finding]:
    """Before a refusal, something on every way gives the reasons (S0-30)."""
    before = graph.backwards(graph.edges(scope.process))
    for end in scope.process.nodes.values():
        if end.kind != "end" or end.properties.get("outcome") != REFUSED or _gives_reasons(scope.world, end):
            continue
        nodes = scope.process.nodes
        giving = {node.id for node in nodes.values() if _gives_reasons(scope.world, node)}
        way = graph.reached(before, [end.id], giving.__contains__)
        if any(nodes[node_id].kind == "start" for node_id in way):
            hint = "请在前面加一个填写理由的任务，或发告知书的服务任务（clause 写 S0-30）"
            yield scope.warning(end, "refusal-reasons", "可以走到不予确认而没有任何环节说明理由", hint)


def _gives_reasons(world: World, node: Node) -> bool:
    if REASONS_CLAUSE in node.clauses or "refusal" in node.works:
        return True
    form = world.form(node.form)
    if form and any(word in f"{key}{f.label}" for key, f in form.fields.items() for word in REASON_WORDS):
        return True
    inner = node.body or (world.processes.get(node.called) if node.kind == "call" else None)
    return inner is not None and any(_gives_reasons(world, n) for n in inner.nodes.values() if n.kind != "call")
