"""What a BPMN file says, as plain data: read once, then linted, built, shown and traced from here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from lxml import etree

from engine.bpmn.errors import DiagramNotReadable
from engine.bpmn.xml import BPMN, CAMUNDA, local, namespace, parse

Item = TypeVar("Item")

KINDS = {
    "startEvent": "start",
    "endEvent": "end",
    "userTask": "user",
    "serviceTask": "service",
    "sendTask": "service",
    "businessRuleTask": "rule",
    "receiveTask": "receive",
    "callActivity": "call",
    "subProcess": "subprocess",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "eventBasedGateway": "event_gateway",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "boundary",
}
NOT_NODES = {
    "sequenceFlow",
    "laneSet",
    "textAnnotation",
    "association",
    "group",
    "documentation",
    "extensionElements",
    "incoming",
    "outgoing",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "ioSpecification",
    "property",
}


@dataclass(frozen=True)
class Event:
    """The definition inside an event: `kind` is timer, message, terminate, none or the tag of one we don't know."""

    kind: str = "none"
    text: str = ""  # timer text, or the message's name
    timer: str = ""  # timeDuration, timeDate, timeCycle
    topic: str = ""  # a message that is sent by a topic
    reference: str = ""  # messageRef as written


@dataclass(frozen=True)
class Loop:
    """One instance for each element of the list that `collection` names."""

    kind: str  # parallel, sequential, standard
    collection: str = ""
    element: str = ""


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""


@dataclass(frozen=True)
class Node:
    """A flow node with everything that the dialect lets it say."""

    id: str
    name: str
    kind: str
    tag: str
    line: int
    process_id: str
    lane: str = ""
    documentation: str = ""
    form: str = ""
    groups: str = ""
    assignee: str = ""
    topic: str = ""
    decision: str = ""
    called: str = ""
    default: str = ""
    attached_to: str = ""
    interrupting: bool = True
    event: Event = Event()
    loop: Loop | None = None
    body: Process | None = None
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def role(self) -> str:
        """`window_clerk` of `window_clerk@application_township`."""
        return self.groups.partition("@")[0].strip()

    @property
    def place(self) -> str:
        """`application_township` of `window_clerk@application_township`."""
        return self.groups.partition("@")[2].strip()

    @property
    def clauses(self) -> tuple[str, ...]:
        """Ids of the clauses that the node enforces, such as S0-27."""
        return tuple(self.properties.get("clause", "").replace("，", ",").replace(",", " ").split())

    @property
    def works(self) -> str:
        """The topic by which it works, for a service task or a message that is sent."""
        return self.topic or self.event.topic


@dataclass(frozen=True)
class Process:
    """A process or the inside of an embedded subprocess."""

    id: str
    name: str
    executable: bool
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    lanes: tuple[str, ...] = ()
    starters: str = ""
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def leaving(self, node_id: str) -> list[Flow]:
        return self._by_source.get(node_id, [])

    def arriving(self, node_id: str) -> list[Flow]:
        return self._by_target.get(node_id, [])

    def boundary(self, node_id: str) -> list[Node]:
        return self._by_host.get(node_id, [])

    def begin(self, kind: str) -> list[Node]:
        """Start events of this kind: `none` (people, by a form), `timer` (the scheduler), `message` (another case)."""
        return [node for node in self.nodes.values() if node.kind == "start" and node.event.kind == kind]

    @cached_property
    def _by_source(self) -> Mapping[str, list[Flow]]:
        return _grouped(self.flows, lambda flow: flow.source)

    @cached_property
    def _by_target(self) -> Mapping[str, list[Flow]]:
        return _grouped(self.flows, lambda flow: flow.target)

    @cached_property
    def _by_host(self) -> Mapping[str, list[Node]]:
        return _grouped(self.nodes.values(), lambda node: node.attached_to)

    def every_node(self) -> Iterator[Node]:
        """All nodes, those inside of subprocesses too."""
        for node in self.nodes.values():
            yield node
            if node.body:
                yield from node.body.every_node()

    def every_process(self) -> Iterator[Process]:
        """This process and the bodies of its subprocesses, outermost first."""
        yield self
        for node in self.nodes.values():
            if node.body:
                yield from node.body.every_process()


@dataclass(frozen=True)
class Diagram:
    """One .bpmn file."""

    path: str
    processes: tuple[Process, ...]
    messages: Mapping[str, str]


def read(content: bytes, path: str) -> Diagram:
    """A diagram from the bytes of its file; constructs we don't know stand in it with their tag as kind."""
    root = parse(content, path)
    if namespace(root) != BPMN or local(root) != "definitions":
        raise DiagramNotReadable(path, "不是 BPMN 2.0 文件")
    messages = {e.get("id", ""): e.get("name", "") for e in root.findall(f"{{{BPMN}}}message")}
    reader = _Reader(path, messages)
    processes = tuple(reader.process(e) for e in root.findall(f"{{{BPMN}}}process"))
    if not processes:
        raise DiagramNotReadable(path, "文件里没有流程（bpmn:process）")
    return Diagram(path, processes, messages)


def pairs(text: str) -> list[tuple[str, str]]:
    """(role, place) of `window_clerk@application_township, applicant@case`; place is "" for a bare role."""
    found = []
    for each in text.replace("，", ",").split(","):
        role, _, place = each.strip().partition("@")
        if role:
            found.append((role, place))
    return found


