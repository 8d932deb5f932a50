"""Hides the lattice that flows run on: the middle lines of columns and rows and the gaps between them."""

from dataclasses import dataclass, field

from engine.bpmn.layout.shapes import Node, Scope

Spot = tuple[int, int]  # index of a vertical line, index of a horizontal line


@dataclass(frozen=True)
class Line:
    """One line of the lattice: a gap (holds any number of tracks) or a middle line (holds one)."""

    gap: bool
    index: int  # the column or row it belongs to; a gap lies before the column or row of that number
    offset: float = 0  # pixels right of the middle of the column
    border: bool = False  # a gap at the lower edge of a band
    place: float = 0  # rough position, for lengths


@dataclass
class Lattice:
    """Vertical lines ``xs`` and horizontal lines ``ys``, and the spots that nodes stand on."""

    xs: list[Line]
    ys: list[Line]
    taken: dict[Spot, str] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    exits: dict[str, Spot] = field(default_factory=dict)  # where a flow to the right begins


def build_lattice(scope: Scope, row_counts: list[int]) -> Lattice:
    """The lattice of a scope whose nodes have their columns and rows."""
    lattice = Lattice(_verticals(scope), _horizontals(row_counts))
    middles = {line.index: i for i, line in enumerate(lattice.xs) if not line.gap and line.offset == 0}
    rows = {line.index: i for i, line in enumerate(lattice.ys) if not line.gap}
    for node in scope.nodes.values():
        y = rows[node.row]
        if node.host is None:
            last = middles[node.column + node.span - 1]
            lattice.spots[node.id], lattice.exits[node.id] = (middles[node.column], y), (last, y)
            if node.span == 1:
                around = [i for i, line in enumerate(lattice.xs) if not line.gap and line.index == node.column]
            else:
                around = list(range(middles[node.column], last + 1))
            lattice.taken |= {(x, y): node.id for x in around if not node.hangs}
        else:
            offset = boundary_offset(scope, node)
            x = next(
                i
                for i, line in enumerate(lattice.xs)
                if (line.gap, line.index, line.offset) == (False, node.column, offset)
            )
            lattice.spots[node.id] = (x, y)
    _hang_events_straight(scope, lattice)
    _keep_ways_down(scope, lattice)
    return lattice


def _hang_events_straight(scope: Scope, lattice: Lattice) -> None:
    """An event that a boundary event leads to in the same column hangs straight below it."""
    for flow in scope.flows:
        source, target = scope.nodes[flow.source], scope.nodes[flow.target]
        alone = sum(other.target == target.id for other in scope.flows) == 1
        if source.host is not None and target.kind == "event" and target.column == source.column and alone:
            spot = lattice.spots[source.id][0], lattice.spots[target.id][1]
            lattice.spots[target.id] = lattice.exits[target.id] = spot


def _keep_ways_down(scope: Scope, lattice: Lattice) -> None:
    """Ends that hang side by side take their column but for the ways down from the boundary events between them."""
    for node in scope.nodes.values():
        if node.hangs:
            x, y = lattice.spots[node.id]
            free = {lattice.spots[key][0] for key in scope.host(node.hangs).boundaries} - {x}
            around = [i for i, line in enumerate(lattice.xs) if not line.gap and line.index == node.column]
            lattice.taken |= {(i, y): node.id for i in around if i not in free}


def boundary_offset(scope: Scope, boundary: Node) -> float:
    """Pixels from the middle of its column to a boundary event, which stands evenly on the lower border."""
    host = scope.host(boundary.id)
    if host.kind == "subprocess":
        return 0
    index, count = host.boundaries.index(boundary.id), len(host.boundaries)
    if count == 1:
        return host.width / 4 if host.marked else 0
    return ((index + 0.5) / count - 0.5) * host.width


def _verticals(scope: Scope) -> list[Line]:
    columns = max((node.column + node.span for node in scope.nodes.values()), default=1)
    offsets: list[set[float]] = [{0.0} for _ in range(columns)]
    for node in scope.nodes.values():
        if node.host is not None:
            offsets[node.column].add(boundary_offset(scope, node))
    lines: list[Line] = []
    for column in range(columns):
        lines.append(Line(True, column, place=column * 180))
        lines += [Line(False, column, off, place=column * 180 + 90 + off / 2) for off in sorted(offsets[column])]
    return [*lines, Line(True, columns, place=columns * 180)]


def _horizontals(row_counts: list[int]) -> list[Line]:
    lines: list[Line] = []
    row, place = 0, 0
    for count in row_counts:
        for _ in range(count):
            lines += [Line(True, row, place=place), Line(False, row, place=place + 60)]
            row, place = row + 1, place + 120
        lines.append(Line(True, row, border=True, place=place))
        place += 20
    return lines
