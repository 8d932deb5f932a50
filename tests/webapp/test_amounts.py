"""How an amount comes about, on the pages: by lines, by which rule, what was and is, and only once it is decided."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.cases import scenario
from engine.store import tables
from tests.support.app import ROOT, Desk, World

PROCESSES = ROOT / "processes"
GRANT = "full_online/scenarios/approved_without_objection"
REDUCED = "devolved/scenarios/change_reduced"
PROPOSED = "2026-06-11 10:05"
GAP = "（当地低保标准788元－人均月收入500元）×3人"
GAP_NOW = "（当地低保标准788元－人均月收入600元）×3人"
BASIS = "《最低生活保障审核确认办法》第二十三条"


def play(world: World, name: str, until: str = "") -> int:
    """Play an example, to a moment or to its end; the case's id."""
    at = scenario.moment(until) if until else None
    report = scenario.Run(world.runtime, scenario.read(PROCESSES / f"{name}.yaml"), until=at).play()
    assert not report.failure, report.failure
    world.clock.now = at or world.clock.now
    assert report.case_id
    return report.case_id


def family_of(world: World, case_id: int) -> Desk:
    """The family follows its case."""
    with world.runtime.store.transaction(write=False) as session:
        case = session.execute(tables.case.select().where(tables.case.c.id == case_id)).mappings().one()
    desk = world.visitor()
    desk.get("/follow")
    desk.post("/follow", {"number": case["number"], "code": case["follow_code"]})
    desk.get("/follow/case")
    return desk


