"""What was paid for months after a benefit's end, to the 分: that much is asked back, no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine.payments import recoveries
from engine.payments.errors import PaymentError
from engine.payments.recoveries import Overpaid
from engine.people.actor import Actor
from engine.registers import benefits, months, people
from engine.registers.benefits import Said, Terms, When
from engine.store import payments
from engine.store.database import Session
from tests.support.office import Office, moment

NOW = moment("2026-05-20")
NUMBER = "待遇〔2026〕1号"
CLERK = Actor("wang", "王经办")


@pytest.fixture
def session(office: Office) -> Iterator[Session]:
    """A transaction in an office where one family receives 500.00 a month since March."""
    office.start("papers", at="2026-03-02")
    with office.step() as this:
        registration = people.Registration(this.session, NOW, date(2026, 3, 2))
        home = people.Home("zhen", "/shi/xian/zhen/", None, None)
        family = registration.household(lambda: "户1", home, people.Member("刘桂英", "11010519491231002X"), [])
        columns = {"household_id": family.id, "person_id": family.head_id, "item": "低保", "category": "农村低保"}
        where = {"unit_id": "zhen", "unit_path": "/shi/xian/zhen/", "case_id": 1, "confirmed_on": date(2026, 3, 2)}
        terms = {"persons": 1, "amount": 50000, "start_month": "2026-03"}
        benefits.grant(this.session, NUMBER, {**columns, **where, **terms}, "2026-05", said("审核确认"))
        yield this.session


def said(reason: str) -> Said:
    return Said(reason, 1, NOW, CLERK)


def pay(session: Session, month: str, *lines: tuple[str, int, str, str]) -> list[int]:
    """A roster of a month with lines (kind, 分, reason, status); gives their ids."""
    b, line = payments.payment_batch, payments.payment_line
    where = {"unit_id": "zhen", "unit_path": "/shi/xian/zhen/", "case_id": 1, "category": month}
    head = {"number": month, "month": month, "version": 1, "frozen_at": NOW, "status": "已办结", "digest": ""}
    counts = {"households": 1, "persons": 1, "amount": 0}
    batch_id = session.execute(insert(b).values({**where, **head, **counts}).returning(b.c.id)).scalar_one()
    family: dict[str, Any] = {"benefit_number": NUMBER, "item": "低保", "holder_name": "刘桂英", "persons": 1}
    family |= dict.fromkeys(("holder_id_no", "payee_name", "payee_id_no", "bank", "account"), "")
    return [
        session.execute(
            insert(line)
            .values(batch_id=batch_id, seq=seq, kind=kind, amount=amount, reason=why, status=status, **family)
            .returning(line.c.id)
        ).scalar_one()
        for seq, (kind, amount, why, status) in enumerate(lines, 1)
    ]


def test_all_that_was_paid_from_the_first_month_that_is_not_due_counts(session: Session) -> None:
    pay(session, "2026-04", ("救助金", 50000, "", "已发"))
    pay(session, "2026-05", ("救助金", 50000, "", "已发"), ("价格临时补贴", 3501, "", "已发"))

    assert recoveries.paid_after_end(session, NUMBER, "2026-04") == Overpaid("2026-04", "2026-05", 103501)
    assert recoveries.paid_after_end(session, NUMBER, "2026-06") is None


def test_of_back_pay_only_the_months_after_the_end_count(session: Session) -> None:
    pay(session, "2026-05", ("救助金", 50000, "", "已发"), ("补发", 100001, "补发2026-03至2026-04", "已发"))

    found = recoveries.paid_after_end(session, NUMBER, "2026-04")

    assert found == Overpaid("2026-04", "2026-05", 100000)
    assert found.months == "2026-04至2026-05"


def test_what_the_bank_could_not_pay_is_not_asked_back(session: Session) -> None:
    pay(session, "2026-05", ("救助金", 50000, "", "失败"), ("价格临时补贴", 3500, "", "不发"))

    assert recoveries.paid_after_end(session, NUMBER, "2026-05") is None


def test_a_payment_after_the_end_is_found_among_the_lines_just_paid(session: Session) -> None:
    benefit = benefits.find(session, NUMBER)
    benefits.record(session, benefit, "停发", Terms(), When("2026-05", "2026-06"), said("不再符合条件"))
    april = pay(session, "2026-04", ("救助金", 50000, "", "已发"))
    may = pay(session, "2026-05", ("救助金", 50000, "", "已发"))

    line = payments.payment_line
    assert recoveries.ended_before(session, select(line.c.id)) == {NUMBER: set(may)}
    assert recoveries.ended_before(session, select(line.c.id).where(line.c.id.in_(april))) == {}


def test_instalments_are_settled_in_their_order_and_more_than_is_owed_is_refused(session: Session) -> None:
    row = {"number": "追回1", "case_id": 1, "unit_id": "zhen", "unit_path": "/shi/xian/zhen/", "benefit_number": NUMBER}
    about = {"name": "刘桂英", "months": "2026-05", "cause": "发放差错", "amount": 100001, "repaid": 0, "at": NOW}
    found = recoveries.begin(session, {**row, **about}, 3, "2026-06")
    owed = recoveries.receive(session, recoveries.of_case(session, 1), 40000, date(2026, 6, 1), "琼1", "王经办")

    parts = recoveries.instalments(session, found)
    assert [part["amount"] for part in parts] == [33334, 33334, 33333]
    assert [part["paid_on"] for part in parts] == [date(2026, 6, 1), None, None]
    assert (owed, recoveries.next_month(session, found)) == (60001, "2026-07")
    for wrong in (60002, 0, -1):
        with pytest.raises(PaymentError, match="还应退回"):
            recoveries.receive(session, recoveries.of_case(session, 1), wrong, date(2026, 7, 1), "", "王经办")


@pytest.mark.parametrize("parts", [0, -1, 200_000])
def test_a_number_of_instalments_that_cannot_be_is_refused(session: Session, parts: int) -> None:
    with pytest.raises(PaymentError, match="请核对金额和期数"):
        recoveries.begin(session, {"amount": 100}, parts, "2026-06")


def test_what_is_written_off_is_not_owed_any_more(session: Session) -> None:
    row = {"number": "追回1", "case_id": 1, "unit_id": "zhen", "unit_path": "/shi/xian/zhen/", "benefit_number": NUMBER}
    about = {"name": "刘桂英", "months": "2026-05", "cause": "发放差错", "amount": 100, "repaid": 0, "at": NOW}
    recoveries.begin(session, {**row, **about}, 1, "2026-06")
    recoveries.write_off(session, 1)

    assert recoveries.of_case(session, 1)["status"] == "已核销"


def reduced(session: Session, amount: int, month: str, roster: str) -> Overpaid | None:
    """Reduce the family's benefit from a month on; gives what is asked back of it."""
    before = benefits.find(session, NUMBER)
    benefits.record(session, before, "减发", Terms(amount=amount), When(month, roster), said("确认差错"))
    due = benefits.due(session, before, month, months.after(roster, -1))
    return recoveries.paid_beyond(session, NUMBER, due, before.amount)


