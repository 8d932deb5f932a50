"""The verbs: what people and the clock do to a case. Each is one step; none commits."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.bpmn.deployment import Deployment
from engine.bpmn.diagram import Node
from engine.bpmn.run import Live, Token
from engine.cases import about, access, earlier, filing, held, numbers, sealing, turns
from engine.cases.entries import Entries, options
from engine.cases.errors import (
    CaseNotFound,
    CaseSuspended,
    FormRejected,
    MessageNotWaited,
    NotYourTask,
    ProcedureNotOpen,
    StepConflict,
    TaskAlreadyClosed,
    TaskNotFound,
)
from engine.cases.facts import system_facts
from engine.cases.move import Move, places_at, told
from engine.cases.runtime import Runtime, Step
from engine.clock.days import day_of
from engine.people.actor import Actor
from engine.store import tables
from forms import submission
from forms.model import Form
from forms.submission import Context, Reading


def _task_and_case_query() -> Select[Any]:
    t, c = tables.task, tables.case
    columns = (
        t.c.status.label("task_status"),
        t.c.unit_id.label("task_unit"),
        t.c.role,
        t.c.place,
        t.c.assignee,
        t.c.claimed_at,
        t.c.closed_at.label("task_closed_at"),
        t.c.closed_by,
        t.c.created_on.label("task_created_on"),
        t.c.due_at.label("task_due_at"),
        *(column for column in c.c if column.name != "state"),
    )
    return select(*columns).join(c, c.c.id == t.c.case_id).where(t.c.id == bindparam("which_task"))


# made once: building a statement costs more than running it
TASK_AND_CASE = _task_and_case_query()
NEW_SUBMISSION = insert(tables.submission)


@dataclass(frozen=True)
class Done:
    """What a verb has done. `replayed`: the same submission had been taken before; nothing was done again."""

    case_id: int
    number: str
    follow_code: str
    replayed: bool = False
    opened: tuple[Mapping[str, Any], ...] = ()


@contextlib.contextmanager
def step(runtime: Runtime, actor: Actor, now: datetime, *, woken_at: datetime | None = None) -> Iterator[Step]:
    """One step: a transaction that commits once, after which the live case is kept for the next one."""
    with runtime.store.transaction() as session:
        this = Step(runtime, session, actor, now, woken_at)
        yield this
    this.committed()


def start(this: Step, procedure: str, entries: Entries, key: str, channel: str = "窗口") -> Done:
    """A new case from its start form; `FormRejected`, `ProcedureNotOpen`. S0-07, S0-08, S0-09."""
    turns.wait_for_key(this, key)
    if replayed := _replayed(this, key, None):
        return replayed
    deployment_id, deployment = this.runtime.current(this.session)
    process = deployment.processes.get(procedure)
    if process is None or not access.may_start(this.actor, process.starters):
        raise ProcedureNotOpen
    node = next(iter(process.begin("none")), None)
    if node is None:
        raise ProcedureNotOpen
    form = deployment.forms[node.form]
    reading, secret = sealing.split(form, _read(this, form, entries, {}, {}))
    other = about.find(this, process, form, reading)
    person = about.person(process, other, reading.values)
    if sealing.is_sealed(form):
        this.actor = sealing.unnamed(this.actor, channel)
        person |= sealing.person(process.name)
    places = filing.places(form, reading.values)
    if benefit := held.find(this, process, reading):
        person, places = held.person(this, benefit), {**held.places(benefit), **places}
    above = other["id"] if other else None
    row = open_case(this, procedure, deployment_id, places=places, channel=channel, person=person, parent_id=above)
    with told():
        live = Live.start(
            procedure, deployment.specs, first_facts(this, deployment, row, reading.values), this.now, begun_by=node.id
        )
    move = Move(this, row, deployment, live)
    _submit(move, node, form, reading, key, task_id=None)
    sealing.keep(move, secret)
    move.record("started", node.name or process.name, node_id=node.id, form_version=form.version)
    opened = move.settle()
    return Done(row["id"], row["number"], row["follow_code"], opened=tuple(opened))


def complete(this: Step, task_id: str, entries: Entries, key: str) -> Done:
    """Complete a user task with its form. `TaskNotFound`, `TaskAlreadyClosed`, `NotYourTask`, `FormRejected` …"""
    row = _task_and_case(this, task_id)
    if row["task_status"] != "open":
        if replayed := _replayed(this, key, task_id):
            return replayed
        raise TaskAlreadyClosed(_closer(this, row), row["task_closed_at"], row["task_due_at"])
    _check_may_do(this, row, task_id)
    move = open_move(this, row)
    token = move.before.get(task_id)
    if token is None:
        raise StepConflict
    _check_other_hands(this, move, token)
    form = move.deployment.forms[token.node.form]
    if earlier.asks_to_keep(entries):
        at = {"case_id": move.case["id"], "node_id": token.node.id, "instance": token.instance}
        entries = replace(entries, stored=earlier.files(earlier.values(this.session, form, at)))
    reading = _read(this, form, entries, token.facts, places_at(move.case, token))
    sealing.guard(this, move.case["id"], form, reading)
    _submit(move, token.node, form, reading, key, task_id=task_id, inside=token)
    move.completed, move.task = task_id, {"created_on": row["task_created_on"], "due_at": row["task_due_at"]}
    move.know()
    with told():
        move.live.complete(task_id, _wanted(move, reading))
    move.instance = token.instance
    move.record("completed", token.name, node_id=token.node.id, unit_id=row["task_unit"], form_version=form.version)
    move.instance = None
    opened = move.settle()
    return Done(move.case["id"], move.case["number"], move.case["follow_code"], opened=tuple(opened))


def send(this: Step, case_id: int, token_id: str, entries: Entries, key: str) -> Done:
    """Send a message that the case waits for (撤回, 死亡登记, 异议 …); `MessageNotWaited` when it doesn't any more."""
    row = lock_case(this, case_id)
    if replayed := _replayed(this, key, token_id):
        return replayed
    move = open_move(this, row)
    token = move.before.get(token_id)
    if token is None or token.kind != "message" or not token.allows():
        raise MessageNotWaited
    if not access.may_send(
        this.actor, token.node, move.case["number"], places_at(move.case, token), this.runtime.units
    ):
        raise CaseNotFound
    _fire_with_form(move, token, entries, key)
    opened = move.settle()
    return Done(move.case["id"], move.case["number"], move.case["follow_code"], opened=tuple(opened))


