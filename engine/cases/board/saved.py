"""Named views: the filters of a page of the board kept under a name, for oneself or for everybody at one's unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from engine.cases.board.errors import NotOnBoard, ViewRejected
from engine.cases.board.filters import Filters
from engine.cases.board.sight import sight
from engine.cases.runtime import Step
from engine.people.units import Unit
from engine.store import tables

BOARD = "board"  # what the column `page` says of these views; other lists may keep theirs beside them
PAGE = re.compile(r"[a-z]{0,20}")
LONGEST_NAME = 60
MOST_VIEWS = 50


@dataclass(frozen=True)
class View:
    """A kept view: `page` is the page of the board ("" the first one), `shared_with` the name of the unit that sees it
    too, `mine` whether the actor may rename and delete it."""

    id: int
    name: str
    page: str
    filters: Filters
    owner_name: str
    shared_with: str
    mine: bool


def views(this: Step) -> Sequence[View]:
    """The actor's own views and those shared with their units, by name; one statement."""
    v, a = tables.view, tables.account
    query = select(v, a.c.name.label("owner_name")).join(a, a.c.id == v.c.owner).where(_seen(this))
    return [_view(this, row) for row in this.session.execute(query.order_by(v.c.name, v.c.id)).mappings()]


def view(this: Step, view_id: int) -> View:
    """One of them; `NotOnBoard` for one of somebody else's."""
    v, a = tables.view, tables.account
    query = select(v, a.c.name.label("owner_name")).join(a, a.c.id == v.c.owner)
    found = this.session.execute(query.where(v.c.id == view_id, _seen(this))).mappings().one_or_none()
    if found is None:
        raise NotOnBoard
    return _view(this, found)


def own_units(this: Step) -> Sequence[Unit]:
    """The units of the actor's posts: whom a view can be shared with."""
    found = [this.runtime.units.find(unit_id) for unit_id in dict.fromkeys(post.unit_id for post in this.actor.posts)]
    return [unit for unit in found if unit is not None]


def keep(this: Step, name: str, page: str, filters: Filters, unit_id: str = "") -> int:
    """Keep the filters of a page under a name, shared with one's unit if one is given; gives the view's id.

    `ViewRejected` for a name that is empty, too long or taken, and for a unit that isn't one's own; `NotOnBoard` for
    filters outside of one's sight.
    """
    sight(this).top(filters)
    if not PAGE.fullmatch(page):
        raise ViewRejected("这一页不能存为视图，请从看板的页面上保存")
    if unit_id and unit_id not in {unit.id for unit in own_units(this)}:
        raise ViewRejected("视图只能共享给您自己所在的单位")
    v = tables.view
    kept = select(func.count()).where(v.c.owner == this.actor.account_id, v.c.page == BOARD)
    if this.session.execute(kept).scalar_one() >= MOST_VIEWS:
        raise ViewRejected(f"每人最多保存 {MOST_VIEWS} 个视图，请先删去不用的")
    row = {
        "page": BOARD,
        "name": _free_name(this, name),
        "owner": this.actor.account_id,
        "unit_id": unit_id or None,
        "query": {"page": page, "filters": filters.query()},
        "created_at": this.now,
    }
    return int(this.session.execute(insert(v).values(row).returning(v.c.id)).scalar_one())


def rename(this: Step, view_id: int, name: str) -> None:
    """Give one's own view another name; `NotOnBoard`, `ViewRejected`."""
    _own(this, view_id)
    v = tables.view
    free = _free_name(this, name, but=view_id)
    this.session.execute(update(v).where(v.c.id == view_id).values(name=free))


def drop(this: Step, view_id: int) -> None:
    """Delete one's own view; `NotOnBoard`."""
    _own(this, view_id)
    this.session.execute(delete(tables.view).where(tables.view.c.id == view_id))


def _own(this: Step, view_id: int) -> None:
    if not view(this, view_id).mine:
        raise ViewRejected("别人共享的视图只有本人能改名或者删除")


def _free_name(this: Step, name: str, but: int = 0) -> str:
    """The name without blanks around it, if the actor has no other view of that name."""
    name = " ".join(name.split())
    if not name:
        raise ViewRejected("请给视图起一个名称")
    if len(name) > LONGEST_NAME:
        raise ViewRejected(f"视图名称最多 {LONGEST_NAME} 个字，现在是 {len(name)} 个字")
    v = tables.view
    same = and_(v.c.owner == this.actor.account_id, v.c.page == BOARD, v.c.name == name, v.c.id != but)
    if this.session.execute(select(v.c.id).where(same)).first():
        raise ViewRejected(f"您已经有一个叫“{name}”的视图，请换一个名称")
    return name


def _seen(this: Step) -> ColumnElement[bool]:
    v, units = tables.view, {post.unit_id for post in this.actor.posts}
    sight(this)
    return and_(v.c.page == BOARD, or_(v.c.owner == this.actor.account_id, v.c.unit_id.in_(sorted(units))))


def _view(this: Step, row: Mapping[Any, Any]) -> View:
    unit, kept = this.runtime.units.find(row["unit_id"]), row["query"]
    return View(
        id=row["id"],
        name=row["name"],
        page=kept["page"],
        filters=Filters.read(kept["filters"]),
        owner_name=row["owner_name"],
        shared_with=unit.name if unit else "",
        mine=row["owner"] == this.actor.account_id,
    )
