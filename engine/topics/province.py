"""Reporting 高龄津贴 to the provincial system and reading what it answered (S3-07, S3-08)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import select

from engine.bpmn.named import split
from engine.cases.facts import region_of
from engine.province import answers, messages
from engine.province.answers import Answer
from engine.province.messages import Kind
from engine.store import tables
from engine.topics import lookup
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

PERSON = {"name": "applicantName", "idNo": "idNo", "sex": "sex", "birth": "birth", "phone": "phone"}
ACCOUNT = {"bank": "bankName", "account": "accountNo", "accountName": "accountName"}
AGENT = {"name": "agentName", "phone": "agentPhone", "relation": "agentRelation"}


class ReportRefused(Exception):
    """What the diagram or the forms give can't be reported; `str()` says what and what to do, in Chinese."""


@topic("province.send", provides=("报送编号", "报送版本", "报送次数"), parameters=("kind", "files"), writes=True)
def send(work: Work) -> dict[str, Any]:
    """Put the case's data into the queue for the province; `kind`: 新增, 调档, 停发, 死亡, 撤回, or what 变更种类 says;
    `files`: the forms whose files are named.

    Nothing is sent in this step. The same data again keeps its number; 报送次数 counts how often it was sent off.
    """
    move, kind = work.move, _kind(work)
    reported = messages.report(move.step.session, move.case, kind, _content(work, kind), move.step.now)
    times = f"，第{reported.asked}次" if reported.asked > 1 else ""
    move.record(
        "topic", work.node.name, node_id=work.node.id, details={"text": f"{kind}，报送编号 {reported.key}{times}"}
    )
    return {"报送编号": reported.key, "报送版本": reported.version, "报送次数": reported.asked}


@topic(
    "province.read",
    provides=("省系统业务号", "津贴类别", "津贴金额", "省定起发月份", "省定起发日", "答复说明"),
    writes=True,
)
def read(work: Work) -> dict[str, Any]:
    """What the answer that 答复种类 speaks of says; one that a person filled in goes into the ledger too."""
    move, kind = work.move, str(lookup.raw(work, "答复种类") or "")
    message = messages.newest(move.step.session, move.case["id"], _kind(work))
    if message is None:
        raise ReportRefused("这一件还没有报送过省系统，没有可以登记的答复；请检查流程图")
    said = answers.newest_used(move.step, message["id"], kind)
    by_hand = said is None
    if said is None:
        by = Answer(f"补录-{message['key']}-{message['asked']}-{kind}", message["key"], kind, **_filled_in(work))
        answers.keep(move.step, message["id"], by, "补录", "used")
        said = by.said
    number = said["number"] or message["province_number"] or ""
    amount, month = said["amount"], said["start_month"]
    level = f"高龄津贴（{said['level']}）" if said["level"] else "高龄津贴"
    text = f"{kind}{'（补录）' if by_hand else ''}，省系统业务号 {number or '–'}"
    text += f"，{level}，每月{amount}元，自{month}起" if kind == answers.AGREED else f"：{said['reason']}"
    move.record("topic", work.node.name, node_id=work.node.id, details={"text": text})
    return {
        "省系统业务号": number,
        "津贴类别": level,
        "津贴金额": Decimal(amount) if amount else None,
        "省定起发月份": month or None,
        "省定起发日": date.fromisoformat(f"{month}-01") if month else None,
        "答复说明": said["reason"] or "省系统没有写明理由",
    }


def _kind(work: Work) -> Kind:
    named = work.parameter("kind") or str(work.facts.get("变更种类") or "新增")
    found = next((each for each in get_args(Kind) if each == named), None)
    if found is None:
        raise ReportRefused(f"报送种类“{named}”不认识，应为 {'、'.join(get_args(Kind))} 之一；请检查流程图")
    kind: Kind = found
    return kind


def _filled_in(work: Work) -> dict[str, str]:
    level = str(lookup.raw(work, "津贴类别") or "")
    amount = lookup.raw(work, "津贴金额")
    found = {
        "number": lookup.raw(work, "省系统业务号"),
        "level": level.removeprefix("高龄津贴（").removesuffix("）"),
        "amount": answers.plain(str(amount)) if amount not in (None, "") else "",
        "start_month": lookup.raw(work, "省定起发月份"),
        "reason": lookup.raw(work, "答复说明"),
    }
    return {name: str(value) if value not in (None, "") else "" for name, value in found.items()}


def _content(work: Work, kind: Kind) -> dict[str, Any]:
    move = work.move
    units, unit = move.step.runtime.units, move.step.runtime.units.find(move.unit("hukou_township"))
    village = units.find(move.unit("hukou_village"))
    content: dict[str, Any] = {
        "kind": kind,
        "caseNumber": move.case["number"],
        "region": region_of(unit.id if unit else None, units),
        "township": unit.name if unit else "",
        "village": village.name if village else "",
        "address": _text(work, "hukouAddress"),
        "person": {name: _text(work, key) for name, key in PERSON.items()},
        "account": {name: _text(work, key) for name, key in ACCOUNT.items()},
    }
    if _text(work, "agentName"):
        content["agent"] = {name: _text(work, key) for name, key in AGENT.items()}
    if files := _attachments(work):
        content["attachments"] = files
    if kind != "新增":
        content["about"] = _text(work, "省系统业务号")
        content["reason"] = _text(work, "变更说明")
        content["diedOn"] = _text(work, "死亡日期")
    return content


def _text(work: Work, name: str) -> str:
    """What the newest form says: what was corrected later counts before what facts remember of the application."""
    values = (form.get(name) for form in reversed(list(work.file().values())))
    found = next((value for value in values if value not in (None, "")), None)
    found = work.facts.get(name) if found is None else found
    return "" if found is None else str(found)


def _attachments(work: Work) -> list[dict[str, str]]:
    """Names and digests of the files of the forms in `files`."""
    a, move = tables.attachment, work.move
    forms = split(work.parameter("files"))
    mine = (a.c.case_id == move.case["id"], a.c.form_id.in_(forms))
    query = select(a.c.name, a.c.sha256).where(*mine).order_by(a.c.id)
    return [{"name": row.name, "sha256": row.sha256} for row in move.step.session.execute(query)]
