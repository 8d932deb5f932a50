"""A month's money in real browsers: roster, signature, bank file, a failed line paid again, statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from engine import sheets
from engine.cases import scenario
from engine.cases.scenario import Run
from engine.payments import bank
from forms.uploads import Upload
from tests.support.app import ROOT, World
from tests.support.desks import Office
from tests.support.pages import OpenPage, WatchedPage

FOLDER = ROOT / "processes" / "supervision" / "scenarios"
FROZEN = scenario.moment("2026-04-16 09:00")
ACCOUNT = "6217000000000000088"


def downloaded(page: WatchedPage, folder: Path) -> list[dict[str, str]]:
    """The newest file for the bank, as the county's clerk saves it from the page of the roster."""
    page.goto("/desk/payments/")
    page.get_by_role("table").first.get_by_role("link").first.click()
    with page.expect_download() as begun:
        page.get_by_role("link", name="下载 CSV").last.click()
    begun.value.save_as(folder / "bank.csv")
    return list(csv.DictReader(io.StringIO((folder / "bank.csv").read_text(encoding="utf-8-sig"))))


def answered(rows: list[dict[str, str]], day: str, **failed: str) -> dict[str, Upload]:
    """The same file with the bank's answers: paid on a day, but for those who failed, by name."""
    said = [
        {**row, "结果": "失败", "失败原因": failed[row["收款人"]]}
        if row["收款人"] in failed
        else {**row, "结果": "成功", "发放日期": day}
        for row in rows
    ]
    return {"回盘文件": Upload("银行回盘.csv", sheets.to_csv((*bank.HEADINGS, *bank.ANSWERS), said))}


def test_a_month_is_paid_by_roster_bank_file_and_statistics_and_a_failed_line_is_paid_again(
    world: World, site: str, open_page: OpenPage, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    example = scenario.read(FOLDER / "payment_straight.yaml")
    begun = [step for step in example.steps if scenario.moment(step["at"]) <= FROZEN]
    assert Run(world.runtime, replace(example, steps=tuple(begun))).play().ok
    office = Office(world, lambda: open_page(base_url=site), tmp_path, FOLDER / "payment_straight.yaml")

    def do(node: str, at: str, said: Mapping[str, Any] | None = None, *, shows: str = "", use: str = "") -> None:
        office.move_clock(at)
        example = {"do": node, "with": said or {}, **({"use": use} if use else {})}
        office.do(example, lambda page: expect(page.locator(".fill")).to_contain_text(shows))

    do("check_roster", "2026-04-16 10:00", shows="农村低保 2户5人2170.50元")
    do("sign_roster", "2026-04-16 11:00", use="签发")
    do("choose_system", "2026-04-16 11:30", use="本系统台账")
    do("review_roster", "2026-04-17 09:00", use="审核通过")
    do("allocate", "2026-04-20 10:05", {"拨付金额": "3150.50", "拨款文号": "海财社〔2026〕8号"})

    office.move_clock("2026-05-06 09:00")
    county = office.at("qh_pay1")
    asked = downloaded(county, tmp_path)
    assert len(asked) == 3
    do("take_return", "2026-05-06 10:00", answered(asked[1:], "2026-05-05"))
    expect(county.locator(".fill")).to_contain_text("缺少序号 1「陈秀兰」1350.00元")
    do("take_return", "2026-05-06 10:30", answered(asked, "2026-05-05", 陈秀兰="账号已销户"))
    do(
        "settle_line",
        "2026-05-07 09:00",
        {"失败处理": "更正账户后重新发放", "新账号": ACCOUNT, "失败说明": "本人到窗口更正。"},
        shows="账号已销户",
    )

    office.move_clock("2026-05-07 10:00")
    again = downloaded(county, tmp_path)
    assert [(row["收款人"], row["银行账号"]) for row in again] == [("陈秀兰", ACCOUNT)]
    expect(county.get_by_text("失败 1")).to_be_hidden()
    axe(county)
    do("take_return", "2026-05-08 09:00", answered(again, "2026-05-07"))
    do("check_table", "2026-05-11 10:00", {"核对结果": "与花名册一致"}, shows="3150.50")
    do("seal_table", "2026-05-11 11:00", {"签章意见": "签章报送"})
    do("file_table", "2026-05-12 09:00", {"备案意见": "备案"})

    county.goto("/desk/payments/?month=2026-05")
    statistics = county.get_by_role("region", name="2026-05发放统计表")
    expect(statistics).to_contain_text("已备案")
    expect(statistics).to_contain_text("3150.50")
    axe(county)
