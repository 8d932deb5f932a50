"""Hides which cases an actor may see and what of them: roles and sights read once, asked by every page (domain 2.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true, tuple_

from engine.people import sight
from engine.people.actor import PUBLIC_PREFIX, Actor, Post
from engine.people.roles import Roles, read_roles
from engine.people.sight import Confidential, FormSight, RoleSight
from engine.store.tables import case, case_unit, task, unit

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an actor sees: exact units, everything below some paths, and tasks of (role, unit id)."""

    units: frozenset[str]
    paths: frozenset[str]
    tasks: frozenset[tuple[str, str]]
    alone: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.paths or self.tasks or self.alone)


@dataclass(frozen=True, slots=True)
class Scope:
    """The two tables of policy/ that say who sees what."""

    roles: Roles
    sights: Mapping[str, RoleSight]
    confidential: Confidential = field(default_factory=Confidential)

    def roles_of(self, actor: Actor) -> frozenset[str]:
        """The actor's roles; a citizen is the applicant, or the agent when acting for somebody."""
        if actor.is_public:
            return frozenset({"agent" if actor.for_whom else "applicant"})
        return actor.roles

    def acting_roles(self, actor: Actor) -> frozenset[str]:
        """Those roles that do something; audit and supervision from above only read."""
        return frozenset(role for role in self.roles_of(actor) if not self.roles.get(role).read_only)

    def reach(self, actor: Actor) -> Reach:
        """Where the actor's posts of today let it look; empty for an administrator or an account without posts."""
        posts = [(self.roles.get(post.role).rows, post) for post in actor.posts]
        return Reach(
            units=frozenset(post.unit_id for rows, post in posts if rows == "unit"),
            paths=frozenset(_path(rows, post) for rows, post in posts if rows in ("subtree", "area")),
            tasks=frozenset(
                (post.role, post.unit_id)
                for rows, post in posts
                if rows == "tasks" and not self.roles.get(post.role).alone
            ),
            alone=any(self.roles.get(post.role).alone for post in actor.posts),
        )

    def may_open(self, actor: Actor, role: str | None, assignee: str | None) -> bool:
        """Whether a task of the actor's own post may be opened: a role that works alone opens only its own."""
        return not role or not self.roles.get(role).alone or assignee == actor.account_id

    def visible_cases(self, actor: Actor) -> ColumnElement[bool]:
        """Condition on the table `case`: the cases that exist for this actor; all others are not found."""
        if actor.is_public:
            return case.c.number == actor.account_id.removeprefix(PUBLIC_PREFIX)
        reach, mine = self.reach(actor), _has_task(self._own(actor))
        if reach.is_empty:
            return false()
        if not self.confidential.procedures:
            return or_(mine, *self._conditions(reach, actor.day))
        kept = case.c.procedure.in_(sorted(self.confidential.procedures))
        return or_(
            and_(~kept, or_(false(), *self._conditions(reach, actor.day))),
            mine,
            and_(kept, or_(false(), *self._let_in(actor))),
        )

    def _let_in(self, actor: Actor) -> Iterable[ColumnElement[bool]]:
        """To a confidential case: who has an open task of it or did one, and its roles at the unit that handles it."""
        if held := [(post.role, post.unit_id) for post in actor.posts]:
            yield _has_task(and_(tuple_(task.c.role, task.c.unit_id).in_(held), task.c.status == "open"))
            yield _has_task(task.c.closed_by == actor.account_id)
        for post in actor.posts:
            if post.role in self.confidential.roles:
                taken = case.c.procedure.in_(sorted(self.confidential.taken))
                yield and_(taken, case.c.unit_path.startswith(post.unit_path, autoescape=True))

    def _conditions(self, reach: Reach, today: date | None) -> Iterable[ColumnElement[bool]]:
        if reach.units:
            yield _takes_part(case_unit.c.unit_id.in_(sorted(reach.units)))
        if reach.paths:
            below = or_(*(unit.c.path.startswith(path, autoescape=True) for path in sorted(reach.paths)))
            yield _takes_part(case_unit.c.unit_id.in_(select(unit.c.id).where(below)))
        for role, unit_id in sorted(reach.tasks):
            lapses = self.roles.get(role).lapses
            yield _has_task(and_(task.c.role == role, task.c.unit_id == unit_id, _lately(lapses, today)))

    def _own(self, actor: Actor) -> ColumnElement[bool]:
        """What the actor did themselves, as long as the role it was done in lets it be seen."""
        lapsing = {role.id: role.lapses for role in self.roles if role.lapses is not None}
        kept = or_(task.c.role.is_(None), task.c.role.not_in(sorted(lapsing)))
        late = (and_(task.c.role == role, _lately(days, actor.day)) for role, days in sorted(lapsing.items()))
        return and_(task.c.assignee == actor.account_id, or_(kept, *late))

    def visible_fields(self, roles: Iterable[str], form_id: str, *, handler: bool = False) -> FormSight:
        """What the holder of `roles` sees of a form; `handler` when the task it is shown at is that person's own."""
        if form_id in self.confidential.forms and not self.confidential.roles & frozenset(roles):
            return FormSight(())
        return sight.visible_fields(self.sights, roles, form_id, handler=handler)


def read_scope(policy: Path) -> Scope:
    """Read roles.toml and visibility.toml of processes/policy; raises `PlacesInvalid`."""
    roles = read_roles(policy / "roles.toml")
    visibility = policy / "visibility.toml"
    return Scope(roles, sight.read_sights(visibility, roles), sight.read_confidential(visibility, roles))


def _path(rows: str, post: Post) -> str:
    if rows == "subtree":
        return post.unit_path
    above = post.unit_path.rstrip("/").rpartition("/")[0]
    return f"{above}/" if above else post.unit_path


def _lately(lapses: int | None, today: date | None) -> ColumnElement[bool]:
    """The task is open, or was done at most so many days ago."""
    if lapses is None or today is None:
        return true()
    return or_(task.c.status == "open", task.c.closed_on >= today - lapses * ONE_DAY)


def _takes_part(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(case_unit.c.case_id == case.c.id, which)


def _has_task(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(task.c.case_id == case.c.id, which)
