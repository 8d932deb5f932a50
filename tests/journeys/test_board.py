"""The board in a real browser: it fits, is accessible, and leads from a number and from a node to their cases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.cases import scenario, sweep
from tests.processes.conftest import ROOT
from tests.support.app import World
from tests.support.browsing import sign_in
from tests.support.pages import OpenPage

EXAMPLE = ROOT / "processes" / "full_online" / "scenarios" / "late_decision.yaml"


@pytest.fixture
def late(world: World) -> World:
    """One case whose decision is late."""
    report = scenario.Run(world.runtime, scenario.read(EXAMPLE), until=scenario.moment("2026-03-28 12:00")).play()
    assert report.ok, report.failure
    world.clock.now = scenario.moment("2026-03-30 09:00")
    sweep.wake_due(world.runtime, world.clock.now)
    return world


@pytest.mark.parametrize("width", [1280, 390])
def test_its_pages_fit_and_are_accessible(
    late: World, site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    page = open_page(width=width, base_url=site)
    sign_in(page, "gc_supervisor")
    for address in (
        "",
        "diagram",
        "performance?month=2026-03",
        "stood",
        "cases",
        "tasks",
        "views/?page=cases&light=red",
    ):
        page.goto(f"/desk/board/{address}")
        assert page.locator("h1").count() == 1, address
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), address
        axe(page)


def test_from_the_late_node_of_the_diagram_to_its_case(late: World, site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    sign_in(page, "gc_supervisor")
    page.goto("/desk/board/diagram?procedure=full_online")
    while "/diagram" in page.url:
        expect(page.locator("[data-diagram][data-ready]")).to_be_visible()  # the next diagram draws after it has loaded
        with page.expect_navigation():
            page.locator("a.diagram-note.is-late").first.click()
    expect(page.get_by_role("row", name="作出审批决定")).to_be_visible()
