"""The ladder: who is reminded, warned and pressed as a limit nears and passes, each rung once and in order."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from engine.cases import Done, climbing, history, sweep
from engine.people import posts
from engine.people.actor import CLOCK
from engine.store import tables
from tests.support.office import OPERATOR, Office, at_once, behind, moment, watched

# begun on Monday 2026-03-02 at nine, 5 working days: due at the end of Monday 2026-03-09
REMINDER, YELLOW = moment("2026-03-06 08:30"), moment("2026-03-09 08:30")
FIRST, SECOND = moment("2026-03-10 08:30"), moment("2026-03-12 08:30")
WINDOW, DEPUTY, COUNTY = "window_clerk@zhen", "deputy_head@zhen", "county_clerk@xian"


def sweep_at(office: Office, text: str) -> sweep.Swept:
    """What the scheduler does at that moment: timers first, then the ladder."""
    office.now = moment(text)
    sweep.wake_due(office.runtime, office.now)
    return sweep.act_due(office.runtime, office.now)


def kinds(office: Office) -> list[str]:
    return [row["kind"] for row in office.rows(tables.act)]


def deadline(office: Office, case: Done) -> dict[str, Any]:
    return office.deadlines(case)["受理超期"]


def test_each_rung_comes_in_its_time_and_tells_those_it_names(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    assert sweep_at(office, "2026-03-06 08:29").acted == 0
    for day, kind, told in (
        ("2026-03-06 08:30", "提醒", [WINDOW]),
        ("2026-03-09 08:30", "黄灯", [WINDOW, DEPUTY]),
        ("2026-03-10 08:30", "督办", [WINDOW, DEPUTY]),
        ("2026-03-12 08:30", "督办", [DEPUTY, COUNTY]),
    ):
        assert sweep_at(office, day).acted == 1, day
        last = office.rows(tables.act)[-1]
        assert (last["kind"], last["told"]) == (kind, told)
    assert deadline(office, case)["next_act_at"] is None
    assert sweep_at(office, "2026-04-30").acted == 0


def test_an_act_is_numbered_by_kind_and_stands_in_the_history(office: Office) -> None:
    cases = [office.start("line", at="2026-03-02") for _ in range(2)]
    sweep_at(office, "2026-03-06 08:30")
    assert {row["number"] for row in office.rows(tables.act)} == {"提醒〔2026〕1号", "提醒〔2026〕2号"}
    for case in cases:
        act = office.row(tables.act, case_id=case.case_id)
        due = f"办件{case.number}（刘桂英）的「受理」应于2026-03-09前完成，还剩1个工作日"
        assert act["text"] == f"{due}，请抓紧办理。（{act['number']}）"
        (line,) = office.rows(tables.history, case_id=case.case_id, act="ladder")
        assert (line["name"], line["by_name"]) == (f"提醒：受理（{act['number']}）", "时钟")
        assert line["details"]["text"] == act["text"]
    with office.look() as this:
        assert not list(history.verify(this.session))


def test_the_message_goes_to_whoever_signed_for_the_task(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.claim(office.open(case, "受理"), "wang")
    sweep_at(office, "2026-03-06 08:30")
    (message,) = office.rows(tables.outbox, kind="提醒")
    assert (message["to_account"], message["to_role"]) == ("wang", None)
    assert office.row(tables.act)["told"] == ["wang"]


def test_a_task_that_is_done_is_not_pressed_for(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.do(case, "受理", "wang", at="2026-03-05")
    assert sweep_at(office, "2026-03-20").acted == 0
    late = office.start("line", at="2026-03-02")
    sweep_at(office, "2026-03-10 08:30")
    office.do(late, "受理", "wang")
    assert sweep_at(office, "2026-03-31").acted == 0


def test_after_a_pause_of_the_machine_only_the_last_warning_is_given(office: Office) -> None:
    office.start("line", at="2026-03-02")
    assert sweep_at(office, "2026-03-09 10:00").acted == 1
    act = office.row(tables.act)
    assert act["kind"] == "黄灯"
    assert "系统停机期间没有发出的：提醒" in act["text"]


def test_nobody_is_reminded_of_what_is_over_but_what_follows_comes_in_order(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    assert sweep_at(office, "2026-03-20").acted == 2
    assert [(row["kind"], row["told"]) for row in office.rows(tables.act)] == [
        ("红灯", [DEPUTY, COUNTY]),  # the diagram's own
        ("督办", [WINDOW, DEPUTY]),
        ("督办", [DEPUTY, COUNTY]),
    ]
    assert [row["act"] for row in office.rows(tables.history, case_id=case.case_id)] == [
        "started", "fired", "overdue", "ladder", "ladder",
    ]  # fmt: skip


def test_the_ladder_waits_until_the_diagram_has_spoken(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    assert sweep.act_due(office.runtime, SECOND).acted == 0
    sweep.wake_due(office.runtime, SECOND)
    assert sweep.act_due(office.runtime, SECOND).acted == 2
    assert deadline(office, case)["status"] == "overdue"


def test_what_the_diagram_has_told_is_not_told_again_when_the_limit_runs_out(office: Office) -> None:
    office.start("line", at="2026-03-02")
    sweep_at(office, "2026-03-09 08:30")
    before = len(office.rows(tables.outbox))
    assert sweep_at(office, "2026-03-10 00:01").acted == 0
    told = office.rows(tables.outbox)[before:]
    assert sorted((row["to_role"], row["kind"]) for row in told) == [("county_clerk", "催办"), ("deputy_head", "催办")]


def test_a_post_that_nobody_holds_is_passed_over(office: Office) -> None:
    office.start("line", at="2026-03-02")
    with office.step() as this:
        posts.withdraw(this.session, "zhao", "deputy_head", "zhen")
    try:
        sweep_at(office, "2026-03-09 08:30")
        assert office.row(tables.act)["told"] == [WINDOW]
    finally:
        with office.step() as this:
            posts.grant(this.session, "zhao", "deputy_head", "zhen")


def test_two_schedulers_do_each_rung_once(office: Office) -> None:
    for _ in range(5):
        office.start("line", at="2026-03-02")
    swept = at_once(*[lambda: sweep.act_due(office.runtime, REMINDER)] * 3)
    assert [each.failed for each in swept] == [0, 0, 0]
    assert sum(each.acted for each in swept) == 5
    numbers = {row["number"] for row in office.rows(tables.act)}
    assert numbers == {f"提醒〔2026〕{number}号" for number in range(1, 6)}
    assert len(office.rows(tables.outbox)) == 5


def test_two_schedulers_at_one_deadline_climb_one_rung(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.now = YELLOW
    which = deadline(office, case)["id"]

    def second() -> bool:
        with office.step() as this:
            return climbing.climb(this, which)

    assert behind(office, OPERATOR, lambda this: climbing.climb(this, which), second) == [True, False]
    assert kinds(office) == ["黄灯"]


def test_a_task_completed_while_its_reminder_is_written_loses_nothing(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    task, wang = office.open(case, "受理"), office.actor("wang")
    which = deadline(office, case)["id"]
    office.now = REMINDER
    results = behind(office, CLOCK, lambda this: climbing.climb(this, which), lambda: office.complete(task, wang))
    assert results[0] is True
    assert isinstance(results[1], Done)
    assert [row["act"] for row in office.rows(tables.history)] == ["started", "ladder", "completed"]
    with office.look() as this:
        assert not list(history.verify(this.session))
    assert deadline(office, case)["next_act_at"] is None


def test_one_broken_case_does_not_stop_the_others(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    first, second = office.start("line", at="2026-03-02"), office.start("line")
    with office.runtime.store.transaction() as session:
        broken = update(tables.deadline).where(tables.deadline.c.case_id == first.case_id)
        session.execute(broken.values(limit_text="不是时限", yellow_at=None, ledger={"pauses": 3}, region="nowhere"))
    swept = sweep.act_due(office.runtime, REMINDER)
    assert (swept.acted, swept.failed) == (1, 1)
    assert office.row(tables.act)["case_id"] == second.case_id
    assert "could not be done" in caplog.text


def test_the_family_is_reminded_of_its_own_task_and_never_pressed(office: Office) -> None:
    case = office.start("family", at="2026-03-02")
    assert sweep_at(office, "2026-03-06 08:30").acted == 1
    (message,) = office.rows(tables.outbox)
    assert message["to_applicant"]
    assert office.row(tables.act)["told"] == ["applicant@case"]
    assert sweep_at(office, "2026-03-31").acted == 0
    assert office.deadlines(case)["补正超期"]["next_act_at"] is None


def test_a_reminder_costs_the_same_however_many_deadlines_are_open(small_office: Office) -> None:
    def statements_for_one() -> int:
        small_office.start("line", at="2026-03-02")
        with watched(small_office.runtime) as traffic:
            assert sweep.act_due(small_office.runtime, REMINDER).acted == 1
        return len(traffic.statements)

    few = statements_for_one()
    for _ in range(30):
        small_office.start("line", at="2026-03-05")
    assert statements_for_one() == few
