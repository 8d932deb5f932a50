"""After an outage, or when one is withdrawn: the limits that no rule sets are derived again, case by case (E-28).

Short transactions that can stop at any point: the outage's row keeps how far it has got, and whoever holds that row
takes the next cases. A deadline that the clock has taken for passed never moves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from engine.cases.case_dates import OPEN, Batch, Change, Row, Words, data
from engine.cases.derivations import D, Derivations
from engine.cases.outages import OUTAGE, Stood, in_force, internal_ids, is_internal, told
from engine.cases.runtime import Runtime
from engine.clock.days import day_of, start_of
from engine.clock.limits import Unit
from engine.clock.text import show_due_at
from engine.store.database import Session

CASES = 100  # in one transaction: some 150 ms in which nobody else writes
REST_SECONDS = 0.02  # between two transactions, so that whoever waits to write gets in
PATIENCE = 50  # rounds in which the next case is somebody else's
EXACT = (Unit.HOUR.value, Unit.MINUTE.value)
log = logging.getLogger("jiuzhu.outages")


def carry_out(runtime: Runtime, clock: Callable[[], datetime]) -> bool:
    """Let every case follow the outages that are new or withdrawn; False when somebody else holds what is left."""
    patience = PATIENCE
    derivations = Derivations(runtime)
    while (outage_id := _next(runtime)) is not None:
        if not _some(derivations, outage_id, clock()):
            patience -= 1
            if not patience:
                return False
        time.sleep(REST_SECONDS)
    return True


def _next(runtime: Runtime) -> int | None:
    query = select(OUTAGE.c.id).where(OUTAGE.c.finished_at.is_(None)).order_by(OUTAGE.c.id).limit(1)
    with runtime.store.transaction(write=False) as session:
        found: int | None = session.execute(query).scalar_one_or_none()
    return found


def _some(derivations: Derivations, outage_id: int, now: datetime) -> bool:
    """The next cases in one transaction; False when somebody else has this outage or the first of them."""
    runtime = derivations.runtime
    with runtime.store.transaction() as session:
        mine = (
            select(OUTAGE)
            .where(OUTAGE.c.id == outage_id, OUTAGE.c.finished_at.is_(None))
            .with_for_update(skip_locked=True)
        )
        found = session.execute(mine).mappings().one_or_none()
        if found is None:
            return False
        outage = {**found}
        ids = _cases(runtime, session, outage)
        if not ids:
            session.execute(update(OUTAGE).where(OUTAGE.c.id == outage_id).values(finished_at=now))
            return True
        stood = Stood(runtime, in_force(session), turn=outage_id)
        batch = OutageBatch(derivations, session, now, outage=outage, stood=stood)
        batch.move(ids)
        done = {
            "reached": batch.reached,
            "moved": OUTAGE.c.moved + batch.moved,
            "passed": OUTAGE.c.passed + batch.passed,
        }
        session.execute(update(OUTAGE).where(OUTAGE.c.id == outage_id).values(done))
        return bool(batch.reached > outage["reached"])


def _cases(runtime: Runtime, session: Session, outage: Mapping[str, Any]) -> list[int]:
    """The next cases with a limit that may have run while the system stood, or ran out meanwhile."""
    begin = start_of(day_of(outage["begin_at"]))
    query = select(D.c.case_id).where(
        D.c.case_id > outage["reached"],
        D.c.status.in_(OPEN),
        D.c.limit_id.in_(internal_ids(runtime)),
        D.c.started_at < outage["end_at"],
        or_(D.c.due_at.is_(None), D.c.due_at >= begin),
    )
    if outage["unit_path"]:
        query = query.where(D.c.unit_path.startswith(outage["unit_path"], autoescape=True))
    return list(session.execute(query.distinct().order_by(D.c.case_id).limit(CASES)).scalars())


@dataclass(kw_only=True)
class OutageBatch(Batch):
    """`stood`: all outages in force; `outage` is the new or withdrawn one, which is named. `reached`: the last case of
    all up to there that were free; `moved` and `passed`: deadlines."""

    outage: Mapping[str, Any]
    stood: Stood
    reached: int = 0
    moved: int = 0
    passed: int = 0

    def _hold(self, ids: Sequence[int]) -> dict[int, Row]:
        """Those before the first that somebody else has."""
        held = super()._hold(ids)
        free = ids[: next((number for number, case_id in enumerate(ids) if case_id not in held), len(ids))]
        self.reached = free[-1] if free else self.outage["reached"]
        return {case_id: held[case_id] for case_id in free}

    def _derive(self, row: Row) -> Change | None:
        if row["status"] != "running":
            return None
        try:
            after = {**row, **self._derived(row)}
        except Exception:
            log.exception("deadline %s of case %s can't be derived again", row["id"], row["case_id"])
            return None
        if after["ledger"] == row["ledger"] or self._would_pass(row, after):
            return None
        change = Change(dict(row), row)
        row.update(after)
        return change

    def _derived(self, row: Row) -> dict[str, Any]:
        runtime = self.derivations.runtime
        calendar = runtime.calendar_of(row["calendar_version"])
        ledger = self.stood.ledger(row, lambda each: self.derivations.dates(each, calendar)["due_at"])
        return {"ledger": ledger, **self.derivations.dates({**row, "ledger": ledger}, calendar)}

    def _would_pass(self, row: Row, after: Row) -> bool:
        """Whether a date still to come would lie in the past: nobody is late because an outage is withdrawn."""
        if row["due_at"] is None or after["due_at"] is None:
            return False
        return bool(after["due_at"] <= self.now < row["due_at"])

    def _words(self, rows: Sequence[Row], changes: Sequence[Change]) -> Words | None:
        moved = [change for change in changes if change.moves]
        back = self.outage["withdrawn_at"] is not None
        over = [] if back else [row for row in rows if self._ran_out(row)]
        if not moved and not over:
            return None
        if not back:
            self.moved += len(moved)
            self.passed += len(over)
        said = [*map(str, moved), *(f"「{row['name']}」{show_due_at(row['due_at'])}已到期，不再推后" for row in over)]
        name = "系统停机：内部期限推后" if moved else "系统停机期间到期"
        details = {
            "text": f"{told(self.derivations.runtime, self.outage)}。{'；'.join(said)}",
            "moved": data(moved),
            "outage": self.outage["id"],
        }
        return Words("outage", "撤销停机登记：内部期限恢复" if back else name, details)

    def _ran_out(self, row: Row) -> bool:
        """Whether an internal limit passed while the system stood, and the clock has said so before it knew."""
        if row["status"] != "overdue" or not is_internal(self.derivations.runtime, row):
            return False
        due_at, begin, end = row["due_at"], self.outage["begin_at"], self.outage["end_at"]
        if row["limit_text"].endswith(EXACT):
            return bool(begin <= due_at <= end)
        return day_of(begin) <= day_of(due_at) <= day_of(end) and day_of(due_at) in self.stood.lost(row)
