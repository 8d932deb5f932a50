"""Cases that begin and tell other cases, and cases that the clock begins: each once, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from engine.cases import Done, relay, schedules, sweep, views
from engine.store import tables
from tests.support.office import Office, at_once, moment

SCHEDULE = """
[[schedule]]
procedure = "monthly"
place = "341702"
valid_from = 2026-01-01
basis = "试点"
"""


def asked(office: Office) -> tuple[Done, Done]:
    """A case that has asked 尧渡镇, and the case that was begun there."""
    case = office.start("asks", hukou="waixiang", village="")
    office.do(case, "先写", "wang", 意见="请协查住房")
    office.do(case, "登记", "wang", 推送至="waixiang")
    row = office.row(tables.case, parent_id=case.case_id)
    return case, Done(row["id"], row["number"], row["follow_code"])


def test_a_case_begins_another_with_what_the_diagram_hands_on(office: Office) -> None:
    case, other = asked(office)
    row = office.case(other)

    assert (row["procedure"], row["places"], row["applicant_name"]) == (
        "answers",
        {"application_township": "waixiang"},
        "刘桂英",
    )
    assert office.tasks(other)["回答"]["unit_id"] == "waixiang"
    assert [each["form_id"] for each in office.rows(tables.submission, case_id=other.case_id)] == ["apply"]
    first = office.rows(tables.history, case_id=other.case_id)[0]
    assert (first["act"], first["details"]["from"]) == ("started", case.number)


def test_the_answer_reaches_the_case_that_asked(office: Office) -> None:
    case, other = asked(office)
    assert office.tasks(case) == {}
    assert sweep.stuck(office.runtime) == []
    office.do(other, "回答", "yao", 结论="同意")

    assert list(office.tasks(case)) == ["看答复"]
    assert office.case(other)["status"] == "closed"
    assert [each["status"] for each in office.rows(tables.relay)] == ["done", "done"]


def test_an_answer_is_given_once_however_many_carry_it(office: Office) -> None:
    case, other = asked(office)
    office.do(other, "回答", "yao", 结论="同意")
    keys = [each["key"] for each in office.rows(tables.relay)]
    at_once(*(lambda key=key: relay.carry_out(office.runtime, key, office.now) for key in keys * 2))

    assert len(office.rows(tables.case)) == 2
    assert list(office.tasks(case)) == ["看答复"]


def test_what_the_process_died_before_doing_is_done_by_the_scheduler(office: Office) -> None:
    case, _ = asked(office)
    (done,) = office.rows(tables.relay)
    left = {**done, "id": done["id"] + 1, "key": "left behind", "status": "waiting", "to_id": None}
    with office.runtime.store.transaction() as session:
        session.execute(insert(tables.relay).values({**left, "next_at": office.now}))

    assert relay.carry_out_due(office.runtime, office.now) == 1
    assert relay.carry_out_due(office.runtime, office.now) == 0
    assert len(office.rows(tables.case, parent_id=case.case_id)) == 2


def test_a_message_that_nobody_waits_for_is_kept_and_tried_again(office: Office) -> None:
    case, other = asked(office)
    with office.runtime.store.transaction() as session:
        session.execute(update(tables.case).where(tables.case.c.id == case.case_id).values(status="closed"))
    office.do(other, "回答", "yao", 结论="同意")
    last = office.rows(tables.relay)[-1]

    assert (last["status"], last["attempts"]) == ("waiting", 1)
    assert "已经办结" in last["error"]
    for _ in relay.BACKOFF:
        relay.carry_out(office.runtime, last["key"], office.now)
    assert office.rows(tables.relay)[-1]["status"] == "failed"


@pytest.fixture
def scheduled(small_office: Office) -> Office:
    """An office whose county has its files audited every month, and that has looked at the clock in April."""
    path = small_office.runtime.root / schedules.FILE
    path.write_text(SCHEDULE, encoding="utf-8")
    schedules.begin_due(small_office.runtime, moment("2026-04-20"))
    return small_office


def test_the_clock_begins_a_case_for_each_township_of_the_place(scheduled: Office) -> None:
    assert schedules.begin_due(scheduled.runtime, moment("2026-05-01 07:59")) == 0
    assert schedules.begin_due(scheduled.runtime, moment("2026-05-01 08:00")) == 2
    cases = scheduled.rows(tables.case)

    assert sorted(row["places"]["application_township"] for row in cases) == ["xiang", "zhen"]
    assert {row["started_at"] for row in cases} == {moment("2026-05-01 08:00")}
    assert "2026年5月" in cases[0]["applicant_name"]


def test_two_schedulers_and_a_clock_that_jumps_begin_each_month_once(scheduled: Office) -> None:
    at_once(*[lambda: schedules.begin_due(scheduled.runtime, moment("2026-07-02"))] * 2)
    schedules.begin_due(scheduled.runtime, moment("2026-05-02"))
    with scheduled.runtime.store.transaction() as session:
        session.execute(delete(tables.heartbeat))
    schedules.begin_due(scheduled.runtime, moment("2026-04-30"))
    schedules.begin_due(scheduled.runtime, moment("2026-07-02"))

    months = sorted((row["started_on"].month, row["unit_id"]) for row in scheduled.rows(tables.case))
    assert months == [(month, unit) for month in (5, 6, 7) for unit in ("xiang", "zhen")]


def test_an_office_that_starts_today_owes_nothing_of_the_past(scheduled: Office) -> None:
    with scheduled.runtime.store.transaction() as session:
        session.execute(delete(tables.heartbeat))
    assert schedules.begin_due(scheduled.runtime, moment("2026-09-15")) == 0


def test_a_place_that_is_not_in_the_table_is_left_alone(scheduled: Office) -> None:
    path: Path = scheduled.runtime.root / schedules.FILE
    path.write_text(SCHEDULE.replace("341702", "341721").replace("2026-01-01", "2026-08-01"), encoding="utf-8")

    assert schedules.begin_due(scheduled.runtime, moment("2026-07-02")) == 0
    assert schedules.begin_due(scheduled.runtime, moment("2026-09-02")) == 2  # August and September in 尧渡镇


def test_each_of_the_two_cases_shows_the_other_to_those_who_see_both(office: Office) -> None:
    case, other = asked(office)
    with office.look("yao") as this:
        (first,) = views.case(this, other.case_id).related
    with office.look("wang") as this:
        unseen = views.case(this, case.case_id).related  # 尧渡镇's own case is not the asking township's to see

    assert (first.number, first.relation, first.name) == (case.number, "发起本件", "asks")
    assert unseen == []
