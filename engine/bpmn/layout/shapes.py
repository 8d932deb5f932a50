"""Hides how a drawing is held in memory: nodes, flows and lanes of one scope, and the boxes and lines they become."""

from dataclasses import dataclass, field
from unicodedata import east_asian_width

TASK_WIDTH, TASK_HEIGHT, WIDE_TASK_WIDTH = 120, 80, 140
EVENT, GATEWAY = 36, 50
BOUNDARY_PITCH = 80  # room for one boundary event and its label on a task's lower border
NOTE_WIDTH = 150
LABEL_FONT, LABEL_LINE = 11, 14
LABEL_WIDTH = 90
HEADER = 30  # the strip that carries a pool's or a lane's name

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; x and y are its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def moved(self, dx: float, dy: float) -> "Box":
        """The same rectangle elsewhere."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def meets(self, other: "Box", gap: float = 0) -> bool:
        """True if the two share an area, or come nearer than ``gap``."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def holds(self, other: "Box") -> bool:
        """True if ``other`` lies wholly inside."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom


@dataclass
class Node:
    """A flow node, or a boundary event when ``host`` names the activity it hangs on."""

    id: str
    kind: str  # task, event, gateway or subprocess
    name: str
    width: float
    height: float
    tag: str = ""
    host: str | None = None
    marked: bool = False  # a sign (+, |||) stands in the middle of its lower border
    lane: int = 0
    column: int = 0
    row: int = 0
    span: int = 1
    hangs: str | None = None  # the boundary event that this end event hangs straight below, beside its neighbours
    boundaries: list[str] = field(default_factory=list)
    notes: list["Note"] = field(default_factory=list)
    inside: "Scope | None" = None


@dataclass
class Flow:
    """A sequence flow between two nodes of one scope."""

    id: str
    source: str
    target: str
    name: str = ""
    default: bool = False  # drawn with a stroke across its start


@dataclass
class Lane:
    """A horizontal band; ``depth`` counts the lanes around it, ``children`` are the lanes it is cut into."""

    id: str
    name: str
    members: list[str]
    children: list["Lane"] = field(default_factory=list)


@dataclass
class Note:
    """A text annotation or a data symbol, with the links (id) that tie it to its node."""

    id: str
    text: str
    width: float
    height: float
    links: list[str] = field(default_factory=list)
    labelled: bool = False


@dataclass
class Scope:
    """What one process or embedded subprocess holds, in document order."""

    id: str
    name: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)  # group id -> the lane name it frames
    drawn_lanes: bool = False

    def host(self, node_id: str) -> Node:
        """The node itself, or the activity a boundary event hangs on."""
        node = self.nodes[node_id]
        return self.nodes[node.host] if node.host else node

    def bands(self) -> list[Lane]:
        """The innermost lanes from top to bottom; one nameless band when there are none."""
        return [leaf for lane in self.lanes for leaf in leaves(lane)] or [Lane("", "", [])]


@dataclass
class Picture:
    """A finished drawing: boxes of shapes, points of lines and boxes of labels, by element id."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    expanded: set[str] = field(default_factory=set)
    horizontal: set[str] = field(default_factory=set)
    width: float = 0
    height: float = 0

    def take(self, other: "Picture", dx: float, dy: float) -> None:
        """Put another picture into this one, moved by (dx, dy) pixels."""
        self.boxes |= {key: box.moved(dx, dy) for key, box in other.boxes.items()}
        self.labels |= {key: box.moved(dx, dy) for key, box in other.labels.items()}
        self.lines |= {key: [(x + dx, y + dy) for x, y in line] for key, line in other.lines.items()}
        self.expanded |= other.expanded
        self.horizontal |= other.horizontal


def leaves(lane: Lane) -> list[Lane]:
    """The innermost lanes of one lane."""
    return [leaf for child in lane.children for leaf in leaves(child)] or [lane]


def text_width(text: str, font: float = LABEL_FONT) -> float:
    """Width of a line of text in pixels: a Chinese character is as wide as the font is high."""
    return sum(font if east_asian_width(char) in "WFA" else font * 0.6 for char in text)


def text_size(text: str, width: float, font: float = LABEL_FONT) -> tuple[float, float]:
    """Width and height in pixels of a text wrapped to ``width``, as evenly as its number of lines allows."""
    lines = 0
    widest = 0.0
    for part in text.splitlines() or [""]:
        full = text_width(part, font)
        needed = max(1, -(-int(full) // int(width)))
        lines += needed
        widest = max(widest, full / needed + (font if needed > 1 else 0))
    return min(widest, width) + 4, lines * LABEL_LINE
