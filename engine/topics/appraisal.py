"""民主评议: representatives drawn by lot, one seat and one vote each, the tally (SP5, S4-07, S4-08, S4-09)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from engine.clock.days import day_of
from engine.people import representatives
from engine.people.representatives import Representative
from engine.store import tables
from engine.store.appraisal import appraisal, appraisal_seat, representative
from engine.store.supervision import draw
from engine.supervision import representatives as lots
from engine.supervision.population import mark
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work
    from engine.people.units import Unit

KIND = "民主评议代表"
OPEN, VOTED, RECUSED, SILENT = "待表决", "已表决", "已回避", "未表决"
VOTE_FORM, SEAT = "appraisal_vote", "评议席位项"
RECUSES = "需要回避"
INTERESTED = ("applicantName", "nearRelativeWho", "备案近亲属", "异议人姓名")


class AppraisalBroken(Exception):
    """The diagram or the case lacks what is needed here; `str()` says what."""


@topic("appraisal.registered", provides=("登记代表", "评议汇总"), parameters=("village",))
def registered(work: Work) -> dict[str, Any]:
    """How many representatives the village has today, for the place's rule; an earlier tally no longer holds (A-08)."""
    village = _village(work)
    day = day_of(work.move.step.now)
    count = len(representatives.on(work.move.step.session, village.id, day)) if village else 0
    return {"登记代表": count, "评议汇总": ""}


@topic(
    "appraisal.draw",
    provides=("评议席位", "评议抽取编号", "评议轮次", "可评议人数", "应到代表", "代表足够", "另抽说明"),
    parameters=("seats", "since", "village", "anew"),
    writes=True,
)
def make(work: Work) -> dict[str, Any]:
    """Draw as many of the village's representatives as `seats` says, and keep the draw with its seed (S4-07).

    Who handled the case, is one of the family or its declared relatives, or was recused, isn't on the list. With fewer
    than `seats` nothing is drawn. `since`: the name of the moment at which this appraisal began, to count its rounds.
    `anew`: the name of the fact that says whether those who voted in an earlier appraisal of the case stay out, as long
    as the others are enough; 另抽说明 says in the minutes what was done.
    """
    move, session = work.move, work.move.step.session
    village = _village(work)
    if village is None:
        raise AppraisalBroken("没有写明户籍所在的村（社区），不能抽取评议代表，请先补填")
    listed = representatives.on(session, village.id, day_of(move.step.now))
    seats = int(work.facts.get(work.parameter("seats", "评议人数")) or 0)
    out = _recused(work, listed)
    again, told = _voted_before(work, [one for one in listed if one.account_id not in out], seats)
    out |= again
    free = [one for one in listed if one.account_id not in out]
    given = {"可评议人数": len(free), "评议轮次": _round(work), "代表足够": len(free) >= seats, "另抽说明": told}
    if len(free) < seats:
        said = f"需要{seats}名，名单上{len(listed)}名，回避{len(out)}名，可以评议的{len(free)}名，没有抽取"
        move.record("topic", work.node.name, node_id=work.node.id, details={"text": said})
        return {**given, "评议席位": [], "评议抽取编号": "", "应到代表": 0}
    candidates = tuple(lots.Candidate(mark(one.account_id), one.kind) for one in free)
    made = lots.Lots(secrets.token_hex(16), seats, candidates, tuple(sorted(out.values())))
    drawn = lots.run(made)
    number = move.number("draw", "抽")
    row = {
        "number": number,
        "case_id": move.case["id"],
        "kind": KIND,
        "unit_id": village.id,
        "unit_path": village.path,
        "period": f"{day_of(move.step.now):%Y}",
        "size": len(free),
        "drawn": len(drawn),
        "seed": made.seed,
        "digest": made.digest,
        "document": lots.document(made, drawn),
        "at": move.step.now,
    }
    draw_id = session.execute(insert(draw).values(row).returning(draw.c.id)).scalar_one()
    opened = {
        "case_id": move.case["id"],
        "draw_id": draw_id,
        "round": given["评议轮次"],
        "village_id": village.id,
        "opened_at": move.step.now,
    }
    appraisal_id = session.execute(insert(appraisal).values(opened).returning(appraisal.c.id)).scalar_one()
    ids = {mark(one.account_id): one.id for one in free}
    chosen = [{"appraisal_id": appraisal_id, "representative_id": ids[each], "state": OPEN} for each in drawn]
    seat_ids = [
        session.execute(insert(appraisal_seat).values(each).returning(appraisal_seat.c.id)).scalar_one()
        for each in chosen
    ]
    said = f"名单{len(listed)}名，回避{len(out)}名，抽取{len(drawn)}名，种子 {made.seed}，名单校验码 {made.digest}"
    move.record("topic", f"抽取评议代表 {number}", node_id=work.node.id, details={"text": said})
    return {
        **given,
        "评议席位": [str(each) for each in seat_ids],
        "评议抽取编号": number,
        "应到代表": len(drawn),
    }


