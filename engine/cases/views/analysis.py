"""What an analyst sees: every clause with what carries it, every node with its sentence, and what a change would touch.

No case data: numbers of cases and names of steps only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node, Process
from engine.bpmn.errors import ProcedureNotFound
from engine.cases import coverage
from engine.cases.coverage import elements
from engine.cases.coverage.command import reason
from engine.cases.coverage.elements import Elements, Share
from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.store import tables

ROLES = frozenset({"analyst", "administrator"})
MOST = 100  # numbers of cases on a page
_KNOWN: dict[tuple[Path, str], coverage.Coverage] = {}


@dataclass(frozen=True)
class ProcessRow:
    """A diagram in the list: where it lies, how many clauses it names, how far the examples go, cases open on it."""

    process: Process
    folder: str
    clauses: int
    share: Share | None
    open_cases: int


@dataclass(frozen=True)
class Overview:
    """All diagrams, and for each document how many clauses stand how."""

    processes: list[ProcessRow]
    documents: list[tuple[coverage.Document, Mapping[str, int]]]
    open_questions: int  # that the documents leave
    fresh: bool  # whether the examples were played on these very files


@dataclass(frozen=True)
class ClauseRow:
    """A clause with its state, what carries it by kind, and why nothing does."""

    clause: coverage.Clause
    state: str
    carriers: Mapping[str, Sequence[coverage.Carrier]]
    reason: str


@dataclass(frozen=True)
class SwitchRow:
    """A question that the documents leave open, with the answer taken and what carries it by kind."""

    switch: coverage.Switch
    carriers: Mapping[str, Sequence[coverage.Carrier]]
    reason: str = ""


@dataclass(frozen=True)
class NodeRow:
    """A node with the sentences of its clauses, the open questions it settles and the examples that pass it."""

    node: Node
    clauses: list[coverage.Clause]
    switches: list[coverage.Switch]
    beside: list[str]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class DiagramPage:
    """One diagram: its nodes, and what to colour when examples were played."""

    process: Process
    nodes: list[NodeRow]
    share: Share | None
    elements: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Affected:
    """What a changed clause touches: nodes, and numbers of the open cases that stand at one now or may come to one."""

    row: ClauseRow
    nodes: list[tuple[Process, Node]]
    standing: list[tuple[str, str]]  # number of the case, name of the open step
    may_come: int


def check_analyst(this: Step) -> None:
    """`CaseNotFound` unless the actor is an analyst or the administrator today: for others the pages don't exist."""
    if not ROLES & this.actor.roles:
        raise CaseNotFound


def overview(this: Step) -> Overview:
    """The start page."""
    check_analyst(this)
    deployment, found, kept = _read(this)
    open_cases = _open_cases(this)
    rows = []
    for process in sorted(deployment.processes.values(), key=lambda each: deployment.process_file(each.id)):
        named = {clause for node in process.every_node() for clause in node.clauses}
        shown = elements.share(process, kept) if kept else None
        folder = deployment.process_file(process.id).split("/")[1]
        rows.append(ProcessRow(process, folder, len(named), shown, open_cases.get(process.id, 0)))
    return Overview(
        processes=rows,
        documents=[(document, _counts(found, document.id)) for document in found.documents.values()],
        open_questions=len(found.switches),
        fresh=kept is not None and kept.deployment == deployment.id,
    )


def clauses(this: Step, document: str) -> list[ClauseRow]:
    """Every clause of a document; `CaseNotFound` for a document that isn't there."""
    check_analyst(this)
    _, found, _ = _read(this)
    if document not in found.documents:
        raise CaseNotFound
    return [_clause_row(found, clause) for clause in found.of(document)]


def switches(this: Step) -> list[SwitchRow]:
    """Every question that the documents leave open or answer in two ways, in the order of their ids."""
    check_analyst(this)
    _, found, _ = _read(this)
    return [SwitchRow(each, _by_kind(found.carriers(each.id))) for each in found.switches.values()]


