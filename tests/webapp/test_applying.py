"""A family applies, at the window or by itself, and follows its case."""

from __future__ import annotations

import re

import pytest

from tests.support.app import Desk, Register, World, application, photo


def apply(world: World, **changes: object) -> Desk:
    """Somebody who has applied from home."""
    family = world.visitor()
    family.get("/apply/full_online")
    answer = family.post("/apply/full_online", application(**changes))
    assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)
    family.get(answer.location)
    return family


def number_and_code(page: str) -> tuple[str, str]:
    """What the receipt says."""
    number, code = re.findall(r'<dd class="big">([^<]+)</dd>', page)[:2]
    return number, code


def test_the_window_hands_out_a_receipt_with_number_and_code(world: World, register: Register) -> None:
    case_id = register()
    page = world.desk("qp_window").get(f"/desk/register/receipt/{case_id}").text
    number, code = number_and_code(page)
    assert number.startswith("341702DB20260302")
    assert len(code) == 8
    assert "秋浦街道" in page


def test_a_family_that_applied_follows_its_case_at_once(world: World) -> None:
    family = apply(world)
    page = family.get("/follow/case")
    assert page.status_code == 200
    assert "韦小宝的申请" in page.text
    assert "1个工作日" in page.text


def test_with_number_and_code_the_case_is_found_in_any_browser(world: World) -> None:
    number, code = number_and_code(apply(world).page)
    other = world.visitor()
    other.get("/follow")
    assert other.post("/follow", {"number": number.lower(), "code": f" {code.lower()} "}).location == "/follow/case"
    assert "韦小宝" in other.get("/follow/case").text


def test_a_wrong_number_and_a_wrong_code_are_answered_alike(world: World) -> None:
    number, _ = number_and_code(apply(world).page)
    pages = []
    for asked in ((number, "22222222"), ("341702DB202601010001", "22222222")):
        other = world.visitor()
        other.get("/follow")
        answer = other.post("/follow", {"number": asked[0], "code": asked[1]})
        assert answer.status_code == 404
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert pages[0] == pages[1]


def test_guessing_codes_is_stopped(world: World) -> None:
    number, code = number_and_code(apply(world).page)
    guesser = world.visitor()
    guesser.get("/follow")
    statuses = [guesser.post("/follow", {"number": number, "code": f"2222222{n}"}).status_code for n in range(11)]
    assert statuses[-1] == 429
    assert guesser.post("/follow", {"number": number, "code": code}).status_code == 429


def test_whoever_leaves_the_page_leaves_nothing_behind(world: World) -> None:
    family = apply(world)
    family.get("/follow/case")
    family.post("/follow/leave")
    assert family.get("/follow/case").location == "/follow"
    assert family.get("/follow/receipt").status_code == 404


def test_an_agent_applies_for_the_applicant_and_the_history_says_so(world: World) -> None:
    apply(
        world,
        applyMode="他人",
        agentName="李代办",
        agentIdNo="440524188001010014",
        agentPhone="13800000002",
        agentRelation="邻居",
        agentScope="申请低保的全部事项",
        mandateFile=photo("委托书.png"),
    )
    window = world.desk("qp_window")
    case = re.search(r"/desk/cases/\d+", window.get("/desk/cases/").text)
    assert case
    assert re.search(r"李代办（代 韦小宝）", window.get(case[0]).text)


def test_a_child_is_applied_for_by_a_guardian(world: World) -> None:
    child = {"idNo": "440524201505100009", "members-0-idNo": "440524201505100009"}  # a number that is given to nobody
    family = world.visitor()
    family.get("/apply/full_online")
    answer = family.post("/apply/full_online", application(**child))
    assert answer.status_code == 422
    assert "请在“申请方式”中选择监护人代为申请" in answer.text
    guardian = {
        "agentName": "韦大山",
        "agentIdNo": "11010519491231002X",
        "agentRelation": "监护人",
        "agentScope": "申请低保",
    }
    mandate = {"agentPhone": "13900000000", "signatoryName": "韦大山", "mandateFile": photo("户口簿.png")}
    apply(world, applyMode="监护人", **child, **guardian, **mandate)


def test_sending_the_same_form_twice_makes_one_case(world: World) -> None:
    window = world.desk("qp_window")
    window.get("/desk/register/full_online")
    first = window.post("/desk/register/full_online", application())
    second = window.post("/desk/register/full_online", application())
    assert first.location == second.location


def test_a_form_with_faults_keeps_what_was_typed_and_shows_the_faults_at_their_fields(world: World) -> None:
    family = world.visitor()
    family.get("/apply/full_online")
    answer = family.post(
        "/apply/full_online",
        application(applicantName="王<b>小", idNo="110105194912310021", **{"members-3-name": "张三"}),
    )
    assert answer.status_code == 422
    page = answer.text
    assert 'value="王&lt;b&gt;小"' in page
    assert 'value="张三"' in page
    assert 'name="needs" value="医疗" checked' in page
    assert re.search(r'<option value="qiupu" selected>', page)
    fault = re.search(r'<p class="error" id="f-idNo-error">([^<]+)</p>', page)
    assert fault
    assert "校验不通过" in fault[1]
    assert re.search(r'<input id="f-idNo"[^>]*aria-describedby="[^"]*f-idNo-error', page)
    assert re.search(r'<a href="#f-idNo">身份证号码：', page)
    assert re.search(r'<a href="#f-members-3-relation">成员 2：', page)


def test_files_that_were_in_order_need_not_be_chosen_again(world: World) -> None:
    family = world.visitor()
    family.get("/apply/full_online")
    family.post("/apply/full_online", application(phone="1"))
    kept = re.search(r'name="kept:idCardFile" value="([^"]+)" checked', family.page)
    assert kept
    assert "已收到：身份证.png" in family.page
    again = family.post("/apply/full_online", application(idCardFile=None, **{"kept:idCardFile": kept[1]}))
    assert again.status_code == 302
    window = world.desk("qp_window")
    case = re.search(r"/desk/cases/\d+", window.get("/desk/cases/").text)
    assert case
    assert "身份证.png" in window.get(case[0]).text or "身份证（正反面）" in window.page


def test_a_kept_file_opens_only_for_whoever_sent_it(world: World) -> None:
    family, stranger = world.visitor(), world.visitor()
    for browser in (family, stranger):
        browser.get("/apply/full_online")
    family.post("/apply/full_online", application(phone="1"))
    kept = re.search(r'name="kept:idCardFile" value="([^"]+)" checked', family.page)
    assert kept
    answer = stranger.post("/apply/full_online", application(idCardFile=None, **{"kept:idCardFile": kept[1]}))
    assert answer.status_code == 422
    assert "请上传身份证或户口簿" in answer.text


def test_a_file_that_is_not_what_it_claims_is_refused_at_its_field(world: World) -> None:
    from io import BytesIO

    family = world.visitor()
    family.get("/apply/full_online")
    answer = family.post("/apply/full_online", application(idCardFile=(BytesIO(b"MZ not a picture"), "身份证.png")))
    assert answer.status_code == 422
    assert re.search(r'id="f-idCardFile-error">[^<]*不是允许的类型', answer.text)


@pytest.mark.parametrize("form_fields", [{}, {"members-99999-name": "x" * 9000}, {"needs": ["x"] * 500}])
def test_nonsense_is_answered_with_the_form_not_with_a_fault(world: World, form_fields: dict[str, object]) -> None:
    family = world.visitor()
    family.get("/apply/full_online")
    assert family.post("/apply/full_online", dict(form_fields)).status_code == 422
