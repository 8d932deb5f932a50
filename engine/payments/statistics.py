"""《城乡低保、特困供养资金和临时救助发放统计表》 of a township and month, counted from what was really paid (S2-35)."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from engine.payments import roster
from engine.registers import benefits
from engine.registers.amounts import yuan
from engine.store import payments, tables

if TYPE_CHECKING:
    from engine.store.database import Session

S, B, L = payments.monthly_statistics, payments.payment_batch, payments.payment_line
D = payments.payment_difference
HEADINGS = ("救助类别", "户数", "人数", "本月新增", "本月停发", "发放金额", "未发金额", "本年累计")
TOTAL = "合计"
ONCE = "临时救助"
NOTHING_DUE = "本月无应发"  # the stage of a payment case whose roster is empty


def missing(session: Session, case_id: int | None) -> list[str]:
    """Why the table can't be made of a payment case yet (D30 before D31), a sentence each; empty when it can."""
    if case_id is None:
        return ["没有对应的花名册"]
    batches = [{**row} for row in session.execute(select(B).where(B.c.case_id == case_id)).mappings()]
    if not batches:
        stage = session.execute(select(tables.case.c.stage).where(tables.case.c.id == case_id)).scalar_one()
        return [] if stage == NOTHING_DUE else ["花名册还没有冻结"]
    waiting = session.execute(select(func.count()).where(D.c.case_id == case_id, D.c.status == "待说明")).scalar_one()
    found = [f"还有 {waiting} 处核对差异没有说明"] if waiting else []
    if open_ones := [row["number"] for row in batches if row["status"] != "已办结"]:
        found.append(f"花名册 {'、'.join(open_ones[:5])} 还没有发放、对账完毕")
    return found


def rows(session: Session, case_id: int, unit_path: str, month: str) -> list[dict[str, Any]]:
    """One row a category and the total; amounts are 分. Each number comes from the roster's lines and the register."""
    paid: dict[str, dict[str, Any]] = {}
    for line in [*roster.of_case(session, case_id), *_once(session, case_id, unit_path, month)]:
        row = paid.setdefault(line["category"], {"families": {}, "amount": 0, "unpaid": 0})
        if line["status"] == "已发":
            row["families"][line["benefit_number"]] = line["persons"]
            row["amount"] += line["amount"]
        else:
            row["unpaid"] += line["amount"]
    changes = _changes(session, unit_path, month)
    before = _cumulated(session, unit_path, month)
    found = [
        _row(category, paid.get(category), changes[category], before.get(category, 0))
        for category in sorted({*paid, *changes, *before})
    ]
    return [*found, _sum(found)]


def keep(
    session: Session, case: Mapping[str, Any], month: str, found: Sequence[Mapping[str, Any]], at: datetime
) -> None:
    """Keep the table as the draft of this case; a table that was sealed before is replaced by the new draft."""
    row = {
        "unit_id": case["unit_id"],
        "unit_path": case["unit_path"],
        "month": month,
        "rows": list(found),
        "amount": found[-1]["amount"],
        "digest": _digest(found),
        "built_at": at,
        "sealed_at": None,
        "sealed_by_name": None,
        "filed_at": None,
        "status": "草稿",
    }
    if of_case(session, case["id"]) is None:
        session.execute(insert(S).values({**row, "case_id": case["id"]}))
    else:
        session.execute(update(S).where(S.c.case_id == case["id"]).values(row))


def of_case(session: Session, case_id: int) -> dict[str, Any] | None:
    """The table of a case."""
    row = session.execute(select(S).where(S.c.case_id == case_id)).mappings().one_or_none()
    return {**row} if row else None


def change(session: Session, case_id: int, **columns: Any) -> None:
    """Where the table stands: sealed, filed."""
    session.execute(update(S).where(S.c.case_id == case_id).values(columns))


def agrees(session: Session, case_id: int) -> bool:
    """Whether the table still says what was counted."""
    found = of_case(session, case_id)
    return found is not None and found["digest"] == _digest(found["rows"])


def text(found: Sequence[Mapping[str, Any]]) -> str:
    """The table as a paper says it."""
    lines = ["　".join(HEADINGS)]
    for row in found:
        said = (yuan(row[name]) for name in ("amount", "unpaid", "cumulated"))
        numbers = (str(row[name]) for name in ("households", "persons", "new", "stopped"))
        lines.append("　".join((row["category"], *numbers, *said)))
    return "\n".join(lines)


def of_county(session: Session, county_path: str, month: str) -> list[dict[str, Any]]:
    """The newest table of each unit in a county for a month."""
    below = S.c.unit_path.startswith(county_path, autoescape=True)
    query = select(S).where(below, S.c.month == month).order_by(S.c.unit_id, S.c.id)
    newest = {row["unit_id"]: {**row} for row in session.execute(query).mappings()}
    return list(newest.values())


def _changes(session: Session, unit_path: str, month: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"新增": 0, "停发": 0})
    for change in benefits.changes_in(session, unit_path, month):
        if change["kind"] in ("新增", "停发"):
            found[change["category"]][change["kind"]] += 1
    return found


def _once(session: Session, case_id: int, unit_path: str, month: str) -> list[dict[str, Any]]:
    """临时救助 given in the month: paid once, on no roster."""
    query = (
        select(L, B.c.category)
        .join(B, B.c.id == L.c.batch_id)
        .where(
            B.c.unit_path.startswith(unit_path, autoescape=True),
            B.c.month == month,
            L.c.item == ONCE,
            B.c.case_id != case_id,
        )
    )
    return [{**row} for row in session.execute(query.order_by(L.c.id)).mappings()]


def _cumulated(session: Session, unit_path: str, month: str) -> dict[str, int]:
    """分 paid in the year up to the month, by category."""
    query = (
        select(B.c.category, func.sum(L.c.amount).label("amount"))
        .join(L, L.c.batch_id == B.c.id)
        .where(
            B.c.unit_path.startswith(unit_path, autoescape=True),
            B.c.month >= f"{month[:4]}-01",
            B.c.month <= month,
            L.c.status == "已发",
        )
        .group_by(B.c.category)
    )
    return {row.category: int(row.amount) for row in session.execute(query)}


def _row(category: str, paid: Mapping[str, Any] | None, changes: Mapping[str, int], cumulated: int) -> dict[str, Any]:
    families = paid["families"] if paid else {}
    return {
        "category": category,
        "households": len(families),
        "persons": sum(families.values()),
        "new": changes["新增"],
        "stopped": changes["停发"],
        "amount": paid["amount"] if paid else 0,
        "unpaid": paid["unpaid"] if paid else 0,
        "cumulated": cumulated,
    }


def _sum(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = ("households", "persons", "new", "stopped", "amount", "unpaid", "cumulated")
    return {"category": TOTAL, **{name: sum(row[name] for row in found) for name in names}}


def _digest(found: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(list(found), ensure_ascii=False, sort_keys=True).encode()).hexdigest()
