"""帮办代办: whom the village helped and where it stands; and what comes of it, by village and channel (S3-15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, Select, and_, exists, func, or_, select

from engine.cases.board.sight import sight
from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.cases.views import clocks
from engine.clock.days import day_of
from engine.people.actor import Actor
from engine.people.scope import Scope
from engine.store import tables

C, T, S, U, CU = tables.case, tables.task, tables.submission, tables.unit, tables.case_unit
HELP, VISIT = "help_visit", "help_at_home"  # the procedure, and its task at the family's door
NUMBER_FORM = "help_number"  # where the agent writes the number of an application made elsewhere
BY_AGENT = "村级代办"  # the channel of what the village registers for others
CHANNELS = {"网上": "手机、网上", BY_AGENT: BY_AGENT, "窗口": "窗口"}
HELPERS = frozenset({"village_assistant", "village_head", "civil_affairs_clerk", "deputy_head"})
AGREED = ("确认同意", "先行救助")
PAGE_SIZE = 30


@dataclass(frozen=True)
class Application:
    """What was applied for in the family's name; `id` is None where only the number is known."""

    number: str
    item: str
    stands: str
    id: int | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Help:
    """A family that is helped, or an application that the village made for it directly."""

    id: int
    number: str
    name: str
    phone: str
    village: str
    since: date | None
    stands: str
    ended: bool
    light: str | None
    due_text: str
    applications: Sequence[Application] = ()


@dataclass(frozen=True)
class HelpList:
    """One page, those that wait first."""

    rows: list[Help]
    total: int
    page: int
    pages: int


@dataclass
class Village:
    """What help comes to in one village in a period."""

    unit_id: str
    name: str
    registered: int = 0
    visited: int = 0
    late: int = 0
    days: list[int] = field(default_factory=list)  # working days from the need to the visit's end
    applications: int = 0
    agreed: int = 0
    open: int = 0

    @property
    def average(self) -> float | None:
        """Working days until the visit, on average."""
        return round(sum(self.days) / len(self.days), 1) if self.days else None


@dataclass
class Way:
    """How many came by one channel, and how many days they took (S3-13, S3-18)."""

    name: str
    count: int = 0
    ended: int = 0
    days: int = 0

    @property
    def average(self) -> float | None:
        """Calendar days from application to end, on average."""
        return round(self.days / self.ended, 1) if self.ended else None


@dataclass(frozen=True)
class Results:
    """The page: villages with help first, ways, and families that wait too long."""

    villages: list[Village]
    ways: list[Way]
    waiting: list[Help]

    @property
    def total(self) -> Village:
        """All villages together."""
        parts = self.villages
        names = ("registered", "visited", "late", "applications", "agreed", "open")
        sums = {name: sum(getattr(each, name) for each in parts) for name in names}
        return Village("", "合计", days=[day for each in parts for day in each.days], **sums)


def may_help(scope: Scope, actor: Actor) -> bool:
    """Whether the menu shows the list to this actor."""
    return bool(scope.acting_roles(actor) & HELPERS)


