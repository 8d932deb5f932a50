"""Waiting timer events as deadlines: a budget and a ledger as they are stored, and the dates derived from both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ScalarSelect, bindparam, false, func, select

from engine.bpmn.diagram import Node
from engine.bpmn.run import Token
from engine.cases import ladder, outages
from engine.cases.facts import nearest_first
from engine.clock import deadline as clock
from engine.clock.calendar import Calendar
from engine.clock.days import day_of, start_of
from engine.clock.deadline import Deadline
from engine.clock.ledger import COMMON, Extension, Ledger, Rules
from engine.clock.limits import Limit, parse_limit
from engine.clock.pauses import Pause
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.move import Move
    from engine.cases.runtime import Runtime

LIGHTS = ("due_at", "yellow_at", "red_at", "provisional")
DATES = (*LIGHTS, "earliest", "latest")  # what a task and a case show of a deadline


# --- the stored row and what is derived from it -------------------------------------------------------------------


def ledger_of(runtime: Runtime, row: Mapping[str, Any]) -> Ledger:
    """The ledger of a stored deadline: its start and limit, what stopped it and what prolonged it."""
    stored = row["ledger"] or {}
    return Ledger(
        row["started_at"],
        parse_limit(row["limit_text"]),
        tuple(_pause(each) for each in stored.get("pauses", ())),
        tuple(Extension(parse_limit(each["by"]), each["reason"]) for each in stored.get("extensions", ())),
        rules_of(runtime, row["limit_id"]),
    )


def project(runtime: Runtime, row: Mapping[str, Any], calendar: Calendar | None = None) -> dict[str, Any]:
    """The derived columns of a deadline under `calendar`, today's of the row's region if none is given."""
    found = derived(runtime, row, calendar)
    dates = {
        "due_at": found.due_at,
        "yellow_at": found.yellow_at,
        "red_at": found.red_at,
        "provisional": found.provisional,
        "earliest": found.earliest,
        "latest": found.latest,
        "calendar_version": found.calendar_version,
    }
    return {**dates, "next_act_at": next_act_at(runtime, {**row, **dates})}


def derived(runtime: Runtime, row: Mapping[str, Any], calendar: Calendar | None = None) -> Deadline:
    """The deadline that a stored row means, to be shown or explained."""
    return clock.project(ledger_of(runtime, row), calendar or calendar_of(runtime, row))


def ahead(runtime: Runtime, row: Mapping[str, Any]) -> Iterator[tuple[int, datetime]]:
    """The rungs of the ladder that a stored deadline still has before it, by number, and when each is due."""
    return ladder.ladders(runtime).ahead(row, ledger_of(runtime, row), calendar_of(runtime, row))


def next_act_at(runtime: Runtime, row: Mapping[str, Any]) -> datetime | None:
    """When the rung after `row["rung"]` is due, from the row's ledger and derived dates; None after the last one, or
    while nothing is due."""
    return next((moment for _number, moment in ahead(runtime, row)), None)


def calendar_of(runtime: Runtime, row: Mapping[str, Any]) -> Calendar:
    """The calendar that counts for a stored row."""
    return runtime.calendar(row["region"])


def rules_of(runtime: Runtime, limit_id: str | None) -> Rules:
    """How a limit of this id is counted."""
    found = runtime.register.rows.get(limit_id or "")
    return found.rules if found else COMMON


def _pause(stored: Mapping[str, Any]) -> Pause:
    end = stored.get("end")
    return Pause(
        datetime.fromisoformat(stored["begin"]), datetime.fromisoformat(end) if end else None, stored["reason"]
    )


# --- a new row ------------------------------------------------------------------------------------------------------


def row(move: Move, token: Token, pauses: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The deadline row of a timer that has begun to wait (民法典 §201: its first day is not counted).

    `pauses` are those that stand now and stop this limit, as the ledger keeps them.
    """
    node, case, runtime = token.node, move.case, move.step.runtime
    start = _moment(token.facts.get(node.properties.get("from", ""))) or move.step.now
    deciding = _deciding(case["places"])
    limit_id = node.properties.get("limit")
    bounded = _bounded(move, token)
    holder = move.unit(bounded.place, token) if bounded and bounded.place else None
    unit = runtime.units.find(holder or case["unit_id"])
    found = {
        "id": token.id,
        "case_id": case["id"],
        "node_id": node.id,
        "process_id": node.process_id,
        "name": _name(move, token, bounded),
        "task_id": token.attached_token,
        "attached_to": node.attached_to or None,
        "limit_id": limit_id,
        "limit_text": str(effective(runtime, deciding, node.event.text, limit_id, day_of(start))),
        "master": node.properties.get("clock") == "master",
        "interrupting": node.kind != "boundary" or node.interrupting,
        "started_at": start,
        "ledger": {"pauses": list(pauses), "extensions": []},
        "region": region(runtime, deciding),
        "unit_id": unit.id if unit else None,
        "unit_path": unit.path if unit else None,
        "procedure": case["procedure"],
        "rung": 0,
        "status": "running",
    }
    found["ledger"] = outages.at_birth(move.step, found, lambda each: project(runtime, each)["due_at"])
    return {**found, **project(runtime, found)}


