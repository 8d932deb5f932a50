"""掌上办 in a real browser: an old neighbour is helped at home on a phone, the province answers, the family follows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.cases.entries import options
from engine.clock.days import day_of
from engine.province import link, queue
from engine.province.link import open_link
from engine.province.system.ledger import Ledger
from engine.province.system.server import Moods, Province, serve
from engine.store import tables
from forms import samples
from forms.uploads import Upload
from tests.province.conftest import wait_for
from tests.support.app import ROOT, World, free_port, running
from tests.support.browsing import fill_in, open_task, send, sign_in
from tests.support.pages import OpenPage

SECRET = "a secret that both sides know"
SAMPLES: Mapping[str, Any] = yaml.safe_load(
    (ROOT / "processes/handheld/scenarios/_samples.yaml").read_text(encoding="utf-8")
)
PHONE = {"width": 390, "height": 844, "has_touch": True}


@pytest.fixture
def province(world: World, site: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Province]:
    """A provincial system that calls the office back."""
    port = free_port()
    monkeypatch.setenv(link.URL, f"http://127.0.0.1:{port}")
    monkeypatch.setenv(link.SECRET, SECRET)
    other = Province(SECRET, f"{site}/province/answers", Ledger(), Moods(duplicate=True), now=world.clock)
    server, _ = serve(other, "127.0.0.1", port)
    threading.Thread(target=other.work, daemon=True).start()
    with running(server):
        yield other
        other.stop()


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def case(world: World, procedure: str) -> Mapping[str, Any]:
    c = tables.case
    query = select(c).where(c.c.procedure == procedure).order_by(c.c.id.desc()).limit(1)
    with world.runtime.store.transaction(write=False) as session:
        return {**session.execute(query).mappings().one()}


Filled = tuple[dict[str, list[str]], dict[str, list[Upload]]]


def answers(world: World, form_id: str, *said: Mapping[str, Any], places: Mapping[str, str] | None = None) -> Filled:
    """What these samples say for a form, as a browser sends it."""
    given = {key: value for each in said for key, value in each.items()}
    with world.runtime.store.transaction(write=False) as session:
        form = world.runtime.current(session)[1].forms[form_id]
        offered = options(form, session, world.runtime, places or {}, world.clock.now)
    texts, uploads = samples.entries(form, given, offered, day_of(world.clock.now))
    return texts, uploads


def test_an_old_neighbour_is_helped_at_home_and_the_family_follows_on_the_phone(
    world: World, site: str, province: Province, open_page: OpenPage, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    agent = open_page(base_url=site, **PHONE)
    sign_in(agent, "dc_village")

    agent.goto("/desk/helping/")
    agent.get_by_role("link", name="登记需要上门").click()
    fill_in(agent, *answers(world, "help_need", SAMPLES["上门登记"]), tmp_path)
    send(agent)
    number = case(world, "help_visit")["number"]
    agent.goto("/desk/helping/")
    expect(agent.get_by_role("main")).to_contain_text("待上门")
    assert not is_too_wide(agent)
    axe(agent)

    open_task(agent, "上门帮办", number)
    fill_in(agent, *answers(world, "help_visit", SAMPLES["上门"]), tmp_path)
    assert not is_too_wide(agent)
    send(agent)
    open_task(agent, "代为填写申请（高龄津贴）", number)
    young = {"idNo": "100001194105060017"}
    places = case(world, "help_visit")["places"]
    application = answers(world, "old_age_application", SAMPLES["高龄申请"], SAMPLES["代办申请"], young, places=places)
    fill_in(agent, *application, tmp_path)
    assert not is_too_wide(agent)
    send(agent)

    begun = case(world, "old_age_allowance")
    agent.goto("/desk/helping/")
    expect(agent.get_by_role("main")).to_contain_text("高龄津贴：村（社区）登记")
    agent.goto(f"/desk/register/receipt/{begun['id']}")
    expect(agent.get_by_role("main")).to_contain_text(begun["follow_code"])
    agent.goto(f"/desk/?which=all&search={begun['number']}")  # who applied for somebody isn't asked to check it
    expect(agent.get_by_role("main")).not_to_contain_text("村（居）委会登记核实")

    head = open_page(base_url=site)
    sign_in(head, "dc_village_head")
    open_task(head, "村（居）委会登记核实（代办的）", begun["number"])
    fill_in(head, *answers(world, "old_age_village_check", SAMPLES["村级核实"]), tmp_path)
    send(head)
    clerk = open_page(base_url=site)
    sign_in(clerk, "dc_clerk")
    open_task(clerk, "乡镇（街道）受理审查", begun["number"])
    fill_in(clerk, *answers(world, "old_age_acceptance", SAMPLES["受理"], {"委托手续": "齐全"}), tmp_path)
    send(clerk)

    family = open_page(base_url=site, **PHONE)
    family.goto("/follow")
    family.get_by_label("编号").fill(begun["number"])
    family.get_by_label("查询码").fill(begun["follow_code"])
    family.get_by_role("button").first.click()
    expect(family.get_by_role("main")).to_contain_text("已报送省系统")

    found = open_link(ROOT)
    assert found
    assert queue.deliver(world.runtime, found, world.clock) == 1
    wait_for(lambda: case(world, "old_age_allowance")["status"] == "closed")
    family.reload()
    expect(family.get_by_role("main")).to_contain_text("每月50元")
    expect(family.get_by_role("main")).to_contain_text("高龄津贴发放通知书")
    assert not is_too_wide(family)
    axe(family)

    county = open_page(base_url=site)
    sign_in(county, "dc_inspect1")
    county.goto("/desk/helping/results?first=2026-01-01&last=2026-12-31")
    expect(county.get_by_role("row", name="百节社区")).to_contain_text("1")
    axe(county)
