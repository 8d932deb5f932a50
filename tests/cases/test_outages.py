"""When the system stood, limits that no rule sets wait for it; statutory ones never do (E-28)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from engine.cases import Done, history, outages, sweep, views
from engine.cases.outages import OutageNotFound, OutageRefused
from engine.clock.days import day_of
from engine.store import tables
from tests.support.office import Office, PowerCut, at_once, moment, watched
from tests.support.outages import DAY, NIGHT, due, enter, follow, office_of, told

BEFORE = {
    "一日": "2026-07-07",
    "提醒": "2026-07-07",
    "法定": "2026-07-07",
    "一天半": "2026-07-07 22:00",
    "五日": "2026-07-13",
    "月中": "2026-07-15",
}
AFTER = BEFORE | {"一日": "2026-07-08", "提醒": "2026-07-08", "一天半": "2026-07-08 04:00", "五日": "2026-07-14"}


@pytest.fixture
def stood(office: Office) -> Office:
    return office_of(office)


@pytest.fixture
def small(small_office: Office) -> Office:
    return office_of(small_office)


def begun(office: Office, at: str = "2026-07-06 10:00", **fields: str) -> Done:
    return office.start("stood", at=at, **fields)


def broken(office: Office) -> list[history.Broken]:
    with office.look() as this:
        return list(history.verify(this.session))


def withdraw(office: Office, outage_id: int, at: str) -> None:
    with office.step(at=at) as this:
        outages.withdraw(this, outage_id)
    assert follow(office)


# --- what moves -----------------------------------------------------------------------------------------------------


def test_a_day_on_which_the_system_stood_moves_internal_limits_and_no_statutory_one(stood: Office) -> None:
    case = begun(stood)
    assert due(stood, case) == BEFORE
    outage = enter(stood, *DAY)
    assert follow(stood)
    assert due(stood, case) == AFTER
    row = stood.row(tables.outage, id=outage)
    assert (row["moved"], row["passed"], row["finished_at"]) == (4, 0, stood.now)
    assert broken(stood) == []


def test_task_case_and_ladder_show_the_new_dates_and_the_history_says_why(stood: Office) -> None:
    case = begun(stood)
    before = stood.deadlines(case)["五日"]
    enter(stood, *DAY)
    follow(stood)
    after = stood.deadlines(case)["五日"]
    assert (before["next_act_at"], after["next_act_at"]) == (moment("2026-07-10 08:30"), moment("2026-07-13 08:30"))
    task, row = stood.tasks(case)["办理"], stood.case(case)
    assert day_of(task["due_at"]) == day_of(row["step_due_at"]) == date(2026, 7, 7)  # the statutory one
    assert told(stood, case) == [
        "系统停机：内部期限推后：2026-07-07 09:00 至 15:00，系统停机（停电）。"
        "「办理」由2026-07-07 22:00改为2026-07-08 04:00；「办理」由2026-07-07改为2026-07-08（推后1日）；"
        "「办理」由2026-07-07改为2026-07-08（推后1日）；「办理」由2026-07-13改为2026-07-14（推后1日）"
    ]
    with stood.look("wang") as this:
        page = views.case(this, case.case_id)
    assert "2026-07-07（周二）不计：当天系统停机" in next(
        row.explain for row in page.deadlines if "5个" in row.limit_text
    )
    assert {row.paused_text for row in page.deadlines if row.limit_text == "1个工作日"} == {"", "今天系统停机，不计"}


def test_at_night_only_limits_in_hours_wait(small: Office) -> None:
    case = begun(small)
    enter(small, *NIGHT)
    follow(small)
    assert due(small, case) == BEFORE | {"一天半": "2026-07-08 04:00"}


def test_an_outage_of_one_place_moves_nothing_elsewhere(stood: Office) -> None:
    here, there = begun(stood), begun(stood, receiving="xiang", hukou="xiang", village="")
    enter(stood, *DAY, unit="zhen")
    follow(stood)
    assert (due(stood, here), due(stood, there)) == (AFTER, BEFORE)
    assert "秋浦街道系统停机" in told(stood, here)[0]
    enter(stood, *DAY, unit="xian")  # the county, with what lies below
    follow(stood)
    assert (due(stood, here), due(stood, there)) == (AFTER, AFTER)
    assert len(told(stood, here)) == 1


def test_an_outage_elsewhere_costs_nothing_when_a_later_one_is_counted(small: Office) -> None:
    case = begun(small)
    enter(small, *DAY, unit="xiang")
    enter(small, "2026-07-08 09:00", "2026-07-08 12:00")
    follow(small)
    assert due(small, case) == BEFORE | {"五日": "2026-07-14"}


def test_where_a_place_has_set_the_limit_itself_it_is_no_internal_one(small: Office) -> None:
    case = begun(small, receiving="waixiang", hukou="waixiang", village="")
    before = due(small, case)
    enter(small, *DAY)
    follow(small)
    assert due(small, case) == before


def test_a_limit_that_began_or_ended_outside_the_outage_keeps_its_date(small: Office) -> None:
    later = begun(small, at="2026-07-07 16:00")
    before = due(small, later)
    enter(small, *DAY, now="2026-07-07 17:00")
    follow(small)
    assert due(small, later) == before
    assert told(small, later) == []


def test_two_short_outages_of_a_day_together_cost_it(small: Office) -> None:
    case = begun(small)
    enter(small, "2026-07-07 09:00", "2026-07-07 09:40")
    follow(small)
    assert due(small, case)["五日"] == "2026-07-13"
    second = enter(small, "2026-07-07 15:00", "2026-07-07 15:20")
    follow(small)
    assert due(small, case) == AFTER | {"一天半": "2026-07-07 23:00"}
    withdraw(small, second, "2026-07-07 16:00")
    assert due(small, case) == BEFORE | {"一天半": "2026-07-07 22:40"}


def test_of_two_that_are_new_each_is_named_with_what_it_moved(stood: Office) -> None:
    case = begun(stood)
    enter(stood, "2026-07-08 09:00", "2026-07-08 12:00", what="网络中断")
    enter(stood, *DAY, now="2026-07-08 12:00")
    follow(stood)
    assert due(stood, case) == AFTER | {"五日": "2026-07-15", "一日": "2026-07-09", "提醒": "2026-07-09"}
    first, second = told(stood, case)
    assert "网络中断" in first
    assert "「办理」由2026-07-13改为2026-07-14" in first
    assert "停电" in second
    assert "「办理」由2026-07-14改为2026-07-15" in second
    assert [row["moved"] for row in stood.rows(tables.outage)] == [1, 4]


# --- with pauses and extensions -------------------------------------------------------------------------------------


def test_a_day_on_which_the_case_was_paused_anyway_counts_once_and_stays_when_the_pause_ends(small: Office) -> None:
    case = begun(small)
    small.send(case, "要求评议", "li", at="2026-07-06 11:00")
    assert due(small, case)["五日"] == "2026-07-20"  # five working days paused
    enter(small, *DAY)
    follow(small)
    assert due(small, case)["五日"] == "2026-07-20"
    assert told(small, case) == []
    small.do(case, "评议", "li", at="2026-07-07 16:00")  # the pause has covered no whole day
    assert due(small, case)["五日"] == "2026-07-14"


def test_an_outage_withdrawn_leaves_the_pause(small: Office) -> None:
    case = begun(small)
    small.send(case, "要求评议", "li", at="2026-07-06 11:00")
    paused = due(small, case)
    outage = enter(small, *DAY)
    follow(small)
    withdraw(small, outage, "2026-07-07 16:00")
    assert due(small, case) == paused
    (line,) = small.deadlines(case)["五日"]["ledger"]["pauses"]
    assert line["reason"] == "评议"


# --- what has passed ------------------------------------------------------------------------------------------------


def test_what_the_clock_has_called_overdue_does_not_move_and_the_history_says_so_once(stood: Office) -> None:
    case = begun(stood)
    stood.now = moment("2026-07-08 09:00")
    sweep.wake_due(stood.runtime, stood.now)
    outage = enter(stood, *DAY, now="2026-07-08 09:05")
    follow(stood)
    assert due(stood, case) == BEFORE | {"五日": "2026-07-14"}
    (said,) = told(stood, case)
    assert said.endswith(
        "「办理」由2026-07-13改为2026-07-14（推后1日）；"
        "「办理」2026-07-07已到期，不再推后；「办理」2026-07-07已到期，不再推后"
    )
    row = stood.row(tables.outage, id=outage)
    assert (row["moved"], row["passed"]) == (1, 2)
    assert stood.deadlines(case)["提醒"]["status"] == "overdue"


def test_a_limit_that_fell_due_before_the_system_stood_is_overdue(small: Office) -> None:
    case = begun(small)
    enter(small, "2026-07-08 08:00", "2026-07-08 12:00")  # nothing ran since Tuesday evening
    follow(small)
    assert due(small, case) == BEFORE | {"五日": "2026-07-14"}
    assert small.deadlines(case)["一日"]["ledger"]["pauses"] == []
    assert sweep.wake_due(small.runtime, small.now).fired > 0


def test_withdrawn_it_moves_them_back_and_nobody_is_late_by_that(stood: Office) -> None:
    case = begun(stood)
    outage = enter(stood, *DAY)
    follow(stood)
    stood.now = moment("2026-07-08 09:00")
    sweep.wake_due(stood.runtime, stood.now)
    withdraw(stood, outage, "2026-07-08 09:05")
    assert due(stood, case) == {**AFTER, "五日": "2026-07-13"} | {"一天半": "2026-07-08 04:00"}
    assert told(stood, case)[1].startswith("撤销停机登记：内部期限恢复：")
    assert stood.row(tables.outage)["moved"] == 4
    assert broken(stood) == []


# --- what begins later ----------------------------------------------------------------------------------------------


def test_a_limit_that_begins_in_the_past_knows_the_outages_since(stood: Office) -> None:
    case = stood.start("afterwards", at="2026-07-03 10:00")
    stood.now = moment("2026-07-07 15:00")
    enter(stood, *DAY)
    follow(stood)
    sweep.wake_due(stood.runtime, stood.now)  # the wait ended on Monday evening
    row = stood.deadlines(case)["接着办"]
    assert (row["started_at"], day_of(row["due_at"])) == (moment("2026-07-06 23:59:59"), date(2026, 7, 8))
    follow(stood)
    assert told(stood, case) == []


def test_a_limit_that_begins_now_asks_nothing_more(small: Office) -> None:
    begun(small)
    with watched(small.runtime) as traffic:
        begun(small)
    assert not any("outage" in statement for statement in traffic.statements)


# --- cut off, shared, counted ---------------------------------------------------------------------------------------


def test_cut_off_anywhere_it_goes_on_where_it_stood(stood: Office) -> None:
    started = [begun(stood) for _ in range(3)]
    enter(stood, *DAY)
    cuts = 0
    for statement in range(40):
        try:
            with watched(stood.runtime, statement):
                follow(stood)
            break
        except PowerCut:
            cuts += 1
    assert cuts >= 8
    assert [due(stood, each) for each in started] == [AFTER] * 3
    assert [len(told(stood, each)) for each in started] == [1] * 3
    assert (stood.row(tables.outage)["moved"], broken(stood)) == (12, [])


def test_several_schedulers_share_the_work_and_do_nothing_twice(stood: Office) -> None:
    started = [begun(stood) for _ in range(6)]
    enter(stood, *DAY)
    results = at_once(*[lambda: follow(stood)] * 3)
    assert not [each for each in results if isinstance(each, Exception)]
    assert follow(stood)
    assert [due(stood, each) for each in started] == [AFTER] * 6
    assert [len(told(stood, each)) for each in started] == [1] * 6
    assert stood.row(tables.outage)["moved"] == 24


@pytest.mark.postgres
def test_a_case_that_somebody_holds_is_waited_for_and_none_is_passed_over(server_offices: Any) -> None:
    office = office_of(server_offices())
    first, held, third = (begun(office) for _ in range(3))
    enter(office, *DAY)
    with office.step() as this:
        this.session.execute(update(tables.case).where(tables.case.c.id == held.case_id).values(stage="在办"))
        assert not follow(office)
    assert (due(office, first), due(office, held), due(office, third)) == (AFTER, BEFORE, BEFORE)
    assert follow(office)
    assert (due(office, held), due(office, third)) == (AFTER, AFTER)


def test_many_cases_take_as_many_statements_as_few(small: Office) -> None:
    counts = []
    for more in (2, 10):
        for _ in range(more):
            begun(small)
        outage = enter(small, *DAY)
        with watched(small.runtime) as traffic:
            follow(small)
        counts.append(len(traffic.statements))
        withdraw(small, outage, "2026-07-07 16:00")
    assert counts[0] == counts[1] <= 20


def test_a_ledger_that_cannot_be_read_stops_nobody(small: Office) -> None:
    bad, good = begun(small), begun(small)
    wrong = {"pauses": [{"begin": "?", "end": "?", "reason": "评议"}], "extensions": []}
    with small.step() as this:
        d = tables.deadline
        which = (d.c.case_id == bad.case_id, d.c.node_id == "五日")
        this.session.execute(update(d).where(*which).values(ledger=wrong))
    enter(small, *DAY)
    assert follow(small)
    assert due(small, bad) == AFTER | {"五日": "2026-07-13"}
    assert due(small, good) == AFTER


# --- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begin, end, more, said",
    [
        ("2026-07-07 15:00", "2026-07-07 09:00", {}, "恢复时间要晚于停机时间"),
        ("2026-07-07 09:00", "2026-07-07 09:00", {}, "恢复时间要晚于停机时间"),
        ("2026-07-07 09:00", "2026-07-07 18:01", {}, "恢复时间还没有到"),
        ("2026-06-01 09:00", "2026-07-07 15:00", {}, "最长登记 30 天"),
        ("2025-06-30 09:00", "2025-06-30 15:00", {}, "一年以前"),
        ("2026-07-07 09:00", "2026-07-07 15:00", {"unit": "nowhere"}, "没有这个单位"),
        ("2026-07-07 09:00", "2026-07-07 15:00", {"what": ""}, "停了什么"),
        ("2026-07-07 09:00", "2026-07-07 15:00", {"what": "停" * 101}, "最多 100 字"),
    ],
)
def test_what_cannot_be_an_outage_is_refused(
    small: Office, begin: str, end: str, more: dict[str, str], said: str
) -> None:
    with pytest.raises(OutageRefused) as problem:
        enter(small, begin, end, now="2026-07-07 18:00", **more)
    assert said in problem.value.message
    assert small.rows(tables.outage) == []


def test_what_is_known_already_is_not_entered_again(small: Office) -> None:
    outage = enter(small, *DAY)
    for unit in ("", "zhen"):
        with pytest.raises(OutageRefused, match="已经登记过"):
            enter(small, "2026-07-07 10:00", "2026-07-07 15:00", unit=unit)
    with small.step() as this:
        outages.withdraw(this, outage)
    enter(small, *DAY, unit="zhen")
    enter(small, *DAY)  # more than the place


def test_only_what_is_in_force_is_withdrawn(small: Office) -> None:
    outage = enter(small, *DAY)
    withdraw(small, outage, "2026-07-07 16:00")
    for number in (outage, 99):
        with pytest.raises(OutageNotFound), small.step() as this:
            outages.withdraw(this, number)
