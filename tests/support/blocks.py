"""Makes diagrams by chance out of nested blocks, and says by itself how a case of one must go.

A block is `(kind, id, …)`; `draw` gives its BPMN, `begin` a case of it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Any

from tests.support.diagrams import chain, definitions, end, flow, message_boundary, process, start, timer, user

Block = tuple[Any, ...]
Key = tuple[str, str, str]  # node, kind, elements of the instances around it
Facts = dict[str, Any]
Scope = ChainMap[str, Any]

DEPARTMENTS = ["教育", "住建"]
AGAIN = "选 = 1"


def chance(random: Random, depth: int) -> Block:
    """A block of at most this depth; all ids are its own."""
    count = iter(range(10_000))

    def block(depth: int, instances: int) -> Block:
        name = f"b{next(count)}"
        leaves = ["user", "user", "auto", "event"]
        kinds = leaves * (depth < 2) + ["seq", "seq", "xor", "and", "and", "loop", "sub", "call", "each"] * (depth > 0)
        kind = random.choice(kinds)
        inner = partial(block, depth - 1, instances)
        match kind:
            case "user":
                return kind, name, random.random() < 0.4, random.random() < 0.3
            case "auto" | "event":
                return kind, name
            case "seq" | "and":
                return kind, name, [inner() for _ in range(random.randint(2, 3))]
            case "xor":
                return kind, name, inner(), inner()
            case "loop":
                return kind, name, ("seq", f"{name}s", [inner(), ("user", f"{name}u", False, False)])
            case "sub":
                return kind, name, inner(), random.random() < 0.6
            case "call":
                return kind, name, inner()
        if instances > 1:
            return "user", name, False, False
        return "each", name, block(depth - 1, instances + 1), f"项{instances}", random.random() < 0.4

    return "seq", "top", [block(depth, 0), ("user", "last", False, False)]


# -- drawing


class Drawing:
    """Draws a block and the processes that it calls."""

    def __init__(self, top: Block) -> None:
        self.called: list[str] = []
        body = self.whole(top)
        text = '<bpmn:message id="m" name="消息"/>' + process("p", body) + "".join(self.called)
        self.files = {"p.bpmn": definitions(text)}

    def whole(self, block: Block) -> str:
        body, first, last = self.draw(block)
        name = block[1]
        return start(f"{name}_s") + end(f"{name}_e") + body + flow(f"{name}_s", first) + flow(last, f"{name}_e")

    def draw(self, block: Block) -> tuple[str, str, str]:
        """Its elements, and the nodes by which one comes in and goes out."""
        drawn: tuple[str, str, str] = getattr(self, f"draw_{block[0]}")(*block[1:])
        return drawn

    def draw_user(self, name: str, reminder: bool, timeout: bool) -> tuple[str, str, str]:
        text = user(name) + _gate(f"{name}_o") + flow(name, f"{name}_o")
        if reminder:
            text += (
                timer(f"{name}_late", name, "5个工作日") + end(f"{name}_told") + flow(f"{name}_late", f"{name}_told")
            )
        if timeout:
            text += timer(f"{name}_out", name, "9个工作日", interrupting=True) + flow(f"{name}_out", f"{name}_o")
        return text, name, f"{name}_o"

    def draw_auto(self, name: str) -> tuple[str, str, str]:
        return f'<bpmn:intermediateThrowEvent id="{name}" name="{name}"/>', name, name

    def draw_event(self, name: str) -> tuple[str, str, str]:
        time = "<bpmn:timerEventDefinition><bpmn:timeDuration>7日</bpmn:timeDuration></bpmn:timerEventDefinition>"
        text = f'<bpmn:eventBasedGateway id="{name}" name="{name}"/>' + _gate(f"{name}_o")
        text += f'<bpmn:intermediateCatchEvent id="{name}_t" name="t">{time}</bpmn:intermediateCatchEvent>'
        text += (
            f'<bpmn:intermediateCatchEvent id="{name}_m" name="m"><bpmn:messageEventDefinition messageRef="m"/>'
            "</bpmn:intermediateCatchEvent>"
        )
        return text + chain(name, f"{name}_t", f"{name}_o") + chain(name, f"{name}_m", f"{name}_o"), name, f"{name}_o"

    def draw_seq(self, name: str, blocks: Sequence[Block]) -> tuple[str, str, str]:
        parts = [self.draw(block) for block in blocks]
        text = "".join(part[0] for part in parts)
        text += "".join(flow(a[2], b[1]) for a, b in zip(parts, parts[1:], strict=False))
        return text, parts[0][1], parts[-1][2]

    def draw_xor(self, name: str, yes: Block, no: Block) -> tuple[str, str, str]:
        (one, one_in, one_out), (two, two_in, two_out) = self.draw(yes), self.draw(no)
        text = _gate(name, default=f"{name}_no") + _gate(f"{name}_o") + one + two
        text += flow(name, one_in, "选 = 1 或 选 = 3") + flow(name, two_in, flow_id=f"{name}_no")
        return text + flow(one_out, f"{name}_o") + flow(two_out, f"{name}_o"), name, f"{name}_o"

    def draw_loop(self, name: str, body: Block) -> tuple[str, str, str]:
        text, first, last = self.draw(body)
        text += _gate(name) + _gate(f"{name}_q", default=f"{name}_on") + _gate(f"{name}_o")
        text += chain(name, first) + chain(last, f"{name}_q") + flow(f"{name}_q", name, AGAIN)
        return text + flow(f"{name}_q", f"{name}_o", flow_id=f"{name}_on"), name, f"{name}_o"

    def draw_and(self, name: str, blocks: Sequence[Block]) -> tuple[str, str, str]:
        text = "".join(f'<bpmn:parallelGateway id="{n}" name="{n}"/>' for n in (name, f"{name}_o"))
        for block in blocks:
            part, first, last = self.draw(block)
            text += part + flow(name, first) + flow(last, f"{name}_o")
        return text, name, f"{name}_o"

    def draw_sub(self, name: str, body: Block, message: bool) -> tuple[str, str, str]:
        text = f'<bpmn:subProcess id="{name}" name="{name}">{self.whole(body)}</bpmn:subProcess>' + _gate(f"{name}_o")
        if message:
            text += message_boundary(f"{name}_msg", name, "m") + flow(f"{name}_msg", f"{name}_o")
        return text + flow(name, f"{name}_o"), name, f"{name}_o"

    def draw_call(self, name: str, body: Block) -> tuple[str, str, str]:
        self.called.append(process(f"{name}_p", self.whole(body)))
        return f'<bpmn:callActivity id="{name}" name="{name}" calledElement="{name}_p"/>', name, name

    def draw_each(self, name: str, body: Block, element: str, sequential: bool) -> tuple[str, str, str]:
        loop = (
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" '
            f'camunda:collection="部门" camunda:elementVariable="{element}"/>'
        )
        inside = f'<bpmn:subProcess id="{name}" name="{name}">{self.whole(body)}{loop}</bpmn:subProcess>'
        return inside, name, name


def _gate(name: str, default: str = "") -> str:
    return f'<bpmn:exclusiveGateway id="{name}" name="{name}" default="{default}"/>'


# -- how a case must go


class Case:
    """A block that runs: what it waits for, and what follows when one of these comes."""

    def __init__(self, facts: Scope, path: str) -> None:
        self.facts, self.path = facts, path
        self.events: dict[Key, Callable[[Facts], bool]] = {}  # own events; True ends this block
        self.inner: list[Case] = []
        self.ended: Callable[[Case], bool] = lambda case: not self.inner  # an inner case has ended: True ends this too

    def waiting(self) -> list[Key]:
        return sorted([*self.events, *(key for case in self.inner for key in case.waiting())])

    def step(self, key: Key, facts: Facts) -> bool:
        """True when the block has ended with this step."""
        if key in self.events:
            return self.events[key](facts)
        case = next(case for case in self.inner if key in case.waiting())
        if not case.step(key, facts):
            return False
        self.inner.remove(case)
        return self.ended(case)

    def on(self, node: str, kind: str, do: Callable[[Facts], bool]) -> None:
        self.events[node, kind, self.path] = do

    def learn(self, facts: Facts) -> bool:
        self.facts.update(facts)
        return True


def begin(block: Block, facts: Scope, path: str = "") -> Case | None:
    """A case of the block, or None when it has ended at once."""
    case = Case(facts, path)
    match block:
        case ("user", name, reminder, timeout):
            case.on(name, "user", case.learn)
            if reminder:
                key = (f"{name}_late", "timer", path)
                case.events[key] = lambda facts: bool(case.events.pop(key)) and False
            if timeout:
                case.on(f"{name}_out", "timer", case.learn)
        case ("auto", _):
            return None
        case ("event", name):
            case.on(f"{name}_t", "timer", case.learn)
            case.on(f"{name}_m", "message", case.learn)
        case ("seq", _, blocks):
            return _follow(case, list(blocks), lambda block: begin(block, facts, path))
        case ("xor", _, yes, no):
            return begin(yes if facts["选"] in (1, 3) else no, facts, path)
        case ("loop", _, body):
            case.ended = lambda _: facts["选"] != 1 or not _restart(case, body)
            return case if _restart(case, body) else None
        case ("and", _, blocks):
            case.inner = [inner for b in blocks if (inner := begin(b, facts, path))]
        case ("sub", name, body, message):
            case.inner = [inner for inner in [begin(body, facts, path)] if inner]
            if case.inner and message:
                case.on(f"{name}_msg", "message", case.learn)
        case ("call", _, body):
            return begin(body, facts, path)
        case ("each", _, body, element, sequential):

            def make(item: str) -> Case | None:
                return begin(body, facts.new_child({element: item}), f"{path}/{item}".strip("/"))

            if sequential:
                return _follow(case, list(facts["部门"]), make)
            case.inner = [inner for item in facts["部门"] if (inner := make(item))]
    return case if case.waiting() else None


def _restart(case: Case, body: Block) -> bool:
    inner = begin(body, case.facts, case.path)
    case.inner = [inner] if inner else []
    return bool(inner)


def _follow(case: Case, left: list[Any], make: Callable[[Any], Case | None]) -> Case | None:
    def go_on(_: Case | None = None) -> bool:
        while left:
            if inner := make(left.pop(0)):
                case.inner = [inner]
                return False
        return True

    case.ended = go_on
    return None if go_on() else case
