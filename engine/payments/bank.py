"""What the bank is asked to pay and what it answers: files out, the answer read strictly, failed lines paid again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from engine import sheets
from engine.payments import roster
from engine.registers.amounts import yuan
from engine.sheets import Row, SheetInvalid
from engine.store import payments

if TYPE_CHECKING:
    from engine.people.actor import Actor
    from engine.store.database import Session

F, FL, R = payments.bank_file, payments.bank_line, payments.bank_return
B, L = payments.payment_batch, payments.payment_line
HEADINGS = ("报盘编号", "序号", "收款人", "收款人身份证号", "开户银行", "银行账号", "金额", "月份")
ANSWERS = ("结果", "失败原因", "发放日期")
CHECKED = {"收款人": "payee_name", "收款人身份证号": "payee_id_no", "银行账号": "account"}
PAID, FAILED = "成功", "失败"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank says of one line."""

    seq: int
    result: str
    reason: str
    paid_on: date | None


def make(session: Session, case_id: int, number: str, at: datetime) -> dict[str, Any] | None:
    """A file of the lines that are due now, the first one or one that pays again; None when nothing is due."""
    due = [line for line in roster.of_case(session, case_id) if line["status"] == roster.DUE]
    if not due:
        return None
    rows = [_line(seq, line) for seq, line in enumerate(due, 1)]
    latest = session.execute(select(func.max(F.c.round)).where(F.c.case_id == case_id)).scalar_one() or 0
    row = {
        "number": number,
        "case_id": case_id,
        "month": due[0]["month"],
        "round": latest + 1,
        "lines": len(rows),
        "amount": sum(each["amount"] for each in rows),
        "digest": hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest(),
        "at": at,
    }
    file_id = session.execute(insert(F).values(row).returning(F.c.id)).scalar_one()
    session.execute(insert(FL), [{**each, "file_id": file_id} for each in rows])
    return {**session.execute(select(F).where(F.c.id == file_id)).mappings().one()}


def latest(session: Session, case_id: int) -> dict[str, Any]:
    """The newest file of a case."""
    query = select(F).where(F.c.case_id == case_id).order_by(F.c.round.desc()).limit(1)
    return {**session.execute(query).mappings().one()}


def lines(session: Session, file_id: int) -> list[dict[str, Any]]:
    """The lines of a file in their order."""
    return [{**row} for row in session.execute(select(FL).where(FL.c.file_id == file_id).order_by(FL.c.seq)).mappings()]


def cells(file: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, str]:
    """A line as the file says it, by heading; what the bank is to answer is empty."""
    return {
        "报盘编号": file["number"],
        "序号": str(line["seq"]),
        "收款人": line["payee_name"],
        "收款人身份证号": line["payee_id_no"],
        "开户银行": line["bank"],
        "银行账号": line["account"],
        "金额": yuan(line["amount"]),
        "月份": file["month"],
        "结果": line["result"],
        "失败原因": line["reason"],
        "发放日期": line["paid_on"].isoformat() if line["paid_on"] else "",
    }


def read_return(
    file: Mapping[str, Any], asked: Sequence[Mapping[str, Any]], content: bytes, today: date
) -> list[Answer]:
    """The answers to all lines of a file; `SheetInvalid` names each that is too much, missing, double or altered."""
    rows = sheets.read(content, (*HEADINGS, *ANSWERS[:1]), ANSWERS[1:])
    problems: list[str] = []
    by_seq = {str(line["seq"]): line for line in asked}
    seen: Counter[str] = Counter()
    answers: list[Answer] = []
    for row in rows:
        number, said = row
        where = f"第 {number} 行「{said['收款人']}」"
        if said["报盘编号"] != file["number"]:
            problems.append(f"{where}的报盘编号“{said['报盘编号']}”不是本次的 {file['number']}，请核对是否选错了文件")
            continue
        line = by_seq.get(said["序号"].removesuffix(".0"))
        if line is None:
            problems.append(f"{where}（序号“{said['序号']}”）不在报盘里，多出了一行")
            continue
        seen[str(line["seq"])] += 1
        problems += _altered(where, file, line, said)
        if (answer := _answer(where, line, row, today, problems)) is not None:
            answers.append(answer)
    problems += [
        f"序号 {seq}「{by_seq[seq]['payee_name']}」重复了 {times} 行" for seq, times in seen.items() if times > 1
    ]
    problems += [
        f"缺少序号 {line['seq']}「{line['payee_name']}」{yuan(line['amount'])}元"
        for line in asked
        if str(line["seq"]) not in seen
    ]
    if problems:
        raise SheetInvalid(sheets.shorten(problems))
    return answers


def refuse_again(session: Session, case_id: int, sha256: str) -> None:
    """`SheetInvalid` if this very file was taken before."""
    query = select(F.c.number).where(F.c.case_id == case_id, F.c.return_sha256 == sha256)
    if (number := session.execute(query.limit(1)).scalar_one_or_none()) is not None:
        raise SheetInvalid([f"这个文件已经作为 {number} 的回盘导入过，请核对是否选错了文件"])


