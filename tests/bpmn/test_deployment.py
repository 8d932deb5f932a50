"""A deployment is its files: the same files are the same deployment, and it says what it will need."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from engine.bpmn.deployment import Deployment, DeploymentRefused, read_folder
from engine.bpmn.errors import ProcedureNotFound
from engine.bpmn.lint import lint
from engine.cases.gate import known_at
from tests.support.diagrams import chain, definitions, end, flow, line, process, start, user
from tests.support.tables import decisions, table

ROOT = Path(__file__).parents[2]


def note(*keys: str) -> bytes:
    fields = [{"type": "textfield", "key": key, "label": key, "id": key} for key in keys]
    return json.dumps({"type": "default", "schemaVersion": 16, "id": "note", "components": fields}).encode()


CALLED = (
    start("s") + '<bpmn:businessRuleTask id="r" name="r" camunda:decisionRef="t"/>' + end("e") + chain("s", "r", "e")
)
CALLER = (
    start()
    + user("x")
    + '<bpmn:exclusiveGateway id="g" name="g" default="g_end"/>'
    + '<bpmn:callActivity id="k" name="k" calledElement="q"/>'
    + end()
    + chain("start", "x", "g", "end")
    + flow("g", "k", "意见 = 1")
    + flow("k", "end")
)
FILES = {
    "processes/a/p.bpmn": definitions(process("p", CALLER)),
    "processes/a/q.bpmn": definitions(process("q", CALLED)),
    "processes/a/t.dmn": decisions(table("t", ["收入"], ["类别"], [["< 700", '"低保"']])),
    "forms/definitions/note.form": note("意见", "收入", "住址"),
}


def test_the_same_files_are_the_same_deployment() -> None:
    assert Deployment(FILES).id == Deployment(dict(reversed(FILES.items()))).id


@pytest.mark.parametrize("path", FILES)
def test_a_changed_or_moved_file_is_another_deployment(path: str) -> None:
    changed = FILES | {path: FILES[path] + b" "}
    moved = {("x" + name if name == path else name): content for name, content in FILES.items()}
    assert len({Deployment(FILES).id, Deployment(changed).id, Deployment(moved).id}) == 3


def test_only_the_facts_that_something_names_travel_with_the_case() -> None:
    deployment = Deployment(FILES)
    assert deployment.wanted_facts("p") == {"意见", "收入"}
    assert deployment.wanted_facts("q") == {"收入"}


def test_a_process_is_found_in_its_file() -> None:
    deployment = Deployment(FILES)
    assert deployment.process_file("q") == "processes/a/q.bpmn"
    assert deployment.diagram("processes/a/q.bpmn").processes[0].id == "q"
    assert deployment.closure("p") == {"p", "q"}
    with pytest.raises(ProcedureNotFound):
        deployment.process_file("nothing")


def test_the_files_of_a_folder_are_read_and_nothing_else(tmp_path: Path) -> None:
    for path, content in {**FILES, "processes/a/scenarios/s.yaml": b"", "README.md": b""}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "processes" / "policy").mkdir()
    (tmp_path / "processes" / "policy" / "limits.toml").write_bytes(b"")
    assert read_folder(tmp_path) == FILES | {"processes/policy/limits.toml": b""}


def test_a_refusal_says_how_many_errors_and_the_first() -> None:
    wrong = definitions(process("p", CALLER.replace("意见 = 1", "意件 = 1")))
    refused = DeploymentRefused(lint(FILES | {"processes/a/p.bpmn": wrong}))
    assert str(refused).startswith("流程没有通过检查，共 1 处错误，第一处：processes/a/p.bpmn:1 「g」（g） 流向")
    assert [finding.rule for finding in refused.findings if finding.is_error] == ["fact-unknown"]


def test_our_own_processes_pass_the_gate_without_a_word() -> None:
    assert [str(finding) for finding in lint(read_folder(ROOT), known=known_at(ROOT))] == []


def test_our_own_processes_are_read_and_built_in_a_second() -> None:
    files = read_folder(ROOT)
    begin = time.process_time()
    deployment = Deployment(files)
    assert deployment.specs.keys() >= deployment.processes.keys()
    assert deployment.forms
    assert time.process_time() - begin < 1


def test_a_line_of_two_hundred_tasks_is_checked_in_a_second() -> None:
    taken = []
    for _ in range(2):  # the quicker one: other tests may run beside this one
        begin = time.process_time()
        assert [finding for finding in lint({"p.bpmn": line(200)}) if finding.is_error] == []
        taken.append(time.process_time() - begin)
    assert min(taken) < 1
