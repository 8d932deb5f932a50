"""Who supervises from outside looks for as long as the letter says, and changes nothing (S2-45)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine.cases import scenario
from engine.clock.days import SHANGHAI
from engine.store import tables
from tests.support.app import ROOT, Register, World

SCENARIOS = ROOT / "processes" / "supervision" / "scenarios"


def play(world: World, name: str) -> None:
    report = scenario.Run(world.runtime, scenario.read(SCENARIOS / f"{name}.yaml")).play()
    assert not report.failure, report.failure


@pytest.mark.parametrize(
    "day, sees", [("2026-03-08", False), ("2026-03-09", True), ("2026-03-20", True), ("2026-03-21", False)]
)
def test_an_auditor_looks_from_the_first_to_the_last_day_of_the_letter(
    world: World, register: Register, day: str, sees: bool
) -> None:
    case_id = register()
    play(world, "outside_audit_clean")
    world.clock.now = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=SHANGHAI)

    answer = world.desk("gc_visitor").get(f"/desk/cases/{case_id}")

    assert answer.status_code == (200 if sees else 404)


def test_access_that_was_withdrawn_is_over_the_same_day(world: World, register: Register) -> None:
    case_id = register()
    play(world, "outside_audit")  # withdrawn on 20 March
    for day, status in ((19, 200), (20, 404)):
        world.clock.now = datetime(2026, 3, day, 10, tzinfo=SHANGHAI)
        assert world.desk("gc_visitor").get(f"/desk/cases/{case_id}").status_code == status


def test_an_auditor_from_outside_has_nothing_to_do_and_registers_nothing(world: World, register: Register) -> None:
    register()
    play(world, "outside_audit_clean")
    world.clock.now = datetime(2026, 3, 10, 10, tzinfo=SHANGHAI)
    desk = world.desk("gc_visitor")

    assert "/desk/tasks/" not in desk.get("/desk/?which=all").text
    assert desk.get("/desk/register/complaint").status_code == 404


def test_a_post_without_an_end_is_left_as_it_is(world: World) -> None:
    with world.runtime.store.transaction() as session:
        session.execute(tables.post.insert().values(account_id="gc_visitor", role="auditor", unit_id="guichi_audit"))
    play(world, "outside_audit")
    p = tables.post.c
    with world.runtime.store.transaction(write=False) as session:
        query = select(p.valid_from, p.valid_to).where(p.account_id == "gc_visitor", p.role == "auditor")
        assert session.execute(query).one() == (None, None)


def test_a_social_supervisor_is_appointed_for_the_term(world: World) -> None:
    play(world, "social_supervisor_appointed")

    world.clock.now = datetime(2026, 3, 9, 10, tzinfo=SHANGHAI)
    assert "社会监督员意见" in world.desk("gc_watcher").get("/desk/register/").text
    world.clock.now = datetime(2028, 3, 8, 10, tzinfo=SHANGHAI) + timedelta(days=1)
    assert "社会监督员意见" not in world.desk("gc_watcher").get("/desk/register/").text
