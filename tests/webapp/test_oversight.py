"""督办单 at the desk: sent from a case's page, numbered, printed, answered by the township, shown where it belongs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.app import Desk, Register, World, answers, photo

SHEET = re.compile(r"/desk/oversight/(\d+)")
TASK = re.compile(r"/desk/tasks/(\w+)")


def asked(**changes: Any) -> dict[str, Any]:
    """The form as a supervisor fills it in."""
    fields = {
        "承办单位": "qiupu",
        "答复人": "乡镇（街道）主要负责人",
        "督办事由": "超过办理时限",
        "督办要求": "尽快办理。",
    }
    return {**fields, **changes}


def send(supervisor: Desk, case_id: int, **changes: Any) -> str:
    """Send a 督办单 from the case's page; gives the address of the sheet."""
    page = supervisor.get(f"/desk/oversight/new/oversight?case={case_id}")
    number = re.search(r'name="被督办编号"[^>]*value="([^"]+)"', page.text)
    assert number
    answer = supervisor.post("/desk/oversight/new/oversight", asked(被督办编号=number[1], **changes))
    assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)
    return str(answer.location)


@pytest.fixture
def supervisor(world: World) -> Desk:
    """The county's supervisor."""
    return world.desk("gc_supervisor")


def test_the_form_begins_with_the_case_and_the_unit_that_holds_it(
    world: World, register: Register, supervisor: Desk
) -> None:
    case_id = register()
    page = supervisor.get(f"/desk/cases/{case_id}").text
    assert f"/desk/oversight/new/oversight?case={case_id}" in page

    form = supervisor.get(f"/desk/oversight/new/oversight?case={case_id}").text

    assert re.search(r'name="被督办编号"[^>]*value="341702DB', form)
    assert re.search(r'<option value="qiupu" selected', form)


def test_the_sheet_is_numbered_and_says_who_must_answer_until_when(register: Register, supervisor: Desk) -> None:
    sheet = supervisor.get(send(supervisor, register())).text

    assert "民督〔2026〕1号" in sheet
    assert "秋浦街道" in sheet
    assert "2026年3月5日前书面答复" in sheet  # three working days after Monday
    assert "贵池区民政局" in sheet
    assert "data-print" in sheet


def test_the_township_head_answers_and_the_supervisor_accepts(
    world: World, register: Register, supervisor: Desk
) -> None:
    case_id = register()
    sheet = send(supervisor, case_id)
    head = world.desk("qp_head")
    task = TASK.search(head.get("/desk/?which=posts").text)
    assert task
    head.get(f"/desk/tasks/{task[1]}")
    said = answers(world, "oversight_reply", 办理情况="已经办结", 答复内容="经办人病假，已补办。")
    assert head.post(f"/desk/tasks/{task[1]}", said).status_code == 302
    own = TASK.search(supervisor.get("/desk/").text)
    assert own
    supervisor.get(f"/desk/tasks/{own[1]}")
    done = supervisor.post(f"/desk/tasks/{own[1]}", answers(world, "oversight_review", 审阅意见="接受答复"))
    assert done.status_code == 302

    printed = supervisor.get(sheet).text
    case = supervisor.get(f"/desk/cases/{case_id}").text

    assert "经办人病假，已补办。" in printed
    assert "督办办结" in printed
    assert "民督〔2026〕1号" in case
    assert "答复：经办人病假，已补办。" in case


def test_a_double_click_sends_one_sheet(register: Register, supervisor: Desk) -> None:
    case_id = register()
    page = supervisor.get(f"/desk/oversight/new/oversight?case={case_id}")
    number = re.search(r'name="被督办编号"[^>]*value="([^"]+)"', page.text)
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert number
    assert key
    fields = asked(被督办编号=number[1], key=key[1])

    first = supervisor.post("/desk/oversight/new/oversight", fields)
    second = supervisor.post("/desk/oversight/new/oversight", fields)

    assert first.location == second.location
    assert len(set(SHEET.findall(supervisor.get("/desk/oversight/").text))) == 1


