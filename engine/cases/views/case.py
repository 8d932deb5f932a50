"""The case page: where it stands on the diagram, its deadlines, its file, its history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Process
from engine.cases import access, looking
from engine.cases.about import ABOUT
from engine.cases.errors import CaseNotFound, ReasonNeeded
from engine.cases.runtime import Step
from engine.cases.views import clocks, messages, reading
from engine.cases.views.clocks import DeadlineView
from engine.cases.views.messages import MessageView
from engine.cases.views.own_part import OwnPart, own_part
from engine.cases.views.reading import ReadBlock
from engine.store import tables
from forms.mask import mask_name

ACTS = {
    "started": "提交申请",
    "completed": "办结",
    "message": "登记",
    "fired": "期限到期",
    "overdue": "催办",
    "ladder": "提醒督办",
    "urged": "人工催办",
    "handed": "工作移交",
    "replied": "答复",
    "oversight": "督办",
    "linked": "相关办件",
    "paused": "暂停计时",
    "resumed": "恢复计时",
    "extended": "延长时限",
    "notice": "告知",
    "paper": "出具文书",
    "topic": "系统处理",
    "register": "登记台账",
    "decided": "系统测算",
    "closed": "结案",
    "migrated": "换用新流程",
    "calendar": "日历调整",
    "outage": "系统停机",
    "looked": "查阅",
    "unsealed": "查看身份",
}


@dataclass(frozen=True)
class HistoryRow:
    """One line of a case's history."""

    at: datetime
    act: str
    act_text: str
    name: str
    by_name: str
    for_whom: str | None
    unit_name: str
    origin: str | None
    form_version: str | None
    text: str


@dataclass(frozen=True)
class OpenTask:
    """A task that the case waits for."""

    id: str
    process_id: str
    name: str
    unit_name: str
    assignee_name: str | None
    due_at: datetime | None
    due_text: str
    paused_text: str
    light: str | None
    provisional: bool
    may_open: bool


@dataclass(frozen=True)
class Paper:
    """An official paper that the case has issued, word for word."""

    number: str
    title: str
    text: str
    at: datetime
    kind: str = ""


@dataclass(frozen=True)
class Related:
    """A case that began this one (`relation` 发起本件), or that this one began (本件发起)."""

    id: int
    number: str
    name: str
    relation: str
    stage: str
    light: str | None
    provisional: bool


@dataclass(frozen=True)
class CasePage:
    """Everything that the page of one case shows."""

    case: Mapping[str, Any]
    number: str
    stage: str
    status: str
    outcome: str | None
    blocks: list[ReadBlock]
    papers: list[Paper]
    deadlines: list[DeadlineView]
    paused_text: str
    history: list[HistoryRow]
    open_tasks: list[OpenTask]
    messages: list[MessageView]
    related: list[Related]
    diagrams: list[tuple[str, str]]  # process id and name, outermost first


def case(this: Step, case_id: int) -> CasePage:
    """The page of a case; `CaseNotFound` for one in which the actor has no role."""
    row = visible_row(this, case_id)
    deployment = this.runtime.deployment(this.session, row["deployment_id"])
    own = own_part(this, deployment, row)
    lines = [line for line in _history_rows(this, case_id) if own is None or own.shows_line(line)]
    deadlines = clocks.of_case(this, row)
    tasks = open_tasks(this, case_id, deadlines, own)
    if own is not None:
        mine = {each.id for each in tasks}
        deadlines = [each for each in deadlines if each.task_id in mine]
    seen = _name_shown(this, row["applicant_name"] or "")
    return CasePage(
        case={**row, "applicant_name": seen(row["applicant_name"] or "")},
        number=row["number"],
        stage=row["stage"],
        status=row["status"],
        outcome=row["outcome"],
        blocks=reading.blocks(this, deployment, case_id, own=own),
        papers=[
            replace(each, text=seen(each.text)) for each in _seen_papers(this, case_id) if _issued(each, lines, own)
        ],
        deadlines=deadlines,
        paused_text=clocks.case_paused_text(row, this.now),
        history=[replace(each, text=seen(each.text)) for each in (_history(this, line) for line in lines)],
        open_tasks=tasks,
        messages=messages.messages(this, row),
        related=related(this, row),
        diagrams=_diagrams(deployment, row["procedure"], lines),
    )


