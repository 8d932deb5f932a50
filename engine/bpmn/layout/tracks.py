"""Hides how flows that share a gap are set side by side so that they neither touch nor cross without need."""

from dataclasses import dataclass

from engine.bpmn.layout.lattice import Lattice, Spot
from engine.bpmn.layout.ways import Way

VERTICAL, HORIZONTAL = 0, 1


@dataclass
class Piece:
    """A straight part of a flow between two corners, on line ``line``; ``track`` counts from the left or top."""

    flow: str
    axis: int
    line: int
    start: Spot
    end: Spot
    track: int = 0


@dataclass
class Tracks:
    """The pieces of every flow in order, and how many tracks each gap needs."""

    pieces: dict[str, list[Piece]]
    counts: dict[tuple[int, int], int]


def assign_tracks(lattice: Lattice, ways: dict[str, Way]) -> Tracks:
    """Give every piece that runs in a gap its track."""
    pieces = {flow: _pieces(flow, way) for flow, way in ways.items()}
    tracks = Tracks(pieces, {})
    gaps: dict[tuple[int, int], list[tuple[int, Piece]]] = {}
    for parts in pieces.values():
        for index, piece in enumerate(parts):
            lines = lattice.xs if piece.axis == VERTICAL else lattice.ys
            if lines[piece.line].gap:
                gaps.setdefault((piece.axis, piece.line), []).append((index, piece))
    for _ in range(4):
        for gap in sorted(gaps):
            tracks.counts[gap] = _spread(gaps[gap], tracks)
    return tracks


def _pieces(flow: str, way: Way) -> list[Piece]:
    corners = [way[0]]
    for before, spot, after in zip(way, way[1:], way[2:], strict=False):
        if (before[0] == spot[0]) != (spot[0] == after[0]):
            corners.append(spot)
    corners.append(way[-1])
    parts = []
    for one, other in zip(corners, corners[1:], strict=False):
        axis = VERTICAL if one[0] == other[0] else HORIZONTAL
        parts.append(Piece(flow, axis, one[axis], one, other))
    return parts


@dataclass
class _Bar:
    """A piece seen along its gap: from ``low`` to ``high``; at each end the flow turns to -1, +1 or stops (0)."""

    piece: Piece
    low: float
    high: float
    ends: list[tuple[float, int]]


def _spread(members: list[tuple[int, Piece]], tracks: Tracks) -> int:
    bars = [_bar(index, piece, tracks) for index, piece in members]
    bars.sort(key=lambda bar: (sum(turn for _, turn in bar.ends), bar.low, bar.piece.flow))
    count = len(bars)
    price = [[_price(one, other) for other in bars] for one in bars]
    order: list[int] = []
    for item in range(count):
        order.insert(_best_place(order, item, price), item)
    for _ in range(3):
        for item in range(count):
            order.remove(item)
            order.insert(_best_place(order, item, price), item)
    for index, item in enumerate(order):
        bar = bars[item]
        before = [bars[other] for other in order[:index] if _touch(bars[other], bar)]
        bar.piece.track = max((other.piece.track + 1 for other in before), default=0)
    return 1 + max(bar.piece.track for bar in bars)


def _best_place(order: list[int], item: int, price: list[list[int]]) -> int:
    cost = sum(price[item][other] for other in order)
    best, place = cost, 0
    for index, other in enumerate(order):
        cost += price[other][item] - price[item][other]
        if cost < best:
            best, place = cost, index + 1
    return place


def _bar(index: int, piece: Piece, tracks: Tracks) -> _Bar:
    parts = tracks.pieces[piece.flow]
    across = 1 - piece.axis
    ends: list[tuple[float, int]] = []
    for spot, neighbour in ((piece.start, index - 1), (piece.end, index + 1)):
        at, turn = float(spot[across]), 0
        if 0 <= neighbour < len(parts):
            other = parts[neighbour]
            at += 0.8 * ((other.track + 1) / (tracks.counts.get((other.axis, other.line), 1) + 1) - 0.5)
            far = other.start if neighbour < index else other.end
            turn = 1 if far[piece.axis] > piece.line else -1
        ends.append((at, turn))
    places = [at for at, _ in ends]
    return _Bar(piece, min(places), max(places), ends)


def _touch(one: _Bar, other: _Bar) -> bool:
    return one.low <= other.high + 0.01 and other.low <= one.high + 0.01


def _price(left: _Bar, right: _Bar) -> int:
    """Crossings if ``left`` runs left of ``right``; lying on top of each other counts as three."""
    if left is right or not _touch(left, right):
        return 0
    cost = sum(turn > 0 and right.low < at < right.high for at, turn in left.ends)
    cost += sum(turn < 0 and left.low < at < left.high for at, turn in right.ends)
    for at, turn in left.ends:
        for other_at, other_turn in right.ends:
            if abs(at - other_at) < 0.01 and turn > 0 > other_turn:
                cost += 3
    return cost
