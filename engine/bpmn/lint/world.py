"""Everything the rules look at: the files, read; and what the platform knows beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.bpmn.decision import Decision
from engine.bpmn.diagram import Diagram, Node, Process
from engine.bpmn.lint.finding import Finding, Severity
from engine.clock.register import Register
from forms.schema import Form

IsHeld = Callable[[str, str], bool]
IsPlace = Callable[[str, Iterable[str]], bool]


@dataclass(frozen=True)
class Known:
    """What the platform knows beside the files; None means that this isn't checked.

    `roles` are role ids; `is_place(name, bound)` says whether a diagram may name a place when forms bind those of
    `bound`; `is_held(role, place)` whether anybody holds the role there; `limits` is the register, `pauses` are the
    kinds of pause; `topics` maps each topic to the facts it gives, `parameters` are the properties that topics read;
    `facts` are those of every case, given by the platform; `begun` are those procedures that the
    catalogue of items names; `occasions` are those on which the clock begins a procedure.
    """

    roles: Collection[str] | None = None
    is_place: IsPlace | None = None
    is_held: IsHeld | None = None
    limits: Register | None = None
    pauses: Collection[str] | None = None
    topics: Mapping[str, Collection[str]] | None = None
    parameters: Collection[str] | None = None
    facts: Collection[str] = ()
    begun: Collection[str] = ()
    occasions: Collection[str] | None = None


@dataclass(frozen=True)
class World:
    """The read files. `forms` is None when no forms were given: then form keys aren't checked."""

    diagrams: Mapping[str, Diagram]
    processes: Mapping[str, Process]
    decisions: Mapping[str, Decision]
    decision_paths: Mapping[str, str]
    forms: Mapping[str, Form] | None
    known: Known = field(default_factory=Known)

    def scopes(self) -> Iterator[Scope]:
        """Every executable process and every body of a subprocess."""
        for path, drawn in self.diagrams.items():
            for outer in drawn.processes:
                for process in outer.every_process() if outer.executable else ():
                    yield Scope(self, path, process, outer)

    def form(self, form_id: str) -> Form | None:
        """The form, or None when there's no such form."""
        return (self.forms or {}).get(form_id)


@dataclass(frozen=True)
class Scope:
    """One process, or the inside of one subprocess, with the file it stands in."""

    world: World
    path: str
    process: Process
    outer: Process

    @property
    def is_inner(self) -> bool:
        """Whether it is the inside of a subprocess."""
        return self.process is not self.outer

    def error(self, node: Node | None, rule: str, message: str, hint: str) -> Finding:
        """An error at the node, or at the process itself."""
        return self._finding(node, rule, "error", message, hint)

    def warning(self, node: Node | None, rule: str, message: str, hint: str) -> Finding:
        """A warning at the node, or at the process itself."""
        return self._finding(node, rule, "warning", message, hint)

    def _finding(self, node: Node | None, rule: str, severity: Severity, message: str, hint: str) -> Finding:
        if node is None:
            return Finding(self.path, self.process.id, self.process.name, rule, severity, message, hint)
        return Finding(self.path, node.id, node.name, rule, severity, message, hint, node.line)


Rule = Callable[[Scope], Iterator[Finding]]


def named(node: Node) -> str:
    """`「入户调查」（survey）`, or the id alone."""
    return f"「{node.name}」（{node.id}）" if node.name else f"「{node.id}」"
