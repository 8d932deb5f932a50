"""The analysts' pages: every clause with its sentence, every node with its clause, and what a change would touch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bpmn.deployment import Deployment, read_folder
from engine.cases import scenario
from engine.cases.coverage import elements
from tests.support.app import Desk, Register, World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def analyst(world: World) -> Desk:
    return world.desk("cz_analyst")


@pytest.fixture
def played(world: World) -> Iterator[None]:
    """One example was played on the deployed files; what the checkout had kept comes back afterwards."""
    file = world.runtime.root / elements.FILE
    before = file.read_bytes() if file.exists() else None
    example = scenario.read(ROOT / "processes/full_online/scenarios/approved_without_objection.yaml")
    report = scenario.Report(example, passed={"full_online_steps:decide_approval", "material_review:check_materials"})
    elements.keep(world.runtime.root, Deployment(read_folder(ROOT)), [report])
    yield
    file.unlink() if before is None else file.write_bytes(before)


def test_the_overview_counts_the_clauses_of_each_document(analyst: Desk) -> None:
    text = analyst.get("/desk/analysis/").text
    assert "池州市推进社会救助“全程网办”和“市内通办”工作方案" in text
    assert "社会救助全程网办" in text


def test_a_clause_stands_with_its_sentence_and_what_carries_it(analyst: Desk) -> None:
    text = analyst.get("/desk/analysis/documents/S0").text
    assert "在 1 个工作日内对材料齐全、符合要求的申请应当予以受理" in text
    assert "审查申请材料" in text


def test_a_node_stands_with_the_sentence_of_the_document(analyst: Desk) -> None:
    text = analyst.get("/desk/analysis/diagrams/material_review").text
    assert "一次性告知需要补充的材料" in text
    assert analyst.get("/desk/analysis/diagrams/material_review.bpmn").mimetype == "application/xml"


def test_a_changed_clause_lists_its_nodes_and_the_cases_that_stand_there(analyst: Desk, register: Register) -> None:
    register()
    text = analyst.get("/desk/analysis/clauses/S0-12").text
    assert "会经过这些环节的在办办件共 1 件，其中 1 项待办正停在这些环节" in text
    assert "韦小宝" not in text


def test_what_the_documents_leave_open_stands_with_its_answer_and_where_to_change_it(analyst: Desk) -> None:
    assert "/desk/analysis/switches" in analyst.get("/desk/analysis/").text
    text = analyst.get("/desk/analysis/switches").text
    assert "公示多少天，最后一日逢休息日怎么算" in text
    assert "可选：7日；7个工作日；5个工作日" in text
    assert "shared/place_rules.dmn：公示期限（按地区、日期）" in text
    assert "公示满7个工作日" in text  # a node that names A-02
    node = analyst.get("/desk/analysis/diagrams/public_notice").text
    assert "公示多少天，最后一日逢休息日怎么算" in node


@pytest.mark.usefixtures("played")
def test_the_diagram_shows_which_elements_no_example_has_passed(analyst: Desk) -> None:
    text = analyst.get("/desk/analysis/diagrams/material_review").text
    assert '"check_materials": {"state": "done", "text": ""}' in text
    assert "没有例子走到" in text
    assert "例子还没有在现在这一版流程图上跑过" not in analyst.get("/desk/analysis/").text


PATHS = ("", "documents/S0", "clauses/S0-12", "diagrams/full_online", "diagrams/full_online.bpmn")


@pytest.mark.parametrize("path", PATHS)
def test_the_pages_do_not_exist_for_others(world: World, path: str) -> None:
    assert world.desk("qp_window").get(f"/desk/analysis/{path}").status_code == 404


@pytest.mark.parametrize("path", ["documents/S9", "clauses/S0-99", "diagrams/nowhere", "diagrams/nowhere.bpmn"])
def test_what_is_not_there_is_not_found(analyst: Desk, path: str) -> None:
    assert analyst.get(f"/desk/analysis/{path}").status_code == 404
