"""The demo office: forty different families, spread over every stage, made by the real verbs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.cases import Runtime, demo, sweep
from engine.cases.views.case import ACTS
from engine.store import tables
from tests.processes.conftest import ROOT

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)  # a Saturday noon
STAGES = {
    "已提交", "待补正", "已受理", "调查核对中", "待评审", "评审中", "公示中", "异议处理中", "待决定", "确认同意",
    "已备案", "在享", "归档", "撤回", "死亡终结",
}  # fmt: skip
OUTCOMES = {"确认同意", "不予确认", "撤回", "视为撤回", "死亡终结", "终止审核"}


@pytest.fixture(scope="module")
def demo_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The office as `jiuzhu serve` makes it on that day."""
    runtime = demo.empty_office(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}", ROOT)
    assert demo.load(runtime, ROOT, NOW, say=lambda text: None) == len(demo.read(ROOT)) >= 41
    yield runtime
    runtime.store.close()


def rows(office: Runtime, table: Any) -> list[dict[str, Any]]:
    """Every row of a table."""
    with office.store.transaction(write=False) as session:
        return [{**row} for row in session.execute(select(table)).mappings()]


def test_the_cases_stand_at_every_stage_and_end_in_every_way(demo_office: Runtime) -> None:
    cases = rows(demo_office, tables.case)

    assert {case["stage"] for case in cases} >= STAGES
    assert {case["outcome"] for case in cases if case["status"] == "closed"} >= OUTCOMES
    assert {case["item"] for case in cases} >= {"低保", "特困"}
    assert {case["unit_id"] for case in cases} >= {"qiupu", "yaodu"}
    assert len({case["places"].get("hukou_village") for case in cases}) >= 5


def test_every_family_is_another_one(demo_office: Runtime) -> None:
    cases = rows(demo_office, tables.case)

    # a township's, a meeting's, leads that name nobody yet, reports that never name who reported, supervision
    of_offices = ("/payment_", "/joint_meeting_", "discovery/", "/complaint_", "/outside_", "/social_", "/nothing_to_")
    families = len([each for each in demo.read(ROOT) if not any(name in each.scenario for name in of_offices)])

    assert len({case["applicant_name"] for case in cases if case["applicant_name"]}) >= families
    assert len({case["applicant_id_no"] for case in cases if case["applicant_id_no"]}) >= families
    assert all(
        case["applicant_id_no"][6:9] == "188" for case in cases if case["applicant_id_no"]
    )  # nobody alive has such a number


def test_nobody_signs_under_the_name_of_the_example(demo_office: Runtime) -> None:
    written = "".join(str(row["values"]) for row in rows(demo_office, tables.submission))

    assert not [name for name in ("王大明", "李小芳", "王小宝", "周大爷", "纪大山", "丁阿婆") if name in written]


def test_every_line_of_the_history_says_in_words_what_happened(demo_office: Runtime) -> None:
    assert {row["act"] for row in rows(demo_office, tables.history)} <= set(ACTS)


def test_three_cases_are_overdue_one_is_objected_to_and_a_deadline_is_provisional(demo_office: Runtime) -> None:
    tasks = [task for task in rows(demo_office, tables.task) if task["status"] == "open"]
    late = {task["case_id"] for task in tasks if task["due_at"] and task["due_at"] <= NOW}
    running = [row for row in rows(demo_office, tables.deadline) if row["status"] == "running"]

    assert len(late) >= 3
    assert Counter(case["stage"] for case in rows(demo_office, tables.case))["异议处理中"] >= 1
    assert {row["due_at"].year for row in running if row["provisional"]} == {2027}


def test_nothing_has_happened_that_is_still_to_come(demo_office: Runtime) -> None:
    assert max(row["at"] for row in rows(demo_office, tables.submission)) <= NOW


def test_no_case_is_stuck_or_has_an_incident(demo_office: Runtime) -> None:
    assert sweep.stuck(demo_office) == []
    assert rows(demo_office, tables.incident) == []


def test_loading_again_makes_no_second_set(demo_office: Runtime) -> None:
    assert demo.load(demo_office, ROOT, NOW, say=lambda text: None) == 0


def test_the_one_door_of_the_model_city_stands_at_several_stages(demo_office: Runtime) -> None:
    cases = rows(demo_office, tables.case)
    stages = {case["stage"] for case in cases if case["procedure"] == "one_door"}
    begun = {case["procedure"] for case in cases if case["parent_id"]}

    assert stages >= {"已提交", "已受理", "已办理", "待归档"}
    assert {"full_online", "meeting_action"} <= begun