def test_a_reduction_of_the_past_asks_back_what_each_month_was_paid_beyond_its_due(session: Session) -> None:
    pay(session, "2026-04", ("救助金", 50000, "", "已发"))
    pay(session, "2026-05", ("救助金", 50000, "", "已发"), ("价格临时补贴", 3501, "", "已发"))

    found = reduced(session, 30050, "2026-04", "2026-06")

    assert found == Overpaid("2026-04", "2026-05", 39900)
    assert found.explained == (
        "2026-04已发500.00元，应发300.50元，多发199.50元；2026-05已发500.00元，应发300.50元，多发199.50元"
    )


def test_a_reduction_of_months_that_are_not_paid_yet_asks_nothing_back(session: Session) -> None:
    pay(session, "2026-04", ("救助金", 50000, "", "已发"))
    pay(session, "2026-05", ("救助金", 50000, "", "失败"))

    assert reduced(session, 30000, "2026-05", "2026-06") is None
    assert reduced(session, 20000, "2026-06", "2026-06") is None


def after(session: Session, ids: list[int], until: str) -> Overpaid | None:
    """What is asked back of lines that were just paid, after reductions."""
    due = benefits.due(session, benefits.find(session, NUMBER), "2026-03", until)
    return recoveries.paid_after_reduction(session, NUMBER, due, ids)


def test_a_line_that_waited_and_was_paid_as_before_the_reduction_is_asked_back_when_it_is_paid(
    session: Session,
) -> None:
    assert reduced(session, 30050, "2026-05", "2026-06") is None  # nothing was paid yet
    may = pay(session, "2026-05", ("救助金", 50000, "", "已发"), ("价格临时补贴", 3501, "", "已发"))

    line = payments.payment_line
    assert recoveries.reduced_before(session, select(line.c.id)) == {NUMBER: set(may)}
    assert after(session, may, "2026-05") == Overpaid("2026-05", "2026-05", 19950)


def test_a_line_that_was_amended_or_carries_the_reduction_asks_nothing_back(session: Session) -> None:
    reduced(session, 30050, "2026-05", "2026-06")
    amended = pay(session, "2026-05", ("救助金", 30050, "按系统数据更正金额", "已发"))
    carries = pay(session, "2026-06", ("救助金", 30050, "", "已发"))

    line = payments.payment_line
    assert after(session, amended, "2026-05") is None
    assert recoveries.reduced_before(session, select(line.c.id).where(line.c.id.in_(carries))) == {}


def test_what_was_asked_back_at_the_reduction_is_not_asked_back_again_with_back_pay(session: Session) -> None:
    pay(session, "2026-04", ("救助金", 50000, "", "已发"))
    assert reduced(session, 30000, "2026-04", "2026-06") == Overpaid("2026-04", "2026-04", 20000)
    may = pay(session, "2026-05", ("救助金", 50000, "", "已发"), ("补发", 4000, "补发2026-04至2026-04", "已发"))

    assert after(session, may, "2026-05") == Overpaid("2026-04", "2026-05", 24000)


def test_a_reduction_that_was_taken_back_before_the_payment_asks_nothing_back(session: Session) -> None:
    reduced(session, 30000, "2026-05", "2026-06")
    benefits.take_back(session, benefits.find(session, NUMBER), When("2026-06", "2026-06"), said("异议成立"))
    may = pay(session, "2026-05", ("救助金", 50000, "", "已发"))

    assert after(session, may, "2026-05") is None


def test_a_second_reduction_asks_back_only_what_it_takes_away_itself(session: Session) -> None:
    pay(session, "2026-05", ("救助金", 50000, "", "已发"))

    assert reduced(session, 40000, "2026-05", "2026-06") == Overpaid("2026-05", "2026-05", 10000)
    assert reduced(session, 25000, "2026-05", "2026-06") == Overpaid("2026-05", "2026-05", 15000)