def section(page: str) -> str:
    """The words of the part that explains the amount; "" if there is none."""
    part = page.partition('id="amounts"')[2].partition("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part.partition(">")[2])).strip()


def test_the_case_page_shows_each_line_its_formula_its_rule_and_the_total(world: World) -> None:
    page = world.desk("qp_clerk").get(f"/desk/cases/{play(world, GRANT)}").text

    for words in ("新增 自2026年4月起每月 864.00 元", "补差救助金", GAP, BASIS, "每月合计 864.00"):
        assert words in section(page)
    assert 'class="num" data-label="金额（元）">864.00<' in page


def test_a_change_shows_what_was_and_what_is_line_by_line_and_why(world: World) -> None:
    case_id = play(world, REDUCED)
    shown = section(world.desk("qp_clerk").get(f"/desk/cases/{case_id}").text)

    assert "减发 自2026年7月起每月 564.00 元，原来每月 864.00 元，每月少 300.00 元" in shown
    assert "理由：人均月收入由500元增加到600元" in shown
    assert f"补差救助金 {GAP_NOW} 864.00 564.00 {BASIS}" in shown
    assert "每月合计 864.00 564.00" in shown


def test_the_family_is_told_why_in_plain_words_with_what_was_before(world: World) -> None:
    shown = section(family_of(world, play(world, REDUCED)).page)

    assert "自2026年7月起每月 564.00 元，原来每月 864.00 元，每月少 300.00 元" in shown
    assert "因为：人均月收入由500元增加到600元" in shown
    assert f"因为：{GAP_NOW} 按：{BASIS}" in shown
    assert "以前：自2026年4月起每月 864.00 元" in shown
    assert GAP in shown


def test_what_is_only_proposed_is_shown_to_staff_as_such_and_not_to_the_family(world: World) -> None:
    case_id = play(world, REDUCED, PROPOSED)
    shown = section(world.desk("qp_clerk").get(f"/desk/cases/{case_id}").text)

    assert "还没有按它发放" in shown
    assert f"{GAP_NOW} 864.00 564.00" in shown
    assert "564" not in family_of(world, case_id).page


def test_before_the_register_has_the_benefit_the_family_sees_no_amount(world: World) -> None:
    case_id = play(world, GRANT, "2026-03-12 10:05")

    assert section(world.desk("qp_clerk").get(f"/desk/cases/{case_id}").text)
    assert not section(family_of(world, case_id).page)


def test_a_decision_that_differs_from_what_was_counted_says_so(world: World) -> None:
    example = scenario.read(PROCESSES / f"{GRANT}.yaml")
    steps = [dict(step) for step in example.steps if "expect" not in step]
    for step in steps:
        if step.get("do") == "decide":
            step["with"] = {"保障金额": "800.00"}
    report = scenario.Run(world.runtime, replace(example, steps=tuple(steps))).play()
    assert not report.failure, report.failure
    case_id = report.case_id

    shown = section(world.desk("qp_clerk").get(f"/desk/cases/{case_id}").text)
    assert "决定的金额是 800.00 元，与测算的 864.00 元不同，以决定为准" in shown
    assert "各项相加是 864.00 元，决定发给 800.00 元，以决定为准" in section(family_of(world, case_id).page)


def test_a_change_that_was_taken_back_is_explained_as_before(world: World) -> None:
    shown = section(family_of(world, play(world, "devolved/scenarios/change_restored")).page)

    assert re.match(r"自2026年\d+月起每月 864.00 元，原来每月 0.00 元", shown.partition("每月为什么是这么多 ")[2])
    assert GAP in shown.partition("以前：")[0]


def test_the_familys_first_case_shows_what_holds_now(world: World) -> None:
    play(world, REDUCED)

    shown = section(family_of(world, 1).page)
    assert shown.index("564.00 元，原来每月 864.00 元") < shown.index("以前：自2026年4月起")


def test_the_benefits_page_explains_every_change(world: World) -> None:
    play(world, REDUCED)
    page = world.desk("qp_clerk").get("/desk/benefits/1").text

    assert page.count("怎么算的") == 2
    assert GAP in page
    assert GAP_NOW in page


@pytest.mark.parametrize(
    "name, until, words",
    [
        (
            "devolved/scenarios/change_fading_six_months",
            "2026-06-30",
            ["渐退期救助金", "×50%，发6个月", "《关于进一步做好最低生活保障等社会救助兜底保障工作的通知》"],
        ),
        (
            "relief/scenarios/emergency_helped_first",
            "",
            [
                "救助金为什么是这么多 一次发给 1500.00 元",
                "在当地先行救助限额2000元以内",
                "《社会救助暂行办法》第四十八条",
            ],
        ),
        (
            "relief/scenarios/spending_by_township",
            "",
            ["一次发给 3000.00 元", "没有超过乡镇（街道）限额5000元", "《社会救助暂行办法》第四十八条"],
        ),
        (
            "handheld/scenarios/granted_by_province",
            "",
            ["自2026年4月起每月 50.00 元", "高龄津贴（80—89周岁）", "《中华人民共和国老年人权益保障法》第三十三条"],
        ),
        ("paperless/scenarios/approved_after_appraisal", "", ["档救助金", "《最低生活保障审核确认办法》第二十三条"]),
        ("citywide/scenarios/approved_both_townships", "", ["补差救助金", "《最低生活保障审核确认办法》第二十三条"]),
    ],
)
def test_every_procedure_that_gives_money_says_why_by_which_rule_and_how_much(
    world: World, name: str, until: str, words: list[str]
) -> None:
    shown = section(family_of(world, play(world, name, until)).page)

    for each in words:
        assert each in shown


def test_an_allowance_that_rises_with_age_shows_both_grades(world: World) -> None:
    play(world, "handheld/scenarios/monthly_turns_90")
    page = world.desk("dc_clerk").get("/desk/benefits/1").text

    assert page.count("怎么算的") == 2
    assert re.search(r">高龄津贴（90—99周岁）<.*>50.00<.*>100.00<", page, re.DOTALL)


def test_relief_over_the_townships_limit_says_that_the_county_decides(world: World) -> None:
    with world.runtime.store.transaction(write=False) as session:
        table = world.runtime.current(session)[1].decisions["relief_amount"]
    township, county = (table.decide({"救助金额": Decimal(given), "乡镇限额": 5000}) for given in ("5000", "5000.01"))

    assert "由乡镇（街道）决定" in township["测算算式"][0]
    assert "由县级民政部门审批" in county["测算算式"][0]


@pytest.mark.parametrize("account", ["qp_clerk", "gc_clerk"])
def test_whoever_handles_or_supervises_the_case_sees_the_lines(world: World, account: str) -> None:
    case_id = play(world, GRANT)

    assert GAP in section(world.desk(account).get(f"/desk/cases/{case_id}").text)


def test_from_above_the_lines_are_seen_for_a_reason_and_name_nobody(world: World) -> None:
    case_id = play(world, GRANT)
    city = world.desk("cz_city")
    city.get(f"/desk/cases/{case_id}/why")
    city.post(f"/desk/cases/{case_id}/why", {"text": "季度抽查金额"})
    shown = section(city.get(f"/desk/cases/{case_id}").text)

    assert GAP in shown
    assert "王大明" not in shown


def test_who_sees_an_extract_of_the_case_sees_no_lines(world: World) -> None:
    case_id = play(world, GRANT)
    page = world.desk("gc_check1").get(f"/desk/cases/{case_id}")

    assert page.status_code == 200
    assert not section(page.text)


def test_a_role_that_sees_some_forms_only_sees_no_other_papers(world: World) -> None:
    case_id = play(world, GRANT)
    words = "您（家庭）申请的"

    assert words in world.desk("qp_clerk").get(f"/desk/cases/{case_id}").text
    assert words not in world.desk("gc_check1").get(f"/desk/cases/{case_id}").text
