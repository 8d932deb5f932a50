"""What each verb does to a case and leaves in the tables."""

from __future__ import annotations

import pytest

from engine import cases
from engine.cases.errors import (
    FormRejected,
    MessageNotWaited,
    NotYourTask,
    ProcedureNotOpen,
    StepFailed,
    TaskAlreadyClosed,
    TaskNotFound,
)
from engine.store import tables
from tests.support.office import FAMILY, ID_NUMBER, Office, entries, moment


def test_an_application_becomes_a_case_with_number_code_places_and_a_first_task(office: Office) -> None:
    done = office.start("line", at="2026-03-02 10:00")

    row = office.case(done)
    assert row["number"] == done.number == "341702DB202603020001"
    assert row["follow_code"] == done.follow_code
    assert len(done.follow_code) == 8
    assert (row["applicant_name"], row["applicant_id_no"], row["item"]) == ("刘桂英", ID_NUMBER, "低保")
    assert row["places"] == {"application_township": "zhen", "hukou_township": "zhen", "hukou_village": "zhen_cun"}
    assert (row["unit_id"], row["unit_path"]) == ("zhen", "/shi/xian/zhen/")
    assert (row["status"], row["stage"], row["revision"]) == ("open", "受理中", 1)
    assert (row["started_at"], row["started_by"]) == (moment("2026-03-02 10:00"), "wang")
    task = office.tasks(done)["受理"]
    assert (task["role"], task["unit_id"], task["assignee"]) == ("window_clerk", "zhen", None)
    assert (task["case_number"], task["applicant_name"]) == (done.number, "刘桂英")
    assert [each["id"] for each in done.opened] == [task["id"]]


def test_the_form_is_kept_as_it_was_submitted(office: Office) -> None:
    done = office.start("line", key="the-key")
    form = office.row(tables.submission)
    assert (form["key"], form["case_id"], form["task_id"], form["form_id"]) == ("the-key", done.case_id, None, "apply")
    assert (form["by"], form["by_name"]) == ("wang", "王晓梅")
    assert form["values"]["applicantName"] == "刘桂英"
    assert form["values"]["appliedSize"] == 3


def test_the_units_that_a_form_names_take_part_in_the_case(office: Office) -> None:
    done = office.start("line", hukou="waixiang", village="")
    taking_part = {(row["unit_id"], row["place"]) for row in office.rows(tables.case_unit, case_id=done.case_id)}
    assert taking_part == {("zhen", "application_township"), ("waixiang", "hukou_township")}
    assert office.case(done)["unit_id"] == "waixiang"
    assert done.number.startswith("341721DB")


def test_case_numbers_count_by_region_item_and_day(office: Office) -> None:
    numbers = [office.start("line", at="2026-03-02").number for _ in range(3)]
    numbers += [office.start("line", itemId="特困").number, office.start("line", at="2026-03-03").number]
    assert numbers == [
        "341702DB202603020001",
        "341702DB202603020002",
        "341702DB202603020003",
        "341702TK202603020001",
        "341702DB202603030001",
    ]


def test_a_case_number_belongs_to_the_day_in_china(office: Office) -> None:
    assert "20260303" in office.start("line", at="2026-03-03 00:30").number


def test_a_wrong_application_is_answered_at_its_fields_and_leaves_nothing(office: Office) -> None:
    with pytest.raises(FormRejected) as refused:
        office.start("line", idNo="110105194912310021", applicantName="")
    assert set(refused.value.reading.errors) == {"idNo", "applicantName"}
    assert refused.value.reading.raw["applicantName"] == [""]
    for table in (tables.case, tables.submission, tables.task, tables.counter, tables.history):
        assert office.rows(table) == []


def test_who_may_start_is_what_the_diagram_says(office: Office) -> None:
    assert office.start("line", office.citizen()).number
    with pytest.raises(ProcedureNotOpen):
        office.start("line", "li")
    with pytest.raises(ProcedureNotOpen):
        office.start("nothing", "wang")