def wake(this: Step, deadline_id: str) -> bool:
    """A deadline's time has come: fire its timer. False when it no longer runs (met, moved, or fired elsewhere).

    `this.now` is the moment it was due: what follows is counted from there, however late the sweep came.
    """
    turns.wait_for_deadline(this, deadline_id)
    d, c = tables.deadline, tables.case
    due = (d.c.id == deadline_id, d.c.status == "running", d.c.due_at <= this.now)
    query = select(c).join_from(d, c, c.c.id == d.c.case_id).where(*due)
    found = this.session.execute(query).mappings().one_or_none()
    if found is None:
        return False
    move = open_move(this, {**found})
    token = move.before.get(deadline_id)
    if token is None:
        this.session.execute(
            update(d).where(d.c.id == deadline_id).values(status="cancelled", closed_at=this.now, next_act_at=None)
        )
        return False
    move.fired = token
    move.know()
    with told():
        move.live.fire(deadline_id)
    move.instance = token.instance
    move.record("fired", token.node.name or f"{token.node.event.text}到期", node_id=token.node.id)
    move.instance = None
    move.settle()
    return True


def retry(this: Step, incident_id: int, *, due_only: bool = False) -> bool:
    """Try a topic that failed once more; True when it has worked, False when it failed or nobody waits for it.

    With `due_only` it is tried only if its time has come and nobody else has tried it meanwhile.
    """
    i = tables.incident
    case_id = this.session.execute(select(i.c.case_id).where(i.c.id == incident_id)).scalar_one_or_none()
    if case_id is None:
        return False
    case = lock_case(this, case_id, seen=True)  # locked now: what is read from here on stays so
    found = this.session.execute(select(i.c.token_id, i.c.status, i.c.retry_at).where(i.c.id == incident_id)).one()
    if due_only and (found.status != "retrying" or found.retry_at is None or found.retry_at > this.now):
        return False
    move = open_move(this, case)
    if found.token_id not in move.before:
        this.session.execute(update(i).where(i.c.id == incident_id).values(status="resolved", retry_at=None))
        return False
    move.retrying = found.token_id
    move.know()
    move.settle()
    return found.token_id not in move.live.waiting()


