"""A month's supervision in a real browser: the clock begins it on the 1st, the report is signed by the 15th."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.cases import scenario
from engine.cases.entries import options
from engine.clock.days import SHANGHAI, day_of
from engine.store import tables
from forms import samples
from scheduler.clock import begin, wake
from tests.support.app import ROOT, World
from tests.support.browsing import fill_in, open_task, send, sign_in
from tests.support.pages import OpenPage, WatchedPage

APPROVED = ROOT / "processes/full_online/scenarios/approved_in_yaodu.yaml"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def on(day: int, hour: int = 9) -> datetime:
    """That day of April 2026."""
    return datetime(2026, 4, day, hour, tzinfo=SHANGHAI)


def is_too_wide(page: Page) -> bool:
    """Whether the page must be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


class Bureau:
    """The county bureau and the township, each at their own computer."""

    def __init__(self, world: World, open_page: Callable[..., WatchedPage], folder: Path) -> None:
        self.world, self.open_page, self.folder = world, open_page, folder
        self.desks: dict[str, WatchedPage] = {}

    def at(self, account: str) -> WatchedPage:
        """The browser of this account, signed in."""
        if account not in self.desks:
            self.desks[account] = self.open_page()
            sign_in(self.desks[account], account)
        return self.desks[account]

    def it_is(self, now: datetime) -> None:
        """The scheduler has done what was due."""
        self.world.clock.now = now
        begin(self.world.runtime, now)
        wake(self.world.runtime, now)

    def open_row(self, node_id: str) -> Mapping[str, Any] | None:
        """The open task of a node in Dongzhi, if there is one."""
        t = tables.task
        query = select(t).where(t.c.node_id == node_id, t.c.status == "open", t.c.unit_path.contains("/dongzhi/"))
        with self.world.runtime.store.transaction(write=False) as session:
            row = session.execute(query.order_by(t.c.created_at).limit(1)).mappings().one_or_none()
            return {**row} if row else None

    def do(self, node_id: str, by: str = "", **said: str) -> str:
        """One task from the inbox to its end; gives who did it."""
        task = self.open_row(node_id)
        assert task, f"{node_id} is not open"
        account = str(task["assignee"] or by)
        page = self.at(account)
        open_task(page, task["name"], task["case_number"])
        with self.world.runtime.store.transaction(write=False) as session:
            deployment = self.world.runtime.current(session)[1]
            form = deployment.forms[task["form_id"]]
            offered = options(form, session, self.world.runtime, {}, self.world.clock.now)
        texts, uploads = samples.entries(form, said, offered, day_of(self.world.clock.now))
        fill_in(page, texts, uploads, self.folder)
        send(page)
        return account


@pytest.fixture
def bureau(world: World, site: str, open_page: OpenPage, tmp_path: Path) -> Bureau:
    """A family was approved in March; today is the last of the month."""
    found = Bureau(world, lambda: open_page(base_url=site), tmp_path)
    report = scenario.Run(world.runtime, scenario.read(APPROVED)).play()
    assert not report.failure, report.failure
    found.it_is(datetime(2026, 3, 31, 9, tzinfo=SHANGHAI))
    return found


