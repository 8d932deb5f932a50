"""Who may do what: within their unit and their task, or not at all (domain 2.3–2.5)."""

from __future__ import annotations

import pytest

from engine import cases
from engine.cases import Done, views
from engine.cases.errors import (
    CaseNotFound,
    CaseSuspended,
    FormRejected,
    MessageNotWaited,
    NotYourTask,
    TaskNotFound,
)
from engine.store import tables
from tests.support.office import Office, entries


@pytest.fixture
def office(small_office: Office) -> Office:
    """What a person may do doesn't depend on the database."""
    return small_office


@pytest.mark.parametrize("who", ["li", "mei", "yao", "gao", "zhang", "admin"])
def test_a_task_of_another_post_is_not_found(office: Office, who: str) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    for attempt in (office.complete, office.claim, office.release):
        with pytest.raises(TaskNotFound):
            attempt(task, who)
    with pytest.raises(TaskNotFound), office.look(who) as this:
        views.task(this, task)


def test_a_task_that_does_not_exist_is_answered_like_one_of_another_post(office: Office) -> None:
    with pytest.raises(TaskNotFound):
        office.complete("0" * 32, "wang")


def test_a_task_whose_place_is_not_known_yet_belongs_to_nobody_else(office: Office) -> None:
    case = office.start("lost", hukou="", village="")
    assert office.tasks(case)["办"]["unit_id"] is None
    with pytest.raises(TaskNotFound):
        office.do(case, "办", "wang")


def test_a_colleagues_claimed_task_is_refused_in_words(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    office.claim(task, "wang")
    with pytest.raises(NotYourTask, match="同事领取"):
        office.complete(task, "ding")


def test_who_did_the_first_examination_may_not_do_the_second(office: Office) -> None:
    case = office.start("hands")
    office.do(case, "初审", "wang")
    with pytest.raises(NotYourTask, match="初审"):
        office.do(case, "复审", "wang")
    assert set(office.tasks(case)) == {"复审"}
    office.do(case, "复审", "ding")


def test_a_survey_given_to_one_surveyor_is_not_found_by_the_other(office: Office) -> None:
    case = in_survey(office)
    assert office.tasks(case)["入户"]["assignee"] == "zhang"
    with pytest.raises((TaskNotFound, NotYourTask)):
        office.do(case, "入户", "chen")
    office.do(case, "入户", "zhang")


def test_only_a_surveyor_of_the_place_can_be_chosen(office: Office) -> None:
    case = office.start("hands")
    office.do(case, "初审", "wang")
    office.do(case, "复审", "ding")
    with pytest.raises(FormRejected) as refused:
        office.do(case, "组队", "li", 调查员="wang")
    assert list(refused.value.reading.errors) == ["调查员"]


def in_survey(office: Office) -> Done:
    case = office.start("hands")
    office.do(case, "初审", "wang")
    office.do(case, "复审", "ding")
    office.do(case, "组队", "li", 调查员="zhang")
    return case


def test_the_familys_task_is_done_by_this_family_alone(office: Office) -> None:
    case, other = in_survey(office), office.start("line")
    office.do(case, "入户", "zhang")
    for who in ("wang", "li", office.citizen(other.number), office.citizen()):
        with pytest.raises(TaskNotFound):
            office.do(case, "补正", who)
    office.do(case, "补正", office.citizen(case.number))


def test_while_one_task_holds_the_case_all_others_wait(office: Office) -> None:
    case = office.start("stop")
    with pytest.raises(CaseSuspended, match="换人"):
        office.do(case, "走访", "wang")
    office.claim(office.open(case, "走访"), "wang")
    office.do(case, "换人", "li", applicantName="刘小明", idNo="110101199003074477")
    assert office.case(case)["suspended_by"] is None
    office.do(case, "走访", "wang")


# --- messages -------------------------------------------------------------------------------------------------------


def decided(office: Office, result: str = "") -> Done:
    """A case that waits for 撤回 (nothing decided yet) or for 终止 (agreed)."""
    case = office.start("letters")
    office.do(case, "登记", "wang", 结论=result)
    return case


@pytest.mark.parametrize("who", ["li", "zhao"])
def test_a_message_is_sent_only_by_those_the_diagram_names(office: Office, who: str) -> None:
    case = decided(office)
    with pytest.raises(CaseNotFound):
        office.send(case, "撤回", who, 撤回理由="无")


def test_the_family_withdraws_its_own_case_and_no_other(office: Office) -> None:
    case, other = decided(office), office.start("line")
    for stranger in (office.citizen(other.number), office.citizen(), "yao", "mei"):
        with pytest.raises(CaseNotFound):
            office.send(case, "撤回", stranger, 撤回理由="无")
    office.send(case, "撤回", office.citizen(case.number), 撤回理由="已就业")
    assert office.case(case)["outcome"] == "已撤回"


def test_a_message_is_waited_for_only_while_its_condition_holds(office: Office) -> None:
    case = decided(office, "同意")
    with pytest.raises(MessageNotWaited):
        office.send(case, "撤回", "wang", 撤回理由="无")
    open_case = decided(office)
    with pytest.raises(MessageNotWaited):
        office.send(open_case, "终止", "li")


def test_the_case_page_offers_just_what_may_be_sent_now(office: Office) -> None:
    case = decided(office, "同意")
    offered = {}
    for who in ("wang", "li"):
        with office.look(who) as this:
            offered[who] = [message.name for message in views.case(this, case.case_id).messages]
    assert offered == {"wang": [], "li": ["终止"]}


def test_a_task_is_not_a_message(office: Office) -> None:
    case = office.start("line")
    with pytest.raises(MessageNotWaited), office.step("wang") as this:
        cases.send(this, case.case_id, office.open(case, "受理"), entries(意见="同意"), "k")
    assert "受理" in office.tasks(case)


def test_a_deadline_is_not_a_message(office: Office) -> None:
    case = office.start("line")
    deadline = office.row(tables.deadline)
    with pytest.raises(MessageNotWaited), office.step("wang") as this:
        cases.send(this, case.case_id, deadline["id"], entries(), "k")
