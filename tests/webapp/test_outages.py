"""The administrator's log of outages: entered, read, withdrawn; bad input is named and nothing typed is lost."""

from __future__ import annotations

import re

import pytest

from engine.cases import outage_dates
from engine.store import tables
from tests.support.app import Desk, Register, World

PAGE = "/desk/operations/"
GOOD = {"from": "2026-03-02T08:30", "to": "2026-03-02T09:30", "unit": "", "what": "机房停电", "remark": "供电公司检修"}


def enter(world: World, account: str = "cz_admin", **changed: str) -> tuple[Desk, int]:
    """The administrator's desk after sending the form, and the answer's status."""
    desk = world.desk(account)
    desk.get(PAGE)
    return desk, desk.post(f"{PAGE}outages", {**GOOD, **changed}).status_code


def outages(world: World) -> list[dict[str, object]]:
    with world.runtime.store.transaction(write=False) as session:
        return [{**row} for row in session.execute(tables.outage.select()).mappings()]


def follow(world: World) -> None:
    assert outage_dates.carry_out(world.runtime, world.clock)


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_an_outage_is_entered_and_listed_with_what_it_moved(world: World, register: Register) -> None:
    register()
    desk, status = enter(world)
    assert status == 302
    (row,) = outages(world)
    assert (row["what"], row["entered_by"], row["by_clock"], row["unit_id"]) == ("机房停电", "cz_admin", False, None)
    assert "正在计算" in desk.get(PAGE).text
    follow(world)
    text = plain(desk.get(PAGE).text)
    assert "2026-03-02 08:30 至 09:30" in text
    for said in ("全部单位", "机房停电", "供电公司检修", "不计的工作日", "2026-03-02", "推后 0 条"):
        assert said in text
    assert "韦小宝" not in text


def test_it_is_withdrawn_after_a_second_look(world: World) -> None:
    desk, _ = enter(world, unit="qiupu")
    follow(world)
    page = desk.get(PAGE).text
    assert "秋浦街道" in page
    assert re.search(r"<summary>撤销</summary>.*?确认撤销", page, re.S)
    (row,) = outages(world)
    answer = desk.post(f"{PAGE}outages/{row['id']}/withdraw", follow_redirects=True)
    assert "已撤销" in answer.text
    follow(world)
    text = plain(desk.get(PAGE).text)
    assert "撤销" in text
    assert "已恢复" in text
    assert "确认撤销" not in text
    assert desk.post(f"{PAGE}outages/{row['id']}/withdraw").status_code == 409


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"to": "2026-03-02T08:00"}, "恢复时间要晚于停机时间"),
        ({"to": "2026-03-02T23:00"}, "恢复时间还没有到"),
        ({"from": "2026-01-02T08:30"}, "最长登记 30 天"),
        ({"from": "2024-03-01T08:30", "to": "2024-03-01T09:30"}, "一年以前"),
        ({"from": "昨天"}, "停机时间和恢复时间写成"),
        ({"to": ""}, "停机时间和恢复时间写成"),
        ({"from": "0001-01-01T00:00"}, "停机时间和恢复时间写成"),
        ({"unit": "nowhere"}, "没有这个单位"),
        ({"what": "  "}, "请填写停了什么"),
        ({"remark": "说" * 301}, "说明最多 300 字"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(world: World, changed: dict[str, str], said: str) -> None:
    desk, status = enter(world, **changed)
    assert status == 422
    assert said in desk.page
    assert outages(world) == []
    if "what" not in changed:
        assert 'value="机房停电"' in desk.page


def test_what_is_known_already_is_named(world: World) -> None:
    enter(world)
    desk, status = enter(world, **{"from": "2026-03-02T08:40"})
    assert (status, len(outages(world))) == (422, 1)
    assert "已经登记过（2026-03-02 08:30 至 09:30，全部单位）" in desk.page


@pytest.mark.parametrize("account", ["qp_window", "gc_head"])
def test_only_the_administrator_keeps_the_log(world: World, account: str) -> None:
    desk, status = enter(world, account)
    assert status == 403
    assert desk.post(f"{PAGE}outages/1/withdraw").status_code == 403
    assert outages(world) == []
