"""The roster of a month: its lines made from the register, frozen by category with a digest, signed, corrected."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, bindparam, func, insert, select, update

from engine.payments.errors import RosterMoved
from engine.payments.top_ups import TopUp
from engine.registers import amounts, benefits, months
from engine.registers.benefits import Benefit
from engine.store import payments

if TYPE_CHECKING:
    from engine.people.actor import Actor
    from engine.store.database import Session

B, L = payments.payment_batch, payments.payment_line
MAIN, BACK_PAY = "救助金", "补发"
DUE, UNPAID = "待发", "不发"
DIGESTED = (
    *("kind", "benefit_number", "holder_name", "holder_id_no", "persons", "amount"),
    *("payee_name", "payee_id_no", "bank", "account", "status"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """Whose roster it is."""

    case_id: int
    unit_id: str
    unit_path: str
    month: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """What a case's roster comes to; `amount` in 分."""

    households: int
    persons: int
    amount: int
    categories: tuple[tuple[str, int, int, int], ...]  # category, households, persons, amount


def lines(
    session: Session, unit_path: str, month: str, top_ups: Sequence[TopUp] = ()
) -> dict[str, list[dict[str, Any]]]:
    """The lines that the roster of `month` carries (A-10), by category, in the order of village and number.

    One for each benefit in force, one more for what earlier months lack, and one for each top-up.
    """
    changes: dict[str, list[RowMapping]] = defaultdict(list)
    for change in benefits.changes_in(session, unit_path, month):
        changes[change["number"]].append(change)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for benefit in benefits.in_force(session, unit_path, month, known_by=month):
        if benefit.end_month is not None and benefit.end_month < month:
            continue
        mine = changes.get(benefit.number, [])
        found[benefit.category] += _of_benefit(benefit, month, mine, top_ups)
    return {category: sorted(found[category], key=_order) for category in sorted(found)}


def freeze(
    session: Session, head: Head, made: Mapping[str, Sequence[Mapping[str, Any]]], number: Callable[[], str]
) -> Totals:
    """Keep the lines as one batch a category; `number` gives each its 花名册编号."""
    for category, rows in made.items():
        row = {
            "number": number(),
            "case_id": head.case_id,
            "unit_id": head.unit_id,
            "unit_path": head.unit_path,
            "month": head.month,
            "category": category,
            "version": 1,
            "frozen_at": head.at,
            "status": "待签",
            **_summary(rows),
        }
        batch_id = session.execute(insert(B).values(row).returning(B.c.id)).scalar_one()
        numbered = [{**line, "batch_id": batch_id, "seq": seq} for seq, line in enumerate(rows, 1)]
        if numbered:
            session.execute(insert(L), numbered)
    return totals(session, head.case_id)


