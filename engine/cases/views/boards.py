"""The village notice board: what hangs there today, in the whitelisted fields."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.cases.runtime import Step
from engine.store import tables


@dataclass(frozen=True)
class NoticeView:
    """One sheet."""

    number: str
    kind: str
    rows: tuple[tuple[str, str], ...]
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True)
class Board:
    """The board of one village or township."""

    unit_id: str
    unit_name: str
    notices: list[NoticeView]


def notices(this: Step, unit_id: str | None = None, most: int = 200) -> list[Board]:
    """What hangs now, by village; with `unit_id`, only there and below."""
    n, u = tables.notice, tables.unit
    query = (
        select(n, u.c.name.label("unit_name"))
        .join(u, u.c.id == n.c.unit_id)
        .where(n.c.removed_at.is_(None))
        .order_by(u.c.path, n.c.start_at.desc())
        .limit(most)
    )
    unit = this.runtime.units.find(unit_id)
    if unit:
        query = query.where(u.c.path.startswith(unit.path, autoescape=True))
    hung: dict[tuple[str, str], list[NoticeView]] = defaultdict(list)
    for row in this.session.execute(query).mappings():
        sheet = NoticeView(row["number"], row["kind"], tuple(row["fields"].items()), row["start_at"], row["end_at"])
        hung[row["unit_id"], row["unit_name"]].append(sheet)
    return [Board(key, name, sheets) for (key, name), sheets in hung.items()]
