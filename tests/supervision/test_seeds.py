"""A seed is fixed, and its checksum published, before it draws: who would change it is found out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.cases import scenario
from engine.store.supervision import draw, seed_commitment
from engine.supervision import published, seeds
from engine.supervision.draw import Draw, Household, document, run, verify
from tests.support.app import MONDAY, ROOT, World

SCENARIOS = ROOT / "processes" / "supervision" / "scenarios"
MADE = Draw("0f1e2d", 30, 1, (Household("待遇〔2026〕1号", "boao", "低保"),), ("a",))


def play(world: World, name: str) -> None:
    report = scenario.Run(world.runtime, scenario.read(Path(SCENARIOS / f"{name}.yaml"))).play()
    assert not report.failure, report.failure


def test_a_draw_asked_for_uses_the_seed_whose_checksum_hung_a_day(world: World) -> None:
    play(world, "yearly_visits")

    with world.runtime.store.transaction(write=False) as session:
        made = session.execute(select(draw)).mappings().one()
        fixed = session.execute(select(seed_commitment)).mappings().one()
    assert made["seed"] == fixed["seed"]
    assert seeds.checksum(made["seed"]) == fixed["digest"] == made["document"]["commitment"]["digest"]
    assert made["at"] - fixed["at"] > timedelta(hours=24)
    assert verify(made["document"]) == []


def test_each_monthly_draw_publishes_the_checksum_for_the_next(world: World) -> None:
    play(world, "no_new_files")

    with world.runtime.store.transaction(write=False) as session:
        waiting = published.promised(session, world.runtime.units)
    assert [(one.kind, one.unit_name) for one in waiting]
    assert all(len(one.digest) == 64 for one in waiting)


def test_a_seed_that_waits_is_not_drawn_anew_and_serves_once(world: World) -> None:
    unit = world.runtime.units.get("dongzhi")
    with world.runtime.store.transaction() as session:
        first = seeds.commit(session, unit, "年度入户", "2026", MONDAY)
        assert seeds.commit(session, unit, "年度入户", "2026", MONDAY) == first
        taken = seeds.take(session, unit.id, "年度入户", "2026", MONDAY + timedelta(days=1))
        assert seeds.checksum(taken.text) == first
        assert seeds.take(session, unit.id, "年度入户", "2027", MONDAY + timedelta(days=1)).at is None


def test_a_seed_fixed_in_the_very_moment_of_the_draw_binds_nobody(world: World) -> None:
    unit = world.runtime.units.get("dongzhi")
    with world.runtime.store.transaction() as session:
        seeds.commit(session, unit, "年度入户", "2026", MONDAY)
        assert seeds.take(session, unit.id, "年度入户", "2026", MONDAY).at is None


def test_a_record_whose_seed_is_not_the_promised_one_is_found_out() -> None:
    promised = {"commitment": {"digest": seeds.checksum(MADE.seed), "at": MONDAY.isoformat()}}
    assert verify(document(MADE, run(MADE), **promised)) == []

    other = Draw("another", 30, 1, MADE.population, MADE.inspectors)
    assert verify(document(other, run(other), **promised)) == ["种子与抽取前公布的种子校验码不符"]


def test_records_from_before_commitments_are_verified_as_ever() -> None:
    assert verify(document(MADE, run(MADE))) == []


@pytest.mark.parametrize("address", ["/draws", "/desk/draws/"])
def test_a_seed_is_not_shown_before_it_has_drawn(world: World, address: str) -> None:
    unit = world.runtime.units.get("dongzhi")
    with world.runtime.store.transaction() as session:
        digest = seeds.commit(session, unit, "年度入户", "2026", MONDAY)
        secret = session.execute(select(seed_commitment.c.seed)).scalar_one()

    page = world.desk("dz_supervisor").get(address).text

    assert digest[:16] in page
    assert secret not in page
