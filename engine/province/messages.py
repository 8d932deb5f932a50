"""What is reported to the province: each version of a case's data once, however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import RowMapping, insert, select, update

from engine.store import province, tables

if TYPE_CHECKING:
    from engine.store.database import Session

M, A = province.province_message, province.province_answer

Kind = Literal["新增", "调档", "停发", "死亡", "撤回"]
SIGNS: Mapping[str, str] = {"新增": "N", "调档": "L", "停发": "S", "死亡": "D", "撤回": "R"}
ONLY_NOTED = ("死亡", "撤回")  # the province takes note of them; no diagram waits for its answer
FIRST_INQUIRY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Reported:
    """A message as it stands: its number, which version of the data it is, how many times it was sent off."""

    key: str
    version: int
    asked: int


def report(
    session: Session, case: Mapping[str, Any], kind: Kind, content: Mapping[str, Any], now: datetime
) -> Reported:
    """Put it into the queue. The same data under the same number again; changed data, or data sent back, a new version.

    The number is 业务编号, kind and version (domain 4.6): the province takes each number once.
    """
    last = newest(session, case["id"], kind)
    found = digest(content)
    if last is not None and last["digest"] == found and last["answered"] != "退回":
        again = {"status": "waiting", "next_at": now, "attempts": 0, "error": None, "asked": last["asked"] + 1}
        session.execute(update(M).where(M.c.id == last["id"]).values(again))
        return Reported(last["key"], last["version"], last["asked"] + 1)
    version = last["version"] + 1 if last is not None else 1
    row = {
        "key": f"{case['number']}-{SIGNS[kind]}{version}",
        "case_id": case["id"],
        "kind": kind,
        "version": version,
        "content": {**content},
        "digest": found,
        "status": "waiting",
        "asked": 1,
        "attempts": 0,
        "inquiries": 0,
        "next_at": now,
        "created_at": now,
    }
    session.execute(insert(M).values(row))
    return Reported(row["key"], version, 1)


def newest(session: Session, case_id: int, kind: str | None = None) -> RowMapping | None:
    """The newest message of a case, of one kind if it is named."""
    query = select(M).where(M.c.case_id == case_id).order_by(M.c.id.desc()).limit(1)
    if kind is not None:
        query = query.where(M.c.kind == kind)
    return session.execute(query).mappings().one_or_none()


def of_case(session: Session, case_id: int) -> list[RowMapping]:
    """All that was reported of a case, oldest first."""
    return list(session.execute(select(M).where(M.c.case_id == case_id).order_by(M.c.id)).mappings())


def answers_to(session: Session, message_ids: list[int]) -> list[RowMapping]:
    """What the province answered to these messages, oldest first."""
    query = select(A).where(A.c.message_id.in_(message_ids)).order_by(A.c.id)
    return list(session.execute(query).mappings())


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over the content, whatever the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def number_of(session: Session, case_id: int) -> str:
    """The 业务编号 of a case."""
    return str(session.execute(select(tables.case.c.number).where(tables.case.c.id == case_id)).scalar_one())
