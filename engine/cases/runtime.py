"""What outlives a step: the store, the deployments, the calendar, and the live cases of this process."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import desc, select

from engine.bpmn.deployment import Deployment
from engine.bpmn.run import Live
from engine.cases.calendars import Calendars
from engine.clock import register
from engine.clock.calendar import BASE_YEAR, Calendar
from engine.clock.register import Register
from engine.people import units
from engine.people.actor import Actor
from engine.people.scope import Scope, read_scope
from engine.people.units import Units
from engine.store import tables
from engine.store.database import Store, open_store

if TYPE_CHECKING:
    from engine.store.database import Session


class NothingDeployed(Exception):
    """The store holds no deployment: `jiuzhu deploy` must run first."""


LIVE_CASES = 2000  # live workflows kept by one process; the oldest go first


class LiveCases:
    """Live workflows by case and revision; one that is in use is out of the box."""

    def __init__(self, most: int = LIVE_CASES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._box: OrderedDict[int, tuple[int, Live]] = OrderedDict()

    def take(self, case_id: int, revision: int) -> Live | None:
        """The live case of this revision, now the caller's alone; None if it must be loaded."""
        with self._lock:
            found = self._box.pop(case_id, None)
        return found[1] if found and found[0] == revision else None

    def put(self, case_id: int, revision: int, live: Live) -> None:
        """Give it back after the commit."""
        with self._lock:
            self._box[case_id] = (revision, live)
            self._box.move_to_end(case_id)
            while len(self._box) > self._most:
                self._box.popitem(last=False)

    def clear(self) -> None:
        """Forget all: the next step of each case loads it from the store."""
        with self._lock:
            self._box.clear()


@dataclass
class Runtime:
    """One a process; safe to share between threads."""

    store: Store
    root: Path
    units: Units
    register: Register
    scope: Scope
    live: LiveCases = field(default_factory=LiveCases)
    base_year: int = BASE_YEAR  # the last notice that need not be imported
    calendars: Calendars = field(init=False)
    _deployments: dict[str, Deployment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.calendars = Calendars(self.store, self.base_year)

    def calendar(self, region: str | None = None) -> Calendar:
        """The working calendar of a region (GB/T 2260 code) as it counts now."""
        return self.calendars.current(region)

    def calendar_of(self, version: str) -> Calendar:
        """The calendar by which a date of the past was derived, to explain it."""
        return self.calendars.of_version(version)

    def deployment(self, session: Session, deployment_id: str) -> Deployment:
        """A deployment by id, read once and kept."""
        found = self._deployments.get(deployment_id)
        if found is None:
            f, c = tables.deployment_file, tables.content
            rows = session.execute(
                select(f.c.path, c.c.body).join(c, c.c.sha256 == f.c.sha256).where(f.c.deployment_id == deployment_id)
            )
            found = self._deployments[deployment_id] = Deployment({row.path: row.body for row in rows})
        return found

    def current(self, session: Session) -> tuple[str, Deployment]:
        """The newest deployment: what new cases start on."""
        d = tables.deployment
        newest = session.execute(select(d.c.id).order_by(desc(d.c.number)).limit(1)).scalar_one_or_none()
        if newest is None:
            raise NothingDeployed
        return newest, self.deployment(session, newest)

    def refresh(self, session: Session) -> None:
        """Read the units anew."""
        self.units = units.tree(session)


def open_runtime(url: str, root: Path, *, base_year: int | None = None) -> Runtime:
    """Open the store and read what every step needs; `root` is the folder that holds processes/ and forms/.

    `base_year` (else JIUZHU_CALENDAR_YEAR, for demonstrations) is the year whose notice is the last one known at first.
    """
    store = open_store(url)
    with store.transaction(write=False) as session:
        tree = units.tree(session)
    policy = root / "processes" / "policy"
    year = base_year or int(os.environ.get("JIUZHU_CALENDAR_YEAR", BASE_YEAR))
    limits = register.load_register(policy / "limits.toml")
    return Runtime(store, root, tree, limits, read_scope(policy), base_year=year)


@dataclass
class Step:
    """One request or one woken timer: whose, when, in which transaction.

    `now` is when it counts (for a woken timer, the moment it was due), `woken_at` when it really happened.
    After the commit `then` goes back into the box, and `later` is done, each in a step of its own.
    """

    runtime: Runtime
    session: Session
    actor: Actor
    now: datetime
    woken_at: datetime | None = None
    then: list[tuple[int, int, Live]] = field(default_factory=list)
    later: list[Callable[[], object]] = field(default_factory=list)

    def committed(self) -> None:
        """Call after the commit: live cases go back into the box, then what was put off is done."""
        for case_id, revision, live in self.then:
            self.runtime.live.put(case_id, revision, live)
        self.then.clear()
        later, self.later = self.later, []
        for do in later:
            do()
