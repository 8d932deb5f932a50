"""Which clause is carried by what, and which isn't: the documents and the checkout laid side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

from engine.bpmn.deployment import Deployment, read_folder
from engine.cases.coverage import carriers, clauses, switches
from engine.cases.coverage.carriers import ABOVE, ALONE, Carrier, Mention
from engine.cases.coverage.clauses import Clause, Document
from engine.cases.coverage.switches import Switch


class State(Enum):
    """How it stands with a clause."""

    CARRIED = "已落实"
    MISSING = "未落实"
    AWAITS = "流程尚未绘制"
    NOT_SOFTWARE = "软件之外"


@dataclass(frozen=True)
class Coverage:
    """Both directions: `carriers(id)` of a clause, `mentions` with the clauses of each node, form, table, scenario."""

    documents: Mapping[str, Document]
    clauses: Mapping[str, Clause]
    switches: Mapping[str, Switch]
    mentions: tuple[Mention, ...]
    beside: frozenset[str]  # ids that are no clauses, but may be named
    drawn: frozenset[str]  # folders of processes/ that hold a diagram, and `folder/diagram`
    absent: Mapping[str, tuple[str, ...]]  # clause -> names of `carried_by` behind which there is nothing
    lost: Mapping[str, tuple[str, ...]]  # switch -> files that its `where` names and that are not there

    @cached_property
    def _carriers(self) -> Mapping[str, tuple[Carrier, ...]]:
        found: dict[str, list[Carrier]] = {}
        for mention in self.mentions:
            for clause_id in mention.clauses:
                found.setdefault(clause_id, []).append(mention.carrier)
        return {clause_id: tuple(dict.fromkeys(each)) for clause_id, each in found.items()}

    def carriers(self, clause_id: str) -> tuple[Carrier, ...]:
        """What names the clause: nodes, forms, decisions, tables, limits, scenarios, then pages, topics and papers."""
        return self._carriers.get(clause_id, ())

    def state(self, clause_id: str) -> State:
        """A clause is carried when something does it: a limit or a scenario that only names it is not enough."""
        clause = self.clauses[clause_id]
        if any(carrier.kind in ALONE for carrier in self.carriers(clause_id)):
            return State.CARRIED
        if not clause.software:
            return State.NOT_SOFTWARE
        return State.MISSING if clause.procedure in self.drawn else State.AWAITS

    def of(self, document: str = "") -> list[Clause]:
        """The clauses of one document, or all."""
        return [clause for clause in self.clauses.values() if document in ("", clause.document)]

    def missing(self, document: str = "") -> list[Clause]:
        """Clauses that software can do and whose procedure is drawn, but that nothing carries."""
        return [clause for clause in self.of(document) if self.state(clause.id) is State.MISSING]

    def untried(self, document: str = "") -> list[Clause]:
        """Clauses that are carried, but that no scenario names."""
        return [clause for clause in self.of(document) if self._carried_untried(clause.id)]

    def _carried_untried(self, clause_id: str) -> bool:
        kinds = {carrier.kind for carrier in self.carriers(clause_id)}
        return "node" in kinds and "scenario" not in kinds

    @property
    def unknown(self) -> list[tuple[Carrier, str]]:
        """Ids that are named but not listed: slips of the pen."""
        return [(mention.carrier, each) for mention in self.mentions for each in mention.clauses if self._strange(each)]

    def _strange(self, clause_id: str) -> bool:
        return clause_id not in self.clauses and clause_id not in self.beside and not ABOVE.match(clause_id)

    def nodes_without_clause(self) -> Iterator[Carrier]:
        """Tasks, calls and events that don't say which clause they carry out; gateways and plain ends needn't."""
        return (mention.carrier for mention in self.mentions if mention.acts and not mention.clauses)


def compute(root: Path, deployment: Deployment | None = None) -> Coverage:
    """The coverage of the checkout at `root`, or of a deployment beside the checkout's clauses, examples and pages.

    `ClausesNotReadable` for the list of clauses; errors of a diagram, form, table or scenario pass through.
    """
    listed = clauses.read(root)
    deployment = deployment or Deployment(read_folder(root))
    open_questions = switches.read(deployment.files)
    lost = {switch.id: switch.lost(deployment.files) for switch in open_questions.values()}
    missing = {clause.id: tuple(carriers.absent(root, clause)) for clause in listed.clauses.values()}
    return Coverage(
        documents=listed.documents,
        clauses=listed.clauses,
        switches=open_questions,
        mentions=tuple(carriers.find(root, deployment, listed.clauses)),
        beside=listed.beside | open_questions.keys(),
        drawn=frozenset(name for path in deployment.diagrams for name in _drawn(path)),
        absent={clause_id: names for clause_id, names in missing.items() if names},
        lost={switch_id: names for switch_id, names in lost.items() if names},
    )


def _drawn(path: str) -> tuple[str, str]:
    """`full_online` and `full_online/full_online` of processes/full_online/full_online.bpmn."""
    folder = path.split("/")[1]
    return folder, f"{folder}/{Path(path).stem}"
