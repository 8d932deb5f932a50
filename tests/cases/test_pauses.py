"""What stops the clock of a case, for how long, and what it shows meanwhile (A-21, E-03)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.cases import Done, sweep, views
from engine.clock.days import day_of
from engine.store import tables
from tests.support.office import Office, moment, watched


@pytest.fixture
def office(small_office: Office) -> Office:
    return small_office


def begun(office: Office, **fields: str) -> Done:
    """A case received on Monday 6 July 2026, of which 乙 is to be done by Monday 13 July and all by 3 August."""
    case = office.start("pauses", at="2026-07-06", **fields)
    office.do(case, "甲", "wang", at="2026-07-06 10:00")
    return case


def due(office: Office, case: Done) -> dict[str, str]:
    return {
        node: str(day_of(row["due_at"])) for node, row in office.deadlines(case).items() if row["status"] == "running"
    }


def supplement(office: Office, case: Done, at: str) -> None:
    office.send(case, "要求补正", "li", at=at)


def lines(office: Office, *acts: str) -> list[dict[str, Any]]:
    return [row for row in office.rows(tables.history) if row["act"] in acts]


def test_a_pause_moves_the_other_limits_by_its_own_longest_length_at_once(office: Office) -> None:
    case = begun(office)
    assert due(office, case) == {"总时限": "2026-08-03", "乙超期": "2026-07-13"}
    supplement(office, case, "2026-07-08 10:00")
    assert due(office, case) == {"总时限": "2026-08-17", "乙超期": "2026-07-27", "没有补": "2026-07-22"}
    row = office.case(case)
    assert (row["paused_by"], row["paused_until"]) == ("补正", moment("2026-07-22 23:59:59"))
    assert (day_of(row["due_at"]), day_of(row["step_due_at"])) == (date(2026, 8, 17), date(2026, 7, 22))
    assert day_of(office.tasks(case)["乙"]["due_at"]) == date(2026, 7, 27)


def test_when_it_ends_sooner_exactly_the_days_between_are_taken_out(office: Office) -> None:
    case = begun(office)
    supplement(office, case, "2026-07-08 10:00")
    office.do(case, "补材料", office.citizen(case.number), at="2026-07-14 15:00")
    assert due(office, case) == {"总时限": "2026-08-06", "乙超期": "2026-07-16"}  # 9, 10 and 13 July
    assert (office.case(case)["paused_by"], office.case(case)["paused_until"]) == (None, None)
    assert day_of(office.case(case)["due_at"]) == date(2026, 8, 6)
    assert day_of(office.tasks(case)["乙"]["due_at"]) == date(2026, 7, 16)


def test_a_pause_that_nobody_ends_ends_by_itself_and_nothing_must_wake_for_it(office: Office) -> None:
    case = begun(office)
    office.send(case, "要求评议", "li", at="2026-07-08 10:00")
    row = office.row(tables.pause)
    assert (row["until_at"], row["end_at"]) == (moment("2026-07-15 23:59:59"), None)
    before = due(office, case)
    assert before["总时限"] == "2026-08-10"
    assert sweep.wake_due(office.runtime, moment("2026-07-17")).fired == 0
    office.do(case, "评议", "li", at="2026-07-20 09:00")
    assert due(office, case) == before
    assert office.row(tables.pause)["end_at"] == moment("2026-07-15 23:59:59")


def test_days_on_which_two_pauses_stand_count_once(office: Office) -> None:
    case = begun(office)
    supplement(office, case, "2026-07-08 10:00")
    office.send(case, "要求评议", "li", at="2026-07-10 10:00")
    assert due(office, case)["总时限"] == "2026-08-17"  # the appraisal lies within the supplement
    office.do(case, "补材料", office.citizen(case.number), at="2026-07-13 10:00")
    # 9, 10 and 13 to 17 July: from the one to the end of the other
    assert due(office, case)["总时限"] == "2026-08-12"
    assert office.case(case)["paused_by"] == "评议"


def test_a_limit_that_begins_meanwhile_is_stopped_too(office: Office) -> None:
    case = office.start("pauses", at="2026-07-06")
    supplement(office, case, "2026-07-08 10:00")
    office.do(case, "甲", "wang", at="2026-07-09 10:00")
    assert due(office, case)["乙超期"] == "2026-07-29"
    office.do(case, "补材料", office.citizen(case.number), at="2026-07-13 10:00")
    assert due(office, case)["乙超期"] == "2026-07-17"  # five working days after the 9th, without the 10th


def test_a_limit_that_has_passed_never_moves(office: Office) -> None:
    case = begun(office)
    sweep.wake_due(office.runtime, moment("2026-07-14"))
    supplement(office, case, "2026-07-15 10:00")
    row = office.deadlines(case)["乙超期"]
    assert (row["status"], day_of(row["due_at"]), row["ledger"]["pauses"]) == ("overdue", date(2026, 7, 13), [])
    assert day_of(office.tasks(case)["乙"]["due_at"]) == date(2026, 7, 13)
    assert due(office, case)["总时限"] == "2026-08-17"


def test_where_no_rule_says_so_nothing_stops(office: Office) -> None:
    case = begun(office, hukou="waixiang", village="")  # another county
    before = due(office, case)
    supplement(office, case, "2026-07-08 10:00")
    assert {node: day for node, day in due(office, case).items() if node in before} == before
    assert office.rows(tables.pause) == []
    assert office.case(case)["paused_by"] is None


def test_the_history_names_the_old_and_the_new_dates(office: Office) -> None:
    case = begun(office)
    supplement(office, case, "2026-07-08 10:00")
    office.do(case, "补材料", office.citizen(case.number), at="2026-07-14 15:00")
    paused, resumed = lines(office, "paused", "resumed")
    assert "由2026-08-03改为2026-08-17" in paused["details"]["text"]
    assert "最迟至2026-07-22" in paused["details"]["text"]
    assert "由2026-08-17改为2026-08-06" in resumed["details"]["text"]


def test_every_time_is_counted_and_one_begun_on_the_last_day_is_marked(office: Office) -> None:
    case = begun(office)
    supplement(office, case, "2026-07-08 10:00")
    office.do(case, "补材料", office.citizen(case.number), at="2026-07-08 15:00")
    supplement(office, case, "2026-07-13 10:00")
    rows = office.rows(tables.pause)
    assert [(row["nth"], row["last_day"], row["by_name"]) for row in rows] == [
        (1, False, "李建国"),
        (2, True, "李建国"),
    ]


def test_pages_say_that_the_clock_stands_and_until_when(office: Office) -> None:
    case = begun(office)
    supplement(office, case, "2026-07-08 10:00")
    said = "暂停中：补正，最迟至2026-07-22"
    with office.look("li", "2026-07-09") as this:
        page = views.case(this, case.case_id)
        assert page.paused_text == said
        assert {each.node_id: each.paused_text for each in page.deadlines if each.is_open} == {
            "办理": said, "乙": said, "补材料": "",
        }  # fmt: skip
        assert {task.name: task.paused_text for task in page.open_tasks}["乙"] == said
        master = next(each for each in page.deadlines if each.master)
        assert any("补正期间暂停" in line for line in master.explain)
        assert "停算：受理后补充材料（最长10个工作日）、民主评议期间（最长5个工作日）" in master.counting
        assert [row.paused_text for row in views.inbox(this, "posts").rows] == [said]
    with office.look("li", "2026-07-23") as this:
        assert views.case(this, case.case_id).paused_text == ""


def test_the_family_reads_the_same_lines(office: Office) -> None:
    case = begun(office)
    supplement(office, case, "2026-07-08 10:00")
    with office.look("li", "2026-07-09") as this:
        staff = {
            each.id: (each.due_text, each.explain) for each in views.case(this, case.case_id).deadlines if each.is_open
        }
        family = {
            each.id: (each.due_text, each.explain)
            for each in views.follow(this, case.number, case.follow_code).deadlines
        }
    assert staff == family


def test_a_step_of_a_case_that_never_stood_costs_no_more_statements(office: Office) -> None:
    case = begun(office)
    task, li = office.open(case, "乙"), office.actor("li")
    with watched(office.runtime) as traffic:
        office.complete(task, li, at="2026-07-07 10:00")
    assert traffic.commits == 1
    assert len(traffic.statements) <= 8


# --- the clock over the whole case ----------------------------------------------------------------------------------


def test_what_the_master_clock_spans_is_done_in_time(office: Office) -> None:
    case = begun(office)
    office.do(case, "乙", "li", at="2026-07-08")
    row = office.case(case)
    assert (row["late"], row["red_at"], day_of(row["due_at"])) == (False, None, date(2026, 8, 3))
    office.do(case, "归档", "li", at="2026-09-01")
    row = office.case(case)
    assert (row["status"], row["late"], row["started_on"], row["closed_on"]) == (
        "closed", False, date(2026, 7, 6), date(2026, 9, 1),
    )  # fmt: skip


def test_what_the_master_clock_spans_is_done_too_late(office: Office) -> None:
    case = begun(office)
    sweep.wake_due(office.runtime, moment("2026-08-04"))
    assert office.deadlines(case)["总时限"]["status"] == "overdue"
    office.do(case, "乙", "li", at="2026-08-05")
    assert office.deadlines(case)["总时限"]["status"] == "late"
    assert office.case(case)["late"]
    office.do(case, "归档", "li", at="2026-08-06")
    assert office.case(case)["late"]


# --- extensions -----------------------------------------------------------------------------------------------------


def extended(office: Office, case: Done, asked: str, approved: str) -> None:
    office.send(case, "要求延长", "li", at=asked)
    office.do(case, "批延长", "zhao", at=approved, 意见="公示有异议")


def test_an_approved_extension_moves_the_master_clock_to_forty_five_working_days(office: Office) -> None:
    case = begun(office)
    extended(office, case, "2026-07-08", "2026-07-09")
    assert day_of(office.case(case)["due_at"]) == date(2026, 9, 7)
    line = office.deadlines(case)["总时限"]["ledger"]["extensions"][0]
    assert (line["by"], line["reason"], line["approver"]) == ("25个工作日", "公示有异议", "赵明远")
    (told,) = lines(office, "extended")
    assert "由2026-08-03改为2026-09-07；理由：公示有异议；批准人：赵明远" in told["details"]["text"]


def test_an_extension_comes_once_and_never_after_the_limit_has_run_out(office: Office) -> None:
    case = begun(office)
    extended(office, case, "2026-07-08", "2026-07-09")
    extended(office, case, "2026-07-10", "2026-07-10")
    assert day_of(office.case(case)["due_at"]) == date(2026, 9, 7)

    late = begun(office)
    extended(office, late, "2026-08-03", "2026-08-04")  # before the sweep has come
    assert day_of(office.case(late)["due_at"]) == date(2026, 8, 3)
    assert [row["name"] for row in lines(office, "topic")] == ["没有延长：已经延长过", "没有延长：时限已过"]


def test_an_extension_and_a_pause_add_up(office: Office) -> None:
    case = begun(office)
    supplement(office, case, "2026-07-08 10:00")
    office.do(case, "补材料", office.citizen(case.number), at="2026-07-14 15:00")
    extended(office, case, "2026-07-15", "2026-07-15")
    assert day_of(office.case(case)["due_at"]) == date(2026, 9, 10)
    with office.look("li") as this:
        master = next(each for each in views.case(this, case.case_id).deadlines if each.master)
    assert master.limit_text == "45个工作日"
    assert any("经批准延长25个工作日（公示有异议）" in line for line in master.explain)
