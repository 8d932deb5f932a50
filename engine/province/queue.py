"""Sends what waits for the province, outside any transaction, and asks for answers that don't come.

A message is never lost and its number never changes. A program that dies between sending and writing leaves the row in
`sending`; after LEASE another one sends it again under the same number, by which the province drops the repetition.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update

from engine.cases import about, verbs
from engine.cases.facts import resolve
from engine.cases.history import line
from engine.cases.runtime import Runtime, Step
from engine.delivery.errors import Permanent, Temporary
from engine.province import answers
from engine.province.answers import PROVINCE
from engine.province.errors import AnswerInvalid
from engine.province.link import Link
from engine.province.messages import ONLY_NOTED, M
from engine.store import tables

LEASE = timedelta(minutes=10)
AT_ONCE = 50  # numbers in one inquiry
AFTER_TROUBLE = timedelta(minutes=5)
OUR_FAULT = "报送时系统内部出错，详情见系统日志"
log = logging.getLogger("jiuzhu.province")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this program alone sends now."""

    id: int
    key: str
    attempt: int
    content: Mapping[str, Any]


def deliver(
    runtime: Runtime, link: Link, clock: Callable[[], datetime], going: Callable[[], bool] = lambda: True
) -> int:
    """Send all that is due; gives how many were taken. Ends early when `going` turns false."""
    taken = 0
    while going() and (claimed := claim(runtime, clock())):
        taken += _send(runtime, link, claimed, clock)
    return taken


def claim(runtime: Runtime, now: datetime) -> Claimed | None:
    """Take the message that has waited longest, for LEASE; None when there is none."""
    due = or_(*(and_(M.c.status == status, M.c.next_at <= now) for status in ("waiting", "sending")))
    query = select(M.c.id).where(due).order_by(M.c.next_at, M.c.id).limit(1)
    with runtime.store.transaction(write=False) as session:
        if session.execute(query).first() is None:  # looked for without a lock: mostly there is nothing
            return None
    with runtime.store.transaction() as session:
        which = session.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()
        if which is None:
            return None
        changes = {"status": "sending", "attempts": M.c.attempts + 1, "next_at": now + LEASE}
        session.execute(update(M).where(M.c.id == which).values(changes))
        row = session.execute(select(M).where(M.c.id == which)).mappings().one()
    content = {**row["content"], "version": row["version"], "digest": row["digest"]}
    return Claimed(row["id"], row["key"], row["attempts"], content)


def inquire(runtime: Runtime, link: Link, clock: Callable[[], datetime]) -> int:
    """Ask for the answers of messages that were taken and have none; gives how many answers were new."""
    now = clock()
    query = select(M.c.id, M.c.key, M.c.inquiries).where(M.c.status == "sent", M.c.inquire_at <= now)
    with runtime.store.transaction(write=False) as session:
        due = list(session.execute(query.order_by(M.c.inquire_at, M.c.id).limit(AT_ONCE)))
    if not due:
        return 0
    try:
        given = link.inquire([row.key for row in due], now)
    except (Temporary, Permanent) as problem:
        log.warning("the province can't be asked: %s", problem.message)
        _ask_later(runtime, {row.id: now + AFTER_TROUBLE for row in due}, problem.message)
        return 0
    fresh = sum(_take(runtime, each, clock()) for each in given)
    waits = link.inquiries
    _ask_later(runtime, {row.id: now + waits[min(row.inquiries, len(waits) - 1)] for row in due}, None)
    return fresh


def _take(runtime: Runtime, content: Mapping[str, Any], now: datetime) -> bool:
    try:
        return answers.receive(runtime, answers.read(content), "查询", now) != "repeated"
    except AnswerInvalid as problem:
        log.error("an answer of the province can't be used: %s", problem.message)
        return False


def _ask_later(runtime: Runtime, at: Mapping[int, datetime], error: str | None) -> None:
    """When to ask next for those that still have no final answer."""
    with runtime.store.transaction() as session:
        for which, moment in at.items():
            mine = (M.c.id == which, M.c.inquire_at.is_not(None))
            asked = {"inquire_at": moment, "error": error, "inquiries": M.c.inquiries + (0 if error else 1)}
            session.execute(update(M).where(*mine).values(asked))


def _send(runtime: Runtime, link: Link, claimed: Claimed, clock: Callable[[], datetime]) -> bool:
    try:
        link.report(claimed.key, claimed.content, clock())
    except Permanent as problem:
        return _unsent(runtime, claimed, problem.message, None, clock())
    except Temporary as problem:
        return _unsent(runtime, claimed, problem.message, _again(link, claimed, clock()), clock())
    except Exception:  # one message that can't be sent doesn't stop the others
        log.exception("message %s could not be sent", claimed.key)
        return _unsent(runtime, claimed, OUR_FAULT, _again(link, claimed, clock()), clock())
    now = clock()
    mine = (M.c.id == claimed.id, M.c.status == "sending", M.c.attempts == claimed.attempt)
    with runtime.store.transaction() as session:
        gone = {"status": "sent", "sent_at": now, "next_at": None, "error": None}
        session.execute(update(M).where(*mine).values(gone))
        open_ended = (M.c.answered.is_(None) | (M.c.answered == answers.TAKEN), M.c.kind.not_in(ONLY_NOTED))
        first = {"inquire_at": now + link.inquiries[0], "inquiries": 0}
        session.execute(update(M).where(M.c.id == claimed.id, *open_ended).values(first))
    return True


def _again(link: Link, claimed: Claimed, now: datetime) -> datetime | None:
    steps = link.backoff
    return now + steps[claimed.attempt - 1] if claimed.attempt <= len(steps) else None


def _unsent(runtime: Runtime, claimed: Claimed, problem: str, again: datetime | None, now: datetime) -> bool:
    """Put it off or give it up, and then say so to the county; unless the diagram has sent it off anew meanwhile."""
    status = "waiting" if again else "failed"
    mine = (M.c.id == claimed.id, M.c.status == "sending", M.c.attempts == claimed.attempt)
    with verbs.step(runtime, PROVINCE, now) as this:
        change = update(M).where(*mine).values(status=status, next_at=again, error=problem).returning(M.c.case_id)
        case_id = this.session.execute(change).scalar_one_or_none()
        if case_id is not None and again is None:
            _tell_county(this, case_id, claimed, problem)
    return False


def _tell_county(this: Step, case_id: int, claimed: Claimed, problem: str) -> None:
    c = tables.case
    columns = (c.c.number, c.c.places, c.c.applicant_name)
    case = this.session.execute(select(*columns).where(c.c.id == case_id)).mappings().one()
    text = (
        f"{claimed.content['kind']}没有报送成功（{claimed.key}）：{problem}。请与省级联系，恢复后由系统管理员重新报送。"
    )
    about.write(this, case_id, line(PROVINCE, this.now, "message", "没有报送成功", details={"text": text}))
    row = {
        "case_id": case_id,
        "key": f"{case_id}:province:{claimed.key}:failed:{this.now:%Y%m%d%H%M%S}",
        "to_role": "county_clerk",
        "to_unit": resolve(case["places"], "county", this.runtime.units),
        "to_account": None,
        "to_applicant": False,
        "kind": "通知",
        "title": "没有报送到省系统",
        "text": f"{case['applicant_name'] or ''}（{case['number']}）{text}",
        "created_at": this.now,
    }
    this.session.execute(this.runtime.store.insert(tables.outbox).values(row).on_conflict_do_nothing())
