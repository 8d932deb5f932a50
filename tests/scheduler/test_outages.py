"""The clock notices by itself that it stood, before it calls anything overdue (E-28)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from engine.cases import Done, schedules
from engine.clock.days import day_of
from engine.delivery import heartbeat
from engine.people.actor import CLOCK
from engine.store import tables
from scheduler import clock
from tests.support.office import Office, at_once, behind, moment
from tests.support.outages import due, office_of, told

LAST = "2026-07-06 17:00"
BACK = "2026-07-08 08:35"  # all of Tuesday was lost


def begun(office: Office) -> tuple[Office, Done]:
    """An office with a case of Monday, whose scheduler was last alive on Monday afternoon."""
    office_of(office)
    case = office.start("stood", at="2026-07-06 10:00")
    heartbeat.beat(office.runtime, moment(LAST))
    return office, case


@pytest.fixture
def stood(office: Office) -> tuple[Office, Done]:
    return begun(office)


@pytest.fixture
def small(small_office: Office) -> tuple[Office, Done]:
    return begun(small_office)


def alive(office: Office, at: str) -> None:
    """The scheduler has run until then."""
    with office.runtime.store.transaction() as session:
        h = tables.heartbeat
        session.execute(update(h).where(h.c.name == heartbeat.NAME).values(at=moment(at)))


def wake(office: Office, at: str) -> None:
    office.now = moment(at)
    clock.wake(office.runtime, office.now)
    clock.act(office.runtime, office.now)


def reminded(office: Office) -> set[str]:
    """Whom the diagram has told that a limit has passed."""
    return {row["to_role"] for row in office.rows(tables.outbox, kind="催办")}


def test_nobody_is_told_that_an_internal_limit_passed_while_nothing_ran(stood: tuple[Office, Done]) -> None:
    office, case = stood
    wake(office, BACK)
    assert reminded(office) == {"deputy_head"}  # the statutory one, whose day is not prolonged
    assert due(office, case)["提醒"] == "2026-07-08"
    (row,) = office.rows(tables.outage)
    assert (row["begin_at"], row["end_at"]) == (moment(LAST), moment(BACK))
    assert (row["by_clock"], row["what"], row["moved"], row["passed"]) == (True, "系统没有运行", 4, 0)
    assert told(office, case)[0].startswith("系统停机：内部期限推后：2026-07-06 17:00 至 2026-07-08 08:35，系统停机")
    alive(office, "2026-07-09 00:00")
    wake(office, "2026-07-09 00:01")
    assert reminded(office) == {"deputy_head", "civil_affairs_clerk"}
    assert len(office.rows(tables.outage)) == 1


def test_no_rung_is_climbed_that_the_outage_has_put_off(small: tuple[Office, Done]) -> None:
    office, case = small
    wake(office, LAST)
    alive(office, "2026-07-09 17:00")
    wake(office, "2026-07-09 17:01")
    row = office.deadlines(case)["五日"]
    assert row["next_act_at"] == moment("2026-07-10 08:30")
    clock.act(office.runtime, moment("2026-07-10 17:35"))
    assert office.rows(tables.act, deadline_id=row["id"]) == []
    assert office.deadlines(case)["五日"]["next_act_at"] == moment("2026-07-13 08:30")


def test_the_first_start_of_an_office_owes_nothing(small_office: Office) -> None:
    office_of(small_office).start("stood", at="2026-07-06 10:00")
    wake(small_office, BACK)
    heartbeat.beat(small_office.runtime, small_office.now)
    wake(small_office, BACK)
    assert small_office.rows(tables.outage) == []


@pytest.mark.parametrize(
    "last, now",
    [
        ("2026-07-07 10:00", "2026-07-07 10:14"),  # a restart
        ("2026-07-07 17:30", "2026-07-08 08:30"),  # a night
        ("2026-07-10 18:00", "2026-07-13 08:00"),  # a weekend
    ],
)
def test_a_restart_or_a_rest_is_no_outage(small: tuple[Office, Done], last: str, now: str) -> None:
    office, _case = small
    alive(office, last)
    wake(office, now)
    heartbeat.beat(office.runtime, moment(now))
    assert office.rows(tables.outage) == []


def test_switched_off_the_clock_writes_nothing_down(small: tuple[Office, Done], tmp_path: Path) -> None:
    office, case = small
    shutil.copytree(office.runtime.root / "processes", tmp_path / "processes")
    rules = tmp_path / "processes" / "policy" / "outages.toml"
    rules.write_text(rules.read_text("utf-8").replace("automatic = true", "automatic = false"), encoding="utf-8")
    quiet = replace(office.runtime, root=tmp_path)
    clock.wake(quiet, moment(BACK))
    heartbeat.beat(quiet, moment(BACK))
    assert office.rows(tables.outage) == []
    assert due(office, case)["提醒"] == "2026-07-07"


def test_several_schedulers_notice_one_outage(stood: tuple[Office, Done]) -> None:
    office, case = stood
    results = at_once(*[lambda: clock.wake(office.runtime, moment(BACK))] * 3)
    assert not [each for each in results if isinstance(each, Exception)]
    clock.wake(office.runtime, moment(BACK))
    assert len(office.rows(tables.outage)) == 1
    assert len(told(office, case)) == 1
    assert reminded(office) == {"deputy_head"}


@pytest.mark.postgres
def test_who_comes_while_another_writes_it_down_waits_and_finds_it_done(server_offices: Callable[[], Office]) -> None:
    office, _case = begun(server_offices())
    office.now = moment(BACK)
    behind(office, CLOCK, heartbeat.note, lambda: heartbeat.beat(office.runtime, moment(BACK)))
    assert len(office.rows(tables.outage)) == 1


def test_the_scheduler_does_it_by_itself(small: tuple[Office, Done]) -> None:
    office, case = small
    scheduler = clock.make(office.runtime, background=True, now=lambda: moment(BACK), every_seconds=0.05)
    scheduler.start()
    try:
        until = time.monotonic() + 10
        while not reminded(office) and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        scheduler.shutdown()
    assert reminded(office) == {"deputy_head"}
    assert due(office, case)["提醒"] == "2026-07-08"
    assert len(office.rows(tables.outage)) == 1


def test_a_case_that_the_clock_begins_late_knows_the_outage(small: tuple[Office, Done], tmp_path: Path) -> None:
    office, _case = small
    shutil.copytree(office.runtime.root / "processes", tmp_path / "processes")
    row = '[[schedule]]\nprocedure = "by_clock"\nplace = "341702"\nvalid_from = 2026-01-01\nbasis = "例子"\n'
    (tmp_path / schedules.FILE).write_text(row, encoding="utf-8")
    runtime = replace(office.runtime, root=tmp_path)
    schedules.begin_due(runtime, moment("2026-07-06 16:00"))
    assert clock.begin(runtime, moment(BACK)) == 2
    found = office.rows(tables.deadline, process_id="by_clock")
    assert {row["started_at"] for row in found} == {moment("2026-07-06 18:00")}
    assert {day_of(row["due_at"]) for row in found} == {date(2026, 7, 8)}
