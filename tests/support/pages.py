"""Opens pages in a real Chromium that fail their test when the browser sees any error."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from tests.support.chromium import find_chromium, node

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "webapp" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 15_000  # milliseconds: several browsers and databases may share two cores
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# The drawing area belongs to bpmn-js: its own widgets are not ours to repair.
RUN_AXE = """async () => {
  const result = await axe.run({ exclude: [['.djs-container']] }, { resultTypes: ['violations'] });
  return result.violations.filter(v => ['serious', 'critical'].includes(v.impact))
    .map(v => `${v.id} (${v.impact}): ${v.help} – ${v.nodes.map(n => n.html).slice(0, 3).join(' | ')}`);
}"""


class WatchedPage(Page):
    """A page that remembers what went wrong on it."""

    errors: list[tuple[int | None, str]]  # the HTTP status, when it is about one, and the words
    allowed_statuses: set[int]  # the statuses of 400 and more that the test means to see


OpenPage = Callable[..., WatchedPage]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node()))  # playwright's own needs libatomic, not always there
    expect.set_options(timeout=PATIENCE)
    chromium = find_chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.executable, env=chromium.environment, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def opened() -> list[WatchedPage]:
    """The pages of this test; who serves them closes them before going away (`close_pages`)."""
    return []


def close_pages(opened: list[WatchedPage]) -> None:
    """Close every page: what it still fetches is then dropped by the browser, not refused by a server that is gone."""
    for page in opened:
        page.context.close()


@pytest.fixture
def open_page(browser: Browser, opened: list[WatchedPage]) -> Iterator[OpenPage]:
    """Open pages, each with cookies of its own: `open_page(width=390, height=844, has_touch=True, base_url=…)`.

    Further names are those of playwright's `new_context`. At the end of the test no page may have seen an error in the
    console, an exception, a request that failed or a status of 400 and more outside its `allowed_statuses`.
    """

    def open_one(width: int = 1280, height: int = 800, **options: Any) -> WatchedPage:
        place = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": width, "height": height}}
        page = watch(browser.new_context(**(place | options)).new_page())
        opened.append(page)
        return page

    yield open_one
    close_pages(opened)
    assert [line for page in opened for line in unexpected(page)] == []


@pytest.fixture
def page(open_page: OpenPage) -> WatchedPage:
    """One page of 1280 by 800, in Chinese, on Chinese time."""
    return open_page()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Assert that axe finds nothing serious or critical on the page as it stands, outside drawn diagrams."""
    source = AXE.read_text(encoding="utf-8")

    def assert_accessible(page: Page) -> None:
        page.evaluate(source)
        assert page.evaluate(RUN_AXE) == []

    return assert_accessible


def watch(opened: Page) -> WatchedPage:
    """Let a page note every error that its browser reports."""
    page = cast(WatchedPage, opened)
    page.errors, page.allowed_statuses = [], set()
    page.on("console", lambda message: note_message(page, message))
    page.on("pageerror", lambda error: page.errors.append((None, f"exception: {error}")))
    page.on("requestfailed", lambda request: note_failure(page, request))
    page.on("response", lambda response: note_status(page, response))
    return page


def note_message(page: WatchedPage, message: ConsoleMessage) -> None:
    """Note an error in the console; for a failed load Chromium names the status, which the test may allow."""
    if message.type == "error":
        status = re.search(r"the server responded with a status of (\d+)", message.text)
        page.errors.append((int(status[1]) if status else None, f"console: {message.text}"))


def note_failure(page: WatchedPage, request: Request) -> None:
    """Note a request that got no answer, unless the browser dropped it itself by going on or by downloading."""
    if request.failure != "net::ERR_ABORTED":
        page.errors.append((None, f"request failed: {request.method} {request.url} {request.failure}"))


def note_status(page: WatchedPage, response: Response) -> None:
    """Note an answer of 400 and more."""
    if response.status >= 400:
        page.errors.append((response.status, f"status {response.status}: {response.request.method} {response.url}"))


def unexpected(page: WatchedPage) -> list[str]:
    """What went wrong and was not allowed."""
    return [words for status, words in page.errors if status not in page.allowed_statuses]
