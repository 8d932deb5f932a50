"""Hides how each flow finds its way over the lattice: shortest, few bends, few crossings, never through a node."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import permutations

from engine.bpmn.layout.columns import Order
from engine.bpmn.layout.lattice import Lattice, Spot
from engine.bpmn.layout.shapes import Flow, Node, Scope

RIGHT, DOWN, LEFT, UP = range(4)
START = 4  # added to a direction: standing at the source, about to leave it that way
MOVES = ((1, 0), (0, 1), (-1, 0), (0, -1))
BEND, CROSSING, SHARED, CROWD, REUSED_PORT = 45, 600, 1500, 6, 120
MOST_ORDERS = 4
LEAVE = {
    "gateway": (0, 8, 400, 12),
    "task": (0, 70, 400, 80),
    "subprocess": (0, 300, 600, 300),
    "event": (0, 90, 400, 70),
}
ENTER = {  # by the direction the flow comes in with: RIGHT enters at the left
    "gateway": (0, 10, 300, 10),
    "task": (0, 40, 400, 45),
    "subprocess": (0, 300, 600, 300),
    "event": (0, 50, 300, 60),
}
Way = list[Spot]


@dataclass
class Traffic:
    """Which flows use each piece of the lattice, pass each spot, and leave or enter a node on each side."""

    pieces: dict[tuple[Spot, Spot], set[str]] = field(default_factory=dict)
    visits: dict[Spot, set[str]] = field(default_factory=dict)
    passing: dict[tuple[Spot, int], set[str]] = field(default_factory=dict)
    ports: dict[tuple[str, int], dict[str, bool]] = field(default_factory=dict)  # True: the flow leaves here


def find_ways(scope: Scope, order: Order, lattice: Lattice, *, quick: bool = False) -> dict[str, Way]:
    """For each flow the spots it runs over; found one by one, then each once more knowing all others.

    ``quick`` leaves out what only makes them better: good enough to compare two arrangements.
    """
    search = _Search(scope, lattice)
    flows = sorted(scope.flows, key=lambda flow: (flow.id in order.back, search.distance(flow)))
    ways: dict[str, Way] = {}
    for turn in range(2):
        for flow in flows:
            if turn:
                search.note(flow, ways[flow.id], remove=True)
            ways[flow.id] = search.find(flow)[1]
            search.note(flow, ways[flow.id])
    for _ in range(0 if quick else 2):
        for node in scope.nodes.values():
            _untangle(search, [flow for flow in flows if node.id in (flow.source, flow.target)], ways)
    return {flow.id: ways[flow.id] for flow in scope.flows}


def _untangle(search: "_Search", flows: list[Flow], ways: dict[str, Way]) -> None:
    """Lay the flows of one node anew in the order that is cheapest for all of them together."""
    if not 2 <= len(flows) <= MOST_ORDERS:
        return
    for flow in flows:
        search.note(flow, ways[flow.id], remove=True)
    best: tuple[float, dict[str, Way]] | None = None
    for attempt in permutations(flows):
        total, found = 0.0, dict[str, Way]()
        for flow in attempt:
            cost, found[flow.id] = search.find(flow)
            search.note(flow, found[flow.id])
            total += cost
        for flow in attempt:
            search.note(flow, found[flow.id], remove=True)
        if best is None or total < best[0] - 0.001:
            best = (total, found)
    assert best is not None
    for flow in flows:
        ways[flow.id] = best[1][flow.id]
        search.note(flow, ways[flow.id])


def side_of(one: Spot, other: Spot) -> int:
    """The direction of the step from one spot to its neighbour."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    return MOVES.index(((dx > 0) - (dx < 0), (dy > 0) - (dy < 0)))


