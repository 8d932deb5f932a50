"""Work that changes hands: handed to a colleague of the same post, or back to the post when its holder is gone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, select, update

from engine.cases import access, acts
from engine.cases.about import write
from engine.cases.acts import Receiver
from engine.cases.errors import CaseNotFound, HandingRefused, StepConflict, TaskAlreadyClosed, TaskNotFound
from engine.cases.history import line
from engine.cases.runtime import Runtime, Step
from engine.cases.turns import wait_for_task
from engine.cases.verbs import lock_case, open_move, step
from engine.clock.days import day_of
from engine.people import accounts
from engine.people.actor import CLOCK, Actor
from engine.people.posts import post_valid, unit_valid
from engine.store import tables

log = logging.getLogger("jiuzhu.handover")
MOST_WORDS = 200


def hand_on(this: Step, task_id: str, to: str, why: str) -> str:
    """Hand an open task to the account `to`, who holds the same post today; gives the name of the one who has it now.

    One's own task, or one of a unit that a post with `assign` (roles.toml) stands over. Nothing else changes: form,
    date and light stay. `TaskNotFound`, `TaskAlreadyClosed`, `WordsWrong`, `HandingRefused` (a step that the diagram
    calls `personal`, such as a signature; somebody without the post; somebody who has had a hand in an earlier step).
    """
    said = acts.words(why, "移交原因", MOST_WORDS)
    wait_for_task(this, task_id)
    t = tables.task
    row = this.session.execute(select(t).where(t.c.id == task_id)).mappings().one_or_none()
    found = {**row} if row else None
    if found is None or not may_hand(this, found):
        raise TaskNotFound
    if found["status"] != "open":
        raise TaskAlreadyClosed(None, found["closed_at"], found["due_at"])
    move = open_move(this, _lock(this, found))
    receiver = _receiver(this, found, to)
    token = move.before.get(task_id)
    if token is None:
        raise StepConflict
    if token.node.properties.get("personal") == "true":
        raise HandingRefused(f"「{found['name']}」须由流程指定的人本人办理，不能移交")
    if done := access.already_did(this.session, receiver, found["case_id"], token.other_hands()):
        raise HandingRefused(f"{receiver.name}办理过这一件的「{done}」，按规定「{found['name']}」须由另一人办理")
    given = found["assignee"] and found["claimed_at"] is None  # by the diagram, and stays so
    change = {"assignee": to, "claimed_at": None if given else this.now}
    this.session.execute(update(t).where(t.c.id == task_id).values(**change))
    _tell(this, found, receiver, said)
    return receiver.name


def may_hand(this: Step, task: Mapping[str, Any]) -> bool:
    """Whether the actor may hand this task on: their own, or one that they stand over. Never the family's."""
    if task["place"] == "case" or not task["role"]:
        return False
    return task["assignee"] == this.actor.account_id or any(
        (task["unit_path"] or "").startswith(path) for path in assigned_paths(this)
    )


def _lock(this: Step, task: Mapping[str, Any]) -> dict[str, Any]:
    """The case of a task: of one's own, or one that exists for the actor (a report about oneself doesn't)."""
    try:
        return lock_case(this, task["case_id"], seen=task["assignee"] == this.actor.account_id)
    except CaseNotFound:
        raise TaskNotFound from None


def assigned_paths(this: Step) -> list[str]:
    """The paths of the units whose work the actor may share out."""
    roles = this.runtime.scope.roles
    return [post.unit_path for post in this.actor.posts if roles.get(post.role).assign]


def _receiver(this: Step, task: Mapping[str, Any], to: str) -> Actor:
    found = accounts.find(this.session, to, day_of(this.now))
    role = this.runtime.scope.roles.name(task["role"])
    if found is None or not found.holds(task["role"], task["unit_id"] or ""):
        unit = this.runtime.units.find(task["unit_id"])
        who = found.name if found else "所选的人"
        raise HandingRefused(f"{who}今天没有{unit.name if unit else ''}的“{role}”岗位，不能接手「{task['name']}」")
    if to == task["assignee"]:
        raise HandingRefused(f"「{task['name']}」已经在{found.name}手上")
    return found


def _tell(this: Step, task: Mapping[str, Any], receiver: Actor, why: str) -> None:
    """One line in the history; a message to who has it now, and to who had it if somebody else took it away."""
    before = task["assignee"]
    holder = accounts.name_of(this.session, before) if before else "本岗"
    text = f"「{task['name']}」由{holder}移交{receiver.name}：{why}"
    details = {"text": text, "to": receiver.account_id}
    entry = line(
        this.actor, this.now, "handed", task["name"], node_id=task["node_id"], unit_id=task["unit_id"], details=details
    )
    write(this, task["case_id"], entry)
    case = acts.lock_unseen(this, task["case_id"])
    told = [Receiver(receiver.account_id)]
    told += [Receiver(before)] if before and before != this.actor.account_id else []
    key = f"handed:{task['id']}:{this.now.isoformat()}"
    acts.send(this, case, key, "移交", f"移交：{task['name']}", f"{acts.named(case)}{text}（{this.actor.name}）", told)


def return_lost(runtime: Runtime, now: datetime) -> int:
    """Give every claimed task back to its post whose holder has no such post on the day of `now`; how many.

    Each in a transaction of its own, with a line in the case's history. What the diagram gave to a person stays theirs.
    """
    query = _lost(day_of(now))
    with runtime.store.transaction(write=False) as session:
        found = [row.id for row in session.execute(query)]
    return sum(_return(runtime, task_id, now) for task_id in found)


def _return(runtime: Runtime, task_id: str, now: datetime) -> bool:
    t = tables.task
    with step(runtime, CLOCK, now) as this:
        wait_for_task(this, task_id)
        row = this.session.execute(_lost(day_of(now)).where(t.c.id == task_id)).one_or_none()
        if row is None:
            return False
        this.session.execute(update(t).where(t.c.id == task_id).values(assignee=None, claimed_at=None))
        text = f"{row.holder}不再担任这个岗位，「{row.name}」退回岗位待签收"
        write(this, row.case_id, line(CLOCK, now, "returned", row.name, node_id=row.node_id, details={"text": text}))
    log.info("task %s went back to its post", task_id)
    return True


def _lost(today: date) -> Select[tuple[str, int, str, str, str]]:
    """Open tasks that somebody signed for who doesn't hold the post any more."""
    t, a, p, u = tables.task, tables.account, tables.post, tables.unit
    held = (
        exists()
        .where(p.c.account_id == t.c.assignee, p.c.role == t.c.role, p.c.unit_id == t.c.unit_id, post_valid(today))
        .where(u.c.id == p.c.unit_id, unit_valid(today))
    )
    return (
        select(t.c.id, t.c.case_id, t.c.node_id, t.c.name, a.c.name.label("holder"))
        .join(a, a.c.id == t.c.assignee)
        .where(t.c.status == "open", t.c.claimed_at.is_not(None), t.c.unit_id.is_not(None), ~held | ~a.c.active)
    )
