"""转办: which unit an item goes to, its line in the ledger, and what all have answered (S1-42 to S1-50, E-15, E-16)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.bpmn.named import handed_on
from engine.cases.facts import nearest_first
from engine.clock.days import day_of
from engine.people import posts
from engine.people.catalogue import Catalogue, Item, read_catalogue
from engine.people.units import Unit
from engine.store.referrals import referral
from engine.topics import lookup, text
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

ITEM, UNIT = "事项编号", "承办单位"
LIAISON = "liaison"
MOMENTS = frozenset({"sent_at", "received_at", "concluded_at", "interim_at", "result_at", "told_at"})
SAID = frozenset({"result", "said", "told_how", "note", "number", "clerk"})


class ItemUnknown(Exception):
    """An item that the catalogue doesn't have on this day."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"救助事项目录里没有现在有效的「{item_id}」，请在 policy/catalogue.toml 补上后重试")


class LedgerBroken(Exception):
    """The diagram asks the ledger for what it doesn't have; `str()` says what."""


@topic(
    "referral.open",
    provides=(
        *("事项名称", "主管部门", "办理方式", "承办单位", "协办单位", "转办须知", "退回次数", "县级指定"),
        *("流程编号", "对应项目"),
    ),
    writes=True,
)
def open_line(work: Work) -> dict[str, Any]:
    """Look the item `事项编号` up in the catalogue, and begin its line in the ledger.

    `承办单位` and `协办单位` are unit ids, absent when the catalogue names none or one that is dissolved by today.
    """
    move, this, r = work.move, work.move.step, referral
    catalogue, item, today = _catalogue(work), _item(work), day_of(this.now)
    unit, partner = _unit(work, catalogue, item.id, today), _unit(work, catalogue, item.partner, today)
    window = this.runtime.units.find(work.unit("window"))
    row = {
        "case_id": move.case["id"],
        "item_id": item.id,
        "item": item.name,
        "grouped": item.grouped,
        "instance": work.token.instance,
        "window_path": window.path if window else None,
        "clerk": this.actor.name,
        "state": "待转办" if item.way == "部门" else "待办理",
        "bounces": 0,
        "at": this.now,
        **_place(unit),
    }
    same = (r.c.case_id == row["case_id"], r.c.item_id == item.id)
    this.session.execute(r.delete().where(*same))
    this.session.execute(insert(r).values(row))
    return _given(item, unit, partner)


@topic("catalogue.item", provides=("事项名称", "流程编号", "对应项目"))
def look_up(work: Work) -> dict[str, Any]:
    """What the catalogue says of the item `事项编号`: its name, and how a window begins it."""
    return _begun(_item(work))


def _catalogue(work: Work) -> Catalogue:
    return read_catalogue(work.move.step.runtime.root / "processes" / "policy")


def _item(work: Work) -> Item:
    """The item `事项编号`; `ItemUnknown` when the catalogue has none that is on offer today."""
    item_id = str(lookup.raw(work, ITEM) or "")
    found = _catalogue(work).find(item_id)
    if found is None or not found.is_valid_on(day_of(work.move.step.now)):
        raise ItemUnknown(item_id)
    return found


def _begun(item: Item) -> dict[str, Any]:
    return {"事项名称": item.name, "流程编号": item.procedure or None, "对应项目": item.applies or None}


def _given(item: Item, unit: Unit | None, partner: Unit | None) -> dict[str, Any]:
    return {
        **_begun(item),
        "主管部门": item.department,
        "办理方式": item.way,
        "承办单位": unit.id if unit else None,
        "协办单位": partner.id if partner else None,
        "转办须知": item.note or "按事项的规定办理",
        "退回次数": 0,
        "县级指定": False,
    }


def _unit(work: Work, catalogue: Catalogue, item_id: str, today: date) -> Unit | None:
    units = work.move.step.runtime.units
    around = nearest_first(units, work.unit("window") or work.move.case["unit_id"])
    unit = units.find(catalogue.unit_of(item_id, around, today))
    return unit if unit and unit.is_valid_on(today) else None


