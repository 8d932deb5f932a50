"""全程网办: a spoilt diagram is noticed by its dated examples; an ordinary case asks little of the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.counting import Counter
from bench.procedure import Measured
from engine.bpmn.deployment import Deployment, read_folder
from engine.cases import Runtime, demo, deploy, scenario, step
from tests.processes.conftest import ROOT

FOLDER = ROOT / "processes" / "full_online" / "scenarios"
EXAMPLES = {each.path.stem: each for each in scenario.find([FOLDER])}
DEPLOYED = Deployment(read_folder(ROOT))
NOTHING = 'name="note" value=""'
BREAKAGES = [
    ("shared/decision.bpmn", ">5个工作日<", ">6个工作日<", "late_decision"),
    ("shared/public_notice.bpmn", ">7日<", ">6日<", "approved_without_objection"),
    ("shared/verification.bpmn", '"county_head@hukou_county"', '"county_clerk@hukou_county"', "late_verification"),
    ("shared/refusal.bpmn", '"from" value="结论时间"', '"from" value="受理时间"', "refused_by_review"),
    ("shared/home_survey.bpmn", 'assignee="${调查员二}"', 'assignee="${调查员一}"', "survey_corrected"),
    ("shared/material_review.bpmn", 'name="different_from" value="applied"', NOTHING, "window_agency"),
    ("shared/applicant_died.bpmn", 'name="suspends" value="true"', NOTHING, "death_dibao_before_review"),
    ("shared/confirmation.bpmn", '且 itemId = "特困"', '且 itemId = "低保"', "objection_overruled_tekun"),
    ("shared/self_care_assessment.bpmn", ">15个工作日<", ">16个工作日<", "late_care_assessment"),
    ("shared/home_survey.bpmn", 'itemId = "特困"', 'itemId = "低保"', "care_dependent"),
    ("shared/joint_review.bpmn", 'itemId = "特困"', 'itemId = "低保"', "tekun_supporter_unclear"),
    ("shared/supporter_ability.dmn", '"不属于"', '"没有查清"', "tekun_supporter_able"),
    ("shared/lower_offer.bpmn", '可转事项 = "低保"', '可转事项 = "特困"', "tekun_supporter_able"),
    ("full_online/full_online_steps.bpmn", "跨乡镇 = 真", "跨乡镇 = 假", "hukou_elsewhere"),
]


@pytest.fixture(scope="module")
def office_to_break(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """An office of its own, whose diagrams a test may spoil."""
    runtime = demo.empty_office(f"sqlite:///{tmp_path_factory.mktemp('broken') / 'office.db'}", ROOT)
    yield runtime
    runtime.store.close()


@pytest.mark.parametrize("path, drawn, spoilt, name", BREAKAGES, ids=[row[3] for row in BREAKAGES])
def test_a_spoilt_diagram_is_noticed(office_to_break: Runtime, path: str, drawn: str, spoilt: str, name: str) -> None:
    files = dict(DEPLOYED.files)
    key = str(Path("processes") / path)
    assert drawn in files[key].decode()
    files[key] = files[key].decode().replace(drawn, spoilt).encode()
    with step(office_to_break, demo.OPERATOR, datetime.now(UTC)) as this:
        deploy.deploy(this, files)

    assert scenario.Run(office_to_break, EXAMPLES[name]).play().failure


def test_an_ordinary_case_takes_few_statements_and_one_commit_a_step(real_office: Runtime) -> None:
    run = Measured(real_office, EXAMPLES["approved_without_objection"], Counter(real_office), pages=False)
    report = run.play()

    assert report.ok, report.failure
    assert set(run.completes.commits) == {1}
    assert (
        sorted(run.completes.statements)[len(run.completes.statements) // 2] <= 10
    )  # a limit that began before its step asks for outages, a computed amount is kept
    assert max(run.completes.statements) <= 20  # the family enters the register; its benefit is granted
