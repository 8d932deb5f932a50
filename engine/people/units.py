"""Hides the tree of units: who lies above whom, which region a unit serves, what is found near it (domain 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping, select

from engine.people.errors import UnitsInCircle, UnitUnknown
from engine.store import tables

if TYPE_CHECKING:
    from engine.store.database import Session

KINDS = {
    "province_sys": "省级系统",
    "prefecture_ca": "市级民政部门",
    "county_ca": "县级民政部门",
    "county_center": "县级社会救助中心",
    "check_org": "核对机构",
    "inspection": "督查机构",
    "county_fin": "县级财政部门",
    "county_dept": "县级职能部门",
    "township": "乡镇（街道）",
    "village": "村（社区）",
    "bank": "代发银行",
    "social_org": "社会组织",
    "audit": "审计与监督",
}

_OFFICES = ("民政局", "社会事务局", "社保局")
_ORGANS = {
    "township": (
        ("街道", "办事处"),
        ("镇", "人民政府"),
        ("乡", "人民政府"),
        ("苏木", "人民政府"),
        ("经济区", "管委会"),
        ("开发区", "管委会"),
    ),
    "village": (("社区", "居民委员会"), ("村", "村民委员会")),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; `region_code` is GB/T 2260 (six digits), empty for a functional zone and everything in it."""

    id: str
    name: str
    kind: str
    parent_id: str | None
    path: str
    region_code: str = ""
    functional_zone: bool = False
    contact_phone: str = ""
    complaint_phone: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether the unit exists on `day`; both dates belong to its time."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Units:
    """All units in memory, in the order given; built once and read by everybody, so it never changes."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = {unit.id: unit for unit in units}
        self._below: dict[str | None, list[Unit]] = {}
        for unit in self._units.values():
            self._below.setdefault(unit.parent_id, []).append(unit)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def __len__(self) -> int:
        return len(self._units)

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self._units

    def get(self, unit_id: str) -> Unit:
        """The unit; raises `UnitUnknown`."""
        try:
            return self._units[unit_id]
        except KeyError:
            raise UnitUnknown(unit_id) from None

    def find(self, unit_id: str | None) -> Unit | None:
        """The unit, or None for an id that is empty or unknown."""
        return self._units.get(unit_id) if unit_id else None

    def children(self, unit_id: str, kind: str = "") -> Sequence[Unit]:
        """The units directly below, of one kind if `kind` is given."""
        return [unit for unit in self._below.get(unit_id, ()) if not kind or unit.kind == kind]

    def ancestors(self, unit_id: str) -> Sequence[Unit]:
        """The units above, nearest first, without the unit itself."""
        above = []
        unit = self.get(unit_id)
        while unit.parent_id is not None:
            unit = self.get(unit.parent_id)
            above.append(unit)
        return above

    def nearest_below(self, unit_id: str, kind: str) -> Unit | None:
        """The unit of this kind that lies least deep below the unit, first come first; None where there is none."""
        level: Sequence[Unit] = self.children(unit_id)
        while level:
            for unit in level:
                if unit.kind == kind:
                    return unit
            level = [below for unit in level for below in self.children(unit.id)]
        return None

    def of_kind(self, kind: str) -> Sequence[Unit]:
        """All units of one of the `KINDS`."""
        return [unit for unit in self if unit.kind == kind]

    def county_of(self, unit_id: str) -> Unit | None:
        """The county-level civil affairs unit at or above this one; a functional zone's office counts as one."""
        return self._at_or_above(unit_id, "county_ca")

    def city_of(self, unit_id: str) -> Unit | None:
        """The prefecture-level civil affairs unit at or above this one; None where there is none (琼海)."""
        return self._at_or_above(unit_id, "prefecture_ca")

    def is_within(self, unit_id: str, ancestor_id: str) -> bool:
        """Whether the unit is `ancestor_id` itself or lies below it."""
        return self.get(unit_id).path.startswith(self.get(ancestor_id).path)

    def in_region(self, prefix: str, kind: str = "") -> Sequence[Unit]:
        """Units whose governing region begins with `prefix` ("3417", "341702"; "" = all), of one kind if given."""
        return [unit for unit in self if (not kind or unit.kind == kind) and self.region_of(unit.id).startswith(prefix)]

    def region_of(self, unit_id: str) -> str:
        """The region code that governs calendar, limits and standards here: its own, else the nearest one above."""
        return next(
            (unit.region_code for unit in (self.get(unit_id), *self.ancestors(unit_id)) if unit.region_code), ""
        )

    def complaint_phone_of(self, unit_id: str) -> str:
        """The telephone for complaints about this unit: its own, else the nearest one above; "" where none is known."""
        upwards = (self.get(unit_id), *self.ancestors(unit_id))
        return next((unit.complaint_phone for unit in upwards if unit.complaint_phone), "")

    def full_name(self, unit_id: str) -> str:
        """`贵池区秋浦街道`: the unit's name with the names of the county and township areas above it in front."""
        unit = self.get(unit_id)
        above = [area for area in reversed(self.ancestors(unit_id)) if area.kind in ("county_ca", "township")]
        return "".join(area_name(area) for area in above) + unit.name

    def townships(self, prefix: str = "") -> Sequence[tuple[str, list[Unit]]]:
        """Choices of a select: (county's area name, its townships), for regions beginning with `prefix` ("" = all).

        A functional zone has no code of its own and counts as part of the region above it.
        """
        groups: dict[str, list[Unit]] = {}
        for unit in self.in_region(prefix, "township"):
            county = self.county_of(unit.id)
            groups.setdefault(area_name(county) if county else "", []).append(unit)
        return list(groups.items())

    def _at_or_above(self, unit_id: str, kind: str) -> Unit | None:
        return next((unit for unit in (self.get(unit_id), *self.ancestors(unit_id)) if unit.kind == kind), None)


