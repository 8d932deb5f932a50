"""In whose name a case is decided: who has power to confirm by policy/power.toml, and who hears complaints (A-16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.cases.facts import nearest_first
from engine.clock.days import day_of
from engine.people import power
from engine.people.power import Mode
from engine.people.units import Unit, area_name, organ_name

if TYPE_CHECKING:
    from datetime import datetime

    from engine.cases.runtime import Runtime

NAMES = ("决定机关", "印章", "被申请人", "复议机关", "诉讼法院", "权限说明")


def mode(runtime: Runtime, case: Mapping[str, Any], now: datetime) -> Mode:
    """How the case's item is confirmed at its place today."""
    powers = power.read_power(runtime.root / "processes" / "policy" / "power.toml")
    return power.mode(powers, case["item"], nearest_first(runtime.units, case["unit_id"]), day_of(now))


def words(runtime: Runtime, case: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """What a decision's paper says of it (S2-08): issuing organ, seal, respondent, and where to complain.

    By devolution the township decides in its own name and answers for it; by mandate it acts in the county bureau's
    name, which answers for it, as for its own decisions. Reconsideration is with the county's government (复议法 §24).
    """
    township = runtime.units.find(case["unit_id"])
    bureau = above(runtime, township)
    if township is None or bureau is None:
        return {}
    how = mode(runtime, case, now)
    organ = organ_name(township) if how == "下放" else bureau.name
    area = area_name(_of_government(runtime, bureau))
    explained = {
        "下放": f"{organ}经授权以自己的名义审核确认。",
        "委托": f"{organ_name(township)}受{bureau.name}委托审核确认，以{bureau.name}的名义作出决定。",
        "本级": f"{organ_name(township)}提出审核意见，由{bureau.name}审核确认。",
    }
    return {
        "决定机关": organ,
        "印章": organ,
        "被申请人": organ,
        "复议机关": f"{area}人民政府",
        "诉讼法院": f"{area}人民法院",
        "权限说明": explained[how],
    }


def above(runtime: Runtime, unit: Unit | None) -> Unit | None:
    """The civil affairs bureau of the county, else of the city, that a township belongs to."""
    return (runtime.units.county_of(unit.id) or runtime.units.city_of(unit.id)) if unit else None


def _of_government(runtime: Runtime, bureau: Unit) -> Unit:
    """A functional zone has no government of its own: the city's."""
    return (runtime.units.city_of(bureau.id) or bureau) if bureau.functional_zone else bureau