def test_a_month_of_supervision_from_the_draw_to_the_report(bureau: Bureau, axe: Callable[[Page], None]) -> None:
    bureau.it_is(on(1))
    audited = bureau.open_row("audit_file")
    visited = bureau.open_row("spot_visit")
    assert audited
    assert visited

    bureau.it_is(on(2))
    bureau.do(
        "audit_file",
        检查结论="有问题",
        问题类别="工作失误",
        处理方式="限期整改",
        问题说明="会议记录没有写明回避情况。",
    )
    bureau.it_is(on(3))
    bureau.do("set_term", "dz_supervisor", 整改期限="10个工作日")
    first = bureau.do("spot_visit", 检查结论="没有问题")
    second = bureau.do("spot_confirm", 协查意见="记录属实")
    assert first != second
    bureau.it_is(on(7))
    bureau.do("rectify", "yd_head", 整改情况="已经整改", 整改措施="补记回避情况。")
    bureau.it_is(on(9))
    bureau.do("accept_correction", "dz_supervisor", 验收意见="通过")
    bureau.do("draw_report", "dz_head", 抽查情况="抽到的都已入户。")
    bureau.it_is(on(14))
    bureau.do("audit_report", "dz_head", 审查情况="上月新确认的全部审查，一件整改到位。")

    c = tables.case
    with bureau.world.runtime.store.transaction(write=False) as session:
        ended = session.execute(
            select(c.c.procedure, c.c.status).where(c.c.procedure.in_(("monthly_file_audit", "sampling")))
            .where(c.c.unit_id == "dongzhi")
        ).all()  # fmt: skip
    assert {(row.procedure, row.status) for row in ended} == {("monthly_file_audit", "closed"), ("sampling", "closed")}
    page = bureau.at("dz_supervisor")
    page.get_by_role("link", name="检查", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("检查和整改")
    findings = page.get_by_role("table", name="发现的问题")
    expect(findings).to_contain_text("会议记录没有写明回避情况")
    expect(findings).to_contain_text("已整改：整改办结")
    draws = page.get_by_role("table", name="抽查，共")
    expect(draws).not_to_contain_text("不一致")
    axe(page)
    draws.get_by_role("link").first.click()
    expect(page.get_by_role("table", name="抽到的户")).to_be_visible()
    axe(page)


@WIDTHS
def test_the_pages_of_supervision_fit_and_are_accessible(
    bureau: Bureau, open_page: OpenPage, site: str, axe: Callable[[Page], None], width: int
) -> None:
    bureau.it_is(on(1))
    staff, visitor = open_page(width=width, base_url=site), open_page(width=width, base_url=site)
    sign_in(staff, "dz_supervisor")
    for page, address in (
        (staff, "/desk/draws/"),
        (staff, "/desk/draws/1"),
        (visitor, "/draws"),
        (visitor, "/apply/complaint"),
    ):
        page.goto(address)
        assert page.locator("h1").count() == 1
        assert not is_too_wide(page), address
        axe(page)


@WIDTHS
def test_a_neighbour_reports_on_the_web_and_the_clerk_looks_once_at_who_it_was(
    world: World, open_page: OpenPage, site: str, axe: Callable[[Page], None], width: int
) -> None:
    family = open_page(width=width, base_url=site)
    family.goto("/")
    family.get_by_role("link", name="投诉举报").click()
    family.get_by_label("不符合条件享受救助").check()
    family.get_by_label("救助对象（家庭）").check()
    family.get_by_label("事情发生在哪个乡镇（街道）").last.select_option("qiupu")
    family.get_by_label("什么时间、什么事、怎样知道的").fill("这家人在城里有两套房出租")
    name, phone = (family.get_by_role("textbox", name=label) for label in ("您的姓名", "您的电话"))
    expect(name).to_be_hidden()
    family.get_by_label("实名", exact=True).check()
    name.fill("甄正直")
    phone.fill("13900000088")
    axe(family)
    send(family)
    expect(family.get_by_role("heading", level=1)).to_have_text("投诉举报回执")
    number = family.locator("dd.big").first.inner_text()
    assert not is_too_wide(family)

    clerk = open_page(width=width, base_url=site)
    sign_in(clerk, "gc_complaint")
    open_task(clerk, "登记审查", number)
    expect(clerk.get_by_role("main")).to_contain_text("两套房出租")
    expect(clerk.get_by_role("main")).not_to_contain_text("甄正直")
    clerk.get_by_role("link", name=number).first.click()
    clerk.get_by_role("link", name="查看举报人身份").click()
    axe(clerk)
    clerk.get_by_label("为什么查看举报人的身份").fill("核对反映的地点")
    clerk.get_by_role("button", name="记下理由并查看").click()
    expect(clerk.get_by_role("main")).to_contain_text("甄正直")
    assert not is_too_wide(clerk)
    axe(clerk)
    clerk.get_by_role("link", name="看完了，回到办件").click()
    expect(clerk.get_by_role("main")).to_contain_text("核对反映的地点")
    expect(clerk.get_by_role("main")).not_to_contain_text("甄正直")
