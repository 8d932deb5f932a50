"""A notice that comes later: open deadlines follow it, those that have passed never move, the history tells (E-17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from engine.cases import Done, calendar_notices, history, outlook, rederive, sweep
from engine.cases.calendar_notices import NoticeRefused
from engine.clock.days import day_of
from engine.clock.errors import NoticeInvalid
from engine.store import tables
from tests.support import calendars
from tests.support.office import Office, PowerCut, at_once, moment, watched


def due(office: Office, case: Done, node: str = "一日") -> str:
    found = office.deadlines(case)[node]["due_at"]
    assert found is not None
    return str(day_of(found))


def known_before(office: Office, base_year: int = 2019) -> Office:
    """An office at the end of 2019 that has the notice for 2020 as it was published first."""
    old = calendars.office_of(office, base_year)
    calendars.confirm(old, calendars.import_notice(old, calendars.year_2020(), "2019-11-25"))
    return old


def broken(office: Office) -> list[history.Broken]:
    with office.look() as this:
        return list(history.verify(this.session))


def told(office: Office, case: Done) -> list[str]:
    return [row["details"]["text"] for row in office.rows(tables.history, case_id=case.case_id, act="calendar")]


def test_the_longer_holiday_of_2020_moves_open_deadlines_and_no_other(office: Office) -> None:
    old = known_before(office)
    passed = old.start("limits", at="2020-01-20")
    v23 = old.start("limits", at="2020-01-30")
    v24 = old.start("limits", at="2020-01-31")
    assert [due(old, each) for each in (passed, v23, v24)] == ["2020-01-21", "2020-01-31", "2020-02-01"]

    notice = calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 11:00")
    assert [due(old, each) for each in (v23, v24)] == ["2020-01-31", "2020-02-01"]
    done = calendars.confirm(old, notice)

    assert [due(old, each) for each in (passed, v23, v24)] == ["2020-01-21", "2020-02-03", "2020-02-03"]
    assert done.finished
    assert done.moved == len(old.rows(tables.calendar_move, notice_id=notice)) > 2
    assert "「办理」由2020-01-31改为2020-02-03（推后3日）" in told(old, v23)[0]
    assert broken(old) == []


def test_a_notice_that_comes_too_late_moves_nothing_that_has_passed(office: Office) -> None:
    old = known_before(office)
    v23, v24 = old.start("limits", at="2020-01-30"), old.start("limits", at="2020-01-31")
    before = old.deadlines(v23)["一日"]

    calendars.confirm(old, calendars.import_notice(old, calendars.change_of_2020(), "2020-02-01 12:00"))

    assert old.deadlines(v23)["一日"] == before
    assert due(old, v24) == "2020-02-03"


def test_the_new_date_shows_on_the_deadline_the_task_and_the_case(office: Office) -> None:
    old = known_before(office)
    case = old.start("limits", at="2020-01-31")
    master = old.deadlines(case)["总时限"]["due_at"]

    calendars.confirm(old, calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 12:00"))

    deadlines, row = old.deadlines(case), old.case(case)
    first = deadlines["两天"]  # was the second while 1 February was worked
    (task,) = old.tasks(case).values()
    for name in ("due_at", "yellow_at", "red_at", "provisional"):
        assert task[name] == row[f"step_{name}"] == first[name]
        assert row[name] == deadlines["总时限"][name]
    assert row["due_at"] > master
    assert {each["calendar_version"] for each in deadlines.values()} == {old.runtime.calendar("341702").version}
    assert deadlines["两天"]["due_at"] == moment("2020-02-02 12:00") - (
        moment("2020-01-31 12:00") - moment("2020-01-31")
    )


def test_calendar_days_that_end_on_the_longer_holiday_roll_on(office: Office) -> None:
    old = known_before(office)
    case = old.start("limits", at="2020-01-25")
    assert due(old, case, "七日") == "2020-02-01"

    calendars.confirm(old, calendars.import_notice(old, calendars.change_of_2020(), "2020-01-27"))

    assert due(old, case, "七日") == "2020-02-03"


def test_a_date_in_2027_is_provisional_until_the_notice_settles_it(office: Office) -> None:
    now = calendars.office_of(office, 2026)
    case = now.start("limits", at="2026-12-20")
    later = now.start("limits", at="2026-12-24")
    before, wide = now.deadlines(case)["三十日"], now.deadlines(later)["三十日"]
    assert before["provisional"]
    assert (before["earliest"], day_of(before["due_at"])) == (date(2027, 1, 30), date(2027, 2, 1))
    assert wide["earliest"] < day_of(wide["due_at"]) < wide["latest"]
    assert now.case(case)["provisional"]

    calendars.confirm(now, calendars.import_notice(now, calendars.year_2027(), "2026-12-25"))

    after = now.deadlines(case)["三十日"]  # Saturday 30 January is worked
    assert (after["provisional"], day_of(after["due_at"])) == (False, date(2027, 1, 30))
    assert after["earliest"] == after["latest"] == date(2027, 1, 30)
    assert due(now, later, "三十日") == "2027-02-04"
    assert not now.case(case)["provisional"]
    assert "由2027-02-01改为2027-01-30（提前2日）" in told(now, case)[0]
    assert "2027-01-18，不再是暂定日期" in told(now, case)[0]


def test_what_a_region_adds_moves_only_its_own_cases(office: Office) -> None:
    now = calendars.office_of(office, 2026)
    here = now.start("limits", at="2026-04-17")
    there = now.start("limits", "yao", receiving="waixiang", hukou="waixiang", village="", at="2026-04-17")
    festival = calendars.file_of(
        "东至县放假通知", "东政〔2026〕1号", "2026-04-10", off=[("2026-04-20", "节")], region="341721"
    )

    calendars.confirm(now, calendars.import_notice(now, festival, "2026-04-17 12:00"))

    assert (due(now, here), due(now, there)) == ("2026-04-20", "2026-04-21")
    assert told(now, here) == []
    assert now.runtime.calendar("341721").version != now.runtime.calendar("341702").version


def test_a_pause_that_ends_later_by_itself_takes_what_it_stopped_with_it(office: Office) -> None:
    now = calendars.office_of(office, 2026)
    case = now.start("pauses", at="2026-07-06")
    now.do(case, "甲", "wang", at="2026-07-06 10:00")
    now.send(case, "要求补正", "li", at="2026-07-08 10:00")
    assert [due(now, case, node) for node in ("没有补", "总时限", "乙超期")] == [
        "2026-07-22",
        "2026-08-17",
        "2026-07-27",
    ]
    more = calendars.file_of("关于防汛放假的通知", "1号", "2026-07-08", off=[("2026-07-20", "防汛")])
    notice = calendars.import_notice(now, more, "2026-07-08 12:00")
    with now.look() as this:
        foreseen = {each.name: each.after for each in outlook.outlook(this, notice).movers}

    calendars.confirm(now, notice)

    assert [due(now, case, node) for node in ("没有补", "总时限", "乙超期")] == [
        "2026-07-23",
        "2026-08-18",
        "2026-07-28",
    ]
    found = now.deadlines(case).values()
    assert foreseen == {row["name"]: row["due_at"] for row in found if row["status"] == "running"}
    assert now.case(case)["paused_until"] == now.row(tables.pause)["until_at"] == moment("2026-07-23 23:59:59")
    now.do(case, "补材料", now.citizen(case.number), at="2026-07-14 15:00")
    assert due(now, case, "总时限") == "2026-08-07"  # three days out, and 20 July
    assert broken(now) == []


def test_the_preview_foresees_exactly_what_the_run_then_does(office: Office) -> None:
    old = known_before(office)
    for day in ("2020-01-20", "2020-01-25", "2020-01-30", "2020-01-31"):
        old.start("limits", at=day)
    notice = calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 12:00")
    untouched = old.everything()
    with old.look() as this:
        seen = outlook.outlook(this, notice)
    assert old.everything() == untouched

    calendars.confirm(old, notice)

    foreseen = {each.deadline_id: (each.after, each.provisional) for each in seen.movers}
    before = {row["id"]: row for row in untouched["deadline"]}
    really = {
        row["id"]: (row["due_at"], row["provisional"])
        for row in old.rows(tables.deadline)
        if (row["due_at"], row["provisional"]) != (before[row["id"]]["due_at"], before[row["id"]]["provisional"])
    }
    assert foreseen == really
    assert seen.moved == len(old.rows(tables.calendar_move, notice_id=notice))
    assert sum(times for _, times in seen.by_days()) == len(seen.movers)


def test_the_bounds_of_a_provisional_date_follow_a_day_behind_it(office: Office) -> None:
    now = calendars.office_of(office, 2026)
    case = now.start("limits", at="2026-12-24")
    before = now.deadlines(case)["三十日"]
    assert (day_of(before["due_at"]), before["latest"]) == (date(2027, 2, 9), date(2027, 2, 15))
    local = calendars.file_of("贵池区放假通知", "1号", "2026-12-25", off=[("2027-02-15", "节")], region="341702")

    calendars.confirm(now, calendars.import_notice(now, local, "2026-12-25"))

    after = now.deadlines(case)["三十日"]
    assert (after["due_at"], after["latest"]) == (before["due_at"], date(2027, 2, 16))
    assert told(now, case) == []


def test_a_run_that_was_cut_off_goes_on_and_does_nothing_twice(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    old = known_before(office)
    started = [old.start("limits", at="2020-01-31") for _ in range(5)]
    notice = calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 12:00")
    with old.step() as this:
        calendar_notices.confirm(this, notice)
    monkeypatch.setattr(rederive, "CASES", 2)
    cuts = 0
    for statement in range(6, 60, 3):
        try:
            with watched(old.runtime, statement):
                rederive.run(old.runtime, lambda: old.now)
            break
        except PowerCut:
            cuts += 1
    rederive.run(old.runtime, lambda: old.now)

    assert cuts >= 3
    assert {due(old, each) for each in started} == {"2020-02-03"}
    assert [len(told(old, each)) for each in started] == [1] * 5
    row = old.row(tables.calendar_notice, id=notice)
    assert (row["done"], row["total"], row["finished_at"]) == (25, 25, old.now)
    assert row["moved"] == len(old.rows(tables.calendar_move, notice_id=notice))
    assert broken(old) == []


def test_two_processes_share_the_work_and_do_nothing_twice(office: Office) -> None:
    old = known_before(office)
    started = [old.start("limits", at="2020-01-31") for _ in range(8)]
    notice = calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 12:00")
    with old.step() as this:
        calendar_notices.confirm(this, notice)

    results = at_once(*[lambda: rederive.run(old.runtime, lambda: old.now)] * 3)

    assert all(isinstance(each, rederive.Progress) for each in results), results
    assert sum(each.done for each in results) == 8 * 5
    assert [len(told(old, each)) for each in started] == [1] * 8
    assert broken(old) == []


def test_an_older_date_is_explained_by_the_calendar_of_its_time(office: Office) -> None:
    old = known_before(office)
    case = old.start("limits", at="2020-01-20")
    version = old.deadlines(case)["一日"]["calendar_version"]
    sweep.wake_due(old.runtime, moment("2020-01-22"))

    calendars.confirm(old, calendars.import_notice(old, calendars.change_of_2020(), "2020-01-27"))

    assert old.deadlines(case)["一日"]["calendar_version"] == version
    assert old.runtime.calendar_of(version).is_workday(date(2020, 1, 31))
    assert not old.runtime.calendar("341702").is_workday(date(2020, 1, 31))


def test_another_process_counts_by_the_new_notice_within_seconds(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = known_before(office)
    other = calendars.office_of(office, 2019)
    assert other.runtime.calendar().is_workday(date(2020, 1, 31))

    calendars.confirm(old, calendars.import_notice(old, calendars.change_of_2020(), "2020-01-27"))

    monkeypatch.setattr("engine.cases.calendars.LOOK_SECONDS", 0.0)
    assert not other.runtime.calendar().is_workday(date(2020, 1, 31))


def test_a_step_asks_the_store_nothing_more_for_its_calendar(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.cases.calendars.LOOK_SECONDS", 0.0)
    small_office.start("line")
    with watched(small_office.runtime) as often:
        small_office.start("line")
    monkeypatch.setattr("engine.cases.calendars.LOOK_SECONDS", 3600.0)
    with watched(small_office.runtime) as never:
        small_office.start("line")
    assert len(often.statements) == len(never.statements)


def test_a_deadline_written_by_a_process_that_did_not_know_yet_is_caught_later(office: Office) -> None:
    old = known_before(office)
    case = old.start("limits", at="2020-01-31")
    stale = old.deadlines(case)["一日"]
    calendars.confirm(old, calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 12:00"))
    columns = {name: stale[name] for name in ("due_at", "yellow_at", "red_at", "calendar_version")}
    with old.step() as this:
        this.session.execute(update(tables.deadline).where(tables.deadline.c.id == stale["id"]).values(columns))

    rederive.run(old.runtime, lambda: old.now)

    assert due(old, case) == "2020-02-03"
    assert len(old.rows(tables.calendar_move, deadline_id=stale["id"])) == 1


REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("again", calendars.year_2020, "2020年的放假安排已经有了"),
    ("gap", lambda: calendars.year_2027(), "2021年的放假安排还没有确认"),
    (
        "region",
        lambda: calendars.file_of("三月三", "1号", "2020-03-01", off=[("2020-04-20", "三月三")], region="99"),
        "没有行政区划代码以“99”开头的单位",
    ),
    (
        "year",
        lambda: calendars.file_of("调整", "1号", "2020-03-01", off=[("2021-04-20", "节")]),
        "2021年还没有放假安排",
    ),
]


@pytest.mark.parametrize("name,content,words", REFUSED, ids=[row[0] for row in REFUSED])
def test_a_notice_that_does_not_fit_is_refused_with_a_reason(
    small_office: Office, name: str, content: Callable[[], bytes], words: str
) -> None:
    old = known_before(small_office)
    with pytest.raises(NoticeRefused, match=words):
        calendars.import_notice(old, content(), "2020-02-01")


def test_the_same_notice_is_imported_once_and_a_dropped_one_may_come_back(office: Office) -> None:
    old = known_before(office)
    notice = calendars.import_notice(old, calendars.change_of_2020(), "2020-01-27")
    with pytest.raises(NoticeRefused, match="已经导入过（待确认）"):
        calendars.import_notice(old, calendars.change_of_2020(), "2020-01-28")
    with old.step() as this:
        calendar_notices.drop(this, notice)
    with pytest.raises(NoticeRefused, match="已作废"), old.step() as this:
        calendar_notices.confirm(this, notice)
    assert calendars.import_notice(old, calendars.change_of_2020(), "2020-01-28") == notice


def test_nothing_is_kept_of_a_file_with_one_faulty_notice(small_office: Office) -> None:
    old = known_before(small_office)
    both = calendars.change_of_2020() + calendars.change_of_2020().replace(b"2020-02-02", b"2020-02-01")
    with pytest.raises(NoticeInvalid, match="出现了两次"):
        calendars.import_notice(old, both, "2020-01-27")
    assert [row["status"] for row in old.rows(tables.calendar_notice)] == ["confirmed"]


def test_one_notice_at_a_time_is_carried_out(small_office: Office) -> None:
    old = known_before(small_office)
    old.start("limits", at="2020-01-31")
    first = calendars.import_notice(old, calendars.change_of_2020(), "2020-01-31 12:00")
    second = calendars.import_notice(
        old, calendars.file_of("再调整", "2号", "2020-01-30", off=[("2020-02-07", "延长")]), "2020-01-31 12:00"
    )
    with old.step() as this:
        calendar_notices.confirm(this, first)
    with pytest.raises(NoticeRefused, match="还在重新计算"), old.step() as this:
        calendar_notices.confirm(this, second)
    rederive.run(old.runtime, lambda: old.now)
    assert calendars.confirm(old, second).finished


def test_the_package_offers_the_years_it_knows_beyond_those_in_force(small_office: Office) -> None:
    old = calendars.office_of(small_office, 2025)
    assert calendar_notices.importable_years(old.runtime) == [2026]
    with old.step() as this:
        notice = calendar_notices.import_packaged(this, 2026)
    calendars.confirm(old, notice)
    assert old.runtime.calendar().last_notice == 2026
    assert calendar_notices.importable_years(old.runtime) == []
    reference: Any = calendars.office_of(small_office, 2026).runtime
    reference.calendars.look()
    assert old.runtime.calendar("341702").version == reference.calendar("341702").version
