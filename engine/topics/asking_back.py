"""What was paid of a benefit after its end, or beyond its reduced amount, begins a case that asks it back (E-09)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.cases import relay
from engine.payments.recoveries import Overpaid
from engine.registers.amounts import yuan
from engine.registers.benefits import Benefit
from engine.store import tables
from engine.topics import lookup

if TYPE_CHECKING:
    from engine.cases.move import Work

MESSAGE = "停发后发现多发"  # the message start event of the procedure that asks money back
DIED, CHANGED, HIDDEN = "死亡后继续发放", "家庭变化没有及时调整", "虚报隐瞒"


def begin(work: Work, benefit: Benefit, paid: Overpaid, died: date | None, why: str) -> None:
    """Begin, right after this step, each procedure that starts with 停发后发现多发, and note it in the history.

    Where the case that asks the money back has itself asked for the end, it goes on; another one is only named.
    """
    move = work.move
    by, others = _under_way(work, benefit)
    if others:
        why = f"{why}另有在办的多发追回 {'、'.join(others)}，请核对不要重复。"
    facts = {
        "applicantName": benefit.holder,
        "idNo": benefit.holder_id_no,
        "待遇编号": benefit.number,
        "多发原因": DIED if died else HIDDEN if lookup.raw(work, "变更原因") == HIDDEN else CHANGED,
        "死亡日期": died,
        "多发月份": paid.months,
        "追回金额": Decimal(yuan(paid.amount)),
        "核实情况": why,
    }
    content = {
        "facts": {name: value for name, value in facts.items() if value is not None},
        "places": {"hukou_township": benefit.unit_id},
    }
    for procedure, node_id in [] if by else _begun_so(work):
        key = f"{move.case['id']}:{work.token.id}:{benefit.number}:{node_id}"
        whence = {"from_id": move.case["id"], "from_name": work.node.name}
        relay.order(move.step, key, "begin", content, procedure=procedure, node_id=node_id, **whence)
    how = f"由 {by} 追回" if by else "按多发追回办理"
    said = f"{benefit.holder}（{benefit.number}）{paid.months}多发{yuan(paid.amount)}元，{how}。{paid.explained}"
    move.record("register", "已经多发", node_id=work.node.id, details={"text": said})


def _begun_so(work: Work) -> list[tuple[str, str]]:
    """Procedures that start with the message, each with its start event."""
    _, deployment = work.move.step.runtime.current(work.move.step.session)
    return [
        (process.id, node.id)
        for process in deployment.processes.values()
        for node in process.begin("message")
        if node.event.text == MESSAGE
    ]


def _under_way(work: Work, benefit: Benefit) -> tuple[str, list[str]]:
    """Of the open cases that ask this person for money: the number of the one that began this case, and the others'."""
    case, c = work.move.case, tables.case
    mine = (c.c.procedure.in_({procedure for procedure, _ in _begun_so(work)}), c.c.status == "open")
    query = select(c.c.id, c.c.number).where(*mine, c.c.applicant_id_no == benefit.holder_id_no).order_by(c.c.id)
    found = list(work.move.step.session.execute(query))
    by = next((row.number for row in found if row.id == case.get("parent_id")), "")
    return by, [row.number for row in found if row.number != by]
