"""临时救助 that has been given: once, to the 分, in the month in which it was paid (S2-24, S2-35)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from engine.clock.days import day_of
from engine.payments import roster
from engine.registers import amounts, calculations, months
from engine.store import payments
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

KINDS = ("急难型", "支出型")
PAID, SETTLED = "已发", "已办结"


class ReliefUnclear(Exception):
    """What was given isn't said; `str()` says what is missing."""


@topic("relief.paid", provides=("发放编号",), parameters=("kind", "amount", "paid_on", "payee", "account"), writes=True)
def paid(work: Work) -> dict[str, Any]:
    """Enter what was given once among what was paid: the month's table, the case and the family's page show it.

    `kind`: 急难型 or 支出型; `amount`, `paid_on`, `payee`, `account`: names that say them; without a day it is today.
    Help without money is not entered, only told in the history.
    """
    move, case = work.move, work.move.case
    kind, said = work.parameter("kind"), lookup.raw(work, work.parameter("amount", "救助金额"))
    if kind not in KINDS or said is None:
        raise ReliefUnclear(f"没有写明救助类型（{'、'.join(KINDS)}）或者金额，请核对属性 kind、amount")
    unit = move.step.runtime.units.find(case["unit_id"])
    amount = amounts.cents(said)
    if not amount or unit is None:
        move.record("register", f"临时救助（{kind}）", node_id=work.node.id, details={"text": "没有发放救助金"})
        return {"发放编号": ""}
    day = lookup.day(lookup.raw(work, work.parameter("paid_on", "发放日期"))) or day_of(move.step.now)
    line = {
        "kind": roster.MAIN,
        "benefit_number": case["number"],
        "item": "临时救助",
        "holder_name": case["applicant_name"],
        "holder_id_no": case["applicant_id_no"] or "",
        "village_id": move.unit("hukou_village"),
        "persons": int(lookup.raw(work, "appliedSize") or 1),
        "amount": amount,
        "payee_name": str(lookup.raw(work, work.parameter("payee", "收款人")) or case["applicant_name"]),
        "payee_id_no": "",
        "bank": "",
        "account": str(lookup.raw(work, work.parameter("account", "收款账号")) or ""),
        "reason": kind,
        "status": PAID,
        "paid_on": day,
    }
    calculations.settle(move.step.session, case["id"], None, amount, move.step.now)
    number = move.number("relief", "临发")
    batch = {
        "number": number,
        "case_id": case["id"],
        "unit_id": unit.id,
        "unit_path": unit.path,
        "month": months.month_of(day),
        "category": f"临时救助({kind})",
        "households": 1,
        "persons": line["persons"],
        "amount": amount,
        "digest": roster.digest([line]),
        "version": 1,
        "frozen_at": move.step.now,
        "status": SETTLED,
    }
    b, each = payments.payment_batch, payments.payment_line
    batch_id = move.step.session.execute(insert(b).values(batch).returning(b.c.id)).scalar_one()
    move.step.session.execute(insert(each).values({**line, "batch_id": batch_id, "seq": 1, "result": ""}))
    text = f"{amounts.yuan(amount)}元，{day}给付，列入{batch['month']}发放统计"
    move.record("register", f"临时救助（{kind}）{number}", node_id=work.node.id, details={"text": text})
    return {"发放编号": number}
