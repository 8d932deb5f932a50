"""投诉举报: at which level it is taken, what is known of what it is about, who must stay away from it (P7e, E-33)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.cases import about, sealing
from engine.people.places import resolve
from engine.people.units import Unit
from engine.store import tables
from engine.store.supervision import complaint, complaint_reporter
from engine.topics import lookup, places
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

TOWNSHIP, COUNTY, CITY, NOBODY = "乡镇", "县级", "市级", "无上级"
LEVELS = (TOWNSHIP, COUNTY, CITY)
PLACE = {TOWNSHIP: "about_township", COUNTY: "about_county", CITY: "city"}
HEADS = ("complaint_clerk", "township_head", "county_head")  # who takes a report and who answers for what becomes of it
NO_CASE = "没有关联的办件"
ANSWERED = ("属实", "部分属实", "不属实")
IN_NOTICE, UNDECIDED = "公示期内", "还没有决定"


@topic("complaint.register", provides=("受理级别", "受理单位", "实名举报"), parameters=("level",), writes=True)
def register(work: Work) -> dict[str, Any]:
    """Enter a report, and say at which level it is taken: the `level` that the table gives, or a higher one.

    It goes up where the unit's own clerk or head is reported, and where the unit has nobody to take reports: a report
    never reaches whom it is about (P7e). 无上级: no unit is left in this system.
    """
    move = work.move
    accused = str(lookup.raw(work, "被反映人姓名") or "")
    wanted = str(work.facts.get(work.parameter("level")) or TOWNSHIP)
    level, unit = next(_fit(work, wanted, accused), (NOBODY, None))
    named = select(complaint_reporter.c.case_id).where(complaint_reporter.c.case_id == move.case["id"])
    is_named = move.step.session.execute(named).one_or_none() is not None
    about_unit = work.unit("about_village") or work.unit("about_township")
    if unit is not None:
        places.bind_units(move, {sealing.PLACE: unit.id})
    row = {
        "case_id": move.case["id"],
        "named": is_named,
        "kind": str(lookup.raw(work, "反映类别") or ""),
        "subject": accused,
        "about_number": str(lookup.raw(work, "被反映办件编号") or "").strip().upper(),
        "accused_unit_id": about_unit,
        "level": level,
        "at": move.step.now,
    }
    move.step.session.execute(insert(complaint).values(row))
    return {"受理级别": level, "受理单位": unit.name if unit else "", "实名举报": is_named}


@topic("complaint.raise", provides=("受理级别", "受理单位"), writes=True)
def raise_level(work: Work) -> dict[str, Any]:
    """Hand a report over to the next level up that takes reports; 无上级 when there is none."""
    move, level = work.move, str(work.facts.get("受理级别") or TOWNSHIP)
    above = LEVELS[LEVELS.index(level) + 1 :][:1] if level in LEVELS else ()
    accused = str(lookup.raw(work, "被反映人姓名") or "")
    level, unit = next(_fit(work, above[0], accused), (NOBODY, None)) if above else (NOBODY, None)
    if unit is not None:
        places.bind_units(move, {sealing.PLACE: unit.id})
    move.step.session.execute(update(complaint).where(complaint.c.case_id == move.case["id"]).values(level=level))
    name = unit.name if unit else ""
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": f"{level} {name}".strip()})
    return {"受理级别": level, "受理单位": name}


@topic("complaint.look", provides=("关联办件编号", "关联办件情形", "重复件", "回避名单"))
def look(work: Work) -> dict[str, Any]:
    """What is known of what a report is about: the case and where it stands (E-05), earlier reports of the same that
    have been answered, and the accounts that may not look into it: they had a hand in the case, or are reported."""
    found = _case(work)
    return {
        "关联办件编号": found["number"] if found else None,
        "关联办件情形": _stands(work, found) if found else NO_CASE,
        "重复件": "；".join(_same(work)) or None,
        "回避名单": sorted({*_handlers(work, found), *_namesakes(work)}),
    }


@topic("complaint.close", parameters=("outcome",), writes=True)
def close(work: Work) -> None:
    """The report was answered, with the value of the name in `outcome`, or with the word itself."""
    move, outcome = work.move, work.parameter("outcome")
    said = str(lookup.raw(work, outcome) or outcome)
    done = {"outcome": said, "told_at": move.step.now}
    move.step.session.execute(update(complaint).where(complaint.c.case_id == move.case["id"]).values(done))


def _fit(work: Work, wanted: str, accused: str) -> Iterator[tuple[str, Unit]]:
    """The levels from `wanted` up whose unit exists, takes reports and isn't itself meant."""
    units = work.move.step.runtime.units
    for level in LEVELS[LEVELS.index(wanted) if wanted in LEVELS else 0 :]:
        unit = units.find(_unit_of(work, level))
        if unit is not None and not _is_meant(work, unit, accused):
            yield level, unit


