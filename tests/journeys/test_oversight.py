"""督办单 and 通报 in a real browser: they fit, are accessible, work by keyboard and print as papers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.app import Register, World
from tests.support.browsing import sign_in
from tests.support.pages import OpenPage

WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def is_too_wide(page: Page) -> bool:
    """Whether the page must be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@WIDTHS
def test_a_sheet_is_sent_from_the_case_by_keyboard_and_all_its_pages_fit_and_are_accessible(
    world: World, register: Register, site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    case_id = register()
    page = open_page(width=width, base_url=site)
    sign_in(page, "gc_supervisor")
    page.goto(f"/desk/cases/{case_id}")
    page.get_by_role("link", name="发出督办单").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("督办单")
    assert not is_too_wide(page)
    axe(page)

    page.get_by_label("超过办理时限").focus()
    page.keyboard.press("Space")
    page.get_by_label("督办要求").fill("请说明没有按期审查的原因。")
    page.get_by_role("button", name="发出").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("督办单已发出")
    expect(page.get_by_text("民督〔2026〕1号")).to_be_visible()
    for address in (page.url, f"/desk/cases/{case_id}", "/desk/oversight/", "/desk/bulletin/"):
        page.goto(address)
        assert page.locator("h1").count() == 1
        assert not is_too_wide(page), address
        axe(page)


def test_the_printed_sheet_is_the_paper_alone(world: World, register: Register, site: str, open_page: OpenPage) -> None:
    case_id = register()
    page = open_page(base_url=site)
    sign_in(page, "gc_supervisor")
    page.goto(f"/desk/oversight/new/oversight?case={case_id}")
    page.get_by_label("群众投诉反映").check()
    page.get_by_label("督办要求").fill("请核实。")
    page.get_by_role("button", name="发出").click()
    expect(page.get_by_role("button", name="打印督办单")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_text("民督〔2026〕1号")).to_be_visible()
    for hidden in (".top", ".bottom", ".no-print >> nth=0", "[data-print]", ".flash"):
        expect(page.locator(hidden)).to_be_hidden()


def test_the_printed_bulletin_keeps_its_table_on_the_sheet(
    world: World, register: Register, site: str, open_page: OpenPage
) -> None:
    register()
    page = open_page(width=1000, base_url=site)
    sign_in(page, "gc_head")
    page.get_by_role("link", name="通报").click()
    expect(page.get_by_role("rowheader", name="秋浦街道")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_role("rowheader", name="合计")).to_be_visible()
    expect(page.get_by_role("link", name="下载表格")).to_be_hidden()
    assert not is_too_wide(page)
