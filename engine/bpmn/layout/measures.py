"""Hides how wide columns and gaps are and how high rows and bands: where every line of the lattice lies."""

from dataclasses import dataclass, field

from engine.bpmn.layout.lattice import Lattice
from engine.bpmn.layout.shapes import BOUNDARY_PITCH, EVENT, LABEL_WIDTH, Node, Scope, text_size
from engine.bpmn.layout.tracks import HORIZONTAL, VERTICAL, Tracks
from engine.bpmn.layout.ways import DOWN, RIGHT, UP

GAP_X, GAP_Y, PITCH, ARROW = 54, 32, 14, 26


@dataclass
class Sheet:
    """One scope on its way to pixels."""

    scope: Scope
    lattice: Lattice
    tracks: Tracks
    sides: dict[str, set[int]]  # sides of each node that flows leave or enter
    row_counts: list[int]
    label_side: dict[str, int] = field(default_factory=dict)
    x: dict[int, list[float]] = field(default_factory=dict)  # per vertical line, the x of each track
    y: dict[int, list[float]] = field(default_factory=dict)
    left: list[float] = field(default_factory=list)  # left edge of each column
    bands: list[tuple[float, float]] = field(default_factory=list)  # top and bottom of each band


def label_side_of(node: Node, sides: set[int]) -> int:
    """Above or below its symbol, where no flow runs; RIGHT (the upper right corner) if there is none."""
    wishes = (UP, DOWN) if node.kind == "gateway" else (DOWN, UP)
    return next((side for side in wishes if side not in sides and not (side == UP and node.notes)), RIGHT)


def label_size(node: Node, scope: Scope) -> tuple[float, float]:
    if not node.name or node.kind not in ("event", "gateway"):
        return 0, 0
    width: float = BOUNDARY_PITCH - 8 if node.hangs else LABEL_WIDTH
    if node.host is not None:
        host = scope.nodes[node.host]
        count = len(host.boundaries)
        width = (
            LABEL_WIDTH
            if host.kind == "subprocess"
            else 66
            if count == 1 and not host.marked
            else BOUNDARY_PITCH - EVENT / 2 - 8
        )
    return text_size(node.name, width)


def set_x(sheet: Sheet) -> None:
    scope, lattice = sheet.scope, sheet.lattice
    widths = [float(EVENT)] * lattice.xs[-1].index
    for node in scope.nodes.values():
        if node.host is None and node.span == 1:
            widest = max([node.width, label_size(node, scope)[0], *(note.width for note in node.notes)])
            widths[node.column] = max(widths[node.column], widest)
    gaps = [_gap_width(sheet, i) for i, line in enumerate(lattice.xs) if line.gap]
    for node in scope.nodes.values():
        if node.span > 1:
            covered = range(node.column, node.column + node.span)
            missing = node.width - sum(widths[c] for c in covered) - sum(gaps[c + 1][0] for c in covered[:-1])
            used = {other.column for other in scope.nodes.values() if other is not node}
            spare = [c for c in covered if c not in used] or list(covered)
            for c in spare:
                widths[c] += max(0.0, missing) / len(spare)
            node.width += max(0.0, -missing)
    left = 0.0
    for i, line in enumerate(lattice.xs):
        if line.gap:
            width, lead = gaps[line.index]
            sheet.x[i] = _stripes(left, width, lead, sheet.tracks.counts.get((VERTICAL, i), 1))
            left += width
        else:
            if line.index == len(sheet.left):
                sheet.left.append(left)
            sheet.x[i] = [left + widths[line.index] / 2 + line.offset]
            if line is [other for other in lattice.xs if not other.gap and other.index == line.index][-1]:
                left += widths[line.index]


def _gap_width(sheet: Sheet, index: int) -> tuple[float, float]:
    """Width of a vertical gap and, of that, what must stay free at its left for the names of flows."""
    lattice, scope = sheet.lattice, sheet.scope
    count = sheet.tracks.counts.get((VERTICAL, index), 0)
    outer = index in (0, len(lattice.xs) - 1)
    lead = 0.0
    for flow in scope.flows:
        node, first = scope.nodes[flow.source], sheet.tracks.pieces[flow.id][0]
        leaves_right = first.axis == HORIZONTAL and first.end[0] >= index > first.start[0]
        if flow.name and leaves_right and node.column + node.span == lattice.xs[index].index:
            lead = max(
                lead, text_size(flow.name, LABEL_WIDTH)[0] + 8 - (0 if node.kind == "task" else 10) + 12 * flow.default
            )
    if outer:
        return (16.0 if count == 0 else 2 * 16 + (count - 1) * PITCH), 0
    return max(GAP_X, lead + ARROW, max(lead, ARROW) + max(0, count - 1) * PITCH + ARROW), lead


def _stripes(left: float, width: float, lead: float, count: int) -> list[float]:
    """Positions of the tracks of a gap: in its middle, but right of what must stay free."""
    taken = (count - 1) * PITCH
    first = max(left + lead, left + (width - taken) / 2)
    return [round(first + track * PITCH) for track in range(count)]


def set_y(sheet: Sheet) -> None:
    reach = {row: _reach(sheet, row) for row in range(sum(sheet.row_counts))}
    top, start = 0.0, 0.0
    for i, line in enumerate(sheet.lattice.ys):
        if line.gap:
            count = sheet.tracks.counts.get((HORIZONTAL, i), 0)
            edge = line.border or sheet.lattice.ys[i - 1].border or i == 0
            least = 18 if edge else GAP_Y
            height = max(least, 2 * 17 + (count - 1) * PITCH) if count else least
            sheet.y[i] = _stripes(top, height, 0, max(1, count))
            top += height
            if line.border:
                sheet.bands.append((start, top))
                start = top
        else:
            above, below = reach[line.index]
            sheet.y[i] = [round(top + above)]
            top = sheet.y[i][0] + below


def _reach(sheet: Sheet, row: int) -> tuple[float, float]:
    """How far the things of a row reach above and below its middle."""
    above = below = 40.0
    for node in sheet.scope.nodes.values():
        if node.row != row:
            continue
        label = label_size(node, sheet.scope)[1]
        half = sheet.scope.host(node.id).height / 2
        if node.host is not None:
            below = max(below, half + EVENT / 2 + label + 4)
            continue
        side = sheet.label_side[node.id]
        notes = sum(note.height + 16 for note in node.notes)
        above = max(above, half + notes, half + (label + 6 if side != DOWN else 0))
        below = max(below, half + (label + 6 if side == DOWN else 0))
    return above, below
