"""Open cases whose confirmation moves when power moves: which they are, and their move, each in a step of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from engine.bpmn.deployment import Deployment
from engine.bpmn.run import Live
from engine.cases import relay
from engine.cases.facts import nearest_first
from engine.clock.days import ONE_DAY
from engine.people import power
from engine.people.power import Mode
from engine.people.units import Unit
from engine.store import tables
from engine.store.power import power_item

if TYPE_CHECKING:
    from engine.cases.runtime import Runtime, Step

MOVED = "审核确认权限移交"  # the message by which a case that stands at its decision asks anew who decides
ITEM = power_item


@dataclass(frozen=True, slots=True)
class Changed:
    """A township where the item is confirmed by another from a day on."""

    township: Unit
    before: Mode
    after: Mode
    giver: Unit
    taker: Unit


def changed(runtime: Runtime, bureau: Unit, item: str, day: date) -> list[Changed]:
    """Townships of a county where `item` passes from the county to the township or back on `day`.

    Between 下放 and 委托 nothing changes hands: the same people go on, in another name.
    """
    powers = power.read_power(runtime.root / "processes" / "policy" / "power.toml")
    found = []
    for unit in runtime.units:
        if unit.kind != "township" or runtime.units.county_of(unit.id) != bureau:
            continue
        places = nearest_first(runtime.units, unit.id)
        before, after = (power.mode(powers, item, places, each) for each in (day - ONE_DAY, day))
        if (before == "本级") != (after == "本级"):
            giver, taker = (bureau, unit) if before == "本级" else (unit, bureau)
            found.append(Changed(unit, before, after, giver, taker))
    return found


def write_list(this: Step, case_id: int, item: str, moves: Sequence[Changed]) -> int:
    """Write down the open cases of `item` in these townships, each once; gives how many there are.

    A case that stands on the list of another handover and isn't received yet is moved by that one.
    """
    known = set(this.session.execute(select(ITEM.c.moved_id).where(ITEM.c.case_id == case_id)).scalars())
    rows = [row for move in moves for row in _rows(this, case_id, item, move) if row["moved_id"] not in known]
    if rows:
        this.session.execute(insert(ITEM), rows)
    return len(known) + len(rows)


def lines(this: Step, case_id: int, unit_id: str) -> list[Mapping[str, Any]]:
    """The list of one township, in the order of the cases' numbers, with number and applicant."""
    c = tables.case
    query = select(ITEM, c.c.number, c.c.applicant_name).join(c, c.c.id == ITEM.c.moved_id)
    query = query.where(ITEM.c.case_id == case_id, ITEM.c.unit_id == unit_id).order_by(c.c.number)
    return [{**row} for row in this.session.execute(query).mappings()]


def hand_over(this: Step, case_id: int, unit_id: str, *, reached_stay: bool) -> int:
    """Order the move of a township's list; gives how many cases. Asked twice it is done once.

    A case that stands at its decision asks anew who decides, and goes there with its clocks running on; one that
    hasn't got there yet will be decided by whoever has the power then. `reached_stay`: what the giver has at its
    decision already is finished there. Each case gets one line; one that has ended meanwhile needs none.
    """
    rows = lines(this, case_id, unit_id)
    names = {unit.id: unit.name for unit in this.runtime.units}
    number = this.session.execute(select(tables.case.c.number).where(tables.case.c.id == case_id)).scalar_one()
    for row in rows:
        stays = bool(row["reached"] and reached_stay)
        content = {"facts": {"权限移交编号": number}, "note": _note(row, names, stays=stays)}
        key, message = f"power:{case_id}:{row['moved_id']}", "" if stays else MOVED
        relay.order(
            this, key, "tell", content, to_id=row["moved_id"], message=message, from_id=case_id, from_name=MOVED
        )
        done = {"stays": stays, "received_at": this.now, "received_by": this.actor.name}
        this.session.execute(update(ITEM).where(ITEM.c.id == row["id"]).values(done))
    return len(rows)


def _note(row: Mapping[str, Any], names: Mapping[str, str], *, stays: bool) -> str:
    giver, taker = names.get(row["from_unit"], ""), names.get(row["to_unit"], "")
    if stays:
        return f"审核确认权限由{giver}移交{taker}；本件已到决定环节，由{giver}办完"
    return f"审核确认由{giver}移交{taker}，案卷{row['files']}份材料一并移交，各项期限继续计算"


def _rows(this: Step, case_id: int, item: str, move: Changed) -> Iterator[dict[str, Any]]:
    c = tables.case
    mine = (c.c.unit_id == move.township.id, c.c.item == item, c.c.status == "open", c.c.started_at <= this.now)
    other = c.alias("other")
    listed = select(ITEM.c.moved_id).join(other, other.c.id == ITEM.c.case_id)
    listed = listed.where(ITEM.c.case_id != case_id, ITEM.c.received_at.is_(None), other.c.status == "open")
    for case in this.session.execute(select(c).where(*mine, c.c.id.not_in(listed)).order_by(c.c.id)).mappings().all():
        deployment = this.runtime.deployment(this.session, case["deployment_id"])
        if not _is_confirmed(deployment, case["procedure"]):
            continue
        step, due_at = _standing(this, case["id"])
        yield {
            "case_id": case_id,
            "moved_id": case["id"],
            "unit_id": move.township.id,
            "from_unit": move.giver.id,
            "to_unit": move.taker.id,
            "reached": _waits(Live.load(case["state"], deployment.specs)),
            "step": step,
            "due_at": due_at,
            "files": _files(this, case["id"]),
        }


def _is_confirmed(deployment: Deployment, procedure: str) -> bool:
    """Whether cases of this procedure come to a decision that moves with the power."""
    called = (deployment.processes[each] for each in deployment.closure(procedure))
    return any(node.event.text == MOVED for process in called for node in process.every_node())


def _waits(live: Live) -> bool:
    return any(token.kind == "message" and token.node.event.text == MOVED for token in live.waiting().values())


def _standing(this: Step, case_id: int) -> tuple[str, Any]:
    """What is open in the case, in words, and its first date."""
    t = tables.task
    rows = this.session.execute(
        select(t.c.name, t.c.due_at).where(t.c.case_id == case_id, t.c.status == "open").order_by(t.c.created_at)
    ).all()
    dates = [row.due_at for row in rows if row.due_at]
    return "、".join(dict.fromkeys(row.name for row in rows))[:200] or "等待", min(dates, default=None)


def _files(this: Step, case_id: int) -> int:
    """How many forms and attachments its file holds."""
    s, a = tables.submission, tables.attachment
    forms = select(func.count()).select_from(s).where(s.c.case_id == case_id).scalar_subquery()
    files = select(func.count()).select_from(a).where(a.c.case_id == case_id).scalar_subquery()
    return int(this.session.execute(select(forms + files)).scalar_one())
