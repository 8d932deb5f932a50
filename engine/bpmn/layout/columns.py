"""Hides in which column each node stands: as far left as what leads to it allows, loops back left out."""

from dataclasses import dataclass

from engine.bpmn.layout.shapes import Flow, Node, Scope

ROOMY = 500  # pixels a boundary event, from which its chain stands in the middle of its part of the border


@dataclass
class Order:
    """The flows that go forward, those that loop back, and the nodes that each boundary event alone leads to."""

    forward: list[Flow]
    back: set[str]
    chains: dict[str, dict[str, int]]


def assign_columns(scope: Scope) -> Order:
    """Set ``column`` and ``span`` of every node; boundary events take their activity's column."""
    back = _loops(scope)
    order = Order([flow for flow in scope.flows if flow.id not in back], back, _chains(scope, back))
    _hang_ends(scope, order)
    offsets = _boundary_offsets(scope, order)
    steps = [_step(scope, order, offsets, flow) for flow in order.forward]
    for _ in range(len(scope.nodes) + 1):
        moved = False
        for source, target, distance in steps:
            if target.column < source.column + distance:
                target.column, moved = source.column + distance, True
        if not moved:
            break
    _pull_entries_right(scope, order)
    for node in scope.nodes.values():
        if node.host is not None:
            host = scope.nodes[node.host]
            node.column = host.column + (offsets.get(node.id, 0) if host.kind == "subprocess" else 0)
            node.lane = host.lane
    return order


def _loops(scope: Scope) -> set[str]:
    """Ids of the flows that close a loop: those that lead back to where the case first entered the loop."""
    arcs = {flow.id: (scope.host(flow.source).id, scope.host(flow.target).id) for flow in scope.flows}
    keys = [key for key, node in scope.nodes.items() if node.host is None]
    rank = _first_visits(scope, keys, arcs)
    back = {flow for flow, (source, target) in arcs.items() if source == target}
    while True:
        left = {flow: arc for flow, arc in arcs.items() if flow not in back}
        ring = next((ring for ring in _rings(keys, left) if len(ring) > 1), None)
        if ring is None:
            return back
        entered = {target for source, target in left.values() if target in ring and source not in ring}
        entry = min(entered or ring, key=lambda key: rank[key])
        back |= {flow for flow, (source, target) in left.items() if target == entry and source in ring}


def _first_visits(scope: Scope, keys: list[str], arcs: dict[str, tuple[str, str]]) -> dict[str, int]:
    """In which order a walk from the starts, nearest first, comes to each node."""
    entered = {target for _, target in arcs.values()}
    queue = [key for key in keys if scope.nodes[key].tag == "startEvent"]
    queue += [key for key in keys if key not in entered and key not in queue]
    rank: dict[str, int] = {}
    for start in [*queue, *keys]:
        line = [start]
        while line:
            key = line.pop(0)
            if key not in rank:
                rank[key] = len(rank)
                line += [target for source, target in arcs.values() if source == key]
    return rank


def _rings(keys: list[str], arcs: dict[str, tuple[str, str]]) -> list[set[str]]:
    """Nodes that can reach each other, in document order."""
    reach = {key: _reached(key, list(arcs.values())) for key in keys}
    seen: set[str] = set()
    rings = []
    for key in keys:
        if key not in seen:
            ring = {key} | {other for other in reach[key] if key in reach[other]}
            seen |= ring
            rings.append(ring)
    return rings


def _reached(key: str, arcs: list[tuple[str, str]]) -> set[str]:
    reached: set[str] = set()
    line = [key]
    while line:
        at = line.pop()
        fresh = {target for source, target in arcs if source == at} - reached
        reached |= fresh
        line += sorted(fresh)
    return reached


def _chains(scope: Scope, back: set[str]) -> dict[str, dict[str, int]]:
    """For each boundary event the nodes of its band that only it leads to, and how many columns after the first."""
    flows = [flow for flow in scope.flows if flow.id not in back]
    before: dict[str, set[str]] = {}
    for flow in flows:
        before.setdefault(flow.target, set()).add(flow.source)
    chains: dict[str, dict[str, int]] = {}
    for node in scope.nodes.values():
        if node.host is None:
            continue
        own: dict[str, int] = {node.id: -1}
        grown = True
        while grown:
            grown = False
            for key, sources in before.items():
                if key not in own and sources <= own.keys() and scope.nodes[key].lane == node.lane:
                    own[key], grown = max(own[source] for source in sources) + 1, True
        del own[node.id]
        chains[node.id] = own
    return chains


def _hang_ends(scope: Scope, order: Order) -> None:
    """Of several boundary events of a step those that lead to an end alone: it hangs straight below them.

    They come first on the border, so that what the others lead to can leave to the right.
    """
    flows = {flow.source: scope.nodes[flow.target] for flow in order.forward}
    for node in scope.nodes.values():
        if node.kind != "task" or len(node.boundaries) < 2:
            continue
        for boundary in node.boundaries:
            target = flows.get(boundary)
            if (
                target
                and target.kind == "event"
                and target.id not in flows
                and order.chains[boundary].keys() == {target.id}
            ):
                target.hangs = boundary
        hung = {scope.nodes[key].hangs for key in scope.nodes}
        node.boundaries.sort(key=lambda boundary: boundary not in hung)


def _length(chain: dict[str, int]) -> int:
    return max(chain.values(), default=0) + 1


def _boundary_offsets(scope: Scope, order: Order) -> dict[str, int]:
    """Columns between an activity and the first node of each of its boundary events' chains; sets ``span``."""
    offsets: dict[str, int] = {}
    for node in scope.nodes.values():
        if node.kind == "subprocess" and node.boundaries:
            at = 0
            roomy = node.width > ROOMY * len(node.boundaries)
            for boundary in node.boundaries:
                at += roomy
                offsets[boundary] = at
                at += _length(order.chains[boundary]) + 1  # an empty column takes up what width is left
            node.span = at
        elif len(node.boundaries) == 1:
            offsets[node.boundaries[0]] = 0
    offsets |= {node.hangs: 0 for node in scope.nodes.values() if node.hangs}
    return offsets


def _step(scope: Scope, order: Order, offsets: dict[str, int], flow: Flow) -> tuple[Node, Node, int]:
    source, target = scope.nodes[flow.source], scope.host(flow.target)
    if source.host is None:
        return source, target, max(source.span, _elbow_room(source, target, order))
    host = scope.nodes[source.host]
    own = flow.target in order.chains[source.id]
    if host.kind == "subprocess":
        return host, target, offsets[source.id] + (0 if own else 1)
    return host, target, offsets.get(source.id, 1) if own else 1


def _elbow_room(source: Node, target: Node, order: Order) -> int:
    """Two neighbours in a lane that both have chains below them stand one column further apart."""
    if source.lane != target.lane or source.kind == "subprocess" or not (source.boundaries and target.boundaries):
        return 1
    return min(2, max(_length(order.chains[boundary]) for boundary in source.boundaries))


def _pull_entries_right(scope: Scope, order: Order) -> None:
    """A second start stands beside what it leads to, not at the far left."""
    entered = {scope.host(flow.target).id for flow in order.forward}
    first = next((node for node in scope.nodes.values() if node.tag == "startEvent"), None)
    for node in scope.nodes.values():
        if node.id in entered or node is first or node.host:
            continue
        nexts = [scope.host(flow.target).column for flow in order.forward if flow.source == node.id]
        if nexts:
            node.column = max(node.column, min(nexts) - node.span)
