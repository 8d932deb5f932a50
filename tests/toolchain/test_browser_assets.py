"""The live diagram and the signature box work in a real browser whose policy allows no inline script or style."""

import base64
import json
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import OpenPage, WatchedPage

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'"
)
STATES = {
    "elements": {
        "accept": {"state": "done"},
        "survey": {"state": "open", "text": "张三 · 3月5日到期"},
        "verify": {"state": "late", "text": "李四 · 超期2天<b>"},
        "gone": {"state": "open", "text": "不在图上"},
    }
}
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>试页</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/build/diagram.css"><link rel="stylesheet" href="/build/signature.css">
<script src="/build/diagram.js" defer></script><script src="/build/signature.js" defer></script>
<main><h1>办理进度</h1>{body}</main></html>"""
DIAGRAM = '<div data-diagram="{xml}" data-state="/state.json"></div>'
SIGNATURE = """<form><input type="hidden" name="sign" value="{value}">
<canvas data-signature data-input="sign"></canvas></form>"""


def process() -> str:
    """A line of nine tasks, too wide for a telephone."""
    names = ["accept", "survey", "verify", *(f"task{n}" for n in range(6))]
    tasks = "".join(f'<userTask id="{name}" name="{name}"/>' for name in names)
    shapes = "".join(
        f'<di:BPMNShape id="{name}_di" bpmnElement="{name}">'
        f'<dc:Bounds x="{100 + 180 * n}" y="100" width="120" height="80"/></di:BPMNShape>'
        for n, name in enumerate(names)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" targetNamespace="http://example.org" id="d">
<process id="p">{tasks}</process>
<di:BPMNDiagram id="dia"><di:BPMNPlane id="plane" bpmnElement="p">{shapes}</di:BPMNPlane></di:BPMNDiagram>
</definitions>"""


def answers(build: Path, path: str, query: str) -> tuple[str, bytes] | None:
    """Content type and body for an address, or None."""
    types = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
    if path.startswith("/build/") and (file := build / path.removeprefix("/build/")).is_file():
        return types[file.suffix], file.read_bytes()
    pages = {
        "/diagram": DIAGRAM.format(xml="/process.bpmn"),
        "/broken": DIAGRAM.format(xml="/nowhere.bpmn"),
        "/signature": SIGNATURE.format(value=query),
    }
    if path in pages:
        return "text/html; charset=utf-8", PAGE.format(body=pages[path]).encode()
    files = {"/process.bpmn": process(), "/state.json": json.dumps(STATES)}
    return ("text/plain; charset=utf-8", files[path].encode()) if path in files else None


