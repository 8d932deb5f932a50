"""Questions about the shape of a drawn process: what reaches what, cycles, dominators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from engine.bpmn.diagram import Node, Process

Edges = Mapping[str, tuple[str, ...]]


def edges(process: Process) -> dict[str, tuple[str, ...]]:
    """Successors of each node: along flows, and from an activity to its boundary events."""
    after: dict[str, list[str]] = {node_id: [] for node_id in process.nodes}
    for flow in process.flows:
        if flow.source in after and flow.target in after:
            after[flow.source].append(flow.target)
    for node in process.nodes.values():
        if node.attached_to in after:
            after[node.attached_to].append(node.id)
    return {node_id: tuple(targets) for node_id, targets in after.items()}


def backwards(after: Edges) -> dict[str, tuple[str, ...]]:
    """The same graph with every edge turned round."""
    before: dict[str, list[str]] = {node_id: [] for node_id in after}
    for source, targets in after.items():
        for target in targets:
            before[target].append(source)
    return {node_id: tuple(sources) for node_id, sources in before.items()}


def reached(after: Edges, begin: Iterable[str], stop: Callable[[str], bool] = lambda _: False) -> set[str]:
    """Nodes reached from `begin` (which belong to it); the walk doesn't go on behind a node at which it stops."""
    found: set[str] = set()
    open_ids = list(begin)
    while open_ids:
        node_id = open_ids.pop()
        if node_id in found:
            continue
        found.add(node_id)
        if not stop(node_id):
            open_ids.extend(after[node_id])
    return found


def starts(process: Process) -> list[str]:
    """Ids of the start events."""
    return [node.id for node in process.nodes.values() if node.kind == "start"]


def ends(process: Process) -> list[str]:
    """Ids of the end events."""
    return [node.id for node in process.nodes.values() if node.kind == "end"]


def dominates(process: Process, above: str, below: str) -> bool:
    """Whether every way from the start to `below` leads through `above`."""
    after = edges(process)
    return above != below and below not in reached(after, starts(process), lambda node_id: node_id == above)


def cycles(nodes: Iterable[str], after: Edges) -> list[list[str]]:
    """The cycles (strongly connected groups) among `nodes` alone."""
    inside = set(nodes)
    within = {node_id: tuple(t for t in after[node_id] if t in inside) for node_id in inside}
    before = backwards(within)
    found, done = [], set[str]()
    for node_id in sorted(inside):
        if node_id in done:
            continue
        group = reached(within, [node_id]) & reached(before, [node_id])
        done |= group
        if len(group) > 1 or node_id in within[node_id]:
            found.append(sorted(group))
    return found


def waits(node: Node, processes: Mapping[str, Process], above: frozenset[str] = frozenset()) -> bool:
    """Whether a token stops at the node: for a person, a time, a message; or inside it."""
    if node.kind in ("user", "catch", "receive", "event_gateway"):
        return True
    if node.body:
        return any(waits(inner, processes, above) for inner in node.body.nodes.values())
    if node.kind == "call" and node.called in processes and node.called not in above:
        called = processes[node.called]
        return any(waits(inner, processes, above | {node.called}) for inner in called.nodes.values())
    return False


def has_user(node: Node, processes: Mapping[str, Process], above: frozenset[str] = frozenset()) -> bool:
    """Whether the node is, or holds at any depth, a task for a person."""
    if node.kind == "user":
        return True
    if node.body:
        return any(has_user(inner, processes, above) for inner in node.body.nodes.values())
    if node.kind == "call" and node.called in processes and node.called not in above:
        called = processes[node.called]
        return any(has_user(inner, processes, above | {node.called}) for inner in called.nodes.values())
    return False
