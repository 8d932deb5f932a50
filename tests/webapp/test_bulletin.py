"""通报: the month of each unit, counted once and for those who watch over it, on the page and in the spreadsheet."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import insert, select, update

from engine.cases import Step
from engine.cases.views.bulletin import Row, bulletin
from engine.people import accounts
from engine.store import tables
from tests.support.app import MONDAY, Register, World
from tests.webapp.test_oversight import send

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


def row_of(world: World, account: str = "gc_supervisor", month: tuple[date, date] = MARCH) -> Row:
    """The only row of the month's bulletin."""
    with world.runtime.store.transaction(write=False) as session:
        actor = accounts.find(session, account, world.clock.now.date())
        assert actor is not None
        [row] = bulletin(Step(world.runtime, session, actor, world.clock.now), *month).rows
    return row


def close(world: World, case_id: int, day: date, *, late: bool) -> None:
    """End a case on a day."""
    moment = datetime(day.year, day.month, day.day, 2, tzinfo=MONDAY.tzinfo)
    columns = {"status": "closed", "closed_on": day, "closed_at": moment, "late": late}
    change(world, tables.case, case_id, columns)


def change(world: World, table: Any, row_id: int, columns: dict[str, Any]) -> None:
    with world.runtime.store.transaction() as session:
        session.execute(update(table).where(table.c.id == row_id).values(columns))


@pytest.fixture
def three(world: World, register: Register) -> list[int]:
    """Three cases: one done in time, one late, one open."""
    found = [register(applicantName=name, signatoryName=name, **{"members-0-name": name, "incomes-0-member": name})
             for name in ("甲一", "乙二", "丙三")]  # fmt: skip
    close(world, found[0], date(2026, 3, 20), late=False)
    close(world, found[1], date(2026, 3, 21), late=True)
    world.clock.move(days=40)
    return found


def test_done_cases_are_in_time_or_late_and_each_counts_once(world: World, three: list[int]) -> None:
    row = row_of(world)

    assert row.unit is not None
    assert (row.unit.id, row.done, row.on_time, row.late) == ("qiupu", 2, 1, 1)
    assert row.rate == 0.5


def test_open_cases_are_those_at_the_end_of_the_month(world: World, three: list[int]) -> None:
    change(world, tables.case, three[2], {"due_at": datetime(2026, 4, 3, tzinfo=MONDAY.tzinfo)})
    march, april = row_of(world), row_of(world, month=APRIL)

    assert (march.open, march.overdue) == (1, 0)
    assert (april.open, april.overdue) == (1, 1)
    assert march.longest is not None
    assert april.longest is not None
    assert (march.longest.case_id, march.longest.days) == (three[2], 21)  # working days from 3 to 31 March
    assert april.longest.days > march.longest.days


def test_a_case_closed_later_was_still_open_at_the_end_of_the_month(world: World, three: list[int]) -> None:
    close(world, three[2], date(2026, 4, 7), late=False)

    assert (row_of(world).open, row_of(world).done) == (1, 2)
    assert (row_of(world, month=APRIL).open, row_of(world, month=APRIL).done) == (0, 1)


def test_reminders_and_sheets_count_for_the_unit_they_went_to(world: World, register: Register) -> None:
    case_id = register()
    send(world.desk("gc_supervisor"), case_id)
    act = {"number": "催办〔2026〕1号", "kind": "催办", "case_id": case_id, "name": "受理", "unit_id": "qiupu"}
    act |= {"unit_path": world.runtime.units.get("qiupu").path, "told": [], "text": "", "at": MONDAY}
    with world.runtime.store.transaction() as session:
        session.execute(insert(tables.act).values({**act, "by": "gc_clerk", "by_name": "曹雪梅"}))

    row = row_of(world)

    assert (row.urged, row.pressed, row.overseen) == (1, 0, 1)
    assert row.open == 1  # the sheet itself is no application


def test_steps_count_for_the_unit_that_held_them(world: World, register: Register) -> None:
    register()
    t = tables.task
    with world.runtime.store.transaction() as session:
        [task] = session.execute(select(t.c.id).where(t.c.status == "open")).scalars()
        done = {"status": "done", "closed_on": date(2026, 3, 4), "closed_at": MONDAY, "late": True}
        session.execute(update(t).where(t.c.id == task).values(done))

    row = row_of(world)

    assert (row.steps, row.steps_late) == (1, 1)


def test_each_sees_only_the_units_below(world: World, register: Register) -> None:
    register()
    assert "秋浦街道" in world.desk("cz_city").get("/desk/bulletin/?month=2026-03").text
    assert "秋浦街道" in world.desk("qp_head").get("/desk/bulletin/?month=2026-03").text
    assert "您监督的单位没有办件" in world.desk("dz_supervisor").get("/desk/bulletin/?month=2026-03").text


def test_who_watches_over_nobody_has_neither_page_nor_table(world: World) -> None:
    clerk = world.desk("qp_window")
    assert clerk.get("/desk/bulletin/").status_code == 403
    assert clerk.get("/desk/bulletin/table.xlsx").status_code == 403
    assert ">通报<" not in clerk.get("/desk/").text


def test_a_month_to_come_or_an_odd_one_is_the_one_that_runs(world: World, register: Register) -> None:
    register()
    for asked in ("2026-09", "2026-13", "0000-01", "'; drop table", ""):
        page = world.desk("gc_head").get("/desk/bulletin/", query_string={"month": asked})
        assert page.status_code == 200
        assert "<h1>2026年3月社会救助办理情况通报" in page.text


def test_the_spreadsheet_says_what_the_page_says(world: World, three: list[int]) -> None:
    desk = world.desk("gc_head")
    answer = desk.get("/desk/bulletin/table.xlsx?month=2026-03")
    sheet = ZipFile(BytesIO(answer.data))
    texts = re.findall(r"<t[^>]*>([^<]*)</t>", sheet.read("xl/sharedStrings.xml").decode())
    numbers = re.findall(r'<c r="[B-D]4"[^>]*><v>([^<]+)</v>', sheet.read("xl/worksheets/sheet1.xml").decode())

    assert answer.status_code == 200
    assert "2026年3月社会救助办理情况通报" in texts
    assert {"秋浦街道", "合计"} <= set(texts)
    assert numbers == ["2", "1", "1"]


def test_every_number_leads_to_a_list_of_as_many_rows(world: World, three: list[int]) -> None:
    """In the month that has ended what was open then has no list; what was done has."""
    desk = world.desk("gc_head")
    page = desk.get("/desk/bulletin/?month=2026-03").text
    links = re.findall(r'<td[^>]*data-label="(\S+?)"[^>]*><a href="(/desk/board/[^"]+)">(\d+)</a>', page)

    assert {label for label, _, _ in links} == {"办结", "按期", "超期"}
    for label, address, number in links:
        found = desk.get(address.replace("&amp;", "&")).text
        assert len(set(re.findall(r"/desk/cases/(\d+)", found))) == int(number), label


def test_what_is_open_now_has_its_list_too(world: World, three: list[int]) -> None:
    desk = world.desk("gc_head")
    page = desk.get("/desk/bulletin/").text
    [(address, number)] = re.findall(r'data-label="在办"><a href="([^"]+)">(\d+)</a>', page.partition("<tfoot>")[0])

    found = desk.get(address.replace("&amp;", "&")).text

    assert len(set(re.findall(r"/desk/cases/(\d+)", found))) == int(number) == 1
