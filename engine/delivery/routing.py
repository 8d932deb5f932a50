"""From the outbox to the queue: which message goes to which addresses by which channels. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from engine.cases.runtime import Runtime
from engine.clock.days import day_of
from engine.delivery.outlets import Outlets, mailbox, mobile
from engine.delivery.policy import ADDRESSES
from engine.people import posts
from engine.store import tables
from engine.store.database import Session

BATCH = 100


def route(runtime: Runtime, outlets: Outlets, now: datetime) -> int:
    """Put every new message into the queue, a batch a transaction; gives how many deliveries that makes.

    Two schedulers at once share the messages (PostgreSQL) or wait for each other (SQLite); a message is taken once.
    """
    made = 0
    while _is_new(runtime):
        with runtime.store.transaction() as session:
            messages, desk = _take(session, now), _Desk(session, outlets, now)
            rows = [row for message in messages for row in desk.rows({**message})]
            if rows:
                session.execute(insert(tables.delivery), rows)
        if not messages:  # another scheduler has them
            break
        made += len(rows)
    return made


def _is_new(runtime: Runtime) -> bool:
    """Looked for without a lock: mostly there is nothing."""
    o = tables.outbox
    with runtime.store.transaction(write=False) as session:
        return session.execute(select(o.c.id).where(o.c.sent_at.is_(None)).limit(1)).first() is not None


def _take(session: Session, now: datetime) -> Sequence[RowMapping]:
    """The oldest new messages, now marked as handed over, with what is known of their cases."""
    o, c = tables.outbox, tables.case
    query = (
        select(o, c.c.applicant_phone)
        .outerjoin(c, c.c.id == o.c.case_id)
        .where(o.c.sent_at.is_(None))
        .order_by(o.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=o)
    )
    found = session.execute(query).mappings().all()
    if found:
        session.execute(update(o).where(o.c.id.in_([row["id"] for row in found])).values(sent_at=now))
    return found


@dataclass
class _Desk:
    """Looks up addresses for one batch; each person is asked for once."""

    session: Session
    outlets: Outlets
    now: datetime
    _phones: dict[str, str | None] = field(default_factory=dict)

    def rows(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The deliveries of a message: none when it is stale or no rule sends it out."""
        to = "applicant" if message["to_applicant"] else "staff"
        rule = self.outlets.policy.rule(message["kind"], to)
        if rule is None or message["created_at"] < self.now - self.outlets.policy.stale_after:
            return
        for channel in rule.channels:
            kind = self.outlets.policy.ways[channel].address
            addresses = self._of_applicant(message, kind) if to == "applicant" else self._of_staff(message, kind)
            yield from (self._row(message, channel, address, kind) for address in dict.fromkeys(addresses))

    def _row(self, message: Mapping[str, Any], channel: str, address: str, kind: str) -> dict[str, Any]:
        """A waiting delivery; one without an address has failed at once, so that somebody sees it."""
        return {
            "outbox_id": message["id"],
            "channel": channel,
            "address": address,
            "key": key(message["key"], channel, address),
            "status": "waiting" if address else "failed",
            "attempts": 0,
            "next_at": self.now if address else None,
            "error": None if address else f"没有可用的{ADDRESSES[kind]}",
            "created_at": self.now,
        }

    def _of_applicant(self, message: Mapping[str, Any], kind: str) -> list[str]:
        return [(mobile(message["applicant_phone"]) or "") if kind == "phone" else ""]

    def _of_staff(self, message: Mapping[str, Any], kind: str) -> list[str]:
        """Of the account, or of all who hold the role at the unit today; those without an address have the page."""
        accounts = [message["to_account"]] if message["to_account"] else self._holders(message)
        if kind == "phone":
            return [phone for account in accounts if (phone := mobile(self._phone(account)))]
        owners = [*accounts, message["to_unit"]]
        return [address for owner in owners if (address := mailbox(self.outlets.mailboxes.get(owner)))]

    def _holders(self, message: Mapping[str, Any]) -> list[str]:
        if not (message["to_role"] and message["to_unit"]):
            return []
        return posts.holders(self.session, message["to_role"], message["to_unit"], day_of(self.now))

    def _phone(self, account_id: str) -> str | None:
        if account_id not in self._phones:
            a = tables.account
            query = select(a.c.phone).where(a.c.id == account_id, a.c.active)
            self._phones[account_id] = self.session.execute(query).scalar_one_or_none()
        return self._phones[account_id]


def key(message_key: str, channel: str, address: str) -> str:
    """What the receiver tells a repetition by: the same for the same message, channel and address, for ever."""
    return sha256(f"{message_key}|{channel}|{address}".encode()).hexdigest()[:40]
