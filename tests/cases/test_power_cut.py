"""Whenever the power goes, a case is as it was before the step or as it is after it, and the step can be repeated."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import cases
from engine.cases import Done
from engine.cases.errors import FormRejected
from engine.store import tables
from tests.support.office import FAMILY, Office, PowerCut, entries, moment, watched

Act = Callable[[Office, Done], object]


def start(office: Office, _case: Done) -> object:
    with office.step("wang") as this:
        return cases.start(this, "line", entries(**FAMILY), "again")


def complete(office: Office, case: Done) -> object:
    return office.complete(office.open(case, "受理"), "wang", key="again", 意见="同意")


def publish(office: Office, case: Done) -> object:
    return office.complete(office.open(case, "公示准备"), "wang", key="again", 意见="同意")


def withdraw(office: Office, case: Done) -> object:
    return office.send(case, "撤回", "wang", key="again", 撤回理由="已就业")


def wake(office: Office, case: Done) -> object:
    deadline = office.deadlines(case)["受理超期"]
    with office.step(at="2026-03-20") as this:
        return cases.wake(this, deadline["id"])


def claim(office: Office, case: Done) -> object:
    office.claim(office.open(case, "受理"), "wang")
    return None


ACTS = [
    pytest.param("line", (), start, id="start"),
    pytest.param("line", (), complete, id="complete"),
    pytest.param("papers", (), publish, id="topics"),
    pytest.param("letters", ("登记",), withdraw, id="send"),
    pytest.param("line", (), wake, id="wake"),
    pytest.param("line", (), claim, id="claim"),
]


@pytest.mark.parametrize("procedure, before, act", ACTS)
def test_the_power_goes_before_any_statement_of_a_step(
    office: Office, procedure: str, before: tuple[str, ...], act: Act
) -> None:
    case = office.start(procedure, at="2026-03-02")
    for node in before:
        office.do(case, node, "wang", 结论="")
    untouched = office.everything()
    cuts = 0
    while cut(office, case, act, cuts):
        assert office.everything() == untouched
        cuts += 1
    assert cuts >= 3
    assert len(office.everything()["history"]) > len(untouched["history"]) or act is claim


def cut(office: Office, case: Done, act: Act, statement: int) -> bool:
    """Whether the power went before this statement of the act; if there is none, the act is done."""
    try:
        with watched(office.runtime, statement):
            act(office, case)
    except PowerCut:
        return True
    return False


@pytest.mark.parametrize("procedure, before, act", ACTS)
def test_the_power_goes_at_the_commit(office: Office, procedure: str, before: tuple[str, ...], act: Act) -> None:
    case = office.start(procedure, at="2026-03-02")
    for node in before:
        office.do(case, node, "wang", 结论="")
    untouched = office.everything()
    with pytest.raises(PowerCut), watched(office.runtime, stop_at_commit=True):
        act(office, case)
    assert office.everything() == untouched
    act(office, case)
    assert office.everything() != untouched


def test_the_power_goes_right_after_the_commit_and_the_repeat_is_answered_with_the_result(office: Office) -> None:
    case = office.start("line")
    task, actor = office.open(case, "受理"), office.actor("wang")
    with office.runtime.store.transaction() as session:  # committed, but the live case never came back
        cases.complete(cases.Step(office.runtime, session, actor, office.now), task, entries(意见="同意"), "again")
    assert office.complete(task, "wang", key="again").replayed
    office.do(case, "审核", "li")
    assert office.case(case)["status"] == "closed"


def test_a_step_that_failed_leaves_no_half_moved_case_in_memory(office: Office) -> None:
    case = office.start("both")
    survey = office.open(case, "调查")
    with pytest.raises(PowerCut), watched(office.runtime, stop_at_commit=True):
        office.complete(survey, "wang")
    office.do(case, "核对", "li")
    assert set(office.tasks(case)) == {"调查"}
    office.complete(survey, "wang")
    assert set(office.tasks(case)) == {"汇总"}


def test_a_refused_form_leaves_the_case_as_it_was(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    untouched = office.everything()
    for _ in range(2):
        with pytest.raises(FormRejected):
            office.do(case, "受理", "wang", 意见="")
    assert office.everything() == untouched
    office.do(case, "受理", "wang", at="2026-03-03")
    assert office.rows(tables.submission)[-1]["at"] == moment("2026-03-03")