@topic("appraisal.seat", provides=("代表账号", "代表姓名"))
def seat(work: Work) -> dict[str, Any]:
    """Whose seat this instance is about (S4-07)."""
    query = select(representative.c.account_id, representative.c.name)
    query = query.join(appraisal_seat, appraisal_seat.c.representative_id == representative.c.id)
    row = work.move.step.session.execute(query.where(appraisal_seat.c.id == _seat_id(work))).one()
    return {"代表账号": row.account_id, "代表姓名": row.name}


@topic("appraisal.vote", parameters=("state", "reason"), writes=True)
def vote(work: Work) -> None:
    """Keep what the representative of this instance said on both questions, or that they were recused (S4-08).

    `state`: 已回避 or 未表决 where nobody voted; `reason`: the name of the field that says why.
    """
    said, state = work.file().get(VOTE_FORM) or {}, work.parameter("state")
    if not state:
        state = RECUSED if said.get("回避声明") == RECUSES else VOTED
    values: dict[str, Any] = {"state": state, "at": work.move.step.now}
    if state == VOTED:
        values |= {
            "truth": said["评议真实性"],
            "objectivity": said["评议客观性"],
            "remark": said.get("评议说明") or None,
        }
    elif state == RECUSED:
        values["remark"] = _reason(work)
    mine = appraisal_seat.c.id == _seat_id(work), appraisal_seat.c.state == OPEN
    work.move.step.session.execute(update(appraisal_seat).where(*mine).values(values))


@topic(
    "appraisal.tally",
    provides=(
        *("应到代表", "实到代表", "回避人数", "真实票", "不真实票", "真实弃权"),
        *("客观票", "不客观票", "客观弃权", "评议说明汇总"),
    ),
    writes=True,
)
def tally(work: Work) -> dict[str, Any]:
    """Close the round and count it: whoever hasn't voted by now is counted as silent (S4-09)."""
    session, s, now = work.move.step.session, appraisal_seat.c, work.move.step.now
    appraisal_id = _newest(work)
    session.execute(
        update(appraisal_seat).where(s.appraisal_id == appraisal_id, s.state == OPEN).values(state=SILENT, at=now)
    )
    session.execute(update(appraisal).where(appraisal.c.id == appraisal_id).values(closed_at=now))
    query = select(s.state, s.truth, s.objectivity, s.remark).where(s.appraisal_id == appraisal_id).order_by(s.id)
    rows = session.execute(query).all()
    states = Counter(row.state for row in rows)
    truth = Counter(row.truth for row in rows if row.state == VOTED)
    objectivity = Counter(row.objectivity for row in rows if row.state == VOTED)
    remarks = sorted(row.remark for row in rows if row.state == VOTED and row.remark)
    return {
        "应到代表": len(rows) - states[RECUSED],
        "实到代表": states[VOTED],
        "回避人数": states[RECUSED],
        "真实票": truth["真实"],
        "不真实票": truth["不真实"],
        "真实弃权": truth["弃权"],
        "客观票": objectivity["客观"],
        "不客观票": objectivity["不客观"],
        "客观弃权": objectivity["弃权"],
        "评议说明汇总": "；".join(remarks),
    }


@topic("appraisal.close", provides=("评议汇总",), writes=True)
def close(work: Work) -> dict[str, Any]:
    """Write down whether enough came and what they thought; the sentence that the notice shows (S4-09)."""
    facts = work.facts
    done = {"quorum": bool(facts.get("评议到会")), "opinion": str(facts.get("表决意见") or "")}
    work.move.step.session.execute(update(appraisal).where(appraisal.c.id == _newest(work)).values(done))
    came = f"应到{facts.get('应到代表')}名、参加表决{facts.get('实到代表')}名"
    said = f"{came}，{facts.get('真实票')}名认为调查结果真实，{facts.get('客观票')}名认为客观"
    work.move.record("topic", f"民主评议计票：{done['opinion']}", node_id=work.node.id, details={"text": said})
    return {"评议汇总": said if done["quorum"] else ""}


