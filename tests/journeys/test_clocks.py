"""A clock that stands, as the clerk and the family see it: the same dates and the same reasons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.cases import scenario
from engine.store import tables
from tests.processes.conftest import ROOT
from tests.support.app import World
from tests.support.browsing import sign_in
from tests.support.pages import OpenPage

EXAMPLE = ROOT / "processes" / "full_online" / "scenarios" / "pause_supplement.yaml"
PAUSED = "暂停中：补正，最迟至2026-07-21"


def waiting_for_a_supplement(world: World) -> int:
    """A case in which something more has been asked of the family, seen two days later."""
    run = scenario.Run(world.runtime, scenario.read(EXAMPLE), until=scenario.moment("2026-07-07 12:00"))
    report = run.play()
    assert report.ok, report.failure
    world.clock.now = scenario.moment("2026-07-09 09:00")
    return report.case_id


@pytest.mark.parametrize("width", [1280, 390])
def test_clerk_and_family_read_that_the_clock_stands_and_why_it_ends_that_day(
    world: World, site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    case_id = waiting_for_a_supplement(world)
    page = open_page(width=width, base_url=site)
    sign_in(page, "yd_clerk")
    page.goto(f"/desk/cases/{case_id}")
    expect(page.locator(".heading .paused")).to_have_text(PAUSED)
    master = page.locator("table.deadlines tr", has_text="低保办理总时限（县级审核确认）")
    expect(master).to_contain_text("2026-08-31")
    master.locator("summary").click()
    staff = master.locator(".explain li").all_inner_texts()
    assert any("补正期间暂停" in line for line in staff)
    expect(master.locator(".counting")).to_contain_text("停算：受理后补充材料（最长10个工作日）")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)

    c = tables.case
    with world.runtime.store.transaction(write=False) as session:
        number, code = session.execute(select(c.c.number, c.c.follow_code).where(c.c.id == case_id)).one()
    page.context.clear_cookies()
    page.goto("/follow")
    page.locator("[name=number]").fill(number)
    page.locator("[name=code]").fill(code)
    page.locator("main form button").first.click()
    expect(page.locator("#deadlines ~ .paused")).to_have_text(PAUSED)
    expect(page.get_by_role("heading", name="需要您办理：补充材料")).to_be_visible()
    master = page.locator("table.deadlines tr", has_text="低保办理总时限（县级审核确认）")
    master.locator("summary").click()
    assert master.locator(".explain li").all_inner_texts() == staff
    axe(page)
