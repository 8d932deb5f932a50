"""How the pages behave under real hands: by mouse, by finger and by keyboard, on a wide screen and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.app import Desk, Register, World, draw_png
from tests.support.browsing import sign, sign_in
from tests.support.pages import OpenPage, WatchedPage

WIDTHS = pytest.mark.parametrize("width", [1280, 390])
FORM = "/apply/full_online"


def is_too_wide(page: Page) -> bool:
    """Whether the page must be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@WIDTHS
def test_public_pages_fit_the_screen_and_are_accessible(
    site: str, open_page: OpenPage, axe: Callable[[Page], None], width: int
) -> None:
    page = open_page(width=width, base_url=site)
    page.allowed_statuses = {404}
    for address in ("/", "/guide", "/guide?search=看病", "/apply", FORM, "/follow", "/notices", "/sign-in", "/nothing"):
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert not is_too_wide(page), address
        axe(page)


@WIDTHS
def test_the_desk_fits_the_screen_and_is_accessible(
    site: str, open_page: OpenPage, axe: Callable[[Page], None], family: Desk, width: int
) -> None:
    page = open_page(width=width, base_url=site)
    page.allowed_statuses = {422}
    sign_in(page, "qp_window")
    page.goto("/desk/?which=posts")
    task = page.locator("tbody th a").get_attribute("href") or ""
    case = page.locator("tbody td a").first.get_attribute("href") or ""
    receipt = f"/desk/register/receipt/{case.rpartition('/')[2]}"
    for address in ("/desk/?which=posts", task, case, receipt, "/desk/cases/", "/desk/posts"):
        page.goto(address)
        expect(page.locator("[data-diagram]:not([data-ready])")).to_have_count(0)
        assert page.locator("h1").count() == 1, address
        assert not is_too_wide(page), address
        axe(page)
    page.goto(task)
    page.locator("form.sheet button.primary").click()
    expect(page.locator(".faults")).to_be_focused()
    axe(page)


def test_a_fault_in_the_summary_leads_to_its_field(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    page.allowed_statuses = {422}
    page.goto(FORM)
    page.locator("#f-applicantName").fill("韦小宝")
    page.locator("form.sheet button.primary").click()
    expect(page.locator(".faults")).to_be_focused()
    expect(page.locator("#f-applicantName")).to_have_value("韦小宝")
    page.get_by_role("link", name="请填写“联系电话”").click()
    expect(page.locator("#f-phone")).to_be_focused()


def test_what_does_not_apply_is_hidden_until_it_does(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    page.goto(FORM)
    page.get_by_label("本人申请").check()
    expect(page.locator("#f-agentName")).to_be_hidden()
    page.get_by_label("委托他人").check()
    expect(page.locator("#f-agentName")).to_be_visible()
    page.locator("#f-members-0-idNo").fill("11010519491231002X")
    expect(page.locator("#f-members-0-noIdReason")).to_be_hidden()


def test_rows_come_and_go_by_keyboard_and_sums_follow(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    page.goto(FORM)
    incomes = page.locator('[data-list="incomes"]')
    for amount in ("1200.50", "799.50"):
        incomes.locator("[data-add]").focus()
        page.keyboard.press("Enter")
        row = incomes.locator("[data-row]").last
        expect(row.locator("input").first).to_be_focused()
        row.locator("select").select_option("1")
        row.locator('[name$="-amount"]').fill(amount)
    expect(page.locator("#f-declaredAnnualIncome")).to_have_text("2000")
    expect(incomes.locator(".row-name").last).to_have_text("收入 2")
    incomes.locator("[data-remove]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#f-declaredAnnualIncome")).to_have_text("799.5")
    expect(incomes.locator(".row-name")).to_have_text(["收入 1"])


def test_a_signature_survives_a_form_that_is_sent_back(site: str, open_page: OpenPage) -> None:
    page = open_page(width=390, height=844, base_url=site)
    page.allowed_statuses = {422}
    page.goto(FORM)
    assert sign(page, "promiseSignature")
    page.locator("form.sheet button.primary").click()
    expect(page.locator(".faults")).to_be_visible()
    assert page.locator('[name="promiseSignature"]').input_value().startswith("data:image/png;base64,")
    expect(page.locator("#f-promiseSignature-error")).to_have_count(0)
    expect(page.locator("#f-authSignature-error")).to_be_attached()


def test_a_photo_is_shown_before_it_is_sent(site: str, open_page: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "身份证.png").write_bytes(draw_png())
    page = open_page(width=390, base_url=site)
    page.goto(FORM)
    page.locator("#f-idCardFile").set_input_files(tmp_path / "身份证.png")
    preview = page.get_by_role("img", name="已选择：身份证.png")
    expect(preview).to_be_visible()
    assert preview.evaluate("image => image.naturalWidth") == 60


def test_a_long_list_of_townships_is_found_by_typing(site: str, open_page: OpenPage) -> None:
    page = open_page(base_url=site)
    page.goto(FORM)
    page.get_by_role("searchbox", name=re.compile("筛选申请地")).fill("尧渡")
    options = page.locator("#f-originTownship option:not([value=''])")
    expect(options).to_have_text(["尧渡镇"])


def test_a_double_click_sends_once(world: World, site: str, open_page: OpenPage, register: Register) -> None:
    register()
    page = open_page(base_url=site)
    sign_in(page, "qp_window")
    page.goto("/desk/?which=posts")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="签收").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("审查申请材料")
    assert len(posts) == 1


def test_the_whole_desk_works_by_keyboard(site: str, open_page: OpenPage, register: Register) -> None:
    register()
    page = open_page(base_url=site)
    page.goto("/sign-in")
    expect(page.get_by_label("登录名")).to_be_focused()
    page.keyboard.type("qp_window")
    page.keyboard.press("Tab")
    page.keyboard.type("jiuzhu-2026")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("本岗待办"))).to_have_attribute("aria-current", "page")


def test_the_form_works_without_script(site: str, open_page: OpenPage) -> None:
    page: WatchedPage = open_page(base_url=site, java_script_enabled=False)
    page.allowed_statuses = {422}
    page.goto(FORM)
    expect(page.locator("#f-agentName")).to_be_visible()
    page.locator("#f-incomes-0-source").fill("零工")
    page.locator("form.sheet button.primary").click()
    expect(page.locator("#f-incomes-0-source")).to_have_value("零工")
    expect(page.locator("#f-incomes-1-source")).to_be_visible()


def test_the_conditions_of_all_forms_are_understood_by_the_browser(
    world: World,
) -> None:
    """Every condition and formula drawn in a form has a place in the evaluator of the page."""
    source = (Path(__file__).resolve().parents[2] / "webapp/assets/src/lib/conditions.js").read_text(encoding="utf-8")
    with world.runtime.store.transaction(write=False) as session:
        forms = world.runtime.current(session)[1].forms
    drawn = {
        kind
        for form in forms.values()
        for part in form.root.walk()
        for expression in (part.hide, part.compute)
        if expression
        for kind in kinds(expression.to_json())
    }
    assert drawn
    assert [kind for kind in sorted(drawn) if f"'{kind}'" not in source and f"  {kind}:" not in source] == []


def kinds(node: object) -> set[str]:
    """The kinds of nodes and the functions in a tree."""
    if not isinstance(node, list) or not node:
        return set()
    own = {node[0]} if isinstance(node[0], str) else set()
    if node[0] in ("num", "str", "name", "bool"):
        return own
    if node[0] == "call":
        own.add(node[1])
    return own.union(*(kinds(part) for part in node))
