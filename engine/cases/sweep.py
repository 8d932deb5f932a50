"""What the clock does: wakes what is due, climbs the ladder, retries failed topics; one broken case never stops it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from engine.cases import climbing
from engine.cases.runtime import Runtime
from engine.cases.verbs import retry, step, wake
from engine.people.actor import CLOCK
from engine.store import tables

BATCH = 200
log = logging.getLogger("jiuzhu.sweep")


@dataclass(frozen=True)
class Swept:
    """What one sweep has done."""

    fired: int = 0
    retried: int = 0
    failed: int = 0
    acted: int = 0


def wake_due(runtime: Runtime, now: datetime) -> Swept:
    """Fire every deadline due by `now`, each in a transaction of its own at the moment when it was due.

    Costs what is due, not what is open: the rows are found by an index on status and due time. A case that fails is
    logged and left for the next sweep; the others go on.
    """
    fired = failed = 0
    broken: set[str] = set()
    while due := _due(runtime, now, broken):
        for deadline_id, due_at in due:
            try:
                with step(runtime, CLOCK, due_at, woken_at=now) as this:
                    fired += wake(this, deadline_id)
            except Exception:
                log.exception("deadline %s could not be fired", deadline_id)
                broken.add(deadline_id)
                failed += 1
    return Swept(fired=fired, failed=failed)


def _due(runtime: Runtime, now: datetime, broken: set[str]) -> list[tuple[str, datetime]]:
    d = tables.deadline
    query = select(d.c.id, d.c.due_at).where(d.c.status == "running", d.c.due_at <= now).order_by(d.c.due_at)
    with runtime.store.transaction(write=False) as session:
        rows = session.execute(query.limit(BATCH + len(broken))).all()
    return [(row.id, row.due_at) for row in rows if row.id not in broken]


def act_due(runtime: Runtime, now: datetime) -> Swept:
    """Do every rung of the ladder that is due by `now`, each in a transaction of its own; costs what is due.

    Several rungs of one deadline come in their order. Of a rung that another process does at the same time, this one
    finds nothing left to do. A deadline for which nothing was done, or that fails, is left for the next sweep.
    """
    acted = failed = 0
    left: set[str] = set()
    while due := _acts(runtime, now, left):
        for deadline_id in due:
            done = False
            try:
                with step(runtime, CLOCK, now) as this:
                    done = climbing.climb(this, deadline_id)
            except Exception:
                log.exception("the act of deadline %s could not be done", deadline_id)
                failed += 1
            acted += done
            if not done:
                left.add(deadline_id)
    return Swept(acted=acted, failed=failed)


def _acts(runtime: Runtime, now: datetime, left: set[str]) -> list[str]:
    d = tables.deadline
    query = select(d.c.id).where(climbing.is_due(now)).order_by(d.c.next_act_at, d.c.id).limit(BATCH + len(left))
    with runtime.store.transaction(write=False) as session:
        return [found for found in session.execute(query).scalars() if found not in left]


def retry_due(runtime: Runtime, now: datetime) -> Swept:
    """Try every failed topic whose time has come once more."""
    retried = failed = 0
    for incident_id in _incidents(runtime, now):
        try:
            with step(runtime, CLOCK, now) as this:
                retried += retry(this, incident_id, due_only=True)
        except Exception:
            log.exception("incident %s could not be retried", incident_id)
            failed += 1
    return Swept(retried=retried, failed=failed)


def _incidents(runtime: Runtime, now: datetime) -> Iterator[int]:
    i = tables.incident
    query = select(i.c.id).where(i.c.status == "retrying", i.c.retry_at <= now).order_by(i.c.retry_at).limit(BATCH)
    with runtime.store.transaction(write=False) as session:
        ids = list(session.execute(query).scalars())
    yield from ids


def stuck(runtime: Runtime) -> list[str]:
    """Numbers of open cases that wait for nothing: no task, deadline or incident, no case that they began, no work in
    the case that began them, no order between cases. There should be none."""
    c, t, d, i, r = tables.case, tables.task, tables.deadline, tables.incident, tables.relay
    begun = tables.case.alias("begun")
    query = select(c.c.number).where(
        c.c.status == "open",
        ~select(t.c.id).where(t.c.case_id == c.c.id, t.c.status == "open").exists(),
        ~select(d.c.id).where(d.c.case_id == c.c.id, d.c.status == "running").exists(),
        ~select(i.c.id).where(i.c.case_id == c.c.id, i.c.status != "resolved").exists(),
        ~select(begun.c.id).where(begun.c.parent_id == c.c.id, begun.c.status == "open").exists(),
        ~select(t.c.id).where(t.c.case_id == c.c.parent_id, t.c.status == "open").exists(),
        ~select(d.c.id).where(d.c.case_id == c.c.parent_id, d.c.status == "running").exists(),
        ~select(r.c.id).where(or_(r.c.from_id == c.c.id, r.c.to_id == c.c.id), r.c.status == "waiting").exists(),
    )
    with runtime.store.transaction(write=False) as session:
        return list(session.execute(query).scalars())
