"""What one case asks of others, and what the clock begins: written in the asking step, each carried out in its own."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select, update

from engine.bpmn.diagram import Node, Process
from engine.bpmn.named import split
from engine.bpmn.run import Live, Token
from engine.cases import about, verbs
from engine.cases.errors import CaseError
from engine.cases.history import line
from engine.cases.move import SYSTEM_ACTOR, Move, told
from engine.cases.runtime import Runtime, Step
from engine.clock.days import day_of
from engine.people.units import Unit
from engine.store import tables
from forms.plain import as_json, from_json

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))
BATCH = 200
log = logging.getLogger("jiuzhu.relay")


class OrderInvalid(CaseError):
    """What was asked can't be done: no such procedure or start event, or nobody waits for the message."""


def order(this: Step, key: str, kind: str, content: Mapping[str, Any], **columns: Any) -> None:
    """Write what is to be done and do it right after the commit; the same `key` is never done twice.

    `kind` is `begin` (columns `procedure`, `node_id`, perhaps `from_id`) or `tell` (`to_id`, `message`); `from_name`
    says who asks; `content` holds facts, places, person, and the forms of the asking case to be copied (`file`).
    With `may_be_missed` a message that nobody waits for any more is dropped.
    """
    row = {
        "key": key,
        "kind": kind,
        "from_id": None,
        "content": json.loads(json.dumps(content, default=as_json)),
        "at": this.now,
        "status": "waiting",
        "attempts": 0,
        "next_at": this.now,
        **columns,
    }
    fresh = this.runtime.store.insert(tables.relay).values(row).on_conflict_do_nothing()
    this.session.execute(fresh)
    this.later.append(partial(carry_out, this.runtime, key, this.woken_at or this.now))


def carry_out(runtime: Runtime, key: str, now: datetime) -> bool:
    """Do what was asked, as of the moment when it was; on a failure it waits for its next attempt. True when done."""
    r = tables.relay
    with runtime.store.transaction(write=False) as session:
        found = session.execute(select(r.c.at, r.c.status).where(r.c.key == key)).one_or_none()
    if found is None or found.status != "waiting":
        return False
    try:
        with verbs.step(runtime, SYSTEM_ACTOR, found.at, woken_at=now) as this:
            query = select(r).where(r.c.key == key, r.c.status == "waiting").with_for_update()
            row = this.session.execute(query).mappings().one_or_none()
            if row is None:
                return False
            case_id = (_begin if row["kind"] == "begin" else _tell)(this, {**row})
            done = {"status": "done", "to_id": case_id, "next_at": None, "error": None}
            this.session.execute(update(r).where(r.c.id == row["id"]).values(done))
        return True
    except Exception as problem:
        log.warning("%s could not be carried out: %s", key, problem)
        _put_off(runtime, key, problem)
        return False


def carry_out_due(runtime: Runtime, now: datetime) -> int:
    """Do what is left over from earlier attempts and from steps that were cut off; gives how many were done."""
    r = tables.relay
    query = select(r.c.key).where(r.c.status == "waiting", r.c.next_at <= now).order_by(r.c.next_at, r.c.id)
    with runtime.store.transaction(write=False) as session:
        keys = list(session.execute(query.limit(BATCH)).scalars())
    return sum(carry_out(runtime, key, now) for key in keys)


def _put_off(runtime: Runtime, key: str, problem: Exception) -> None:
    r = tables.relay
    with runtime.store.transaction() as session:
        tried = session.execute(select(r.c.attempts, r.c.at).where(r.c.key == key)).one()
        last = tried.attempts >= len(BACKOFF)
        session.execute(
            update(r)
            .where(r.c.key == key)
            .values(
                attempts=tried.attempts + 1,
                status="failed" if last else "waiting",
                next_at=None if last else tried.at + sum(BACKOFF[: tried.attempts + 1], timedelta()),
                error=(problem.message if isinstance(problem, CaseError) else f"{type(problem).__name__}: {problem}"),
            )
        )


# --- a case is begun ----------------------------------------------------------------------------------------------


def _begin(this: Step, asked: Mapping[str, Any]) -> int:
    deployment_id, deployment = this.runtime.current(this.session)
    process = deployment.processes.get(asked["procedure"])
    if process is None:
        raise OrderInvalid(f"没有编号为「{asked['procedure']}」的流程")
    node = _start_event(process, asked)
    content = _content(asked)
    parent = _parent(this, asked["from_id"])
    row = verbs.open_case(
        this,
        process.id,
        deployment_id,
        places=content["places"],
        channel=parent["channel"] if parent else "定时",
        person=_person(this, process, content, parent),
        parent_id=asked["from_id"],
    )
    facts = verbs.first_facts(this, deployment, row, content["facts"], parent["number"] if parent else "")
    with told():
        live = Live.start(process.id, deployment.specs, facts, this.now, begun_by=node.id)
    move = Move(this, row, deployment, live)
    if parent:
        copy_forms(this, parent["id"], row["id"], content.get("file", ()), node.id)
    by = {"from": parent["number"], "from_name": asked["from_name"]} if parent else {"from_name": asked["from_name"]}
    move.record("started", node.name or process.name, node_id=node.id, details=by)
    move.settle()
    return int(row["id"])


