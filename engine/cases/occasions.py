"""What a dated table brings up for a unit on a day, so that the clock begins a procedure: property `occasion`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from engine.cases import devolution
from engine.cases.runtime import Runtime
from engine.people.catalogue import read_catalogue
from engine.people.power import EVERYTHING, read_power
from engine.people.units import Unit

Facts = Mapping[str, Any]
Occasion = Callable[[Runtime, Unit, date], Mapping[str, Facts]]


def power_passes(runtime: Runtime, bureau: Unit, day: date) -> dict[str, Facts]:
    """The items whose confirmation passes between this county and its townships on `day` (S2-41), each with what a
    handover has to know: 移交县级, 移交事项, 生效日期, 移交依据."""
    policy = runtime.root / "processes" / "policy"
    begun = [row for row in read_power(policy / "power.toml") if row.valid_from == day]
    items = {row.item: row.basis for row in begun if row.item != EVERYTHING}
    for basis in (row.basis for row in begun if row.item == EVERYTHING):
        items = {item.applies: basis for item in read_catalogue(policy).items if item.applies} | items
    return {
        item: {"移交县级": bureau.id, "移交事项": item, "生效日期": day, "移交依据": basis}
        for item, basis in items.items()
        if devolution.changed(runtime, bureau, item, day)
    }


OCCASIONS: Mapping[str, Occasion] = {"power.passes": power_passes}
