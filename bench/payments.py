"""A roster of 5,000 lines from freezing to the bank's answer: few statements, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from bench.counting import Counter, Sample
from engine import sheets
from engine.cases import Runtime
from engine.clock.days import day_of
from engine.payments import bank, compare, recoveries, roster
from engine.store import registers, tables
from webapp.app import utcnow

LINES = 5_000
UNIT, MONTH = "bincunshan", "2026-05"


def benchmark(runtime: Runtime, database: str) -> Iterator[dict[str, Any]]:
    """Rows `payment.freeze`, `.compare`, `.bank_file`, `.bank_return` with `n` lines: time and statements."""
    counter, unit, now = Counter(runtime), runtime.units.get(UNIT), utcnow()
    case_id = fill(runtime)
    numbers = count(1)

    def freeze(session: Any) -> None:
        head = roster.Head(case_id, unit.id, unit.path, MONTH, now)
        made = roster.lines(session, unit.path, MONTH)
        roster.freeze(session, head, made, lambda: f"B{next(numbers)}")

    def reconcile(session: Any) -> None:
        lines = roster.of_case(session, case_id)
        system = compare.of_register(session, unit.path, MONTH, roster.lines(session, unit.path, MONTH))
        assert compare.differences(lines, system, MONTH) == []

    def ask_bank(session: Any) -> None:
        bank.make(session, case_id, "B-bank", now)

    def answer(session: Any) -> None:
        file = bank.latest(session, case_id)
        asked = bank.lines(session, file["id"])
        said = {"结果": bank.PAID, "发放日期": f"{day_of(now)}"}
        rows = [{**bank.cells(file, line), **said} for line in asked]
        content = sheets.to_csv((*bank.HEADINGS, *bank.ANSWERS), rows)
        answers = bank.read_return(file, asked, content, day_of(now))
        recoveries.hold(session, file["id"])
        bank.take(session, file, answers, "x", now)
        assert recoveries.ended_before(session, recoveries.of_file(file["id"])) == {}

    steps: dict[str, Callable[[Any], None]] = {
        "freeze": freeze,
        "compare": reconcile,
        "bank_file": ask_bank,
        "bank_return": answer,
    }
    for name, run in steps.items():
        sample = Sample()
        with sample.measured(counter), runtime.store.transaction() as session:
            run(session)
        yield sample.row(f"payment.{name}", LINES, database)


def fill(runtime: Runtime) -> int:
    """A case and 5,000 families of one township who receive something; gives the case's id."""
    now, unit = utcnow(), runtime.units.get(UNIT)
    places = {"hukou_township": UNIT}
    with runtime.store.transaction() as session:
        deployment_id, _ = runtime.current(session)
        row = {
            "number": "BENCH-PAY",
            "follow_code": "x",
            "procedure": "monthly_payment",
            "deployment_id": deployment_id,
        }
        more = {"revision": 1, "state": b"", "status": "closed", "stage": "x", "places": places, "channel": "定时"}
        said = {"started_at": now, "started_by": "bench", "started_on": day_of(now), "history_count": 0}
        made = insert(tables.case).values({**row, **more, **said, "history_head": "", "unit_id": UNIT})
        case_id = int(session.execute(made.returning(tables.case.c.id)).scalar_one())
        families = range(LINES)
        person, household, benefit = registers.person, registers.household, registers.benefit
        at = {"created_at": now, "updated_at": now}
        session.execute(insert(person), [{"id_no": f"P{n:017d}", "name": f"甲{n}", **at} for n in families])
        people = list(session.execute(select(person.c.id).where(person.c.id_no.startswith("P0"))).scalars())
        homes = [{"number": f"BH{n}", "head_person_id": each, "since": day_of(now)} for n, each in enumerate(people)]
        session.execute(insert(household), homes)
        found = select(household.c.id, household.c.head_person_id).where(household.c.number.startswith("BH"))
        terms = {
            **{"item": "低保", "category": "农村低保", "unit_id": UNIT, "unit_path": unit.path, "persons": 2},
            **{"amount": 50050, "start_month": "2026-01", "status": "在享", "case_id": case_id, "bank": "银行"},
            **{"confirmed_on": day_of(now), "payee_name": "甲", "payee_id_no": "P", "mode": "下放", "supplement": 0},
        }
        rows = [
            {**terms, "number": f"BB{home.id}", "household_id": home.id, "person_id": home.head_person_id}
            | {"account": f"62170000{home.id:08d}", "near_relative": False}
            for home in session.execute(found)
        ]
        session.execute(insert(benefit), rows)
        ids = session.execute(select(benefit.c.id).where(benefit.c.number.startswith("BB"))).scalars()
        change = {
            **{"kind": "新增", "month": "2026-01", "batch_month": "2026-01", "before": 0, "after": 50050},
            **{"persons_before": 0, "persons_after": 2, "status_after": "在享", "reason": "", "at": now},
            **{"by": "bench", "by_name": "bench"},
        }
        session.execute(insert(registers.benefit_change), [{**change, "benefit_id": each} for each in ids])
    return case_id
