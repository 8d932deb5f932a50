"""Importing and confirming a notice on days off in a real browser, wide and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.cases import rederive
from tests.support import calendars
from tests.support.app import Register, World
from tests.support.browsing import sign_in
from tests.support.pages import OpenPage

DECEMBER = datetime(2026, 12, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_usable_by_all_and_on_a_phone(
    world: World, site: str, open_page: OpenPage, axe: Callable[..., None], register: Register, width: int
) -> None:
    world.clock.now = DECEMBER
    register()
    page = open_page(width=width, base_url=site)
    sign_in(page, "cz_admin")
    page.goto("/desk/calendar/")
    page.get_by_label("通知文件").set_input_files(
        {"name": "2027.toml", "mimeType": "text/plain", "buffer": calendars.year_2027()}
    )
    axe(page)
    page.get_by_role("button", name="导入", exact=True).click()
    page.wait_for_url("**/desk/calendar/1")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="确认，按新日历计算").click()
    page.get_by_text("正在重新计算：").wait_for()
    axe(page)
    rederive.run(world.runtime, world.clock)
    page.get_by_text("已全部重新计算").wait_for(timeout=10_000)
    page.goto("/desk/calendar/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
