"""What the province answers: each answer counts once, whatever comes twice, late, out of order or against another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import RowMapping, insert, select, update

from engine.cases import about, relay, verbs
from engine.cases.facts import resolve
from engine.cases.history import line
from engine.cases.runtime import Runtime, Step
from engine.people.actor import Actor
from engine.province import messages
from engine.province.errors import AnswerInvalid
from engine.province.messages import ONLY_NOTED, A, M, digest
from engine.store import tables

PROVINCE = Actor("province", "省高龄津贴管理系统")
HEARD = "省系统答复"  # the message that diagrams wait for

Way = Literal["回调", "查询", "补录"]
Status = Literal["used", "late", "conflict", "unknown", "repeated"]
TAKEN, RETURNED, AGREED, REFUSED, NOTED = "受理", "退回", "同意", "不同意", "已登记"
KINDS = (TAKEN, RETURNED, AGREED, REFUSED, NOTED)
FINAL = (AGREED, REFUSED)
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_AMOUNT = re.compile(r"\d{1,6}(\.\d{1,2})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `key` is the province's number for it, `message` our number for what it answers."""

    key: str
    message: str
    kind: str
    number: str = ""  # 省系统业务号
    level: str = ""  # 津贴档次
    amount: str = ""  # yuan a month
    start_month: str = ""
    reason: str = ""

    @property
    def said(self) -> dict[str, str]:
        """What it says, without its numbers: two answers that say the same don't contradict each other."""
        names = ("kind", "number", "level", "amount", "start_month", "reason")
        return {name: getattr(self, name) for name in names}

    @property
    def decided(self) -> tuple[str, str, str]:
        """What it means for money."""
        return self.kind, self.amount, self.start_month


def plain(amount: str) -> str:
    """`50` for `50.00`: the same amount is the same text, whoever wrote it."""
    return format(Decimal(amount).normalize(), "f") if amount else ""


def read(content: Mapping[str, Any]) -> Answer:
    """An answer as the province sends it; `AnswerInvalid` says what is wrong with it."""
    names = ("id", "key", "kind", "number", "level", "amount", "startMonth", "reason")
    found = {name: content.get(name) or "" for name in names}
    if strange := [name for name, value in found.items() if not isinstance(value, str) or len(value) > 2000]:
        raise AnswerInvalid(f"{strange[0]} 应为文字，且不超过 2000 字")
    if missing := [name for name in ("id", "key", "kind") if not found[name] or len(found[name]) > 80]:
        raise AnswerInvalid(f"缺少 {missing[0]}，或者过长")
    if found["kind"] not in KINDS:
        raise AnswerInvalid(f"kind “{found['kind']}”不认识，应为 {'、'.join(KINDS)} 之一")
    if found["kind"] == RETURNED and not found["reason"]:
        raise AnswerInvalid("退回没有写明原因（reason）")
    if found["kind"] == AGREED:
        if not _MONTH.fullmatch(found["startMonth"]):
            raise AnswerInvalid("同意没有写明起发月份（startMonth，例如 2026-04）")
        if not found["amount"]:
            raise AnswerInvalid("同意没有写明每月金额（amount，例如 50.00）")
    if found["amount"] and not _AMOUNT.fullmatch(found["amount"]):
        raise AnswerInvalid(f"每月金额“{found['amount'][:20]}”不是金额（amount，例如 50.00）")
    return Answer(
        *(found["id"], found["key"], found["kind"], found["number"][:60]),
        *(found["level"], plain(found["amount"]), found["startMonth"], found["reason"]),
    )


def receive(runtime: Runtime, answer: Answer, way: Way, now: datetime) -> Status:
    """Keep the answer and let its case hear of it, if it counts; everything is answered alike when it comes again.

    `late`: nothing waits for it any more (a receipt after the result, a version that was replaced, a case that has
    ended); `conflict`: it contradicts what counts already, so people have to look; `unknown`: about nothing of ours.
    """
    with verbs.step(runtime, PROVINCE, now) as this:
        query = select(M).where(M.c.key == answer.message).with_for_update()
        message = this.session.execute(query).mappings().one_or_none()
        known = this.session.execute(select(A).where(A.c.key == answer.key)).mappings().one_or_none()
        if known is not None:
            return _again(this, known, answer, message)
        status = _judge(this, message, answer)
        keep(this, message["id"] if message else None, answer, way, status)
        if message is not None:
            _act(this, message, answer, status)
    return status


