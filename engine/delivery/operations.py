"""What a system administrator sees and may do: messages that didn't go out, failed work, programs that stand still.

An administrator sees no case data: numbers of cases, names of steps and reasons, never people or texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select, update

from engine import cases
from engine.cases import outages, relay, sweep
from engine.cases.outages import Entry, OutageRow
from engine.cases.runtime import Step
from engine.delivery.errors import DeliveryNotFound, OperatorsOnly, SettingsInvalid
from engine.delivery.heartbeat import NAME, SILENT_AFTER
from engine.delivery.letter import harmless
from engine.delivery.outlets import open_outlets
from engine.delivery.policy import read_policy
from engine.store import tables
from forms.mask import mask_phone

ROLE = "administrator"
MOST = 100  # rows of a kind on the page


@dataclass(frozen=True)
class Stopped:
    """A delivery that hasn't gone out; `repeatable` when it has an address that another attempt could reach."""

    id: int
    channel: str
    address: str
    case_number: str
    status: str
    attempts: int
    error: str
    next_at: datetime | None
    repeatable: bool


@dataclass(frozen=True)
class Incident:
    """Work of a case that failed or waits for a program outside."""

    id: int
    case_number: str
    name: str
    status: str
    attempts: int
    error: str
    retry_at: datetime | None


@dataclass(frozen=True)
class Unheard:
    """What one case asked of another, or the clock of a procedure, and couldn't be done yet."""

    id: int
    case_number: str
    name: str
    status: str
    attempts: int
    error: str
    next_at: datetime | None


@dataclass(frozen=True)
class Operations:
    """The page. `counts` are deliveries by channel and status; `problem` is what is wrong with the settings."""

    problem: str
    alive_at: datetime | None
    silent: bool
    counts: Mapping[str, Mapping[str, int]]
    stopped: list[Stopped]
    incidents: list[Incident]
    unheard: list[Unheard]
    stuck: list[str]
    outages: list[OutageRow]


def check_operator(this: Step) -> None:
    """`OperatorsOnly` unless the actor is a system administrator today."""
    if ROLE not in this.actor.roles:
        raise OperatorsOnly


def operations(this: Step) -> Operations:
    """Everything that needs an operator, at most MOST rows of a kind; `OperatorsOnly`."""
    check_operator(this)
    names, problem = _channel_names(this)
    h = tables.heartbeat
    alive_at = this.session.execute(select(h.c.at).where(h.c.name == NAME)).scalar_one_or_none()
    return Operations(
        problem=problem,
        alive_at=alive_at,
        silent=alive_at is None or this.now - alive_at > SILENT_AFTER,
        counts=_counts(this, names),
        stopped=_stopped(this, names),
        incidents=_incidents(this),
        unheard=_unheard(this),
        stuck=sweep.stuck(this.runtime)[:MOST],
        outages=outages.listing(this, MOST),
    )


def send_again(this: Step, delivery_id: int) -> None:
    """One more attempt, at once and with the same key; `DeliveryNotFound` when it isn't stopped any more."""
    d = tables.delivery
    _change(this, delivery_id, (d.c.status.in_(("failed", "waiting")), d.c.address != ""), "waiting", this.now)


def give_up(this: Step, delivery_id: int) -> None:
    """Don't send it any more; the message stays in the house. `DeliveryNotFound` when it has gone out meanwhile."""
    _change(this, delivery_id, (tables.delivery.c.status.in_(("failed", "waiting")),), "dropped", None)


def retry(this: Step, incident_id: int) -> bool:
    """Try failed work of a case once more; True when it has worked. `DeliveryNotFound` when nothing waits for it."""
    check_operator(this)
    i = tables.incident
    query = select(i.c.id).where(i.c.id == incident_id, i.c.status.in_(("failed", "retrying")))
    if this.session.execute(query).first() is None:
        raise DeliveryNotFound
    return cases.retry(this, incident_id)


def ask_again(this: Step, order_id: int) -> None:
    """Try an order between cases once more, after this step. `DeliveryNotFound` when it was done meanwhile."""
    check_operator(this)
    r = tables.relay
    which = (r.c.id == order_id, r.c.status.in_(("failed", "waiting")))
    change = update(r).where(*which).values(status="waiting", attempts=0, next_at=this.now)
    key = this.session.execute(change.returning(r.c.key)).scalar_one_or_none()
    if key is None:
        raise DeliveryNotFound
    this.later.append(partial(relay.carry_out, this.runtime, key, this.now))


