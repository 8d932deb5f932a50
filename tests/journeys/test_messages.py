"""Messages and the administrator's page in a real browser: they fit, are accessible and work by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.app import Register, World
from tests.support.browsing import sign_in
from tests.support.pages import OpenPage
from tests.webapp.test_messages import tell
from tests.webapp.test_operations import stop

WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def is_too_wide(page: Page) -> bool:
    """Whether the page must be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@WIDTHS
def test_messages_fit_and_are_accessible(
    world: World, register: Register, site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    case_id = register()
    tell(world, "受理审查", case_id=case_id)
    tell(world, "入户调查", case_id=case_id, kind="通知")
    page = open_page(width=width, base_url=site)
    sign_in(page, "qp_window")
    for address in ("/desk/messages", "/desk/messages?unread=1", "/desk/messages?kind=通知"):
        page.goto(address)
        assert page.locator("h1").count() == 1
        assert not is_too_wide(page), address
        axe(page)


@WIDTHS
def test_the_administrators_page_fits_and_is_accessible(
    world: World, register: Register, site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    stop(world, register())
    page = open_page(width=width, base_url=site)
    sign_in(page, "cz_admin")
    page.get_by_role("link", name="运行情况").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("运行情况")
    assert not is_too_wide(page)
    axe(page)
    page.get_by_role("button", name="再发一次").click()
    expect(page.get_by_role("status")).to_contain_text("已重新排队")


def test_a_message_is_opened_and_read_by_keyboard(
    world: World, register: Register, site: str, open_page: OpenPage
) -> None:
    tell(world, case_id=register())
    page = open_page(base_url=site)
    sign_in(page, "qp_window")
    menu = page.get_by_role("navigation", name="主要功能")
    expect(menu.get_by_role("link", name="消息")).to_contain_text("1 条未读")
    menu.get_by_role("link", name="消息").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="查看办件").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("韦小宝")
    expect(menu.get_by_role("link", name="消息")).not_to_contain_text("未读")