def _issued(paper: Paper, lines: Iterable[Mapping[str, Any]], own: OwnPart | None) -> bool:
    """Whether a paper is one of those that the lines seen have issued."""
    return own is None or any(line["details"].get("number") == paper.number for line in lines)


def _name_shown(this: Step, name: str) -> Callable[[str], str]:
    """What to do with texts that may name the applicant, for roles that see names masked (domain 2.5)."""
    scope = this.runtime.scope
    plain = scope.visible_fields(scope.roles_of(this.actor), "").look("applicantName", "name") == "plain"
    return (lambda text: text) if plain or not name else lambda text: text.replace(name, mask_name(name))


def visible_row(this: Step, case_id: int) -> dict[str, Any]:
    """The case's row without its state, if the actor may see it; else `CaseNotFound`, or `ReasonNeeded` first."""
    c = tables.case
    columns = [column for column in c.c if column.name != "state"]
    found = this.session.execute(select(*columns).where(c.c.id == case_id)).mappings().one_or_none()
    if found is None or not access.sees_case(this.session, this.runtime.scope, this.actor, {**found}):
        raise CaseNotFound
    if looking.needs_reason(this, {**found}):
        raise ReasonNeeded(case_id)
    return {**found}


def own_row(this: Step, case_id: int) -> dict[str, Any]:
    """The row of a case that the actor has registered, wherever it has gone since, or else may see."""
    c = tables.case
    columns = [column for column in c.c if column.name != "state"]
    query = select(*columns).where(c.c.id == case_id, c.c.started_by == this.actor.account_id)
    found = this.session.execute(query).mappings().one_or_none()
    return {**found} if found else visible_row(this, case_id)


def related(this: Step, row: Mapping[str, Any]) -> list[Related]:
    """The case that began this one and those that it began, as far as the actor sees them."""
    c = tables.case
    kin = or_(c.c.id == row["parent_id"], c.c.parent_id == row["id"])
    columns = [column for column in c.c if column.name != "state"]
    query = select(*columns).where(kin, this.runtime.scope.visible_cases(this.actor)).order_by(c.c.id)
    processes = this.runtime.current(this.session)[1].processes
    return [
        Related(
            id=each["id"],
            number=each["number"],
            name=processes[each["procedure"]].name if each["procedure"] in processes else each["procedure"],
            relation=_relation(processes, row, {**each}),
            stage=each["outcome"] or each["stage"],
            light=clocks.light_of({**each}, this.now) if each["status"] == "open" else None,
            provisional=each["provisional"],
        )
        for each in this.session.execute(query).mappings()
    ]


