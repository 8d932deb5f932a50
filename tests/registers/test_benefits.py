"""The register of benefits: how each one stands in every month, what ends when, and which roster carries a change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.clock.calendar import national
from engine.people.actor import Actor
from engine.people.errors import PlacesInvalid
from engine.registers import amounts, benefits, exclusion, months, people, rules
from engine.registers.benefits import Benefit, BenefitEnded, BenefitUnknown, Said, Terms, When
from engine.store import tables
from engine.store.database import Session
from tests.support.office import Office, moment, watched

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy"
CLERK = Actor("wang", "王经办")
NOW = moment("2026-03-20")
TODAY = date(2026, 3, 20)
HEAD = people.Member("刘桂英", "11010519491231002X", "本人")
CHILD = people.Member("刘小宝", "440524188001010014", "子")


@pytest.fixture
def session(office: Office) -> Iterator[Session]:
    """A transaction in an office with one case."""
    office.start("papers", at="2026-03-02")
    with office.step() as this:
        yield this.session


def said(reason: str = "审核确认", at: datetime = NOW) -> Said:
    return Said(reason, 1, at, CLERK)


def family(session: Session, *others: people.Member) -> tuple[int, int, list[str]]:
    """Register the household of HEAD; gives its id, the head's id and the remarks."""
    registration = people.Registration(session, NOW, TODAY)
    home = people.Home("zhen", "/shi/xian/zhen/", "zhen_cun", None)
    registered = registration.household(lambda: "户1", home, HEAD, others)
    return registered.id, registered.head_id, registration.remarks


def granted(session: Session, item: str = "低保", start: str = "2026-04", **columns: Any) -> Benefit:
    household_id, head_id, _remarks = family(session)
    usual = {
        "household_id": household_id,
        "person_id": head_id,
        "item": item,
        "category": f"农村{item}",
        "unit_id": "zhen",
        "unit_path": "/shi/xian/zhen/",
        "persons": 1,
        "amount": 50000,
        "start_month": start,
        "case_id": 1,
        "confirmed_on": TODAY,
    }
    number = f"待遇〔2026〕{item}号"
    benefits.grant(session, number, {**usual, **columns}, "2026-05", said())
    return benefits.find(session, number)


def paid(session: Session, month: str, **more: Any) -> list[int]:
    return [each.amount for each in benefits.in_force(session, "/shi/", month, **more)]


def test_a_benefit_is_due_from_its_first_month_on(session: Session) -> None:
    granted(session)

    assert [paid(session, month) for month in ("2026-03", "2026-04", "2027-01")] == [[], [50000], [50000]]


def test_a_roster_carries_only_what_was_recorded_before_its_cutoff(session: Session) -> None:
    granted(session)  # recorded on 20 March, after the cut-off: April's roster is closed

    assert paid(session, "2026-04", known_by="2026-04") == []
    assert paid(session, "2026-05", known_by="2026-05") == [50000]


def test_each_month_keeps_the_amount_that_was_due_then(session: Session) -> None:
    benefit = granted(session)
    terms = Terms(amount=30000)
    benefits.record(session, benefit, "减发", terms, When("2026-07", "2026-07"), said("收入增加"))

    assert [paid(session, month) for month in ("2026-06", "2026-07")] == [[50000], [30000]]
    assert [row["kind"] for row in benefits.history(session, benefit.id)] == ["新增", "减发"]
    assert [row["number"] for row in benefits.changes_in(session, "/shi/", "2026-07")] == [benefit.number]


def test_a_stopped_benefit_ends_with_the_month_before_and_takes_no_more_changes(session: Session) -> None:
    benefit = granted(session)
    benefits.record(session, benefit, "停发", Terms(), When("2026-08", "2026-08"), said("不再符合条件"))

    stopped = benefits.find(session, benefit.id)
    assert (stopped.status, stopped.end_month, paid(session, "2026-07"), paid(session, "2026-08")) == (
        *("终止", "2026-07"),
        *([50000], []),
    )
    with pytest.raises(BenefitEnded, match="已经终止，不能再变更"):
        benefits.record(session, stopped, "增发", Terms(amount=1), When("2026-09", "2026-09"), said())


