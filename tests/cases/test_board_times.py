"""What the board says took how long, month against month, and how often clocks stood."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.cases.board import lists, pauses, performance
from engine.cases.board.filters import Filters
from tests.support.board import closed, lights, put_case, put_pause, put_task
from tests.support.office import Office, moment

NOON = "2026-11-24 12:00"
NOVEMBER, OCTOBER = date(2026, 11, 30), date(2026, 10, 31)


def total(office: Office, of: lists.Of, filters: Filters) -> int:
    with office.look("gao", NOON) as this:
        return lists.listing(this, of, filters).total


def times(office: Office, **asked: str) -> performance.Performance:
    with office.look("gao", NOON) as this:
        return performance.performance(this, Filters.read(asked))


def done(office: Office, day: date, workdays: int, **columns: Any) -> None:
    put_task(office.runtime, put_case(office.runtime), status="done", closed_on=day, workdays=workdays, **columns)


def test_the_share_in_time_is_of_those_that_had_a_limit_month_against_month(office: Office) -> None:
    for day, late in ((NOVEMBER, False), (NOVEMBER, False), (NOVEMBER, True), (OCTOBER, True)):
        put_case(office.runtime, **closed(day, late=late))
    put_case(office.runtime, **{**closed(NOVEMBER, late=False), "late": None})
    put_case(office.runtime, **closed(date(2026, 9, 30), late=False))
    page = times(office)
    (line,) = page.units
    assert page.previous == "2026-10"
    assert (line.now.total, line.now.in_time, line.now.late, line.then.total) == (4, 2, 1, 1)
    assert line.now.share is not None
    assert round(line.now.share, 1) == 66.7
    assert line.then.share == 0
    assert [(each.month, each.ended.total) for each in page.months[:4]] == [
        ("2026-11", 4),
        ("2026-10", 1),
        ("2026-09", 1),
        ("2026-08", 0),
    ]
    assert [total(office, "cases", each.filters) for each in page.months[:4]] == [4, 1, 1, 0]
    assert times(office, month="2026-10").units[0].now.total == 1


def test_a_step_shows_median_and_ninety_percent_of_its_working_days(office: Office) -> None:
    for workdays in (1, 2, 2, 3, 9):
        done(office, NOVEMBER, workdays, late=workdays == 9)
    done(office, OCTOBER, 5, late=False)
    (line,) = times(office).steps
    assert (line.now.total, line.now.median, line.now.ninety, line.now.late) == (5, 2, 9, 1)
    assert (line.then.total, line.then.median) == (1, 5)
    assert total(office, "tasks", line.filters.but(month="2026-11")) == 5
    assert total(office, "tasks", line.filters.but(month="2026-11", late="yes")) == 1


def test_what_has_been_open_longest_comes_first(office: Office) -> None:
    older = put_case(office.runtime, started_at=moment("2026-09-01"))
    newer = put_case(office.runtime, started_at=moment("2026-11-01"), **lights(moment("2026-11-20")))
    put_case(office.runtime, "waixiang", started_at=moment("2026-01-05"))
    assert [row.case_id for row in times(office).longest] == [older, newer]


def test_repeated_pauses_and_those_begun_on_a_last_day_are_told(office: Office) -> None:
    case_id = put_case(office.runtime)
    put_pause(office.runtime, case_id, end_at=moment("2026-11-24 10:00"))
    put_pause(office.runtime, case_id, nth=2, last_day=True)
    put_pause(office.runtime, case_id, kind="鉴定")
    put_pause(office.runtime, case_id, nth=3, begin_at=moment("2026-10-31 23:59"))
    with office.look("gao", NOON) as this:
        page = pauses.report(this, Filters())
    told = {line.name: (line.stood.total, line.stood.repeated, line.stood.last_day, line.stood.standing)
            for line in page.kinds}  # fmt: skip
    assert told == {"补正": (2, 1, 1, 1), "鉴定": (1, 0, 0, 1)}
    (unit,) = page.units
    assert (unit.name, unit.stood.total) == ("秋浦街道", 3)
    for asked, number in (({}, 3), ({"repeated": "yes"}, 1), ({"last_day": "yes"}, 1), ({"mark": "paused"}, 2)):
        assert total(office, "pauses", unit.filters.but(**asked)) == number, asked
