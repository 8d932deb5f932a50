"""民主评议 voted on phones of 390 px: what a representative sees, one vote each, the tally, and the notice with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.cases import scenario
from engine.cases.entries import options
from engine.clock.days import day_of
from engine.store import tables
from forms import samples
from tests.support.app import ROOT, World
from tests.support.browsing import fill_in, open_task, send, sign, sign_in
from tests.support.pages import OpenPage, WatchedPage

EXAMPLE = ROOT / "processes/paperless/scenarios/approved_after_appraisal.yaml"
PHONE = {"width": 390, "height": 844, "has_touch": True}


def open_votes(world: World) -> list[Mapping[str, Any]]:
    t = tables.task
    with world.runtime.store.transaction(write=False) as session:
        query = select(t).where(t.c.node_id == "vote", t.c.status == "open").order_by(t.c.assignee)
        return [{**row} for row in session.execute(query).mappings()]


def vote(phone: WatchedPage, truth: str, objectivity: str, why: str = "") -> None:
    """Answer both questions with the thumb, sign and send."""
    phone.locator('[name="回避声明"][value="没有"]').check()
    phone.locator(f'[name="评议真实性"][value="{truth}"]').check()
    phone.locator(f'[name="评议客观性"][value="{objectivity}"]').check()
    if why:
        phone.locator('[name="评议说明"]').fill(why)
    assert sign(phone, "评议签名")
    send(phone)


def fits(page: Page) -> bool:
    """Nothing has to be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


class Desks:
    """The office staff of the example at their computers."""

    def __init__(self, world: World, open_page: Callable[..., WatchedPage], site: str, folder: Path) -> None:
        self.world, self.open_page, self.site, self.folder = world, open_page, site, folder
        self.samples = scenario.read(EXAMPLE).samples

    def do(self, account: str, name: str, node_id: str, number: str, *used: str) -> WatchedPage:
        """One task, from the inbox to its end, filled in as the example says."""
        page = self.open_page(base_url=self.site)
        sign_in(page, account)
        open_task(page, name, number)
        t, world = tables.task, self.world
        with world.runtime.store.transaction(write=False) as session:
            row = session.execute(select(t).where(t.c.node_id == node_id, t.c.status == "open")).mappings().one()
            case = session.execute(select(tables.case).where(tables.case.c.id == row["case_id"])).mappings().one()
            form = world.runtime.deployment(session, case["deployment_id"]).forms[row["form_id"]]
            offered = options(form, session, world.runtime, case["places"], world.clock.now)
        given = {key: value for each in used for key, value in self.samples[each].items()}
        texts, uploads = samples.entries(form, given, offered, day_of(world.clock.now))
        fill_in(page, texts, uploads, self.folder)
        send(page)
        return page


def test_representatives_vote_from_their_phones_and_the_tally_hangs_with_the_notice(
    world: World, site: str, open_page: OpenPage, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    report = scenario.Run(world.runtime, scenario.read(EXAMPLE), until=scenario.moment("2026-03-06 10:00")).play()
    assert not report.failure, report.failure
    world.clock.now = scenario.moment("2026-03-06 19:30")
    tasks = open_votes(world)
    assert len(tasks) == 7

    first = open_page(**PHONE, base_url=site)
    sign_in(first, tasks[0]["assignee"])
    expect(first.get_by_role("main")).to_contain_text("王大明")
    expect(first.get_by_role("main")).not_to_contain_text("********")  # no number of the family, not even masked
    first.get_by_role("link", name=tasks[0]["name"], exact=True).first.click()
    main = first.get_by_role("main")
    for shown in ("种地12亩，农闲打零工", "其他人看不到", "弃权"):
        expect(main).to_contain_text(shown)
    for secret in ("农村商业银行", "核对家庭月收入"):
        expect(main).not_to_contain_text(secret)
    assert fits(first)
    axe(first)
    vote(first, "不真实", "客观", "他家去年买了一台拉货车")

    first.allowed_statuses.update({409})
    first.goto(f"/desk/tasks/{tasks[0]['id']}")
    expect(first.get_by_role("main")).to_contain_text("办结")

    for task in tasks[1:]:
        phone = open_page(**PHONE, base_url=site)
        sign_in(phone, task["assignee"])
        phone.goto(f"/desk/tasks/{task['id']}")
        vote(phone, "真实", "客观")

    world.clock.now = scenario.moment("2026-03-09 09:00")
    desks = Desks(world, open_page, site, tmp_path)
    host = open_page(base_url=site)
    sign_in(host, "wz_host")
    open_task(host, "写明评议结论", report.number)
    fill = host.locator(".fill")
    expect(fill).to_contain_text("认为真实、客观")
    expect(fill).to_contain_text("他家去年买了一台拉货车")
    for task in tasks:
        expect(host.get_by_role("main")).not_to_contain_text(task["name"].partition("（")[2].rstrip("）"))
    desks.do("wz_host", "写明评议结论", "conclude_appraisal", report.number, "评议真实")
    desks.do("wz_clerk", "核定收入", "determine_income", report.number, "收入依据")
    desks.do("wz_clerk", "提出初步意见", "first_opinion", report.number, "拟确认")

    visitor = open_page(base_url=site)
    visitor.goto("/notices")
    board = visitor.get_by_role("main")
    expect(board).to_contain_text("应到7名、参加表决7名，6名认为调查结果真实，7名认为客观")
    for task in tasks:
        expect(board).not_to_contain_text(task["name"].partition("（")[2].rstrip("）"))
    clerk = open_page(base_url=site)
    sign_in(clerk, "wz_clerk")
    clerk.goto("/desk/representatives/")
    expect(clerk.get_by_role("region", name="最近的评议")).to_contain_text("认为真实、客观")
    axe(clerk)
