"""催办 at the desk: asked from the case's page, answered beside the task, found in lists."""

from __future__ import annotations

import re
from datetime import timedelta

from engine.cases import sweep
from tests.support.app import Desk, Register, World

ASK = re.compile(r'href="(/desk/acts/new/\d+/[\w:-]+)"')
ACT = re.compile(r'href="(/desk/acts/\d+)[#"]')
WORDS = "群众反映等了很久，请本周办结"


def ask(world: World, case_id: int, text: str = WORDS, account: str = "gc_supervisor") -> Desk:
    """Urge for the first task of the case that offers it."""
    desk = world.desk(account)
    found = ASK.search(desk.get(f"/desk/cases/{case_id}").text)
    assert found, desk.page
    desk.get(found[1])
    answer = desk.post(found[1], {"text": text})
    if answer.status_code == 302:
        desk.get(answer.location)
    return desk


def test_a_supervisor_urges_from_the_case_and_the_window_answers_beside_the_task(
    world: World, register: Register
) -> None:
    case_id = register()
    supervisor = ask(world, case_id)
    assert "已催办，编号 催办〔2026〕1号" in supervisor.page
    assert WORDS in supervisor.page
    window = world.desk("qp_window")
    task = re.search(r"/desk/tasks/(\w+)", window.get("/desk/?which=posts").text)
    assert task
    assert WORDS in window.get(f"/desk/tasks/{task[1]}").text
    found = ACT.search(window.page)
    assert found
    assert WORDS in window.get(found[1]).text
    assert window.post(f"{found[1]}/reply", {"text": "明天上午办结"}).status_code == 302
    assert WORDS not in window.get(f"/desk/tasks/{task[1]}").text
    assert "明天上午办结" in supervisor.get("/desk/messages").text
    assert "明天上午办结" in supervisor.get(found[1]).text


def test_urging_again_on_the_same_day_is_refused_and_keeps_what_was_typed(world: World, register: Register) -> None:
    case_id = register()
    ask(world, case_id)
    again = ask(world, case_id, "再催一次，请尽快")
    assert "每个工作日只能催办一次" in again.page
    assert "再催一次，请尽快" in again.page


def test_nothing_typed_is_said_at_the_field(world: World, register: Register) -> None:
    desk = ask(world, register(), "  ")
    assert 'role="alert">请填写催办内容' in desk.page


def test_those_who_may_not_urge_are_not_offered_it_and_find_nothing(world: World, register: Register) -> None:
    case_id = register()
    supervisor = world.desk("gc_supervisor")
    found = ASK.search(supervisor.get(f"/desk/cases/{case_id}").text)
    assert found
    for account in ("qp_deputy", "qp_window"):
        desk = world.desk(account)
        assert not ASK.search(desk.get(f"/desk/cases/{case_id}").text), account
        assert desk.get(found[1]).status_code == 404
    assert world.desk("dz_clerk").get(found[1]).status_code == 404


def test_an_act_of_a_foreign_case_does_not_exist(world: World, register: Register) -> None:
    ask(world, register())
    stranger = world.desk("dz_clerk")
    assert stranger.get("/desk/acts/1").status_code == 404
    stranger.get("/desk/")
    assert stranger.post("/desk/acts/1/reply", {"text": "办结"}).status_code == 404
    assert "催办〔2026〕1号" not in stranger.get("/desk/acts/").text


def test_only_the_holder_is_offered_the_answer(world: World, register: Register) -> None:
    supervisor = ask(world, register())
    assert "由经办人答复" in supervisor.get("/desk/acts/1").text
    assert supervisor.post("/desk/acts/1/reply", {"text": "我来答"}).status_code == 409
    assert "您可以查看，不能答复" in supervisor.page


def test_lists_are_filtered_by_kind_unit_month_and_what_waits(world: World, register: Register) -> None:
    case_id = register()
    world.clock.move(days=1)
    ask(world, case_id)
    sweep.act_due(world.runtime, world.clock.now + timedelta(hours=2))
    desk = world.desk("gc_supervisor")
    for address, number in (
        ("", True),
        ("?kind=催办", True),
        ("?kind=督办", False),
        ("?which=unanswered", True),
        ("?which=mine", False),
        ("?unit=qiupu&month=2026-03", True),
        ("?unit=qiupu&month=2026-02", False),
        ("?unit=guichi&own=1", False),
        ("?unit=guichi", True),
    ):
        page = desk.get(f"/desk/acts/{address}")
        assert page.status_code == 200
        assert ("催办〔2026〕1号" in page.text) == number, address
    assert "催办〔2026〕1号" in world.desk("qp_window").get("/desk/acts/?which=mine").text
