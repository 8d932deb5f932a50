"""Says that a program which runs by itself is alive: one row, written anew every minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.cases.runtime import Runtime
from engine.store import tables

NAME = "scheduler"
SILENT_AFTER = timedelta(minutes=3)


def beat(runtime: Runtime, now: datetime) -> None:
    """The scheduler (any of several) is alive now."""
    h = tables.heartbeat
    query = (
        runtime.store.insert(h)
        .values(name=NAME, at=now)
        .on_conflict_do_update(index_elements=[h.c.name], set_={"at": now})
    )
    with runtime.store.transaction() as session:
        session.execute(query)