def test_what_was_stopped_in_error_is_taken_back_from_the_same_month_on(session: Session) -> None:
    benefit = granted(session)
    benefits.record(session, benefit, "停发", Terms(), When("2026-08", "2026-08"), said("收入超过标准"))
    stopped = benefits.find(session, benefit.id)
    back = benefits.take_back(session, stopped, When("2026-09", "2026-09"), said("异议成立"))

    assert (back.status, back.end_month, back.amount) == ("在享", None, 50000)
    assert [paid(session, month) for month in ("2026-07", "2026-08", "2026-09")] == [[50000]] * 3
    assert paid(session, "2026-08", known_by="2026-08") == []  # August's roster was paid without it


def test_a_case_takes_back_only_what_it_has_changed_itself(session: Session) -> None:
    with pytest.raises(benefits.BenefitUnchanged, match="没有可以撤销的变更"):
        benefits.take_back(session, granted(session), When("2026-09", "2026-09"), said())


def test_a_benefit_is_found_by_its_number_and_by_that_of_its_case(session: Session, office: Office) -> None:
    benefit = granted(session)
    number = office.rows(tables.case)[0]["number"]

    assert benefits.named(session, f" {benefit.number} ") == benefit
    assert benefits.named(session, number) == benefit
    assert benefits.named(session, "没有") is None


def test_a_suspended_benefit_is_not_paid_until_it_is_resumed(session: Session) -> None:
    benefit = granted(session)
    benefits.record(session, benefit, "暂停", Terms(status="暂停"), When("2026-06", "2026-06"), said("核查中"))
    benefits.record(
        session,
        benefits.find(session, benefit.id),
        "恢复",
        Terms(status="在享"),
        When("2026-08", "2026-08"),
        said("核查完毕"),
    )

    assert [paid(session, month) for month in ("2026-05", "2026-06", "2026-08")] == [[50000], [], [50000]]
    assert paid(session, "2026-06", with_suspended=True) == [50000]


def test_the_same_decision_is_entered_once(session: Session) -> None:
    assert granted(session).id == granted(session).id


def test_a_number_that_nobody_gave_is_refused_in_words(session: Session) -> None:
    with pytest.raises(BenefitUnknown, match="请核对待遇编号"):
        benefits.find(session, "待遇〔2099〕1号")


def test_one_person_has_one_record_however_often_the_family_applies(session: Session) -> None:
    first, again = family(session, CHILD), family(session, CHILD)

    assert first == again
    assert [row["name"] for row in people.members(session, first[0])] == ["刘桂英", "刘小宝"]


def test_a_number_registered_under_another_name_is_pointed_out_and_not_overwritten(session: Session) -> None:
    family(session, CHILD)
    wrong = people.Member("刘大宝", CHILD.id_no, "子")
    household_id, _head, remarks = family(session, wrong)

    assert remarks == [f"身份证号码 {CHILD.id_no} 已登记为刘小宝，与填写的刘大宝不同，请核对证件"]
    assert [row["name"] for row in people.members(session, household_id)] == ["刘桂英", "刘小宝"]


def test_who_is_no_longer_named_has_left_the_household(session: Session) -> None:
    household_id, _head, _remarks = family(session, CHILD)
    family(session)

    assert [row["until"] for row in people.members(session, household_id)] == [None, TODAY]


def test_who_comes_back_on_the_day_of_leaving_has_never_left(session: Session) -> None:
    family(session, CHILD)
    family(session)
    household_id, _head, _remarks = family(session, CHILD)

    assert [(row["name"], row["until"]) for row in people.members(session, household_id)] == [
        ("刘桂英", None),
        ("刘小宝", None),
    ]


def test_who_is_named_twice_with_one_number_is_one_person(session: Session) -> None:
    household_id, _head, _remarks = family(session, CHILD, CHILD, HEAD)

    assert [row["name"] for row in people.members(session, household_id)] == ["刘桂英", "刘小宝"]


def test_a_child_without_a_number_gets_it_on_the_same_record_later(session: Session) -> None:
    family(session, people.Member("刘小宝", None, "子", no_id_reason="新生儿"))
    household_id, _head, _remarks = family(session, CHILD)

    assert [row["id_no"] for row in people.members(session, household_id)] == [HEAD.id_no, CHILD.id_no]