def _start_event(process: Process, asked: Mapping[str, Any]) -> Node:
    kind = "message" if asked["from_id"] is not None else "timer"
    found = [node for node in process.begin(kind) if asked["node_id"] in (None, "", node.id, node.event.text)]
    if len(found) != 1:
        what = {"message": "由其他办件发起的", "timer": "定时的"}[kind]
        raise OrderInvalid(f"流程「{process.name}」没有{what}开始事件「{asked['node_id'] or ''}」，或者不止一个")
    return found[0]


def _content(asked: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(asked["content"]), object_hook=from_json)
    return found


def _parent(this: Step, case_id: int | None) -> dict[str, Any] | None:
    if case_id is None:
        return None
    c = tables.case
    columns = (c.c.id, c.c.number, c.c.channel, c.c.applicant_name, c.c.applicant_id_no, c.c.applicant_phone)
    return {**this.session.execute(select(*columns).where(c.c.id == case_id)).mappings().one()}


def _person(
    this: Step, process: Process, content: Mapping[str, Any], parent: Mapping[str, Any] | None
) -> dict[str, Any]:
    facts = content["facts"]
    said = {
        "applicant_name": facts.get("applicantName"),
        "applicant_id_no": facts.get("idNo"),
        "applicant_phone": facts.get("phone"),
        "item": facts.get("itemId") or process.name,
    }
    if said["applicant_name"]:
        return said
    if parent:
        return {**said, **{name: parent[name] for name in said if name != "item"}}
    unit = this.runtime.units.find(next(iter(content["places"].values()), None))
    return {**said, "applicant_name": _titled(unit, this.now)}


def _titled(unit: Unit | None, now: datetime) -> str:
    day = day_of(now)
    return f"{unit.name if unit else ''} {day.year}年{day.month}月".strip()


def copy_forms(this: Step, from_id: int, to_id: int, forms: Sequence[str], start: str) -> None:
    """The newest submission of each of these forms, with its files, stands in the other case's file too.

    It counts as submitted at the node `start`; at a start event, who filled it in has handed in the application
    (different_from).
    """
    s, a = tables.submission, tables.attachment
    for form_id in forms:
        query = select(s).where(s.c.case_id == from_id, s.c.form_id == form_id).order_by(s.c.id.desc()).limit(1)
        found = this.session.execute(query).mappings().one_or_none()
        if found is None:
            continue
        copied = {**{name: value for name, value in found.items() if name != "id"}, "case_id": to_id}
        copied |= {"task_id": None, "instance": None, "node_id": start}
        this.session.execute(insert(s).values({**copied, "key": f"{to_id}:{form_id}:copied:{from_id}"}))
        files = this.session.execute(select(a).where(a.c.case_id == from_id, a.c.form_id == form_id)).mappings()
        if rows := [{**{n: v for n, v in row.items() if n != "id"}, "case_id": to_id} for row in files]:
            this.session.execute(insert(a), rows)


# --- a case is told -----------------------------------------------------------------------------------------------


def _tell(this: Step, asked: Mapping[str, Any]) -> int:
    """Fire what waits for the message. With a `note` in its content the case needn't wait for it: then the note alone
    goes into its history, and a case that has ended is left as it is."""
    case = verbs.lock_case(this, asked["to_id"], seen=True)
    note = str(asked["content"].get("note") or "")
    missed = bool(note) or asked["content"].get("may_be_missed", False)
    if case["status"] != "open":
        if missed:
            return int(case["id"])
        raise OrderInvalid(f"{case['number']} 已经办结，收不到「{asked['message']}」")
    move = verbs.open_move(this, case)
    facts = _content(asked)["facts"]
    token = next((t for t in move.before.values() if _hears(t, asked["message"], facts)), None)
    parent = _parent(this, asked["from_id"])
    by = {"from": parent["number"] if parent else "", "from_name": asked["from_name"]} | (
        {"text": note} if note else {}
    )
    if token is None and missed:
        if note:
            about.write(this, case["id"], line(this.actor, this.now, "message", asked["from_name"], details=by))
        return int(case["id"])
    if token is None:
        raise OrderInvalid(f"{case['number']} 现在没有等「{asked['message']}」")
    wanted = move.deployment.wanted_facts(case["procedure"])
    move.know()
    move.fired = token
    with told():
        move.live.fire(token.id, {name: value for name, value in facts.items() if name in wanted})
    move.record("message", token.node.name or asked["message"], node_id=token.node.id, details=by)
    move.settle()
    return int(case["id"])


def _hears(token: Token, message: str, facts: Mapping[str, Any]) -> bool:
    """Whether it waits for this message; where its property `same` names facts, for the one that says the same."""
    if token.kind != "message" or token.node.event.text != message or not token.allows():
        return False
    same = split(token.node.properties.get("same", ""))
    return all(token.facts.get(name) == facts.get(name) for name in same)
