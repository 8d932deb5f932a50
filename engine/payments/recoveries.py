"""Money paid too much and asked back: how much, in which instalments, what has come in (E-09)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, insert, select, update

from engine.payments.errors import PaymentError
from engine.payments.roster import BACK_PAY, MAIN
from engine.registers import months
from engine.registers.amounts import yuan
from engine.store import payments, registers

if TYPE_CHECKING:
    from engine.store.database import Session

R, PART = payments.recovery, payments.recovery_instalment
B, L, FL = payments.payment_batch, payments.payment_line, payments.bank_line
BENEFIT, CHANGE = registers.benefit, registers.benefit_change
PAID = "已发"
OWED = re.compile(r"补发(\d{4}-\d{2})至(\d{4}-\d{2})")  # what roster.py writes of back pay


@dataclass(frozen=True, slots=True)
class Overpaid:
    """What was paid of a benefit beyond what was due: the first and last of the months, and 分 in all.

    `lines`: each month with what was paid and what was due.
    """

    first: str
    last: str
    amount: int
    lines: tuple[tuple[str, int, int], ...] = field(default=(), compare=False)

    @property
    def months(self) -> str:
        """`2026-04至2026-05`, or the one month."""
        return self.first if self.first == self.last else f"{self.first}至{self.last}"

    @property
    def explained(self) -> str:
        """Month by month how much was paid, due and too much: the sums are those that are asked back."""
        return "；".join(
            f"{month}已发{yuan(paid)}元，应发{yuan(due)}元，多发{yuan(paid - due)}元" for month, paid, due in self.lines
        )


def paid_after_end(
    session: Session, benefit_number: str, ended: str, among: Collection[int] | None = None
) -> Overpaid | None:
    """What was paid for `ended` (the first month that isn't due any more) and later months; None for nothing.

    Of back pay only the part for those months counts. `among`: only these lines.
    """
    paid = _paid(session, benefit_number, ended, among)
    return _overpaid((month, amount, 0) for month, amount in paid.items())


def paid_beyond(
    session: Session,
    benefit_number: str,
    due: Mapping[str, int],
    before: int,
) -> Overpaid | None:
    """What was paid beyond `due` (分 by month) for its months, after a reduction; None for nothing.

    Top-ups are no part of the benefit's amount. What was paid beyond `before`, the amount until this reduction, is
    the matter of the change that said that amount.
    """
    if not due:
        return None
    paid = _paid(session, benefit_number, min(due), kinds=(MAIN, BACK_PAY))
    counted = ((month, min(amount, before), due[month]) for month, amount in paid.items() if month in due)
    return _overpaid(line for line in counted if line[1] > line[2])


def paid_after_reduction(
    session: Session, benefit_number: str, due: Mapping[str, int], among: Collection[int]
) -> Overpaid | None:
    """What lines that were just paid (`among`) gave beyond `due` (分 by month); None for nothing.

    What other lines had given beyond it before was asked back then.
    """
    kinds = (MAIN, BACK_PAY)
    just = _paid(session, benefit_number, min(due), among, kinds)
    every = _paid(session, benefit_number, min(due), kinds=kinds)
    over = {month: min(amount, every[month] - due[month]) for month, amount in just.items() if month in due}
    return _overpaid((month, due[month] + more, due[month]) for month, more in over.items() if more > 0)


def _paid(
    session: Session,
    benefit_number: str,
    first: str,
    among: Collection[int] | None = None,
    kinds: Collection[str] = (),
) -> dict[str, int]:
    """分 paid of a benefit by month, from `first` on."""
    query = (
        select(L.c.id, B.c.month, L.c.kind, L.c.amount, L.c.reason)
        .join(B, B.c.id == L.c.batch_id)
        .where(L.c.benefit_number == benefit_number, L.c.status == PAID, B.c.month >= first)
        .order_by(L.c.id)
    )
    paid: dict[str, int] = defaultdict(int)
    for row in session.execute(query):
        if (among is not None and row.id not in among) or (kinds and row.kind not in kinds):
            continue
        for month, amount in _by_month(row):
            if month >= first:
                paid[month] += amount
    return paid


def _overpaid(found: Iterable[tuple[str, int, int]]) -> Overpaid | None:
    lines = tuple(sorted(found))
    total = sum(paid - due for _, paid, due in lines)
    return Overpaid(lines[0][0], lines[-1][0], total, lines) if lines else None


def hold(session: Session, file_id: int) -> None:
    """Let nobody change the benefits that a bank file pays until this step ends: whoever comes second, the change or
    the payment, sees the other and asks the money back."""
    mine = select(L.c.benefit_number).join(FL, FL.c.line_id == L.c.id).where(FL.c.file_id == file_id)
    session.execute(select(BENEFIT.c.id).where(BENEFIT.c.number.in_(mine)).with_for_update(read=True)).all()


def ended_before(session: Session, lines: Select[tuple[int]]) -> dict[str, set[int]]:
    """Lines among these (ids) that pay a benefit for a time after its end, by the benefit's number."""
    late = (L.c.status == PAID, BENEFIT.c.status == "终止", BENEFIT.c.end_month < B.c.month, L.c.id.in_(lines))
    query = select(L.c.id, L.c.benefit_number).join(B, B.c.id == L.c.batch_id)
    query = query.join(BENEFIT, BENEFIT.c.number == L.c.benefit_number)
    found: dict[str, set[int]] = defaultdict(set)
    for row in session.execute(query.where(*late).order_by(L.c.id)):
        found[row.benefit_number].add(row.id)
    return found


def reduced_before(session: Session, lines: Select[tuple[int]]) -> dict[str, set[int]]:
    """Lines among these (ids) that pay a benefit for a month for which it was reduced after the roster was frozen, by
    the benefit's number."""
    late = (CHANGE.c.after < CHANGE.c.before, CHANGE.c.kind != "停发", CHANGE.c.batch_month > B.c.month)
    query = select(L.c.id, L.c.benefit_number).join(B, B.c.id == L.c.batch_id)
    query = query.join(BENEFIT, BENEFIT.c.number == L.c.benefit_number)
    query = query.join(CHANGE, CHANGE.c.benefit_id == BENEFIT.c.id).where(CHANGE.c.month <= B.c.month, *late)
    found: dict[str, set[int]] = defaultdict(set)
    for row in session.execute(query.where(L.c.status == PAID, L.c.id.in_(lines)).order_by(L.c.id)):
        found[row.benefit_number].add(row.id)
    return found


def of_file(file_id: int) -> Select[tuple[int]]:
    """The lines that a bank file pays."""
    return select(FL.c.line_id).where(FL.c.file_id == file_id)


def _by_month(line: Any) -> list[tuple[str, int]]:
    """A line's 分 by the month that they are for."""
    found = OWED.match(line.reason) if line.kind == BACK_PAY else None
    if found is None:
        return [(line.month, line.amount)]
    count = months.between(found[1], found[2])
    return [(months.after(found[1], number), part) for number, part in enumerate(split(line.amount, count))]


def begin(session: Session, row: Mapping[str, Any], instalments: int, first_month: str) -> int:
    """Keep what is to be paid back, in so many monthly parts whose sum is exact; gives its id."""
    if instalments < 1 or row["amount"] < instalments:
        raise PaymentError(f"{yuan(row['amount'])}元不能分{instalments}期退回，请核对金额和期数")
    recovery_id = int(session.execute(insert(R).values({**row, "status": "追回中"}).returning(R.c.id)).scalar_one())
    parts = [
        {"recovery_id": recovery_id, "seq": seq, "month": months.after(first_month, seq - 1), "amount": amount}
        for seq, amount in enumerate(split(row["amount"], instalments), 1)
    ]
    session.execute(insert(PART), parts)
    return recovery_id


def split(amount: int, parts: int) -> list[int]:
    """`amount` 分 in so many parts that add up to it, the larger ones first."""
    whole, rest = divmod(amount, parts)
    return [whole + (number < rest) for number in range(parts)]


def of_case(session: Session, case_id: int) -> dict[str, Any]:
    """The recovery of a case."""
    return {**session.execute(select(R).where(R.c.case_id == case_id)).mappings().one()}


def instalments(session: Session, recovery_id: int) -> list[dict[str, Any]]:
    """Its parts in their order."""
    return [
        {**row}
        for row in session.execute(
            select(PART).where(PART.c.recovery_id == recovery_id).order_by(PART.c.seq)
        ).mappings()
    ]


def receive(session: Session, found: Mapping[str, Any], amount: int, paid_on: date, receipt: str, by_name: str) -> int:
    """Money has come in: it settles the parts in their order; gives 分 still owed. `PaymentError` for too much."""
    owed = found["amount"] - found["repaid"]
    if not 0 < amount <= owed:
        raise PaymentError(f"还应退回{yuan(owed)}元，登记的{yuan(amount)}元不对，请核对")
    repaid = found["repaid"] + amount
    so_far = 0
    for part in instalments(session, found["id"]):
        so_far += part["amount"]
        if so_far <= repaid and part["paid_on"] is None:
            settled = {"paid_on": paid_on, "receipt": receipt, "by_name": by_name}
            session.execute(update(PART).where(PART.c.id == part["id"]).values(settled))
    status = "已结清" if repaid == found["amount"] else "追回中"
    session.execute(update(R).where(R.c.id == found["id"]).values(repaid=repaid, status=status))
    return int(found["amount"] - repaid)


def write_off(session: Session, case_id: int) -> None:
    """What remains is not asked back any more."""
    session.execute(update(R).where(R.c.case_id == case_id).values(status="已核销"))


def next_month(session: Session, recovery_id: int) -> str:
    """The month of the first part that hasn't come in."""
    query = select(func.min(PART.c.month)).where(PART.c.recovery_id == recovery_id, PART.c.paid_on.is_(None))
    return str(session.execute(query).scalar_one_or_none() or "")