def test_a_family_of_ten_costs_as_many_statements_as_a_family_of_two(office: Office) -> None:
    counts = []
    for head, size in ((HEAD, 1), (CHILD, 9)):
        others = [people.Member(f"成员{number}", None, "子") for number in range(size)]
        for _ in ("new", "known"):
            with office.step() as this, watched(office.runtime) as traffic:
                registration = people.Registration(this.session, NOW, TODAY)
                home = people.Home("zhen", "/shi/xian/zhen/", "zhen_cun", None)
                registration.household(lambda: f"户{size}", home, head, others)  # noqa: B023
            counts.append(len(traffic.statements))

    assert counts[0] == counts[2] <= 4
    assert counts[1] == counts[3] <= 6


def test_a_member_of_a_household_that_receives_something_stays_there(session: Session) -> None:
    granted(session)
    other = people.Registration(session, NOW, TODAY)
    home = people.Home("zhen", "/shi/xian/zhen/", None, None)
    other.household(lambda: "户2", home, people.Member("陈某", None), [HEAD])

    assert other.remarks == ["刘桂英还在另一户（刘桂英户）享受低保，没有转入本户；请先核实家庭成员"]


def test_the_dead_are_pointed_out(session: Session) -> None:
    _household, head_id, _remarks = family(session)
    people.die(session, head_id, date(2026, 3, 1), NOW)

    assert family(session)[2] == ["刘桂英已登记死亡（2026-03-01），请核对"]


def ruled(day: str) -> rules.Rules:
    return rules.Rules(rules.read_rules(POLICY), ("341702",), date.fromisoformat(day), national())


@pytest.mark.parametrize(
    "day, roster",
    [
        ("2026-04-15", "2026-05"),
        ("2026-04-16", "2026-06"),
        ("2026-12-15", "2027-01"),
        ("2026-08-14", "2026-09"),  # the 15th is a Saturday: the last working day before is the last
        ("2026-08-15", "2026-10"),
    ],
)
def test_what_is_recorded_by_the_fifteenth_comes_into_the_next_roster(day: str, roster: str) -> None:
    assert ruled(day).roster() == roster


def test_it_starts_in_the_month_after_the_decision_but_the_two_allowances_in_that_of_the_application() -> None:
    decided, applied = date(2026, 12, 3), date(2026, 11, 20)

    assert ruled("2026-12-03").first_month("低保", decided, applied) == "2027-01"
    assert ruled("2026-12-03").first_month("残疾人两项补贴", decided, applied) == "2026-11"


def test_a_death_stops_it_from_the_month_after() -> None:
    assert ruled("2026-12-20").after_death(date(2026, 12, 1)) == "2027-01"


@pytest.mark.parametrize(
    "wrong, words",
    [
        ('id = "截止日"\nvalue = "31"', "应为 1 到 28 的整数"),
        ('id = "起发月份"\nvalue = "随便"', "应为 决定次月、决定当月、申请当月 之一"),
        ('id = "没有的规则"\nvalue = "1"', "没有名为“没有的规则”的规则"),
        ('id = "截止日"\nvalue = "15"\nextra = 1', "有不认识的项 extra"),
    ],
)
def test_a_rule_written_wrongly_is_named_with_its_place(tmp_path: Path, wrong: str, words: str) -> None:
    row = f'[[rule]]\n{wrong}\nplace = "全国"\nvalid_from = 2022-01-01\nbasis = "试"\n'
    (tmp_path / rules.FILE).write_text(row, encoding="utf-8")

    with pytest.raises(PlacesInvalid, match=words):
        rules.read_rules(tmp_path)


def test_exclusion_holds_from_both_sides() -> None:
    assert "特困" in exclusion.excluded_by(POLICY, "低保")
    assert "低保" in exclusion.excluded_by(POLICY, "低保边缘")
    assert exclusion.excluded_by(POLICY, "临时救助") == {"临时救助"}


@pytest.mark.parametrize("wrong", ["八百元", "1.234", "NaN", "1e20"])
def test_what_is_no_amount_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(amounts.AmountInvalid, match="不是金额"):
        amounts.cents(wrong)


def test_amounts_are_exact() -> None:
    assert [amounts.cents(each) for each in ("864.10", 864, "", None)] == [86410, 86400, 0, 0]
    assert [amounts.yuan(each) for each in (86410, 5, -5)] == ["864.10", "0.05", "-0.05"]


def test_months_go_over_the_year() -> None:
    assert (months.after("2026-12"), months.after("2026-01", -1), months.between("2026-11", "2027-02")) == (
        *("2027-01", "2025-12"),
        4,
    )