def of_case(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The lines of a case's roster with their batch's number, category and month, in their order."""
    about = (B.c.number, B.c.category, B.c.month, B.c.unit_id)
    query = select(L, *about).join(B, B.c.id == L.c.batch_id).where(B.c.case_id == case_id)
    return [{**row} for row in session.execute(query.order_by(B.c.id, L.c.seq)).mappings()]


def totals(session: Session, case_id: int) -> Totals:
    """What the batches of a case come to."""
    query = select(B.c.category, B.c.households, B.c.persons, B.c.amount).where(B.c.case_id == case_id)
    rows = [(r.category, r.households, r.persons, r.amount) for r in session.execute(query.order_by(B.c.id))]
    households, persons, amount = (sum(row[place] for row in rows) for place in (1, 2, 3))
    return Totals(households, persons, amount, tuple(rows))


def sign(session: Session, case_id: int, actor: Actor, at: datetime) -> None:
    """Sign every batch of the case as it stands; `RosterMoved` if a line isn't what was frozen."""
    for batch in check(session, case_id, "digest"):
        columns = {"signed_at": at, "signed_by": actor.account_id, "signed_by_name": actor.name}
        signed = {**columns, "signed_digest": batch["digest"], "status": "已签"}
        session.execute(update(B).where(B.c.id == batch["id"]).values(signed))


def check(session: Session, case_id: int, which: str = "signed_digest") -> list[dict[str, Any]]:
    """The batches of a case, whose lines must be those of the `signed_digest` (or `digest`); else `RosterMoved`."""
    by_batch: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in of_case(session, case_id):
        by_batch[line["batch_id"]].append(line)
    found = [{**row} for row in session.execute(select(B).where(B.c.case_id == case_id).order_by(B.c.id)).mappings()]
    for batch in found:
        if digest(by_batch[batch["id"]]) != batch[which]:
            raise RosterMoved(batch["number"])
    return found


def mark(session: Session, case_id: int, status: str) -> None:
    """Where the case's batches stand."""
    session.execute(update(B).where(B.c.case_id == case_id).values(status=status))


def correct(
    session: Session, case_id: int, changed: Sequence[Mapping[str, Any]], added: Sequence[Mapping[str, Any]]
) -> None:
    """Change lines (`id` and the columns to set) and add others (with `category`); the batches count and stand anew
    and must be signed again. A category that has no batch is not made here: its households wait for next month."""
    for line in changed:
        columns = {name: value for name, value in line.items() if name != "id"}
        session.execute(update(L).where(L.c.id == line["id"]).values(columns))
    ids = {row.category: row.id for row in session.execute(select(B.c.id, B.c.category).where(B.c.case_id == case_id))}
    for line in added:
        batch_id = ids[line["category"]]
        last = session.execute(select(func.max(L.c.seq)).where(L.c.batch_id == batch_id)).scalar_one() or 0
        columns = {name: value for name, value in line.items() if name != "category"}
        session.execute(insert(L).values({**columns, "batch_id": batch_id, "seq": last + 1}))
    _count_again(session, case_id)


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """The mark of what lines say, in their order; where a payment stands later doesn't change it."""
    said = [[_settled(name, row[name]) for name in DIGESTED] for row in rows]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _order(line: Mapping[str, Any]) -> tuple[str, str]:
    return (line["village_id"] or "", line["benefit_number"])


def _settled(name: str, value: Any) -> Any:
    if name == "status":
        return value == UNPAID
    return value


def _count_again(session: Session, case_id: int) -> None:
    by_batch: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in of_case(session, case_id):
        by_batch[line["batch_id"]].append(line)
    rows = [{"which": batch_id, **_summary(found)} for batch_id, found in by_batch.items()]
    if rows:
        anew: dict[str, Any] = {name: bindparam(name) for name in ("households", "persons", "amount", "digest")}
        unsigned = {"status": "待签", "signed_at": None, "version": B.c.version + 1}
        session.execute(update(B).where(B.c.id == bindparam("which")).values({**anew, **unsigned}), rows)


def _summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    paid = [row for row in rows if row["status"] != UNPAID]
    households = {row["benefit_number"]: row["persons"] for row in paid}
    return {
        "households": len(households),
        "persons": sum(households.values()),
        "amount": sum(row["amount"] for row in paid),
        "digest": digest(rows),
    }


def _of_benefit(
    benefit: Benefit, month: str, changes: Sequence[RowMapping], top_ups: Sequence[TopUp]
) -> list[dict[str, Any]]:
    reasons = "；".join(_words(change, month) for change in changes)
    found = [_line(benefit, MAIN, benefit.amount, reasons)] if benefit.amount else []
    if (owed := sum(_late(change, month) for change in changes)) > 0:
        since = min(change["month"] for change in changes if _late(change, month) > 0)
        found.append(_line(benefit, BACK_PAY, owed, f"补发{since}至{months.after(month, -1)}"))
    for each in top_ups:
        if benefit.item in each.items:
            found.append(_line(benefit, each.name, each.amount * benefit.persons, each.basis))
    return found


def _late(change: RowMapping, month: str) -> int:
    """What earlier months lack because this change came after their rosters; nothing for what was paid too much."""
    return int((change["after"] - change["before"]) * months.between(change["month"], months.after(month, -1)))


def _words(change: RowMapping, month: str) -> str:
    amount = (
        f"{amounts.yuan(change['before'])}→{amounts.yuan(change['after'])}元"
        if change["before"] != change["after"] and change["before"]
        else ""
    )
    more = f"，{change['month']}起已经多发的另行追回" if _late(change, month) < 0 else ""
    return f"{change['kind']}{amount}{more}"


def _line(benefit: Benefit, kind: str, amount: int, reason: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "benefit_number": benefit.number,
        "item": benefit.item,
        "holder_name": benefit.holder,
        "holder_id_no": benefit.holder_id_no,
        "village_id": benefit.village_id,
        "persons": benefit.persons,
        "amount": amount,
        "payee_name": benefit.payee_name or benefit.holder,
        "payee_id_no": benefit.payee_id_no or benefit.holder_id_no,
        "bank": benefit.bank,
        "account": benefit.account,
        "reason": reason[:300],
        "status": DUE,
    }