def take(session: Session, file: Mapping[str, Any], answers: Sequence[Answer], sha256: str, at: datetime) -> None:
    """Keep the answers on the file's lines, and on the roster's: 已发, or 失败 with the bank's reason."""
    asked = {line["seq"]: line for line in lines(session, file["id"])}
    rows = [{"which": asked[a.seq]["id"], "said": a.result, "why": a.reason, "day": a.paid_on} for a in answers]
    answered: dict[str, Any] = {"result": bindparam("said"), "reason": bindparam("why"), "paid_on": bindparam("day")}
    session.execute(update(FL).where(FL.c.id == bindparam("which")).values(answered), rows)
    settled = [
        {
            "which": asked[a.seq]["line_id"],
            "stands": "已发" if a.result == PAID else FAILED,
            "why": a.reason,
            "day": a.paid_on,
        }
        for a in answers
    ]
    on_roster: dict[str, Any] = {"status": bindparam("stands"), "result": bindparam("why"), "paid_on": bindparam("day")}
    session.execute(update(L).where(L.c.id == bindparam("which")).values(on_roster), settled)
    paid = [asked[a.seq]["amount"] for a in answers if a.result == PAID]
    columns = {"returned_at": at, "return_sha256": sha256, "paid_lines": len(paid), "paid_amount": sum(paid)}
    session.execute(update(F).where(F.c.id == file["id"]).values(columns))


def note(
    session: Session,
    case_id: int,
    file_id: int,
    upload: Mapping[str, Any],
    problems: Sequence[str],
    actor: Actor,
    at: datetime,
) -> None:
    """Every file that was handed in stays on record, with what was wrong with it."""
    row = {
        "case_id": case_id,
        "file_id": file_id,
        "sha256": upload["sha256"],
        "name": upload["name"],
        "status": "退回" if problems else "接受",
        "problems": list(problems),
        "at": at,
        "by": actor.account_id,
        "by_name": actor.name,
    }
    session.execute(insert(R).values(row))


def failed(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The lines of a case that the bank could not pay and nobody has settled."""
    return [line for line in roster.of_case(session, case_id) if line["status"] == FAILED]


def line(session: Session, line_id: int) -> dict[str, Any]:
    """A line of a roster with its month."""
    query = select(L, B.c.month).join(B, B.c.id == L.c.batch_id).where(L.c.id == line_id)
    return {**session.execute(query).mappings().one()}


def pay_again(session: Session, line_id: int, payee: Mapping[str, str]) -> None:
    """Put a failed line, perhaps with a corrected account (columns to set), into the next file."""
    changed = {"status": roster.DUE, "result": "", **payee}
    session.execute(update(L).where(L.c.id == line_id, L.c.status == FAILED).values(changed))


def give_up(session: Session, line_id: int, reason: str) -> None:
    """A failed line that isn't to be paid."""
    change = update(L).where(L.c.id == line_id, L.c.status == FAILED)
    session.execute(change.values(status=roster.UNPAID, result=reason[:200]))


def balance(session: Session, case_id: int) -> tuple[int, int, int, int]:
    """(lines paid, 分 paid by the roster, 分 paid by the bank's answers, 分 not paid); the middle two must be equal."""
    rows = roster.of_case(session, case_id)
    paid = [line["amount"] for line in rows if line["status"] == "已发"]
    unpaid = sum(line["amount"] for line in rows if line["status"] != "已发")
    by_bank = session.execute(
        select(func.coalesce(func.sum(F.c.paid_amount), 0)).where(F.c.case_id == case_id)
    ).scalar_one()
    return len(paid), sum(paid), int(by_bank), unpaid


def _line(seq: int, line: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: line[name] for name in ("payee_name", "payee_id_no", "bank", "account", "amount")}
    return {"seq": seq, "line_id": line["id"], **kept}


def _altered(where: str, file: Mapping[str, Any], line: Mapping[str, Any], said: Mapping[str, str]) -> list[str]:
    found = [
        f"{where}的{heading}“{said[heading]}”与报盘的“{line[column]}”不同{_rounded(said[heading], line[column])}"
        for heading, column in CHECKED.items()
        if said[heading].replace(" ", "") != line[column].replace(" ", "")
    ]
    if said["月份"] != file["month"]:
        found.append(f"{where}的月份“{said['月份']}”不是{file['month']}")
    try:
        same = sheets.cents(said["金额"]) == line["amount"]
    except ValueError:
        same = False
    if not same:
        found.append(f"{where}的金额“{said['金额']}”与报盘的“{yuan(line['amount'])}”不同")
    return found


def _rounded(said: str, asked: str) -> str:
    """What to do about a number that an office program has taken for an amount: it keeps fifteen digits."""
    shortened = said.isdigit() and len(said) == len(asked) > 15 and said[:15] == asked[:15] and said.endswith("000")
    if not shortened and "E+" not in said.upper():
        return ""
    return "（表格软件把它当成了数字，后几位已经丢失；请把这一列设为文本，从报盘重新复制）"


def _answer(where: str, line: Mapping[str, Any], row: Row, today: date, problems: list[str]) -> Answer | None:
    said = row[1]
    if said["结果"] not in (PAID, FAILED):
        problems.append(f"{where}的结果“{said['结果']}”应写成“成功”或“失败”")
        return None
    if said["结果"] == FAILED:
        if not said.get("失败原因"):
            problems.append(f"{where}发放失败，没有写失败原因")
            return None
        return Answer(line["seq"], FAILED, said["失败原因"][:200], None)
    try:
        paid_on = sheets.day(said.get("发放日期", ""))
    except ValueError:
        problems.append(f"{where}的发放日期“{said.get('发放日期', '')}”应写成 2026-05-08 这样")
        return None
    if paid_on > today:
        problems.append(f"{where}的发放日期“{paid_on}”还没有到，请核对")
        return None
    return Answer(line["seq"], PAID, "", paid_on)
