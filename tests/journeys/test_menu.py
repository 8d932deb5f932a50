"""The menu of the desk in a real browser: one line for everybody, the rest a key away, and it fits a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import sign_in
from tests.support.pages import OpenPage

EVERYBODY = ("gc_clerk", "qp_clerk", "gc_supervisor", "cz_analyst", "qp_head", "hx_village", "cz_admin")


def menu(page: Page) -> Locator:
    return page.get_by_role("navigation", name="主要功能")


@pytest.mark.parametrize("account", EVERYBODY)
def test_the_menu_takes_one_line_and_holds_the_rest_open_to_all(site: str, open_page: OpenPage, account: str) -> None:
    page = open_page(base_url=site)
    sign_in(page, account)

    tops = menu(page).locator("> ul > li").evaluate_all("items => items.map(i => i.getBoundingClientRect().top)")
    assert len(set(tops)) == 1
    menu(page).get_by_text("更多", exact=True).click()
    for name in ("公示栏", "办事指南", "岗位"):
        expect(menu(page).get_by_role("link", name=name)).to_be_visible()


def test_the_rest_is_opened_reached_and_left_by_keyboard(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    sign_in(page, "gc_clerk")
    more, link = menu(page).get_by_text("更多", exact=True), menu(page).get_by_role("link", name="转办登记")
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(more).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("转办")
    expect(more).to_have_class("here")
    expect(link).to_be_hidden()


def test_the_rest_closes_when_one_turns_to_something_else(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    sign_in(page, "gc_clerk")
    menu(page).get_by_text("更多", exact=True).click()
    page.mouse.click(200, 700)
    expect(menu(page).get_by_role("link", name="公示栏")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_open_menu_fits_and_is_accessible(
    site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    page = open_page(width=width, base_url=site)
    sign_in(page, "gc_clerk")
    menu(page).get_by_text("更多", exact=True).click()
    expect(menu(page).get_by_role("link", name="联席会议")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    axe(page)
