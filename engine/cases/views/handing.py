"""Who has how much in hand, and one person's open tasks with the colleagues who could take them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, true, tuple_

from engine.cases.board.names import nodes
from engine.cases.errors import CaseNotFound
from engine.cases.handover import assigned_paths
from engine.cases.runtime import Step
from engine.cases.views.clocks import light_of
from engine.clock.days import day_of
from engine.people import accounts
from engine.people.posts import post_valid, unit_valid
from engine.store import tables

A, C, P, T, U = tables.account, tables.case, tables.post, tables.task, tables.unit
MOST_SHOWN = 500  # open tasks of one person on one page


@dataclass(frozen=True)
class Person:
    """Somebody with a post below the actor's, or with work of theirs in hand; `posts` as they are called."""

    account_id: str
    name: str
    posts: Sequence[str]
    in_hand: int
    late: int


@dataclass(frozen=True)
class Piece:
    """One open task that may be handed on, and the ids of those who hold its post too."""

    task_id: str
    name: str
    case_number: str
    applicant_name: str
    unit_name: str
    role_name: str
    due_at: datetime | None
    light: str | None
    provisional: bool
    personal: bool
    to: Sequence[str]


@dataclass(frozen=True)
class InHand:
    """One person's open tasks, the most urgent first, and the colleagues by id with name and posts."""

    account_id: str
    name: str
    pieces: Sequence[Piece]
    colleagues: Mapping[str, str]


def people(this: Step) -> Sequence[Person]:
    """Everybody whose work the actor may share out (roles.toml `assign`), else the actor alone. Two statements."""
    today = day_of(this.now)
    query = (
        select(A.c.id, A.c.name, P.c.role, U.c.name.label("unit_name"))
        .join_from(P, A, A.c.id == P.c.account_id)
        .join(U, U.c.id == P.c.unit_id)
        .where(post_valid(today), unit_valid(today), A.c.active, or_(_below(this, U.c.path), _mine(this, A.c.id)))
        .order_by(U.c.path, P.c.role, A.c.id)
    )
    names, posts = {}, defaultdict(list)
    for row in this.session.execute(query):
        names[row.id] = row.name
        posts[row.id].append(f"{row.unit_name}{this.runtime.scope.roles.name(row.role)}")
    late = func.count(case((T.c.red_at < this.now, 1)))
    counts = select(T.c.assignee, A.c.name, func.count(), late).join(A, A.c.id == T.c.assignee).where(_may_hand(this))
    held = {}
    for account_id, name, number, overdue in this.session.execute(counts.group_by(T.c.assignee, A.c.name)):
        held[account_id] = (number, overdue)
        names.setdefault(account_id, name)
    found = [Person(each, names[each], posts[each], *held.get(each, (0, 0))) for each in names]
    return sorted(found, key=lambda each: (each.account_id != this.actor.account_id, not each.in_hand))


def in_hand(this: Step, account_id: str) -> InHand:
    """What one person has in hand; `CaseNotFound` for somebody whose work the actor may not share out."""
    if all(each.account_id != account_id for each in people(this)):
        raise CaseNotFound
    query = (
        select(T).where(T.c.assignee == account_id, _may_hand(this)).order_by(T.c.due_at.is_(None), T.c.due_at, T.c.id)
    )
    rows = [{**row} for row in this.session.execute(query.limit(MOST_SHOWN)).mappings()]
    holders = _holders(this, {_post(row) for row in rows}, account_id)
    names = {each: name for found in holders.values() for each, name in found}
    own = _personal(this, {row["process_id"] for row in rows})
    pieces = [
        _piece(this, row, (row["process_id"], row["node_id"]) in own, [each for each, _ in holders[_post(row)]])
        for row in rows
    ]
    return InHand(account_id, accounts.name_of(this.session, account_id), pieces, names)


def _post(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["role"], row["unit_id"]


def _personal(this: Step, processes: Iterable[str]) -> set[tuple[str, str]]:
    """Steps that only the person named by the diagram may do, as (process id, node id), by the newest diagrams."""
    deployment = this.runtime.current(this.session)[1]
    every = ((each, node) for each in processes for node in nodes(deployment, each))
    return {(each, node.id) for each, node in every if node.properties.get("personal") == "true"}


def _piece(this: Step, row: Mapping[str, Any], personal: bool, to: Sequence[str]) -> Piece:
    unit = this.runtime.units.find(row["unit_id"])
    return Piece(
        row["id"],
        row["name"],
        row["case_number"],
        row["applicant_name"] or "",
        unit.name if unit else "",
        this.runtime.scope.roles.name(row["role"]),
        row["due_at"],
        light_of(row, this.now),
        bool(row["provisional"]),
        personal,
        () if personal else to,
    )


def _holders(
    this: Step, wanted: Iterable[tuple[str, str]], but: str
) -> Mapping[tuple[str, str], Sequence[tuple[str, str]]]:
    """Who else holds these posts today, as (account id, name)."""
    today, found = day_of(this.now), defaultdict(list)
    query = (
        select(A.c.id, A.c.name, P.c.role, P.c.unit_id)
        .join_from(P, A, A.c.id == P.c.account_id)
        .where(tuple_(P.c.role, P.c.unit_id).in_(sorted(wanted)), post_valid(today), A.c.active, A.c.id != but)
        .order_by(A.c.id)
    )
    for row in this.session.execute(query):
        found[row.role, row.unit_id].append((row.id, row.name))
    return found


def _may_hand(this: Step) -> ColumnElement[bool]:
    """Open tasks of an office's that the actor may hand on, as `handover.may_hand` says of one."""
    seen = T.c.case_id.in_(select(C.c.id).where(this.runtime.scope.visible_cases(this.actor)))
    ours = or_(_below(this, T.c.unit_path) & seen, _mine(this, T.c.assignee))
    return (T.c.status == "open") & T.c.assignee.is_not(None) & T.c.role.is_not(None) & (T.c.place != "case") & ours


def _below(this: Step, path: Any) -> ColumnElement[bool]:
    return or_(~true(), *(path.startswith(each, autoescape=True) for each in assigned_paths(this)))


def _mine(this: Step, account_id: Any) -> ColumnElement[bool]:
    return account_id == this.actor.account_id  # type: ignore[no-any-return]
