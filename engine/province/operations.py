"""What a system administrator sees of the province and may do: no case data, only numbers and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from engine.cases.runtime import Step
from engine.delivery.errors import DeliveryNotFound, SettingsInvalid
from engine.delivery.operations import check_operator
from engine.province.link import open_link
from engine.province.messages import A, M

MOST = 100  # rows on the page
DOUBTFUL = {"conflict": "与采用的答复矛盾", "unknown": "不是本系统报送的"}


@dataclass(frozen=True)
class Unanswered:
    """A message that isn't taken or has no result yet."""

    id: int
    key: str
    kind: str
    status: str
    answered: str
    attempts: int
    error: str
    next_at: datetime | None


@dataclass(frozen=True)
class Doubt:
    """An answer that wasn't used and that people have to look at."""

    key: str
    kind: str
    status: str
    received_at: datetime


@dataclass(frozen=True)
class Page:
    """`problem`: what is wrong with the settings; `linked`: whether there are any."""

    problem: str
    linked: bool
    counts: Mapping[str, int]
    open: list[Unanswered]
    doubts: list[Doubt]


def page(this: Step) -> Page:
    """How the exchange with the province stands; `OperatorsOnly`."""
    check_operator(this)
    problem, linked = "", False
    try:
        linked = open_link(this.runtime.root) is not None
    except (SettingsInvalid, OSError) as error:
        problem = error.message if isinstance(error, SettingsInvalid) else f"文件无法读取：{error.filename}"
    found = this.session.execute(select(M.c.status, func.count()).group_by(M.c.status))
    counts: dict[str, int] = {status: count for status, count in found}  # noqa: C416
    return Page(problem, linked, counts, _open(this), _doubts(this))


def send_again(this: Step, message_id: int) -> None:
    """One more attempt, at once and under the same number; `DeliveryNotFound` when it doesn't wait any more."""
    check_operator(this)
    which = (M.c.id == message_id, M.c.status.in_(("failed", "waiting")))
    again = {"status": "waiting", "next_at": this.now, "attempts": 0}
    if this.session.execute(update(M).where(*which).values(again).returning(M.c.id)).first() is None:
        raise DeliveryNotFound


def _open(this: Step) -> list[Unanswered]:
    """Failed ones first, then waiting ones, then those without a result."""
    pending = M.c.status.in_(("failed", "waiting", "sending")) | M.c.inquire_at.is_not(None)
    query = select(M).where(pending).order_by(M.c.status, M.c.id.desc()).limit(MOST)
    return [
        Unanswered(
            *(row["id"], row["key"], row["kind"], row["status"], row["answered"] or "", row["attempts"]),
            *(row["error"] or "", row["next_at"] or row["inquire_at"]),
        )
        for row in this.session.execute(query).mappings()
    ]


def _doubts(this: Step) -> list[Doubt]:
    query = select(A).where(A.c.status.in_(DOUBTFUL)).order_by(A.c.id.desc()).limit(MOST)
    rows = this.session.execute(query).mappings()
    return [Doubt(row["key"], row["kind"], DOUBTFUL[row["status"]], row["received_at"]) for row in rows]
