"""Hides how columns, rows and tracks become pixels: the drawing of one scope with everything inside it."""

from engine.bpmn.layout.bands import frame_bands
from engine.bpmn.layout.checks import count_crossings, crossing
from engine.bpmn.layout.columns import Order, assign_columns
from engine.bpmn.layout.labels import place_flow_labels
from engine.bpmn.layout.lattice import build_lattice
from engine.bpmn.layout.measures import Sheet, label_side_of, label_size, set_x, set_y
from engine.bpmn.layout.rows import Rows, assign_rows
from engine.bpmn.layout.shapes import EVENT, Box, Node, Picture, Point, Scope
from engine.bpmn.layout.tracks import HORIZONTAL, VERTICAL, Piece, assign_tracks
from engine.bpmn.layout.ways import DOWN, RIGHT, UP, Way, find_ways, side_of

PADDING, TITLE = 24, 30
MOST_TRIALS = 20  # other arrangements that are looked at


def draw_scope(scope: Scope) -> Picture:
    """The picture of a scope, its upper left corner at (0, 0); for a pool's scope without the pool's own box."""
    inner = {node.id: _draw_inside(node) for node in scope.nodes.values() if node.inside is not None}
    order = assign_columns(scope)
    picture = _best_rows(scope, order, assign_rows(scope, order))
    for key, inside in inner.items():
        box = picture.boxes[key]
        picture.take(inside, box.x + round((box.width - inside.width) / 2), box.y)
    return picture


def _best_rows(scope: Scope, order: Order, rows: Rows) -> Picture:
    """The picture with rows such that moving one run of nodes elsewhere saves no crossing of flows."""
    first, kept = _draw(scope, order, rows), [run.row for run in rows.runs]
    crossed = count_crossings(first.lines)
    if not crossed:
        return first
    sketch = _draw(scope, order, rows, quick=True).lines
    best = count_crossings(sketch)
    crossed_by = crossing(sketch)
    ends = {end for flow in scope.flows if flow.id in crossed_by for end in (flow.source, flow.target)}
    involved = {scope.host(end).id for end in ends}
    left = MOST_TRIALS
    for run in rows.runs:
        if involved.isdisjoint(node.id for node in run.nodes):
            continue
        for row in rows.places(run)[:left]:
            before, left = [other.row for other in rows.runs], left - 1
            rows.move(scope, run, row)
            found = count_crossings(_draw(scope, order, rows, quick=True).lines)
            if found < best:
                best = found
                break
            rows.restore(scope, before)
    second = _draw(scope, order, rows)
    if count_crossings(second.lines) < crossed:
        return second
    rows.restore(scope, kept)
    return _draw(scope, order, rows)


def _draw(scope: Scope, order: Order, rows: Rows, *, quick: bool = False) -> Picture:
    lattice = build_lattice(scope, rows.counts)
    ways = find_ways(scope, order, lattice, quick=quick)
    tracks = assign_tracks(lattice, ways)
    sheet = Sheet(scope, lattice, tracks, _sides(scope, ways), rows.counts)
    sheet.label_side = {node.id: label_side_of(node, sheet.sides[node.id]) for node in scope.nodes.values()}
    widths = {node.id: node.width for node in scope.nodes.values()}
    set_x(sheet)
    set_y(sheet)
    picture = _paint(sheet)
    for node in scope.nodes.values():  # stretched over its columns in this picture only
        node.width = widths[node.id]
    return picture


def _draw_inside(node: Node) -> Picture:
    """Draw what an embedded subprocess holds and size the subprocess to it."""
    assert node.inside is not None
    body = draw_scope(node.inside)
    picture = Picture(width=body.width + 2 * PADDING, height=body.height + TITLE + PADDING)
    picture.take(body, PADDING, TITLE)
    node.width, node.height = picture.width, picture.height
    return picture


def _sides(scope: Scope, ways: dict[str, Way]) -> dict[str, set[int]]:
    sides: dict[str, set[int]] = {key: set() for key in scope.nodes}
    for flow in scope.flows:
        way = ways[flow.id]
        sides[flow.source].add(side_of(way[0], way[1]))
        sides[flow.target].add((side_of(way[-2], way[-1]) + 2) % 4)
    return sides


