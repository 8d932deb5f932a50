"""Places of a case that the diagram itself binds: who surveys, who has it after a move of hukou (S0-38, E-25)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.bpmn.named import handed_on
from engine.cases import filing
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Move, Work


class PlaceUnknown(Exception):
    """The diagram binds a place to one that this case doesn't have; `str()` says which."""


@topic("place.bind", parameters=("places", "units"), writes=True)
def bind(work: Work) -> None:
    """From here on each place of `places` (`theirs=ours, …`) means the unit that the other means now; each of `units`
    (`place=name, …`) the unit whose id a fact or form says."""
    move = work.move
    bound: dict[str, str] = {}
    for place, name in handed_on(work.parameter("units")):
        unit = move.step.runtime.units.find(str(lookup.raw(work, name) or ""))
        if unit is None:
            raise PlaceUnknown(f"「{name}」里没有写明单位，不能定为「{place}」")
        bound[place] = unit.id
    for place, ours in handed_on(work.parameter("places")):
        unit_id = work.unit(ours)
        if unit_id is None:
            raise PlaceUnknown(f"本案没有地点「{ours}」，不能定为「{place}」")
        bound[place] = unit_id
    bind_units(move, bound)
    move.record("topic", work.node.name, node_id=work.node.id, details={"places": bound})


def bind_units(move: Move, bound: Mapping[str, str]) -> None:
    """From here on these places of the case are these units; the one that decides is found anew."""
    move.change(places={**move.case["places"], **bound})
    move.change(**filing.deciding_unit(move.case["places"], move.step.runtime.units))
    filing.write_units(move.step, move.case["id"], bound)
