"""What hangs on the board: who, for how long, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from engine.cases import Runtime, Step, scenario, views
from engine.clock.days import day_of
from engine.people.actor import Actor

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "processes/full_online/scenarios/approved_without_objection.yaml"


def test_a_sheet_says_from_the_day_it_was_posted_to_the_end_of_the_seventh_day(real_office: Runtime) -> None:
    run = scenario.Run(real_office, scenario.read(EXAMPLE), until=scenario.moment("2026-03-13 10:00"))
    report = run.play()
    assert report.ok, report.failure
    with real_office.store.transaction(write=False) as session:
        this = Step(real_office, session, Actor("public:", "群众"), datetime(2026, 3, 14, tzinfo=UTC))
        boards = views.notices(this, "qiupu_huxin")
    sheets = [sheet for board in boards for sheet in board.notices if sheet.kind == "初审公示"]
    *_, mine = [sheet for sheet in sheets if sheet.start_at == scenario.moment("2026-03-13 09:00")]
    assert mine.end_at is not None
    assert day_of(mine.end_at) == date(2026, 3, 20)
    assert {label for label, _value in mine.rows} == {"姓名", "保障人数", "救助类别", "拟保障金额"}
