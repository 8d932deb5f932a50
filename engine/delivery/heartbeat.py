"""Says that a program which runs by itself is alive: one row, written anew every minute; and notices that none was."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from engine.cases import outages, step
from engine.cases.runtime import Runtime, Step
from engine.people.actor import CLOCK
from engine.store import tables

NAME = "scheduler"
SILENT_AFTER = timedelta(minutes=3)
H = tables.heartbeat
LAST = select(H.c.at).where(H.c.name == NAME)


def beat(runtime: Runtime, now: datetime) -> None:
    """The scheduler (any of several) is alive now."""
    with step(runtime, CLOCK, now) as this:
        note(this)


def note(this: Step) -> None:
    """The same in a step. If no scheduler was alive for long, that is an outage, written down by the first that comes;
    the very first start of an office owes nothing."""
    last = this.session.execute(LAST.with_for_update()).scalar_one_or_none()
    if last is not None:
        outages.notice(this, last)
    alive = this.runtime.store.insert(H).values(name=NAME, at=this.now)
    this.session.execute(alive.on_conflict_do_update(index_elements=[H.c.name], set_={"at": this.now}))


def has_stood(runtime: Runtime, now: datetime) -> bool:
    """Whether the last beat is so old that the system stood until now, and nobody has written it down."""
    known = outages.rules(runtime)
    with runtime.store.transaction(write=False) as session:
        last = session.execute(LAST).scalar_one_or_none()
    return known.automatic and last is not None and now - last >= known.gap
