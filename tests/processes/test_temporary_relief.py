"""临时救助: the same cause in the same year is seen, and a reason for helping once more is asked for (E-10)."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from sqlalchemy import select

from engine.cases import Runtime, scenario
from engine.payments import statistics
from engine.registers.amounts import yuan
from engine.store import payments

EXAMPLES = Path(__file__).resolve().parents[2] / "processes/relief/scenarios"
ASKED_AGAIN = """
  - {at: 2026-03-05 09:00, do: propose, use: 拟救助3000, refused: 同一年度同一原因已经救助过}
  - {at: 2026-03-05 09:00, do: propose, use: 拟救助3000, with: {重复理由: 二次手术，费用再次超出承受能力}}
  - at: 2026-03-05 09:05
    expect: {open: [post_notice]}
"""


def test_help_for_the_same_cause_in_the_same_year_needs_a_reason(real_office: Runtime, tmp_path: Path) -> None:
    first = scenario.Run(real_office, scenario.read(EXAMPLES / "spending_by_township.yaml"), people="一家").play()
    assert first.ok, first.failure
    second = scenario.Run(real_office, scenario.read(again(tmp_path)), people="一家").play()
    assert second.ok, second.failure


def test_what_was_given_once_is_entered_to_the_fen_and_counts_in_the_table_of_its_month(real_office: Runtime) -> None:
    path = EXAMPLES / "spending_by_township.yaml"
    report = scenario.Run(real_office, scenario.read(path)).play()
    assert report.ok, report.failure

    b, line = payments.payment_batch, payments.payment_line
    with real_office.store.transaction(write=False) as session:
        paid = (
            session.execute(
                select(line, b.c.month, b.c.category, b.c.unit_path)
                .join(b, b.c.id == line.c.batch_id)
                .where(b.c.case_id == report.case_id)
            )
            .mappings()
            .all()
        )
        table = statistics.rows(session, 0, paid[0]["unit_path"], "2026-03")
        elsewhere = statistics.rows(session, 0, paid[0]["unit_path"], "2026-04")
    assert [(row["amount"], row["status"], row["paid_on"]) for row in paid] == [(300000, "已发", date(2026, 3, 13))]
    row = next(each for each in table if each["category"] == "临时救助(支出型)")
    assert row["households"] >= 1
    assert yuan(row["amount"]).endswith("000.00")
    assert all(each["amount"] == 0 for each in elsewhere if each["category"] == "临时救助(支出型)")


def test_what_was_given_in_an_emergency_is_entered_when_its_papers_are_complete(real_office: Runtime) -> None:
    report = scenario.Run(real_office, scenario.read(EXAMPLES / "emergency_helped_first.yaml")).play()
    assert report.ok, report.failure

    b = payments.payment_batch
    with real_office.store.transaction(write=False) as session:
        made = session.execute(select(b.c.category, b.c.amount).where(b.c.case_id == report.case_id)).all()
    assert [tuple(each) for each in made] == [("临时救助(急难型)", 150000)]


def again(folder: Path) -> Path:
    """The example of the first help up to the opinion, and then what is asked the second time."""
    shutil.copy(EXAMPLES / "_samples.yaml", folder)
    told = (EXAMPLES / "spending_by_township.yaml").read_text(encoding="utf-8")
    told = told[: told.index("  - {at: 2026-03-05 09:00, do: propose")].rstrip("\n")
    told = told.replace("use: 转支出型}", "use: 转支出型, with: {重复理由: 又一次住院}}")
    path = folder / "again.yaml"
    path.write_text(told + ASKED_AGAIN, encoding="utf-8")
    return path
