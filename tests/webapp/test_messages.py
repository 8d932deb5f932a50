"""Messages at the desk: what is unread is counted in the menu, read by each for themselves, and found by kind."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from engine.store import tables
from tests.support.app import Desk, Register, World

BADGE = re.compile(r'class="badge">([^<]+)<')


def tell(world: World, key: str = "m", **columns: Any) -> None:
    """A message to the deputy heads of 秋浦街道, unless `columns` say otherwise."""
    row = {"key": key, "to_role": "window_clerk", "to_unit": "qiupu", "to_applicant": False, "kind": "催办"}
    row |= {"title": f"超期催办：{key}", "text": "请尽快办理", "created_at": world.clock.now, **columns}
    with world.runtime.store.transaction() as session:
        session.execute(insert(tables.outbox), [row])


def badge(desk: Desk) -> str:
    """What the menu says beside 消息."""
    found = BADGE.search(desk.get("/desk/posts").text)
    return found[1] if found else ""


def letter_ids(desk: Desk, address: str = "/desk/messages") -> list[int]:
    return [int(each) for each in re.findall(r"/desk/messages/(\d+)/read", desk.get(address).text)]


def test_the_menu_counts_what_is_unread_until_it_is_read(world: World) -> None:
    tell(world, "a")
    tell(world, "b")
    desk = world.desk("qp_window")
    assert badge(desk) == "2"
    desk.post(f"/desk/messages/{letter_ids(desk)[0]}/read", {"back": "/desk/messages"})
    assert badge(desk) == "1"
    desk.post("/desk/messages/read")
    assert badge(desk) == ""
    assert "超期催办：a" in desk.get("/desk/messages").text


def test_what_one_has_read_a_colleague_has_not(world: World) -> None:
    tell(world, to_role="panel_member")
    first, second = accounts_of(world, "panel_member", "qiupu")[:2]
    world_first = world.desk(first)
    letter_ids(world_first)
    world_first.post("/desk/messages/read")
    assert (badge(world_first), badge(world.desk(second))) == ("", "1")


def accounts_of(world: World, role: str, unit: str) -> list[str]:
    p = tables.post
    with world.runtime.store.transaction(write=False) as session:
        rows = session.execute(p.select().where(p.c.role == role, p.c.unit_id == unit).order_by(p.c.id)).mappings()
        return [row["account_id"] for row in rows]


def test_opening_the_case_from_a_message_reads_it(world: World, register: Register) -> None:
    case_id = register()
    tell(world, case_id=case_id)
    desk = world.desk("qp_window")
    (letter,) = letter_ids(desk)
    answer = desk.post(f"/desk/messages/{letter}/read", {"open": "1"})
    assert answer.location == f"/desk/cases/{case_id}"
    assert badge(desk) == ""


def test_messages_are_found_by_kind_and_by_being_unread(world: World) -> None:
    tell(world, "a")
    tell(world, "b", kind="通知", title="有新的通知")
    desk = world.desk("qp_window")
    assert "超期催办" not in desk.get("/desk/messages?kind=通知").text
    assert "有新的通知" in desk.page
    (letter,) = letter_ids(desk, "/desk/messages?kind=通知")
    desk.post(f"/desk/messages/{letter}/read", {"back": "/desk/messages?kind=通知"})
    assert "有新的通知" not in desk.get("/desk/messages?unread=1").text
    assert "超期催办" in desk.page


def test_nobody_reads_the_messages_of_another_post(world: World) -> None:
    tell(world)
    (letter,) = letter_ids(world.desk("qp_window"))
    stranger = world.desk("dz_clerk")
    assert badge(stranger) == ""
    assert stranger.post(f"/desk/messages/{letter}/read").status_code == 404


def test_who_takes_over_a_post_does_not_begin_with_old_messages(world: World) -> None:
    tell(world, "old", created_at=world.clock.now - timedelta(days=31))
    assert badge(world.desk("qp_window")) == ""


def test_a_double_click_reads_once(world: World) -> None:
    tell(world)
    desk = world.desk("qp_window")
    (letter,) = letter_ids(desk)
    answers = [desk.post(f"/desk/messages/{letter}/read").status_code for _ in range(2)]
    assert answers == [302, 302]


@pytest.mark.parametrize("back", ["https://evil.example.org/", "//evil.example.org/"])
def test_reading_leads_nowhere_else(world: World, back: str) -> None:
    tell(world)
    desk = world.desk("qp_window")
    (letter,) = letter_ids(desk)
    assert desk.post(f"/desk/messages/{letter}/read", {"back": back}).location == "/desk/messages"