def _grouped(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def _tag(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def _camunda(element: etree._Element, name: str) -> str:
    return (element.get(f"{{{CAMUNDA}}}{name}") or "").strip()


def _text(element: etree._Element | None) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


class _Reader:
    """Walks one file; holds what its elements refer to."""

    def __init__(self, path: str, messages: Mapping[str, str]) -> None:
        self.path = path
        self.messages = messages

    def process(self, element: etree._Element, process_id: str | None = None) -> Process:
        owner = process_id or self._id(element)
        lanes, lane_of = self._lanes(element)
        nodes: dict[str, Node] = {}
        for child in element:
            if not isinstance(child.tag, str) or namespace(child) != BPMN or local(child) in NOT_NODES:
                continue
            node = self._node(child, owner, lane_of)
            if node.id in nodes:
                raise DiagramNotReadable(self.path, f"元素编号「{node.id}」重复，请在建模器中改掉其中一个")
            nodes[node.id] = node
        flows = tuple(self._flow(e) for e in element.findall(_tag("sequenceFlow")))
        return Process(
            id=self._id(element),
            name=element.get("name", ""),
            executable=element.get("isExecutable") == "true",
            nodes=nodes,
            flows=flows,
            lanes=lanes,
            starters=_camunda(element, "candidateStarterGroups"),
            properties=self._properties(element),
        )

    def _id(self, element: etree._Element) -> str:
        found = element.get("id")
        if not found:
            raise DiagramNotReadable(self.path, f"第 {element.sourceline} 行的 {local(element)} 没有编号（id）")
        return found

    def _lanes(self, element: etree._Element) -> tuple[tuple[str, ...], dict[str, str]]:
        names: list[str] = []
        lane_of: dict[str, str] = {}
        for lane in element.iterfind(f"{_tag('laneSet')}/{_tag('lane')}"):
            names.append(lane.get("name", ""))
            for reference in lane.iterfind(_tag("flowNodeRef")):
                lane_of[_text(reference)] = lane.get("name", "")
        return tuple(names), lane_of

    def _node(self, element: etree._Element, owner: str, lane_of: Mapping[str, str]) -> Node:
        tag, node_id = local(element), self._id(element)
        kind = KINDS.get(tag, "unsupported")
        if kind == "subprocess" and element.get("triggeredByEvent") == "true":
            kind = "unsupported"
        return Node(
            id=node_id,
            name=(element.get("name") or "").replace("\n", ""),
            kind=kind,
            tag=tag,
            line=element.sourceline or 0,
            process_id=owner,
            lane=lane_of.get(node_id, ""),
            documentation=_text(element.find(_tag("documentation"))),
            form=_camunda(element, "formKey"),
            groups=_camunda(element, "candidateGroups"),
            assignee=_camunda(element, "assignee"),
            topic=_camunda(element, "topic"),
            decision=_camunda(element, "decisionRef"),
            called=element.get("calledElement", ""),
            default=element.get("default", ""),
            attached_to=element.get("attachedToRef", ""),
            interrupting=element.get("cancelActivity", "true") != "false",
            event=self._event(element),
            loop=self._loop(element),
            body=self.process(element, owner) if kind == "subprocess" else None,
            properties=self._properties(element),
        )

    def _properties(self, element: etree._Element) -> Mapping[str, str]:
        where = f"{_tag('extensionElements')}/{{{CAMUNDA}}}properties/{{{CAMUNDA}}}property"
        found = {e.get("name", ""): (e.get("value") or "").strip() for e in element.iterfind(where)}
        return MappingProxyType(found)

    def _flow(self, element: etree._Element) -> Flow:
        return Flow(
            id=self._id(element),
            source=element.get("sourceRef", ""),
            target=element.get("targetRef", ""),
            name=element.get("name", ""),
            condition=_text(element.find(_tag("conditionExpression"))),
        )

    def _loop(self, element: etree._Element) -> Loop | None:
        many = element.find(_tag("multiInstanceLoopCharacteristics"))
        if many is not None:
            kind = "sequential" if many.get("isSequential") == "true" else "parallel"
            collection = _camunda(many, "collection").removeprefix("${").removesuffix("}").strip()
            return Loop(kind, collection, _camunda(many, "elementVariable"))
        return Loop("standard") if element.find(_tag("standardLoopCharacteristics")) is not None else None

    def _event(self, element: etree._Element) -> Event:
        if local(element) == "receiveTask":
            return self._message(element)
        definitions = [e for e in element if isinstance(e.tag, str) and local(e).endswith("EventDefinition")]
        if not definitions:
            return Event()
        if len(definitions) > 1:
            return Event(kind="multipleEventDefinition")
        definition = definitions[0]
        tag = local(definition)
        if tag == "timerEventDefinition":
            for name in ("timeDuration", "timeDate", "timeCycle"):
                text = _text(definition.find(_tag(name)))
                if text:
                    return Event("timer", text, timer=name)
            return Event("timer")
        if tag == "messageEventDefinition":
            return self._message(definition)
        return Event("terminate") if tag == "terminateEventDefinition" else Event(tag)

    def _message(self, element: etree._Element) -> Event:
        reference = element.get("messageRef", "")
        return Event("message", self.messages.get(reference, ""), topic=_camunda(element, "topic"), reference=reference)
