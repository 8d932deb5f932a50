"""Reads a set of files as far as they can be read; what can't becomes a finding, and the rest is still looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.bpmn import decision, diagram
from engine.bpmn.decision import Decision
from engine.bpmn.diagram import Diagram
from engine.bpmn.errors import DiagramError, DiagramNotReadable
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Known, World
from forms import schema
from forms.errors import FormsError
from forms.schema import Form

CODE = "请用建模器打开、改正后重新保存"


def read(files: Mapping[str, bytes], forms: Mapping[str, Form] | None, known: Known) -> tuple[World, list[Finding]]:
    """The world that the files make, and what couldn't be read; forms in the files are added to `forms`."""
    findings: list[Finding] = []
    diagrams = dict(_diagrams(files, findings))
    decisions, paths = _decisions(files, findings)
    processes = {p.id: p for drawn in diagrams.values() for p in drawn.processes if p.executable}
    found = {**(forms or {}), **_forms(files, findings)}
    has_forms = forms is not None or any(path.endswith(".form") for path in files)
    return World(diagrams, processes, decisions, paths, found if has_forms else None, known), findings


def _diagrams(files: Mapping[str, bytes], findings: list[Finding]) -> Iterator[tuple[str, Diagram]]:
    for path in sorted(files):
        if path.endswith(".bpmn"):
            try:
                yield path, diagram.read(files[path], path)
            except DiagramNotReadable as error:
                findings.append(Finding(path, "", "", "file", "error", error.reason.rstrip("。"), CODE))


def _decisions(files: Mapping[str, bytes], findings: list[Finding]) -> tuple[dict[str, Decision], dict[str, str]]:
    decisions: dict[str, Decision] = {}
    paths: dict[str, str] = {}
    for path in sorted(files):
        if not path.endswith(".dmn"):
            continue
        try:
            found = decision.read(files[path], path)
        except DiagramError as error:
            findings.append(
                Finding(path, getattr(error, "decision", ""), "", "decision", "error", str(error).rstrip("。"), CODE)
            )
            continue
        for twice in sorted(found.keys() & decisions.keys()):
            message = f"决策编号「{twice}」在 {paths[twice]} 里已经用过"
            findings.append(Finding(path, twice, "", "decision-twice", "error", message, "请改掉其中一个编号"))
        decisions.update(found)
        paths.update(dict.fromkeys(found, path))
    return decisions, paths


def _forms(files: Mapping[str, bytes], findings: list[Finding]) -> dict[str, Form]:
    found: dict[str, Form] = {}
    for path in sorted(files):
        form_id = Path(path).stem
        if path.endswith(".form"):
            try:
                found[form_id] = schema.load(files[path].decode(), form_id)
            except FormsError as error:
                key = getattr(error, "key", "")
                findings.append(
                    Finding(path, form_id, key, "form", "error", error.message.rstrip("。"), "请在表单设计页面改正")
                )
            except UnicodeDecodeError:
                message = "表单文件不是 UTF-8 编码"
                findings.append(Finding(path, form_id, "", "form", "error", message, "请用 UTF-8 重新保存"))
    return found
