"""Hides how the semantic part of a BPMN file is read into scopes that can be drawn."""

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.errors import DiagramNotReadable
from engine.bpmn.layout.errors import DiagramNotDrawable
from engine.bpmn.layout.shapes import (
    BOUNDARY_PITCH,
    EVENT,
    GATEWAY,
    NOTE_WIDTH,
    TASK_HEIGHT,
    TASK_WIDTH,
    WIDE_TASK_WIDTH,
    Flow,
    Lane,
    Node,
    Note,
    Scope,
    text_size,
)
from engine.bpmn.xml import BPMN, parse

SUBPROCESSES = {"subProcess", "transaction", "adHocSubProcess"}
DATA = {"dataObjectReference", "dataStoreReference"}


@dataclass
class Pool:
    """A participant of the collaboration: its process drawn inside, or an empty bar when it has none."""

    id: str
    name: str
    scope: Scope | None


@dataclass
class Plan:
    """Everything of a file that gets a place: pools or bare processes, and messages between pools."""

    plane: str  # id of the collaboration or process that the diagram shows
    pools: list[Pool] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    messages: list[Flow] = field(default_factory=list)


def read_root(data: bytes, name: str) -> etree._Element:
    """The root element of the BPMN file called ``name``; DiagramNotReadable for anything that isn't one."""
    root = parse(data, name)
    if root.tag != f"{{{BPMN}}}definitions":
        raise DiagramNotReadable(name, "根元素不是 BPMN 2.0 的 definitions，请确认是流程图文件")
    return root


def read_plan(root: etree._Element) -> Plan:
    """What the file asks to be drawn; DiagramNotDrawable if it holds no process."""
    processes = {_id(process): process for process in _children(root, "process")}
    if not processes:
        raise DiagramNotDrawable("文件里没有流程（process），没有可画的内容")
    categories = _categories(root)
    collaboration = next(iter(_children(root, "collaboration")), None)
    if collaboration is None:
        scopes = [_read_scope(process, categories) for process in processes.values()]
        return Plan(next(iter(processes)), scopes=scopes[:1])
    plan = Plan(_id(collaboration))
    for participant in _children(collaboration, "participant"):
        process = processes.get(_local(participant.get("processRef", "")))
        scope = None if process is None else _read_scope(process, categories)
        if scope is not None:
            scope.drawn_lanes = bool(scope.lanes)
        plan.pools.append(Pool(_id(participant), participant.get("name", ""), scope))
    plan.messages = [_flow(item) for item in _children(collaboration, "messageFlow")]
    return plan


def _read_scope(element: etree._Element, categories: dict[str, str]) -> Scope:
    scope = Scope(_id(element), element.get("name", ""))
    for child in element.iterchildren(f"{{{BPMN}}}*"):
        tag = etree.QName(child).localname
        if tag == "sequenceFlow":
            scope.flows.append(_flow(child))
        elif tag == "laneSet":
            scope.lanes += [_lane(lane) for lane in _children(child, "lane")]
        elif tag == "textAnnotation":
            scope.notes.append(_annotation(child))
        elif tag in DATA:
            height = 50
            scope.notes.append(Note(_id(child), child.get("name", ""), 50, height, labelled=bool(child.get("name"))))
        elif tag == "group":
            scope.groups[_id(child)] = categories.get(_local(child.get("categoryValueRef", "")), "")
        else:
            _add_node(scope, child, tag, categories)
    defaults = {child.get("default") for child in element.iterchildren(f"{{{BPMN}}}*")}
    for flow in scope.flows:
        flow.default = flow.id in defaults
    _check_flows(scope)
    _hang_boundaries(scope)
    _give_lanes(scope)
    _attach_notes(scope, element)
    return scope


def _add_node(scope: Scope, element: etree._Element, tag: str, categories: dict[str, str]) -> None:
    if not tag.lower().endswith(("task", "event", "gateway")) and tag not in SUBPROCESSES | {"callActivity"}:
        return
    name = element.get("name", "")
    node = Node(_id(element), "task", name, TASK_WIDTH, TASK_HEIGHT, tag)
    loops = f"{{{BPMN}}}multiInstanceLoopCharacteristics", f"{{{BPMN}}}standardLoopCharacteristics"
    node.marked = tag == "callActivity" or next(element.iterchildren(*loops), None) is not None
    if tag.endswith("Event"):
        node.kind, node.width, node.height = "event", EVENT, EVENT
        node.host = element.get("attachedToRef")
    elif tag.endswith("Gateway"):
        node.kind, node.width, node.height = "gateway", GATEWAY, GATEWAY
    elif tag in SUBPROCESSES:
        inside = _read_scope(element, categories)
        if inside.nodes:
            node.kind, node.inside = "subprocess", inside
    if node.kind == "task" and len(name) > 12:
        node.width = WIDE_TASK_WIDTH
    scope.nodes[node.id] = node


