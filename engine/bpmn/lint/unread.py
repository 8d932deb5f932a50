"""Says what a modeler can write and this platform doesn't read, so that nobody counts on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from engine.bpmn.errors import DiagramNotReadable
from engine.bpmn.lint.finding import Finding
from engine.bpmn.xml import BPMN, CAMUNDA, local, namespace, parse

ATTRIBUTES = frozenset(
    {
        *("formKey", "candidateGroups", "assignee", "topic", "type", "decisionRef", "collection", "elementVariable"),
        *("candidateStarterGroups", "asyncBefore", "asyncAfter", "exclusive", "historyTimeToLive", "versionTag"),
        *("isStartableInTasklist", "mapDecisionResult", "resultVariable", "calledElementBinding"),
        *("modelerTemplate", "modelerTemplateVersion", "diagramRelationId", "jobPriority", "taskPriority"),
    }
)  # those that we read, and those of Camunda's that make no difference here
EXTENSIONS = frozenset({"properties", "in", "out"})
FLAWS = {
    "completionCondition": ("多实例的完成条件不起作用，会等所有实例办完", "需要提前结束的，请用消息边界事件"),
    "loopCardinality": ("多实例的次数不起作用", "请改填 Collection（清单）和 Element variable"),
}


def unread(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Camunda's attributes and extensions outside of the dialect (warnings), and multi-instance bounds (errors)."""
    for path in sorted(files):
        if not path.endswith(".bpmn"):
            continue
        try:
            root = parse(files[path], path)
        except DiagramNotReadable:
            continue
        for element in root.iter(f"{{{BPMN}}}*"):
            yield from _flaws(path, element)
            yield from _attributes(path, element)
            if local(element) == "extensionElements":
                yield from _extensions(path, element)


def _flaws(path: str, element: etree._Element) -> Iterator[Finding]:
    if local(element) in FLAWS:
        yield _finding(path, element, "error", *FLAWS[local(element)])


def _attributes(path: str, element: etree._Element) -> Iterator[Finding]:
    for key in element.attrib:
        name = etree.QName(key)
        if name.namespace == CAMUNDA and name.localname not in ATTRIBUTES:
            message = f"camunda:{name.localname} 不起作用"
            yield _finding(path, element, "warning", message, "请去掉；写法见流程图说明")


def _extensions(path: str, element: etree._Element) -> Iterator[Finding]:
    for child in element:
        if isinstance(child.tag, str) and namespace(child) == CAMUNDA and local(child) not in EXTENSIONS:
            message = f"camunda:{local(child)} 不起作用"
            yield _finding(path, element, "warning", message, "请去掉；表单写 Form key，时限用定时事件，脚本用服务任务")


def _finding(path: str, element: etree._Element, severity: str, message: str, hint: str) -> Finding:
    owner: etree._Element | None = element
    while owner is not None and (not owner.get("id") or local(owner).endswith(("Characteristics", "Definition"))):
        owner = owner.getparent()
    found = element if owner is None else owner
    return Finding(
        path,
        found.get("id", ""),
        found.get("name", ""),
        "unread",
        "error" if severity == "error" else "warning",
        message,
        hint,
        element.sourceline or 0,
    )
