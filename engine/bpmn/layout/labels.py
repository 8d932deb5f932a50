"""Hides where the name of a flow stands: beside its line near the start, on nothing else."""

from collections.abc import Iterator

from engine.bpmn.layout.shapes import LABEL_WIDTH, Box, Flow, Picture, Point, Scope, text_size


def place_flow_labels(scope: Scope, picture: Picture) -> None:
    """Give every named flow of the scope a label box that meets as few shapes, lines and labels as possible."""
    solid = [box for key, box in picture.boxes.items()]
    for flow in scope.flows:
        if not flow.name:
            continue
        best: tuple[int, Box] | None = None
        line = picture.lines[flow.id]
        stem = _stem(line, [picture.lines[f.id] for f in scope.flows if f.source == flow.source and f is not flow])
        for box in _places(flow, line, stem):
            hits = _hits(box, solid, picture)
            if best is None or hits < best[0]:
                best = (hits, box)
            if hits == 0:
                break
        assert best is not None
        picture.labels[flow.id] = best[1]


def _hits(box: Box, solid: list[Box], picture: Picture) -> int:
    inner = Box(box.x + 1, box.y + 1, box.width - 2, box.height - 2)
    hits = sum(2 for other in solid if inner.meets(other))
    hits += sum(2 for other in picture.labels.values() if inner.meets(other))
    for line in picture.lines.values():
        hits += sum(inner.meets(segment_box(*pair), 0.5) for pair in zip(line, line[1:], strict=False))
    return hits


def segment_box(one: Point, other: Point) -> Box:
    """The flat box that a straight line fills."""
    x, y = min(one[0], other[0]), min(one[1], other[1])
    return Box(x, y, abs(one[0] - other[0]), abs(one[1] - other[1]))


def _stem(line: list[Point], others: list[list[Point]]) -> float:
    """How far from its start a line runs together with another one of the same node."""
    reach = segment_box(line[0], line[1])
    length = reach.width + reach.height
    stem = 0.0
    for other in others:
        far = segment_box(other[0], other[1])
        heading = [(b[i] > a[i]) - (b[i] < a[i]) for a, b in (line[:2], other[:2]) for i in (0, 1)]
        if other[0] == line[0] and heading[:2] == heading[2:]:
            stem = max(stem, min(length, far.width + far.height))
    return stem


def _places(flow: Flow, line: list[Point], stem: float) -> Iterator[Box]:
    """Places for a label, best first: along the line from its start, above or right of it before below or left.

    The stem that the line shares with another says nothing about which of them is meant, so it is left out.
    """
    if stem and len(line) > 2:
        line = line[1:]
    elif stem:
        (x1, y1), (x2, y2) = line
        part = min(1, stem / max(1, abs(x1 - x2) + abs(y1 - y2)))
        line = [(x1 + (x2 - x1) * part, y1 + (y2 - y1) * part), line[1]]
    width, height = text_size(flow.name, LABEL_WIDTH)
    narrow, tall = text_size(flow.name, max(44, LABEL_WIDTH / 2))
    for one, other in zip(line, line[1:], strict=False):
        if one[1] == other[1]:
            step = 1 if other[0] > one[0] else -1
            room = abs(other[0] - one[0])
            for shift in (16 if flow.default and not stem else 4, 12, (room - width) / 2, room - width - 14):
                x = one[0] + step * shift if step > 0 else one[0] - shift - width
                yield Box(round(x), one[1] - height - 2, round(width), height)
                yield Box(round(x), one[1] + 3, round(width), height)
        else:
            room = abs(other[1] - one[1])
            for shift in (14 if flow.default and not stem else 3, 10, (room - height) / 2, room - height - 14):
                y = one[1] + shift if other[1] > one[1] else one[1] - shift - height
                yield Box(one[0] + 4, round(y), round(width), height)
                yield Box(round(one[0] - 4 - width), round(y), round(width), height)
                yield Box(one[0] + 4, round(y), round(narrow), tall)
