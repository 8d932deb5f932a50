"""Messages to people, and the village notice board with its whitelisted fields (S0-26, S0-31, S0-33)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from engine.bpmn.diagram import pairs
from engine.bpmn.named import split
from engine.store import tables
from engine.topics import lookup, text
from engine.topics.registry import topic
from forms import expression

if TYPE_CHECKING:
    from engine.bpmn.diagram import Node
    from engine.cases.move import Work

# label on the board -> names that may say it, in that order; nothing else ever reaches a board (domain 5.9)
PROPOSED = "拟保障金额"
FIRST_NOTICE = {
    "姓名": ("applicantName",),
    "保障人数": ("保障人数", "appliedSize", "familySize"),
    "救助类别": ("救助类别", "item"),
    PROPOSED: ("拟保障金额",),
}
APPRAISED = {"民主评议": ("评议汇总",)}  # numbers only (S4-09)
ONE_OFF_NOTICE = {
    "姓名": ("applicantName",),
    "救助人数": ("appliedSize",),
    "救助类别": ("救助类别", "item"),
    "救助金额": ("救助金额",),
}
STOP: dict[str, tuple[str, ...]] = {
    "姓名": ("applicantName",),
    "保障类别": ("现救助类别",),
    "拟终止原因": ("变更原因",),
    "拟终止月份": ("生效月份",),
}
FIRST, STOPPING, LASTING = "初审公示", "终止公示", "长期公布"
WORDS = {FIRST: "公示", STOPPING: "终公", LASTING: "长公"}  # in their numbers
LONG_TERM = {
    "姓名": ("applicantName",),
    "保障人数": ("保障人数", "appliedSize", "familySize"),
    "保障类别": ("救助类别", "item"),
    "保障金额": ("保障金额", "拟保障金额"),
}


@topic("notice.applicant", parameters=("text", "title"))
def tell_applicant(work: Work) -> None:
    """Tell the applicant's side `text`, with its `{names}` filled."""
    said = text.fill(work.parameter("text"), lambda name: lookup.value(work, name))
    title = work.parameter("title") or work.node.name
    work.tell("", "告知", title, said)
    work.move.record("notice", title, node_id=work.node.id, details={"text": said})


@topic("notice.role", parameters=("tell", "text", "title"))
def tell_role(work: Work) -> None:
    """Tell each `role@place` of `tell` the `text`."""
    said = text.fill(work.parameter("text"), lambda name: lookup.value(work, name))
    title = work.parameter("title") or work.node.name
    for role, place in pairs(work.parameter("tell")):
        work.tell(f":{role}@{place}", "通知", title, said, role=role, place=place)
    work.move.record("notice", title, node_id=work.node.id, details={"text": said, "told": work.parameter("tell")})


@topic("notice.units", parameters=("role", "of", "kinds", "text", "title"))
def tell_units(work: Work) -> None:
    """Tell `role` at each unit of `kinds` within the place `of` the `text` (S1-27)."""
    said = text.fill(work.parameter("text"), lambda name: lookup.value(work, name))
    title, role = work.parameter("title") or work.node.name, work.parameter("role")
    kinds, within = split(work.parameter("kinds")), work.unit(work.parameter("of"))
    units = work.move.step.runtime.units
    told = [unit for unit in units if unit.kind in kinds and within and units.is_within(unit.id, within)]
    for unit in told:
        work.move.tell(f"{work.token.id}:{role}@{unit.id}", "通知", title, said, role=role, unit_id=unit.id)
    work.move.record(
        "notice", title, node_id=work.node.id, details={"text": said, "told": [unit.name for unit in told]}
    )


@topic("notice.publish", provides=("公示编号",), parameters=("kind", "place"), writes=True)
def publish(work: Work) -> dict[str, Any]:
    """Put the case on the board of the hukou village, or of `place`, with the whitelisted fields."""
    kind = work.parameter("kind", FIRST)
    once = lookup.value(work, "救助金额") not in (None, "")
    fields = STOP if kind == STOPPING else ONE_OFF_NOTICE if once else FIRST_NOTICE
    if kind == FIRST and work.facts.get("评议汇总"):
        fields = {**fields, **APPRAISED}
    number = _put_up(work, kind, fields, work.parameter("place", "hukou_village"))
    return {"公示编号": number}


@topic("notice.posted", writes=True)
def posted(work: Work) -> None:
    """The sheet hangs from now until the timer of its `limit` (by place) runs out; both days are on it."""
    n, move = tables.notice, work.move
    timer = _timer(work)
    end_at = move.deadline(timer.event.text, timer.properties.get("limit")).due_at if timer else None
    mine = (n.c.case_id == move.case["id"], n.c.kind != LASTING, n.c.status == "公示中")
    move.step.session.execute(update(n).where(*mine).values(start_at=move.step.now, end_at=end_at))


def _timer(work: Work) -> Node | None:
    """The timer of this diagram that runs for one of the `limit`s: the one whose `when` holds in this place (A-02)."""
    process = work.move.deployment.processes[work.node.process_id]
    limits = split(work.node.properties.get("limit", ""))
    timers = (n for n in process.every_node() if n.event.kind == "timer" and n.properties.get("limit") in limits)
    return next((node for node in timers if _runs(node, work)), None)


def _runs(timer: Node, work: Work) -> bool:
    condition = timer.properties.get("when")
    return not condition or expression.parse(condition).holds(work.facts)


@topic("notice.long_term", writes=True)
def publish_long_term(work: Work) -> None:
    """The long-term posting with its four fields, while the household is in receipt (S0-31)."""
    _put_up(work, LASTING, LONG_TERM)


@topic("notice.end", writes=True)
def end(work: Work) -> None:
    """The notice has hung its days."""
    _take_down(work, "期满")


@topic("notice.withdraw", writes=True)
def withdraw(work: Work) -> None:
    """The notice is taken down before its time, because of an objection or a change."""
    _take_down(work, "撤下")


def _put_up(work: Work, kind: str, fields: dict[str, tuple[str, ...]], at: str = "hukou_village") -> str:
    move = work.move
    number = move.number(kind, WORDS[kind])
    shown = {label: _first(work, names) for label, names in fields.items()}
    if shown.get(PROPOSED) is None:  # what is recognised without money has no such row
        shown.pop(PROPOSED, None)
    place = at if work.unit(at) else at.replace("_village", "_township")
    row = {
        "number": number,
        "case_id": move.case["id"],
        "kind": kind,
        "unit_id": work.unit(place) or move.case["unit_id"],
        "fields": {label: _said(label, value) for label, value in shown.items()},
        "start_at": move.step.now,
        "status": "公布中" if kind == LASTING else "公示中",
    }
    move.step.session.execute(insert(tables.notice).values(row))
    move.record("notice", f"{kind} {number}", node_id=work.node.id, details={"fields": row["fields"]})
    return number


def _said(label: str, value: Any) -> str:
    shown = text.show(value)
    if label == "救助金额":
        return f"{shown} 元"
    return f"{shown} 元/月" if label.endswith("金额") and value not in (None, "") else shown


def _first(work: Work, names: tuple[str, ...]) -> Any:
    return next((found for name in names if (found := lookup.value(work, name)) not in (None, "")), None)


def _take_down(work: Work, status: str) -> None:
    n, move = tables.notice, work.move
    change = update(n).where(n.c.case_id == move.case["id"], n.c.kind != LASTING, n.c.status == "公示中")
    change = change.values(status=status, end_at=move.step.now, removed_at=move.step.now)
    if move.step.session.execute(change.returning(n.c.id)).all():
        move.record("notice", f"公示{status}", node_id=work.node.id)
