"""催办 in a real browser: the pages fit, are accessible and work by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_messages import WIDTHS, is_too_wide
from tests.support.app import Register, World
from tests.support.browsing import sign_in
from tests.support.pages import OpenPage

pytestmark = pytest.mark.browser


@WIDTHS
def test_urging_and_answering_fit_and_are_accessible(
    world: World, register: Register, site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    case_id = register()
    page = open_page(width=width, base_url=site)

    def look() -> None:
        assert page.locator("h1").count() == 1
        assert not is_too_wide(page), page.url
        axe(page)

    sign_in(page, "gc_supervisor")
    page.goto(f"/desk/cases/{case_id}")
    page.get_by_role("link", name="催办").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("催办：")
    look()
    page.get_by_label("催办内容").fill("群众反映等了很久，请本周办结")
    page.get_by_role("button", name="发出催办").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("催办〔2026〕1号")
    expect(page.get_by_role("region", name="提醒和催办")).to_contain_text("请本周办结")
    look()
    page.goto("/desk/acts/")
    look()
    window = open_page(width=width, base_url=site)
    sign_in(window, "qp_window")
    window.goto("/desk/acts/?which=mine")
    window.get_by_role("link", name=re.compile("^答复.*1号")).click()
    window.get_by_label("办理情况和打算何时办结").fill("明天上午办结")
    axe(window)
    window.get_by_role("button", name="发出答复").click()
    expect(window.get_by_role("status")).to_contain_text("答复已发给催办人")
    page.goto("/desk/messages")
    expect(page.get_by_text("明天上午办结")).to_be_visible()
