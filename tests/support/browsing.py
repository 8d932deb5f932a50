"""What a person does in front of a real browser: signs in, fills a form as it stands, draws a signature, sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from forms.uploads import Upload
from tests.support.app import PASSWORD

PASSES = 3  # an answer may bring up further fields


def sign_in(page: Page, account: str) -> None:
    """Come in through the front door."""
    page.goto("/sign-in")
    page.get_by_label("登录名").fill(account)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")


def open_task(page: Page, name: str, number: str) -> None:
    """From the inbox to a task of a case, whether it is one's own or the post's."""
    page.goto(f"/desk/?which=all&search={number}")
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def fill_in(
    page: Page, texts: Mapping[str, Sequence[str]], uploads: Mapping[str, Sequence[Upload]], folder: Path
) -> None:
    """Answer every field of the form that is to be seen; what only appears later is answered in a later round."""
    add_rows(page, {*texts, *uploads})
    left = {**texts, **dict.fromkeys(uploads, ())}
    for _ in range(PASSES):
        left = {name: values for name, values in left.items() if not answer(page, name, values, uploads, folder)}
        if not left:
            return


def add_rows(page: Page, names: set[str]) -> None:
    """Make as many rows in each list as the answers need."""
    lists = page.locator("[data-list]")
    for index in range(lists.count()):
        one = lists.nth(index)
        shape = re.compile(rf"{re.escape(one.get_attribute('data-list') or '')}-(\d+)-")
        wanted = max((int(found[1]) + 1 for name in names if (found := shape.match(name))), default=0)
        while one.is_visible() and one.locator("[data-rows] > [data-row]").count() < wanted:
            one.locator("[data-add]").click()


def answer(page: Page, name: str, values: Sequence[str], uploads: Mapping[str, Sequence[Upload]], folder: Path) -> bool:
    """Give one field its answer; False while it isn't to be seen."""
    field = page.locator(f'form.sheet [name="{name}"]')
    if not field.count():
        return False
    if field.first.get_attribute("type") == "hidden":
        return sign(page, name)
    if not field.first.is_visible():
        return False
    if name in uploads:
        field.first.set_input_files([store(upload, folder) for upload in uploads[name]])
        return True
    enter(field, values)
    return True


def enter(field: Locator, values: Sequence[str]) -> None:
    """Choose, tick or type."""
    kind = field.first.evaluate("element => element.type")
    if kind in ("radio", "checkbox"):
        boxes = {field.nth(index).input_value(): field.nth(index) for index in range(field.count())}
        for value in values:
            boxes[value].check()
    elif kind.startswith("select"):
        field.first.select_option(list(values))
    else:
        field.first.fill(values[-1] if values else "")


def sign(page: Page, name: str) -> bool:
    """Write on the signing field with the mouse."""
    canvas = page.locator(f'canvas[data-input="{name}"]')
    if not canvas.is_visible():
        return False
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 40 + 20 * step, box["y"] + 40 + (step % 3) * 30)
    page.mouse.up()
    return True


def store(upload: Upload, folder: Path) -> str:
    """A file on the person's disk."""
    file = folder / upload.filename.replace("/", "_")
    file.write_bytes(upload.content)
    return str(file)


def send(page: Page) -> None:
    """Press the button of the form; faults it comes back with are an error of the test."""
    page.locator("form.sheet button.primary").click()
    page.wait_for_load_state()
    faults = page.locator(".faults li")
    assert faults.count() == 0, faults.all_inner_texts()
