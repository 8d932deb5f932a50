"""Facts that the platform itself knows about a case, beside those that forms, decisions and topics give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.clock.days import ONE_DAY, day_of
from engine.people import places, power
from engine.people.units import Units

if TYPE_CHECKING:
    from engine.cases.runtime import Runtime

SYSTEM: Mapping[str, str] = {
    "今日": "date",
    "地区代码": "text",
    "跨乡镇": "bool",
    "人户分离": "bool",
    "审核确认权限": "text",
    "渠道": "text",
    "业务编号": "text",
    "上级编号": "text",  # of the case that began this one; given at its start
    "期间": "text",  # the month in which the case began, such as 2026-05
    "上期": "text",  # the month before
    "年度": "text",
}


def system_facts(runtime: Runtime, case: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Values of all system facts for a case (its row: places, item, channel, number)."""
    bound, units = case["places"], runtime.units
    deciding = places.deciding(bound)
    receiving, residence = bound.get("application_township"), bound.get("residence_township")
    month = case["started_on"] or day_of(now)
    powers = power.read_power(runtime.root / "processes" / "policy" / "power.toml")
    return {
        "今日": day_of(now),
        "地区代码": region_of(deciding, units),
        "跨乡镇": bool(deciding and receiving and deciding != receiving),
        "人户分离": bool(deciding and residence and deciding != residence),
        "审核确认权限": power.mode(powers, case["item"], nearest_first(units, deciding), day_of(now)),
        "渠道": case["channel"],
        "业务编号": case["number"],
        "期间": f"{month:%Y-%m}",
        "上期": f"{month.replace(day=1) - ONE_DAY:%Y-%m}",
        "年度": f"{month:%Y}",
    }


def nearest_first(units: Units, unit_id: str | None) -> list[str]:
    """Ids and region codes of a unit and of those above it: the places at which a rule may be overridden."""
    unit = units.find(unit_id)
    if unit is None:
        return []
    line = (unit, *units.ancestors(unit.id))
    return [name for each in line for name in (each.id, each.region_code) if name]


def region_of(unit_id: str | None, units: Units) -> str:
    """GB/T 2260 code of the county that a unit belongs to; of the city above for a functional zone (domain 2.1)."""
    unit = units.find(unit_id)
    if unit is None:
        return ""
    for above in (unit, *units.ancestors(unit.id)):
        if above.kind in ("county_ca", "prefecture_ca") and above.region_code:
            return above.region_code
    return ""


def resolve(bound: Mapping[str, str], name: str, units: Units) -> str | None:
    """The unit that a place name means in this case."""
    return places.resolve(bound, name, units)
