"""Hides how a drawn diagram is judged: what lies on what, and how often its flows cross."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from lxml import etree

from engine.bpmn.layout.labels import segment_box
from engine.bpmn.layout.reading import read_root
from engine.bpmn.layout.shapes import Box, Point
from engine.bpmn.layout.writing import BPMNDI, DC, DI
from engine.bpmn.xml import BPMN

CONTAINERS = {"participant", "lane", "group"}
FLOWS = {"sequenceFlow", "messageFlow"}


@dataclass
class Drawn:
    """The diagram of a file as it stands there."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    ends: dict[str, set[str]] = field(default_factory=dict)
    around: dict[str, set[str]] = field(default_factory=dict)  # ids of the elements an element stands inside


def overlaps(xml: bytes) -> list[tuple[str, str]]:
    """Pairs of shapes (ids) that lie on each other; a subprocess and its inside, a step and its events don't count."""
    drawn = _read(xml)
    shapes = [key for key in drawn.boxes if drawn.tags.get(key) not in CONTAINERS]
    pairs = []
    for one, other in combinations(shapes, 2):
        nested = one in drawn.around.get(other, ()) or other in drawn.around.get(one, ())
        hung = drawn.hosts.get(one) == other or drawn.hosts.get(other) == one
        if not (nested or hung) and drawn.boxes[one].meets(drawn.boxes[other]):
            pairs.append((one, other))
    return pairs


def label_overlaps(xml: bytes) -> list[tuple[str, str]]:
    """Pairs (owner of the label, what it covers) of labels on shapes, on flows or on other labels."""
    drawn = _read(xml)
    pairs = []
    for key, label in drawn.labels.items():
        inner = Box(label.x + 1, label.y + 1, label.width - 2, label.height - 2)
        pairs += [(key, other) for other, box in drawn.labels.items() if key < other and inner.meets(box)]
        for other, box in drawn.boxes.items():
            outside = drawn.tags.get(other) not in CONTAINERS and other not in drawn.around.get(key, ())
            if outside and inner.meets(box):
                pairs.append((key, other))
        pairs += [(key, other) for other, line in drawn.lines.items() if _touches(inner, line)]
    return pairs


def edges_through_shapes(xml: bytes) -> list[tuple[str, str]]:
    """Pairs (flow, shape) where a flow runs through a shape that is neither its end nor around it."""
    drawn = _read(xml)
    pairs = []
    for key, line in drawn.lines.items():
        if drawn.tags.get(key) not in FLOWS:
            continue
        for shape, box in drawn.boxes.items():
            if drawn.tags.get(shape) in CONTAINERS or shape in drawn.around[key]:
                continue
            if shape in drawn.ends[key]:
                inner = Box(box.x + 2, box.y + 2, box.width - 4, box.height - 4)
                if _touches(inner, line):
                    pairs.append((key, shape))
            elif _touches(box, line) and drawn.hosts.get(shape) not in drawn.ends[key] - {shape}:
                pairs.append((key, shape))
    return pairs


def crossings(xml: bytes) -> int:
    """How often two flows cross, or run on top of each other other than at an end they share."""
    drawn = _read(xml)
    return count_crossings({key: line for key, line in drawn.lines.items() if drawn.tags.get(key) in FLOWS})


def count_crossings(lines: Mapping[str, list[Point]]) -> int:
    """The same for lines that aren't written down yet."""
    return sum(_crosses(one, other) for one, other in combinations(lines.values(), 2))


def crossing(lines: Mapping[str, list[Point]]) -> set[str]:
    """The flows that cross another one."""
    pairs = ((one, other) for one, other in combinations(lines, 2) if _crosses(lines[one], lines[other]))
    return {flow for pair in pairs for flow in pair}


def _crosses(one: list[Point], other: list[Point]) -> int:
    count = 0
    for first in zip(one, one[1:], strict=False):
        for second in zip(other, other[1:], strict=False):
            a, b = segment_box(*first), segment_box(*second)
            if (a.height == 0) != (b.height == 0):
                flat, upright = (a, b) if a.height == 0 else (b, a)
                count += flat.x < upright.x < flat.right and upright.y < flat.y < upright.bottom
            elif one[0] != other[0] and one[-1] != other[-1]:
                count += (a.y == b.y and a.height == 0 and a.x < b.right and b.x < a.right) or (
                    a.x == b.x and a.width == 0 and a.y < b.bottom and b.y < a.bottom
                )
    return count


def _touches(box: Box, line: list[Point]) -> bool:
    return any(segment_box(*pair).meets(box) for pair in zip(line, line[1:], strict=False))


def _read(xml: bytes) -> Drawn:
    root = read_root(xml, "流程图")
    drawn = Drawn()
    for element in root.iter(f"{{{BPMN}}}*"):
        key = element.get("id", "")
        drawn.around[key] = {outer.get("id", "") for outer in element.iterancestors(f"{{{BPMN}}}*")}
        drawn.tags[key] = etree.QName(element).localname
        if element.get("attachedToRef"):
            drawn.hosts[key] = element.get("attachedToRef", "")
        drawn.ends[key] = {element.get("sourceRef", ""), element.get("targetRef", "")}
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        key = shape.get("bpmnElement", "").split(":", 1)[-1]
        for bounds in shape.iterchildren(f"{{{DC}}}Bounds"):
            drawn.boxes[key] = _box(bounds)
        points = [(float(p.get("x", "0")), float(p.get("y", "0"))) for p in shape.iterchildren(f"{{{DI}}}waypoint")]
        if points:
            drawn.lines[key] = points
        for bounds in shape.iterfind(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds"):
            drawn.labels[key] = _box(bounds)
    return drawn


def _box(bounds: etree._Element) -> Box:
    x, y, width, height = (float(bounds.get(name, "0")) for name in ("x", "y", "width", "height"))
    return Box(x, y, width, height)
