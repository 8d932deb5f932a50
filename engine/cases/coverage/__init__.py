"""Hides how the clauses of the documents are traced to what carries them out, and back."""

from engine.cases.coverage.carriers import Carrier, Mention
from engine.cases.coverage.clauses import Clause, Document
from engine.cases.coverage.command import add_arguments, run
from engine.cases.coverage.errors import ClausesNotReadable
from engine.cases.coverage.matching import Coverage, State, compute
from engine.cases.coverage.switches import Switch

__all__ = [
    "Carrier",
    "Clause",
    "ClausesNotReadable",
    "Coverage",
    "Document",
    "Mention",
    "State",
    "Switch",
    "add_arguments",
    "compute",
    "run",
]
