"""Work for the board to count, put straight into the tables: rows in which only what the board reads is true."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert

from engine.cases import Runtime
from engine.clock.days import day_of
from engine.store import tables

TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)  # 16:00 in Chizhou; dates beyond December are still provisional
_numbers = itertools.count(1000)


def put_case(runtime: Runtime, unit_id: str = "zhen", **columns: Any) -> int:
    """A case of that unit, open unless `columns` say otherwise."""
    number, unit = next(_numbers), runtime.units.get(unit_id)
    started = columns.pop("started_at", TUESDAY)
    with runtime.store.transaction() as session:
        row = {
            "id": number,
            "number": f"N{number}",
            "follow_code": "x",
            "procedure": "plain",
            "deployment_id": runtime.current(session)[0],
            "revision": 1,
            "state": b"",
            "status": "open",
            "stage": "审查",
            "applicant_name": "刘桂英",
            "applicant_id_no": "11010519491231002X",
            "places": {},
            "unit_id": unit.id,
            "unit_path": unit.path,
            "channel": "窗口",
            "started_at": started,
            "started_by": "wang",
            "started_on": day_of(started),
            **columns,
        }
        session.execute(insert(tables.case), [row])
    return number


def put_task(runtime: Runtime, case_id: int, node_id: str = "work", unit_id: str = "zhen", **columns: Any) -> str:
    """A task of that case at a node."""
    number, unit = next(_numbers), runtime.units.get(unit_id)
    row = {
        "id": f"t{number}",
        "case_id": case_id,
        "node_id": node_id,
        "process_id": "plain",
        "name": "办理",
        "form_id": "note",
        "role": "window_clerk",
        "place": "receiving",
        "unit_id": unit.id,
        "unit_path": unit.path,
        "status": "open",
        "created_at": TUESDAY,
        "created_on": day_of(TUESDAY),
        "case_number": f"N{case_id}",
        "procedure": "plain",
        **columns,
    }
    with runtime.store.transaction() as session:
        session.execute(insert(tables.task), [row])
    return str(row["id"])


def put_pause(runtime: Runtime, case_id: int, unit_id: str = "zhen", **columns: Any) -> int:
    """A pause of that case."""
    number, unit = next(_numbers), runtime.units.get(unit_id)
    row = {
        "id": number,
        "case_id": case_id,
        "kind": "补正",
        "node_id": "wait",
        "process_id": "plain",
        "name": "等候补正",
        "token_id": f"p{number}",
        "basis": "规定",
        "limit_text": "10个工作日",
        "begin_at": TUESDAY,
        "until_at": TUESDAY,
        "nth": 1,
        "last_day": False,
        "unit_id": unit.id,
        "unit_path": unit.path,
        "procedure": "plain",
        "by": "wang",
        "by_name": "王晓梅",
        **columns,
    }
    with runtime.store.transaction() as session:
        session.execute(insert(tables.pause), [row])
    return number


def lights(due: datetime, yellow: datetime | None = None, prefix: str = "") -> dict[str, Any]:
    """The columns of a clock that ends at `due`."""
    return {f"{prefix}due_at": due, f"{prefix}red_at": due, f"{prefix}yellow_at": yellow}


def closed(day: date, *, late: bool) -> dict[str, Any]:
    """The columns of a case that ended on that day."""
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return {"status": "closed", "closed_at": at, "closed_on": day, "late": late}
