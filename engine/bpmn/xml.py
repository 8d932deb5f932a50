"""The only XML parser: hardened, no DOCTYPE, bounded in size."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.errors import DiagramNotReadable

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
LARGEST = 4_000_000  # bytes


def parse(content: bytes, path: str) -> etree._Element:
    """Root element of a diagram or table; `DiagramNotReadable` for anything we refuse to read."""
    if len(content) > LARGEST:
        raise DiagramNotReadable(path, f"文件超过 {LARGEST // 1_000_000} MB，请拆分流程")
    if b"<!DOCTYPE" in content.upper():
        raise DiagramNotReadable(path, "文件含有 DOCTYPE 声明，出于安全不予接受，请用建模器重新保存")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True, remove_comments=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DiagramNotReadable(path, f"不是完整的 XML（{error.msg}），请用建模器重新保存") from error


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str | None:
    """The namespace of a tag."""
    return etree.QName(element).namespace
