"""Recognition of low-income families: the lines of the tables to the cent, and what recognition leaves behind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.bpmn import decision
from engine.cases import Runtime, demo, scenario
from engine.store import registers, tables
from engine.store.low_income import low_income_push

ROOT = Path(__file__).resolve().parents[2]
FAMILY = {
    "itemId": "刚性支出困难",
    "财产超标": False,
    "家庭月收入": Decimal("3000"),
    "保障人数": 3,
    "人均月收入": Decimal("1000"),
    "刚性支出合计": Decimal("0"),
    "核对结论": "未超",
    "低保标准": Decimal("680"),
}


def table(name: str) -> decision.Decision:
    path = ROOT / "processes" / "devolved" / f"{name}.dmn"
    return decision.read(path.read_bytes(), str(path))[name]


def rules(region: str, day: date) -> dict[str, Any]:
    return table("recognition_rules").decide({"地区代码": region, "今日": day})


def advised(**said: Any) -> tuple[str, str | None]:
    facts = {**FAMILY, **rules("469002", date(2026, 3, 2)), **said}
    found = table("recognition_category").decide(facts)
    return found["建议结论"], found["建议类别"]


@pytest.mark.parametrize(
    "a_head, expected",
    [
        ("679.99", ("需小组研究", None)),  # 低保 comes first
        ("680.00", ("符合条件", "低保边缘")),
        ("1019.99", ("符合条件", "低保边缘")),
        ("1020.00", ("不符合条件", None)),  # "低于" 1.5 times: at the line is over it
    ],
)
def test_a_family_is_low_income_from_the_standard_on_and_below_one_and_a_half_times(
    a_head: str, expected: tuple[str, str | None]
) -> None:
    assert advised(人均月收入=Decimal(a_head), 家庭月收入=Decimal(a_head) * 3) == expected


@pytest.mark.parametrize(
    "spent, expected",
    [
        ("36000.00", ("不符合条件", None)),  # exactly half of 72,000: not more than half
        ("36000.01", ("符合条件", "刚性支出困难")),
    ],
)
def test_rigid_spending_counts_only_above_its_share_of_the_income(spent: str, expected: tuple[str, str | None]) -> None:
    family = {"家庭月收入": Decimal("6000"), "人均月收入": Decimal("2000")}
    assert advised(**family, 刚性支出合计=Decimal(spent)) == expected


@pytest.mark.parametrize(
    "month, expected",
    [
        ("8449.99", ("符合条件", "刚性支出困难")),
        ("8450.00", ("不符合条件", None)),  # 33,800 a head and year: not below the disposable income
    ],
)
def test_a_family_at_the_disposable_income_is_not_recognised_whatever_it_spends(
    month: str, expected: tuple[str, str | None]
) -> None:
    income = Decimal(month)
    assert advised(家庭月收入=income, 人均月收入=income / 3, 刚性支出合计=Decimal("90000")) == expected


def test_property_above_the_rule_refuses_and_a_doubtful_check_is_left_to_the_panel() -> None:
    assert advised(财产超标=True, 人均月收入=Decimal("700")) == ("不符合条件", None)
    assert advised(核对结论="超标", 人均月收入=Decimal("700")) == ("需小组研究", "低保边缘")
    assert advised(核对结论="需复核", 人均月收入=Decimal("2000"), 刚性支出合计=Decimal("40000")) == (
        "需小组研究",
        "刚性支出困难",
    )


def test_a_family_that_asks_for_the_one_may_be_the_other() -> None:
    assert advised(itemId="低保边缘", 人均月收入=Decimal("2000"), 刚性支出合计=Decimal("40000"))[1] == "刚性支出困难"
    assert advised(itemId="刚性支出困难", 人均月收入=Decimal("700"))[1] == "低保边缘"


def test_the_figures_follow_the_place_and_the_year() -> None:
    assert rules("341702", date(2025, 12, 31))["人均可支配收入"] == 34500
    assert rules("341702", date(2026, 1, 1))["人均可支配收入"] == 36200
    assert rules("511703", date(2026, 1, 1))["调查沿用天数"] == 60


@pytest.mark.parametrize(
    "a_head, spent, offered",
    [
        ("679.99", "0", ""),
        ("680.00", "0", "低保边缘"),
        ("1019.99", "0", "低保边缘"),
        ("1020.00", "18360.00", ""),
        ("1020.00", "18360.01", "刚性支出困难"),
    ],
)
def test_what_a_refused_family_is_offered(a_head: str, spent: str, offered: str) -> None:
    income = Decimal(a_head)
    own = {"人均月收入": income, "家庭月收入": income * 3, "declaredSelfPaid": Decimal(spent)}
    facts = {**FAMILY, **rules("469002", date(2026, 3, 2)), **own}

    assert table("recognition_offer").decide(facts)["可转事项"] == offered
    assert table("recognition_offer").decide({**facts, "财产超标": True})["可转事项"] == ""


def test_recognition_stands_in_the_register_without_money_until_its_last_day(real_office: Runtime) -> None:
    report = scenario.Run(real_office, example("devolved", "recognised_rigid")).play()
    assert report.ok, report.failure

    b = registers.benefit
    with real_office.store.transaction(write=False) as session:
        row = session.execute(select(b).where(b.c.case_id == report.case_id)).mappings().one()
    assert (row["item"], row["category"], row["amount"]) == ("刚性支出困难", "刚性支出困难", 0)
    assert (row["start_month"], row["valid_to"], row["persons"]) == ("2026-03", date(2027, 3, 22), 3)


def test_what_a_family_agreed_to_pass_on_stands_in_the_new_file_and_both_cases_are_linked(
    real_office: Runtime,
) -> None:
    report = scenario.Run(real_office, example("full_online", "offered_edge")).play()
    assert report.ok, report.failure

    c, s = tables.case, tables.submission
    with real_office.store.transaction(write=False) as session:
        child = session.execute(select(c).where(c.c.parent_id == report.case_id)).mappings().one()
        forms = set(session.execute(select(s.c.form_id).where(s.c.case_id == child["id"])).scalars())
        surveys = session.execute(select(s.c.id).where(s.c.case_id == child["id"], s.c.form_id == "home_survey"))
        assert len(surveys.all()) == 1  # the one of the first case, no second visit
    assert {"application", "home_survey", "verification", "recognition_offer"} <= forms
    assert (child["procedure"], child["item"], child["applicant_name"]) == ("recognition", "低保边缘", "王大明")


def example(folder: str, name: str) -> scenario.Scenario:
    return scenario.read(ROOT / "processes" / folder / "scenarios" / f"{name}.yaml")


def test_the_answer_of_a_department_stands_in_the_file_that_it_was_asked_for(real_office: Runtime) -> None:
    report = scenario.Run(real_office, example("one_door", "information_answered")).play()
    assert report.ok, report.failure

    s, h = tables.submission, tables.history
    with real_office.store.transaction(write=False) as session:
        asked_for = session.execute(
            select(s.c["values"]).where(s.c.case_id == report.case_id, s.c.form_id == "information_query")
        ).scalar_one()["被查编号"]
        c = tables.case
        case_id = session.execute(select(c.c.id).where(c.c.number == asked_for)).scalar_one()
        forms = session.execute(select(s.c.form_id).where(s.c.case_id == case_id)).scalars().all()
        lines = session.execute(select(h.c.name).where(h.c.case_id == case_id)).scalars().all()
    assert "information_answer" in forms
    assert "收到协查答复" in lines
    assert any(line.startswith("发出协查函 ") for line in lines)


def test_a_continued_recognition_holds_until_its_new_last_day_and_says_so_in_its_history(tmp_path: Path) -> None:
    office = demo.empty_office(f"sqlite:///{tmp_path / 'own.db'}", ROOT)
    report = scenario.Run(office, example("devolved", "renew_declared")).play()
    assert report.ok, report.failure

    b, ch = registers.benefit, registers.benefit_change
    with office.store.transaction(write=False) as session:
        row = session.execute(select(b)).mappings().one()
        kinds = session.execute(select(ch.c.kind).order_by(ch.c.id)).scalars().all()
    assert (row["valid_to"], row["status"]) == (date(2028, 2, 5), "在享")
    assert list(kinds) == ["新增", "延续"]
    office.store.close()


def test_a_newly_recognised_family_alone_is_passed_on(tmp_path: Path) -> None:
    office = demo.empty_office(f"sqlite:///{tmp_path / 'own.db'}", ROOT)
    for _ in range(2):
        report = scenario.Run(office, example("devolved", "recognised_edge")).play()
        assert report.ok, report.failure

    with office.store.transaction(write=False) as session:
        rows = session.execute(select(low_income_push)).mappings().all()
    assert {(row["scope"], row["households"]) for row in rows} == {("新认定", 1)}
    office.store.close()
