"""What a family does after it has applied: supplements what is missing, withdraws, reads what it was told."""

from __future__ import annotations

import re

from tests.support.app import Desk, World, answers, application


def do(world: World, account: str, name: str, form_id: str, **given: object) -> None:
    """A member of staff completes the task of this name."""
    desk = world.desk(account)
    found = re.search(rf'href="(/desk/tasks/\w+)">{name}<', desk.get("/desk/?which=all").text)
    assert found, name
    desk.get(found[1])
    answer = desk.post(found[1], answers(world, form_id, **given))
    assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)


def ask_for_more(world: World) -> None:
    """The window finds something missing and tells the family once, with everything that is missing."""
    do(world, "qp_window", "审查申请材料", "material_check", 受理结论="补正", 授权书="缺少")
    do(
        world,
        "qp_window",
        "[^<]*告知[^<]*",
        "one_time_notice",
        missing=[{"material": "授权书", "problem": "缺少", "ground": "成年成员须授权核对"}],
        补正事项="请补充授权书",
    )


def test_a_family_that_was_asked_for_more_supplies_it_from_home(world: World, family: Desk) -> None:
    ask_for_more(world)
    page = family.get("/follow/case").text
    assert "需要您办理" in page
    assert "请补充授权书" in page
    task = re.search(r"/follow/tasks/\w+", page)
    assert task
    assert "授权书" in family.get(task[0]).text
    given = answers(world, "supplement", supplements=[{"material": "授权书"}])
    assert family.post(task[0], given).location == "/follow/case"
    assert "需要您办理" not in family.get("/follow/case").text
    assert world.desk("qp_window").get("/desk/?which=all").text.count("/desk/tasks/") > 0


def test_nobody_else_sees_or_does_the_familys_task(world: World, family: Desk) -> None:
    ask_for_more(world)
    task = re.search(r"/follow/tasks/(\w+)", family.get("/follow/case").text)
    assert task
    other = world.visitor()
    other.get("/apply/full_online")
    assert other.post("/apply/full_online", application()).status_code == 302
    assert other.get(task[0]).status_code == 404
    assert other.post(task[0], answers(world, "supplement")).status_code == 404
    assert world.visitor().get(task[0]).status_code == 404


def test_a_task_of_the_office_cannot_be_done_from_the_familys_page(world: World, family: Desk) -> None:
    task = re.search(r"/desk/tasks/(\w+)", world.desk("qp_window").get("/desk/?which=all").text)
    assert task
    assert family.get(f"/follow/tasks/{task[1]}").status_code == 404
    assert family.post(f"/follow/tasks/{task[1]}", answers(world, "material_check")).status_code == 404


def test_a_family_withdraws_and_is_told_so(world: World, family: Desk) -> None:
    message = re.search(r"/follow/messages/\w+", family.page)
    assert message
    family.get(message[0])
    refused = family.post(message[0])
    assert refused.status_code == 422
    assert "需要修改" in refused.text
    assert family.post(message[0], answers(world, "withdrawal", 自愿撤回=True)).location == "/follow/case"
    assert "撤回" in re.sub(r"\s", "", family.get("/follow/case").text.partition("<h1>")[2].partition("</h1>")[0])
    assert family.get(message[0]).status_code == 409


def test_the_familys_page_shows_the_dates_that_staff_see(world: World, family: Desk) -> None:
    window = world.desk("qp_window")
    case = re.search(r"/desk/cases/\d+", window.get("/desk/cases/").text)
    assert case
    dates = re.findall(
        r"2026-\d\d-\d\d", window.get(case[0]).text.partition('id="deadlines"')[2].partition("</section>")[0]
    )
    assert dates
    assert set(dates) <= set(re.findall(r"2026-\d\d-\d\d", family.page))
