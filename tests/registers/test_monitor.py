"""The monthly comparison: each indicator finds what it is for and nothing else, in one statement (S2-17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from engine.people.actor import Actor
from engine.registers import benefits, monitor
from engine.registers.benefits import Said, Terms, When
from engine.store import registers
from engine.store.database import Session
from engine.store.declarations import declaration
from tests.support.office import Office, moment, watched

POLICY = Path(__file__).resolve().parents[2] / "processes" / "policy"
PATH = "/shi/xian/zhen/"
NOW = moment("2026-05-05")
CRITERIA = monitor.Criteria(PATH, moment("2026-03-05"), moment("2026-04-05"), 50, POLICY)
P, H, M = registers.person, registers.household, registers.household_member


@pytest.fixture
def session(office: Office) -> Iterator[Session]:
    office.start("papers", at="2026-03-02")
    with office.step() as this:
        yield this.session


def person(session: Session, name: str) -> int:
    row = {"name": name, "created_at": NOW, "updated_at": NOW}
    return int(session.execute(insert(P).values(row).returning(P.c.id)).scalar_one())


def home(session: Session, head: int, *members: int) -> int:
    row = {"number": f"户{head}", "head_person_id": head, "unit_id": "zhen", "unit_path": PATH, "since": NOW.date()}
    home_id = int(session.execute(insert(H).values(row).returning(H.c.id)).scalar_one())
    for each in (head, *members):
        lives = {"household_id": home_id, "person_id": each, "since": NOW.date(), "co_living": True}
        session.execute(insert(M).values(lives))
    return home_id


def granted(session: Session, home_id: int, head: int, item: str = "低保") -> int:
    columns: dict[str, Any] = {
        **{"household_id": home_id, "person_id": head, "item": item, "category": item, "unit_id": "zhen"},
        **{"unit_path": PATH, "persons": 2, "amount": 50000, "start_month": "2026-01", "case_id": 1},
        "confirmed_on": date(2026, 1, 5),
    }
    said = Said("例", 1, moment("2026-01-05"), Actor("wang", "王经办"))
    return benefits.grant(session, f"待遇{head}{item}", columns, "2026-01", said)


def found(session: Session, indicator: str) -> list[tuple[int, str]]:
    return [(each.benefit_id, each.text) for each in monitor.compare(session, [indicator], CRITERIA)]


def every(session: Session) -> list[monitor.Finding]:
    return monitor.compare(session, list(monitor.INDICATORS), CRITERIA)


def test_a_household_in_order_is_not_warned_of(session: Session) -> None:
    head = person(session, "甲")
    granted(session, home(session, head, person(session, "乙")), head)

    assert every(session) == []


def test_the_death_of_a_member_is_found_without_stopping_the_family(session: Session) -> None:
    head, member = person(session, "甲"), person(session, "乙")
    benefit = granted(session, home(session, head, member), head)
    session.execute(update(P).where(P.c.id == member).values(died_on=date(2026, 4, 10)))

    [finding] = every(session)

    assert (finding.benefit_id, finding.text, finding.died) == (benefit, "乙2026-04-10去世，仍计入保障人口", None)


def test_the_death_of_the_holder_says_the_day(session: Session) -> None:
    head = person(session, "甲")
    granted(session, home(session, head), head)
    session.execute(update(P).where(P.c.id == head).values(died_on=date(2026, 4, 10)))

    assert [each.died for each in every(session)] == [date(2026, 4, 10)]


def test_an_ended_benefit_is_not_compared(session: Session) -> None:
    head = person(session, "甲")
    benefit = granted(session, home(session, head), head)
    session.execute(update(P).where(P.c.id == head).values(died_on=date(2026, 4, 10)))
    said = Said("停发", 1, moment("2026-04-20"), Actor("wang", "王经办"))
    benefits.record(session, benefits.find(session, benefit), "停发", Terms(), When("2026-05", "2026-05"), said)

    assert every(session) == []


def test_a_household_that_left_the_township_is_found(session: Session) -> None:
    head = person(session, "甲")
    home_id = home(session, head)
    benefit = granted(session, home_id, head)
    session.execute(update(H).where(H.c.id == home_id).values(unit_path="/shi/xian/zhen2/"))

    assert found(session, "迁出") == [(benefit, "户籍已经不在本乡镇（街道），待遇没有迁移")]


def test_a_household_that_was_closed_is_found(session: Session) -> None:
    head = person(session, "甲")
    home_id = home(session, head)
    benefit = granted(session, home_id, head)
    session.execute(update(H).where(H.c.id == home_id).values(until=date(2026, 4, 1)))

    assert found(session, "迁出") == [(benefit, "户已于2026-04-01注销，待遇没有迁移")]


def test_two_benefits_that_exclude_each_other_are_one_finding(session: Session) -> None:
    head = person(session, "甲")
    home_id = home(session, head)
    granted(session, home_id, head)
    later = granted(session, home_id, head, "特困")

    assert found(session, "同享") == [(later, f"同一人另有低保（待遇{head}低保），与特困不能同时享受")]


def test_a_person_in_two_households_in_receipt_is_one_finding(session: Session) -> None:
    one, other, both = person(session, "甲"), person(session, "乙"), person(session, "丙")
    granted(session, home(session, one, both), one)
    later = granted(session, home(session, other, both), other)

    assert found(session, "两户") == [(later, f"丙同时在另一户在享家庭（待遇{one}低保）里")]


def test_a_member_who_has_left_the_other_household_is_in_one(session: Session) -> None:
    one, other, both = person(session, "甲"), person(session, "乙"), person(session, "丙")
    first = home(session, one, both)
    granted(session, first, one)
    granted(session, home(session, other, both), other)
    left = (M.c.household_id == first, M.c.person_id == both)
    session.execute(update(M).where(*left).values(until=date(2026, 4, 1)))

    assert found(session, "两户") == []


@pytest.mark.parametrize("asked, late", [("2026-03-04", True), ("2026-03-06", False)])
def test_a_declaration_is_missing_only_after_the_months_of_the_table(session: Session, asked: str, late: bool) -> None:
    head = person(session, "甲")
    benefit = granted(session, home(session, head), head)
    row = {"case_id": 1, "benefit_id": benefit, "month": "2026-03", "state": "待申报", "opened_at": moment(asked)}
    session.execute(insert(declaration).values(row))

    assert bool(found(session, "未申报")) is late


@pytest.mark.parametrize(
    "amount, at, big",
    [
        (75000, "2026-04-20", True),
        (25000, "2026-04-20", True),
        (74999, "2026-04-20", False),
        (75000, "2026-04-04", False),
    ],
)
def test_a_change_is_big_by_its_share_and_recent(session: Session, amount: int, at: str, big: bool) -> None:
    head = person(session, "甲")
    benefit = benefits.find(session, granted(session, home(session, head), head))
    said, when = Said("复查", 1, moment(at), Actor("wang", "王经办")), When("2026-05", "2026-05")
    kind: benefits.Kind = "增发" if amount > 50000 else "减发"
    benefits.record(session, benefit, kind, Terms(amount=amount), when, said)

    assert bool(found(session, "变动大")) is big


def test_the_comparison_costs_as_many_statements_for_many_benefits(office: Office) -> None:
    office.start("papers", at="2026-03-02")

    def cost(families: int) -> int:
        with office.step() as this:
            for number in range(families):
                head = person(this.session, f"户{number}")
                granted(this.session, home(this.session, head, person(this.session, "员")), head)
            with watched(office.runtime) as traffic:
                monitor.in_receipt(this.session, PATH)
                every(this.session)
            return len(traffic.statements)

    assert cost(1) == cost(20) == 1 + len(monitor.INDICATORS)
