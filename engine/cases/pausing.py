"""When the clock of a case stands: a token at a node with `clock="pause"` stops the case's other running limits.

A pause is written with its own longest end at once, so that every due date is a date and nothing must wake to go on.
When it ends sooner, what it stopped is derived again with the real end (A-21, E-03).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from engine.bpmn.run import Token
from engine.cases import deadlines, ledgers
from engine.cases.facts import nearest_first
from engine.clock import deadline as clock
from engine.clock.days import day_of
from engine.clock.pause_kinds import PauseKind, PauseKinds, Terms, load_pause_kinds
from engine.clock.text import show_due_at
from engine.store import tables

if TYPE_CHECKING:
    from engine.cases.move import Move
    from engine.cases.runtime import Runtime

Row = dict[str, Any]
END = update(tables.pause).where(tables.pause.c.id == bindparam("which_pause"))


@dataclass
class Standing:
    """The pauses of a case in one step: those that stood, the ones that began and ended."""

    move: Move
    rows: list[Row] = field(default_factory=list)
    begun: list[Row] = field(default_factory=list)
    ended: list[Row] = field(default_factory=list)

    def lines_for(self, token_id: str, limit_id: str | None) -> list[dict[str, Any]]:
        """What the ledger of a timer says of the pauses that stand now and stop it."""
        return [line_of(row) for row in (*self.rows, *self.begun) if stops(self.move, row, token_id, limit_id)]


def kinds(runtime: Runtime) -> PauseKinds:
    """The kinds of pause that this office knows."""
    return load_pause_kinds(runtime.root / "processes" / "policy" / "pauses.toml")


def is_pausing(token: Token) -> bool:
    """Whether the diagram says that the clock stands while a token is here."""
    return token.node.properties.get("clock") == "pause"


def begin(move: Move, before: Mapping[str, Token], after: Mapping[str, Token]) -> Standing:
    """Which pauses stand after the step: begun where a token came to a pausing node, ended where one left."""
    found = Standing(move)
    if move.case.get("paused_by"):
        p = tables.pause
        query = select(p).where(p.c.case_id == move.case["id"], p.c.end_at.is_(None)).order_by(p.c.id)
        rows = [{**row} for row in move.step.session.execute(query).mappings()]
        found.rows = [row for row in rows if row["token_id"] in after]
        found.ended = [row for row in rows if row["token_id"] not in after]
    come = [token for key, token in after.items() if key not in before and is_pausing(token)]
    found.begun = [row for token in come if (row := _new_row(move, token)) is not None]
    return found


def settle(found: Standing, gone: Collection[str]) -> None:
    """Write what began and ended; derive the limits again that were running before this step."""
    move = found.move
    if not found.begun and not found.ended:
        return
    rows = ledgers.open_rows(move, gone)
    for row in found.ended:
        _end(move, row, rows)
    for row in found.begun:
        _begin(move, row, rows)
    standing = [*found.rows, *found.begun]
    last = max(standing, key=lambda row: row["until_at"], default=None)
    move.change(paused_by=last["kind"] if last else None, paused_until=last["until_at"] if last else None)


def stops(move: Move, row: Mapping[str, Any], token_id: str, limit_id: str | None) -> bool:
    """Whether a pause stops the limit of this timer: not the limits of what is itself being waited for."""
    kind = kinds(move.step.runtime).kinds.get(row["kind"])
    return kind is not None and kind.stops_limit(limit_id) and not move.live.belongs(token_id, row["token_id"])


def line_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A pause as a ledger keeps it."""
    end = row["end_at"] or row["until_at"]
    return {
        "begin": row["begin_at"].isoformat(),
        "end": end.isoformat(),
        "reason": row["kind"],
        "pause_id": row["token_id"],
    }


def _new_row(move: Move, token: Token) -> Row | None:
    case, step = move.case, move.step
    kind = kinds(step.runtime).kinds.get(token.node.properties.get("pause", ""))
    terms = _terms(move, kind) if kind else None
    if kind is None or terms is None or not terms.enabled:
        return None
    return {
        "case_id": case["id"],
        "kind": kind.id,
        "node_id": token.node.id,
        "process_id": token.node.process_id,
        "name": token.node.name or kind.name,
        "token_id": token.id,
        "basis": terms.basis,
        "limit_text": str(terms.limit),
        "begin_at": step.now,
        "until_at": _until(move, terms),
        "end_at": None,
        "nth": 1,
        "last_day": False,
        "unit_id": case["unit_id"],
        "unit_path": case["unit_path"],
        "procedure": case["procedure"],
        "by": step.actor.account_id,
        "by_name": step.actor.name,
    }


def _terms(move: Move, kind: PauseKind) -> Terms | None:
    places = nearest_first(move.step.runtime.units, move.case["unit_id"])
    return kinds(move.step.runtime).terms(kind.id, places, day_of(move.step.now))


def _until(move: Move, terms: Terms) -> datetime:
    region = deadlines.region(move.step.runtime, move.case["unit_id"])
    found = clock.derive(move.step.now, terms.limit, move.step.runtime.calendar(region)).due_at
    assert found is not None  # nothing pauses a pause
    return found


def _begin(move: Move, row: Row, rows: Sequence[Row]) -> None:
    p, session = tables.pause, move.step.session
    before = select(func.count()).where(p.c.case_id == row["case_id"], p.c.kind == row["kind"])
    stopped = [
        each
        for each in rows
        if ledgers.may_move(move, each) and each["due_at"] and stops(move, row, each["id"], each["limit_id"])
    ]
    today = day_of(move.step.now)
    row["nth"] = int(session.execute(before).scalar_one()) + 1
    row["last_day"] = any(day_of(each["due_at"]) == today for each in stopped)
    session.execute(insert(p), [row])
    ids = {each["id"] for each in stopped}
    moved = ledgers.change(move, rows, lambda each: _with_line(each, line_of(row)) if each["id"] in ids else None)
    text = "；".join(filter(None, (f"最迟至{show_due_at(row['until_at'])}，依据：{row['basis']}", ledgers.told(moved))))
    name = f"暂停计时：{row['kind']}（{row['name']}）"
    move.record("paused", name, node_id=row["node_id"], details={"text": text, "moved": ledgers.data(moved)})


def _end(move: Move, row: Row, rows: Sequence[Row]) -> None:
    """It ended by itself at its own limit, or now."""
    early = move.step.now < row["until_at"]
    row["end_at"] = move.step.now if early else row["until_at"]
    move.step.session.execute(END, {"which_pause": row["id"], "end_at": row["end_at"]})
    moved = ledgers.change(move, rows, lambda each: _ended(each, row)) if early else []
    name = f"恢复计时：{row['kind']}（{row['name']}）"
    details = {"text": ledgers.told(moved), "moved": ledgers.data(moved)}
    move.record("resumed", name, node_id=row["node_id"], details=details)


def _with_line(row: Row, line: Mapping[str, Any]) -> Mapping[str, Any]:
    stored = row["ledger"] or {}
    return {**stored, "pauses": [*stored.get("pauses", ()), line]}


def _ended(row: Row, pause: Row) -> Mapping[str, Any] | None:
    stored = row["ledger"] or {}
    if all(line.get("pause_id") != pause["token_id"] for line in stored.get("pauses", ())):
        return None
    lines = [line_of(pause) if line.get("pause_id") == pause["token_id"] else line for line in stored["pauses"]]
    return {**stored, "pauses": lines}
