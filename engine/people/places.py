"""Hides how a place that a diagram names (`hukou_county`) becomes a unit of one case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.people.units import Unit, Units

CASE = "case"


@dataclass(frozen=True, slots=True)
class Place:
    """A place as analysts and the gate know it: the name in diagrams, in Chinese, and how it is found."""

    name: str
    chinese: str
    meaning: str


SIDES = {"application": "申请地", "hukou": "户籍地", "residence": "居住地", "survey": "调查地"}
INSTEAD = {"survey": "hukou"}  # where nothing says who surveys, who decides does (S0-15)
# whose county and city are meant where no side is named (S0-27); a case of a county's own has only that
DECIDING = ("handling", "hukou", "application", "residence", "county", "city")


def _check_org(county: Unit, units: Units) -> Unit | None:
    return units.nearest_below(county.id, "check_org") or county


def _finance(county: Unit, units: Units) -> Unit | None:
    return units.nearest_below(county.id, "county_fin")


def _center(county: Unit, units: Units) -> Unit | None:
    return units.nearest_below(county.id, "county_center") or county


def _county(county: Unit, _units: Units) -> Unit | None:
    return county


COUNTY_LEVEL: dict[str, tuple[str, str, Callable[[Unit, Units], Unit | None]]] = {
    "county": ("县级民政部门", "{}乡镇（街道）之上的县级民政部门；九华山、开发区等功能区的社会事务部门也算", _county),
    "check": ("核对机构", "{}县级的核对机构；没有单设的，由县级民政部门核对", _check_org),
    "finance": ("财政部门", "{}县级的财政部门", _finance),
    "center": ("社会救助中心", "{}县级的社会救助中心；没有单设的，由县级民政部门办理", _center),
}

PLACES: tuple[Place, ...] = (
    Place(CASE, "申请人一方", "申请人或其代理人，不是单位"),
    Place("window", "综合服务窗口", "由流程定在申请地乡镇（街道）或者县级社会救助中心（主题 place.bind）"),
    Place(
        "handling", "受理投诉举报的单位", "由流程按反映的是谁定在乡镇（街道）或者县级、市级民政部门（主题 place.bind）"
    ),
    *(Place(f"{side}_township", f"{label}乡镇（街道）", "由表单中的单位栏填定") for side, label in SIDES.items()),
    *(Place(f"{side}_village", f"{label}村（社区）", "由表单中的单位栏填定") for side, label in SIDES.items()),
    *(
        Place(f"{side}_{ending}", f"{label}{chinese}", meaning.format(label))
        for side, label in SIDES.items()
        for ending, (chinese, meaning, _) in COUNTY_LEVEL.items()
    ),
    *(
        Place(ending, f"决定地{chinese}", meaning.format("户籍地（没有填户籍地时为申请地、居住地）"))
        for ending, (chinese, meaning, _) in COUNTY_LEVEL.items()
    ),
    Place("city", "市级民政部门", "户籍地（没有填户籍地时为申请地、居住地）之上的市级民政部门；省直管的县级市没有"),
)


def deciding(places: Mapping[str, str]) -> str | None:
    """The unit id that decides: the hukou township, else the receiving one; else whichever the case belongs to."""
    names = ("handling", "hukou_township", "application_township", "residence_township", "county", "city")
    return next((places[name] for name in names if places.get(name)), next(iter(places.values()), None))


def resolve(places: Mapping[str, str], name: str, units: Units) -> str | None:
    """The unit id that `name` means in a case whose forms have bound `places` (place name -> unit id).

    A bound name is itself; 调查地 is the hukou side until a diagram binds it (`place.bind`).
    `X_township` follows from a bound `X_village`. `X_county`, `X_check`, `X_finance`,
    `X_center` (or `X_county_check` …) are found from X's township; the same names without X, and `city`, from the
    deciding side's.
    None when nothing that would say it is bound yet, when there is no such unit, and for `case`.
    """
    if places.get(name):
        return places[name]
    if name == "city":
        found = _first_bound(places, DECIDING, units)
        return _id(units.city_of(found.id)) if found else None
    side, ending = _split(name)
    if side in INSTEAD and _first_bound(places, (side,), units) is None:
        return resolve(places, f"{INSTEAD[side]}_{ending}", units)
    if ending == "township":
        village = units.find(places.get(f"{side}_village"))
        return village.parent_id if village else None
    if ending not in COUNTY_LEVEL:
        return None
    return _county_level(places, (side,) if side else DECIDING, ending, units)


def is_known(name: str, bound: Iterable[str] = ()) -> bool:
    """Whether a diagram may name this place: one of `PLACES`, one that a form binds, or one found from a bound one."""
    names = {place.name for place in PLACES} | set(bound)
    side, ending = _split(name)
    if name in names:
        return True
    return ending in COUNTY_LEVEL and (not side or bool({f"{side}_township", f"{side}_village", side} & names))


def _split(name: str) -> tuple[str, str]:
    """`hukou_check` and `hukou_county_check` mean the same: ("hukou", "check")."""
    side, _, ending = name.rpartition("_")
    if ending != "county" and (side == "county" or side.endswith("_county")):
        side = side.removesuffix("county").removesuffix("_")
    return side, ending


def _county_level(places: Mapping[str, str], sides: Iterable[str], ending: str, units: Units) -> str | None:
    found = _first_bound(places, sides, units)
    county = units.county_of(found.id) if found else None
    return _id(COUNTY_LEVEL[ending][2](county, units)) if county else None


def _first_bound(places: Mapping[str, str], sides: Iterable[str], units: Units) -> Unit | None:
    names = (f"{side}{ending}" for side in sides for ending in ("_township", "_village", ""))
    return next((unit for unit in (units.find(places.get(name)) for name in names) if unit), None)


def _id(unit: Unit | None) -> str | None:
    return unit.id if unit else None