def _recused(work: Work, listed: list[Representative]) -> dict[str, str]:
    """Accounts of the list that may not appraise this household, with the reason."""
    session, case_id = work.move.step.session, work.move.case["id"]
    s = tables.submission
    hands = select(s.c.by).where(s.c.case_id == case_id, s.c.form_id != VOTE_FORM).distinct()
    handled = set(session.execute(hands).scalars())
    gave_up = (
        select(representative.c.account_id)
        .join(appraisal_seat, appraisal_seat.c.representative_id == representative.c.id)
        .join(appraisal, appraisal.c.id == appraisal_seat.c.appraisal_id)
        .where(appraisal.c.case_id == case_id, appraisal_seat.c.state == RECUSED)
    )
    earlier = set(session.execute(gave_up).scalars())
    named = {str(each) for each in _newest_said(work, "回避代表") or ()}
    family = set(_family(work.file()))
    reasons: dict[str, str] = {}
    for one in listed:
        if one.name in family:
            reasons[one.account_id] = "申请家庭成员、近亲属或者利害关系人"
        elif one.account_id in handled:
            reasons[one.account_id] = "经手本件"
        elif one.account_id in named:
            reasons[one.account_id] = "主持人登记回避"
        elif one.account_id in earlier:
            reasons[one.account_id] = "本人申明或者登记回避"
    return reasons


def _voted_before(work: Work, free: list[Representative], seats: int) -> tuple[dict[str, str], str]:
    """Who of `free` stays out because they voted in an earlier appraisal of this case, and the sentence about it."""
    since = work.facts.get(work.parameter("since", "评议开始时间"))
    if since is None or not work.facts.get(work.parameter("anew", "另抽代表")):
        return {}, ""
    voted = (
        select(appraisal_seat.c.representative_id)
        .join(appraisal, appraisal.c.id == appraisal_seat.c.appraisal_id)
        .where(appraisal.c.case_id == work.move.case["id"], appraisal.c.opened_at < since)
        .where(appraisal_seat.c.state == VOTED)
    )
    ids = set(work.move.step.session.execute(voted).scalars())
    before = {one.account_id: "在本件以前的评议里表决过" for one in free if one.id in ids}
    others = len(free) - len(before)
    if not before:
        return {}, ""
    if others < seats:
        return {}, f"以前评议过本件的{len(before)}名代表仍在名单里，因为其余代表只有{others}名，不够{seats}名"
    return before, f"以前评议过本件的{len(before)}名代表没有再抽取"


def _village(work: Work) -> Unit | None:
    return work.move.step.runtime.units.find(work.unit(work.parameter("village", "hukou_village")))


def _family(file: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Names of the household, of its supporters, of relatives that were declared or filed, and of who objected.

    They share one reason: the record of a draw is public, and nobody may learn from it who objected (S0-29).
    """
    for values in file.values():
        yield from (str(values[name]) for name in INTERESTED if values.get(name))
        for rows in (values.get("members"), values.get("supporters")):
            yield from (str(row["name"]) for row in rows or () if isinstance(row, Mapping) and row.get("name"))


def _newest_said(work: Work, name: str) -> Any:
    values = (form.get(name) for form in reversed(list(work.file().values())))
    return next((found for found in values if found), None)


def _round(work: Work) -> int:
    since = work.facts.get(work.parameter("since", "评议开始时间"))
    query = select(func.count()).select_from(appraisal).where(appraisal.c.case_id == work.move.case["id"])
    if since is not None:
        query = query.where(appraisal.c.opened_at >= since)
    return int(work.move.step.session.execute(query).scalar_one()) + 1


def _newest(work: Work) -> int:
    query = select(func.max(appraisal.c.id)).where(appraisal.c.case_id == work.move.case["id"])
    found = work.move.step.session.execute(query).scalar_one()
    if found is None:
        raise AppraisalBroken("本件还没有抽取评议代表，不能计票，请核对流程图")
    return int(found)


def _reason(work: Work) -> str:
    name = work.parameter("reason", "回避原因")
    values = (form.get(name) for form in reversed(list(work.file().values())))
    return str(next((found for found in values if found), ""))


def _seat_id(work: Work) -> int:
    found = str(work.facts.get(SEAT) or "")
    if not found.isdigit():
        raise AppraisalBroken(f"没有评议席位「{SEAT}」，请核对多实例的每一项叫什么")
    return int(found)
