"""The exchange about one case with the provincial system, told in the office's words (S3-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from engine.cases.runtime import Step
from engine.province import messages

REPORTS = "province.send"  # the topic of a diagram that reports
WAYS = {"回调": "省系统送来", "查询": "查询得到", "补录": "人工补录"}
JUDGED = {
    "used": "采用",
    "late": "来迟了，不采用",
    "conflict": "与已经采用的答复矛盾，已请人核实",
    "unknown": "没有对应的报送",
}
ANSWERED = {"受理": "省系统已受理，等结果", "退回": "省系统退回"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: when and by which way it came, what it says, and what became of it."""

    at: datetime
    kind: str
    said: str
    way: str
    judged: str
    repeats: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One report: its number, how it stands, and the answers that came to it."""

    number: str
    kind: str
    version: int
    at: datetime
    sent_at: datetime | None
    state: str
    detail: str
    failed: bool
    province_number: str
    answers: Sequence[Heard]


def of_case(this: Step, case: Mapping[str, Any]) -> list[Sent]:
    """What was reported of a case (its row) that the actor may see, and what was answered, oldest first.

    Nothing is asked for a case whose diagrams report nothing.
    """
    if REPORTS not in this.runtime.deployment(this.session, case["deployment_id"]).works(case["procedure"]):
        return []
    rows = messages.of_case(this.session, case["id"])
    heard: dict[int, list[Heard]] = {}
    for answer in messages.answers_to(this.session, [row["id"] for row in rows]) if rows else ():
        heard.setdefault(answer["message_id"], []).append(_heard(answer))
    return [_sent(row, heard.get(row["id"], [])) for row in rows]


def _sent(row: RowMapping, answers: Sequence[Heard]) -> Sent:
    return Sent(
        number=row["key"],
        kind=row["kind"],
        version=row["version"],
        at=row["created_at"],
        sent_at=row["sent_at"],
        state=_state(row, answers),
        detail="，".join(_details(row)),
        failed=row["status"] == "failed" or row["answered"] == "退回",
        province_number=row["province_number"] or "",
        answers=answers,
    )


def _state(row: RowMapping, answers: Sequence[Heard]) -> str:
    """How it stands, for who asks where the application is."""
    if row["answered"]:
        return ANSWERED.get(row["answered"], f"省系统答复：{row['answered']}")
    if row["status"] == "failed":
        return "没有报送成功"
    if row["status"] == "sent":
        if row["kind"] in messages.ONLY_NOTED:
            return "已通知省系统"
        return "已送到，答复正在核实" if answers else "已送到，省系统还没有答复"
    if row["status"] == "sending":
        return "正在报送"
    return "没有送到，等着再报" if row["attempts"] else "排队报送"


def _details(row: RowMapping) -> list[str]:
    said = []
    if row["asked"] > 1:
        said.append(f"同一份报了{row['asked']}次")
    if row["attempts"] > 1:
        said.append(f"这次试了{row['attempts']}次")
    if row["error"]:
        said.append(f"原因：{row['error']}")
    if row["inquiries"]:
        said.append(f"查询过{row['inquiries']}次")
    return said


def _heard(row: RowMapping) -> Heard:
    content: Mapping[str, Any] = row["content"]
    told = (content.get("level"), f"每月{content['amount']}元" if content.get("amount") else "")
    start = f"自{content['start_month']}起发" if content.get("start_month") else ""
    return Heard(
        at=row["received_at"],
        kind=row["kind"],
        said="，".join(filter(None, (*told, start, content.get("reason")))),
        way=WAYS.get(row["way"], row["way"]),
        judged=JUDGED.get(row["status"], row["status"]),
        repeats=row["repeats"],
    )