def record_outage(this: Step, entry: Entry) -> int:
    """Write down that the system stood; gives the outage's id. `OutageRefused` says what is wrong."""
    check_operator(this)
    return outages.record(this, entry)


def withdraw_outage(this: Step, outage_id: int) -> None:
    """It was entered by mistake; `OutageNotFound` when it isn't in force."""
    check_operator(this)
    outages.withdraw(this, outage_id)


def _change(this: Step, delivery_id: int, which: tuple[Any, ...], status: str, next_at: datetime | None) -> None:
    check_operator(this)
    d = tables.delivery
    change = update(d).where(d.c.id == delivery_id, *which).values(status=status, next_at=next_at)
    if this.session.execute(change.returning(d.c.id)).first() is None:
        raise DeliveryNotFound


def _channel_names(this: Step) -> tuple[dict[str, str], str]:
    """Names of the channels, and what is wrong with the settings: then nothing goes out at all."""
    try:
        ways = read_policy(this.runtime.root).ways
        open_outlets(this.runtime.root)
    except (SettingsInvalid, OSError) as error:
        return {}, error.message if isinstance(error, SettingsInvalid) else f"文件无法读取：{error.filename}"
    return {way.id: way.name for way in ways.values()}, ""


def _counts(this: Step, names: Mapping[str, str]) -> dict[str, dict[str, int]]:
    d = tables.delivery
    found: dict[str, dict[str, int]] = {name: {} for name in names.values()}
    query = select(d.c.channel, d.c.status, func.count()).group_by(d.c.channel, d.c.status)
    for channel, status, count in this.session.execute(query):
        found.setdefault(names.get(channel, channel), {})[status] = count
    return found


def _stopped(this: Step, names: Mapping[str, str]) -> list[Stopped]:
    """Failed ones first, then those that have been tried at least once or are late."""
    d, o, c = tables.delivery, tables.outbox, tables.case
    query = (
        select(d, c.c.number)
        .join(o, o.c.id == d.c.outbox_id)
        .outerjoin(c, c.c.id == o.c.case_id)
        .where(d.c.status.in_(("failed", "waiting")))
        .order_by(d.c.status, d.c.id.desc())
        .limit(MOST)
    )
    return [
        Stopped(
            id=row["id"],
            channel=names.get(row["channel"], row["channel"]),
            address=_masked(row["address"]),
            case_number=row["number"] or "",
            status=row["status"],
            attempts=row["attempts"],
            error=row["error"] or "",
            next_at=row["next_at"],
            repeatable=bool(row["address"]),
        )
        for row in this.session.execute(query).mappings()
    ]


def _said(message: str) -> str:
    """What a topic said when it failed: its own Chinese words, else that it is our own fault, with the trace's."""
    words = harmless(message).partition(": ")[2]
    if any("\u4e00" <= sign <= "\u9fff" for sign in words):
        return words
    return f"系统内部出错（{harmless(message)}）" if message else ""


def _masked(address: str) -> str:
    name, at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if at else mask_phone(address)


def _incidents(this: Step) -> list[Incident]:
    i, c = tables.incident, tables.case
    query = (
        select(i, c.c.number)
        .join(c, c.c.id == i.c.case_id)
        .where(i.c.status != "resolved")
        .order_by(i.c.status, i.c.id.desc())
        .limit(MOST)
    )
    return [
        Incident(
            id=row["id"],
            case_number=row["number"],
            name=row["name"],
            status=row["status"],
            attempts=row["attempts"],
            error=_said(row["message"] or ""),
            retry_at=row["retry_at"],
        )
        for row in this.session.execute(query).mappings()
    ]


def _unheard(this: Step) -> list[Unheard]:
    r, c = tables.relay, tables.case
    query = (
        select(r, c.c.number)
        .join(c, c.c.id == r.c.from_id, isouter=True)
        .where(r.c.status != "done", r.c.attempts > 0)
        .order_by(r.c.status, r.c.id.desc())
        .limit(MOST)
    )
    return [
        Unheard(
            id=row["id"],
            case_number=row["number"] or "",
            name=row["from_name"],
            status=row["status"],
            attempts=row["attempts"],
            error=_said(row["error"] or ""),
            next_at=row["next_at"],
        )
        for row in this.session.execute(query).mappings()
    ]
