"""The append-only history of a case, chained row to row so that a change or a gap shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.people.actor import Actor
from engine.store import tables
from forms.plain import as_json

if TYPE_CHECKING:
    from engine.store.database import Session


@dataclass
class Chain:
    """Where a case's history stands: number of rows and the hash of the last."""

    count: int = 0
    head: str = ""

    def add(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with its number and hash; the chain moves on."""
        self.count += 1
        row["seq"] = self.count
        row["hash"] = self.head = fingerprint(self.head, row)
        return row


def fingerprint(before: str, row: Mapping[str, Any]) -> str:
    """Hash of a row and of the hash before it (hex sha256), the same on every database."""
    content = {key: _plain(row[key]) for key in sorted(row) if key not in ("hash", "id", "case_id")}
    text = json.dumps([before, content], ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=as_json)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


def line(
    actor: Actor,
    at: datetime,
    act: str,
    name: str,
    *,
    node_id: str | None = None,
    unit_id: str | None = None,
    form_version: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One line: who did what for whom, where and when, from which form version."""
    plain = json.loads(json.dumps(details or {}, ensure_ascii=False, default=_text))
    return {
        "at": at,
        "act": act,
        "node_id": node_id,
        "name": name[:160],
        "by": actor.account_id,
        "by_name": actor.name,
        "for_whom": actor.for_whom,
        "unit_id": unit_id,
        "origin": actor.origin[:80] or None,
        "form_version": form_version,
        "details": plain,
    }


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@dataclass(frozen=True)
class Broken:
    """A case whose chain doesn't hold, and the first row where it shows."""

    case_number: str
    seq: int
    reason: str


def verify(session: Session) -> Iterator[Broken]:
    """Every case whose history was altered, cut in the middle or cut at its end."""
    case = tables.case
    for row in session.execute(select(case.c.id, case.c.number, case.c.history_count, case.c.history_head)):
        broken = _verify_one(session, row.id, row.number, row.history_count, row.history_head)
        if broken:
            yield broken


def _verify_one(session: Session, case_id: int, number: str, count: int, head: str) -> Broken | None:
    chain = Chain()
    query = select(tables.history).where(tables.history.c.case_id == case_id).order_by(tables.history.c.seq)
    for stored in session.execute(query).mappings():
        if stored["seq"] != chain.count + 1:
            return Broken(number, chain.count + 1, "缺少一行")
        row = {key: value for key, value in stored.items() if key not in ("id", "case_id", "hash", "seq")}
        if chain.add(row)["hash"] != stored["hash"]:
            return Broken(number, stored["seq"], "内容被改动")
    if (chain.count, chain.head) != (count, head):
        return Broken(number, chain.count + 1, "末尾缺少记录")
    return None
