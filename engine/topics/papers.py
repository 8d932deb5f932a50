"""Official papers as text: filled from forms/papers/, numbered, kept in the case word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from engine.bpmn.diagram import pairs
from engine.store import tables
from engine.topics import lookup, text
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

FOLDER = "forms/papers"


class PaperMissing(Exception):
    """The deployment has no template for this paper."""

    def __init__(self, paper: str) -> None:
        super().__init__(f"没有文书模板 {FOLDER}/{paper}.txt，请补上模板后重试")


@topic("paper.issue", provides=("文书编号",), parameters=("paper", "word", "tell"), writes=True)
def issue(work: Work) -> dict[str, Any]:
    """Fill the template of `paper`, give it a number, keep it, and tell the applicant (S0-12, S0-30).

    A paper between offices names whom it goes to in `tell` (`role@place`) instead.
    """
    move, kind = work.move, work.parameter("paper")
    template = move.deployment.files.get(f"{FOLDER}/{kind}.txt")
    if template is None:
        raise PaperMissing(kind)
    number = move.number(kind, work.parameter("word", "救"))
    filled = text.fill(template.decode(), lambda name: number if name == "paper_number" else lookup.value(work, name))
    title, _, body = filled.strip().partition("\n")
    row = {
        "case_id": move.case["id"],
        "kind": kind,
        "number": number,
        "title": title.strip(),
        "text": body.strip(),
        "at": move.step.now,
    }
    move.step.session.execute(insert(tables.paper).values(row))
    for role, place in pairs(work.parameter("tell")) or [("", "")]:
        to = f":{role}@{place}" if role else ""
        work.tell(to, "文书", row["title"], row["text"], role=role, place=place)
    move.record("paper", f"{row['title']} {number}", node_id=work.node.id, details={"paper": kind, "number": number})
    return {"文书编号": number}
