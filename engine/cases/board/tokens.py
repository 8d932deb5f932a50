"""The live diagram of a procedure: how many tasks stand at each node, in which light, and since how many days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select

from engine.bpmn.deployment import Deployment
from engine.cases.board import conditions
from engine.cases.board.errors import NotOnBoard
from engine.cases.board.filters import Filters
from engine.cases.board.names import inside, nodes, procedures
from engine.cases.board.percentiles import median, ninety
from engine.cases.board.sight import Sight, sight
from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.people.units import Unit
from engine.store import tables


@dataclass
class Crowd:
    """Open tasks at one place; `ages` counts them by working days since they came."""

    total: int = 0
    red: int = 0
    yellow: int = 0
    none: int = 0
    ages: Counter[int] = field(default_factory=Counter)

    @property
    def green(self) -> int:
        return self.total - self.red - self.yellow - self.none

    @property
    def worst(self) -> str:
        """The worst light there is."""
        return "red" if self.red else "yellow" if self.yellow else "green" if self.green else "none"

    @property
    def median(self) -> float | None:
        return median(self.ages)

    @property
    def ninety(self) -> int | None:
        return ninety(self.ages)

    def add(self, other: Crowd) -> None:
        """Take in what stands elsewhere."""
        self.total += other.total
        self.red += other.red
        self.yellow += other.yellow
        self.none += other.none
        self.ages.update(other.ages)


@dataclass(frozen=True)
class Spot:
    """A node with its crowd; `called` is the process inside a call activity, `shared` are other calls whose
    tasks can't be told from those of this one."""

    node_id: str
    name: str
    crowd: Crowd
    filters: Filters
    called: str = ""
    shared: Sequence[str] = ()


@dataclass(frozen=True)
class CrowdPage:
    """One diagram; `path` leads to it from the procedure's own as (process id, name), `gone` stands on
    nodes of older versions."""

    filters: Filters
    top: Unit | None
    trail: Sequence[Unit]
    procedures: Mapping[str, str]
    path: Sequence[tuple[str, str]]
    spots: Sequence[Spot]
    gone: Sequence[Spot]
    whole: Crowd


Crowds = Mapping[tuple[str, str], Crowd]


def crowds(this: Step, filters: Filters) -> CrowdPage:
    """The newest diagram of the procedure asked for, else of the first; `BoardClosed`, `NotOnBoard`."""
    seen, (_, deployment), names = sight(this), this.runtime.current(this.session), procedures(this)
    procedure = filters.procedure or next(iter(names), "")
    if procedure not in names:
        raise NotOnBoard
    place = filters.place.but(procedure=procedure)
    shown = filters.process or procedure
    path = _path(deployment, procedure, shown)
    top = seen.top(place)
    found = count(this, seen, deployment, place)
    known = {(each, node.id) for each in deployment.closure(procedure) for node in nodes(deployment, each)}
    whole = _sum(found.values())
    return CrowdPage(
        filters=place.but(process=shown),
        top=top,
        trail=seen.trail(top),
        procedures=names,
        path=path,
        spots=list(_spots(deployment, shown, place, found)),
        gone=[_spot(key, key[1], found[key], place) for key in sorted(found.keys() - known)],
        whole=whole,
    )


def count(this: Step, seen: Sight, deployment: Deployment, filters: Filters) -> Crowds:
    """The crowds of a procedure by (process id, node id); one statement."""
    t, now = tables.task, this.now
    query = (
        select(
            t.c.process_id,
            t.c.node_id,
            t.c.created_on,
            func.count(),
            func.count().filter(conditions.red(t, now)),
            func.count().filter(conditions.yellow(t, now)),
            func.count().filter(conditions.unlit(t)),
        )
        .where(*conditions.of_tasks(seen, filters, deployment, now))
        .group_by(t.c.process_id, t.c.node_id, t.c.created_on)
    )
    calendar, today = this.runtime.calendar(), day_of(now)
    ages: dict[date, int] = {}
    found: dict[tuple[str, str], Crowd] = {}
    for process_id, node_id, created_on, total, *lights in this.session.execute(query):
        came = created_on or today
        if came not in ages:
            ages[came] = calendar.workdays_between(came, today)
        red, yellow, none = lights
        crowd = Crowd(total, red, yellow, none, Counter({ages[came]: total}))
        found.setdefault((process_id, node_id), Crowd()).add(crowd)
    return found


def diagram(this: Step, filters: Filters) -> bytes:
    """The file with the diagram asked for, of the newest deployment."""
    sight(this)
    deployment, names = this.runtime.current(this.session)[1], procedures(this)
    if filters.procedure not in names or filters.process not in deployment.closure(filters.procedure):
        raise NotOnBoard
    return deployment.files[deployment.process_file(filters.process)]


def _spots(deployment: Deployment, process_id: str, place: Filters, found: Crowds) -> Iterator[Spot]:
    calls = {node.id: inside(deployment, process_id, node.id) for node in nodes(deployment, process_id) if node.called}
    for node in nodes(deployment, process_id):
        if node.kind == "user":
            yield _spot((process_id, node.id), node.name, found.get((process_id, node.id), Crowd()), place)
        elif node.called:
            within = calls[node.id]
            crowd = _sum(each for key, each in found.items() if key[0] in within)
            shared = [other.name for other in nodes(deployment, process_id) if _shares(calls, node.id, other.id)]
            which = place.but(process=process_id, node=node.id, inside=True)
            yield Spot(node.id, node.name, crowd, which, node.called, shared)


def _shares(calls: Mapping[str, frozenset[str]], node_id: str, other_id: str) -> bool:
    return other_id != node_id and bool(calls[node_id] & calls.get(other_id, frozenset()))


def _spot(key: tuple[str, str], name: str, crowd: Crowd, place: Filters) -> Spot:
    return Spot(key[1], name or key[1], crowd, place.but(process=key[0], node=key[1]))


def _path(deployment: Deployment, procedure: str, process_id: str) -> list[tuple[str, str]]:
    """The shortest way of calls from the procedure to a process."""
    ways: list[list[str]] = [[procedure]]
    seen = {procedure}
    while ways:
        way = ways.pop(0)
        if way[-1] == process_id:
            return [(each, deployment.processes[each].name or each) for each in way]
        for node in nodes(deployment, way[-1]):
            if node.called and node.called not in seen:
                seen.add(node.called)
                ways.append([*way, node.called])
    raise NotOnBoard


def _sum(crowds: Iterable[Crowd]) -> Crowd:
    whole = Crowd()
    for each in crowds:
        whole.add(each)
    return whole
