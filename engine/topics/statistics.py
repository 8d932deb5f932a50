"""Monthly statistics, the county's fund plan, and money asked back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine.clock.days import day_of, start_of
from engine.payments import recoveries, statistics
from engine.payments.errors import PaymentError
from engine.registers import months
from engine.registers.amounts import cents, yuan
from engine.store import registers
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work


@topic("statistics.check", provides=("可以报送", "未报原因"))
def check(work: Work) -> dict[str, Any]:
    """Whether the month's roster is reconciled and paid, so that the table can be made (D30 before D31)."""
    reasons = statistics.missing(work.move.step.session, work.move.case["parent_id"])
    return {"可以报送": not reasons, "未报原因": "；".join(reasons)}


@topic("statistics.build", provides=("统计月份", "统计表", "统计金额"), writes=True)
def build(work: Work) -> dict[str, Any]:
    """Make the table of the month from the lines that were paid."""
    move, session = work.move, work.move.step.session
    month = f"{move.case['started_on'] or day_of(move.step.now):%Y-%m}"
    unit = move.step.runtime.units.get(move.case["unit_id"])
    found = statistics.rows(session, int(move.case["parent_id"] or 0), unit.path, month)
    statistics.keep(session, move.case, month, found, move.step.now)
    return {
        "统计月份": month,
        "统计表": statistics.text(found),
        "统计金额": Decimal(yuan(found[-1]["amount"])),
    }


@topic("statistics.seal", writes=True)
def seal(work: Work) -> None:
    """Put the unit's electronic seal on the table (simulated)."""
    move, session = work.move, work.move.step.session
    if not statistics.agrees(session, move.case["id"]):
        raise PaymentError("统计表的内容与制表时不一致，不能签章；请重新制表")
    columns = {"sealed_at": move.step.now, "sealed_by_name": move.step.actor.name, "status": "已签章"}
    statistics.change(session, move.case["id"], **columns)
    move.record("topic", "统计表电子签章", node_id=work.node.id)


@topic("statistics.filed", writes=True)
def filed(work: Work) -> None:
    """The county has filed the table."""
    statistics.change(work.move.step.session, work.move.case["id"], filed_at=work.move.step.now, status="已备案")


@topic(
    "plan.build",
    provides=(
        "计划月份",
        "已报乡镇数",
        "未报乡镇",
        "未报乡镇数",
        "上月发放金额",
        "在享户数",
        "建议计划金额",
        "计划明细",
    ),
)
def build_plan(work: Work) -> dict[str, Any]:
    """What the county's plan of next month rests on: the tables that were filed, who hasn't, and what is in force."""
    move, session = work.move, work.move.step.session
    county = move.step.runtime.units.get(move.case["unit_id"])
    this_month = f"{day_of(move.step.now):%Y-%m}"
    townships = [
        unit for unit in move.step.runtime.units if unit.kind == "township" and unit.path.startswith(county.path)
    ]
    tables_found = {row["unit_id"]: row for row in statistics.of_county(session, county.path, this_month)}
    filed = {unit_id for unit_id, row in tables_found.items() if row["status"] == "已备案"}
    missing = [unit.name for unit in townships if unit.id not in filed]
    households, amount = _in_force(work, county.path)
    details = [f"{category} {count}户{yuan(total)}元" for category, count, total in _by_category(work, county.path)]
    return {
        "计划月份": months.after(this_month),
        "已报乡镇数": len(filed),
        "未报乡镇": "、".join(missing) or "无",
        "未报乡镇数": len(missing),
        "上月发放金额": Decimal(yuan(sum(row["amount"] for row in tables_found.values()))),
        "在享户数": households,
        "建议计划金额": Decimal(yuan(amount)),
        "计划明细": "；".join(details) or "没有在享对象",
    }


@topic("recovery.found", provides=("追回余额", "追回余额元", "核查起算时间"), parameters=("facts",))
def found_recovery(work: Work) -> dict[str, Any]:
    """How much was paid too much, as the start form or the case that found it says (追回金额)."""
    died = _said(work, "死亡日期")
    since = start_of(_day(died)) if died else work.move.step.now
    return {**_owed(cents(_said(work, "追回金额"))), "核查起算时间": since}


@topic("recovery.open", provides=("追回编号", "追回余额", "追回余额元", "本期月份"), parameters=("word",), writes=True)
def open_recovery(work: Work) -> dict[str, Any]:
    """Keep what is to be paid back and its instalments, from what the forms say."""
    move = work.move
    number = move.number("recovery", work.parameter("word", "追回"))
    unit = move.step.runtime.units.get(move.case["unit_id"])
    row = {
        "number": number,
        "case_id": move.case["id"],
        "unit_id": unit.id,
        "unit_path": unit.path,
        "benefit_number": str(_said(work, "待遇编号") or "")[:60],
        "name": move.case["applicant_name"] or "",
        "months": str(_said(work, "多发月份") or "")[:200],
        "cause": str(_said(work, "多发原因") or "")[:200],
        "amount": cents(_said(work, "追回金额")),
        "repaid": 0,
        "at": move.step.now,
    }
    parts = int(_said(work, "期数") or 1)
    recovery_id = recoveries.begin(move.step.session, row, parts, months.after(f"{day_of(move.step.now):%Y-%m}"))
    return {
        "追回编号": number,
        **_owed(row["amount"]),
        "本期月份": recoveries.next_month(move.step.session, recovery_id),
    }


@topic("recovery.receive", provides=("追回余额", "追回余额元", "本期月份"), writes=True)
def receive(work: Work) -> dict[str, Any]:
    """Money that has come in, from the newest form (退回金额, 退回日期, 票据号码)."""
    move, session = work.move, work.move.step.session
    found = recoveries.of_case(session, move.case["id"])
    amount, paid_on = cents(_said(work, "退回金额")), _day(_said(work, "退回日期"))
    receipt = str(_said(work, "票据号码") or "")[:60]
    owed = recoveries.receive(session, found, amount, paid_on, receipt, move.step.actor.name)
    move.record("register", f"收到退回资金{yuan(amount)}元", node_id=work.node.id)
    return {**_owed(owed), "本期月份": recoveries.next_month(session, found["id"])}


@topic("recovery.write_off", writes=True)
def write_off(work: Work) -> None:
    """What remains is not asked back any more, as was decided."""
    recoveries.write_off(work.move.step.session, work.move.case["id"])


def _owed(amount: int) -> dict[str, Any]:
    return {"追回余额": Decimal(yuan(amount)), "追回余额元": yuan(amount)}


def _said(work: Work, name: str) -> Any:
    """What the newest form says; the facts for what no form says."""
    values = (form.get(name) for form in reversed(list(work.move.file().values())))
    return next((found for found in values if found not in (None, "")), work.facts.get(name))


def _day(said: Any) -> date:
    if isinstance(said, datetime):
        return day_of(said)
    return said if isinstance(said, date) else date.fromisoformat(str(said)[:10])


def _in_force(work: Work, path: str) -> tuple[int, int]:
    rows = _by_category(work, path)
    return sum(count for _, count, _ in rows), sum(total for _, _, total in rows)


def _by_category(work: Work, path: str) -> list[tuple[str, int, int]]:
    b = registers.benefit
    query = (
        select(b.c.category, func.count().label("households"), func.sum(b.c.amount).label("amount"))
        .where(b.c.unit_path.startswith(path, autoescape=True), b.c.status.in_(("在享", "渐退")))
        .group_by(b.c.category)
        .order_by(b.c.category)
    )
    return [(row.category, row.households, int(row.amount)) for row in work.move.step.session.execute(query)]
