"""Lists of low-income families to departments: made, sent, received, answered line by line (S1-64)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.cases.facts import nearest_first
from engine.clock.days import day_of
from engine.people.catalogue import read_catalogue
from engine.registers import low_income
from engine.registers.low_income import LINE, PUSH
from engine.topics import lookup
from engine.topics.registers import policy
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work
    from engine.people.units import Unit
    from engine.registers.low_income import Share

MOMENTS = {"已推送": "sent_at", "已签收": "received_at", "已答复": "answered_at"}


class ListBroken(Exception):
    """The diagram asks for a list that this case doesn't have; `str()` says which."""


@topic("lowincome.list", provides=("推送部门", "推送部门数", "推送户数"), parameters=("number",), writes=True)
def make(work: Work) -> dict[str, Any]:
    """A list for each department that has a share (policy/low_income_push.toml) and handles its item in this county.

    `number`: the name that says of which benefit only; without it, all families of the county. Departments without a
    single line get none.
    """
    move, session = work.move, work.move.step.session
    today, units = day_of(move.step.now), move.step.runtime.units
    county = units.find(work.unit("county"))
    if county is None:
        raise ListBroken("没有写明推送哪个县的名单，请核对开始事件的 place")
    wanted = str(lookup.raw(work, work.parameter("number")) or "") if work.parameter("number") else ""
    found = low_income.families(session, county.path, today, wanted)
    sent: list[str] = []
    households: set[int] = set()
    for share, unit in _receivers(work, county):
        rows = low_income.lines(session, units, share, found, today)
        if not rows or unit.id in sent:
            continue
        _keep(work, share, unit, county, rows, "新认定" if wanted else "月度")
        sent.append(unit.id)
        households |= {row.household_id for row in rows}
    said = "、".join(units.get(each).name for each in sent) or "没有要推送的"
    move.record("topic", "生成推送名单", node_id=work.node.id, details={"text": f"{len(households)}户：{said}"})
    return {"推送部门": sent, "推送部门数": len(sent), "推送户数": len(households)}


@topic("lowincome.note", provides=("接收部门名称", "名单行数", "可答复"), parameters=("state",), writes=True)
def note(work: Work) -> dict[str, Any]:
    """The list of the department in `承办单位` has got to `state`: 已推送, 已签收, 已答复."""
    state, push = work.parameter("state"), _list(work)
    if state not in MOMENTS:
        raise ListBroken(f"名单没有“{state}”这个状态，可用的是 {'、'.join(MOMENTS)}")
    columns: dict[str, Any] = {"state": state, MOMENTS[state]: work.move.step.now}
    if state == "已签收":
        columns["liaison"] = work.move.step.actor.name
    if state == "已答复":
        columns["said"] = lookup.said(work, "答复说明")
    work.move.step.session.execute(update(PUSH).where(PUSH.c.id == push["id"]).values(columns))
    unit = work.move.step.runtime.units.find(push["unit_id"])
    name = unit.name if unit else push["unit_id"]
    return {"接收部门名称": name, "名单行数": push["size"], "可答复": "、".join(push["offers"])}


@topic("lowincome.answer", provides=("未登记答复",), parameters=("rows",), writes=True)
def answer(work: Work) -> dict[str, Any]:
    """What the department offers, line by line: `rows` names the list of 序号, 答复, 说明.

    Lines that the list doesn't have, and offers that this department has not, are told as 未登记答复; then nothing of
    the answer is kept.
    """
    push, session = _list(work), work.move.step.session
    name = work.parameter("rows", "逐行答复")
    said = next((form[name] for form in reversed(list(work.file().values())) if name in form), None)
    rows = [row for row in said or () if isinstance(row, Mapping) and row.get("序号") not in (None, "")]
    if wrong := list(_wrong(rows, push)):
        return {"未登记答复": "；".join(wrong)}
    mine = LINE.c.push_id == push["id"]
    session.execute(update(LINE).where(mine).values(offer=None, note=None))
    for row in rows:
        told = {"offer": str(row["答复"]), "note": row.get("说明") or None}
        session.execute(update(LINE).where(mine, LINE.c.seq == int(row["序号"])).values(told))
    return {"未登记答复": ""}


@topic("lowincome.summary", provides=("推送结果",))
def summary(work: Work) -> dict[str, Any]:
    """What each department answered, one sentence each."""
    session, units = work.move.step.session, work.move.step.runtime.units
    said: list[str] = []
    for push in low_income.of_case(session, work.move.case["id"]):
        query = select(LINE.c.offer).where(LINE.c.push_id == push["id"], LINE.c.offer.is_not(None))
        counts = Counter(session.execute(query).scalars())
        words = "、".join(f"{offer}{count}{(push['per'] == '人' and '人') or '户'}" for offer, count in counts.items())
        unit = units.find(push["unit_id"])
        said.append(f"{unit.name if unit else ''}：{words or push['said'] or push['state']}")
    return {"推送结果": "；".join(said)}


def _receivers(work: Work, county: Unit) -> Iterator[tuple[Share, Unit]]:
    units, today = work.move.step.runtime.units, day_of(work.move.step.now)
    catalogue = read_catalogue(policy(work))
    for share in low_income.shares(policy(work), today):
        unit = units.find(catalogue.unit_of(share.id, nearest_first(units, county.id), today))
        if unit is not None and unit.is_valid_on(today):
            yield share, unit


def _keep(work: Work, share: Share, unit: Unit, county: Unit, rows: Sequence[low_income.Line], scope: str) -> None:
    session = work.move.step.session
    head = {
        "case_id": work.move.case["id"],
        "unit_id": unit.id,
        "county_path": county.path,
        "scope": scope,
        "per": share.per,
        "columns": list(share.columns),
        "offers": list(share.offers),
        "size": len(rows),
        "households": len({row.household_id for row in rows}),
        "digest": low_income.digest(share.columns, rows),
        "state": "待推送",
    }
    push_id = session.execute(insert(PUSH).values(head).returning(PUSH.c.id)).scalar_one()
    kept = [
        {"push_id": push_id, "seq": seq, "benefit_id": row.benefit_id, "cells": list(row.cells)}
        for seq, row in enumerate(rows, 1)
    ]
    session.execute(insert(LINE), kept)


def _list(work: Work) -> Mapping[str, Any]:
    unit_id = str(work.facts.get("承办单位") or "")
    query = select(PUSH).where(PUSH.c.case_id == work.move.case["id"], PUSH.c.unit_id == unit_id)
    found = work.move.step.session.execute(query).mappings().one_or_none()
    if found is None:
        raise ListBroken(f"这一件没有给“{unit_id}”的名单，请核对多实例的集合和元素")
    return {**found}


def _wrong(rows: Sequence[Mapping[str, Any]], push: Mapping[str, Any]) -> Iterator[str]:
    seen: set[int] = set()
    for row in rows:
        number = int(row.get("序号") or 0)
        if not 1 <= number <= push["size"]:
            yield f"名单里没有第{number}行（共{push['size']}行）"
        elif number in seen:
            yield f"第{number}行答复了两次"
        elif row.get("答复") not in push["offers"]:
            yield f"第{number}行的答复“{row.get('答复')}”不在可答复的内容里（{'、'.join(push['offers'])}）"
        seen.add(number)
