"""The board at the desk: every number has its list, every list its file, and nobody sees beyond their units."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from engine.cases import scenario, sweep
from tests.processes.conftest import ROOT
from tests.support.app import Desk, Register, World

EXAMPLES = ROOT / "processes" / "full_online" / "scenarios"
PLAYED = {
    "approved_without_objection": "2026-03-27 23:00",
    "late_decision": "2026-03-28 12:00",
    "late_survey_and_commission": "2026-03-06 09:00",
    "objection_upheld": "2026-03-18 10:00",
    "pause_notice": "2026-12-31 09:00",
    "supplement_twice": "2026-12-31 09:00",
}
NUMBER = re.compile(r'<a class="number" href="([^"]+)">(\d+)')
TOTAL = re.compile(r'class="total">(\d+)<')
PAGES = ("", "diagram?procedure=full_online", "performance?month=2026-03", "stood?month=2026-07", "?unit=guichi")


@pytest.fixture
def busy(world: World) -> World:
    """An office in which cases stand everywhere, on 30 March 2026."""
    for name, until in PLAYED.items():
        report = scenario.Run(
            world.runtime, scenario.read(EXAMPLES / f"{name}.yaml"), until=scenario.moment(until)
        ).play()
        assert report.ok, report.failure
    world.clock.now = scenario.moment("2026-03-30 09:00")
    sweep.wake_due(world.runtime, world.clock.now)
    return world


@pytest.mark.parametrize("page", PAGES)
def test_every_number_is_the_length_of_the_list_behind_it(busy: World, page: str) -> None:
    city = busy.desk("cz_city")
    numbers = {
        (unescape(address), int(count)) for address, count in NUMBER.findall(city.get(f"/desk/board/{page}").text)
    }

    assert numbers
    for address, count in numbers:
        total = TOTAL.search(city.get(address).text)
        assert total, address
        assert int(total[1]) == count, address


def test_a_step_over_time_is_marked_though_the_case_is_in_time(busy: World) -> None:
    page = busy.desk("gc_supervisor").get("/desk/board/cases?mark=step").text
    assert "环节超时</span>" in page


def test_a_step_done_once_more_is_counted_and_listed(busy: World) -> None:
    county = busy.desk("gc_supervisor")
    page = county.get("/desk/board/performance?month=2026-03").text
    found = re.search(r'<th scope="row">审查补正材料</th>.*?href="([^"]*repeated=yes[^"]*)">(\d+)', page, re.DOTALL)
    assert found
    assert int(found[2]) == 1
    assert "再次办理" in county.get(unescape(found[1])).text


@pytest.mark.parametrize("account", ["qp_window", "hx_village", "cz_admin"])
def test_who_watches_over_nobody_has_no_board(world: World, account: str) -> None:
    desk = world.desk(account)
    assert "看板" not in desk.get("/desk/").text
    for page in ("", "diagram", "performance", "stood", "cases", "cases/export", "views/"):
        assert desk.get(f"/desk/board/{page}").status_code in (403, 404), page


def test_nobody_sees_beyond_their_units(busy: World) -> None:
    county = busy.desk("dz_supervisor")
    for page in ("", "diagram", "performance", "stood", "cases", "cases/export"):
        assert county.get(f"/desk/board/{page}?unit=guichi").status_code == 404, page
    assert "秋浦街道" not in county.get("/desk/board/").text


def test_the_city_sees_no_names_and_nobody_a_whole_identity_number(busy: World) -> None:
    city, county = busy.desk("cz_city"), busy.desk("gc_supervisor")
    assert "王大明" not in city.get("/desk/board/cases").text
    listed = county.get("/desk/board/cases").text
    assert "王大明" in listed
    assert "440524188001010014" not in listed


def test_the_city_reads_no_name_in_the_heading_and_history_of_a_case_either(busy: World) -> None:
    def headed(account: str) -> tuple[str, str]:
        page = busy.desk(account).get("/desk/cases/1").text
        return page.partition("案卷</h2>")[0], page.partition("办理经过</h2>")[2]

    city = busy.desk("cz_city")
    city.get("/desk/cases/1/why")
    city.post("/desk/cases/1/why", {"text": "核实群众来信"})

    assert "王大明" in headed("gc_supervisor")[0]
    assert "王**" in headed("cz_city")[0]
    assert not [part for part in headed("cz_city") if "王大明" in part]


def test_a_list_as_a_file_holds_the_same_rows_and_no_formulas(world: World, register: Register) -> None:
    register(applicantName="=1+1", signatoryName="=1+1", accountName="=1+1", **{"members-0-name": "=1+1"})
    answer = world.desk("gc_supervisor").get("/desk/board/cases/export")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    texts = [str(cell) for row in cells for cell in row]
    assert any("申请人" in text for text in texts)
    assert "=1+1" in texts
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("query", ["light=blau", "month=2026-13", "begin=heute", "own=1", "unit=a%20b", "late=x"])
def test_an_address_that_makes_no_sense_says_so_in_words(world: World, query: str) -> None:
    answer = world.desk("gc_supervisor").get(f"/desk/board/cases?{query}")
    assert answer.status_code in (400, 404, 422)
    assert "看板" in answer.text


def keep(desk: Desk, name: str, unit: str = "") -> None:
    desk.get("/desk/board/views/?page=cases&light=red")
    sent = {"page": "cases", "asked": "light=red", "name": name, "unit": unit}
    assert desk.post("/desk/board/views/", sent).status_code == 302


def test_a_view_is_kept_shared_opened_renamed_and_deleted(busy: World) -> None:
    supervisor, head, other = busy.desk("gc_supervisor"), busy.desk("gc_head"), busy.desk("dz_supervisor")
    keep(supervisor, "超期的办件", "guichi")

    assert "超期的办件" in head.get("/desk/board/views/").text
    assert "超期的办件" not in other.get("/desk/board/views/").text
    assert head.get("/desk/board/views/1").location.endswith("/desk/board/cases?light=red")
    assert other.get("/desk/board/views/1").status_code == 404
    head.get("/desk/board/views/")
    assert head.post("/desk/board/views/1/delete").status_code == 422

    supervisor.get("/desk/board/views/")
    supervisor.post("/desk/board/views/1/name", {"name": "红灯"})
    assert "红灯" in supervisor.get("/desk/board/views/").text
    supervisor.post("/desk/board/views/1/delete")
    assert "还没有视图" in supervisor.get("/desk/board/views/").text


def test_a_name_that_is_taken_is_refused_and_what_was_typed_stays(busy: World) -> None:
    supervisor = busy.desk("gc_supervisor")
    keep(supervisor, "红灯")
    answer = supervisor.post("/desk/board/views/", {"page": "cases", "asked": "light=red", "name": "红灯", "unit": ""})
    assert answer.status_code == 422
    assert "请换一个名称" in answer.text
    assert 'value="红灯"' in answer.text