def _moment(value: Any) -> datetime | None:
    """A moment, or the beginning of a day that somebody has written on a form; None for nothing."""
    if not value or isinstance(value, datetime):
        return value or None
    return start_of(value if isinstance(value, date) else date.fromisoformat(str(value)[:10]))


def _bounded(move: Move, token: Token) -> Node | None:
    """The user task that a timer bounds."""
    if token.attached_token is None:
        return None
    bodies = move.deployment.processes[token.node.process_id].every_process()
    return next((body.nodes[token.node.attached_to] for body in bodies if token.node.attached_to in body.nodes), None)


def _name(move: Move, token: Token, bounded: Node | None) -> str:
    """What the deadline is about: the task that it bounds, else its limit, else what the diagram calls the event."""
    node = token.node
    registered = move.step.runtime.register.rows.get(node.properties.get("limit", ""))
    if bounded is None:
        return registered.name if registered else node.name or node.event.text
    return replace(token, node=bounded).name


def derive(runtime: Runtime, places: Mapping[str, str], text: str, limit_id: str | None, start: datetime) -> Deadline:
    """The deadline of a limit that the diagram draws as `text`, counted from `start` at the case's deciding place."""
    deciding = _deciding(places)
    limit = effective(runtime, deciding, text, limit_id, day_of(start))
    calendar = runtime.calendar(region(runtime, deciding))
    return clock.derive(start, limit, calendar, rules=rules_of(runtime, limit_id))


def effective(runtime: Runtime, unit_id: str | None, text: str, limit_id: str | None, day: date) -> Limit:
    """The diagram's number unless the register overrides it for this place and day."""
    drawn = parse_limit(text)
    if limit_id is None or limit_id not in runtime.register.rows:
        return drawn
    found = runtime.register.limit_for(limit_id, drawn, nearest_first(runtime.units, unit_id), day)
    return found if isinstance(found, Limit) else drawn


def _deciding(places: Mapping[str, str]) -> str | None:
    return places.get("hukou_township") or places.get("application_township")


def region(runtime: Runtime, unit_id: str | None) -> str | None:
    """The region whose calendar counts at a unit."""
    return next((name for name in nearest_first(runtime.units, unit_id) if name.isdigit()), None)


# --- what tasks and the case show of them ---------------------------------------------------------------------------


def show_on_tasks(tasks: Iterable[dict[str, Any]], running: Iterable[Mapping[str, Any]]) -> None:
    """Copy onto each new task the dates of the first of the timers that bound it."""
    bounding: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in running:
        if each["task_id"] and each["due_at"]:
            bounding[each["task_id"]].append(each)
    for task in tasks:
        if found := bounding.get(task["id"]):
            first = min(found, key=lambda each: each["due_at"])
            task.update({key: first[key] for key in DATES})


def show_master(move: Move, running: Iterable[Mapping[str, Any]]) -> None:
    """Copy onto the case the dates of a master clock that begins or has moved."""
    for each in running:
        if each["master"]:
            move.change(late=None, **{key: each[key] for key in DATES})


def step_columns() -> dict[str, Any]:
    """What a case's row shows of its open steps: the first of their limits, read as the row is written.

    For an UPDATE of one case by a parameter `which_case`.
    """
    columns = {f"step_{name}": _first_step(name) for name in LIGHTS}
    return {**columns, "step_provisional": func.coalesce(columns["step_provisional"], false())}


def _first_step(name: str) -> ScalarSelect[Any]:
    d = tables.deadline
    mine = (d.c.case_id == bindparam("which_case"), ~d.c.master, d.c.status.in_(("running", "overdue")))
    return (
        select(d.c[name]).where(*mine, d.c.due_at.is_not(None)).order_by(d.c.due_at, d.c.id).limit(1).scalar_subquery()
    )