def tree(session: Session) -> Units:
    """All units of the database, in order of their path; one statement."""
    rows = session.execute(select(tables.unit).order_by(tables.unit.c.path)).mappings()
    return Units(_unit(row) for row in rows)


def with_paths(units: Iterable[Unit]) -> list[Unit]:
    """The same units with `path` made from their ids, each after the one above it; a circle raises `UnitsInCircle`."""
    waiting = {unit.id: unit for unit in units}
    placed: dict[str, Unit] = {}
    while waiting:
        ready = [unit for unit in waiting.values() if unit.parent_id is None or unit.parent_id in placed]
        if not ready:
            _refuse_unplaced(waiting)
        for unit in ready:
            above = placed[unit.parent_id].path if unit.parent_id else "/"
            placed[unit.id] = replace(waiting.pop(unit.id), path=f"{above}{unit.id}/")
    return list(placed.values())


def area_name(unit: Unit) -> str:
    """The area a unit serves: `贵池区` for 贵池区民政局, `九华山` for 九华山社保局; other names stay."""
    for office in _OFFICES:
        if unit.name.endswith(office) and unit.name != office:
            return unit.name.removesuffix(office)
    return unit.name


def organ_name(unit: Unit) -> str:
    """The name on a paper: `秋浦街道办事处`, `尧渡镇人民政府`, `百子社区居民委员会`; others have their own already."""
    for ending, organ in _ORGANS.get(unit.kind, ()):
        if unit.name.endswith(ending):
            return unit.name + organ
    return unit.name


def _refuse_unplaced(waiting: dict[str, Unit]) -> None:
    for unit in waiting.values():
        if unit.parent_id is not None and unit.parent_id not in waiting:
            raise UnitUnknown(unit.parent_id)
    raise UnitsInCircle(sorted(waiting))


def _unit(row: RowMapping) -> Unit:
    return Unit(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        parent_id=row["parent_id"],
        path=row["path"],
        region_code=row["region_code"] or "",
        functional_zone=row["functional_zone"],
        contact_phone=row["contact_phone"] or "",
        complaint_phone=row["complaint_phone"] or "",
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )
