"""The same form sent twice, two people at one case at the same time: nothing is done twice, nothing is lost."""

from __future__ import annotations

import pytest

from engine import cases
from engine.cases import Done, deploy, sweep
from engine.cases.errors import CaseError, NotYourTask, StepConflict, TaskAlreadyClosed
from engine.people.actor import CLOCK
from engine.store import tables
from tests.support import office_files
from tests.support.office import FAMILY, Office, at_once, behind, entries, moment

NOTE = entries(意见="同意")


def test_an_application_sent_twice_is_one_case(office: Office) -> None:
    first = office.start("line", key="k")
    again = office.start("line", key="k")
    assert (again.case_id, again.number, again.follow_code) == (first.case_id, first.number, first.follow_code)
    assert again.replayed
    assert not first.replayed
    assert len(office.rows(tables.case)) == len(office.rows(tables.submission)) == 1


def test_an_application_sent_twice_at_once_is_one_case(office: Office) -> None:
    wang = office.actor("wang")
    results = behind(
        office,
        wang,
        lambda this: cases.start(this, "line", entries(**FAMILY), "k"),
        lambda: office.start("line", wang, key="k"),
    )
    assert [type(each) for each in results] == [Done, Done]
    assert results[0].number == results[1].number
    assert [each.replayed for each in results] == [False, True]
    assert len(office.rows(tables.case)) == 1
    assert office.row(tables.counter)["value"] == 1