def finish_work(this: Step, token_id: str, given: Mapping[str, Any]) -> bool:
    """An outside worker reports that its topic is done, with the facts it gives; False when nobody waits for it."""
    i = tables.incident
    found = this.session.execute(select(i.c.case_id).where(i.c.token_id == token_id)).one_or_none()
    if found is None:
        return False
    move = open_move(this, lock_case(this, found.case_id, seen=True))
    token = move.before.get(token_id)
    if token is None:
        return False
    move.know()
    with told():
        move.live.complete(token_id, dict(given))
    move.record("topic", token.node.name, node_id=token.node.id)
    move.settle()
    return True


def claim(this: Step, task_id: str) -> None:
    """Take a task of one's post; `NotYourTask` when a colleague has it."""
    row = _task_and_case(this, task_id)
    if row["task_status"] != "open":
        raise TaskAlreadyClosed(_closer(this, row), row["task_closed_at"], row["task_due_at"])
    _check_may_do(this, row, task_id, claiming=True)
    t = tables.task
    change = update(t).where(t.c.id == task_id).values(assignee=this.actor.account_id, claimed_at=this.now)
    this.session.execute(change)


def release(this: Step, task_id: str) -> None:
    """Give a claimed task back to the post; a task that the diagram gave to this person can't be given back."""
    row = _task_and_case(this, task_id)
    if row["assignee"] != this.actor.account_id or row["task_status"] != "open":
        raise TaskNotFound
    if row["claimed_at"] is None:
        raise NotYourTask("这项待办由流程指定由您办理，不能退回岗位")
    t = tables.task
    this.session.execute(update(t).where(t.c.id == task_id).values(assignee=None, claimed_at=None))


# --- steps of the verbs -------------------------------------------------------------------------------------------


def _task_and_case(this: Step, task_id: str) -> dict[str, Any]:
    turns.wait_for_task(this, task_id)
    found = this.session.execute(TASK_AND_CASE, {"which_task": task_id}).mappings().one_or_none()
    row = {**found} if found else None
    if row is None or not access.has_task_role(this.actor, row):
        raise TaskNotFound
    if not this.runtime.scope.may_open(this.actor, row["role"], row["assignee"]):
        raise TaskNotFound
    return row


def lock_case(this: Step, case_id: int, *, seen: bool = False) -> dict[str, Any]:
    """The row of a case, locked until the step's end; `CaseNotFound` when there is none that the actor sees.

    `seen`: whether the actor sees it needn't be asked.
    """
    c = tables.case
    found = this.session.execute(select(c).where(c.c.id == case_id).with_for_update()).mappings().one_or_none()
    if found is None:
        raise CaseNotFound
    row = {**found}
    if not seen and not access.sees_case(this.session, this.runtime.scope, this.actor, row):
        raise CaseNotFound
    return row


def _check_may_do(this: Step, row: Mapping[str, Any], task_id: str, *, claiming: bool = False) -> None:
    if row["assignee"] and row["assignee"] != this.actor.account_id:
        raise NotYourTask("这项待办已由同事领取，请由其办理，或请其退回岗位")
    if row["suspended_by"] and row["suspended_by"] != task_id and not claiming:
        t = tables.task
        name = this.session.execute(select(t.c.name).where(t.c.id == row["suspended_by"])).scalar_one_or_none()
        raise CaseSuspended(name or "")


def _check_other_hands(this: Step, move: Move, token: Token) -> None:
    """Whoever has had a hand in certain earlier steps of this case may not do this one (domain 2.3)."""
    with told():
        others = token.other_hands()
    if done := access.already_did(this.session, this.actor, move.case["id"], others):
        raise NotYourTask(f"您已办理过「{done}」，按规定这一步须由另一人办理")


def open_move(this: Step, row: Mapping[str, Any]) -> Move:
    """The case as a move: its live workflow from the box, or loaded."""
    case = {column.name: row[column.name] for column in tables.case.c if column.name in row}
    deployment = this.runtime.deployment(this.session, case["deployment_id"])
    live = this.runtime.live.take(case["id"], case["revision"])
    if live is None:
        state = case.get("state")
        if state is None:
            state = this.session.execute(select(tables.case.c.state).where(tables.case.c.id == case["id"])).scalar_one()
        live = Live.load(state, deployment.specs)
    case.pop("state", None)
    return Move(this, case, deployment, live, before=live.waiting(), stood=live.places())


def _read(this: Step, form: Form, entries: Entries, facts: Mapping[str, Any], places: Mapping[str, str]) -> Reading:
    context = Context(
        account_id=this.actor.account_id,
        name=this.actor.name,
        now=this.now,
        facts=facts,
        stored=entries.stored,
        options=options(form, this.session, this.runtime, places, this.now),
    )
    reading = submission.read(form, entries.fields, entries.uploads, context)
    if not reading.ok:
        raise FormRejected(reading)
    return reading


