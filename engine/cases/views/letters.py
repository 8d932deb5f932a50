"""Messages to the actor's posts: 催办 and notices, newest first, and which of them the actor has read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from engine.cases.errors import CaseNotFound
from engine.cases.runtime import Step
from engine.store import tables
from engine.store.tables import Instant

FRESH = timedelta(days=30)  # an older message counts as read: who takes over a post doesn't begin with thousands
MOST_COUNTED = 100


@dataclass(frozen=True)
class Letter:
    """One message."""

    id: int
    kind: str
    title: str
    text: str
    case_id: int | None
    case_number: str | None
    unit_name: str
    at: datetime
    unread: bool


@dataclass(frozen=True)
class Letters:
    """One page of messages; `kinds` are those there are, `unread` counts among all."""

    rows: list[Letter]
    total: int
    unread: int
    kinds: Sequence[str]
    page: int
    pages: int


def letters(this: Step, page: int = 1, size: int = 20, *, kind: str = "", only_unread: bool = False) -> Letters:
    """What was told to the actor or to a post of theirs, newest first; of one kind or only what is unread."""
    o, c = tables.outbox, tables.case
    mine = _mine(this)
    kinds = this.session.execute(select(o.c.kind).where(mine).distinct().order_by(o.c.kind)).scalars().all()
    unread = _unread(this)
    wanted = and_(mine, *([o.c.kind == kind] if kind else []), *([unread] if only_unread else []))
    total = int(this.session.execute(select(func.count()).select_from(o).where(wanted)).scalar_one())
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    query = (
        select(o, c.c.number, unread.label("unread"))
        .outerjoin(c, c.c.id == o.c.case_id)
        .where(wanted)
        .order_by(o.c.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    rows = []
    for row in this.session.execute(query).mappings():
        unit = this.runtime.units.find(row["to_unit"])
        rows.append(
            Letter(
                id=row["id"],
                kind=row["kind"],
                title=row["title"],
                text=row["text"],
                case_id=row["case_id"],
                case_number=row["number"],
                unit_name=unit.name if unit else "",
                at=row["created_at"],
                unread=bool(row["unread"]),
            )
        )
    return Letters(rows, total, unread_count(this), kinds, page, pages)


def unread_count(this: Step) -> int:
    """How many messages the actor hasn't read, MOST_COUNTED at most; one statement whose cost doesn't grow."""
    o = tables.outbox
    first = select(o.c.id).where(_mine(this), _unread(this)).limit(MOST_COUNTED).subquery()
    return int(this.session.execute(select(func.count()).select_from(first)).scalar_one())


def mark_read(this: Step, letter_id: int) -> int | None:
    """The actor has read this message; gives its case. `CaseNotFound` when it isn't the actor's."""
    o = tables.outbox
    query = select(o.c.case_id, _unread(this).label("unread")).where(o.c.id == letter_id, _mine(this))
    found = this.session.execute(query).one_or_none()
    if found is None:
        raise CaseNotFound
    if found.unread:
        _mark(this, o.c.id == letter_id)
    return int(found.case_id) if found.case_id else None


def mark_all_read(this: Step) -> None:
    """The actor has read whatever there is."""
    _mark(this, _mine(this))


def _mark(this: Step, which: ColumnElement[bool]) -> None:
    """Note the unread ones among `which`; a second click at the same time finds them noted."""
    o, r = tables.outbox, tables.message_read
    found = select(o.c.id, literal(this.actor.account_id), literal(this.now, Instant)).where(which, _unread(this))
    query = this.runtime.store.insert(r).from_select([r.c.outbox_id, r.c.account_id, r.c.at], found)
    this.session.execute(query.on_conflict_do_nothing())


def _mine(this: Step) -> ColumnElement[bool]:
    """Told to the account, or to one of its posts of today: a branch each, so that each finds its index."""
    o = tables.outbox
    held = {(post.unit_id, post.role) for post in this.actor.posts}
    posts = [and_(o.c.to_unit == unit_id, o.c.to_role == role) for unit_id, role in sorted(held)]
    return or_(o.c.to_account == this.actor.account_id, *posts)


def _unread(this: Step) -> ColumnElement[bool]:
    o, r = tables.outbox, tables.message_read
    read = select(r.c.outbox_id).where(r.c.outbox_id == o.c.id, r.c.account_id == this.actor.account_id)
    return and_(o.c.created_at > this.now - FRESH, ~read.exists())
