"""What an application means for the registers: its household and mandate, what its family has (E-10, E-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from engine.cases import about
from engine.cases.facts import nearest_first, region_of
from engine.cases.history import line
from engine.clock.days import day_of
from engine.registers import amounts, benefits, exclusion, people, rules
from engine.registers.benefits import Benefit
from engine.store import registers, tables
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

NO_DUPLICATE = "没有"


class RegisterRefused(Exception):
    """What the diagram or the forms give doesn't fit the register; `str()` says what and what to do, in Chinese."""


@topic("register.household", provides=("户编号", "登记提示"), writes=True)
def household(work: Work) -> dict[str, Any]:
    """Persons, household and mandate as the newest application says; what doesn't fit is told as 登记提示."""
    move, session = work.move, work.move.step.session
    head, others = family(work)
    unit = move.step.runtime.units.find(move.case["unit_id"])
    home = people.Home(
        move.case["unit_id"], unit.path if unit else None, move.unit("hukou_village"), lookup.said(work, "hukouAddress")
    )
    registration = people.Registration(session, move.step.now, day_of(move.step.now))
    registered = registration.household(lambda: move.number("household", "户"), home, head, others)
    _mandate(work, registered.head_id)
    remarks = "；".join(registration.remarks)
    move.record(
        "register", f"登记家庭 {registered.number}", node_id=work.node.id, details={"text": remarks or "已登记"}
    )
    return {"户编号": registered.number, "登记提示": remarks}


@topic("register.duplicate", provides=("重复情形", "已享救助", "在办编号"), parameters=("procedures",))
def duplicate(work: Work) -> dict[str, Any]:
    """Whether the family has this application open already (E-10) or receives what excludes it (E-11).

    `procedures`: in which procedures an open application counts; this one if none is named.
    """
    head, others = family(work)
    numbers = [each.id_no for each in (head, *others) if each.id_no and each.co_living]
    ids = people.by_id_numbers(work.move.step.session, numbers).values()
    held = benefits.of_person(work.move.step.session, ids)
    excluded = exclusion.excluded_by(policy(work), str(work.move.case["item"] or ""))
    same = [each for each in held if each.item == work.move.case["item"]]
    others_held = [each for each in held if each.item in excluded and each not in same]
    open_number = _open_elsewhere(work, numbers)
    kind = (
        "正在办理"
        if open_number
        else "已享受同一救助"
        if same
        else "已享受不能同享的救助"
        if others_held
        else NO_DUPLICATE
    )
    shown = "；".join(_words(each) for each in held)
    return {"重复情形": kind, "已享救助": shown, "在办编号": open_number}


@topic("register.merge", provides=("在办件编号",), parameters=("number",), writes=True)
def merge(work: Work) -> dict[str, Any]:
    """Note in the earlier case that this one was merged into it (E-10); `number`: the name that says which it is.

    在办件编号 is empty when there is no such open case of this family and item: then nothing is merged.
    """
    move = work.move
    wanted = str(lookup.raw(work, work.parameter("number", "重复申请编号")) or "").strip()
    other = about.by_number(move.step, wanted) if wanted else None
    if other is None or not _same_matter(work, other):
        why = f"没有找到编号为“{wanted}”、由这一家申请同一事项、正在办理的另一件；请核对编号后重新审查"
        move.record("register", "没有并案", node_id=work.node.id, details={"text": why})
        return {"在办件编号": ""}
    said = line(move.step.actor, move.step.now, "register", f"并案：并入 {move.case['number']}")
    about.write(move.step, other["id"], said)
    move.record("register", f"并入 {other['number']}", node_id=work.node.id)
    return {"在办件编号": other["number"]}


def _same_matter(work: Work, other: Mapping[str, Any]) -> bool:
    case = work.move.case
    if other["id"] == case["id"] or other["status"] != "open" or other["item"] != case["item"]:
        return False
    head, others = family(work)
    return other["applicant_id_no"] in {each.id_no for each in (head, *others) if each.id_no}


# --- what the case says -------------------------------------------------------------------------------------------


def applied(work: Work) -> date:
    """The day of the application."""
    return work.move.case["started_on"] or day_of(work.move.step.now)


