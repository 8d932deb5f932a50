"""定期申报: who is due this month, what a household declared, and what came of it (S4-15, S4-16)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from engine.bpmn.named import split
from engine.cases.facts import nearest_first, region_of
from engine.clock.days import day_of
from engine.registers import amounts, benefits, months, rules
from engine.registers.benefits import LIVE
from engine.store import registers
from engine.store.declarations import declaration
from engine.topics import lookup
from engine.topics.registers import policy
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

B, P, D = registers.benefit, registers.person, declaration
WAITING, SAID, VISITED, DONE = "待申报", "已申报", "已上门", "已办结"
GROUPS = {
    "成员变化": "家庭成员",
    "健康变化": "健康",
    "财产变化": "财产",
    "收入变化": "收入",
    "支出变化": "刚性支出",
}
CHANGED = "有变化"


class DeclarationBroken(Exception):
    """The diagram or the case lacks what is needed here; `str()` says what."""


@topic("declaration.due", provides=("申报清单", "申报户数"), parameters=("township", "items"))
def due(work: Work) -> dict[str, Any]:
    """The benefits in force of the township that are to be declared this month (S4-15, D37).

    A benefit is due so many months after its first month, or after the month in which it was last asked for; how many,
    registers.toml says by place and item. `items`: which items are declared.
    """
    move, session = work.move, work.move.step.session
    unit_id = work.unit(work.parameter("township", "application_township"))
    if unit_id is None:
        raise DeclarationBroken("没有写明是哪个乡镇（街道）的定期申报，请核对流程图的属性 township")
    month, ruled = months.month_of(day_of(move.step.now)), _rules(work, unit_id)
    every = {item: ruled.of_item(rules.DECLARATION, item) for item in split(work.parameter("items"))}
    last = select(D.c.benefit_id, func.max(D.c.month).label("month")).group_by(D.c.benefit_id).subquery()
    query = (
        select(B, P.c.name, P.c.id_no, P.c.phone, last.c.month.label("asked"))
        .join(P, P.c.id == B.c.person_id)
        .outerjoin(last, last.c.benefit_id == B.c.id)
        .where(B.c.unit_id == unit_id, B.c.item.in_(every), B.c.status.in_(LIVE))
        .order_by(B.c.id)
    )
    rows = [{**row} for row in session.execute(query).mappings()]
    found = [_asked(row) for row in rows if _falls_due(row, every, month)]
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": f"{month} 应当申报 {len(found)} 户"})
    return {"申报清单": found, "申报户数": len(found)}


@topic("declaration.open", writes=True)
def begin(work: Work) -> None:
    """The household of this case has been asked; its row in 定期报告 begins (S4-16)."""
    known = benefits.find(work.move.step.session, str(work.facts.get("待遇编号") or ""))
    row = {
        "case_id": work.move.case["id"],
        "benefit_id": known.id,
        "month": months.month_of(day_of(work.move.step.now)),
        "state": WAITING,
        "opened_at": work.move.step.now,
        "changes": "",
        "hint": "",
        "result": "",
    }
    work.move.step.session.execute(insert(D).values(row))


@topic("declaration.said", provides=("申报变化", "上门情况"), parameters=("form", "state", "by"), writes=True)
def said(work: Work) -> dict[str, Any]:
    """What the newest `form` declares: by whom (`by`, or its field 申报人), and which groups have changed (S4-15)."""
    values = work.file().get(work.parameter("form")) or {}
    groups = "、".join(label for name, label in GROUPS.items() if values.get(name) == CHANGED)
    by = work.parameter("by") or str(values.get("申报人") or "本人")
    done = {
        "state": work.parameter("state", SAID),
        "said_at": work.move.step.now,
        "said_by": by,
        "changes": groups,
    }
    _update(work, done)
    return {"申报变化": groups or "没有变化", "上门情况": values.get("上门情况") or "没有上门"}


@topic("declaration.silent", provides=("申报变化", "上门情况", *GROUPS))
def silent(work: Work) -> dict[str, Any]:
    """The time to declare has passed: nobody has said anything; the household stays in receipt (D37)."""
    work.move.record("topic", work.node.name, node_id=work.node.id, details={"text": "到期没有申报，转村（社区）上门"})
    return {"申报变化": "", "上门情况": "没有上门", **dict.fromkeys(GROUPS, "没有申报")}


@topic("declaration.note", parameters=("material", "hint"), writes=True)
def note(work: Work) -> None:
    """Whether the changes are material: the names in `material` (有, 没有) and `hint` say so (S4-17)."""
    material = lookup.raw(work, work.parameter("material", "重大变化"))
    hint = lookup.raw(work, work.parameter("hint", "系统提示"))
    _update(work, {"material": material == "有" if material else None, "hint": str(hint or "")})


@topic("declaration.close", parameters=("result",), writes=True)
def close(work: Work) -> None:
    """It is dealt with, with this `result`."""
    _update(work, {"state": DONE, "result": work.parameter("result")[:40], "closed_at": work.move.step.now})


def _update(work: Work, columns: Mapping[str, Any]) -> None:
    mine = update(D).where(D.c.case_id == work.move.case["id"]).values(**columns)
    work.move.step.session.execute(mine)


def _falls_due(row: Mapping[str, Any], every: Mapping[str, int], month: str) -> bool:
    since = row["asked"] or row["start_month"]
    return months.after(since, every[row["item"]]) <= month and (row["end_month"] is None or row["end_month"] >= month)


def _asked(row: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        "待遇编号": row["number"],
        "applicantName": row["name"],
        "idNo": row["id_no"],
        "phone": row["phone"],
        "itemId": row["item"],
        "现救助类别": row["category"],
        "原人数": row["persons"],
        "原金额": Decimal(amounts.yuan(row["amount"])),
        "所在镇": row["unit_id"],
        "所在村": row["village_id"] or row["unit_id"],
    }
    return {name: value for name, value in given.items() if value is not None}


def _rules(work: Work, unit_id: str) -> rules.Rules:
    move, units = work.move, work.move.step.runtime.units
    calendar = move.step.runtime.calendar(region_of(unit_id, units) or None)
    places = nearest_first(units, unit_id)
    return rules.Rules(rules.read_rules(policy(work)), places, day_of(move.step.now), calendar)