def diagram(this: Step, process_id: str) -> DiagramPage:
    """A process of the current deployment with its nodes; `CaseNotFound` when there is none of this id."""
    check_analyst(this)
    deployment, found, kept = _read(this)
    process = deployment.processes.get(process_id)
    if process is None:
        raise CaseNotFound
    rows = [_node_row(found, kept, process, node) for node in process.every_node()]
    coloured = {
        row.node.id: {"state": "done", "text": ""} if row.examples else {"state": "late", "text": "没有例子走到"}
        for row in rows
        if kept
    }
    return DiagramPage(process, rows, elements.share(process, kept) if kept else None, coloured)


def drawing(this: Step, process_id: str) -> bytes:
    """The file of a diagram of the current deployment."""
    check_analyst(this)
    _, deployment = this.runtime.current(this.session)
    try:
        return deployment.files[deployment.process_file(process_id)]
    except ProcedureNotFound as error:
        raise CaseNotFound from error


def affected(this: Step, clause_id: str) -> Affected:
    """What would be touched if this clause changed; `CaseNotFound` for one that isn't listed."""
    check_analyst(this)
    deployment, found, _ = _read(this)
    clause = found.clauses.get(clause_id)
    if clause is None:
        raise CaseNotFound
    nodes = [
        (process, node)
        for process in deployment.processes.values()
        for node in process.every_node()
        if clause_id in node.clauses
    ]
    touched = {process.id for process, _node in nodes}
    procedures = [each for each in deployment.processes if touched & deployment.closure(each)]
    return Affected(
        row=_clause_row(found, clause),
        nodes=nodes,
        standing=_standing(this, nodes),
        may_come=sum(count for name, count in _open_cases(this).items() if name in procedures),
    )


def _read(this: Step) -> tuple[Deployment, coverage.Coverage, Elements | None]:
    """The current deployment, its coverage (computed once for each), and what the examples passed."""
    deployment_id, deployment = this.runtime.current(this.session)
    key = (this.runtime.root, deployment_id)
    if key not in _KNOWN:
        _KNOWN.clear()
        _KNOWN[key] = coverage.compute(this.runtime.root, deployment)
    return deployment, _KNOWN[key], elements.read(this.runtime.root)


def _counts(found: coverage.Coverage, document: str) -> dict[str, int]:
    states = [found.state(clause.id).value for clause in found.of(document)]
    return {state.value: states.count(state.value) for state in coverage.State}


def _clause_row(found: coverage.Coverage, clause: coverage.Clause) -> ClauseRow:
    carriers = _by_kind(found.carriers(clause.id))
    return ClauseRow(clause, found.state(clause.id).value, carriers, reason(found, clause))


def _by_kind(carriers: Sequence[coverage.Carrier]) -> dict[str, list[coverage.Carrier]]:
    found: dict[str, list[coverage.Carrier]] = {}
    for carrier in carriers:
        found.setdefault(carrier.kind, []).append(carrier)
    return found


def _node_row(found: coverage.Coverage, kept: Elements | None, process: Process, node: Node) -> NodeRow:
    known = [found.clauses[each] for each in node.clauses if each in found.clauses]
    settled = [found.switches[each] for each in node.clauses if each in found.switches]
    beside = [each for each in node.clauses if each not in found.clauses and each not in found.switches]
    return NodeRow(node, known, settled, beside, kept.examples(process.id, node.id) if kept else ())


def _open_cases(this: Step) -> dict[str, int]:
    c = tables.case
    query = select(c.c.procedure, func.count()).where(c.c.status == "open").group_by(c.c.procedure)
    return {row[0]: row[1] for row in this.session.execute(query)}


def _standing(this: Step, nodes: Sequence[tuple[Process, Node]]) -> list[tuple[str, str]]:
    t = tables.task
    columns: tuple[Any, ...] = (t.c.case_number, t.c.name, t.c.process_id, t.c.node_id)
    places = {(process.id, node.id) for process, node in nodes}
    query = (
        select(*columns)
        .where(t.c.status == "open", t.c.node_id.in_({node_id for _, node_id in places}))
        .order_by(t.c.case_number)
    )
    found = [row for row in this.session.execute(query) if (row.process_id, row.node_id) in places]
    return [(row.case_number, row.name) for row in found[:MOST]]
