"""The queue: takes one delivery at a time, sends it outside any transaction, and writes down how it went.

A delivery is never lost and its key never changes. A program that dies between sending and writing leaves the row in
`sending`; after LEASE another one tries it again with the same key, by which the receiver drops the repetition.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select, update

from engine.cases.runtime import Runtime
from engine.delivery.errors import Permanent, Temporary
from engine.delivery.letter import Letter, harmless
from engine.delivery.outlets import Outlet, Outlets
from engine.store import tables

LEASE = timedelta(minutes=10)
OUR_FAULT = "发送时系统内部出错，详情见系统日志"
log = logging.getLogger("jiuzhu.delivery")


@dataclass(frozen=True)
class Claimed:
    """A delivery that this program alone sends now: its row's id, which attempt it is, and the letter."""

    id: int
    attempt: int
    letter: Letter


@dataclass(frozen=True)
class Tally:
    """What a run has done."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0


def deliver(
    runtime: Runtime,
    outlets: Outlets,
    channel: str,
    clock: Callable[[], datetime],
    going: Callable[[], bool] = lambda: True,
) -> Tally:
    """Send all that is due on a channel, as many at once as it has senders; ends early when `going` turns false."""
    outlet = outlets.outlets[channel]
    if not outlet.way.is_open(clock()) or not _is_due(runtime, channel, clock()):
        return Tally()

    def run() -> list[str]:
        outcomes = []
        while going() and (claimed := claim(runtime, outlets, channel, clock())):
            outcomes.append(_send(runtime, outlets, outlet, claimed, clock))
        return outcomes

    with ThreadPoolExecutor(outlet.senders, f"deliver-{channel}") as pool:
        done = [each for future in [pool.submit(run) for _ in range(outlet.senders)] for each in future.result()]
    return Tally(done.count("sent"), done.count("waiting"), done.count("failed"))


def claim(runtime: Runtime, outlets: Outlets, channel: str, now: datetime) -> Claimed | None:
    """Take the delivery that has waited longest for this channel, for LEASE; None when there is none."""
    d, o, c = tables.delivery, tables.outbox, tables.case
    with runtime.store.transaction() as session:
        which = session.execute(_due(channel, now).with_for_update(skip_locked=True)).scalar_one_or_none()
        if which is None:
            return None
        changes = {"status": "sending", "attempts": d.c.attempts + 1, "next_at": now + LEASE}
        session.execute(update(d).where(d.c.id == which).values(changes))
        query = (
            select(d, o.c.kind, o.c.title, o.c.text, o.c.to_applicant, c.c.number, c.c.unit_id)
            .join(o, o.c.id == d.c.outbox_id)
            .outerjoin(c, c.c.id == o.c.case_id)
            .where(d.c.id == which)
        )
        row = session.execute(query).mappings().one()
    unit = runtime.units.find(row["unit_id"])
    return Claimed(which, row["attempts"], _letter({**row, "unit": unit.name if unit else ""}, outlets, now))


def _is_due(runtime: Runtime, channel: str, now: datetime) -> bool:
    """Looked for without a lock: mostly there is nothing."""
    with runtime.store.transaction(write=False) as session:
        return session.execute(_due(channel, now)).first() is not None


def _due(channel: str, now: datetime) -> Select[Any]:
    d = tables.delivery
    due = or_(*(and_(d.c.status == status, d.c.next_at <= now) for status in ("waiting", "sending")))
    return select(d.c.id).where(d.c.channel == channel, due).order_by(d.c.next_at).limit(1)


def _letter(row: dict[str, Any], outlets: Outlets, now: datetime) -> Letter:
    rule = outlets.policy.rule(row["kind"], "applicant" if row["to_applicant"] else "staff")
    values = {name: str(row[name] or "") for name in ("title", "text", "number", "unit")}
    said = rule.say(values) if rule else row["title"]  # the rule was taken away meanwhile
    return Letter(
        key=row["key"],
        channel=row["channel"],
        address=row["address"],
        kind=row["kind"],
        title=harmless(row["title"]),
        text=harmless(said),
        number=values["number"],
        at=now,
    )


def _send(runtime: Runtime, outlets: Outlets, outlet: Outlet, claimed: Claimed, clock: Callable[[], datetime]) -> str:
    """Send one letter and write down how it went; gives the row's new status."""
    try:
        outlet.channel.send(claimed.letter)
    except Permanent as problem:
        return _unsent(runtime, claimed, problem.message, None)
    except Temporary as problem:
        return _unsent(runtime, claimed, problem.message, _again(outlets, claimed, problem, clock()))
    except Exception:  # one letter that breaks its channel doesn't stop the others
        log.exception("delivery %s could not be sent", claimed.id)
        return _unsent(runtime, claimed, OUR_FAULT, _again(outlets, claimed, Temporary(OUR_FAULT), clock()))
    return _sent(runtime, claimed, clock())


def _again(outlets: Outlets, claimed: Claimed, problem: Temporary, now: datetime) -> datetime | None:
    """When to try again: by the policy's steps, later if the receiver asks for it; None when the steps are used up."""
    steps = outlets.policy.backoff
    if claimed.attempt > len(steps):
        return None
    return now + max(steps[claimed.attempt - 1], problem.wait or timedelta(0))


def _sent(runtime: Runtime, claimed: Claimed, now: datetime) -> str:
    d = tables.delivery
    with runtime.store.transaction() as session:
        gone = {"status": "sent", "sent_at": now, "next_at": None, "error": None}
        session.execute(update(d).where(d.c.id == claimed.id).values(gone))
    return "sent"


def _unsent(runtime: Runtime, claimed: Claimed, problem: str, again: datetime | None) -> str:
    """Put it off or give it up, unless another program has taken it over meanwhile or an operator has decided."""
    d = tables.delivery
    status = "waiting" if again else "failed"
    mine = (d.c.id == claimed.id, d.c.status == "sending", d.c.attempts == claimed.attempt)
    with runtime.store.transaction() as session:
        session.execute(update(d).where(*mine).values(status=status, next_at=again, error=problem))
    return status
