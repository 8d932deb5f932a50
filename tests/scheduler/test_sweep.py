"""What the clock does to an office: due deadlines fire, broken cases don't stop it, and only what is due costs."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.cases import sweep
from engine.store import tables
from scheduler import clock
from tests.support.office import Office, at_once, moment, watched

AFTER = moment("2026-03-12")  # 5 working days after 2026-03-02 is 2026-03-09


def fired(office: Office) -> int:
    return len(office.rows(tables.deadline, status="overdue"))


def test_a_deadline_that_is_due_fires_once_and_reminds_those_it_names(office: Office) -> None:
    office.start("line")
    assert sweep.wake_due(office.runtime, moment("2026-03-09 23:59")).fired == 0
    assert sweep.wake_due(office.runtime, AFTER).fired == 1
    assert sweep.wake_due(office.runtime, AFTER).fired == 0
    assert {row["to_role"] for row in office.rows(tables.outbox, kind="催办")} == {"deputy_head", "county_clerk"}


def test_the_task_that_is_late_can_still_be_done(office: Office) -> None:
    case = office.start("line")
    sweep.wake_due(office.runtime, AFTER)
    office.do(case, "受理", "wang", at="2026-03-12 10:00")
    assert list(office.tasks(case)) == ["审核"]


def test_two_schedulers_remind_once(office: Office) -> None:
    for _ in range(6):
        office.start("line")
    results = at_once(*[lambda: sweep.wake_due(office.runtime, AFTER)] * 2)
    assert sum(result.fired for result in results) == 6
    assert len(office.rows(tables.history, act="overdue")) == 6


def test_a_broken_case_does_not_stop_the_others(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    first, second = office.start("line"), office.start("line")
    with office.runtime.store.transaction() as session:
        broken = update(tables.case).where(tables.case.c.id == first.case_id).values(state=b"not a state")
        session.execute(broken)
    office.runtime.live.clear()
    swept = sweep.wake_due(office.runtime, AFTER)
    assert (swept.fired, swept.failed) == (1, 1)
    assert office.deadlines(second)["受理超期"]["status"] == "overdue"
    assert office.deadlines(first)["受理超期"]["status"] == "running"
    assert "could not be fired" in caplog.text


def test_the_sweep_costs_what_is_due_not_what_is_open(small_office: Office) -> None:
    def statements_for_one_due() -> int:
        due = small_office.start("line", at="2026-03-02")
        with watched(small_office.runtime) as traffic:
            assert sweep.wake_due(small_office.runtime, AFTER).fired == 1
        assert small_office.deadlines(due)["受理超期"]["status"] == "overdue"
        return len(traffic.statements)

    few = statements_for_one_due()
    for _ in range(40):
        small_office.start("line", at="2026-03-11")
    assert statements_for_one_due() == few


def test_a_late_sweep_counts_from_the_moment_that_was_due(office: Office) -> None:
    office.start("line")
    sweep.wake_due(office.runtime, AFTER + timedelta(days=30))
    (line,) = office.rows(tables.history, act="fired")
    assert line["at"] == AFTER + timedelta(days=30)
    assert office.row(tables.deadline)["status"] == "overdue"


def test_no_open_case_waits_for_nothing(office: Office) -> None:
    case = office.start("line")
    assert sweep.stuck(office.runtime) == []
    with office.runtime.store.transaction() as session:
        session.execute(update(tables.task).values(status="done"))
        session.execute(update(tables.deadline).values(status="met"))
    assert clock.watch(office.runtime, AFTER) == [case.number]


def test_the_scheduler_wakes_by_itself(small_office: Office) -> None:
    small_office.start("line")
    woken = threading.Event()
    scheduler = clock.make(small_office.runtime, background=True, now=lambda: AFTER, every_seconds=0.05)
    scheduler.add_listener(lambda _event: woken.set())
    scheduler.start()
    try:
        assert woken.wait(10)
        until = time.monotonic() + 10
        while not fired(small_office) and time.monotonic() < until:
            woken.wait(0.05)
        assert fired(small_office) == 1
    finally:
        scheduler.shutdown()
