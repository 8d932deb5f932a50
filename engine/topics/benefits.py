"""What a decision means for the register of benefits: granted, changed, stopped, each from its month (D36, D29)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from engine.cases import held
from engine.cases.facts import system_facts
from engine.clock.days import day_of, start_of
from engine.payments import recoveries
from engine.registers import amounts, benefits, calculations, exclusion, months, people, rules
from engine.registers.benefits import Benefit, Kind, Said, Terms, When
from engine.topics import asking_back, lookup, text
from engine.topics.registers import RegisterRefused, applied, family, household, policy
from engine.topics.registers import ruled as _rules
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

PAYEE = {"accountName": "payee_name", "bankName": "bank", "accountNo": "account"}
TERM_FACTS = {"category": "救助类别", "persons": "保障人数", "amount": "保障金额", "supplement": "分类施保金额"}


@topic(
    "benefit.grant",
    provides=("待遇编号", "起发月份", "发放批次", "转出待遇", "需复查待遇"),
    parameters=("item", "category", "persons", "amount", "supplement", "valid_to", "starts"),
    writes=True,
)
def grant(work: Work) -> dict[str, Any]:
    """Enter what was confirmed; it starts in the month that the rules say (D36), and what it excludes ends then (E-11).

    `category`, `persons`, `amount`, `supplement`: names that say them, when not the usual ones; `item`: the name that
    says as what it counts, when not as what was applied for (E-24); `valid_to`: a day's name; `starts`: the name of a
    later first month.
    """
    move, session = work.move, work.move.step.session
    today = day_of(move.step.now)
    holder = _holder(work)
    ruled = _rules(work)
    item = str((lookup.raw(work, work.parameter("item")) if work.parameter("item") else None) or move.case["item"])
    first = ruled.first_month(item, lookup.day(work.facts.get("决定时间")) or today, applied(work))
    asked = lookup.raw(work, work.parameter("starts", "起始月份"))
    start = max(first, asked) if months.is_month(asked) else first
    roster = max(ruled.roster(), start)
    columns = {
        **_columns(work, holder),
        "item": item,
        "start_month": start,
        "confirmed_on": lookup.day(work.facts.get("决定时间")) or today,
    }
    columns["next_review_on"] = _months_later(today, ruled.number(rules.REVIEW))
    number = move.number("benefit", "待遇")
    said = Said(f"{item}审核确认", move.case["id"], move.step.now, move.step.actor)
    left, doubtful = _leave_excluded(work, holder, columns, When(start, roster), said)
    benefit_id = benefits.grant(session, number, columns, roster, said)
    known = benefits.find(session, benefit_id)
    calculations.settle(session, move.case["id"], benefit_id, known.amount, move.step.now)
    move.record(
        "register",
        f"登记待遇 {known.number}",
        node_id=work.node.id,
        details={"text": _granted(known, roster)},
    )
    return {
        "待遇编号": known.number,
        "起发月份": start,
        "发放批次": roster,
        "转出待遇": "；".join(left),
        "需复查待遇": "；".join(doubtful),
    }


@topic(
    "benefit.change",
    provides=("生效月份", "发放批次", "变更前金额", "变更后金额", "补发金额", "多发金额"),
    parameters=("benefit", "kind", "amount", "persons", "supplement", "status", "month", "reason", "to"),
    writes=True,
)
def change(work: Work) -> dict[str, Any]:
    """Change a benefit in force: from the month of the first roster that can carry it, or from the month that says.

    `kind`: 增发, 减发, 暂停, 恢复, 渐退, 账户变更, 迁移, or the name that says it; `benefit`, `amount`, `persons`,
    `supplement`, `month`: names that say them; `to`: for 迁移, the place whose unit takes over; `reason`: a text.
    """
    kind = _kind(work)
    if kind == "停发":
        return _stop(work, kind, "")
    benefit = _benefit(work)
    terms, when = _terms(work, kind, benefit), _when(work, benefit, "")
    given = _recorded(work, benefit, kind, terms, when)
    if given["变更后金额"] < given["变更前金额"]:
        _ask_back(work, benefit, when)
    return given


@topic(
    "benefit.stop",
    provides=("生效月份", "发放批次", "变更前金额", "变更后金额", "补发金额", "多发金额"),
    parameters=("benefit", "month", "died", "reason"),
    writes=True,
)
def stop(work: Work) -> dict[str, Any]:
    """End a benefit; with `died`, a name that says the day of death, from the month that the rules say (E-09)."""
    return _stop(work, "停发", work.parameter("died"))


def _granted(benefit: Benefit, roster: str) -> str:
    if not benefit.amount:
        until = f"，有效期至{benefit.valid_to}" if benefit.valid_to else ""
        return f"{benefit.category}，不发放现金，自{benefit.start_month}起{until}"
    amount = amounts.yuan(benefit.amount)
    return f"{benefit.category}，每月{amount}元，自{benefit.start_month}起发放，{roster}名册首次列入"


@topic(
    "benefit.find",
    provides=(
        *("待遇情况", "待遇编号", "待遇状态", "待遇持有人", "itemId", "现救助类别", "原金额", "原人数", "计发方式"),
        *("最早月份", "查找情况", "核查起算时间"),
    ),
    parameters=("number", "died"),
    writes=True,
)
def look_up(work: Work) -> dict[str, Any]:
    """Which benefit this case is about, and how it stands: by its number or by that of the case that granted it.

    `number`: the name that says it (救助证号); `died`: the name of a day of death, from which the check counts (D38).
    待遇情况 is 可以变更, 已经终止 or 没有找到. A case that was begun without its person or township gets those of the
    benefit.
    """
    move = work.move
    number = str(lookup.raw(work, work.parameter("number", "救助证号")) or "").strip()
    found = benefits.named(move.step.session, number) if number else None
    if found is None:
        why = f"救助台账里没有“{number}”" if number else "没有写明是哪一项待遇"
        return {"待遇情况": "没有找到", "查找情况": f"{why}，请核对救助证号或者业务编号。"}
    held.concern(move, found)
    died = lookup.day(lookup.raw(work, work.parameter("died", "死亡日期")))
    return {
        "待遇情况": "已经终止" if found.status == "终止" else "可以变更",
        "查找情况": f"{found.category}，发放到{found.end_month}。" if found.end_month else f"{found.category}，在享。",
        "待遇编号": found.number,
        "待遇状态": found.status,
        "待遇持有人": found.holder,
        "itemId": found.item,
        "现救助类别": found.category,
        "原金额": Decimal(amounts.yuan(found.amount)),
        "原人数": found.persons,
        "计发方式": found.method,
        "最早月份": max(_rules(work).roster(), found.start_month),
        "核查起算时间": start_of(died) if died else move.step.now,
    }


@topic(
    "benefit.restore",
    provides=("生效月份", "发放批次", "变更前金额", "变更后金额", "补发金额"),
    parameters=("benefit", "reason"),
    writes=True,
)
def restore(work: Work) -> dict[str, Any]:
    """Take back what this case changed: the benefit as before, from that month on, with back pay (E-30)."""
    move, session, roster = work.move, work.move.step.session, _rules(work).roster()
    before = _benefit(work)
    now = benefits.take_back(session, before, When(roster, roster), _said(work))
    calculations.give_back(session, move.case["id"], before.id, move.step.now)
    month = benefits.history(session, before.id)[-1]["month"]
    late = months.between(month, months.after(roster, -1))
    given = {
        "生效月份": month,
        "发放批次": roster,
        "变更前金额": Decimal(amounts.yuan(before.amount)),
        "变更后金额": Decimal(amounts.yuan(now.amount)),
        "补发金额": Decimal(amounts.yuan(max(0, (now.amount - before.amount) * late))),
    }
    told = f"撤销变更，自{month}起恢复为每月{amounts.yuan(now.amount)}元；{roster}名册首次列入"
    move.record("register", f"恢复 {now.number}", node_id=work.node.id, details={"text": told})
    return given


# --- granting -----------------------------------------------------------------------------------------------------


def _holder(work: Work) -> int:
    session = work.move.step.session
    head, _others = family(work)
    known = people.by_id_numbers(session, [head.id_no or ""]).get(head.id_no or "")
    if known is None:  # the diagram never registered the family, or the applicant has changed since
        household(work)
        known = people.by_id_numbers(session, [head.id_no or ""]).get(head.id_no or "")
    if known is None:
        raise RegisterRefused(f"{head.name}没有身份证号码，不能登记待遇；请先补上号码")
    return known


def _columns(work: Work, holder: int) -> dict[str, Any]:
    move = work.move
    household_id = people.household_of(move.step.session, holder)
    unit = move.step.runtime.units.find(move.case["unit_id"])
    if unit is None or household_id is None:
        raise RegisterRefused("没有找到决定单位或者申请人的家庭，不能登记待遇；请核对户籍地和家庭成员")
    given = {column: lookup.raw(work, work.parameter(column, name)) for column, name in TERM_FACTS.items()}
    payee = {column: lookup.raw(work, name) for name, column in PAYEE.items()}
    own = payee["payee_name"] in (None, move.case["applicant_name"])
    return {
        "household_id": household_id,
        "person_id": holder,
        "category": str(given["category"] or move.case["item"]),
        "unit_id": unit.id,
        "unit_path": unit.path,
        "village_id": move.unit("hukou_village"),
        "mode": system_facts(move.step.runtime, move.case, move.step.now)["审核确认权限"],
        "persons": int(given["persons"] or 1),
        "amount": amounts.cents(given["amount"]),
        "supplement": amounts.cents(given["supplement"]),
        "standard": amounts.cents(lookup.raw(work, "当地标准")) or None,
        "method": lookup.said(work, "计发方式"),
        "valid_to": lookup.day(lookup.raw(work, work.parameter("valid_to"))) if work.parameter("valid_to") else None,
        "case_id": move.case["id"],
        **payee,
        "payee_id_no": move.case["applicant_id_no"] if own else None,
        "near_relative": work.facts.get("近亲属命中") is True,
    }


def _leave_excluded(
    work: Work, holder: int, columns: Mapping[str, Any], when: When, said: Said
) -> tuple[list[str], list[str]]:
    """End what cannot be received beside the new benefit; what also keeps others of the household is only named."""
    session, left, doubtful = work.move.step.session, list[str](), list[str]()
    excluded = exclusion.excluded_by(policy(work), str(columns["item"]))
    for old in benefits.of_person(session, [holder]):
        if old.item not in excluded or old.case_id == columns["case_id"]:
            continue
        if old.persons > columns["persons"] and old.item != columns["item"]:
            doubtful.append(old.number)
            continue
        why = Said(f"转为{columns['category']}", said.case_id, said.at, said.by)
        benefits.record(session, old, "停发", Terms(), When(max(when.month, old.start_month), when.batch_month), why)
        left.append(old.number)
    return left, doubtful


def _months_later(day: date, count: int) -> date:
    month = months.after(months.month_of(day), count)
    return date(int(month[:4]), int(month[5:]), min(day.day, 28))


# --- changing -----------------------------------------------------------------------------------------------------


def _kind(work: Work) -> Kind:
    named = work.parameter("kind")
    said = named if named in get_args(Kind) else lookup.raw(work, named)
    found = next((each for each in get_args(Kind) if each == said), None)
    if found is None or found == "新增":
        raise RegisterRefused(f"变更种类“{said or named}”不能用，请核对流程图上的 kind 和表单里的变更种类")
    kind: Kind = found
    return kind


def _benefit(work: Work) -> Benefit:
    number = str(lookup.raw(work, work.parameter("benefit", "待遇编号")) or "")
    if not number:
        raise RegisterRefused("没有写明变更哪一项待遇，请填写待遇编号")
    return benefits.find(work.move.step.session, number)


def _terms(work: Work, kind: Kind, benefit: Benefit) -> Terms:
    status = {"暂停": "暂停", "恢复": "在享", "渐退": "渐退"}.get(kind)
    if kind in ("增发", "减发") and benefit.status == "渐退":
        status = "在享"  # aid goes on: it no longer runs out
    if kind == "迁移":
        unit = work.move.step.runtime.units.find(work.move.unit(work.parameter("to", "hukou_township")))
        if unit is None:
            raise RegisterRefused("没有写明迁到哪个乡镇（街道），请补上")
        return Terms(unit_id=unit.id, unit_path=unit.path, village_id=work.move.unit("hukou_village"))
    if kind == "账户变更":
        return Terms(payee={column: str(lookup.raw(work, name) or "") for name, column in PAYEE.items()})
    amount = lookup.raw(work, work.parameter("amount", "变更后金额"))
    persons = lookup.raw(work, work.parameter("persons", "变更后人数"))
    supplement = lookup.raw(work, work.parameter("supplement")) if work.parameter("supplement") else None
    return Terms(
        amount=benefit.amount if amount is None else amounts.cents(amount),
        persons=int(persons) if persons is not None else None,
        supplement=amounts.cents(supplement) if supplement is not None else None,
        status=next((each for each in get_args(benefits.Status) if each == status), None),
    )


def _stop(work: Work, kind: Kind, died: str) -> dict[str, Any]:
    benefit = _benefit(work)
    when = _when(work, benefit, died)
    given = _recorded(work, benefit, kind, Terms(), when)
    if paid := recoveries.paid_after_end(work.move.step.session, benefit.number, when.month):
        day = lookup.day(lookup.raw(work, died or "死亡日期"))
        asking_back.begin(work, benefit, paid, day, f"自{when.month}起停发，停发登记前已经发放：{paid.explained}。")
    return given


def _ask_back(work: Work, benefit: Benefit, when: When) -> None:
    """A reduction that counts from a month which has been paid already: what was paid too much is asked back (E-09)."""
    session = work.move.step.session
    due = benefits.due(session, benefit, when.month, months.after(when.batch_month, -1))
    if paid := recoveries.paid_beyond(session, benefit.number, due, benefit.amount):
        asking_back.begin(work, benefit, paid, None, f"自{when.month}起减发，减发登记前已经发放：{paid.explained}。")


def _when(work: Work, benefit: Benefit, died: str) -> When:
    ruled = _rules(work)
    roster = ruled.roster()
    month = lookup.raw(work, work.parameter("month")) if work.parameter("month") else None
    if died:
        day = lookup.day(lookup.raw(work, died))
        if day is None:
            raise RegisterRefused(f"没有写明死亡日期（{died}），请补上")
        month = ruled.after_death(day)
    if month is not None and not months.is_month(month):
        raise RegisterRefused(f"“{month}”不是月份，请写成 2026-04 这样")
    return When(max(str(month or roster), benefit.start_month), roster)


def _recorded(work: Work, benefit: Benefit, kind: Kind, terms: Terms, when: When) -> dict[str, Any]:
    move, session = work.move, work.move.step.session
    said = _said(work)
    benefits.record(session, benefit, kind, terms, when, said)
    now = benefits.find(session, benefit.id)
    calculations.settle(session, move.case["id"], benefit.id, now.amount, move.step.now)
    late = months.between(when.month, months.after(when.batch_month, -1))
    difference = (now.amount - benefit.amount) * late  # months that the old amount is or was paid for
    move.record(
        "register",
        f"{kind} {benefit.number}",
        node_id=work.node.id,
        details={
            "text": f"每月{amounts.yuan(benefit.amount)}元变为{amounts.yuan(now.amount)}元，自{when.month}起；"
            f"{when.batch_month}名册首次列入。{said.reason}"
        },
    )
    return {
        "生效月份": when.month,
        "发放批次": when.batch_month,
        "变更前金额": Decimal(amounts.yuan(benefit.amount)),
        "变更后金额": Decimal(amounts.yuan(now.amount)),
        "补发金额": Decimal(amounts.yuan(max(0, difference))),
        "多发金额": Decimal(amounts.yuan(max(0, -difference))),
    }


def _said(work: Work) -> Said:
    move = work.move
    reason = text.fill(work.parameter("reason", "{变更原因}"), lambda name: lookup.value(work, name))
    return Said(reason, move.case["id"], move.step.now, move.step.actor)