@pytest.fixture(scope="module")
def site(built_assets: Path) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            answer = answers(built_assets, path, query)
            self.send_response(200 if answer else 404)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Type", answer[0] if answer else "text/plain")
            self.end_headers()
            self.wfile.write(answer[1] if answer else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def open_diagram(page: WatchedPage, site: str) -> WatchedPage:
    page.goto(f"{site}/diagram")
    page.wait_for_selector("[data-diagram][data-ready]")
    return page


def left_edge(page: Page, element: str) -> float:
    box = page.locator(f".djs-shape[data-element-id={element}]").bounding_box()
    assert box is not None
    return box["x"]


def test_open_late_and_done_nodes_are_marked_on_the_diagram(page: WatchedPage, site: str) -> None:
    open_diagram(page, site)
    for element, state in (("accept", "done"), ("survey", "open"), ("verify", "late")):
        assert page.locator(f"[data-element-id={element}].is-{state}").count() == 1
    notes = page.locator(".diagram-note").all_text_contents()
    assert notes == ["张三 · 3月5日到期", "李四 · 超期2天<b>"]


def test_the_whole_diagram_is_seen_on_a_wide_screen(page: WatchedPage, site: str) -> None:
    open_diagram(page, site)
    assert left_edge(page, "accept") >= 0
    assert left_edge(page, "task5") < 1280


def test_the_first_open_node_stands_in_the_middle_of_a_telephone(open_page: OpenPage, site: str) -> None:
    page = open_diagram(open_page(width=390, height=844, has_touch=True), site)
    box = page.locator(".djs-shape[data-element-id=survey]").bounding_box()
    assert box is not None
    assert abs(box["x"] + box["width"] / 2 - 195) < 20
    assert box["width"] > 90


def test_a_finger_moves_the_diagram(open_page: OpenPage, site: str) -> None:
    page = open_diagram(open_page(width=390, height=844, has_touch=True), site)
    before = left_edge(page, "survey")
    drag_with_finger(page, "[data-diagram]", (100, 100), (40, 100))
    assert left_edge(page, "survey") == pytest.approx(before - 60, abs=3)


def test_the_diagram_is_enlarged_and_moved_with_the_keyboard_alone(page: WatchedPage, site: str) -> None:
    open_diagram(page, site)
    width = "document.querySelector('[data-element-id=survey]').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.get_by_role("button", name="放大").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(width) > before * 1.1
    edge = left_edge(page, "survey")
    page.keyboard.press("ArrowRight")
    assert left_edge(page, "survey") < edge
    page.get_by_role("button", name="显示全图").press("Enter")
    assert page.evaluate(width) == pytest.approx(before, rel=0.02)


def test_the_watermark_of_the_drawing_library_stays_visible(page: WatchedPage, site: str) -> None:
    open_diagram(page, site)
    mark = page.locator(".bjs-powered-by")
    assert mark.is_visible()
    mark.click(trial=True)


def test_a_diagram_that_cannot_be_fetched_is_told_in_words(page: WatchedPage, site: str) -> None:
    page.allowed_statuses.add(404)
    page.goto(f"{site}/broken")
    page.get_by_text("流程图暂时无法显示").wait_for()


@pytest.mark.parametrize("path", ["diagram", "signature"])
def test_the_pages_are_accessible(page: WatchedPage, site: str, axe: Callable[[Page], None], path: str) -> None:
    page.goto(f"{site}/{path}")
    page.wait_for_selector("[data-ready]")
    axe(page)


def open_signature(page: WatchedPage, site: str, earlier: str = "") -> WatchedPage:
    page.goto(f"{site}/signature?{earlier}")
    page.wait_for_selector("canvas[data-ready]")
    return page


def signature(page: Page) -> str:
    return page.locator("[name=sign]").input_value()


def ink(page: Page) -> int:
    """How many pixels of the box are dark."""
    count: int = page.evaluate("""() => { const c = document.querySelector('canvas');
      const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;
      for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 128 && d[i] < 128) n++; return n; }""")
    return count


def drag_with_finger(page: Page, selector: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Touch an element at a point counted from its corner, draw to another point, lift."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    devtools = page.context.new_cdp_session(page)
    for n in range(11):
        x = box["x"] + start[0] + (end[0] - start[0]) * n / 10
        y = box["y"] + start[1] + (end[1] - start[1]) * n / 10
        kind = "touchMove" if n else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_signature_written_with_a_finger_is_kept_as_a_picture(open_page: OpenPage, site: str) -> None:
    page = open_signature(open_page(width=390, height=844, has_touch=True, device_scale_factor=3), site)
    drag_with_finger(page, "canvas", (40, 40), (240, 120))
    kept = signature(page)
    picture = base64.b64decode(kept.removeprefix("data:image/png;base64,"))
    width, height = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG")
    assert width > 900  # as sharp as the screen
    assert height > 400
    assert "已签名" in page.locator("[aria-live]").inner_text()


def test_clearing_takes_the_signature_back(page: WatchedPage, site: str) -> None:
    open_signature(page, site)
    drag_with_mouse(page)
    page.get_by_role("button", name="重新签名").press("Enter")
    assert signature(page) == ""
    assert ink(page) == 0
    assert "尚未签名" in page.locator("[aria-live]").inner_text()


def test_a_signature_stays_when_the_telephone_is_turned(page: WatchedPage, site: str) -> None:
    open_signature(page, site)
    drag_with_mouse(page)
    kept = signature(page)
    expect(page.locator("canvas")).to_have_attribute("data-width", "572")
    page.set_viewport_size({"width": 420, "height": 800})
    expect(page.locator("canvas")).not_to_have_attribute("data-width", "572")
    assert ink(page) > 100
    assert signature(page) == kept


def test_an_earlier_signature_is_shown_again_after_a_mistake_elsewhere(open_page: OpenPage, site: str) -> None:
    first = open_signature(open_page(), site)
    drag_with_mouse(first)
    kept = signature(first)
    again = open_signature(open_page(), site, kept)
    assert signature(again) == kept
    assert ink(again) > 100
    assert "已签名" in again.locator("[aria-live]").inner_text()


def test_signing_again_replaces_the_earlier_signature(open_page: OpenPage, site: str) -> None:
    first = open_signature(open_page(), site)
    drag_with_mouse(first)
    again = open_signature(open_page(), site, signature(first))
    drag_with_mouse(again, down=40)
    assert signature(again) != signature(first)
    assert ink(again) == pytest.approx(ink(first), rel=0.3)


def drag_with_mouse(page: Page, down: int = 0) -> None:
    """Draw one stroke in the box, by so many pixels further down."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40 + down)
    page.mouse.down()
    page.mouse.move(box["x"] + 240, box["y"] + 120 + down, steps=10)
    page.mouse.up()
