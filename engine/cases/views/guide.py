"""办事指南: every item of the catalogue, its conditions, materials, limits, and who handles it where (S1-05)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.cases import access
from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.clock.register import Register, load_register
from engine.people.catalogue import Catalogue, Item, read_catalogue
from engine.people.units import Unit

GROUPS = {"8": "基本救助", "1": "社会力量", "N": "其他救助"}
HOW = {
    "本窗口": "由综合服务窗口受理，乡镇（街道）和民政部门办理",
    "部门": "由综合服务窗口受理并转给部门办理，您不用再跑部门",
    "告知转送": "由医疗机构等提交，窗口负责告知和转送",
    "转介": "您单独同意提供个人信息以后，窗口转介给慈善组织、社会组织",
}
REFERRED = ("D21", "D22", "D23", "D25", "D26")  # those that every item handed to a department carries
ONE_DOOR = "one_door"


@dataclass(frozen=True)
class Handler:
    """Who handles an item at a place, and where to ask and to complain."""

    place: str
    unit: str
    contact_phone: str
    complaint_phone: str


@dataclass(frozen=True)
class GuideItem:
    """One item as the guide shows it; `apply` is the procedure by which anybody applies online, if there is one."""

    item: Item
    group: str
    how: str
    limits: tuple[tuple[str, str], ...]
    handlers: tuple[Handler, ...]
    apply: str


@dataclass(frozen=True)
class Guide:
    """What was found, by department, and how many departments and items there are in all (A-01)."""

    departments: tuple[str, ...]
    items: int
    found: tuple[tuple[str, tuple[GuideItem, ...]], ...]

    @property
    def count(self) -> int:
        """How many items were found."""
        return sum(len(items) for _, items in self.found)


def guide(this: Step, *, search: str = "", department: str = "") -> Guide:
    """The items on offer today that have all the words of `search` in them, of one department or of all."""
    policy = this.runtime.root / "processes" / "policy"
    catalogue, limits = read_catalogue(policy), load_register(policy / "limits.toml")
    today = day_of(this.now)
    offered = [item for item in catalogue.items if item.is_valid_on(today)]
    departments = tuple(dict.fromkeys(item.department for item in offered))
    words = search.split()
    wanted = [item for item in offered if department in ("", item.department) and _says(item, words)]
    shown = {item.id: _item(this, catalogue, limits, item, today) for item in wanted}
    grouped = ((each, tuple(shown[item.id] for item in wanted if item.department == each)) for each in departments)
    count = catalogue.headline(today)[1]
    return Guide(departments, count, tuple((name, items) for name, items in grouped if items))


def _says(item: Item, words: list[str]) -> bool:
    texts = (item.id, item.name, item.short, item.department, item.conditions, item.note, item.decides, item.basis)
    text = " ".join((*texts, *item.materials, *item.categories, *item.called)).casefold()
    return all(word.casefold() in text for word in words)


def _item(this: Step, catalogue: Catalogue, limits: Register, item: Item, today: date) -> GuideItem:
    return GuideItem(
        item=item,
        group=GROUPS[item.grouped],
        how=HOW[item.way],
        limits=tuple(_limits(limits, item)),
        handlers=tuple(_handlers(this, catalogue, item, today)),
        apply=_apply(this, item),
    )


def _limits(limits: Register, item: Item) -> Iterator[tuple[str, str]]:
    yield "办理时限", item.limit
    for limit_id in REFERRED if item.way == "部门" else ():
        row = limits.row(limit_id)
        yield row.name, row.text


def _handlers(this: Step, catalogue: Catalogue, item: Item, today: date) -> Iterator[Handler]:
    units = this.runtime.units
    for place in dict.fromkeys(each.place for each in catalogue.assignments if each.id == item.id):
        above, unit = units.find(place), units.find(catalogue.unit_of(item.id, [place], today))
        if above is not None and unit is not None and unit.is_valid_on(today):
            phone = unit.complaint_phone or above.complaint_phone or ""
            yield Handler(_area(above), unit.name, unit.contact_phone or "", phone)


def _area(unit: Unit) -> str:
    """`示范市` of 示范市民政局."""
    return unit.name.removesuffix("民政局")


def _apply(this: Step, item: Item) -> str:
    """The item's own procedure where anybody may begin it, else the one door; nothing where citizens don't apply."""
    if item.way == "告知转送":
        return ""
    processes: Mapping[str, object] = this.runtime.current(this.session)[1].processes
    own = this.runtime.current(this.session)[1].processes.get(item.procedure)
    if own is not None and access.open_to_public(own.starters):
        return own.id
    return ONE_DOOR if ONE_DOOR in processes else ""
