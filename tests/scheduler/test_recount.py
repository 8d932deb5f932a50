"""The scheduler carries out a confirmed notice, goes on after a crash, and finds deadlines written too late."""

from __future__ import annotations

import time
from datetime import date

from engine.cases import calendar_notices
from engine.clock.days import day_of
from engine.store import tables
from scheduler import clock
from tests.support import calendars
from tests.support.office import Office


def confirmed(office: Office) -> Office:
    """An office that has just confirmed the longer holiday of 2020, with a case begun on 31 January."""
    old = calendars.office_of(office, 2019)
    calendars.confirm(old, calendars.import_notice(old, calendars.year_2020(), "2019-11-25"))
    old.start("limits", at="2020-01-31")
    notice = calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 12:00")
    with old.step() as this:
        calendar_notices.confirm(this, notice)
    return old


def due_on(office: Office) -> date:
    return day_of(office.row(tables.deadline, node_id="一日")["due_at"])


def test_a_confirmed_notice_is_carried_out_once(office: Office) -> None:
    old = confirmed(office)
    assert clock.recount(old.runtime, lambda: old.now).done == 5
    assert due_on(old) == date(2020, 2, 3)
    assert clock.recount(old.runtime, lambda: old.now).done == 0


def test_the_scheduler_does_it_by_itself(small_office: Office) -> None:
    old = confirmed(small_office)
    scheduler = clock.make(old.runtime, background=True, now=lambda: old.now, every_seconds=0.05)
    scheduler.start()
    try:
        until = time.monotonic() + 10
        while due_on(old) != date(2020, 2, 3) and time.monotonic() < until:
            time.sleep(0.05)
        assert due_on(old) == date(2020, 2, 3)
    finally:
        scheduler.shutdown()


def test_deadlines_of_an_older_program_follow_the_notices_that_a_newer_one_begins_with(office: Office) -> None:
    old = calendars.office_of(office, 2025)
    case = old.start("limits", at="2025-12-30")
    assert old.deadlines(case)["一日"]["provisional"] is False
    assert old.deadlines(case)["三十日"]["provisional"]
    new = calendars.office_of(office, 2026)
    new.now = old.now

    assert clock.recount(new.runtime, lambda: new.now).done == 0
    assert clock.recount(new.runtime, lambda: new.now, thoroughly=True).done == 5
    assert not new.deadlines(case)["三十日"]["provisional"]
    assert [row["name"] for row in new.rows(tables.history, act="calendar")] == ["按新的工作日历重新计算期限"]