def keep(this: Step, message_id: int | None, answer: Answer, way: Way, status: Status) -> None:
    """A row of the ledger; one that counts is also written on its message, which then needn't be sent any more."""
    row = {
        "key": answer.key,
        "message_id": message_id,
        "kind": answer.kind,
        "content": answer.said,
        "digest": digest(answer.said),
        "way": way,
        "status": status,
        "repeats": 0,
        "received_at": this.now,
    }
    this.session.execute(insert(A).values(row))
    if status == "used" and message_id is not None:
        counts: dict[str, Any] = {"answered": answer.kind, "answered_at": this.now}
        if answer.number:
            counts["province_number"] = answer.number
        if answer.kind != TAKEN:
            counts["inquire_at"] = None
        this.session.execute(update(M).where(M.c.id == message_id).values(counts))
        arrived = (M.c.id == message_id, M.c.status.in_(("waiting", "failed")))
        gone = {"status": "sent", "sent_at": this.now, "next_at": None, "error": None}
        this.session.execute(update(M).where(*arrived).values(gone))


def newest_used(this: Step, message_id: int, kind: str) -> Mapping[str, Any] | None:
    """What the newest answer of this kind that counts says."""
    query = select(A.c.content).where(A.c.message_id == message_id, A.c.status == "used", A.c.kind == kind)
    found: Mapping[str, Any] | None = this.session.execute(query.order_by(A.c.id.desc()).limit(1)).scalar_one_or_none()
    return found


def _again(this: Step, known: RowMapping, answer: Answer, message: RowMapping | None) -> Status:
    """The same number again: the same content is only counted, another one is a matter for people."""
    change: dict[str, Any] = {"repeats": known["repeats"] + 1}
    if known["digest"] != digest(answer.said) and known["status"] != "conflict":
        change["status"] = "conflict" if known["status"] != "used" else "used"
        if message is not None:
            _ask_people(this, message, answer, f"同一答复编号 {answer.key} 先后内容不同，以先到的为准")
    this.session.execute(update(A).where(A.c.id == known["id"]).values(change))
    return "repeated"


def _judge(this: Step, message: RowMapping | None, answer: Answer) -> Status:
    if message is None:
        return "unknown"
    if message["kind"] in ONLY_NOTED or answer.kind == NOTED:
        return "used"
    said = message["answered"]
    if said in FINAL:
        before = newest_used(this, message["id"], said) or {}
        same = answer.decided == (said, before.get("amount", ""), before.get("start_month", ""))
        return "late" if same or answer.kind not in FINAL else "conflict"
    if answer.kind == TAKEN and said is not None:
        return "late"
    if said == RETURNED:
        return "late" if answer.kind == RETURNED else "conflict"
    last = messages.newest(this.session, message["case_id"], message["kind"])
    replaced = last is not None and last["version"] > message["version"]
    return "late" if replaced or not _is_open(this, message["case_id"]) else "used"


def _act(this: Step, message: RowMapping, answer: Answer, status: Status) -> None:
    if status == "conflict":
        _ask_people(this, message, answer, "与已经采用的答复不一致，没有采用，请与省级核实")
    elif status == "late" and answer.kind in FINAL and not _is_open(this, message["case_id"]):
        _ask_people(this, message, answer, "这一件已经办结，答复没有采用；已列入发放的请剔除，并告知省级")
    elif status == "used" and message["kind"] not in ONLY_NOTED:
        heard = {"facts": {"答复种类": answer.kind}, "may_be_missed": answer.kind == TAKEN}
        columns = {"to_id": message["case_id"], "message": HEARD, "from_name": PROVINCE.name}
        relay.order(this, f"province:{answer.key}", "tell", heard, **columns)


def _is_open(this: Step, case_id: int) -> bool:
    c = tables.case
    return bool(this.session.execute(select(c.c.status).where(c.c.id == case_id)).scalar_one() == "open")


def _ask_people(this: Step, message: RowMapping, answer: Answer, what: str) -> None:
    """A line in the case's history and a message to the county that reports to the province."""
    c, o = tables.case, tables.outbox
    columns = (c.c.id, c.c.number, c.c.places, c.c.applicant_name)
    case = this.session.execute(select(*columns).where(c.c.id == message["case_id"])).mappings().one()
    text = f"省系统对 {message['key']} 答复“{answer.kind}”{f'（{answer.reason}）' if answer.reason else ''}：{what}。"
    about.write(this, case["id"], line(PROVINCE, this.now, "message", "省系统答复需要核实", details={"text": text}))
    row = {
        "case_id": case["id"],
        "key": f"{case['id']}:province:{answer.key}:{len(what)}",
        "to_role": "county_clerk",
        "to_unit": resolve(case["places"], "county", this.runtime.units),
        "to_account": None,
        "to_applicant": False,
        "kind": "通知",
        "title": "省系统答复需要核实",
        "text": f"{case['applicant_name'] or ''}（{case['number']}）{text}",
        "created_at": this.now,
    }
    this.session.execute(this.runtime.store.insert(o).values(row).on_conflict_do_nothing())
