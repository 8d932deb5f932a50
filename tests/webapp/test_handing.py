"""移交工作 on the page: who has how much, ticking what goes to whom, and what can't go."""

from __future__ import annotations

import re

import pytest

from tests.support.app import Register, World


def in_hand_of(world: World, register: Register, account: str = "qp_window") -> str:
    """A new case's first task, signed for by the account."""
    register()
    desk = world.desk(account)
    task = re.search(r"/desk/tasks/([0-9a-f-]+)", desk.get("/desk/?which=all").text)
    assert task is not None
    desk.post(f"/desk/tasks/{task[1]}/claim")
    return task[1]


def test_the_deputy_head_sees_who_has_what_and_hands_it_on(world: World, register: Register) -> None:
    task = in_hand_of(world, register)
    desk = world.desk("qp_deputy")
    assert "1 项" in desk.get("/desk/handing/").text
    page = desk.get("/desk/handing/qp_window").text
    assert f'value="{task}"' in page
    to = re.search(r'<option value="(\w+)">', page)
    assert to is not None

    answer = desk.post("/desk/handing/qp_window", {"task": [task], "to": to[1], "why": "休年假"}, follow_redirects=True)

    assert "已移交 1 项" in answer.text
    assert task in world.desk(to[1]).get("/desk/?which=mine").text
    assert task not in world.desk("qp_window").get("/desk/?which=mine").text


@pytest.mark.parametrize(
    "sent, said",
    [
        ({}, "请勾选要移交的事项"),
        ({"task": ["x"]}, "请选择移交给谁"),
        ({"to": "qp_window2", "task": ["x"], "why": ""}, "移交原因"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    world: World, register: Register, sent: dict[str, object], said: str
) -> None:
    in_hand_of(world, register)
    desk = world.desk("qp_deputy")
    desk.get("/desk/handing/qp_window")
    answer = desk.post("/desk/handing/qp_window", {"why": "因病请假", **sent})
    assert answer.status_code == 422
    assert said in answer.text
    if sent.get("why") is None:
        assert "因病请假" in answer.text


def test_nobody_shares_out_the_work_of_another_office(world: World, register: Register) -> None:
    in_hand_of(world, register)
    assert world.desk("yd_window").get("/desk/handing/qp_window").status_code == 404
    assert world.desk("qp_window").get("/desk/handing/qp_window").status_code == 200
    others = world.desk("qp_window").get("/desk/handing/").text
    assert "（我）" in others
    assert "/desk/handing/qp_deputy" not in others
