"""One family in a real browser, from its application to the long-term notice, through the hands of the whole office."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from engine.cases import views
from engine.cases.runtime import Step
from engine.people.actor import public
from tests.support.app import ROOT, World
from tests.support.browsing import fill_in, send
from tests.support.desks import Office
from tests.support.pages import OpenPage

EXAMPLE = ROOT / "processes/full_online/scenarios/approved_without_objection.yaml"


def suggested(page: Page) -> None:
    """The panel sees what the tables suggest, and why."""
    expect(page.locator(".fill")).to_contain_text("农村低保")
    expect(page.locator(".fill")).to_contain_text("建议")


def test_a_family_is_approved_through_the_hands_of_eight_accounts_in_four_weeks(
    world: World, site: str, open_page: OpenPage, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    office = Office(world, lambda: open_page(base_url=site), tmp_path, EXAMPLE)
    start = office.example.start
    office.move_clock(start["at"])
    family = open_page(width=390, height=844, has_touch=True, base_url=site)

    family.goto("/")
    family.get_by_role("link", name="申请救助").click()
    family.get_by_role("main").get_by_role("link").first.click()
    with world.runtime.store.transaction(write=False) as session:
        step = Step(world.runtime, session, public("new", "申请人"), world.clock.now)
        form = views.start_form(step, office.example.procedure).form
    axe(family)
    fill_in(family, *office.answers(form, start, {}), tmp_path)
    send(family)
    expect(family.get_by_role("heading", level=1)).to_have_text("社会救助申请回执")
    office.number = family.locator("dd.big").first.inner_text()

    for said in office.example.steps:
        office.move_clock(said["at"])
        if "do" in said:
            office.do(said, suggested if said["do"] == "minutes" else lambda page: None)

    assert len(office.desks) >= 8
    family.goto("/follow/case")
    expect(family.get_by_role("heading", level=1)).to_contain_text("确认同意")
    axe(family)
    visitor = open_page(base_url=site)
    visitor.goto("/notices")
    board = visitor.get_by_role("main")
    expect(board).to_contain_text("长期")
    expect(board).to_contain_text(office.submitted("decision")["保障金额"])
    for secret in ("440524188001010014", "138"):
        expect(board).not_to_contain_text(secret)
    clerk = office.desks["qp_window"]
    clerk.goto(f"/desk/cases/{office.case()['id']}")
    expect(clerk.locator("[data-diagram][data-ready]")).to_be_visible()
    axe(clerk)
