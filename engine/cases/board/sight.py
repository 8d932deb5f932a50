"""Over which units an actor watches: those of the posts whose role has the board, and all below (domain 2.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from engine.cases.board.errors import BoardClosed, NotOnBoard
from engine.cases.board.filters import Filters
from engine.cases.runtime import Step
from engine.people.actor import Actor
from engine.people.scope import Scope
from engine.people.units import Unit, Units


@dataclass(frozen=True)
class Part:
    """One line of a table by unit: its name, the filters that lead into it, the ids of its units, and whether there is
    more below."""

    name: str
    filters: Filters
    units: frozenset[str]
    opens: bool


@dataclass(frozen=True)
class Sight:
    """The units an actor watches over: `roots` are the highest ones, none of them below another."""

    units: Units
    roots: tuple[Unit, ...]
    shows_names: bool

    def top(self, filters: Filters) -> Unit | None:
        """The unit asked for, else the only root; None for several roots. `NotOnBoard` outside of the sight."""
        if not filters.unit:
            return self.roots[0] if len(self.roots) == 1 else None
        unit = self.units.find(filters.unit)
        if unit is None or not any(unit.path.startswith(root.path) for root in self.roots):
            raise NotOnBoard
        return unit

    def within(self, filters: Filters) -> Sequence[Unit]:
        """The units that the filters ask about."""
        top = self.top(filters)
        if top is not None and filters.own:
            return [top]
        paths = (top.path,) if top else tuple(root.path for root in self.roots)
        return [unit for unit in self.units if unit.path.startswith(paths)]

    def below(self, top: Unit | None) -> Sequence[Unit]:
        """The next units to look into."""
        return self.units.children(top.id) if top else self.roots

    def trail(self, top: Unit | None) -> Sequence[Unit]:
        """The way from a root down to `top`, for a breadcrumb; it isn't part of it."""
        if top is None:
            return ()
        above = [unit for unit in self.units.ancestors(top.id) if self._holds(unit)]
        return list(reversed(above))

    def parts(self, filters: Filters, found: Collection[str]) -> Iterator[Part]:
        """What the units in `found` are summed up in: the unit asked for alone, and what lies directly below it."""
        top = self.top(filters)
        if filters.own:
            return
        if top is not None and top.id in found:
            yield Part(f"{top.name}（本级）", filters.but(unit=top.id, own=True), frozenset({top.id}), opens=False)
        for unit in self.below(top):
            inside = frozenset(each for each in found if self.units.is_within(each, unit.id))
            if inside:
                yield Part(unit.name, filters.but(unit=unit.id), inside, opens=inside != {unit.id})

    def _holds(self, unit: Unit) -> bool:
        return any(unit.path.startswith(root.path) for root in self.roots)


def may_watch(scope: Scope, actor: Actor) -> bool:
    """Whether the menu shows the board to this actor."""
    return any(scope.roles.get(post.role).board for post in actor.posts)


def sight(this: Step) -> Sight:
    """The actor's sight of today; `BoardClosed` for one who watches over nobody."""
    scope, units = this.runtime.scope, this.runtime.units
    posts = [post for post in this.actor.posts if scope.roles.get(post.role).board]
    if not posts:
        raise BoardClosed
    held = {unit.id: unit for post in posts if (unit := units.find(post.unit_id)) is not None}
    roots = [unit for unit in held.values() if not any(_is_below(unit, other) for other in held.values())]
    shown = scope.visible_fields({post.role for post in posts}, "").look("applicantName", "name")
    return Sight(units, tuple(sorted(roots, key=lambda unit: unit.path)), shown == "plain")


def _is_below(unit: Unit, other: Unit) -> bool:
    return unit.id != other.id and unit.path.startswith(other.path)
