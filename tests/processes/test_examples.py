"""Every dated example of every procedure goes as it says, straight and reloaded, and together they pass every node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import select

from engine.bpmn.deployment import Deployment, read_folder
from engine.cases import Runtime, demo, scenario
from engine.cases.scenario import Report, Scenario
from engine.cases.scenario.report import OpenTask
from engine.store import tables
from tests.processes.conftest import ROOT

EXAMPLES = {f"{each.path.parents[1].name}/{each.path.stem}": each for each in scenario.find([ROOT / "processes"])}
ON_SERVER = (
    "full_online/approved_without_objection",
    "full_online/hukou_elsewhere",
    "full_online/objection_upheld",
    "full_online/death_dibao_after_review",
)
BY_LOT = ("vote",)
DEPLOYED = Deployment(read_folder(ROOT))
REPORTS: dict[tuple[int, str, bool], Report] = {}


def played(office: Runtime, name: str, reload: bool) -> Report:
    """The example's report; played once, however many tests ask."""
    key = (id(office), name, reload)
    if key not in REPORTS:
        with own_office(name) or nullcontext(office) as where:
            REPORTS[key] = scenario.Run(where, EXAMPLES[name], reload=reload).play()
    return REPORTS[key]


def own_office(name: str) -> AbstractContextManager[Runtime] | None:
    """An office of its own for an example that draws from all households on the register; None for the others."""
    return fresh_office() if EXAMPLES[name].alone else None


@contextmanager
def fresh_office() -> Iterator[Runtime]:
    """An office with nothing in it."""
    with TemporaryDirectory() as folder:
        runtime = demo.empty_office(f"sqlite:///{folder}/office.db", ROOT)
        yield runtime
        runtime.store.close()


def opened(name: str, report: Report) -> list[Any]:
    """What was open after each event; who was drawn by lot to look at a household, or to vote on it, is left out."""
    drawn = EXAMPLES[name].alone
    return [sorted(task.node if drawn else by_lot(task) for task in event.open) for event in report.events]


def by_lot(task: OpenTask) -> OpenTask:
    """The task without its holder if that one was drawn by lot."""
    return replace(task, name="", holder="") if task.node in BY_LOT else task


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_goes_as_it_says(real_office: Runtime, name: str) -> None:
    assert not played(real_office, name, False).failure


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_goes_the_same_when_each_step_is_reloaded_from_the_database(
    real_office: Runtime, name: str
) -> None:
    report, straight = played(real_office, name, True), played(real_office, name, False)

    assert not report.failure
    assert report.passed == straight.passed
    assert opened(name, report) == opened(name, straight)


@pytest.mark.parametrize("name", ON_SERVER)
def test_the_example_goes_the_same_on_postgresql(real_office_on_server: Runtime, name: str) -> None:
    assert not played(real_office_on_server, name, True).failure


# --- nothing is drawn in vain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("process_id", sorted(DEPLOYED.processes))
def test_every_node_of_the_diagram_is_passed_by_some_example(real_office: Runtime, process_id: str) -> None:
    passed = set().union(*(played(real_office, name, False).passed for name in EXAMPLES))
    nodes = [
        f"{node.process_id}:{node.id}"
        for body in DEPLOYED.processes[process_id].every_process()
        for node in body.nodes.values()
    ]

    assert [node for node in nodes if node not in passed] == []


def test_every_outcome_that_is_drawn_is_reached(real_office: Runtime) -> None:
    drawn = {
        node.properties["outcome"]
        for process in DEPLOYED.processes.values()
        for body in process.every_process()
        for node in body.nodes.values()
        if node.kind == "end" and "outcome" in node.properties
    }
    reached = {event.stage for name in EXAMPLES for event in played(real_office, name, False).events}
    with real_office.store.transaction(write=False) as session:  # cases that an example's case has begun
        reached |= set(session.execute(select(tables.case.c.outcome).distinct()).scalars())

    assert drawn <= reached


# --- the examples are tests, not decoration -------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=list(EXAMPLES))
def test_an_example_names_its_clauses_and_checks_something_of_its_own(example: Scenario) -> None:
    own = example.steps[example.borrowed :]

    assert example.clauses
    assert any("expect" in each or "refused" in each for each in own)


def test_every_edge_case_has_a_dated_example() -> None:
    """E-01 to E-34."""
    named = {clause for example in EXAMPLES.values() for clause in example.clauses}
    assert {f"E-{number:02}" for number in range(1, 35)} <= named
