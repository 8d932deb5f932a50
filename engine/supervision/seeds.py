"""Seeds are fixed before the draw: their checksum is published first, the seed itself when it has drawn (S2-46).

Who could choose the seed on the day could try seeds until the right households come out. A checksum that was published
before binds the draw to a seed that nobody has seen. A draw for which none was published says so.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.people.units import Unit
from engine.store.supervision import seed_commitment

if TYPE_CHECKING:
    from engine.store.database import Session

S = seed_commitment.c


@dataclass(frozen=True, slots=True)
class Seed:
    """What a draw is made with; without a commitment it was drawn by lot in the same moment."""

    text: str
    commitment_id: int | None = None
    digest: str = ""
    at: datetime | None = None

    @property
    def published(self) -> dict[str, Any]:
        """What the document of the draw says of it; empty when nothing was published before."""
        return {"commitment": {"digest": self.digest, "at": self.at.isoformat()}} if self.at else {}


def checksum(seed: str) -> str:
    """SHA-256 of the seed's text."""
    return hashlib.sha256(seed.encode()).hexdigest()


def commit(session: Session, unit: Unit, kind: str, period: str, now: datetime) -> str:
    """Fix a seed for the next draw of this kind and period, and give its checksum; one that waits is kept."""
    if waiting := _waiting(session, unit.id, kind, period):
        return waiting.digest
    seed = secrets.token_hex(16)
    row = {
        "unit_id": unit.id,
        "unit_path": unit.path,
        "kind": kind,
        "period": period,
        "seed": seed,
        "digest": checksum(seed),
        "at": now,
    }
    session.execute(insert(seed_commitment).values(row))
    return str(row["digest"])


def take(session: Session, unit_id: str, kind: str, period: str, now: datetime) -> Seed:
    """The seed that was fixed for this draw before this moment, else one by lot."""
    found = _waiting(session, unit_id, kind, period)
    return found if found and found.at and found.at < now else Seed(secrets.token_hex(16))


def used(session: Session, seed: Seed, draw_id: int) -> None:
    """The seed has drawn: from now on it is shown."""
    if seed.commitment_id is not None:
        session.execute(update(seed_commitment).where(S.id == seed.commitment_id).values(draw_id=draw_id))


def _waiting(session: Session, unit_id: str, kind: str, period: str) -> Seed | None:
    query = select(S.id, S.seed, S.digest, S.at).where(S.unit_id == unit_id, S.kind == kind, S.period == period)
    row = session.execute(query.where(S.draw_id.is_(None)).order_by(S.id).limit(1)).one_or_none()
    return Seed(row.seed, row.id, row.digest, row.at) if row else None