def open_case(
    this: Step,
    procedure: str,
    deployment_id: str,
    *,
    places: Mapping[str, str],
    channel: str,
    person: Mapping[str, Any],
    parent_id: int | None = None,
) -> dict[str, Any]:
    """A new case's row, numbered and without a state yet; `person` holds its columns about whom it is for."""
    row: dict[str, Any] = {
        "procedure": procedure,
        "deployment_id": deployment_id,
        "number": numbers.case_number(this, places, str(person.get("item") or "")),
        "follow_code": "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(8)),
        "revision": 0,
        "state": b"",
        "status": "open",
        "stage": "已提交",
        "outcome": None,
        "channel": channel,
        "places": dict(places),
        "suspended_by": None,
        "started_at": this.now,
        "started_on": day_of(this.now),
        "started_by": this.actor.account_id,
        "parent_id": parent_id,
        "history_count": 0,
        "history_head": "",
        **person,
        **filing.deciding_unit(places, this.runtime.units),
    }
    row["id"] = this.session.execute(insert(tables.case).values(row).returning(tables.case.c.id)).scalar_one()
    filing.write_units(this, row["id"], places)
    return row


def first_facts(
    this: Step, deployment: Deployment, row: Mapping[str, Any], values: Mapping[str, Any], parent: str = ""
) -> dict[str, Any]:
    """What a new case knows: of `values`, and of what the platform knows itself, all that its diagrams name."""
    wanted = deployment.wanted_facts(row["procedure"])
    known = {**system_facts(this.runtime, row, this.now), "上级编号": parent}
    return {name: value for name, value in {**values, **known}.items() if name in wanted}


def _wanted(move: Move, reading: Reading) -> dict[str, Any]:
    wanted = move.deployment.wanted_facts(move.case["procedure"])
    return {name: value for name, value in reading.values.items() if name in wanted}


def _submit(
    move: Move, node: Node, form: Form, reading: Reading, key: str, task_id: str | None, inside: Token | None = None
) -> None:
    """Keep the form as submitted; what it says of person and places goes to the case's row."""
    this, case = move.step, move.case
    row = {
        "key": key,
        "case_id": case["id"],
        "task_id": task_id,
        "instance": inside.instance if inside else None,
        "node_id": node.id,
        "name": inside.name if inside else node.name,
        "form_id": form.id,
        "form_version": form.version,
        "values": reading.values,
        "by": this.actor.account_id,
        "by_name": this.actor.name,
        "for_whom": this.actor.for_whom,
        "at": this.now,
    }
    try:
        this.session.execute(NEW_SUBMISSION, [row])
    except IntegrityError as error:  # the key was used for something else
        raise StepConflict from error
    filing.keep_files(move, form, reading)
    if task_id is not None:
        filing.learn_places(move, form, reading.values, inside.places if inside else ())


def _fire_with_form(move: Move, token: Token, entries: Entries, key: str) -> None:
    node = token.node
    facts: dict[str, Any] = {}
    version = None
    if form_id := node.properties.get("form"):
        form = move.deployment.forms[form_id]
        reading = _read(move.step, form, entries, token.facts, places_at(move.case, token))
        sealing.guard(move.step, move.case["id"], form, reading)
        _submit(move, node, form, reading, key, task_id=token.id, inside=token)
        facts, version = _wanted(move, reading), form.version
    move.know()
    move.fired = token
    with told():
        move.live.fire(token.id, facts)
    move.instance = token.instance
    move.record("message", node.name or node.event.text, node_id=node.id, form_version=version)
    move.instance = None


def _replayed(this: Step, key: str, task_id: str | None) -> Done | None:
    """What this actor's same form for the same task has done before."""
    s, c = tables.submission, tables.case
    same = (s.c.key == key, s.c.task_id == task_id, s.c.by == this.actor.account_id)
    query = select(c.c.id, c.c.number, c.c.follow_code).join(s, s.c.case_id == c.c.id).where(*same)
    row = this.session.execute(query).one_or_none()
    return Done(row.id, row.number, row.follow_code, replayed=True) if row else None


def _closer(this: Step, row: Mapping[str, Any]) -> str | None:
    if not row["closed_by"]:
        return None
    a = tables.account
    return this.session.execute(select(a.c.name).where(a.c.id == row["closed_by"])).scalar_one_or_none()
