"""On the day when the power to confirm passes, the clock begins its handover (S2-41)."""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from engine.cases import occasions, schedules
from engine.clock.days import SHANGHAI
from engine.store import tables
from tests.support.app import World


def at(day: int, hour: int = 0, minute: int = 6, *, month: int = 7) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def handovers(world: World) -> list[tuple[str, str]]:
    """County and outcome of every handover."""
    c = tables.case
    query = select(c.c.unit_path, c.c.outcome).where(c.c.procedure == "power_handover").order_by(c.c.id)
    with world.runtime.store.transaction(write=False) as session:
        return [(row.unit_path, row.outcome) for row in session.execute(query)]


def test_the_clock_begins_one_handover_where_power_passes_and_none_elsewhere(world: World) -> None:
    schedules.begin_due(world.runtime, at(29, month=6))
    schedules.begin_due(world.runtime, at(30, month=6))
    assert handovers(world) == []

    schedules.begin_due(world.runtime, at(1))
    schedules.begin_due(world.runtime, at(1, minute=7))

    ((path, outcome),) = handovers(world)
    assert "/dongzhi/" in path
    assert outcome == "没有要移交的在办件"


def test_what_a_handover_has_to_know_comes_from_the_table(world: World) -> None:
    units = world.runtime.units
    passing = occasions.power_passes(world.runtime, units.get("dongzhi"), at(1).date())
    assert set(passing) == {"低保"}
    assert passing["低保"] == {
        "移交县级": "dongzhi",
        "移交事项": "低保",
        "生效日期": at(1).date(),
        "移交依据": "东至县民政局关于最低生活保障由县级审核确认的规定（演示数据）",
    }
    assert occasions.power_passes(world.runtime, units.get("qionghai"), at(1).date()) == {}


def test_a_row_that_only_changes_the_name_moves_nothing(world: World) -> None:
    """From 下放 to 委托 the same people go on."""
    day = datetime(2022, 1, 1, tzinfo=SHANGHAI).date()
    assert occasions.power_passes(world.runtime, world.runtime.units.get("dongzhi"), day) == {}


def test_what_is_entered_later_in_the_day_begins_that_day_and_once(world: World, tmp_path: Path) -> None:
    policy = Path("processes") / "policy"
    shutil.copytree(world.runtime.root / policy, tmp_path / policy)
    table = tmp_path / policy / "power.toml"
    written = table.read_text(encoding="utf-8")
    table.write_text(written.replace("valid_from = 2026-07-01", "valid_from = 2026-08-01"), encoding="utf-8")
    runtime = replace(world.runtime, root=tmp_path)
    schedules.begin_due(runtime, at(30, month=6))
    schedules.begin_due(runtime, at(1))
    assert handovers(world) == []

    table.write_text(written, encoding="utf-8")
    schedules.begin_due(runtime, at(1, 15))
    assert [schedules.begin_due(runtime, at(1, 16)), len(handovers(world))] == [0, 1]
