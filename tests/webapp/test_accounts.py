"""The pages of accounts and posts, and one's own password (S3-10)."""

from __future__ import annotations

import re
from io import BytesIO

from engine.clock.days import day_of
from engine.people import posts
from tests.support.app import PASSWORD, Desk, World

LIST = "姓名,单位,岗位,手机号码\n张三,百节镇鼓楼村,村级协理员,13900000011\n李四,百节镇双石坝村,村级协理员,\n"


def upload(desk: Desk, text: str = LIST) -> str:
    desk.get("/desk/accounts/new")
    desk.post("/desk/accounts/list", {"file": (BytesIO(text.encode()), "清单.csv")})
    return desk.page


def first_password(page: str) -> str:
    found = re.search(r"<code>(\w+)</code>|初始密码 (\w+)，", page)
    assert found
    return found[1] or found[2]


def enter(world: World, account: str, password: str) -> Desk:
    desk = world.visitor()
    desk.get("/sign-in")
    desk.post("/sign-in", {"account": account, "password": password})
    return desk


def change(desk: Desk, old: str, new: str, again: str = "") -> int:
    desk.get("/desk/password/")
    return desk.post("/desk/password/", {"old": old, "new": new, "again": again or new}).status_code


def test_a_list_opens_accounts_and_gives_their_first_passwords_once(world: World) -> None:
    admin = world.desk("dc_admin")
    page = upload(admin)
    assert "baijie_gulou1" in page
    assert "初始密码只显示这一次" in page
    rows = re.search(r'name="rows" value="([^"]+)"', page)
    assert rows
    sheet = admin.post("/desk/accounts/slips", {"rows": rows[1].replace("&#34;", '"')}, buffered=True)
    assert sheet.data.startswith(b"PK")
    assert "还没有换初始密码" in admin.get("/desk/accounts/?q=张三").text
    assert first_password(page) not in admin.page


def test_a_wrong_line_is_named_and_nobody_gets_an_account(world: World) -> None:
    admin = world.desk("dc_admin")
    page = upload(admin, LIST + "王五,秋浦街道,窗口受理员,\n")
    assert "第 4 行：本地区没有叫“秋浦街道”的单位" in page
    assert "一个账号也没有开通" in page
    assert "没有找到账号" in admin.get("/desk/accounts/?q=张三").text


def test_who_has_a_first_password_changes_it_before_anything_else(world: World) -> None:
    password = first_password(upload(world.desk("dc_admin")))
    desk = enter(world, "baijie_gulou1", password)
    assert desk.get("/desk/").headers["Location"] == "/desk/password/"
    assert "请先设置自己的密码" in desk.get("/desk/password/").text

    assert change(desk, password, "my-own-word-1", "my-own-word-2") == 422
    assert change(desk, "not-the-first", "my-own-word-1") == 401
    assert change(desk, password, "baijie_gulou1") == 422
    assert change(desk, password, "short") == 422
    assert change(desk, password, "my-own-word-1") == 302
    assert desk.get("/desk/").status_code == 200
    assert enter(world, "baijie_gulou1", password).get("/desk/").status_code == 302


def test_a_reset_ends_the_sessions_of_the_old_password(world: World) -> None:
    clerk, admin = world.desk("dc_window"), world.desk("dc_admin")
    admin.get("/desk/accounts/dc_window")
    admin.post("/desk/accounts/dc_window/reset")
    password = first_password(admin.get("/desk/accounts/dc_window").text)
    assert clerk.get("/desk/").status_code == 302
    assert enter(world, "dc_window", PASSWORD).get("/desk/").status_code == 302
    assert enter(world, "dc_window", password).get("/desk/password/").status_code == 200
    assert "牟系文：重置密码" in admin.get("/desk/accounts/dc_window").text


def test_a_closed_account_is_out_at_once_and_may_come_back(world: World) -> None:
    clerk, admin = world.desk("dc_window"), world.desk("dc_admin")
    admin.get("/desk/accounts/dc_window")
    admin.post("/desk/accounts/dc_window/close")
    assert clerk.get("/desk/").status_code == 302
    admin.get("/desk/accounts/dc_window")
    admin.post("/desk/accounts/dc_window/reopen")
    assert world.desk("dc_window").get("/desk/").status_code == 200


def test_a_post_is_given_and_ended(world: World) -> None:
    admin = world.desk("dc_admin")
    admin.get("/desk/accounts/dc_window")
    admin.post("/desk/accounts/dc_window/posts", {"单位": "百节镇", "岗位": "payment_clerk", "开始日期": "2026-03-02"})
    today = day_of(world.clock.now)
    with world.runtime.store.transaction(write=False) as session:
        assert "dc_window" in posts.holders(session, "payment_clerk", "baijie", today)
    end = {"unit": "baijie", "role": "payment_clerk", "until": "2026-03-01"}
    admin.post("/desk/accounts/dc_window/posts/end", end)
    with world.runtime.store.transaction(write=False) as session:
        assert "dc_window" not in posts.holders(session, "payment_clerk", "baijie", today)
    refused = admin.post("/desk/accounts/dc_window/posts", {"单位": "百节镇", "岗位": "county_head"})
    assert refused.status_code == 422
    assert "乡镇（街道）没有“county_head”这个岗位" in refused.text
    days = {"开始日期": "2026-03-10", "结束日期": "2026-03-09"}
    refused = admin.post("/desk/accounts/dc_window/posts", {"单位": "百节镇", "岗位": "payment_clerk", **days})
    assert refused.status_code == 422
    assert "结束日期早于开始日期" in refused.text


def test_nobody_else_finds_the_accounts(world: World) -> None:
    clerk = world.desk("dc_window")
    for address in ("/desk/accounts/", "/desk/accounts/new", "/desk/accounts/dc_clerk", "/desk/accounts/list.csv"):
        assert clerk.get(address).status_code == 404
    clerk.get("/desk/")
    assert clerk.post("/desk/accounts/dc_clerk/reset").status_code == 404
    assert world.desk("cz_admin").get("/desk/accounts/dc_clerk").status_code == 404
