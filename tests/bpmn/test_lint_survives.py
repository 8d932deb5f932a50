"""Whatever is missing from a diagram, the gate answers with findings: it never breaks, and never hangs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.deployment import read_folder
from engine.bpmn.lint import lint
from engine.bpmn.xml import BPMN, parse
from engine.cases.gate import known_at

ROOT = Path(__file__).parents[2]
FILES = read_folder(ROOT)
FORMS = {path: content for path, content in FILES.items() if path.endswith(".form")}
KNOWN = known_at(ROOT)


@pytest.mark.parametrize("path", ["processes/shared/public_notice.bpmn", "processes/shared/joint_review.bpmn"])
def test_a_diagram_with_any_one_element_or_reference_missing_is_still_answered(path: str) -> None:
    count = len(list(parse(FILES[path], path).iter(f"{{{BPMN}}}*")))
    refused = 0
    for number in range(1, count):
        root = parse(FILES[path], path)
        element = list(root.iter(f"{{{BPMN}}}*"))[number]
        parent = element.getparent()
        assert parent is not None
        for name in ("sourceRef", "targetRef", "attachedToRef", "messageRef", "calledElement"):
            if element.get(name) and number % 2:
                element.set(name, "gone")
                break
        else:
            parent.remove(element)
        refused += bool(lint({path: etree.tostring(root)}, known=KNOWN))
    assert refused > count / 3


def test_a_form_that_is_no_form_is_a_finding() -> None:
    files = {path: (b"[]" if path.endswith("/decision.form") else content) for path, content in FILES.items()}
    assert {"form", "form-unknown"} <= {finding.rule for finding in lint(files, known=KNOWN)}


def test_a_field_that_a_gateway_asks_for_cannot_be_taken_out_of_its_form() -> None:
    path = "forms/definitions/decision.form"
    content = json.loads(FILES[path])
    content["components"] = [part for part in content["components"] if part.get("type") == "text"]
    findings = lint({**FILES, path: json.dumps(content).encode()}, known=KNOWN)
    assert "fact-unknown" in {finding.rule for finding in findings}