def _check_flows(scope: Scope) -> None:
    for flow in scope.flows:
        for end, name in ((flow.source, "起点"), (flow.target, "终点")):
            if end not in scope.nodes:
                raise DiagramNotDrawable(
                    f"连线 {flow.id}（{flow.name or '未命名'}）的{name} {end or '（空）'} 不在同一层流程里，"
                    "请改正后再排版"
                )
    for node in scope.nodes.values():
        if node.host is not None and node.host not in scope.nodes:
            raise DiagramNotDrawable(
                f"边界事件 {node.id}（{node.name or '未命名'}）挂在不存在的节点 {node.host} 上，请改正"
            )


def _hang_boundaries(scope: Scope) -> None:
    for node in scope.nodes.values():
        if node.host is not None:
            scope.nodes[node.host].boundaries.append(node.id)
    for node in scope.nodes.values():
        if node.kind == "task" and len(node.boundaries) > 1:
            node.width = max(node.width, BOUNDARY_PITCH * len(node.boundaries))


def _give_lanes(scope: Scope) -> None:
    """A node's band is the lane that names it; a node that no lane names stands with what leads to it."""
    named = {member: index for index, band in enumerate(scope.bands()) for member in band.members}
    for node in scope.nodes.values():
        node.lane = named.get(node.id, named.get(node.host or "", -1))
    for _ in scope.nodes:
        for flow in scope.flows:
            source, target = scope.nodes[flow.source], scope.nodes[flow.target]
            if target.lane < 0 <= source.lane:
                target.lane = source.lane
    for node in scope.nodes.values():
        node.lane = max(node.lane, 0)
    for node in scope.nodes.values():
        node.lane = scope.host(node.id).lane


def _attach_notes(scope: Scope, element: etree._Element) -> None:
    notes = {note.id: note for note in scope.notes}
    links = [
        (_id(item), item.get("sourceRef", ""), item.get("targetRef", "")) for item in _children(element, "association")
    ]
    for node_id in scope.nodes:
        for found in element.iterchildren(f"{{{BPMN}}}*"):
            if found.get("id") == node_id:
                links += _data_links(found, node_id)
    for link, source, target in links:
        note = notes.get(source) or notes.get(target)
        node = scope.nodes.get(target) or scope.nodes.get(source)
        if note is not None and node is not None:
            note.links.append(link)
            owner = scope.host(node.id)
            if not any(note in other.notes for other in scope.nodes.values()):
                owner.notes.append(note)


def _data_links(node: etree._Element, node_id: str) -> list[tuple[str, str, str]]:
    links = []
    for item in _children(node, "dataInputAssociation"):
        links.append((_id(item), item.findtext(f"{{{BPMN}}}sourceRef", ""), node_id))
    for item in _children(node, "dataOutputAssociation"):
        links.append((_id(item), node_id, item.findtext(f"{{{BPMN}}}targetRef", "")))
    return links


def _annotation(element: etree._Element) -> Note:
    text = (element.findtext(f"{{{BPMN}}}text") or "").strip()
    _, height = text_size(text, NOTE_WIDTH - 14, 12)
    return Note(_id(element), text, NOTE_WIDTH, max(30, height / 14 * 15 + 12))


def _lane(element: etree._Element) -> Lane:
    members = [(ref.text or "").strip() for ref in _children(element, "flowNodeRef")]
    inner = [_lane(lane) for child in _children(element, "childLaneSet") for lane in _children(child, "lane")]
    return Lane(_id(element), element.get("name", ""), members, inner)


def _categories(root: etree._Element) -> dict[str, str]:
    return {_id(value): value.get("value", "") for value in root.iter(f"{{{BPMN}}}categoryValue")}


def _flow(element: etree._Element) -> Flow:
    source, target = _local(element.get("sourceRef", "")), _local(element.get("targetRef", ""))
    return Flow(_id(element), source, target, element.get("name", ""))


def _id(element: etree._Element) -> str:
    value = element.get("id", "")
    if not value:
        raise DiagramNotDrawable(f"第 {element.sourceline} 行的 {etree.QName(element).localname} 没有 id，请补上")
    return value


def _children(element: etree._Element, tag: str) -> list[etree._Element]:
    return list(element.iterchildren(f"{{{BPMN}}}{tag}"))


def _local(reference: str) -> str:
    return reference.split(":", 1)[-1]
