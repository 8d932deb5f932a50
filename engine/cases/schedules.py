"""Procedures that the clock begins: which units have them (processes/policy/schedules.toml), and when they are due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.bpmn.diagram import Node, Process
from engine.cases import relay
from engine.cases.facts import nearest_first
from engine.cases.move import SYSTEM_ACTOR
from engine.cases.occasions import OCCASIONS
from engine.cases.runtime import Runtime, Step
from engine.cases.verbs import step
from engine.clock.days import day_of, start_of
from engine.clock.recurring import Recurring, parse_timer
from engine.people import toml
from engine.people.errors import PlacesInvalid
from engine.store import tables

FILE = Path("processes") / "policy" / "schedules.toml"
LOOKED = "schedules"  # name of the row that keeps until when starts were looked for
EVERYWHERE = "全国"
_COLUMNS = ("procedure", "place", "valid_from", "basis")


@dataclass(frozen=True, slots=True)
class Schedule:
    """From `valid_from` on the clock begins `procedure` for units at or below `place` (unit id, region code, 全国)."""

    procedure: str
    place: str
    valid_from: date
    basis: str


@dataclass(frozen=True, slots=True)
class Begin:
    """A case that the clock has to begin: of which process, from which start event, for which unit, when.

    `facts` are what its occasion brings; `about` tells apart the occasions of one unit on one day.
    """

    process: Process
    node: Node
    unit_id: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""

    @property
    def key(self) -> str:
        """The same for the same start, whoever finds it."""
        about = f":{self.about}" if self.about else ""
        return f"clock:{self.process.id}:{self.node.id}:{self.unit_id}:{self.at:%Y%m%d%H%M}{about}"


def read(root: Path) -> tuple[Schedule, ...]:
    """The table, read again when the file changes; empty without a file. `PlacesInvalid` names what is wrong."""
    path = root / FILE
    return _read(path, path.stat().st_mtime_ns) if path.exists() else ()


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[Schedule, ...]:
    rows = toml.rows(path, toml.read(path), "schedule", _COLUMNS)
    for number, row in enumerate(rows, 1):
        if type(row["valid_from"]) is not date:
            raise PlacesInvalid(
                path, f"第 {number} 个 [[schedule]]", "valid_from 应为日期，例如 2026-01-01（不加引号）"
            )
    return tuple(Schedule(str(r["procedure"]), str(r["place"]), r["valid_from"], str(r["basis"])) for r in rows)


def begin_due(runtime: Runtime, now: datetime) -> int:
    """Begin what has come due since the last look, each once however many schedulers look; gives how many.

    The very first look only remembers the time: an office that starts today owes nothing of the past.
    """
    h = tables.heartbeat
    with step(runtime, SYSTEM_ACTOR, now) as this:
        last = this.session.execute(select(h.c.at).where(h.c.name == LOOKED).with_for_update()).scalar_one_or_none()
        due = _new(this, _due(this, last, now)) if last is not None else []
        for each in due:
            order(this, each)
        fresh = runtime.store.insert(h).values(name=LOOKED, at=now)
        this.session.execute(fresh.on_conflict_do_update(index_elements=[h.c.name], set_={"at": now}))
    return len(due)


def order(this: Step, due: Begin) -> None:
    """Ask for the case of a start; it is begun right after the step, as of the moment when it was due."""
    place = due.node.properties.get("place") or "county"
    asked = {"facts": dict(due.facts), "places": {place: due.unit_id}}
    name = due.node.name or due.process.name
    columns = {"procedure": due.process.id, "node_id": due.node.id, "from_name": name, "at": due.at}
    relay.order(this, due.key, "begin", asked, **columns)


def begins(this: Step, process: Process, node: Node, unit_id: str, at: datetime) -> list[Begin]:
    """What the clock begins for a unit at its moment: one case, or with property `occasion` one for each occasion."""
    occasion = node.properties.get("occasion")
    if not occasion:
        return [Begin(process, node, unit_id, at)]
    brought = OCCASIONS[occasion](this.runtime, this.runtime.units.get(unit_id), day_of(at))
    return [Begin(process, node, unit_id, at, facts, about) for about, facts in brought.items()]


def units(this: Step, process: Process, node: Node, day: date) -> list[str]:
    """Ids of the units for which the clock begins this process on `day`: those of the kind in `each`, else the places
    of the schedule themselves."""
    rows = [r for r in read(this.runtime.root) if r.procedure == process.id and r.valid_from <= day]
    places = {row.place for row in rows}
    kind = node.properties.get("each")
    if not kind:
        return sorted(place for place in places if this.runtime.units.find(place))
    tree = this.runtime.units
    here = (unit for unit in tree if unit.kind == kind and EVERYWHERE in places | {unit.id})
    below = (unit for unit in tree if unit.kind == kind and places & set(nearest_first(tree, unit.id)))
    return sorted({unit.id for unit in here if EVERYWHERE in places} | {unit.id for unit in below})


def _due(this: Step, last: datetime, now: datetime) -> Iterator[Begin]:
    _, deployment = this.runtime.current(this.session)
    for process in deployment.processes.values():
        for node in process.begin("timer"):
            recurring = parse_timer(node.event.text)
            assert isinstance(recurring, Recurring)  # the gate has seen to it
            at = recurring.next_after(_since(node, last, now))
            while at <= now:
                for unit_id in units(this, process, node, day_of(at)):
                    yield from begins(this, process, node, unit_id, at)
                at = recurring.next_after(at)


def _since(node: Node, last: datetime, now: datetime) -> datetime:
    """Where to look from: an occasion may be entered later in the day it is for, so that its whole day counts."""
    return min(last, start_of(day_of(now))) if node.properties.get("occasion") else last


def _new(this: Step, due: Iterable[Begin]) -> list[Begin]:
    """Without the occasions that were begun at an earlier look."""
    found = list(due)
    looked_again = [each.key for each in found if each.about]
    r = tables.relay
    query = select(r.c.key).where(r.c.key.in_(looked_again))
    known = set(this.session.execute(query).scalars()) if looked_again else ()
    return [each for each in found if each.key not in known]