def _paint(sheet: Sheet) -> Picture:
    scope, lattice = sheet.scope, sheet.lattice
    picture = Picture()
    for node in scope.nodes.values():
        if node.host is None:
            _paint_node(sheet, node, picture)
    for node in scope.nodes.values():
        if node.host is not None:
            _paint_boundary(sheet, node, picture)
    for flow in scope.flows:
        picture.lines[flow.id] = _line(sheet, flow.source, flow.target, sheet.tracks.pieces[flow.id], picture)
    place_flow_labels(scope, picture)
    picture.width = sheet.x[len(lattice.xs) - 1][-1] + 16
    picture.height = sheet.bands[-1][1]
    _paint_loose_notes(scope, picture)
    frame_bands(sheet, picture)
    return picture


def _paint_node(sheet: Sheet, node: Node, picture: Picture) -> None:
    x, y = sheet.lattice.spots[node.id]
    middle, cy = sheet.x[x][0], sheet.y[y][0]
    if node.span > 1:
        box = Box(round(sheet.left[node.column]), cy - node.height / 2, round(node.width), node.height)
    else:
        box = Box(round(middle - node.width / 2), cy - node.height / 2, node.width, node.height)
    picture.boxes[node.id] = box
    if node.inside is not None:
        picture.expanded.add(node.id)
    width, height = label_size(node, sheet.scope)
    if height:
        side = sheet.label_side[node.id]
        top = box.bottom + 4 if side == DOWN else box.y - 4 - height
        left = middle - width / 2 if side != RIGHT else middle + 8
        picture.labels[node.id] = Box(round(left), round(top), round(width), height)
    _paint_notes(node, box, picture)


def _paint_notes(node: Node, box: Box, picture: Picture) -> None:
    bottom = box.y
    for note in node.notes:
        top = bottom - 16 - note.height
        middle = box.x + box.width / 2 if node.span == 1 else box.x + note.width / 2 + 20
        picture.boxes[note.id] = Box(round(middle - note.width / 2), round(top), note.width, round(note.height))
        for link in note.links:
            picture.lines[link] = [(middle, round(top + note.height)), (middle, bottom)]
        bottom = top


def _paint_boundary(sheet: Sheet, node: Node, picture: Picture) -> None:
    host = picture.boxes[node.host or ""]
    middle = sheet.x[sheet.lattice.spots[node.id][0]][0]
    picture.boxes[node.id] = Box(middle - EVENT / 2, host.bottom - EVENT / 2, EVENT, EVENT)
    width, height = label_size(node, sheet.scope)
    if height:
        picture.labels[node.id] = Box(round(middle + 6), host.bottom + EVENT / 2 + 1, round(width), height)


def _line(sheet: Sheet, source: str, target: str, pieces: list[Piece], picture: Picture) -> list[Point]:
    """The corners of a flow in pixels, from the border of its source to the border of its target."""
    at = [_position(sheet, piece) for piece in pieces]
    begin, end = picture.boxes[source], picture.boxes[target]
    points: list[Point] = []
    for index, piece in enumerate(pieces):
        if index:
            points.append((at[index - 1], at[index]) if piece.axis == HORIZONTAL else (at[index], at[index - 1]))
    first, last = pieces[0], pieces[-1]
    side = side_of(first.start, first.end)
    points.insert(0, _dock(begin, side, at[0]))
    points.append(_dock(end, (side_of(last.start, last.end) + 2) % 4, at[-1]))
    return points


def _position(sheet: Sheet, piece: Piece) -> float:
    places = sheet.x[piece.line] if piece.axis == VERTICAL else sheet.y[piece.line]
    return places[piece.track if len(places) > 1 else 0]


def _dock(box: Box, side: int, at: float) -> Point:
    if side == RIGHT:
        return box.right, at
    if side == DOWN:
        return at, box.bottom
    return (at, box.y) if side == UP else (box.x, at)


def _paint_loose_notes(scope: Scope, picture: Picture) -> None:
    """Notes tied to no node stand in a row below everything."""
    tied = {note.id for node in scope.nodes.values() for note in node.notes}
    loose = [note for note in scope.notes if note.id not in tied]
    x, top = 16.0, picture.height
    for note in loose:
        picture.boxes[note.id] = Box(x, top, note.width, round(note.height))
        x += note.width + 20
        picture.height = max(picture.height, top + round(note.height) + 16)
        picture.width = max(picture.width, x)
