"""A clerk's day: the inbox, taking a task, doing it."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import event

from engine.cases import sweep
from tests.support.app import Desk, Register, World, answers, photo


def first_task(desk: Desk, which: str = "posts") -> str:
    """The address of the first task in an inbox."""
    found = re.search(r"/desk/tasks/\w+", desk.get(f"/desk/?which={which}").text)
    assert found
    return found[0]


def test_a_new_application_waits_at_the_window_with_its_due_day_and_light(world: World, register: Register) -> None:
    register()
    page = world.desk("qp_window").get("/desk/?which=posts").text
    assert "韦小宝" in page
    assert "2026年3月3日 周二" in page
    assert "还剩1个工作日" in page
    assert "110105********002X" in page
    assert "11010519491231002X" not in page


def test_the_light_changes_with_the_days(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    world.clock.move(days=1)
    assert "▲" in window.get("/desk/?which=posts").text
    world.clock.move(days=1)
    page = window.get("/desk/?which=posts").text
    assert "■" in page
    assert "超期1个工作日" in page


def test_a_claimed_task_is_mine_until_i_give_it_back(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    task = first_task(window)
    assert window.post(f"{task}/claim").location == task
    assert task in window.get("/desk/?which=mine").text
    assert task not in window.get("/desk/?which=posts").text
    window.get(task)
    window.post(f"{task}/release")
    assert task in window.get("/desk/?which=posts").text


def test_the_task_page_shows_the_file_beside_the_form(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    page = window.get(first_task(window)).text
    assert "常年服药" in page
    assert 'name="key"' in page
    assert "为什么是这一天" in page


def test_completing_needs_the_form_and_moves_the_case_on(world: World, family: Desk) -> None:
    window = world.desk("qp_window")
    task = first_task(window)
    window.get(task)
    refused = window.post(task, {"审查说明": "材料在后"})
    assert refused.status_code == 422
    assert "需要修改" in refused.text
    assert ">材料在后</textarea>" in refused.text
    assert window.post(task, answers(world, "material_check", 受理结论="受理")).status_code == 302
    assert task not in window.get("/desk/?which=all").text
    assert "已受理" in family.get("/follow/case").text


def test_what_was_typed_is_not_lost_when_somebody_else_must_do_it(world: World, register: Register) -> None:
    register(
        applyMode="帮办",
        agentName="王晓梅",
        agentIdNo="440524188001010014",
        agentPhone="13800000002",
        agentRelation="其他",
        agentScope="代为提出申请",
        mandateFile=photo(),
    )
    window = world.desk("qp_window")
    task = first_task(window)
    window.get(task)
    given = answers(world, "material_check", 受理结论="受理") | {"审查说明": "都齐了"}
    refused = window.post(task, given)
    assert refused.status_code == 403
    assert "另一人" in refused.text
    assert ">都齐了</textarea>" in refused.text


def test_search_finds_by_name_number_and_whole_identity_number(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    number = re.search(r"341702DB\d+", window.get("/desk/?which=all").text)
    assert number
    for words in ("韦小", number[0], "11010519491231002X"):
        assert "韦小宝" in window.get("/desk/", query_string={"which": "all", "search": words}).text
        assert "韦小宝" in window.get("/desk/cases/", query_string={"search": words}).text
    assert "没有找到" in window.get("/desk/?which=all&search=张三").text


def test_an_inbox_costs_as_many_statements_for_many_rows_as_for_one(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    counts = []
    for _ in range(2):
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(world.runtime.store.engine, "before_cursor_execute", note)
        window.get("/desk/?which=posts")
        event.remove(world.runtime.store.engine, "before_cursor_execute", note)
        counts.append(len([each for each in seen if not each.startswith("BEGIN")]))
        for number in range(5):
            register(applicantName="韦小宝", phone=f"1380000000{number}")
    assert counts[0] == counts[1]
    assert counts[0] <= 5


def test_an_odd_page_number_shows_a_page(world: World, register: Register) -> None:
    register()
    window = world.desk("qp_window")
    for page in ("0", "-1", "abc", "999999"):
        assert window.get(f"/desk/?which=posts&page={page}").status_code == 200


def test_the_case_page_tells_who_did_what_when_and_why_that_day(world: World, register: Register) -> None:
    case_id = register()
    page = world.desk("qp_window").get(f"/desk/cases/{case_id}").text
    assert "王晓梅" in page
    assert "2026年3月2日 周一 09:30" in page
    assert "为起始日，当日不计" in page
    assert f"/desk/cases/{case_id}/diagrams/material_review.bpmn" in page


def test_the_diagram_and_its_colours_come_from_the_case(world: World, register: Register) -> None:
    case_id = register()
    window = world.desk("qp_window")
    assert b"BPMNDiagram" in window.get(f"/desk/cases/{case_id}/diagrams/full_online.bpmn").data
    state = window.get(f"/desk/cases/{case_id}/diagrams/full_online.json").json
    assert state
    assert "open" in {element["state"] for element in state["elements"].values()}


def test_an_upload_is_shown_but_never_run(world: World, register: Register) -> None:
    case_id = register()
    window = world.desk("qp_window")
    file = re.search(rf"/desk/cases/{case_id}/files/[0-9a-f]+", window.get(f"/desk/cases/{case_id}").text)
    assert file
    answer = window.get(file[0])
    assert answer.mimetype == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].isascii()


def test_the_notice_board_is_open_to_everybody(world: World) -> None:
    assert "现在没有公示" in world.visitor().get("/notices").text


def test_a_reminder_reaches_the_deputy_head_as_a_message(world: World, register: Register) -> None:
    register()
    sweep.wake_due(world.runtime, world.clock.now + timedelta(days=5))
    assert "超期催办：审查申请材料" in world.desk("qp_deputy").get("/desk/messages").text
    assert "超期催办" not in world.desk("qp_window").get("/desk/messages").text
