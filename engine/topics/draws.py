"""监督检查: draws from the register, what a file says by itself, findings and their correction (P7a–P7d, P7i)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from engine.bpmn.diagram import pairs
from engine.clock.days import ONE_DAY, day_of, start_of
from engine.registers import benefits, months
from engine.store import tables
from engine.store.supervision import draw, draw_item, finding
from engine.supervision import draw as drawing
from engine.supervision import population, precheck, seeds
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

NOT_YET = "待整改"
REMINDED = "提醒"


class SupervisionBroken(Exception):
    """The diagram or the case lacks what is needed here; `str()` says what."""


@topic(
    "draw.make",
    provides=("抽取编号", "抽取清单", "总户数", "抽取户数", "批次起点", "年度起点"),
    parameters=("kind", "share", "people", "inspectors"),
    writes=True,
)
def make(work: Work) -> dict[str, Any]:
    """Draw `share` per cent of the households of `kind`, and `people` inspectors for each; keep it all (S2-46).

    `kind`: 档案审查, 新增抽查, 年度入户, 近亲属入户; `inspectors`: `role@place` list. The seed is the one
    whose checksum was published before (`draw.commit`), else it is drawn by lot and the record says so.
    """
    move, session = work.move, work.move.step.session
    today, kind = day_of(move.step.now), work.parameter("kind")
    posts = list(pairs(work.parameter("inspectors")))
    unit = move.step.runtime.units.find(work.unit(posts[0][1]) if posts else None)
    if unit is None:
        raise SupervisionBroken("没有写明由哪个单位检查，请核对属性 inspectors")
    month = months.after(months.month_of(move.case["started_on"] or today), -1)  # 上期
    found = population.find(session, kind, unit.path, month)
    period = _period(kind, month, today)
    seed = seeds.take(session, unit.id, kind, period, move.step.now)
    people = population.inspectors(session, [role for role, _ in posts], unit.id, today)
    share, each = int(work.parameter("share", "100")), int(work.parameter("people", "1"))
    made = drawing.Draw(seed.text, share, each, found.households, tuple(people))
    drawn = drawing.run(made) if made.population else []
    number = move.number("draw", "抽")
    row = {
        "number": number,
        "case_id": move.case["id"],
        "kind": kind,
        "unit_id": unit.id,
        "unit_path": unit.path,
        "period": period,
        "size": len(made.population),
        "drawn": len(drawn),
        "seed": seed.text,
        "digest": made.digest,
        "document": drawing.document(made, drawn, **seed.published),
        "at": move.step.now,
    }
    draw_id = session.execute(insert(draw).values(row).returning(draw.c.id)).scalar_one()
    seeds.used(session, seed, draw_id)
    townships = {one.number: one.township for one in made.population}
    items = [
        session.execute(
            insert(draw_item)
            .values(
                draw_id=draw_id,
                benefit_id=found.ids[one],
                inspectors=[people[each] for each in by],
                unit_id=townships[one],
            )
            .returning(draw_item.c.id)
        ).scalar_one()
        for one, by in drawn
    ]
    before = "（校验码事先公布）" if seed.at else "（没有事先公布校验码）"
    said = f"{kind}：{len(made.population)}户中抽取{len(drawn)}户，种子 {seed.text}{before}，名单校验码 {made.digest}"
    move.record("topic", f"抽取 {number}", node_id=work.node.id, details={"text": said})
    return {
        "抽取编号": number,
        "抽取清单": [str(each) for each in items],
        "总户数": len(made.population),
        "抽取户数": len(drawn),
        "批次起点": start_of(found.first) if found.first else move.step.now,
        "年度起点": start_of(today.replace(month=1, day=1) - ONE_DAY),
    }


@topic("draw.commit", provides=("种子校验码",), parameters=("kind", "unit", "next"), writes=True)
def commit(work: Work) -> dict[str, Any]:
    """Publish the checksum of the seed of the next draw of `kind` (or of the kind that this name says) by `unit`.

    With `next="true"` it is for the draw of the period after this one's.
    """
    move, kind = work.move, work.parameter("kind")
    kind = kind if kind in population.KINDS else str(lookup.raw(work, kind) or "")
    unit = move.step.runtime.units.find(work.unit(work.parameter("unit", "county")))
    if unit is None or kind not in population.KINDS:
        raise SupervisionBroken("没有写明哪个单位、哪一种抽查，请核对属性 unit、kind")
    today = day_of(move.step.now)
    month = months.after(months.month_of(move.case["started_on"] or today), 0 if work.parameter("next") else -1)
    digest = seeds.commit(move.step.session, unit, kind, _period(kind, month, today), move.step.now)
    said = f"{kind} {_period(kind, month, today)}：种子的校验码 {digest}，种子在抽取后公布"
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": said})
    return {"种子校验码": digest}


def _period(kind: str, month: str, today: date) -> str:
    """The month of confirmation, or the year."""
    return month if kind in (population.FILES, population.NEW) else f"{today:%Y}"


@topic(
    "draw.item",
    provides=("检查对象", "待遇编号", "被查办件", "所在镇", "检查人", "协查人", "预审问题"),
    parameters=("item",),
)
def item(work: Work) -> dict[str, Any]:
    """Whom the drawn household of this instance is, who looks at it, and what its file shows by itself (S2-25)."""
    session = work.move.step.session
    query = select(draw_item).where(draw_item.c.id == _item_id(work))
    row = session.execute(query).mappings().one()
    known = benefits.find(session, row["benefit_id"])
    number = session.execute(select(tables.case.c.number).where(tables.case.c.id == known.case_id)).scalar_one()
    by = list(row["inspectors"])
    return {
        "检查对象": known.holder,
        "待遇编号": known.number,
        "被查办件": number,
        "所在镇": known.unit_id,
        "检查人": by[0],
        "协查人": by[-1],
        "预审问题": "；".join(precheck.problems(session, known)) or "没有发现问题",
    }


@topic("draw.result", parameters=("item", "result"), writes=True)
def result(work: Work) -> None:
    """What was found at this household: the value of the name in `result`."""
    said = str(lookup.raw(work, work.parameter("result")) or "")
    done = {"result": said, "done_on": day_of(work.move.step.now)}
    work.move.step.session.execute(update(draw_item).where(draw_item.c.id == _item_id(work)).values(done))


@topic("finding.record", provides=("发现编号",), parameters=("source", "unit", "item"), writes=True)
def record(work: Work) -> dict[str, Any]:
    """Enter the finding that the newest form says (问题类别, 处理方式, 问题说明).

    `unit`: whose it is, a place or a fact with a unit's id; `item`: the fact with the drawn household.
    """
    move = work.move
    where = work.parameter("unit")
    unit = move.step.runtime.units.find(work.unit(where) or str(work.facts.get(where) or ""))
    if unit is None:
        raise SupervisionBroken("没有写明是哪个单位的问题，请核对属性 unit")
    number = move.number("finding", "查")
    row = {
        "number": number,
        "case_id": move.case["id"],
        "draw_item_id": _item_id(work) if work.parameter("item") else None,
        "source": work.parameter("source"),
        "unit_id": unit.id,
        "unit_path": unit.path,
        "class": str(lookup.raw(work, "问题类别") or ""),
        "remedy": str(lookup.raw(work, "处理方式") or REMINDED),
        "text": str(lookup.raw(work, "问题说明") or ""),
        "about_number": str(lookup.raw(work, "待遇编号") or lookup.raw(work, "涉及办件编号") or ""),
        "status": NOT_YET,
        "at": move.step.now,
    }
    if row["remedy"] == REMINDED:  # said on the spot, nothing to correct
        row.update(status="已提醒", closed_at=move.step.now)
    move.step.session.execute(insert(finding).values(row))
    move.record("topic", f"登记问题 {number}", node_id=work.node.id, details={"text": row["text"]})
    return {"发现编号": number}


@topic("finding.list", provides=("整改清单", "发现数", "整改数", "未查户数"))
def listing(work: Work) -> dict[str, Any]:
    """The findings of this case, those that need correction as a list to begin 整改 from, and what wasn't looked at."""
    session, case_id = work.move.step.session, work.move.case["id"]
    rows = session.execute(select(finding).where(finding.c.case_id == case_id).order_by(finding.c.id)).mappings().all()
    open_ones = [row for row in rows if row["status"] == NOT_YET]
    unseen = select(func.count()).select_from(draw_item).join(draw, draw.c.id == draw_item.c.draw_id)
    unseen = unseen.where(draw.c.case_id == case_id, draw_item.c.result.is_(None))
    return {
        "整改清单": [_to_correct(row) for row in open_ones],
        "发现数": len(rows),
        "整改数": len(open_ones),
        "未查户数": session.execute(unseen).scalar_one(),
    }


@topic("finding.close", parameters=("finding",), writes=True)
def close(work: Work) -> None:
    """The correction was accepted."""
    number = str(work.facts.get(work.parameter("finding", "发现编号")) or "")
    done = {"status": "已整改", "closed_at": work.move.step.now}
    work.move.step.session.execute(update(finding).where(finding.c.number == number).values(done))


def _to_correct(row: Any) -> dict[str, str]:
    return {
        "发现编号": row["number"],
        "整改单位": row["unit_id"],
        "问题类别": row["class"],
        "处理方式": row["remedy"],
        "问题说明": row["text"],
        "涉及编号": row["about_number"],
    }


def _item_id(work: Work) -> int:
    name = work.parameter("item", "抽取项")
    found = next(_digits(work.facts.get(name)), None)
    if found is None:
        raise SupervisionBroken(f"没有抽取项「{name}」，请核对属性 item")
    return found


def _digits(found: Any) -> Iterator[int]:
    if found is not None and str(found).isdigit():
        yield int(str(found))
