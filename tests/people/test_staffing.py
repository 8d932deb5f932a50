"""An administrator opens accounts by a list, gives and ends posts, within an area (S3-10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest

from engine import sheets
from engine.people import accounts, newcomers, staffing
from engine.people.actor import Actor
from engine.people.newcomers import Opened
from engine.people.passwords import First
from engine.people.roles import Roles
from engine.people.staffing import Area, StaffingRefused
from engine.people.units import tree
from engine.store.database import Store

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
FIRSTS = [First(f"first-password-{number}", f"stored {number}") for number in range(9)]
HEAD = "姓名,单位,岗位,手机号码,登录名,开始日期,结束日期\n"


@contextmanager
def office(store: Store, roles: Roles, account_id: str = "dc_admin") -> Iterator[Area]:
    """An administrator's area in one transaction."""
    with store.transaction() as session:
        actor = accounts.find(session, account_id, TODAY)
        assert actor is not None
        yield Area(session, tree(session), roles, actor, TODAY)


def opened(area: Area, *lines: str) -> list[Opened]:
    """What comes of a list."""
    wanted = newcomers.read_list(area, (HEAD + "\n".join(lines)).encode())
    return newcomers.open_all(area, wanted, iter(FIRSTS), NOW)


def posts_of(actor: Actor | None) -> set[tuple[str, str]]:
    """Role and unit of each post."""
    return {(each.role, each.unit_id) for each in actor.posts} if actor else set()


def test_a_list_opens_an_account_for_each_with_a_first_password(store: Store, roles: Roles) -> None:
    with office(store, roles) as area:
        one, two, three = opened(
            area,
            "张三,百节镇鼓楼村,村级协理员,13900000011",
            "李四,百节镇 双石坝村,village_assistant,",
            "张三,百节镇鼓楼村,村(居)委会负责人,１３９００００００１１",
        )
        assert (one.account_id, one.password) == ("baijie_gulou1", "first-password-0")
        assert (two.account_id, two.unit) == ("baijie_shuangshiba1", "百节镇双石坝村")
        assert (three.account_id, three.password) == (one.account_id, "")
        found = accounts.load(area.session, one.account_id, TODAY)
        assert found is not None
        assert found.initial
        assert posts_of(found.actor) == {("village_assistant", "baijie_gulou"), ("village_head", "baijie_gulou")}


@pytest.mark.parametrize(
    "line, said",
    [
        (",百节镇,窗口受理员", "没有写姓名"),
        ("张三,,窗口受理员", "没有写单位"),
        ("张三,没有这个镇,窗口受理员", "本地区没有叫“没有这个镇”的单位"),
        ("张三,秋浦街道,窗口受理员", "本地区没有叫“秋浦街道”的单位"),
        ("张三,百节镇,县长", "乡镇（街道）没有“县长”这个岗位"),
        ("张三,百节镇鼓楼村,评议代表", "在“评议代表”页面登记"),
        ("张三,百节镇,窗口受理员,12345", "手机号码应为"),
        ("张三,百节镇,窗口受理员,,X", "登录名「x」不符合要求"),
        ("张三,百节镇,窗口受理员,,,三月", "开始日期“三月”不是日期"),
        ("张三,百节镇,窗口受理员,,,2026-03-02,2026-03-01", "结束日期早于开始日期"),
        ("张三,百节镇,窗口受理员,,dc_window", "登录名“dc_window”是蒲小丽的账号"),
        ("蒲小丽,百节镇,窗口受理员,,dc_window", "已经有这个岗位"),
        ("牟系文,百节镇,窗口受理员,,dc_admin", "由另一位系统管理员"),
        ("王晓梅,百节镇,窗口受理员,,qp_window", "本地区以外的岗位"),
    ],
)
def test_a_line_that_does_not_fit_is_named_and_nothing_is_opened(
    line: str, said: str, store: Store, roles: Roles
) -> None:
    with office(store, roles) as area, pytest.raises(sheets.SheetInvalid, match=said) as caught:
        opened(area, "李四,百节镇,窗口受理员", line)
    assert str(caught.value).startswith("第 3 行：")
    with office(store, roles) as area:
        assert staffing.find_members(area, "李四") == ([], 0)


def test_two_units_of_one_name_are_asked_apart(store: Store, roles: Roles) -> None:
    with office(store, roles, "cz_admin") as area:
        names = [unit.name for unit in area.all_units() if unit.kind == "village"]
        twice = next(name for name in names if names.count(name) > 1)
        with pytest.raises(sheets.SheetInvalid, match="请写明是哪一个"):
            opened(area, f"张三,{twice},村级协理员")


def test_the_same_list_again_opens_nothing(store: Store, roles: Roles) -> None:
    with office(store, roles) as area:
        opened(area, "张三,百节镇鼓楼村,村级协理员")
        with pytest.raises(sheets.SheetInvalid, match="已经有这个岗位"):
            opened(area, "张三,百节镇鼓楼村,村级协理员")
        with pytest.raises(sheets.SheetInvalid, match="和第 2 行是同一个人"):
            opened(area, *["赵六,百节镇鼓楼村,村级协理员,13900000012"] * 2)


def test_a_post_ends_on_its_last_day_and_all_is_written_down(store: Store, roles: Roles) -> None:
    with office(store, roles) as area:
        one = staffing.member(area, "dc_window")
        assert one is not None
        staffing.end_post(area, one, "window_clerk", "baijie", date(2026, 3, 10), NOW)
        assert posts_of(accounts.find(area.session, "dc_window", date(2026, 3, 10)))
        assert posts_of(accounts.find(area.session, "dc_window", date(2026, 3, 11))) == set()
        assert [each["text"] for each in staffing.events(area, "dc_window")] == [
            "百节镇“窗口受理员”到2026-03-10为止",
        ]


def test_nobody_keeps_their_own_posts_nor_accounts_of_other_places(store: Store, roles: Roles) -> None:
    with office(store, roles) as area:
        own = staffing.member(area, "dc_admin")
        assert own is not None
        with pytest.raises(StaffingRefused, match="另一位系统管理员"):
            staffing.close(area, own, NOW)
        assert staffing.member(area, "qp_window") is None
        outside = staffing.Wanted("蒲小丽", "qiupu", "window_clerk")
        member = staffing.member(area, "dc_window")
        assert member is not None
        with pytest.raises(StaffingRefused, match="不在本地区"):
            staffing.give(area, member, outside, NOW)


def test_a_new_first_password_replaces_the_old_one(store: Store, roles: Roles) -> None:
    with office(store, roles) as area:
        before = accounts.load(area.session, "dc_window", TODAY)
        member = staffing.member(area, "dc_window")
        assert before is not None
        assert member is not None
        password = staffing.reset(area, member, NOW)
        after = accounts.sign_in(area.session, "dc_window", password, TODAY)
        assert after is not None
        assert after.initial
        assert after.mark != before.mark
        assert accounts.change_password(area.session, "dc_window", "wrong", "my-own-word-1", TODAY) is None
        mine = accounts.change_password(area.session, "dc_window", password, "my-own-word-1", TODAY)
        assert mine is not None
        assert not mine.initial