class _Search:
    """A* over (spot, direction); keeps the traffic of the flows already laid."""

    def __init__(self, scope: Scope, lattice: Lattice) -> None:
        self.scope, self.lattice = scope, lattice
        self.traffic = Traffic()
        self.flows = {flow.id: flow for flow in scope.flows}
        self.px = [line.place for line in lattice.xs]
        self.py = [line.place for line in lattice.ys]

    def distance(self, flow: Flow) -> float:
        (x1, y1), (x2, y2) = self.lattice.spots[flow.source], self.lattice.spots[flow.target]
        return abs(self.px[x1] - self.px[x2]) + abs(self.py[y1] - self.py[y2])

    def find(self, flow: Flow) -> tuple[float, Way]:
        goal, landing = self.lattice.spots[flow.target], self._landing(flow)
        queue: list[tuple[float, int, float, Spot, int]] = []
        came: dict[tuple[Spot, int], tuple[Spot, int] | None] = {}
        best: dict[tuple[Spot, int], float] = {}
        count = 0
        for spot, direction, cost in self._starts(flow):
            heappush(queue, (cost, count, cost, spot, direction + START))
            best[spot, direction + START] = cost
            came[spot, direction + START] = None
            count += 1
        done: set[tuple[Spot, int]] = set()
        while queue:
            _, _, cost, spot, direction = heappop(queue)
            if (spot, direction) in done:
                continue
            done.add((spot, direction))
            first = direction >= START
            if (spot == goal and not first) or (spot == landing and direction == DOWN):
                return cost, self._trace(came, (spot, direction))
            for following, turn, price in self._steps(flow, spot, direction % START, (goal, landing), first):
                total = cost + price
                if total < best.get((following, turn), 1e18):
                    best[following, turn] = total
                    came[following, turn] = (spot, direction)
                    count += 1
                    guess = abs(self.px[following[0]] - self.px[goal[0]]) + abs(
                        self.py[following[1]] - self.py[goal[1]]
                    )
                    heappush(queue, (total + guess, count, total, following, turn))
        raise AssertionError(f"no way for {flow.id}: the outer gaps of the lattice are always free")

    def _landing(self, flow: Flow) -> Spot | None:
        """Straight below a boundary event, on the upper border of the task its flow leads to."""
        x, y = self.lattice.spots[flow.source][0], self.lattice.spots[flow.target][1]
        source, target = self.scope.nodes[flow.source], self.scope.nodes[flow.target]
        below = self.lattice.taken.get((x, y)) == target.id
        wide = abs(self.lattice.xs[x].offset) < target.width / 2 - 10
        return (x, y) if source.host is not None and below and wide and target.kind == "task" else None

    def note(self, flow: Flow, way: Way, remove: bool = False) -> None:
        traffic = self.traffic
        for index, (one, other) in enumerate(zip(way, way[1:], strict=False)):
            self._mark(traffic.pieces.setdefault((min(one, other), max(one, other)), set()), flow.id, remove)
            direction = side_of(one, other)
            if index:
                self._mark(traffic.visits.setdefault(one, set()), flow.id, remove)
            if index and side_of(way[index - 1], one) == direction:
                self._mark(traffic.passing.setdefault((one, direction % 2), set()), flow.id, remove)
        leave, enter = side_of(way[0], way[1]), (side_of(way[-2], way[-1]) + 2) % 4
        for node, side, out in ((flow.source, leave, True), (flow.target, enter, False)):
            port = traffic.ports.setdefault((node, side), {})
            if remove:
                port.pop(flow.id, None)
            else:
                port[flow.id] = out

    @staticmethod
    def _mark(users: set[str], flow: str, remove: bool) -> None:
        if remove:
            users.discard(flow)
        else:
            users.add(flow)

    def _starts(self, flow: Flow) -> Iterator[tuple[Spot, int, float]]:
        node = self.scope.nodes[flow.source]
        if node.host is not None:
            yield self.lattice.spots[node.id], DOWN, 0
            return
        for side in range(4):
            spot = self.lattice.exits[node.id] if side == RIGHT else self.lattice.spots[node.id]
            yield spot, side, LEAVE[node.kind][side] + self._port_cost(flow, node, side, True)

    def _port_cost(self, flow: Flow, node: Node, side: int, out: bool) -> float:
        cost = 0.0
        for other, leaves in self.traffic.ports.get((node.id, side), {}).items():
            if other == flow.id:
                continue
            if out or leaves:
                named = bool(flow.name or self.flows[other].name)
                cost += REUSED_PORT if leaves == out and not named else 2 * REUSED_PORT
            elif node.kind == "gateway":
                cost += 30
        if (side == DOWN and node.boundaries) or (side == UP and node.notes):
            cost += 800
        if side == DOWN and node.kind == "event" and node.name:
            cost += 60
        return cost

    def _steps(
        self, flow: Flow, spot: Spot, direction: int, goals: tuple[Spot, Spot | None], first: bool
    ) -> Iterator[tuple[Spot, int, float]]:
        for turn in (direction,) if first else (direction, (direction + 1) % 4, (direction + 3) % 4):
            following = (spot[0] + MOVES[turn][0], spot[1] + MOVES[turn][1])
            if not (0 <= following[0] < len(self.px) and 0 <= following[1] < len(self.py)):
                continue
            owner = self.lattice.taken.get(following)
            arrived = following == goals[0] or (following == goals[1] and turn == DOWN)
            if owner is not None and not arrived and not self._own_ground(flow, owner, following, turn):
                continue
            price = self._price(flow, spot, following, turn)
            if turn != direction:
                if spot in self.lattice.taken:
                    continue
                price += BEND + self._corner_cost(flow, spot, range(0)) + self._merge_cost(flow, spot)
            elif not first:
                others = self.traffic.passing.get((spot, 1 - turn % 2), set())
                price += CROSSING * sum(other != flow.id for other in others)
                price += self._corner_cost(flow, spot, range(2))
            if arrived:
                price += self._arrival(flow, turn)
            yield following, turn, price

    def _corner_cost(self, flow: Flow, spot: Spot, axes: range) -> float:
        """Two flows must not meet in a corner where two middle lines cross: it would look like a junction.

        Those that pass straight along one of the ``axes`` are no trouble.
        """
        if self.lattice.xs[spot[0]].gap or self.lattice.ys[spot[1]].gap:
            return 0
        straight = {other for axis in axes for other in self.traffic.passing.get((spot, axis), ())}
        others = self.traffic.visits.get(spot, set()) - straight
        return SHARED * sum(not self._fellow(flow, other) for other in others)

    def _merge_cost(self, flow: Flow, spot: Spot) -> float:
        """Who turns into a gap where others run straight on will cross about half of them."""
        straight = {other for axis in range(2) for other in self.traffic.passing.get((spot, axis), ())}
        return CROSSING / 2 * sum(other != flow.id and not self._fellow(flow, other) for other in straight)

    def _fellow(self, flow: Flow, other: str) -> bool:
        """True if the other flow starts or ends at the same node, so that the two may join."""
        return self.flows[other].target == flow.target or self.flows[other].source == flow.source

    def _own_ground(self, flow: Flow, owner: str, spot: Spot, turn: int) -> bool:
        """A flow may cross the width of the node it leaves or enters, along that node's middle."""
        return turn % 2 == 0 and (
            (owner == flow.target and spot[1] == self.lattice.spots[flow.target][1])
            or (owner == flow.source and spot[1] == self.lattice.spots[flow.source][1])
        )

    def _arrival(self, flow: Flow, turn: int) -> float:
        node = self.scope.nodes[flow.target]
        cost = ENTER[node.kind][turn] + self._port_cost(flow, node, (turn + 2) % 4, False)
        from_boundary = self.scope.nodes[flow.source].host is not None
        return 0 if from_boundary and turn == DOWN else cost

    def _price(self, flow: Flow, spot: Spot, following: Spot, turn: int) -> float:
        length = abs(self.px[spot[0]] - self.px[following[0]]) + abs(self.py[spot[1]] - self.py[following[1]])
        line = self.lattice.ys[spot[1]] if turn % 2 == 0 else self.lattice.xs[spot[0]]
        cost = length
        for other in self.traffic.pieces.get((min(spot, following), max(spot, following)), ()):
            if other != flow.id:
                cost += CROWD if line.gap or self._fellow(flow, other) else SHARED
        return cost

    @staticmethod
    def _trace(came: dict[tuple[Spot, int], tuple[Spot, int] | None], end: tuple[Spot, int]) -> Way:
        way: Way = []
        state: tuple[Spot, int] | None = end
        while state is not None:
            way.append(state[0])
            state = came[state]
        return way[::-1]
