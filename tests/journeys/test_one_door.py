"""One application for eleven departments in real browsers: from the window to a single reply, a line for each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.store import tables
from engine.store.referrals import referral
from tests.support.app import ROOT, World
from tests.support.browsing import fill_in, send
from tests.support.desks import Office
from tests.support.pages import OpenPage

EXAMPLE = ROOT / "processes/one_door/scenarios/eleven_departments_referred.yaml"
IN_BROWSERS = {
    ("register", ""), ("confirm_items", ""), ("write_slip", "JT-01"), ("receive_referral", "GH-01"),
    ("refer_again", "GH-01"), ("receive_referral", "YB-01"), ("first_check", "YB-01"), ("refuse", "YB-01"),
    ("handle", "JT-01"), ("feed_back", "JT-01"), ("single_reply", ""),
}  # fmt: skip
ITEMS = 11


def lines_of(world: World) -> dict[str, Mapping[str, Any]]:
    """The ledger's rows of the application by item."""
    with world.runtime.store.transaction(write=False) as session:
        return {row["item_id"]: {**row} for row in session.execute(select(referral)).mappings()}


def ended(world: World) -> int:
    """How many items have a result."""
    return len([row for row in lines_of(world).values() if row["result_at"]])


def test_eleven_departments_answer_one_application_and_the_window_replies_once(
    world: World, site: str, open_page: OpenPage, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    office = Office(world, lambda: open_page(base_url=site), tmp_path, EXAMPLE)
    start = office.example.start
    office.move_clock(start["at"])
    window = office.at("sf_window")
    window.goto("/desk/register/one_door")
    with world.runtime.store.transaction(write=False) as session:
        deployment = world.runtime.current(session)[1]
    fill_in(window, *office.answers(deployment.forms["help_application"], start, {}), tmp_path)
    axe(window)
    send(window)
    office.number = office.case()["number"]
    case_page = f"/desk/cases/{office.case()['id']}"
    watching = world.desk("sf_window")  # the same account at a second screen, where the application stays open

    for said in office.example.steps:
        office.move_clock(said["at"])
        if said.get("do") in (None, "rate"):
            continue
        office.do(said) if (said["do"], said.get("of", "")) in IN_BROWSERS else office.do_quickly(said)
        if lines_of(world):
            screen = watching.get(case_page).text
            assert f"申请事项（{ITEMS} 项，已办结 {ended(world)} 项）" in screen, said
        if said["do"] == "single_reply":
            break

    lines = lines_of(world)
    assert lines["GH-01"]["bounces"] == 1
    assert lines["GH-01"]["unit_id"] == "window_city_rs"
    assert lines["YB-01"]["state"] == "不符合"
    assert all(row["told_at"] for row in lines.values())
    assert not [row for row in rows(world, tables.task) if row["late"]]
    assert {"sf_window", "sf_gh_liaison", "sf_yb_liaison", "sf_yb_handler", "sf_jt_liaison"} <= set(office.desks)

    family = open_page(width=390, height=844, has_touch=True, base_url=site)
    family.goto("/follow")
    family.get_by_label("编号", exact=True).fill(office.number)
    family.get_by_label("查询码").fill(office.case()["follow_code"])
    family.get_by_role("button", name="查询").click()
    expect(family.locator("#items")).to_have_text(f"申请事项（{ITEMS} 项，已办结 {ITEMS} 项）")
    expect(family.get_by_role("main")).to_contain_text("社会救助办理结果告知书")
    assert not family.evaluate("document.documentElement.scrollWidth > innerWidth")
    axe(family)
    family.get_by_role("link", name="现在办理").click()
    fill_in(family, {"满意程度": ["满意"], "跑了几趟": ["1次"]}, {}, tmp_path)
    send(family)

    office.do({"do": "archive", "by": "sf_window", "use": "归档"})
    assert office.case()["outcome"] == "办结"
    window.goto(f"/desk/referrals/?search={office.number}")
    expect(window.get_by_role("main")).to_contain_text("不符合")
    axe(window)


def rows(world: World, table: Any) -> list[Mapping[str, Any]]:
    with world.runtime.store.transaction(write=False) as session:
        return [{**row} for row in session.execute(select(table)).mappings()]
