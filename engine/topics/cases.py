"""Cases that begin and tell other cases: what is handed on is named in the diagram."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.bpmn.named import begins_what, handed_on, split
from engine.cases import about, relay
from engine.store import tables
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

PARENT, CHILDREN = "parent", "children"


class HandingOnBroken(Exception):
    """The diagram asks for what this case doesn't have; `str()` says what."""


@topic(
    "case.start",
    provides=("发起件数",),
    parameters=("procedure", "start", "facts", "places", "each", "each_place", "file"),
    writes=True,
)
def start(work: Work) -> dict[str, Any]:
    """Begin a case of `procedure`, or one for each element of the list `each`, right after this step.

    `procedure` is a process's id, or `{fact}` where a fact says which (an item of the catalogue has its own).

    Handed on: `facts` (`theirs=ours, …`), `places` (all of ours when not written), `file` (ids of our forms that stand
    in the new case's file too). An element that is a mapping gives its keys as facts; `each_place` says which of them
    is the unit of a place (`place=key`).
    """
    move, procedure = work.move, _procedure(work)
    facts = _facts(work)
    elements = _elements(work)
    for number, element in enumerate(elements):
        content = {
            "facts": {**facts, **element},
            "places": _places(work, element),
            "file": list(split(work.parameter("file"))),
        }
        relay.order(
            move.step,
            f"{move.case['id']}:{work.token.id}:{number}",
            "begin",
            content,
            procedure=procedure,
            node_id=work.parameter("start") or None,
            from_id=move.case["id"],
            from_name=work.node.name,
        )
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": f"发起 {len(elements)} 件"})
    return {"发起件数": len(elements)}


def _procedure(work: Work) -> str:
    asked = begins_what(work.node)
    found = str(_value(work, asked) or "") if asked else work.parameter("procedure")
    if not found:
        raise HandingOnBroken(f"「{asked or 'procedure'}」没有说发起哪个流程，请核对救助事项目录")
    return found


@topic("case.tell", parameters=("message", "to", "facts", "outcome_as", "only_if_waited"), writes=True)
def tell(work: Work) -> None:
    """Send `message` with `facts` to the case that began this one (`parent`), to those that it began (`children`), or
    to the one whose 业务编号 the fact named in `to` holds.

    `outcome_as` names the fact in which the other gets this case's outcome (of the end event that tells it). With
    `only_if_waited` nothing is wrong when the other has ended or doesn't wait for it.
    """
    move, message = work.move, work.parameter("message")
    optional = work.parameter("only_if_waited") == "true"
    for case_id in _receivers(work):
        relay.order(
            move.step,
            f"{move.case['id']}:{work.token.id}:{case_id}",
            "tell",
            {"facts": {**_facts(work), **_outcome(work)}, "may_be_missed": optional},
            to_id=case_id,
            message=message,
            from_id=move.case["id"],
            from_name=work.node.name,
        )
    move.record("topic", work.node.name, node_id=work.node.id)


def _outcome(work: Work) -> dict[str, Any]:
    name = work.parameter("outcome_as")
    return {name: work.parameter("outcome") or work.move.case.get("outcome")} if name else {}


def _facts(work: Work) -> dict[str, Any]:
    """What is handed on, as it stands in facts or in the newest form that says it; what nobody says is left out."""
    pairs = handed_on(work.parameter("facts"))
    return {theirs: found for theirs, ours in pairs if (found := _value(work, ours)) is not None}


def _value(work: Work, name: str) -> Any:
    if work.facts.get(name) is not None:
        return work.facts[name]
    if name in tables.case.c and name not in ("state", "id"):
        return work.move.case.get(name)
    for values in reversed(work.file().values()):
        if values.get(name) not in (None, ""):
            return values[name]
    return None


def _elements(work: Work) -> Sequence[Mapping[str, Any]]:
    each = work.parameter("each")
    if not each:
        return [{}]
    found = _value(work, each) or []
    return [element if isinstance(element, Mapping) else {"element": element} for element in found]


def _places(work: Work, element: Mapping[str, Any]) -> dict[str, str]:
    move, named = work.move, handed_on(work.parameter("places"))
    places = dict(_resolved(work, named)) if named else dict(move.case["places"])
    for place, key in handed_on(work.parameter("each_place")):
        unit_id = str(element.get(key) or "")
        if move.step.runtime.units.find(unit_id) is None:
            raise HandingOnBroken(f"清单里的单位「{unit_id}」（{key}）不存在，请核对")
        places[place] = unit_id
    return places


def _resolved(work: Work, named: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for theirs, ours in named:
        unit_id = work.unit(ours)
        if unit_id is None:
            raise HandingOnBroken(f"本案没有地点「{ours}」，不能交给新的办件")
        yield theirs, unit_id


def _receivers(work: Work) -> list[int]:
    move, to = work.move, work.parameter("to", PARENT)
    c = tables.case
    if to == PARENT:
        return [move.case["parent_id"]] if move.case.get("parent_id") else []
    if to == CHILDREN:
        columns = (c.c.id, c.c.procedure, c.c.deployment_id)
        query = select(*columns).where(c.c.parent_id == move.case["id"], c.c.status == "open").order_by(c.c.id)
        return [row.id for row in move.step.session.execute(query) if _may_hear(work, row)]
    number = str(_value(work, to) or "")
    found = about.by_number(move.step, number) if number else None
    if found is None:
        raise HandingOnBroken(f"「{to}」里的业务编号「{number}」找不到办件")
    return [found["id"]]


def _may_hear(work: Work, child: Any) -> bool:
    """Whether anything in the child's diagrams waits for the message: a case may have begun others of many kinds."""
    deployment = work.move.step.runtime.deployment(work.move.step.session, child.deployment_id)
    return any(
        node.kind != "start" and node.event.text == work.parameter("message")
        for called in deployment.closure(child.procedure)
        for node in deployment.processes[called].every_node()
    )