def test_a_task_completed_twice_with_one_form_is_completed_once(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    first = office.complete(task, "wang", key="k")
    before = office.everything()
    again = office.complete(task, "wang", key="k")
    assert again.replayed
    assert again.number == first.number
    assert office.everything() == before


def test_a_double_click_is_answered_with_the_first_result(office: Office) -> None:
    case = office.start("line")
    task, wang = office.open(case, "受理"), office.actor("wang")
    results = behind(
        office,
        wang,
        lambda this: cases.complete(this, task, NOTE, "k"),
        lambda: office.complete(task, wang, key="k"),
    )
    assert [type(each) for each in results] == [Done, Done]
    assert [each.replayed for each in results] == [False, True]
    assert len(office.rows(tables.submission, task_id=task)) == 1
    assert set(office.tasks(case)) == {"审核"}


def test_five_clicks_at_once_are_one_submission(office: Office) -> None:
    case = office.start("line")
    task, wang = office.open(case, "受理"), office.actor("wang")
    results = at_once(*[lambda: office.complete(task, wang, key="k")] * 5)
    assert [type(each) for each in results] == [Done] * 5
    assert sorted(each.replayed for each in results) == [False, True, True, True, True]
    assert len(office.rows(tables.submission, task_id=task)) == 1
    assert office.case(case)["revision"] == 2


def test_two_colleagues_with_two_forms_for_one_task_the_second_is_told_who_was_first(office: Office) -> None:
    case = office.start("line")
    task, wang, ding = office.open(case, "受理"), office.actor("wang"), office.actor("ding")
    _, second = behind(
        office,
        wang,
        lambda this: cases.complete(this, task, NOTE, "k1"),
        lambda: office.complete(task, ding, key="k2"),
    )
    assert isinstance(second, TaskAlreadyClosed)
    assert second.by_name == "王晓梅"
    assert len(office.rows(tables.submission, task_id=task)) == 1


def test_a_message_sent_twice_at_once_is_one_message(office: Office) -> None:
    case = office.start("letters")
    office.do(case, "登记", "wang", 结论="")
    token, wang = office.waiting(case, "撤回"), office.actor("wang")
    reason = entries(撤回理由="已就业")

    def send() -> Done:
        with office.step(wang) as this:
            return cases.send(this, case.case_id, token, reason, "k")

    results = behind(office, wang, lambda this: cases.send(this, case.case_id, token, reason, "k"), send)
    assert [type(each) for each in results] == [Done, Done]
    assert [each.replayed for each in results] == [False, True]
    assert len(office.rows(tables.submission, task_id=token)) == 1


def test_a_key_that_was_used_for_another_task_does_not_complete_this_one(office: Office) -> None:
    case = office.start("both")
    survey, check = office.open(case, "调查"), office.open(case, "核对")
    office.complete(survey, "wang", key="k")
    with pytest.raises(StepConflict):
        office.complete(check, "li", key="k")
    assert set(office.tasks(case)) == {"核对"}
    office.complete(check, "li", key="new")


def test_a_used_key_does_not_tell_about_somebody_elses_case(office: Office) -> None:
    case = office.start("line", key="theirs")
    office.complete(office.open(case, "受理"), "wang", key="mine")
    with pytest.raises(CaseError):
        office.start("line", office.citizen(name="别人"), key="theirs")
    with pytest.raises(TaskAlreadyClosed):
        office.complete(str(office.tasks(case, "done")["受理"]["id"]), "ding", key="mine")


def test_two_people_at_two_tasks_of_one_case_both_succeed(office: Office) -> None:
    case = office.start("both")
    survey, check = office.open(case, "调查"), office.open(case, "核对")
    wang, li = office.actor("wang"), office.actor("li")
    results = behind(
        office,
        wang,
        lambda this: cases.complete(this, survey, NOTE, "k1"),
        lambda: office.complete(check, li, key="k2"),
    )
    assert [type(each) for each in results] == [Done, Done]
    assert set(office.tasks(case)) == {"汇总"}
    assert office.case(case)["revision"] == 3
    assert office.case(case)["history_count"] == 3


def test_many_cases_at_once_get_numbers_without_gap_or_double(office: Office) -> None:
    wang = office.actor("wang")
    results = at_once(*[lambda: office.start("line", wang)] * 6)
    assert sorted(each.number[-4:] for each in results) == [f"{n:04d}" for n in range(1, 7)]


def test_two_colleagues_claim_at_once_and_one_gets_it(office: Office) -> None:
    case = office.start("line")
    task, wang, ding = office.open(case, "受理"), office.actor("wang"), office.actor("ding")
    _, second = behind(office, wang, lambda this: cases.claim(this, task), lambda: office.claim(task, ding))
    assert isinstance(second, NotYourTask)
    assert office.tasks(case)["受理"]["assignee"] == "wang"


def test_a_task_claimed_meanwhile_is_not_completed_by_a_colleague(office: Office) -> None:
    case = office.start("line")
    task, wang, ding = office.open(case, "受理"), office.actor("wang"), office.actor("ding")
    _, second = behind(office, wang, lambda this: cases.claim(this, task), lambda: office.complete(task, ding))
    assert isinstance(second, NotYourTask)
    assert set(office.tasks(case)) == {"受理"}


def test_two_schedulers_fire_a_deadline_once(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    deadline = office.deadlines(case)["受理超期"]
    office.now = deadline["due_at"]

    def wake() -> bool:
        with office.step() as this:
            return cases.wake(this, deadline["id"])

    assert behind(office, CLOCK, lambda this: cases.wake(this, deadline["id"]), wake) == [True, False]
    assert office.deadlines(case)["受理超期"]["status"] == "overdue"
    assert len(office.rows(tables.history, act="overdue")) == 1


def test_two_sweeps_at_once_remind_once(office: Office) -> None:
    done = [office.start("line", at="2026-03-02") for _ in range(3)]
    late = moment("2026-03-20")
    swept = at_once(*[lambda: sweep.wake_due(office.runtime, late)] * 2)
    assert [each.failed for each in swept] == [0, 0]
    assert sum(each.fired for each in swept) == 3
    assert all(office.deadlines(case)["受理超期"]["status"] == "overdue" for case in done)
    assert len(office.rows(tables.outbox)) == 6


def test_a_task_completed_while_its_deadline_fires_loses_nothing(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    task, wang = office.open(case, "受理"), office.actor("wang")
    deadline = office.deadlines(case)["受理超期"]
    office.now = deadline["due_at"]
    results = behind(
        office,
        CLOCK,
        lambda this: cases.wake(this, deadline["id"]),
        lambda: office.complete(task, wang),
    )
    assert results[0] is True
    assert isinstance(results[1], Done)
    assert [row["act"] for row in office.rows(tables.history)] == ["started", "fired", "overdue", "completed"]


def test_two_processes_may_deploy_the_same_files_at_once(office: Office) -> None:
    files = {**office_files.files(), "forms/README.md": b"another set"}

    def deployed() -> deploy.Deployed:
        with office.step() as this:
            return deploy.deploy(this, files)

    results = at_once(deployed, deployed)

    assert sorted(result.new for result in results) == [False, True]
    assert len({result.id for result in results}) == 1
