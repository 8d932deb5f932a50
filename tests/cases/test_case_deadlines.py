"""Deadlines of a case: when they begin, what they show, how they end (民法典 §201–203)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine import cases
from engine.cases import Done, sweep, views
from engine.store import tables
from tests.support.office import Office, moment

END_OF = "23:59:59"


@pytest.fixture
def office(small_office: Office) -> Office:
    return small_office


def wake(office: Office, at: str) -> sweep.Swept:
    if office.reload:
        office.runtime.live.clear()
    return sweep.wake_due(office.runtime, moment(at))


def test_a_timer_is_a_row_with_its_dates_and_its_task_shows_them(office: Office) -> None:
    case = office.start("line", at="2026-03-02 10:00")
    row, task = office.deadlines(case)["受理超期"], office.tasks(case)["受理"]
    assert (row["limit_id"], row["limit_text"], row["interrupting"]) == ("D01", "5个工作日", False)
    assert row["started_at"] == moment("2026-03-02 10:00")
    assert row["due_at"] == moment(f"2026-03-09 {END_OF}")
    assert row["yellow_at"] == moment("2026-03-09 00:00")
    assert (row["task_id"], row["attached_to"], row["status"]) == (task["id"], "受理", "running")
    assert [task[key] for key in ("due_at", "yellow_at", "red_at")] == [row["due_at"], row["yellow_at"], row["due_at"]]


def test_another_county_has_its_own_limit_from_the_day_it_is_in_force(office: Office) -> None:
    before = office.start("line", hukou="waixiang", village="", at="2026-02-27")
    after = office.start("line", hukou="waixiang", village="", at="2026-03-02")
    here = office.start("line", at="2026-03-02")
    found = [office.deadlines(case)["受理超期"] for case in (before, after, here)]
    assert [row["limit_text"] for row in found] == ["5个工作日", "2个工作日", "5个工作日"]
    # Saturday 28 February 2026 is a working day in exchange for the Spring Festival
    assert [row["due_at"] for row in found] == [moment(f"2026-03-{day} {END_OF}") for day in ("05", "04", "09")]


def test_a_year_without_a_notice_gives_a_provisional_date(office: Office) -> None:
    case = office.start("line", at="2026-12-31")
    row = office.deadlines(case)["受理超期"]
    assert row["provisional"]
    assert office.tasks(case)["受理"]["provisional"]
    assert row["earliest"] <= row["due_at"].date() <= row["latest"]


def test_a_task_done_in_time_meets_its_deadline(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.do(case, "受理", "wang", at="2026-03-04")
    row = office.deadlines(case)["受理超期"]
    assert (row["status"], row["closed_at"]) == ("met", moment("2026-03-04"))
    task = office.tasks(case, "done")["受理"]
    assert (task["late"], task["workdays"], task["created_on"]) == (False, 2, date(2026, 3, 2))
    assert wake(office, "2026-04-01") == sweep.Swept()


def test_a_deadline_that_passes_reminds_and_leaves_the_task_open(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    assert wake(office, "2026-03-09 23:59").fired == 0
    assert wake(office, "2026-03-10 00:00").fired == 1
    assert office.deadlines(case)["受理超期"]["status"] == "overdue"
    assert set(office.tasks(case)) == {"受理"}
    told = {(row["to_role"], row["to_unit"]) for row in office.rows(tables.outbox)}
    assert told == {("deputy_head", "zhen"), ("county_clerk", "xian")}
    assert all("受理" in row["text"] and case.number in row["text"] for row in office.rows(tables.outbox))
    office.do(case, "受理", "wang", at="2026-03-11 10:00")
    row, task = office.deadlines(case)["受理超期"], office.tasks(case, "done")["受理"]
    assert (row["status"], row["closed_at"], row["next_act_at"]) == ("late", moment("2026-03-11 10:00"), None)
    assert (task["late"], task["workdays"], task["closed_on"]) == (True, 7, date(2026, 3, 11))


def test_a_task_done_before_the_sweep_has_come_is_late_all_the_same(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.do(case, "受理", "wang", at="2026-03-10 09:00")
    assert office.deadlines(case)["受理超期"]["status"] == "late"
    assert wake(office, "2026-04-01").fired == 0


def test_the_case_shows_the_first_limit_of_its_open_steps(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    row = office.deadlines(case)["受理超期"]
    assert [office.case(case)[f"step_{key}"] for key in ("due_at", "yellow_at", "red_at")] == [
        row["due_at"], row["yellow_at"], row["red_at"],
    ]  # fmt: skip
    wake(office, "2026-03-10")
    assert office.case(case)["step_red_at"] == row["red_at"]  # passed, and still to be done
    office.do(case, "受理", "wang", at="2026-03-11")
    assert office.case(case)["step_due_at"] is None


def test_a_second_sweep_reminds_nobody_again(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    wake(office, "2026-03-10")
    before = office.everything()
    assert wake(office, "2026-03-11") == sweep.Swept()
    deadline = office.deadlines(case)["受理超期"]
    with office.step() as this:
        assert not cases.wake(this, deadline["id"])
        assert not cases.wake(this, "unknown")
    assert office.everything() == before


def test_a_deadline_is_not_fired_before_its_time(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    with office.step(at="2026-03-05") as this:
        assert not cases.wake(this, office.deadlines(case)["受理超期"]["id"])
    assert office.deadlines(case)["受理超期"]["status"] == "running"


def test_the_history_says_when_it_was_really_noticed_and_the_deadline_when_it_was_due(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    wake(office, "2026-03-20 08:00")
    assert office.deadlines(case)["受理超期"]["closed_at"] is None  # what it bounds is still to be done
    fired = office.row(tables.history, act="fired")
    assert fired["at"] == moment("2026-03-20 08:00")


# --- several timers of one case -------------------------------------------------------------------------------------


def test_a_deadline_counts_from_what_the_diagram_marks(office: Office) -> None:
    case = office.start("clocks", at="2026-03-02")
    office.do(case, "收件", "wang", at="2026-03-04 15:00")
    row = office.deadlines(case)["总时限"]
    assert row["started_at"] == moment("2026-03-04 15:00")
    assert row["due_at"] == moment(f"2026-04-01 {END_OF}")


def test_a_task_shows_the_first_of_its_deadlines(office: Office) -> None:
    case = in_decision(office)
    assert office.tasks(case)["决定"]["due_at"] == moment("2026-03-06 15:00")


def test_an_interrupting_deadline_takes_the_task_away_and_cancels_the_others(office: Office) -> None:
    case = in_decision(office)
    assert wake(office, "2026-03-07").fired == 1
    statuses = {node: row["status"] for node, row in office.deadlines(case).items()}
    assert statuses == {"作废": "fired", "总时限": "cancelled"}
    assert set(office.tasks(case, "cancelled")) == {"决定"}
    assert office.case(case)["outcome"] == "视为撤回"
    assert office.case(case)["closed_at"] == moment("2026-03-06 15:00")


def test_what_follows_a_deadline_counts_from_the_moment_it_was_due_however_late_the_sweep(office: Office) -> None:
    case = in_decision(office)
    office.do(case, "决定", "wang", at="2026-03-05 09:00")
    assert office.deadlines(case)["公示"]["due_at"] == moment(f"2026-03-12 {END_OF}")
    assert wake(office, "2026-03-12 23:59:59").fired == 1
    assert office.deadlines(case)["逾期"]["started_at"] == moment(f"2026-03-12 {END_OF}")

    late = in_decision(office)
    office.do(late, "决定", "wang", at="2026-03-05 09:00")
    assert wake(office, "2026-05-20").fired == 3  # 公示 and its 逾期, and the first case's 逾期
    for each in (case, late):
        assert office.deadlines(each)["逾期"]["due_at"] == office.deadlines(each)["逾期"]["closed_at"]
        assert set(office.tasks(each)) == {"存档"}
        assert office.tasks(each)["存档"]["created_at"] == office.deadlines(each)["逾期"]["due_at"]


def test_the_message_that_comes_first_cancels_the_deadline_it_ran_against(office: Office) -> None:
    case = in_decision(office)
    office.do(case, "决定", "wang", at="2026-03-05 09:00")
    wake(office, "2026-03-13 08:00")
    office.send(case, "回执", "wang", at="2026-03-13 09:00")
    assert office.deadlines(case)["逾期"]["status"] == "cancelled"
    assert set(office.tasks(case)) == {"存档"}
    assert wake(office, "2026-06-01") == sweep.Swept()


def test_one_broken_case_does_not_stop_the_sweep(office: Office) -> None:
    broken, sound = office.start("line", at="2026-03-02"), office.start("line", at="2026-03-02")
    with office.step() as this:
        c = tables.case
        this.session.execute(c.update().where(c.c.id == broken.case_id).values(state=b"broken", revision=7))
    assert wake(office, "2026-03-20") == sweep.Swept(fired=1, failed=1)
    assert office.deadlines(sound)["受理超期"]["status"] == "overdue"
    assert office.deadlines(broken)["受理超期"]["status"] == "running"


def in_decision(office: Office) -> Done:
    """A case received on Wednesday at three, that is to be decided."""
    case = office.start("clocks", at="2026-03-02")
    office.do(case, "收件", "wang", at="2026-03-04 15:00")
    return case


# --- what a reader sees ---------------------------------------------------------------------------------------------


def test_the_case_page_shows_running_deadlines_first_with_light_and_reasons(office: Office) -> None:
    case = in_decision(office)
    with office.look("wang", "2026-03-06 14:00") as this:
        shown = views.case(this, case.case_id).deadlines
    assert [(each.node_id, each.light) for each in shown] == [("决定", "yellow"), ("决定", "green")]
    assert shown[0].due_at == moment("2026-03-06 15:00")
    assert shown[1].explain

    wake(office, "2026-03-07")
    with office.look("wang", "2026-03-07") as this:
        assert {each.status for each in views.case(this, case.case_id).deadlines} == {"fired", "cancelled"}


def test_the_light_turns_red_only_after_the_deadline(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    due = office.deadlines(case)["受理超期"]["due_at"]
    lights = []
    for at in (due - timedelta(days=1), due, due + timedelta(seconds=1)):
        office.now = at
        with office.look("wang") as this:
            lights.append(views.inbox(this, "posts").rows[0].light)
    assert lights == ["green", "yellow", "red"]


def test_the_national_day_holiday_does_not_count(office: Office) -> None:
    case = office.start("line", at="2026-09-30")
    assert office.deadlines(case)["受理超期"]["due_at"].date() > date(2026, 10, 10)