def test_a_completed_task_closes_and_the_next_opens(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    done = office.do(case, "受理", "wang", at="2026-03-03")

    closed = office.tasks(case, "done")["受理"]
    assert (closed["closed_by"], closed["closed_at"]) == ("wang", moment("2026-03-03"))
    assert [(task["node_id"], task["role"]) for task in done.opened] == [("审核", "civil_affairs_clerk")]
    assert (office.case(case)["stage"], office.case(case)["revision"]) == ("审核中", 2)
    assert office.rows(tables.submission)[1]["values"]["意见"] == "同意"


def test_the_last_task_closes_the_case_with_its_outcome(office: Office) -> None:
    case = office.start("line")
    office.do(case, "受理", "wang")
    done = office.do(case, "审核", "li", at="2026-03-05")
    row = office.case(case)
    assert (row["status"], row["outcome"], row["closed_at"]) == ("closed", "办结", moment("2026-03-05"))
    assert done.opened == ()


def test_a_wrong_answer_leaves_the_task_open(office: Office) -> None:
    case = office.start("line")
    with pytest.raises(FormRejected):
        office.do(case, "受理", "wang", 意见="")
    assert "受理" in office.tasks(case)
    office.do(case, "受理", "wang")


def test_a_task_that_is_done_says_who_did_it(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    office.complete(task, "wang", at="2026-03-03")
    with pytest.raises(TaskAlreadyClosed) as closed:
        office.complete(task, "ding")
    assert "王晓梅" in closed.value.message
    assert closed.value.at == moment("2026-03-03")


def test_two_tasks_at_once_join_when_both_are_done(office: Office) -> None:
    case = office.start("both")
    assert set(office.tasks(case)) == {"调查", "核对"}
    office.do(case, "核对", "li")
    assert set(office.tasks(case)) == {"调查"}
    office.do(case, "调查", "wang")
    assert set(office.tasks(case)) == {"汇总"}


def test_a_later_form_binds_a_place_and_moves_the_case_there(office: Office) -> None:
    case = office.start("moved", hukou="", village="")
    office.do(case, "推送", "wang", 推送至="xiang")
    row = office.case(case)
    assert row["places"] == {"application_township": "zhen", "hukou_township": "xiang"}
    assert row["unit_path"] == "/shi/xian/xiang/"
    assert office.tasks(case)["接收"]["unit_id"] == "xiang"
    office.do(case, "接收", "mei_li")
    assert office.case(case)["status"] == "closed"


def test_when_the_applicant_changes_open_tasks_show_the_new_one(office: Office) -> None:
    case = office.start("stop")
    office.do(case, "换人", "li", applicantName="刘小明", idNo="110101199003074477")
    assert office.case(case)["applicant_name"] == "刘小明"
    task = office.tasks(case)["走访"]
    assert (task["applicant_name"], task["applicant_id_no"]) == ("刘小明", "110101199003074477")


# --- claim and release ----------------------------------------------------------------------------------------------


def test_a_claimed_task_is_one_persons_until_given_back(office: Office) -> None:
    case = office.start("line", at="2026-03-02 11:00")
    task = office.open(case, "受理")
    office.claim(task, "wang")
    assert (office.tasks(case)["受理"]["assignee"], office.tasks(case)["受理"]["claimed_at"]) == ("wang", office.now)
    for attempt in (office.claim, office.complete):
        with pytest.raises(NotYourTask):
            attempt(task, "ding")
    with pytest.raises(TaskNotFound):
        office.release(task, "ding")
    office.release(task, "wang")
    office.complete(task, "ding")
    assert office.tasks(case, "done")["受理"]["closed_by"] == "ding"


def test_a_task_given_to_a_person_by_the_diagram_cannot_be_given_back(office: Office) -> None:
    case = with_team(office)
    with pytest.raises(NotYourTask):
        office.release(office.open(case, "入户"), "zhang")


def test_a_closed_task_can_be_neither_claimed_nor_released(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    office.complete(task, "wang")
    with pytest.raises(TaskAlreadyClosed):
        office.claim(task, "ding")
    with pytest.raises(TaskNotFound):
        office.release(task, "wang")


def with_team(office: Office) -> cases.Done:
    """A case whose survey has been given to 张文静."""
    case = office.start("hands")
    office.do(case, "初审", "wang")
    office.do(case, "复审", "ding")
    office.do(case, "组队", "li", 调查员="zhang")
    return case


# --- messages -------------------------------------------------------------------------------------------------------


def test_a_message_ends_the_case_and_takes_its_tasks_away(office: Office) -> None:
    case = office.start("letters")
    office.do(case, "登记", "wang", 结论="同意")
    office.send(case, "终止", "li", at="2026-03-04")
    assert office.case(case)["outcome"] == "已终止"
    cancelled = office.tasks(case, "cancelled")["办理"]
    assert (cancelled["closed_at"], cancelled["closed_by"]) == (moment("2026-03-04"), None)
    with pytest.raises(TaskAlreadyClosed) as closed:
        office.complete(str(cancelled["id"]), "wang")
    assert closed.value.by_name is None


def test_a_message_comes_with_its_form(office: Office) -> None:
    case = office.start("letters")
    office.do(case, "登记", "wang", 结论="")
    with pytest.raises(FormRejected):
        office.send(case, "撤回", "wang", 撤回理由="")
    office.send(case, "撤回", "wang", 撤回理由="已就业")
    assert office.rows(tables.submission)[-1]["values"] == {"撤回理由": "已就业"}
    assert [row["act"] for row in office.rows(tables.history)][-2:] == ["message", "closed"]


def test_a_message_is_waited_for_only_once(office: Office) -> None:
    case = office.start("letters")
    office.do(case, "登记", "wang", 结论="同意")
    token = office.waiting(case, "终止")
    office.send(case, "终止", "li")
    with pytest.raises(MessageNotWaited), office.step("li") as this:
        cases.send(this, case.case_id, token, entries(), "another")


# --- outside workers ------------------------------------------------------------------------------------------------


def test_a_topic_nobody_here_knows_waits_for_an_outside_worker(office: Office) -> None:
    case = office.start("outside")
    office.do(case, "申请核对", "wang")
    incident = office.row(tables.incident)
    assert (incident["status"], incident["topic"], incident["attempts"]) == ("waiting", "province.check", 0)
    assert (incident["message"], incident["retry_at"]) == (None, None)
    assert office.tasks(case) == {}

    with office.step() as this:
        assert cases.finish_work(this, incident["token_id"], {"核对结果": "一致"})
    assert set(office.tasks(case)) == {"看结果"}
    assert office.row(tables.incident)["status"] == "resolved"
    with office.step() as this:
        assert not cases.finish_work(this, incident["token_id"], {})
        assert not cases.finish_work(this, "unknown", {})


def test_a_step_that_leads_nowhere_is_told_and_undone(office: Office) -> None:
    case = office.start("choice")
    with pytest.raises(StepFailed, match="去向"):
        office.do(case, "定", "wang", 结论="不同意")
    assert set(office.tasks(case)) == {"定"}
    assert len(office.rows(tables.submission)) == 1
    office.do(case, "定", "wang", 结论="同意")
    assert office.case(case)["status"] == "closed"


def test_the_family_does_its_own_task(office: Office) -> None:
    case = with_team(office)
    office.do(case, "入户", "zhang")
    office.do(case, "补正", office.citizen(case.number))
    assert office.case(case)["status"] == "closed"
    assert FAMILY["applicantName"] == office.rows(tables.submission)[-1]["by_name"]


def test_the_stage_is_set_where_a_case_arrives_not_where_it_leaves(office: Office) -> None:
    case = office.start("stages")
    assert office.case(case)["stage"] == "初审中"
    office.do(case, "复核", "li")
    assert office.case(case)["stage"] == "待签"
    office.do(case, "初审员", "wang")
    assert office.case(case)["stage"] == "待签"
