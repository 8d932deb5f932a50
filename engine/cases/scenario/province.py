"""How an example lets the provincial system answer: the answer takes the way of a real one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.cases.runtime import Runtime
from engine.cases.scenario.file import ScenarioError
from engine.province import answers, messages
from engine.province.errors import AnswerInvalid

TAKEN = {"used": "采用", "late": "不采用", "conflict": "请人核实", "unknown": "不认识", "repeated": "重复"}
KEYS = frozenset({"答复", "档次", "金额", "起发", "理由", "编号", "报送", "应当"})


def answer(runtime: Runtime, case_id: int, said: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """Answer the newest message of the case, or the one whose number ends with 报送; gives how it should be taken
    (应当, else 采用) and how it was. The same 编号 is the same answer again."""
    if unknown := [str(key) for key in said if key not in KEYS]:
        raise ScenarioError(f"province：不认识 {'、'.join(unknown)}，可以写：{'、'.join(sorted(KEYS))}")
    with runtime.store.transaction(write=False) as session:
        sent = messages.of_case(session, case_id)
    wanted = str(said.get("报送") or "")
    found = [row["key"] for row in sent if row["key"].endswith(f"-{wanted}" if wanted else "")]
    key = found[-1] if found else f"没有报送过-{wanted}"
    content = {
        "id": f"{key}:{said.get('编号') or said['答复']}",
        "key": key,
        "kind": str(said["答复"]),
        "number": f"省龄{case_id}",
        "level": str(said.get("档次") or ""),
        "amount": str(said.get("金额", "")),
        "startMonth": str(said.get("起发") or ""),
        "reason": str(said.get("理由") or ""),
    }
    try:
        taken = answers.receive(runtime, answers.read(content), "回调", now)
    except AnswerInvalid as problem:
        raise ScenarioError(f"province：{problem.message}") from problem
    return str(said.get("应当") or "采用"), TAKEN[taken]
