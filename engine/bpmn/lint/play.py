"""Plays the tokens of one process through every choice, to find the parallel gateway that waits for ever.

A marking is the set of lines that hold a token. Which enabled node moves first makes no difference to where tokens
can get stuck, so each marking moves one node only, and follows each of its choices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.bpmn.diagram import Flow, Node, Process

Marking = frozenset[str]
MOST_MARKINGS = 20_000


@dataclass
class Play:
    """What came out: parallel gateways at which tokens can wait for ever, with the lines that never come; lines on
    which two tokens can stand at once; and whether every marking was seen."""

    stuck: dict[str, set[str]] = field(default_factory=dict)
    crowded: set[str] = field(default_factory=set)
    whole: bool = True


def play(process: Process) -> Play:
    """Play the process from its start, and from each boundary event that doesn't interrupt."""
    game = _Game(process)
    for node in process.nodes.values():
        if node.kind == "start" or (node.kind == "boundary" and not node.interrupting):
            game.run(frozenset(flow.id for flow in process.leaving(node.id) if flow.id in game.flows))
    return game.result


class _Game:
    def __init__(self, process: Process) -> None:
        self.process = process
        self.flows = {f.id: f for f in process.flows if f.source in process.nodes and f.target in process.nodes}
        self.seen: set[Marking] = set()
        self.result = Play()

    def run(self, first: Marking) -> None:
        open_markings = [first]
        while open_markings:
            marking = open_markings.pop()
            if marking in self.seen:
                continue
            if len(self.seen) >= MOST_MARKINGS:
                self.result.whole = False
                return
            self.seen.add(marking)
            following = self.moved(marking)
            if following is None:
                self.note_stuck(marking)
            else:
                open_markings.extend(following)

    def moved(self, marking: Marking) -> list[Marking] | None:
        """The markings that follow; None when tokens are left that can't move."""
        for flow_id in sorted(marking):
            node = self.process.nodes[self.flows[flow_id].target]
            taken = {flow_id}
            if node.kind == "parallel":
                arriving = {flow.id for flow in self.arriving(node)}
                if not arriving <= marking:
                    continue
                taken = arriving
            if node.kind == "end" and node.event.kind == "terminate":
                return []
            return [self.put(marking - taken, given) for given in self.choices(node)]
        return None if marking else []

    def choices(self, node: Node) -> Iterator[list[Flow]]:
        leaving = [self.flows[f.id] for f in self.process.leaving(node.id) if f.id in self.flows]
        if node.kind in ("exclusive", "event_gateway") and leaving:
            yield from ([flow] for flow in leaving)
        else:
            yield leaving
        for event in self.process.boundary(node.id):
            if event.interrupting:
                yield [f for f in self.process.leaving(event.id) if f.id in self.flows]

    def put(self, marking: Marking, given: list[Flow]) -> Marking:
        self.result.crowded |= marking & {flow.id for flow in given}
        return marking | {flow.id for flow in given}

    def note_stuck(self, marking: Marking) -> None:
        for flow_id in marking:
            node = self.process.nodes[self.flows[flow_id].target]
            missing = {flow.id for flow in self.arriving(node)} - marking
            self.result.stuck.setdefault(node.id, set()).update(missing)

    def arriving(self, node: Node) -> list[Flow]:
        return [flow for flow in self.process.arriving(node.id) if flow.id in self.flows]
