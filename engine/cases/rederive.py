"""After a notice on days off: every open deadline is derived again, in short transactions that can stop at any point.

What is left to do is read from the deadlines themselves (`calendar_version`): a run that was cut off goes on where it
stood, several processes may share one, and nothing is done twice. A deadline that has passed never moves (E-17).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from engine.cases.derivations import D, Derivations, count, not_passed, region_of, untouched, versions
from engine.cases.notice_dates import NoticeBatch
from engine.cases.runtime import Runtime
from engine.clock.calendar import Calendar
from engine.store import tables
from engine.store.database import Session

CASES = 200  # in one transaction: some 50 ms in which nobody else writes
VERSIONS = 2000  # deadlines that only change their calendar's name, in one transaction
REST_SECONDS = 0.02  # between two transactions, so that whoever waits to write gets in
PATIENCE = 50  # rounds in which every case left is somebody else's
N = tables.calendar_notice


@dataclass(frozen=True)
class Progress:
    """What a run has done: deadlines looked at, deadlines whose date changed, and whether nothing is left."""

    done: int = 0
    moved: int = 0
    finished: bool = True


@dataclass
class Run:
    """One run over all deadlines whose calendar is no longer the one that counts."""

    runtime: Runtime
    clock: Callable[[], datetime]
    say: Callable[[Progress], None]
    derivations: Derivations = field(init=False)
    broken: set[str] = field(default_factory=set)
    done: int = 0
    moved: int = 0

    def __post_init__(self) -> None:
        self.derivations = Derivations(self.runtime)

    def stale(self, session: Session) -> dict[str, Calendar]:
        """Versions that running deadlines still bear, with the calendar that counts in their place."""
        found = {version: self.runtime.calendar(region_of(version)) for version in versions(session)}
        return {version: calendar for version, calendar in found.items() if calendar.version != version}


def run(
    runtime: Runtime, clock: Callable[[], datetime], say: Callable[[Progress], None] = lambda _progress: None
) -> Progress:
    """Derive again what is not yet derived from the calendars in force; `clock` gives aware UTC, `say` is told after
    each transaction. Gives what was done; unfinished when other processes hold the cases that are left."""
    runtime.calendars.look()
    this = Run(runtime, clock, say)
    notice = _begin(this)
    with runtime.store.transaction(write=False) as session:
        stale = this.stale(session)
    for version, calendar in stale.items():
        _rename(this, notice, version, calendar)
    finished = _move_cases(this, notice, stale)
    if finished:
        _finish(this)
    return Progress(this.done, this.moved, finished)


def is_needed(runtime: Runtime, *, thoroughly: bool = False) -> bool:
    """Whether a confirmed notice waits for its deadlines; `thoroughly` also whether any deadline bears an old version,
    because the process that wrote it did not know of the notice yet, or because the program's own notices are new."""
    with runtime.store.transaction(write=False) as session:
        if session.execute(select(N.c.id).where(_waiting()).limit(1)).first() is not None:
            return True
        known = versions(session) if thoroughly else []
    return any(runtime.calendar(region_of(version)).version != version for version in known)


def _waiting() -> ColumnElement[bool]:
    return (N.c.status == "confirmed") & N.c.finished_at.is_(None)


# --- the notice that is being carried out ---------------------------------------------------------------------------


def _begin(this: Run) -> Mapping[str, Any] | None:
    """The notice to name in the history: the one that waits, else the last; counts what is to be done for it."""
    with this.runtime.store.transaction() as session:
        columns = (N.c.id, N.c.title, N.c.number, N.c.total, N.c.finished_at)
        order = (N.c.finished_at.is_not(None), N.c.confirmed_at.desc(), N.c.id.desc())
        query = select(*columns).where(N.c.status == "confirmed").order_by(*order).limit(1)
        found = session.execute(query).mappings().one_or_none()
        if found is not None and found["total"] is None:
            total = count(session, this.clock(), list(this.stale(session)))
            session.execute(update(N).where(N.c.id == found["id"], N.c.total.is_(None)).values(total=total))
    return {**found} if found else None


def _count(this: Run, session: Session, notice: Mapping[str, Any] | None, done: int, moved: int) -> None:
    if notice is not None and notice["finished_at"] is None:
        counted = {"done": N.c.done + done, "moved": N.c.moved + moved}
        session.execute(update(N).where(N.c.id == notice["id"]).values(counted))


def _told(this: Run, done: int, moved: int) -> None:
    this.done += done
    this.moved += moved
    this.say(Progress(this.done, this.moved, False))
    time.sleep(REST_SECONDS)


def _finish(this: Run) -> None:
    with this.runtime.store.transaction() as session:
        session.execute(update(N).where(_waiting()).values(finished_at=this.clock(), total=N.c.done))


# --- deadlines that keep their dates --------------------------------------------------------------------------------


def _rename(this: Run, notice: Mapping[str, Any] | None, version: str, calendar: Calendar) -> None:
    """Deadlines that fall due before the first change only get the new version."""
    unmoved = untouched(this.runtime, version, calendar)
    done = VERSIONS
    while unmoved is not None and done == VERSIONS:
        with this.runtime.store.transaction() as session:
            some = select(D.c.id).where(unmoved, not_passed(this.clock())).limit(VERSIONS)
            change = update(D).where(D.c.id.in_(some), D.c.calendar_version == version)
            done = session.execute(change.values(calendar_version=calendar.version)).rowcount
            _count(this, session, notice, done, 0)
        _told(this, done, 0)


# --- cases whose deadlines may move ---------------------------------------------------------------------------------


def _move_cases(this: Run, notice: Mapping[str, Any] | None, stale: Mapping[str, Calendar]) -> bool:
    """Batch by batch until none is left; False when somebody else holds what is left for too long."""
    patience = PATIENCE
    while ids := _cases_left(this, list(stale)):
        before = this.done
        for first in range(0, len(ids), CASES):
            with this.runtime.store.transaction() as session:
                batch = NoticeBatch(
                    this.derivations, session, this.clock(), notice=notice, stale=stale, broken=this.broken
                )
                done, moved = batch.move(ids[first : first + CASES]), len(batch.moves)
                _count(this, session, notice, done, moved)
            _told(this, done, moved)
        patience -= this.done == before
        if not patience:
            return False
    return True


def _cases_left(this: Run, stale: list[str]) -> list[int]:
    query = select(D.c.case_id).where(D.c.calendar_version.in_(stale), not_passed(this.clock()))
    if this.broken:
        query = query.where(D.c.id.not_in(this.broken))
    by_date = query.group_by(D.c.case_id).order_by(func.min(D.c.due_at), D.c.case_id)  # one date, one statement
    with this.runtime.store.transaction(write=False) as session:
        return list(session.execute(by_date).scalars())
