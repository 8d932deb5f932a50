"""绩效评价 of townships: a month or a quarter, on the page and as a file."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest

from engine.cases import scenario
from engine.clock.days import SHANGHAI
from tests.support.app import ROOT, World

SCENARIOS = ROOT / "processes" / "supervision" / "scenarios"


@pytest.fixture
def april(world: World) -> World:
    """A report that was found true, with a correction still open; a file audited and corrected elsewhere."""
    for name in ("complaint_true", "files_of_a_month_audited"):
        report = scenario.Run(world.runtime, scenario.read(SCENARIOS / f"{name}.yaml")).play()
        assert not report.failure, report.failure
    world.clock.now = datetime(2026, 4, 20, 10, tzinfo=SHANGHAI)
    return world


def row(page: str, unit: str) -> list[str]:
    """The numbers of one township on the page."""
    line = page.split(f">{unit}</th>")[1].split("</tr>")[0]
    return [cell.split(">")[-1] for cell in line.replace("</span>", "").split("</td>")[:-1]]


def test_a_month_counts_findings_by_class_corrections_and_reports_found_true(april: World) -> None:
    page = april.desk("gc_head").get("/desk/standing/?period=2026-03").text

    assert row(page, "秋浦街道")[-7:] == ["1", "0", "1", "0", "0", "1", "1"]
    assert "尧渡镇" not in page


def test_a_quarter_sums_its_months_and_leads_to_the_file(april: World) -> None:
    desk = april.desk("dz_supervisor")

    page = desk.get("/desk/standing/?period=2026-Q2").text
    assert "2026年第2季度" in page
    assert row(page, "尧渡镇")[-7:] == ["1", "0", "1", "0", "1", "0", "0"]
    with ZipFile(BytesIO(desk.get("/desk/standing/table.xlsx?period=2026-Q2").data)) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "尧渡镇" in text
    assert "探索性失误" in text


@pytest.mark.parametrize("period", ["", "2026-13", "2026-Q9", "9999-Q4", "很久以前"])
def test_an_odd_period_is_the_month_that_runs(april: World, period: str) -> None:
    assert "2026年4月乡镇" in april.desk("gc_head").get(f"/desk/standing/?period={period}").text


def test_who_watches_over_nobody_finds_no_numbers(april: World) -> None:
    assert april.desk("qp_window").get("/desk/standing/").status_code in (403, 404)
    assert "绩效评价" in april.desk("gc_head").get("/desk/bulletin/").text