def policy(work: Work) -> Path:
    """The folder of the policy tables."""
    return work.move.step.runtime.root / "processes" / "policy"


def ruled(work: Work) -> rules.Rules:
    """The rules of the registers as they count today where the case is decided."""
    move, units = work.move, work.move.step.runtime.units
    calendar = move.step.runtime.calendar(region_of(move.case["unit_id"], units) or None)
    places = nearest_first(units, move.case["unit_id"])
    return rules.Rules(rules.read_rules(policy(work)), places, day_of(move.step.now), calendar)


def family(work: Work) -> tuple[people.Member, list[people.Member]]:
    """The applicant and the other members; the applicant's row among the members is the applicant."""
    case = work.move.case
    if not case["applicant_name"]:
        raise RegisterRefused("这一件没有申请人，不能登记家庭；请先补正申请人")
    head = people.Member(
        name=case["applicant_name"],
        id_no=case["applicant_id_no"],
        relation="本人",
        sex=lookup.raw(work, "sex"),
        birth=lookup.day(lookup.raw(work, "birth")),
        phone=case["applicant_phone"],
    )
    rows = list(_members(work))
    others = [_member(work, row) for row in rows if not _is_applicant(row, head)]
    return head, [each for each in others if each.name]


def _members(work: Work) -> Iterator[Mapping[str, Any]]:
    yield from (row for row in lookup.raw(work, "members") or () if isinstance(row, Mapping))


def _is_applicant(row: Mapping[str, Any], head: people.Member) -> bool:
    if row.get("idNo"):
        return bool(row["idNo"] == head.id_no)
    return row.get("relation") == "01" and row.get("name") == head.name


def _member(work: Work, row: Mapping[str, Any]) -> people.Member:
    return people.Member(
        name=str(row.get("name") or ""),
        id_no=row.get("idNo") or None,
        relation=_label(work, "members.relation", row.get("relation")),
        co_living=row.get("isCoLiving") is not False,
        birth=lookup.day(row.get("birth")),
        sex=row.get("sex") or None,
        no_id_reason=row.get("noIdReason") or None,
    )


def _label(work: Work, path: str, code: Any) -> str:
    for form_id in reversed(list(work.move.file())):
        form = work.move.deployment.forms.get(form_id)
        part = next((each for each in form.fields.values() if each.path == path), None) if form else None
        if part is not None:
            return str(part.options().get(str(code), code or ""))
    return str(code or "")


def _mandate(work: Work, person_id: int) -> None:
    name, m = lookup.said(work, "agentName"), registers.mandate
    if not name:
        return
    move = work.move
    row = {
        "case_id": move.case["id"],
        "person_id": person_id,
        "agent_name": name,
        "agent_id_no": lookup.raw(work, "agentIdNo"),
        "agent_phone": lookup.raw(work, "agentPhone"),
        "relation": lookup.said(work, "agentRelation"),
        "scope": lookup.said(work, "agentScope") or "",
        "since": applied(work),
        "valid_to": lookup.day(lookup.raw(work, "agentValidTo")),
    }
    session = move.step.session
    session.execute(delete(m).where(m.c.case_id == row["case_id"], m.c.agent_name == name))
    session.execute(insert(m).values(row))


def _open_elsewhere(work: Work, numbers: list[str]) -> str:
    """The 业务编号 of the earliest open application of these people for the same item; "" for none."""
    case, c = work.move.case, tables.case
    named = [name.strip() for name in work.parameter("procedures").split(",") if name.strip()]
    query = select(c.c.number).where(
        c.c.procedure.in_(named or [case["procedure"]]),
        c.c.item == case["item"],
        c.c.status == "open",
        c.c.applicant_id_no.in_(sorted(set(numbers))),
        c.c.id < case["id"],
        c.c.id != (case.get("parent_id") or 0),
    )
    return str(work.move.step.session.execute(query.order_by(c.c.id).limit(1)).scalar_one_or_none() or "")


def _words(benefit: Benefit) -> str:
    amount = f"每月{amounts.yuan(benefit.amount)}元" if benefit.amount else "不发放现金"
    return f"{benefit.holder}：{benefit.category}（{benefit.number}，{benefit.status}，{amount}）"
