"""变更待遇: nothing is taken from a family that was not told; only a benefit that runs can be changed (S2-14)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.bpmn.deployment import Deployment, read_folder
from engine.bpmn.diagram import Flow, Process
from engine.cases import Runtime, scenario
from tests.processes.conftest import ROOT

EXAMPLES = ROOT / "processes/devolved/scenarios"
DEPLOYED = Deployment(read_folder(ROOT))
CHANGE = DEPLOYED.processes["benefit_change"]
ENTRY = "benefit_change_entry"
TAKES_AWAY = ("benefit.stop", "benefit.change")


def reached(process: Process, *, without: str, unless: str) -> set[str]:
    """Ids of the nodes that are reached from the starts without passing `without`, but for flows that say `unless`."""

    def passes(flow: Flow) -> bool:
        return flow.target != without and unless not in (flow.condition or "")

    found = [node.id for node in process.nodes.values() if node.kind == "start"]
    for node_id in found:
        found += [flow.target for flow in process.leaving(node_id) if passes(flow) and flow.target not in found]
        found += [each.id for each in process.boundary(node_id) if each.id not in found]
    return set(found)


def test_nothing_is_reduced_or_stopped_before_the_family_was_told() -> None:
    assert "enter_change" not in reached(CHANGE, without="hear_family", unless='变更意见 = "增发"')
    assert "enter_change" in reached(CHANGE, without="hear_family", unless="never")  # an increase needs no telling


def test_what_was_told_is_what_is_entered() -> None:
    for form in ("benefit_change_told", "benefit_change_decision", "benefit_change_statement"):
        told = DEPLOYED.forms[form].fields["变更意见"]
        assert told.raw.get("readonly"), form  # nobody decides something else than what the family was told


def test_only_after_a_decision_is_a_benefit_stopped() -> None:
    works = {node.id: node.works for node in CHANGE.every_node()}
    assert not set(TAKES_AWAY) & set(works.values())
    callers = {
        process.id for process in DEPLOYED.processes.values() for node in process.every_node() if node.called == ENTRY
    }
    assert callers == {"benefit_change"}


@pytest.mark.parametrize(
    "number, words",
    [
        ("{先办:待遇编号}", "发放到2026-06已经终止，不能再变更；需要恢复的请重新申请"),
        ("没有的编号", "救助台账里没有这个编号的待遇"),
    ],
)
def test_what_has_ended_or_is_unknown_is_refused_at_the_field(
    real_office: Runtime, tmp_path: Path, number: str, words: str
) -> None:
    report = scenario.Run(real_office, scenario.read(asked(tmp_path, "qp_clerk", number))).play()

    assert report.failure is not None
    assert "救助证号：" in report.failure
    assert words in report.failure


def test_a_benefit_of_another_township_is_unknown(real_office: Runtime, tmp_path: Path) -> None:
    report = scenario.Run(real_office, scenario.read(asked(tmp_path, "yd_clerk", "{先办:待遇编号}"))).play()

    assert report.failure is not None
    assert "不在您的查看范围内" in report.failure


def asked(folder: Path, who: str, number: str) -> Path:
    """An example that asks for a change after one that has stopped the benefit."""
    examples = folder / "devolved/scenarios"
    examples.mkdir(parents=True)
    others = folder / "full_online/scenarios"
    shutil.copytree(EXAMPLES.parents[1] / "full_online/scenarios", others)
    for name in ("_samples.yaml", "change_stopped.yaml"):
        shutil.copy(EXAMPLES / name, examples)
    path = examples / "asked.yaml"
    path.write_text(
        f"""name: 再要求变更
procedure: benefit_change
start:
  before: {{like: change_stopped.yaml}}
  at: 2026-07-10 10:00
  by: {who}
  with: {{救助证号: "{number}", 变更事项: 减发, 变更原因: 收入增加, 情况说明: 再减。}}
steps: []
""",
        encoding="utf-8",
    )
    return path
