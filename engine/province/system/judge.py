"""What the province decides: whether the data can be read, who receives already, which level and how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from stdnum.cn import ric

LEVELS = ((100, "100周岁以上", "200"), (90, "90—99周岁", "100"), (80, "80—89周岁", "50"))
ACCOUNT_DIGITS = range(16, 20)
REGION = "5117"  # what it accepts: the prefecture of 达州
CHANGES = ("调档", "停发")
NOTED = ("死亡", "撤回")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer in the making."""

    kind: str
    level: str = ""
    amount: str = ""
    start_month: str = ""
    reason: str = ""


def faults(message: Mapping[str, Any], today: date) -> list[str]:
    """What is wrong with the data as such: it is sent back with all of it at once."""
    person, account = _part(message, "person"), _part(message, "account")
    found = []
    id_no = str(person.get("idNo") or "")
    if len(id_no) != len("511703194105060012") or ric.calc_check_digit(id_no) != id_no[-1]:
        found.append("身份证号码校验不通过")
    if not str(message.get("region") or "").startswith(REGION):
        found.append("户籍地不在本省系统的受理范围")
    if message.get("kind") == "新增":
        if _born(person) is None:
            found.append("缺少出生日期")
        digits = str(account.get("account") or "")
        if not digits.isdecimal() or len(digits) not in ACCOUNT_DIGITS:
            found.append("银行账号位数不符，应为16至19位")
    return found


def decide(message: Mapping[str, Any], today: date, *, receives: bool, dead: bool) -> Verdict:
    """The decision on data without faults. `receives`: the person has it already; `dead`: as the province knows."""
    next_month = (today.replace(day=1) + timedelta(days=32)).strftime("%Y-%m")
    if message["kind"] == "停发":
        return Verdict("同意", "", "0", next_month, "已停发")
    if dead:
        return Verdict("不同意", reason="人口库显示已经死亡")
    born = _born(_part(message, "person"))
    age = _age(born, today) if born else 0
    level = next((each for each in LEVELS if age >= each[0]), None)
    if level is None:
        return Verdict("不同意", reason=f"未满80周岁（{age}周岁）")
    if message["kind"] == "新增" and receives:
        return Verdict("不同意", reason="已经享受高龄津贴")
    return Verdict("同意", level[1], level[2], next_month)


def _part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = message.get(name)
    return found if isinstance(found, dict) else {}


def _born(person: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(person.get("birth") or "")[:10])
    except ValueError:
        return None


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