def listing(this: Step, *, which: str = "open", page: int = 1) -> HelpList:
    """The families helped within the actor's sight: `open` or `closed` ones, or `all`; `CaseNotFound` for others."""
    scope = this.runtime.scope
    if not may_help(scope, this.actor):
        raise CaseNotFound
    seen = and_(_help(), scope.visible_cases(this.actor))
    if which in ("open", "closed"):
        seen = and_(seen, _open() if which == "open" else ~_open())
    total = int(this.session.execute(select(func.count()).select_from(C).where(seen)).scalar_one())
    order = (C.c.status.desc(), C.c.started_at.desc())  # visits that wait come first
    rows = this.session.execute(_columns().where(seen).order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return HelpList(_shown(this, list(rows.mappings())), total, page, max(1, -(-total // PAGE_SIZE)))


def results(this: Step, first: date, last: date) -> Results:
    """What was begun from `first` to `last` in the villages that the actor oversees; `BoardClosed` for others."""
    paths = tuple(root.path for root in sight(this).roots)
    below = or_(*(C.c.unit_path.startswith(path, autoescape=True) for path in paths))
    within = and_(below, C.c.started_on.between(first, last))
    villages: dict[str, Village] = {}
    _count_help(this, within, villages)
    ways = _count_applications(this, within, villages)
    late = and_(within, _help(), C.c.status == "open", C.c.step_due_at < this.now)
    rows = this.session.execute(_columns().where(late).order_by(C.c.step_due_at).limit(PAGE_SIZE)).mappings()
    ordered = sorted(villages.values(), key=lambda each: (-each.registered - each.applications, each.name))
    return Results(ordered, ways, _shown(this, list(rows)))


# --- the list -----------------------------------------------------------------------------------------------------


def _help() -> Any:
    """Help at home, and what the village applied for without it."""
    return or_(C.c.procedure == HELP, and_(C.c.channel == BY_AGENT, C.c.parent_id.is_(None)))


def _open() -> Any:
    """The visit, or something that it began, isn't done yet."""
    begun = C.alias()
    return or_(C.c.status == "open", exists().where(begun.c.parent_id == C.c.id, begun.c.status == "open"))


def _columns() -> Select[Any]:
    shown = ("id", "number", "procedure", "applicant_name", "applicant_phone", "item", "places", "started_on")
    clock = ("step_due_at", "step_yellow_at", "step_red_at", "step_provisional")
    return select(*(C.c[name] for name in (*shown, "status", "stage", "outcome", *clock)))


def _shown(this: Step, rows: Sequence[RowMapping]) -> list[Help]:
    helped: dict[int, list[Application]] = {row["id"]: [] for row in rows}
    for parent, application in (*_begun(this, list(helped)), *_written(this, list(helped))):
        helped[parent].append(application)
    return [_row(this, row, helped[row["id"]]) for row in rows]


def _row(this: Step, row: RowMapping, applications: list[Application]) -> Help:
    unit = this.runtime.units.find(row["places"].get("hukou_village"))
    due = {name: row[f"step_{name}"] for name in ("due_at", "yellow_at", "red_at", "provisional")}
    if row["procedure"] != HELP:
        applications = [
            Application(row["number"], row["item"] or "申请", _stands(row), row["id"], row["outcome"] or "")
        ]
    return Help(
        *(row["id"], row["number"], row["applicant_name"] or "", row["applicant_phone"] or ""),
        *(unit.name if unit else "", row["started_on"], _stands(row), row["status"] != "open"),
        light=clocks.light_of(due, this.now) if row["status"] == "open" else None,
        due_text=clocks.due_text({**due, "earliest": None, "latest": None}) if row["status"] == "open" else "",
        applications=applications,
    )


def _stands(row: RowMapping) -> str:
    return str(row["stage"] if row["status"] == "open" else row["outcome"] or "已办结")


def _begun(this: Step, ids: list[int]) -> Iterator[tuple[int, Application]]:
    """Applications that a visit began, so far as the reader sees them."""
    seen = and_(C.c.parent_id.in_(ids), this.runtime.scope.visible_cases(this.actor))
    query = select(C.c.parent_id, C.c.id, C.c.number, C.c.item, C.c.status, C.c.stage, C.c.outcome).where(seen)
    for row in this.session.execute(query.order_by(C.c.id)).mappings():
        yield (
            row["parent_id"],
            Application(row["number"], row["item"] or "申请", _stands(row), row["id"], row["outcome"] or ""),
        )


def _written(this: Step, ids: list[int]) -> Iterator[tuple[int, Application]]:
    """Applications of which the agent wrote down the number; where they stand when the reader sees them."""
    query = select(S.c.case_id, S.c["values"]).where(S.c.case_id.in_(ids), S.c.form_id == NUMBER_FORM)
    noted = [(row.case_id, row[1]) for row in this.session.execute(query.order_by(S.c.id))]
    numbers = {str(values.get("代办编号") or "").strip().upper() for _, values in noted} - {""}
    seen = and_(C.c.number.in_(numbers), this.runtime.scope.visible_cases(this.actor))
    columns = (C.c.number, C.c.id, C.c.item, C.c.status, C.c.stage, C.c.outcome)
    known = {row["number"]: row for row in this.session.execute(select(*columns).where(seen)).mappings()}
    for case_id, values in noted:
        number, named = str(values.get("代办编号") or "").strip().upper(), str(values.get("申请的事项") or "代办事项")
        row = known.get(number)
        if row is not None:
            yield case_id, Application(number, row["item"] or named, _stands(row), row["id"], row["outcome"] or "")
        else:
            yield case_id, Application(number, named, str(values.get("代办情况") or ""))


# --- what comes of it ---------------------------------------------------------------------------------------------


def _village(this: Step, places: Mapping[str, str], villages: dict[str, Village]) -> Village | None:
    unit = this.runtime.units.find(places.get("hukou_village") or places.get("residence_village"))
    if unit is None:
        return None
    if unit.id not in villages:
        villages[unit.id] = Village(unit.id, this.runtime.units.full_name(unit.id))
    return villages[unit.id]


def _count_help(this: Step, within: Any, villages: dict[str, Village]) -> None:
    done = exists().where(T.c.case_id == C.c.id, T.c.node_id == VISIT, T.c.status == "done")
    days = select(func.sum(T.c.workdays)).where(T.c.case_id == C.c.id, T.c.node_id == VISIT, T.c.status == "done")
    late = exists().where(T.c.case_id == C.c.id, or_(T.c.late, and_(T.c.status == "open", T.c.due_at < this.now)))
    columns = (C.c.places, done.label("done"), days.scalar_subquery().label("days"), late.label("late"))
    for row in this.session.execute(select(*columns).where(within, C.c.procedure == HELP)):
        village = _village(this, row.places, villages)
        if village is None:
            continue
        village.registered += 1
        village.visited += bool(row.done)
        village.late += bool(row.late)
        if row.done and row.days is not None:
            village.days.append(int(row.days))


def _count_applications(this: Step, within: Any, villages: dict[str, Village]) -> list[Way]:
    """Applications for help by channel; those of a visit count as the village's."""
    parent = C.alias()
    helped = exists().where(parent.c.id == C.c.parent_id, parent.c.procedure == HELP)
    applied = and_(C.c.item.is_not(None), C.c.applicant_id_no.is_not(None), or_(C.c.parent_id.is_(None), helped))
    columns = (C.c.places, C.c.channel, C.c.status, C.c.outcome, C.c.started_on, C.c.closed_on, helped.label("helped"))
    ways = {name: Way(shown) for name, shown in CHANNELS.items()}
    for row in this.session.execute(select(*columns).where(within, applied)):
        channel = BY_AGENT if row.helped else row.channel
        if channel not in ways:
            continue
        way = ways[channel]
        way.count += 1
        if row.closed_on is not None and row.started_on is not None:
            way.ended += 1
            way.days += (row.closed_on - row.started_on).days
        village = _village(this, row.places, villages) if channel == BY_AGENT else None
        if village is not None:
            village.applications += 1
            village.agreed += row.outcome in AGREED
            village.open += row.status == "open"
    return list(ways.values())


def as_of(now: datetime) -> tuple[date, date]:
    """The period that the page begins with: this year until today."""
    today = day_of(now)
    return today.replace(month=1, day=1), today
