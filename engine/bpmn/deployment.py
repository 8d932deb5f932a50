"""An immutable, content-addressed set of diagrams, tables and forms; hides how the files become what runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from engine.bpmn import build, decision, diagram
from engine.bpmn.decision import Decision
from engine.bpmn.diagram import Diagram, Node, Process
from engine.bpmn.errors import DiagramError, ProcedureNotFound
from engine.bpmn.lint import Finding
from engine.bpmn.named import named_by, named_by_instances, split
from engine.bpmn.tokens import LeanProcess
from forms import schema
from forms.schema import Form

PROCESS_FILES = (".bpmn", ".dmn", ".toml")


class DeploymentRefused(DiagramError):
    """The gate found errors: `findings` holds them all, warnings too."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        wrong = [finding for finding in findings if finding.is_error]
        super().__init__(
            f"流程没有通过检查，共 {len(wrong)} 处错误，第一处：{wrong[0]}" if wrong else "流程没有通过检查"
        )
        self.findings = tuple(findings)


class Deployment:
    """The files and, read when first asked for, what they hold. Two sets of equal files have the same `id`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files: Mapping[str, bytes] = MappingProxyType(dict(files))
        self._wanted: dict[str, frozenset[str]] = {}
        self._works: dict[str, frozenset[str]] = {}

    @cached_property
    def id(self) -> str:
        """SHA-256 over the sorted paths and the digests of their contents."""
        total = hashlib.sha256()
        for path in sorted(self.files):
            total.update(f"{path}\0{hashlib.sha256(self.files[path]).hexdigest()}\n".encode())
        return total.hexdigest()

    @cached_property
    def diagrams(self) -> Mapping[str, Diagram]:
        """All diagrams by path."""
        return {path: diagram.read(self.files[path], path) for path in self._paths(".bpmn")}

    @cached_property
    def processes(self) -> Mapping[str, Process]:
        """All executable processes by id."""
        return {p.id: p for drawn in self.diagrams.values() for p in drawn.processes if p.executable}

    @cached_property
    def decisions(self) -> Mapping[str, Decision]:
        """All decisions by id."""
        found: dict[str, Decision] = {}
        for path in self._paths(".dmn"):
            found.update(decision.read(self.files[path], path))
        return found

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """All forms by id, which is the file's name without its ending."""
        return {form_id(path): schema.load(self.files[path].decode(), form_id(path)) for path in self._paths(".form")}

    @cached_property
    def specs(self) -> Mapping[str, LeanProcess]:
        """What `Live` runs; the files have passed the gate."""
        return build.specs(self.processes, self.decisions)

    def diagram(self, path: str) -> Diagram:
        """The diagram of this file; KeyError when the set has no such file."""
        return self.diagrams[path]

    def process_file(self, process_id: str) -> str:
        """The path of the file that holds the process, else `ProcedureNotFound`."""
        for path, drawn in self.diagrams.items():
            if any(process.id == process_id for process in drawn.processes):
                return path
        raise ProcedureNotFound(process_id)

    def closure(self, process_id: str) -> frozenset[str]:
        """Ids of the process and of all that it calls, at any depth; `ProcedureNotFound` when one is missing."""
        found: set[str] = set()
        open_ids = [process_id]
        while open_ids:
            current = open_ids.pop()
            if current in found:
                continue
            if current not in self.processes:
                raise ProcedureNotFound(current)
            found.add(current)
            open_ids += [node.called for node in self.processes[current].every_node() if node.kind == "call"]
        return frozenset(found)

    def wanted_facts(self, process_id: str) -> frozenset[str]:
        """Facts that anything in the process's closure names: only these travel in workflow data."""
        if process_id not in self._wanted:
            self._wanted[process_id] = frozenset(
                name
                for called in self.closure(process_id)
                for process in self.processes[called].every_process()
                for node in process.nodes.values()
                for name in self._wanted_at(process, node)
            )
        return self._wanted[process_id]

    def works(self, process_id: str) -> frozenset[str]:
        """The topics of the process and of all that it calls: what such a case can leave anything of."""
        if process_id not in self._works:
            called = (self.processes[each] for each in self.closure(process_id))
            self._works[process_id] = frozenset(node.works for each in called for node in each.every_node())
        return self._works[process_id]

    def _wanted_at(self, process: Process, node: Node) -> Iterator[str]:
        for named in named_by(process, node, self.decisions):
            yield from named.names
        yield from named_by_instances(node)
        yield from split(node.properties.get("gives", ""))  # no form of this case says it, only whoever sent it
        for form in (node.form, node.properties.get("form", "")):
            if form in self.forms:
                yield from self.forms[form].needs

    def _paths(self, ending: str) -> list[str]:
        return sorted(path for path in self.files if path.endswith(ending))


def form_id(path: str) -> str:
    """`application` of `forms/definitions/application.form`."""
    return Path(path).stem


def read_folder(root: Path) -> dict[str, bytes]:
    """The files that make a deployment, by path below `root`: diagrams, tables and policy of processes/, and forms."""
    found = [path for path in (root / "processes").rglob("*") if path.suffix in PROCESS_FILES]
    found += (root / "forms" / "definitions").glob("*.form")
    found += (root / "forms" / "papers").glob("*.txt")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(found) if path.is_file()}
