"""What the case that this one is about learns: a form in its file, and the line that says so (S1-67)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.named import split
from engine.cases import about, relay
from engine.cases.history import line
from engine.topics import lookup, text
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work


class AboutNobody(Exception):
    """The process is about no case; `str()` says what to do."""


@topic("about.file", parameters=("file", "title", "text"), writes=True)
def file(work: Work) -> None:
    """The newest submissions of the forms `file` stand in the file of the case that this one is about; it says so."""
    other = _other(work)
    forms = split(work.parameter("file"))
    relay.copy_forms(work.move.step, work.move.case["id"], other["id"], forms, work.node.id)
    _write(work, other)


def _other(work: Work) -> dict[str, Any]:
    process = work.move.deployment.processes[work.move.case["procedure"]]
    number = str(lookup.raw(work, process.properties.get(about.ABOUT, "")) or "")
    found = about.by_number(work.move.step, number) if number else None
    if found is None:
        raise AboutNobody(f"没有找到编号为“{number}”的办件，请核对流程的属性 about 和开始表单")
    return found


def _write(work: Work, other: dict[str, Any]) -> None:
    said = text.fill(work.parameter("text"), lambda name: lookup.value(work, name))
    title = work.parameter("title") or work.node.name
    details = {"text": said, "from": work.move.case["number"]}
    about.write(
        work.move.step, other["id"], line(work.move.step.actor, work.move.step.now, "topic", title, details=details)
    )
