"""Looking into a case for a reason that is kept: for those who supervise from above and see names masked (§2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import exists, select

from engine.cases import about, access
from engine.cases.errors import CaseNotFound, WordsWrong
from engine.cases.history import line
from engine.cases.runtime import Step
from engine.clock.days import SHANGHAI, day_of
from engine.store import tables

ACT = "looked"
LEAST, MOST = 4, 200  # characters of a reason


def needs_reason(this: Step, case: Mapping[str, Any]) -> bool:
    """Whether the actor sees this case only through roles that must say why (roles.toml `reason`), and hasn't today."""
    roles = this.runtime.scope.roles
    asked = [post for post in this.actor.posts if roles.get(post.role).reason]
    if this.actor.is_public or not asked:
        return False
    others = tuple(post for post in this.actor.posts if post not in asked)
    if others and access.sees_case(this.session, this.runtime.scope, replace(this.actor, posts=others), case):
        return False
    h = tables.history
    today = datetime.combine(day_of(this.now), time(), SHANGHAI)
    said = (h.c.case_id == case["id"], h.c.act == ACT, h.c.by == this.actor.account_id, h.c.at >= today)
    return not this.session.execute(select(exists().where(*said))).scalar_one()


def say_why(this: Step, case_id: int, reason: str) -> None:
    """Keep why the actor looks into the case, as a line of its history; good until the end of the day.

    `CaseNotFound` for a case out of sight, `WordsWrong` for a reason that is too short or too long.
    """
    c = tables.case
    columns = [column for column in c.c if column.name != "state"]
    row = this.session.execute(select(*columns).where(c.c.id == case_id)).mappings().one_or_none()
    if row is None or not access.sees_case(this.session, this.runtime.scope, this.actor, {**row}):
        raise CaseNotFound
    words = " ".join(reason.split())
    if not LEAST <= len(words) <= MOST:
        raise WordsWrong(f"请写明为什么查阅这件办件，{LEAST} 到 {MOST} 个字")
    about.write(this, case_id, line(this.actor, this.now, ACT, "查阅办件", details={"text": words}))
