"""Which facts can and must be known at each node, found by following the tokens from the start of a case.

A fact once given stays, so each node only adds. What an instance of a multi-instance subprocess or call learns stays
in that instance. A called process is followed in the place of each call, with what is known there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.bpmn.diagram import Node, Process
from engine.bpmn.lint import graph
from engine.bpmn.lint.world import World
from engine.bpmn.named import split


@dataclass(frozen=True, slots=True)
class Facts:
    """`may` be known on some way here, `must` be on every way; `beside` may be given meanwhile by a branch beside."""

    may: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()

    def plus(self, names: frozenset[str]) -> Facts:
        """With these surely known."""
        return Facts(self.may | names, self.must | names, self.beside)


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known when a token comes to the node; `way` are the call activities above it."""

    path_process: str
    process: Process
    node: Node
    facts: Facts
    way: tuple[Node, ...]


@dataclass
class Walk:
    """One walk over all that can be started; `visits` is what it saw."""

    world: World
    visits: list[Visit] = field(default_factory=list)
    _given_inside: dict[str, frozenset[str]] = field(default_factory=dict)
    _followed: dict[tuple[str, str, Facts], Facts] = field(default_factory=dict)
    _noted: set[tuple[str, str, Facts]] = field(default_factory=set)

    def everything(self) -> list[Visit]:
        """Follow each process that can be started by itself."""
        called = {n.called for p in self.world.processes.values() for n in p.every_node() if n.kind == "call"}
        for process in self.world.processes.values():
            if process.id not in called or process.starters:
                first = frozenset(self.world.known.facts)
                known = Facts(first, first)
                self.follow(process, process, known, (), note=True)
        return self.visits

    def follow(self, outer: Process, process: Process, known: Facts, way: tuple[Node, ...], note: bool) -> Facts:
        """What is known when the process has ended, if `known` is what was at its start; `note` keeps the visits."""
        key = (outer.id, process.id, known)
        if key not in self._followed:
            self._followed[key] = known  # for a process that calls itself, which another rule refuses
            self._followed[key] = self._through(outer, process, known, way, note=False)
        if note and key not in self._noted:
            self._noted.add(key)
            self._through(outer, process, known, way, note=True)
        return self._followed[key]

    def given(self, node: Node) -> frozenset[str]:
        """What the node by itself gives, the moment that its property `mark` keeps too."""
        marked = frozenset({node.properties["mark"]} if node.properties.get("mark") else ())
        brought = frozenset(split(node.properties.get("gives", "")))
        return marked | brought | self._given(node)

    def _given(self, node: Node) -> frozenset[str]:
        match node.kind:
            case "user" | "start":
                return self._form(node.form)
            case "rule":
                decision = self.world.decisions.get(node.decision)
                return frozenset(decision.outputs) if decision else frozenset()
            case "service" | "throw" | "end":
                return self._topic(node)
            case "catch" | "receive" | "boundary":
                return self._form(node.properties.get("form", ""))
        return frozenset()

    def _through(self, outer: Process, process: Process, known: Facts, way: tuple[Node, ...], note: bool) -> Facts:
        before = _before(process)
        order = [node_id for node_id in _order(process) if node_id in before]
        beside = self._beside(process)
        behind: dict[str, Facts] = {}
        for _ in range(len(order) + 2):
            changed = False
            for node_id in order:
                here = self._here(process, node_id, before, behind, known, beside)
                if here is None:
                    continue
                after = self._after(outer, process.nodes[node_id], here, way, None)
                if behind.get(node_id) != after:
                    behind[node_id], changed = after, True
            if not changed:
                break
        for node_id in order if note else ():
            here = self._here(process, node_id, before, behind, known, beside)
            if here is not None:
                self._after(outer, process.nodes[node_id], here, way, process)
        return self._at_end(process, behind, known)

    def _here(
        self,
        process: Process,
        node_id: str,
        before: Mapping[str, list[str]],
        behind: Mapping[str, Facts],
        known: Facts,
        beside: Mapping[str, frozenset[str]],
    ) -> Facts | None:
        node = process.nodes[node_id]
        if node.kind == "start":
            return known
        if node.kind == "boundary":
            host = self._here(process, node.attached_to, before, behind, known, beside)
            inside = self._inside(process.nodes[node.attached_to]) | self._earlier_times(process, node)
            return host and Facts(host.may | inside, host.must, host.beside)
        found = [behind[source] for source in before[node_id] if source in behind]
        if not found:
            return None
        may = frozenset[str]().union(*(facts.may for facts in found))
        musts = [facts.must for facts in found]
        must = frozenset[str]().union(*musts) if node.kind == "parallel" else frozenset.intersection(*musts)
        return Facts(may, must, known.beside | beside.get(node_id, frozenset()))

    def _after(self, outer: Process, node: Node, here: Facts, way: tuple[Node, ...], note: Process | None) -> Facts:
        element = frozenset({node.loop.element} if node.loop and node.loop.element else ())
        if note is not None:
            self.visits.append(Visit(outer.id, note, node, here.plus(element), way))
        inner = node.body or (self.world.processes.get(node.called) if node.kind == "call" else None)
        if inner is None:
            return here.plus(self.given(node))
        if note is None and node.loop:
            return here
        end = self.follow(outer if node.body else inner, inner, here.plus(element), (*way, node), note is not None)
        return here if node.loop else Facts(end.may, end.must, here.beside)

    def _inside(self, node: Node) -> frozenset[str]:
        """All that anything inside of a subprocess or called process gives."""
        inner = node.body or (self.world.processes.get(node.called) if node.kind == "call" else None)
        if inner is None or node.loop:
            return frozenset()
        if inner.id not in self._given_inside:
            self._given_inside[inner.id] = frozenset()
            gifts = (self.given(n) | self._inside(n) for n in inner.nodes.values())
            self._given_inside[inner.id] = frozenset[str]().union(*gifts)
        return self._given_inside[inner.id]

    def _earlier_times(self, process: Process, node: Node) -> frozenset[str]:
        """What follows a message that interrupts nothing: it may come again, after that."""
        if node.interrupting or node.event.kind != "message":
            return frozenset()
        behind = graph.reached(graph.edges(process), [node.id])
        gifts = (self.given(process.nodes[each]) | self._inside(process.nodes[each]) for each in behind)
        return frozenset[str]().union(*gifts)

    def _beside(self, process: Process) -> dict[str, frozenset[str]]:
        """For each node, what nodes in branches that run at the same time give."""
        after = graph.edges(process)
        found: dict[str, frozenset[str]] = {}
        for fork in process.nodes.values():
            branches = [graph.reached(after, [target]) for target in after[fork.id]] if _splits(process, fork) else []
            for branch in branches:
                others = set[str]().union(*(b for b in branches if b is not branch)) - branch
                gifts = [self.given(process.nodes[o]) | self._inside(process.nodes[o]) for o in others]
                for node_id in branch:
                    found[node_id] = found.get(node_id, frozenset()).union(*gifts)
            if branches and fork.kind != "parallel":
                gifts = [self.given(n) | self._inside(n) for n in process.boundary(fork.id)]
                found[fork.id] = found.get(fork.id, frozenset()).union(*gifts)
        return found

    def _at_end(self, process: Process, behind: Mapping[str, Facts], known: Facts) -> Facts:
        reminders = [n.id for n in process.nodes.values() if n.kind == "boundary" and not n.interrupting]
        main = graph.reached(_without(graph.edges(process), reminders), graph.starts(process))
        ends = [node_id for node_id in graph.ends(process) if node_id in behind]
        chief = [behind[node_id] for node_id in ends if node_id in main] or [behind[node_id] for node_id in ends]
        if not chief:
            return known
        may = frozenset[str]().union(*(behind[node_id].may for node_id in ends))
        return Facts(may, frozenset.intersection(*(facts.must for facts in chief)), known.beside)

    def _form(self, form_id: str) -> frozenset[str]:
        form = self.world.form(form_id)
        return frozenset(path.partition(".")[0] for path in form.facts) if form else frozenset()

    def _topic(self, node: Node) -> frozenset[str]:
        promised = node.properties.get("provides", "").replace("，", ",").replace(",", " ").split()
        return frozenset(promised) | frozenset((self.world.known.topics or {}).get(node.works, ()))


def _before(process: Process) -> dict[str, list[str]]:
    """Sources of the lines into each node that can be reached."""
    return {
        node_id: [flow.source for flow in process.arriving(node_id) if flow.source in process.nodes]
        for node_id in graph.reached(graph.edges(process), graph.starts(process))
    }


def _order(process: Process) -> Iterator[str]:
    """Nodes, each after those that lead to it as far as loops allow."""
    after, done, order = graph.edges(process), set[str](), list[str]()
    stack = [(node_id, False) for node_id in graph.starts(process)]
    while stack:
        node_id, left = stack.pop()
        if left:
            order.append(node_id)
        elif node_id not in done:
            done.add(node_id)
            stack.append((node_id, True))
            stack.extend((target, False) for target in after[node_id])
    return reversed(order)


def _splits(process: Process, node: Node) -> bool:
    if node.kind == "parallel":
        return len(process.leaving(node.id)) > 1
    return any(not event.interrupting for event in process.boundary(node.id))


def _without(after: graph.Edges, dropped: list[str]) -> dict[str, tuple[str, ...]]:
    gone = set(dropped)
    return {node_id: tuple(t for t in targets if t not in gone) for node_id, targets in after.items()}
