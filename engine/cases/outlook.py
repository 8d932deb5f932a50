"""What a notice on days off would move if it were confirmed: how many deadlines, by how many days, and which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, func, not_, or_, select

from engine.cases.calendar_notices import stored
from engine.cases.calendars import read_confirmed
from engine.cases.derivations import D, Derivations, days_moved, not_passed, region_of, untouched, versions
from engine.cases.notice_dates import with_ends
from engine.cases.runtime import Runtime, Step
from engine.clock.calendar import Calendar
from engine.clock.errors import ClockError
from engine.store import tables

SEEN = (
    *("id", "case_id", "name", "limit_id", "limit_text", "started_at", "ledger", "unit_id", "unit_path"),
    *("calendar_version", "due_at", "provisional"),
)


@dataclass(frozen=True, slots=True)
class Mover:
    """A deadline that would get another date, or would no longer be provisional (`days` 0)."""

    deadline_id: str
    case_id: int
    name: str
    limit_text: str
    unit_id: str | None
    unit_path: str
    before: datetime | None
    after: datetime | None
    days: int
    was_provisional: bool
    provisional: bool


@dataclass(frozen=True)
class Outlook:
    """All open deadlines that the notice may concern: `total`, of which so many move and so many only settle."""

    total: int
    movers: tuple[Mover, ...]

    @property
    def moved(self) -> int:
        return sum(each.before != each.after for each in self.movers)

    @property
    def settled(self) -> int:
        return len(self.movers) - self.moved

    @property
    def unchanged(self) -> int:
        return self.total - len(self.movers)

    def by_days(self) -> list[tuple[int, int]]:
        """How many move by how many days, earlier ones first; 0 are those that only settle."""
        return sorted(Counter(each.days for each in self.movers).items())

    def by(self, key: Callable[[Mover], str]) -> list[tuple[str, int, int, int]]:
        """(name, how many move, fewest days, most days) for each value of `key`, most first."""
        groups: dict[str, list[int]] = {}
        for each in self.movers:
            groups.setdefault(key(each), []).append(each.days)
        rows = [(name, len(days), min(days), max(days)) for name, days in groups.items()]
        return sorted(rows, key=lambda row: (-row[1], row[0]))


def outlook(this: Step, notice_id: int) -> Outlook:
    """What confirming a draft would do to the deadlines that run now; changes nothing. `NoticeNotFound`.

    Costs the deadlines that the notice's days can reach; each different question is answered once.
    """
    notice = read_confirmed(stored(this, notice_id))
    total = 0
    movers: list[Mover] = []
    derivations = Derivations(this.runtime)
    for version in versions(this.session):
        region = region_of(version)
        if notice.covers(region):
            total += _count(this, version)
            movers += _movers(this, derivations, version, this.runtime.calendars.with_notice(notice, region))
    order = sorted(movers, key=lambda each: (-abs(each.days), each.before or this.now, each.deadline_id))
    return Outlook(total, tuple(order))


def _count(this: Step, version: str) -> int:
    running = (not_passed(this.now), D.c.calendar_version == version)
    return int(this.session.execute(select(func.count()).select_from(D).where(*running)).scalar_one())


def _movers(this: Step, derivations: Derivations, version: str, calendar: Calendar) -> Iterator[Mover]:
    running = [not_passed(this.now), D.c.calendar_version == version]
    keep = untouched(this.runtime, version, calendar)
    if keep is not None:
        running.append(not_(func.coalesce(keep, False)))
    query = select(*(D.c[name] for name in SEEN)).where(*running)
    ends = _pause_ends(this, derivations, calendar)
    for stored_row in this.session.execute(query).mappings():
        row = dict(stored_row)
        try:
            found = derivations.dates({**row, "ledger": with_ends(row["ledger"], ends)} if ends else row, calendar)
        except ClockError:  # the run itself will say which and why
            continue
        if found["due_at"] != row["due_at"] or found["provisional"] != row["provisional"]:
            yield _mover(row, found)


def _mover(row: Mapping[str, Any], found: Mapping[str, Any]) -> Mover:
    return Mover(
        row["id"],
        row["case_id"],
        row["name"],
        row["limit_text"],
        row["unit_id"],
        row["unit_path"] or "",
        row["due_at"],
        found["due_at"],
        days_moved(row["due_at"], found["due_at"]),
        row["provisional"],
        found["provisional"],
    )


def _pause_ends(this: Step, derivations: Derivations, calendar: Calendar) -> dict[str, datetime]:
    """When the pauses that stand now would end by themselves, by token."""
    p = tables.pause
    query = select(p.c.token_id, p.c.begin_at, p.c.limit_text).where(p.c.end_at.is_(None), p.c.until_at > this.now)
    return {row["token_id"]: derivations.pause_end({**row}, calendar) for row in this.session.execute(query).mappings()}


def limit_of(mover: Mover) -> str:
    """`受理审查（5个工作日）`."""
    return f"{mover.name}（{mover.limit_text}）"


# --- the list ---------------------------------------------------------------------------------------------------------


def in_sight(this: Step, movers: Sequence[Mover]) -> list[Mover]:
    """Those in units whose cases the actor's posts see."""
    reach = this.runtime.scope.reach(this.actor)
    paths = tuple(reach.paths)
    return [each for each in movers if each.unit_id in reach.units or (paths and each.unit_path.startswith(paths))]


def case_numbers(this: Step, movers: Sequence[Mover]) -> dict[int, str]:
    """Numbers of the cases of a page of the list."""
    c = tables.case
    ids = sorted({each.case_id for each in movers})
    found: dict[int, str] = {}
    for first in range(0, len(ids), 500):
        query = select(c.c.id, c.c.number).where(c.c.id.in_(ids[first : first + 500]))
        found.update({row.id: row.number for row in this.session.execute(query)})
    return found


def unit_name(runtime: Runtime, unit_id: str | None) -> str:
    """What a unit is called in a list; a dash when nobody holds it."""
    unit = runtime.units.find(unit_id)
    return unit.name if unit else "—"


@dataclass(frozen=True)
class MovedPage:
    """A page of what a confirmed notice has moved, as far as the actor's posts see it."""

    rows: tuple[Mapping[str, Any], ...]
    total: int


def moved(this: Step, notice_id: int, page: int, size: int) -> MovedPage:
    """What a confirmed notice has moved, farthest first."""
    m, c = tables.calendar_move, tables.case
    reach = this.runtime.scope.reach(this.actor)
    units = (this.runtime.units.find(unit_id) for unit_id in sorted(reach.units))
    paths = [*sorted(reach.paths), *(unit.path for unit in units if unit)]
    seen = and_(m.c.notice_id == notice_id, or_(false(), *(m.c.unit_path.startswith(path) for path in paths)))
    total = int(this.session.execute(select(func.count()).select_from(m).where(seen)).scalar_one())
    columns = (m.c.case_id, c.c.number, m.c.name, m.c.before, m.c.after, m.c.days)
    query = select(*columns).join(c, c.c.id == m.c.case_id).where(seen).order_by(func.abs(m.c.days).desc(), m.c.id)
    rows = this.session.execute(query.limit(size).offset((page - 1) * size)).mappings()
    return MovedPage(tuple({**row} for row in rows), total)