def _place(unit: Unit | None) -> dict[str, Any]:
    return {"unit_id": unit.id if unit else None, "unit_path": unit.path if unit else None}


@topic("referral.reach", provides=("承办单位名称", "有联络专员"), writes=True)
def reach(work: Work) -> dict[str, Any]:
    """Whether somebody is liaison today at the unit in `承办单位`, and what it is called; it stands in the ledger."""
    this = work.move.step
    unit = this.runtime.units.find(str(work.facts.get(UNIT) or ""))
    today = day_of(this.now)
    there = unit is not None and unit.is_valid_on(today)
    names = posts.holders(this.session, LIAISON, unit.id, today) if there and unit else []
    _update(work, {**_place(unit if there else None)})
    return {"承办单位名称": unit.name if unit else str(work.facts.get("主管部门", "")), "有联络专员": bool(names)}


@topic("referral.note", provides=("退回次数",), parameters=("state", "at", "facts"), writes=True)
def note(work: Work) -> dict[str, Any]:
    """Write the item's line: its `state`, the moment `at` (`sent_at` …), and `facts` (`result=办理结果, said=…`).

    The state 退回 counts how often it came back.
    """
    state, moments = work.parameter("state"), handed_on(work.parameter("at"))
    said = handed_on(work.parameter("facts"))
    if wrong := sorted({name for name, _ in moments} - MOMENTS | {name for name, _ in said} - SAID):
        raise LedgerBroken(f"登记表没有“{'、'.join(wrong)}”这一栏，请核对属性 at、facts")
    columns: dict[str, Any] = {name: _words(lookup.value(work, ours)) for name, ours in said}
    columns |= {name: work.move.step.now for name, _ in moments}
    count = int(work.facts.get("退回次数") or 0) + (1 if state == "退回" else 0)
    if work.move.step.actor.posts and "received_at" in columns:
        columns["liaison"] = work.move.step.actor.name
    _update(work, {**columns, **({"state": state} if state else {}), "bounces": count})
    return {"退回次数": count}


@topic("referral.told", parameters=("facts",), writes=True)
def told(work: Work) -> None:
    """The applicant has been told of all results at once (S1-49): each line of the case says when and how."""
    r = referral
    said = {name: _words(lookup.value(work, ours)) for name, ours in handed_on(work.parameter("facts")) if name in SAID}
    mine = (r.c.case_id == work.move.case["id"], r.c.result_at.is_not(None), r.c.told_at.is_(None))
    work.move.step.session.execute(update(r).where(*mine).values(told_at=work.move.step.now, **said))


@topic("referral.close", parameters=("state",), writes=True)
def close(work: Work) -> None:
    """Lines of the case without a result get this `state`: the application has been withdrawn."""
    r = referral
    mine = (r.c.case_id == work.move.case["id"], r.c.result_at.is_(None))
    work.move.step.session.execute(update(r).where(*mine).values(state=work.parameter("state")))


@topic("referral.summary", provides=("办理结果汇总",))
def summary(work: Work) -> dict[str, Any]:
    """What became of each item, one line each, for the single reply (S1-49)."""
    r = referral
    query = (
        select(r.c.item, r.c.state, r.c.result, r.c.said).where(r.c.case_id == work.move.case["id"]).order_by(r.c.id)
    )
    lines = [
        f"{row.item}：{row.result or row.state}" + (f"，{row.said}" if row.said else "")
        for row in work.move.step.session.execute(query)
    ]
    return {"办理结果汇总": "；".join(lines) or "没有办理事项"}


def _words(value: Any) -> str | None:
    return text.show(value) if value not in (None, "") else None


def _update(work: Work, columns: Mapping[str, Any]) -> None:
    r = referral
    mine = (r.c.case_id == work.move.case["id"], r.c.item_id == str(work.facts[ITEM]))
    work.move.step.session.execute(update(r).where(*mine).values(**columns))
