"""Hides how a picture becomes the BPMNDI section, and how it is put into the file without touching another byte."""

from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from lxml import etree

from engine.bpmn.layout.errors import DiagramNotDrawable
from engine.bpmn.layout.shapes import Box, Picture, Point
from engine.bpmn.xml import BPMN

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
EDGES = {"sequenceFlow", "messageFlow", "association", "dataInputAssociation", "dataOutputAssociation"}


def write_picture(data: bytes, root: etree._Element, plane: str, picture: Picture) -> bytes:
    """The same file with its diagrams replaced by this one; every byte outside them stays as it was."""
    spans, end = _diagram_spans(data)
    text = _diagram_text(root, plane, picture).encode("utf-8")
    at = spans[0][0] if spans else end
    out, last = bytearray(), 0
    for start, stop in [*spans, (end, end)]:
        out += data[last:start]
        if start == at and text:
            out += text if spans else b"  " + text + b"\n"
            text = b""
        last = stop
    if spans:
        out = bytearray(_without_gaps(data, spans, out))
    return bytes(out + data[end:])


def _without_gaps(data: bytes, spans: list[tuple[int, int]], out: bytearray) -> bytes:
    """Diagrams after the first leave blank lines behind; take these away."""
    if len(spans) < 2:
        return bytes(out)
    first_stop = len(data[: spans[0][0]])
    head, tail = out[:first_stop], out[first_stop:]
    close = tail.rindex(b">") + 1
    return bytes(head + tail[:close] + b"\n" + tail[close:].lstrip()) if tail[close:].strip() == b"" else bytes(out)


def _diagram_spans(data: bytes) -> tuple[list[tuple[int, int]], int]:
    """Byte ranges of the diagrams below the root, and where the root's end tag begins."""
    parser = expat.ParserCreate(namespace_separator="|")
    depth, spans, start, end = 0, list[tuple[int, int]](), 0, 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, start
        depth += 1
        if depth == 2 and name == f"{BPMNDI}|BPMNDiagram":
            start = parser.CurrentByteIndex

    def closed(name: str) -> None:
        nonlocal depth, end
        if depth == 2 and name == f"{BPMNDI}|BPMNDiagram":
            at = parser.CurrentByteIndex
            spans.append((start, data.index(b">", at) + 1))
        if depth == 1:
            end = parser.CurrentByteIndex
        depth -= 1

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii"):
            raise DiagramNotDrawable(f"文件编码是 {encoding}，请另存为 UTF-8 再排版")

    parser.StartElementHandler, parser.EndElementHandler, parser.XmlDeclHandler = opened, closed, declared
    parser.Parse(data, True)
    return spans, end


def _diagram_text(root: etree._Element, plane: str, picture: Picture) -> str:
    prefixes = {uri: prefix for prefix, uri in root.nsmap.items() if prefix}
    di, dc, dd = prefixes.get(BPMNDI, "bpmndi"), prefixes.get(DC, "dc"), prefixes.get(DI, "di")
    missing = [f' xmlns:{prefix}="{uri}"' for prefix, uri in ((di, BPMNDI), (dc, DC), (dd, DI)) if uri not in prefixes]
    lines = [
        f"<{di}:BPMNDiagram id={quoteattr('BPMNDiagram_' + plane)}{''.join(missing)}>",
        f"    <{di}:BPMNPlane id={quoteattr('BPMNPlane_' + plane)} bpmnElement={quoteattr(plane)}>",
    ]
    colours = _colours(root)
    for element in root.iter(f"{{{BPMN}}}*"):
        key = element.get("id", "")
        tag = etree.QName(element).localname
        extra = colours.get(key, "")
        if key in picture.boxes:
            lines += _shape(key, tag, extra, picture, di, dc)
        elif key in picture.lines and tag in EDGES:
            lines += _edge(key, extra, picture, di, dc, dd)
    return "\n".join([*lines, f"    </{di}:BPMNPlane>", f"  </{di}:BPMNDiagram>"])


def _colours(root: etree._Element) -> dict[str, str]:
    """Colours an analyst gave a shape, as attributes to be written again."""
    kept: dict[str, str] = {}
    prefixes = {uri: prefix for prefix, uri in root.nsmap.items() if prefix}
    for old in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        pairs = [(etree.QName(str(name)), str(value)) for name, value in old.attrib.items()]
        words = [
            f" {prefixes[name.namespace]}:{name.localname}={quoteattr(value)}"
            for name, value in pairs
            if name.namespace in prefixes
        ]
        kept[old.get("bpmnElement", "")] = "".join(words)
    return kept


def _shape(key: str, tag: str, extra: str, picture: Picture, di: str, dc: str) -> list[str]:
    flags = ""
    if key in picture.horizontal:
        flags += ' isHorizontal="true"'
    if key in picture.expanded:
        flags += ' isExpanded="true"'
    if tag == "exclusiveGateway":
        flags += ' isMarkerVisible="true"'
    name = quoteattr(f"{key}_di")
    lines = [f"      <{di}:BPMNShape id={name} bpmnElement={quoteattr(key)}{flags}{extra}>"]
    lines.append(f"        {_bounds(picture.boxes[key], dc)}")
    return [*lines, *_label(key, picture, di, dc), f"      </{di}:BPMNShape>"]


def _edge(key: str, extra: str, picture: Picture, di: str, dc: str, dd: str) -> list[str]:
    lines = [f"      <{di}:BPMNEdge id={quoteattr(f'{key}_di')} bpmnElement={quoteattr(key)}{extra}>"]
    lines += [f"        {_waypoint(point, dd)}" for point in picture.lines[key]]
    return [*lines, *_label(key, picture, di, dc), f"      </{di}:BPMNEdge>"]


def _label(key: str, picture: Picture, di: str, dc: str) -> list[str]:
    if key not in picture.labels:
        return []
    return [f"        <{di}:BPMNLabel>", f"          {_bounds(picture.labels[key], dc)}", f"        </{di}:BPMNLabel>"]


def _bounds(box: Box, dc: str) -> str:
    return f'<{dc}:Bounds x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" />'


def _waypoint(point: Point, dd: str) -> str:
    return f'<{dd}:waypoint x="{point[0]:.0f}" y="{point[1]:.0f}" />'