def _unit_of(work: Work, level: str) -> str | None:
    bound, units = work.move.case["places"], work.move.step.runtime.units
    if level != CITY:
        return resolve(bound, PLACE[level], units)
    county = units.find(resolve(bound, PLACE[COUNTY], units))
    city = units.city_of(county.id) if county else None
    return city.id if city else None


def _is_meant(work: Work, unit: Unit, accused: str) -> bool:
    """Nobody takes reports here, or who takes or answers for them bears the name of whom it is about."""
    a, p = tables.account, tables.post
    query = select(a.c.name, p.c.role).join(p, p.c.account_id == a.c.id)
    rows = work.move.step.session.execute(query.where(p.c.unit_id == unit.id, p.c.role.in_(HEADS), a.c.active)).all()
    takes = any(row.role == "complaint_clerk" for row in rows)
    return not takes or bool(accused and any(row.name == accused for row in rows))


def _case(work: Work) -> dict[str, Any] | None:
    """The case that a report names by its number, else the one on the board of its village under its name."""
    number = str(lookup.raw(work, "被反映办件编号") or "")
    if number and (found := about.by_number(work.move.step, number)):
        return found
    name, village = str(lookup.raw(work, "被反映人姓名") or ""), work.unit("about_village")
    if not name or not village:
        return None
    c, n = tables.case, tables.notice
    query = select(c.c.number).join(n, n.c.case_id == c.c.id)
    query = query.where(n.c.unit_id == village, c.c.applicant_name == name, c.c.status == "open")
    hung = work.move.step.session.execute(query.order_by(n.c.id.desc()).limit(1)).scalar_one_or_none()
    return about.by_number(work.move.step, hung) if hung else None


def _stands(work: Work, found: Mapping[str, Any]) -> str:
    if found["status"] != "open":
        return f"已办结：{found['outcome'] or ''}"
    n, p = tables.notice.c, tables.paper.c
    session = work.move.step.session
    hangs = select(n.id).where(
        n.case_id == found["id"], n.kind == "初审公示", n.status == "公示中", n.end_at.is_not(None)
    )
    if session.execute(hangs.limit(1)).scalar_one_or_none() is not None:
        return IN_NOTICE
    decided = select(p.id).where(p.case_id == found["id"], p.kind.in_(("approval", "refusal")))
    return "已经决定" if session.execute(decided.limit(1)).scalar_one_or_none() is not None else UNDECIDED


def _same(work: Work) -> Iterator[str]:
    """Earlier reports of the same kind about the same case or person that were looked into, with what came out."""
    session, c, r = work.move.step.session, tables.case.c, complaint.c
    mine = session.execute(select(complaint).where(r.case_id == work.move.case["id"])).mappings().one()
    query = select(c.number, r.outcome).join(complaint, r.case_id == c.id)
    query = query.where(r.kind == mine["kind"], r.outcome.in_(ANSWERED), r.case_id != mine["case_id"])
    if mine["about_number"]:
        query = query.where(r.about_number == mine["about_number"])
    elif mine["subject"]:
        query = query.where(r.subject == mine["subject"], r.accused_unit_id == mine["accused_unit_id"])
    else:
        return
    for row in session.execute(query.order_by(c.id)):
        yield f"{row.number}（{row.outcome}）"


def _handlers(work: Work, found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is not None:
        s, accounts = tables.submission.c, select(tables.account.c.id)
        query = select(s.by).distinct().where(s.case_id == found["id"], s.by.in_(accounts))
        yield from work.move.step.session.execute(query).scalars()


def _namesakes(work: Work) -> Iterator[str]:
    name = str(lookup.raw(work, "被反映人姓名") or "")
    if name:
        a = tables.account.c
        yield from work.move.step.session.execute(select(a.id).where(a.name == name)).scalars()