def _relation(processes: Mapping[str, Process], row: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """How the other case stands to this one: one of the two has begun, or is about, the other."""
    above = other["id"] == row["parent_id"]
    child = processes.get(row["procedure"] if above else other["procedure"])
    if child and child.properties.get(ABOUT):
        return "本件所针对的" if above else "针对本件"
    return "发起本件" if above else "本件发起"


def _seen_papers(this: Step, case_id: int) -> list[Paper]:
    """The papers that the actor's roles see: each as the form that is called like its template (visibility.toml)."""
    scope = this.runtime.scope
    roles = scope.roles_of(this.actor)
    return [each for each in papers(this, case_id) if scope.visible_fields(roles, each.kind).visible]


def papers(this: Step, case_id: int) -> list[Paper]:
    """The papers that a case has issued, in order."""
    p = tables.paper
    query = select(p.c.number, p.c.title, p.c.text, p.c.at, p.c.kind).where(p.c.case_id == case_id).order_by(p.c.id)
    return [Paper(row.number, row.title, row.text, row.at, row.kind) for row in this.session.execute(query)]


def open_tasks(
    this: Step, case_id: int, deadlines: Iterable[DeadlineView] = (), own: OwnPart | None = None
) -> list[OpenTask]:
    """What the case waits for people to do; which of it stands still is read from its `deadlines`.

    With `own` only what is of one's own item.
    """
    paused = {each.task_id: each.paused_text for each in deadlines if each.task_id and each.paused_text}
    t, a = tables.task, tables.account
    query = (
        select(t, a.c.name.label("assignee_name"))
        .outerjoin(a, a.c.id == t.c.assignee)
        .where(t.c.case_id == case_id, t.c.status == "open")
        .order_by(t.c.due_at.is_(None), t.c.due_at)
    )
    if own is not None:
        query = query.where(t.c.instance.in_(sorted(own.instances)))
    return [_open_task(this, {**row}, paused.get(row["id"], "")) for row in this.session.execute(query).mappings()]


def _open_task(this: Step, row: Mapping[str, Any], paused_text: str) -> OpenTask:
    unit = this.runtime.units.find(row["unit_id"])
    role = {**row, "number": row["case_number"]}
    return OpenTask(
        id=row["id"],
        process_id=row["process_id"],
        name=row["name"],
        unit_name=unit.name if unit else ("申请人" if row["place"] == "case" else ""),
        assignee_name=row["assignee_name"],
        due_at=row["due_at"],
        due_text=clocks.due_text(row),
        paused_text=paused_text,
        light=clocks.light_of(row, this.now),
        provisional=row["provisional"],
        may_open=access.has_task_role(this.actor, role)
        and this.runtime.scope.may_open(this.actor, row["role"], row["assignee"]),
    )


def _history_rows(this: Step, case_id: int) -> list[Mapping[str, Any]]:
    h = tables.history
    query = select(h).where(h.c.case_id == case_id).order_by(h.c.seq)
    return [{**row} for row in this.session.execute(query).mappings()]


def _history(this: Step, row: Mapping[str, Any]) -> HistoryRow:
    unit = this.runtime.units.find(row["unit_id"])
    return HistoryRow(
        at=row["at"],
        act=row["act"],
        act_text=ACTS.get(row["act"], row["act"]),
        name=row["name"],
        by_name=row["by_name"],
        for_whom=row["for_whom"],
        unit_name=unit.name if unit else "",
        origin=row["origin"],
        form_version=row["form_version"],
        text=str(row["details"].get("text", "")),
    )


def _diagrams(deployment: Deployment, procedure: str, lines: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The procedure's processes that the case has been in, the outermost first, then in the order of entry."""
    entered = {procedure: None}
    for line in lines:
        for node in line["details"].get("passed", ()):
            entered.setdefault(node.partition(":")[0])
    return [(each, deployment.processes[each].name) for each in entered if each in deployment.processes]


def file(this: Step, case_id: int, sha256: str) -> tuple[str, str, bytes]:
    """Name, type and content of an attachment that the actor sees in the case; `CaseNotFound` otherwise."""
    row = visible_row(this, case_id)
    deployment = this.runtime.deployment(this.session, row["deployment_id"])
    own = own_part(this, deployment, row)
    if own is not None:
        blocks = reading.blocks(this, deployment, case_id, own=own)
        if not any(link.sha256 == sha256 for block in blocks for link in block.files):
            raise CaseNotFound
    a, c = tables.attachment, tables.content
    query = (
        select(a.c.name, a.c.mime, a.c.form_id, a.c.field, c.c.body)
        .join(c, c.c.sha256 == a.c.sha256)
        .where(a.c.case_id == row["id"], a.c.sha256 == sha256)
    )
    roles = this.runtime.scope.roles_of(this.actor)
    for found in this.session.execute(query):
        sight = this.runtime.scope.visible_fields(roles, found.form_id)
        if sight.visible and sight.look(found.field) != "hidden":
            return found.name, found.mime, found.body
    raise CaseNotFound