def test_a_number_out_of_sight_is_said_at_its_field_and_nothing_typed_is_lost(
    register: Register, supervisor: Desk
) -> None:
    register()
    supervisor.get("/desk/oversight/new/oversight")
    answer = supervisor.post(
        "/desk/oversight/new/oversight", asked(被督办编号="341702DB209901010001", 督办要求="要求甲")
    )

    assert answer.status_code == 422
    assert "没有这个编号的办件，或者不在您的查看范围内" in answer.text
    assert "要求甲" in answer.text


def test_who_does_not_supervise_neither_sees_the_button_nor_reaches_the_form(world: World, register: Register) -> None:
    case_id = register()
    clerk = world.desk("qp_clerk")

    assert "发出督办单" not in clerk.get(f"/desk/cases/{case_id}").text
    assert clerk.get(f"/desk/oversight/new/oversight?case={case_id}").status_code == 404
    assert clerk.post("/desk/oversight/new/oversight", asked(被督办编号="1")).status_code == 404


def test_a_stranger_sees_no_sheet_and_a_case_is_none(world: World, register: Register, supervisor: Desk) -> None:
    case_id = register()
    sheet = send(supervisor, case_id)
    stranger = world.desk("dz_supervisor")

    assert stranger.get(sheet).status_code == 404
    assert not SHEET.findall(stranger.get("/desk/oversight/").text)
    assert supervisor.get(f"/desk/oversight/{case_id}").status_code == 404


def test_the_window_does_not_offer_to_register_a_sheet(supervisor: Desk) -> None:
    assert "督办" not in re.sub(r"<header.*?</header>", "", supervisor.get("/desk/register/").text, flags=re.DOTALL)


def test_the_family_reads_nothing_of_it(world: World, family: Desk, supervisor: Desk) -> None:
    with world.runtime.store.transaction(write=False) as session:
        case_id = session.exec_driver_sql('select max(id) from "case"').scalar_one()
    send(supervisor, case_id)

    assert "督办" not in family.get("/follow/case").text


def test_the_list_keeps_to_unit_month_and_open_ones(register: Register, supervisor: Desk) -> None:
    send(supervisor, register())
    for address, there in {
        "?unit=qiupu&month=2026-03&open=1": True,
        "?unit=guichi": True,
        "?unit=yaodu": False,
        "?month=2026-04": False,
        "?month=odd&page=99&unit=nothing": True,
    }.items():
        answer = supervisor.get(f"/desk/oversight/{address}")
        assert answer.status_code == 200
        assert bool(SHEET.findall(answer.text)) is there, address


# --- another procedure about a case: 行政复议、行政诉讼 ---


def test_an_appeal_is_registered_from_the_case_it_is_against_and_both_show_each_other(
    world: World, register: Register
) -> None:
    case_id = register()
    clerk = world.desk("qp_clerk")
    page = clerk.get(f"/desk/cases/{case_id}").text
    assert "登记复议、诉讼" in page
    assert "发出督办单" not in page
    form = clerk.get(f"/desk/oversight/new/appeal?case={case_id}").text
    number = re.search(r'name="被诉办件编号"[^>]*value="(\w+)"', form)
    assert number is not None
    sent = {"被诉办件编号": number[1], "承办乡镇": "qiupu", "救济方式": "行政复议", "审理机关": "贵池区人民政府"}
    sent |= {"收到副本日期": "2026-03-01", "答复单位": "乡镇（街道）", "请求事项": "请求撤销原决定"}

    refused = clerk.post("/desk/oversight/new/appeal", sent)
    assert refused.status_code == 422
    assert "请求撤销原决定" in refused.text
    files = {"申请书副本": photo("副本.png")}
    answer = clerk.post("/desk/oversight/new/appeal", {**sent, **files}, follow_redirects=True)

    assert "行政复议、行政诉讼已登记" in answer.text
    assert "本件所针对的" in answer.text
    original = clerk.get(f"/desk/cases/{case_id}").text
    assert "针对本件" in original
    assert "贵池区人民政府受理行政复议：请求撤销原决定" in original
