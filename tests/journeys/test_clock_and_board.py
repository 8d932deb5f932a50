"""A limit that crosses into a year without a notice on days off: one date for the clerk, the family, the diagram and
the explanation, however often it moves; and a supervisor who sees what runs out tomorrow and gets an answer."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.cases import rederive, scenario, sweep
from engine.store import tables
from tests.processes.conftest import ROOT
from tests.support import calendars
from tests.support.app import World, answers
from tests.support.browsing import fill_in, open_task, send, sign_in
from tests.support.pages import OpenPage

EXAMPLE = ROOT / "processes" / "full_online" / "scenarios" / "provisional_county.yaml"
MASTER = "低保办理总时限（县级审核确认）"


class Town:
    """A real office in front of a real browser, with one case whose clock has begun on 20 December 2026."""

    def __init__(self, world: World, page: Page) -> None:
        self.world, self.page = world, page
        run = scenario.Run(world.runtime, scenario.read(EXAMPLE), until=scenario.moment("2026-12-20 23:00"))
        report = run.play()
        assert report.ok, report.failure
        self.case_id = report.case_id
        c = tables.case
        with world.runtime.store.transaction(write=False) as session:
            found = session.execute(select(c.c.number, c.c.follow_code).where(c.c.id == self.case_id)).one()
        self.number, self.code = found

    def it_is(self, text: str) -> None:
        """The clock stands at this moment, and has done all it had to do."""
        now: datetime = scenario.moment(text)
        self.world.clock.now = now
        sweep.wake_due(self.world.runtime, now)
        sweep.act_due(self.world.runtime, now)

    def enter(self, account: str) -> None:
        self.page.context.clear_cookies()
        sign_in(self.page, account)

    def everywhere(self, day: str, on_diagram: str) -> list[str]:
        """The clerk's page, the diagram and the family's page say this day; gives the explanation, the same on both."""
        page = self.page
        self.enter("yd_clerk")
        page.goto(f"/desk/cases/{self.case_id}")
        row = page.locator("table.deadlines tr", has_text=MASTER)
        expect(row).to_contain_text(day)
        row.locator("summary").click()
        explained = row.locator(".explain li").all_inner_texts()
        page.get_by_role("tab", name="社会救助全程网办").or_(
            page.get_by_role("link", name="社会救助全程网办")
        ).first.click()
        expect(page.locator(".diagram-note", has_text="总时限")).to_contain_text(f"总时限 · {on_diagram}")
        page.context.clear_cookies()
        page.goto("/follow")
        page.locator("[name=number]").fill(self.number)
        page.locator("[name=code]").fill(self.code)
        page.locator("main form button").first.click()
        row = page.locator("table.deadlines tr", has_text=MASTER)
        expect(row).to_contain_text(day)
        row.locator("summary").click()
        assert row.locator(".explain li").all_inner_texts() == explained
        return explained


def test_one_date_for_all_however_often_it_moves_and_a_supervisor_who_acts_in_time(
    world: World, site: str, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(base_url=site)
    town = Town(world, page)

    town.it_is("2026-12-21 09:00")
    explained = town.everywhere("暂定 2027-02-01", "暂定2月1日到期")
    assert any("最早2027-01-30" in line and "最晚2027-02-01" in line for line in explained)

    town.it_is("2026-12-22 10:00")
    ask_for_more(town, tmp_path)
    explained = town.everywhere("暂定 2027-02-17", "暂定2月17日到期")
    assert any("补正期间暂停" in line for line in explained)

    town.it_is("2026-12-23 09:00")
    import_2027(town)
    explained = town.everywhere("2027-02-19", "2月19日到期")
    assert any("国办发明电〔2026〕9号" in line or "2027年部分节假日安排" in line for line in explained)
    assert not any("暂定" in line for line in explained)

    town.it_is("2027-02-18 09:00")
    supervise(town, tmp_path)


def ask_for_more(town: Town, folder: Path) -> None:
    """The clerk asks the family for something more: in this county the clock stands meanwhile."""
    page = town.page
    town.enter("yd_clerk")
    page.goto(f"/desk/cases/{town.case_id}")
    page.get_by_role("link", name="要求补充材料").click()
    form = answers(town.world, "supplement_demand", 补充事项="离职证明", 补充原因="调查中发现新情况")
    fill_in(page, {name: values for name, values in form.items() if values and isinstance(values[0], str)}, {}, folder)
    send(page)
    page.goto(f"/desk/cases/{town.case_id}")
    expect(page.locator(".heading .paused")).to_contain_text("暂停中：补正，最迟至2027-01-06")


def import_2027(town: Town) -> None:
    """The administrator imports the notice, sees what moves, and confirms."""
    page = town.page
    town.enter("cz_admin")
    page.goto("/desk/calendar/")
    page.get_by_label("通知文件").set_input_files(
        {"name": "2027.toml", "mimeType": "text/plain", "buffer": calendars.year_2027()}
    )
    page.get_by_role("button", name="导入", exact=True).click()
    page.wait_for_url("**/desk/calendar/1")
    page.get_by_role("button", name="确认，按新日历计算").click()
    page.get_by_text("正在重新计算：").wait_for()
    rederive.run(town.world.runtime, town.world.clock)


def supervise(town: Town, folder: Path) -> None:
    """From tomorrow's reds to the case, a 督办单, the township's answer, and the supervisor's acceptance."""
    page = town.page
    town.enter("dz_supervisor")
    page.goto("/desk/board/")
    coming = page.locator("#coming ~ p").first
    expect(coming).to_contain_text(re.compile(r"明天：.*1 .*件到期.*本周"))
    coming.get_by_role("link").first.click()
    page.get_by_role("link", name=town.number).click()
    page.get_by_role("link", name="发出督办单").click()
    page.get_by_label("临近办理时限").check()
    page.get_by_label("督办要求").fill("总时限明天到期，请今天作出安排。")
    page.get_by_role("button", name="发出").click()
    expect(page.get_by_text(re.compile("民督〔2027〕1号")).first).to_be_visible()

    town.enter("yd_head")
    open_task(page, "答复督办单", sheet_number(town))
    reply = answers(town.world, "oversight_reply", 办理情况="正在办理", 答复内容="已安排今天入户、明天评审。")
    fill_in(page, {name: values for name, values in reply.items() if values and isinstance(values[0], str)}, {}, folder)
    send(page)

    town.enter("dz_supervisor")
    page.goto(f"/desk/cases/{town.case_id}")
    expect(page.locator("section", has=page.locator("#oversight"))).to_contain_text("已安排今天入户、明天评审。")


def sheet_number(town: Town) -> str:
    """The number of the case that the 督办单 is."""
    c = tables.case
    with town.world.runtime.store.transaction(write=False) as session:
        return str(session.execute(select(c.c.number).where(c.c.procedure == "oversight")).scalar_one())
