"""What a file shows by itself, before an auditor opens it: each thing that is missing or doesn't fit (S2-25, E-27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.clock.days import day_of
from engine.store import tables

if TYPE_CHECKING:
    from engine.registers.benefits import Benefit
    from engine.store.database import Session

File = Mapping[str, Mapping[str, Any]]
NOTICE_DAYS = 7  # D13


def problems(session: Session, benefit: Benefit) -> list[str]:
    """The problems of the file behind a benefit, in the order of its steps; empty when it shows none."""
    s, n = tables.submission, tables.notice
    query = select(s.c.form_id, s.c["values"]).where(s.c.case_id == benefit.case_id).order_by(s.c.id)
    file: File = {row.form_id: row[1] for row in session.execute(query)}
    hung = select(n.c.start_at, n.c.end_at).where(n.c.case_id == benefit.case_id, n.c.kind == "初审公示")
    last = session.execute(hung.order_by(n.c.id.desc()).limit(1)).one_or_none()
    return [*_papers(file), *_survey(file), *_notice(file, last), *_review(file), *_amount(file, benefit)]


def _papers(file: File) -> Iterator[str]:
    if not file.get("application", {}).get("idCardFile"):
        yield "没有身份证件"
    if "verification" not in file:
        yield "没有家庭经济状况核对报告"
    elif not file["verification"].get("核对报告编号"):
        yield "核对报告没有编号"


def _survey(file: File) -> Iterator[str]:
    if "home_survey" not in file:
        yield "没有入户调查表"
        return
    team, survey = file.get("survey_team", {}), file["home_survey"]
    if len({team.get("调查员一"), team.get("调查员二")} - {None, ""}) < 2:
        yield "入户调查不足2人"
    if not survey.get("surveyorSignature"):
        yield "入户调查表没有调查员签名"
    if not (survey.get("respondentSignature") or survey.get("witnessSignature")):
        yield "入户调查表没有被调查人或者见证人签名"
    if not survey.get("endedAt"):
        yield "入户调查表没有日期"


def _notice(file: File, hung: Any) -> Iterator[str]:
    if hung is None or "notice_start" not in file:
        yield "没有公示"
        return
    start, end = _day(hung.start_at), _day(hung.end_at)
    if start is None or end is None or (end - start).days < NOTICE_DAYS:
        yield f"公示不足{NOTICE_DAYS}日"
    for form, name, photo in (("notice_start", "张贴", "张贴照片"), ("notice_end", "期满", "期满照片")):
        if not file.get(form, {}).get(photo):
            yield f"没有公示{name}照片"


def _review(file: File) -> Iterator[str]:
    minutes = file.get("review_minutes")
    if minutes is None:
        yield "没有联审联批会议记录"
    elif not minutes.get("参会人员"):
        yield "会议记录没有参会人员"


def _amount(file: File, benefit: Benefit) -> Iterator[str]:
    decided = file.get("decision", {}).get("保障金额")
    try:
        same = decided is not None and Decimal(str(decided)) * 100 == benefit.amount
    except InvalidOperation:
        same = False
    if not same:
        yield f"决定的金额（{decided or '没有填'}）与台账的金额（{Decimal(benefit.amount) / 100}）不一致"


def _day(found: datetime | None) -> date | None:
    return day_of(found) if found else None
