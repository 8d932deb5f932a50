"""Rosters and payment: freezing, signing and comparing a month's roster, files to the bank and what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.cases.facts import nearest_first
from engine.clock.days import day_of
from engine.payments import bank, compare, recoveries, roster, top_ups
from engine.payments.errors import PaymentError
from engine.registers import benefits, months
from engine.registers.amounts import yuan
from engine.registers.benefits import Said, Terms, When
from engine.sheets import SheetInvalid
from engine.store import payments, registers, tables
from engine.topics import asking_back
from engine.topics.registers import ruled
from engine.topics.registry import topic

if TYPE_CHECKING:
    from engine.cases.move import Work

MOST_DIFFERENCES = 60  # to be explained one by one; more mean the wrong list
PAYEE = {"account": "新账号", "bank": "新开户银行", "payee_name": "新收款人", "payee_id_no": "新收款人身份证号"}
IDENTIFIED = re.compile(r"\[(\d+)\]")


@topic(
    "roster.freeze",
    provides=("花名册月份", "花名册编号", "花名册户数", "花名册人数", "花名册金额", "花名册汇总"),
    parameters=("word",),
    writes=True,
)
def freeze(work: Work) -> dict[str, Any]:
    """Freeze next month's roster by category: what the changes up to the cut-off have made of the register (A-10)."""
    move = work.move
    month = _month(work)
    head = roster.Head(move.case["id"], _unit(work).id, _unit(work).path, month, move.step.now)
    word = work.parameter("word", "册")
    totals = roster.freeze(move.step.session, head, _made(work, month), lambda: move.number("roster", word))
    said = _totals(work, totals)
    move.record("register", f"冻结{month}花名册", node_id=work.node.id, details={"text": said["花名册汇总"]})
    return {"花名册月份": month, **said}


@topic("roster.sign", writes=True)
def sign(work: Work) -> None:
    """Sign each batch as it stands, with the digest of its lines (simulated e-signature)."""
    move = work.move
    roster.sign(move.step.session, move.case["id"], move.step.actor, move.step.now)
    move.record("topic", "花名册电子签名", node_id=work.node.id, details={"text": "、".join(_numbers(work))})


@topic(
    "roster.compare",
    provides=("核对情况", "核对问题", "差异清单", "差异数"),
    parameters=("export",),
    writes=True,
)
def compare_roster(work: Work) -> dict[str, Any]:
    """Compare the signed roster with the register as it is now, or with the file in the field `export`.

    `核对情况` is 一致, 有差异, 差异过多 or 文件有误.
    """
    move, session = work.move, work.move.step.session
    roster.check(session, move.case["id"])
    month, lines = _month(work), roster.of_case(session, move.case["id"])
    try:
        system = _system(work, month)
    except SheetInvalid as problem:
        return {"核对情况": "文件有误", "核对问题": str(problem), "差异清单": [], "差异数": 0}
    found = compare.differences(lines, system, month)
    found += compare.doubled(session, move.case["id"], lines, month)
    if len(found) > MOST_DIFFERENCES:
        said = f"有 {len(found)} 处不一致，多半是导错了文件或者月份，请核对后重新导出"
        return {"核对情况": "差异过多", "核对问题": said, "差异清单": [], "差异数": len(found)}
    waiting = compare.keep(session, move.case["id"], found, move.step.now)
    said = f"{len(lines)} 行，{len(waiting)} 处差异待说明"
    move.record("topic", "花名册与系统数据核对", node_id=work.node.id, details={"text": said})
    return {
        "核对情况": "有差异" if waiting else "一致",
        "核对问题": "",
        "差异清单": [compare.words(row) for row in waiting],
        "差异数": len(waiting),
    }


@topic("roster.explain", parameters=("facts",), writes=True)
def explain(work: Work) -> None:
    """Keep what a person says of one difference (facts 差异, 处理方式, 差异说明)."""
    facts, this = work.facts, work.move.step
    said = str(facts.get("差异说明") or "")
    compare.explain(this.session, _id(facts.get("差异")), str(facts.get("处理方式") or ""), said, this.actor, this.now)


@topic(
    "roster.correct",
    provides=("更正数", "更正问题", "花名册编号", "花名册户数", "花名册人数", "花名册金额", "花名册汇总"),
    writes=True,
)
def correct(work: Work) -> dict[str, Any]:
    """Correct the roster by what was explained; a corrected roster is a new version, to be signed again."""
    move = work.move
    done, problems = compare.apply(move.step.session, move.case["id"], _made(work, _month(work)))
    said = _totals(work, roster.totals(move.step.session, move.case["id"]))
    if done:
        move.record("register", f"更正花名册 {done} 行", node_id=work.node.id, details={"text": said["花名册汇总"]})
    return {"更正数": done, "更正问题": "；".join(problems), **said}


@topic("roster.mark", parameters=("status",), writes=True)
def mark(work: Work) -> None:
    """Where the roster stands: 已上报, 已拨付, 已办结."""
    roster.mark(work.move.step.session, work.move.case["id"], work.parameter("status"))


@topic(
    "bank.file",
    provides=("报盘编号", "报盘笔数", "报盘金额", "报盘轮次"),
    parameters=("word",),
    writes=True,
)
def make_file(work: Work) -> dict[str, Any]:
    """Make the bank file of what is due, the first time from the signed roster, then of what is paid again."""
    move, session = work.move, work.move.step.session
    number = move.number("bank_file", work.parameter("word", "报盘"))
    made = bank.make(session, move.case["id"], number, move.step.now)
    if made is None:
        return {"报盘编号": "", "报盘笔数": 0, "报盘金额": Decimal(0), "报盘轮次": 0}
    said = f"{number}：{made['lines']} 笔，{yuan(made['amount'])}元"
    move.record("register", "生成银行报盘", node_id=work.node.id, details={"text": said})
    return {
        "报盘编号": number,
        "报盘笔数": made["lines"],
        "报盘金额": Decimal(yuan(made["amount"])),
        "报盘轮次": made["round"],
    }


@topic("bank.return", provides=("回盘情况", "回盘问题", "失败清单"), parameters=("file",), writes=True)
def take_return(work: Work) -> dict[str, Any]:
    """Take the bank's answer from the file in the field `file`; `回盘情况` is 全部成功, 有失败 or 文件有误."""
    move, this = work.move, work.move.step
    file, upload = bank.latest(this.session, move.case["id"]), _upload(work, work.parameter("file", "回盘文件"))
    try:
        bank.refuse_again(this.session, move.case["id"], upload["sha256"])
        asked = bank.lines(this.session, file["id"])
        answers = bank.read_return(file, asked, _content(work, upload), day_of(this.now))
    except SheetInvalid as problem:
        bank.note(this.session, move.case["id"], file["id"], upload, problem.problems, this.actor, this.now)
        move.record("topic", "回盘文件退回", node_id=work.node.id, details={"text": str(problem)[:2000]})
        return {"回盘情况": "文件有误", "回盘问题": "\n".join(problem.problems), "失败清单": []}
    recoveries.hold(this.session, file["id"])
    bank.take(this.session, file, answers, upload["sha256"], this.now)
    _ask_back(work, file["id"])
    bank.note(this.session, move.case["id"], file["id"], upload, [], this.actor, this.now)
    failed = bank.failed(this.session, move.case["id"])
    said = f"{file['number']}：成功 {len(answers) - len(failed)} 笔，失败 {len(failed)} 笔"
    move.record("register", "导入银行回盘", node_id=work.node.id, details={"text": said})
    return {
        "回盘情况": "有失败" if failed else "全部成功",
        "回盘问题": "",
        "失败清单": [_failed_words(line) for line in failed],
    }


@topic("payment.settle", parameters=("facts",), writes=True)
def settle_failed(work: Work) -> None:
    """What is done with a failed line (facts 失败行, 失败处理, 新账号 …): paid again, or not.

    An account that was corrected is the benefit's from now on, and its change is on record.
    """
    facts, session = work.facts, work.move.step.session
    line_id, why = _id(facts.get("失败行")), str(facts.get("失败说明") or "")
    if facts.get("失败处理") == "不再发放":
        bank.give_up(session, line_id, why)
        return
    said = {column: str(facts.get(name) or "").strip() for column, name in PAYEE.items()}
    payee = {column: text for column, text in said.items() if text}
    bank.pay_again(session, line_id, payee)
    if payee:
        _keep_payee(work, bank.line(session, line_id), payee, why)


@topic("payment.close", provides=("发放笔数", "发放金额", "未发金额"), writes=True)
def close(work: Work) -> dict[str, Any]:
    """Reconcile with the bank to the 分 and close the roster."""
    move, session = work.move, work.move.step.session
    count, paid, by_bank, unpaid = bank.balance(session, move.case["id"])
    if paid != by_bank:
        raise PaymentError(f"花名册已发{yuan(paid)}元，银行回盘{yuan(by_bank)}元，两者不一致，请核对回盘文件")
    roster.mark(session, move.case["id"], "已办结")
    said = f"已发 {count} 笔{yuan(paid)}元，与银行回盘一致；未发{yuan(unpaid)}元"
    move.record("register", "与银行对账", node_id=work.node.id, details={"text": said})
    return {"发放笔数": count, "发放金额": Decimal(yuan(paid)), "未发金额": Decimal(yuan(unpaid))}


def _keep_payee(work: Work, line: Mapping[str, Any], payee: Mapping[str, str], why: str) -> None:
    """Write a corrected account into the register, so that the next roster has it too."""
    move = work.move
    benefit = benefits.find(move.step.session, line["benefit_number"])
    if benefit.status == "终止":  # nothing more will be paid: the line alone counts
        return
    reason = f"{line['month']}发放失败，更正收款账户。{why}"
    said = Said(reason, move.case["id"], move.step.now, move.step.actor)
    when = When(line["month"], ruled(work).roster())
    benefits.record(move.step.session, benefit, "账户变更", Terms(payee=payee), when, said)
    account = f"{benefit.account[-4:]}改为{payee['account'][-4:]}" if payee.get("account") else "没有变"
    told = f"{benefit.holder}（{benefit.number}）：账号尾号{account}"
    move.record("register", f"账户变更 {benefit.number}", node_id=work.node.id, details={"text": told})


def _ask_back(work: Work, file_id: int) -> None:
    """What has just been paid although the benefit had ended or been reduced before is asked back."""
    session, paid_now = work.move.step.session, recoveries.of_file(file_id)
    ended_before = recoveries.ended_before(session, paid_now)
    for number, late in ended_before.items():
        benefit = benefits.find(session, number)
        ended = months.after(str(benefit.end_month))
        if paid := recoveries.paid_after_end(session, number, ended, among=late):
            why = f"自{ended}起停发，仍按花名册发放：{paid.explained}。"
            asking_back.begin(work, benefit, paid, _died(work, benefit.person_id), why)
    for number, late in recoveries.reduced_before(session, paid_now).items():
        if number in ended_before:
            continue
        benefit, month = benefits.find(session, number), _month(work)
        due = benefits.due(session, benefit, benefit.start_month, month)
        if paid := recoveries.paid_after_reduction(session, number, due, among=late):
            asking_back.begin(work, benefit, paid, None, f"减发以后仍按花名册发放：{paid.explained}。")


def _died(work: Work, person_id: int) -> date | None:
    p = registers.person
    found: date | None = work.move.step.session.execute(select(p.c.died_on).where(p.c.id == person_id)).scalar_one()
    return found


# --- what the case says -------------------------------------------------------------------------------------------


def _month(work: Work) -> str:
    """The month to pay for: the one after that in which the case began."""
    return months.after(f"{work.move.case['started_on'] or day_of(work.move.step.now):%Y-%m}")


def _unit(work: Work) -> Any:
    return work.move.step.runtime.units.get(work.move.case["unit_id"])


def _made(work: Work, month: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The lines that the register makes of a month."""
    runtime, unit = work.move.step.runtime, _unit(work)
    policy = runtime.root / "processes" / "policy"
    paid = top_ups.in_force(policy, nearest_first(runtime.units, unit.id), month)
    return roster.lines(work.move.step.session, unit.path, month, paid)


def _system(work: Work, month: str) -> list[compare.Stand]:
    export = _upload(work, work.parameter("export"), may_lack=True) if work.parameter("export") else {}
    if export:
        return compare.read_export(_content(work, export), month)
    return compare.of_register(work.move.step.session, _unit(work).path, month, _made(work, month))


def _upload(work: Work, name: str, *, may_lack: bool = False) -> Mapping[str, Any]:
    """The reference of the file in a field of the newest form that has it."""
    for values in reversed(work.move.file().values()):
        if name in values:
            found = values[name]
            if isinstance(found, Mapping):
                return found
            break
    if may_lack:
        return {}
    raise PaymentError(f"没有找到“{name}”，请重新上传")


def _content(work: Work, upload: Mapping[str, Any]) -> bytes:
    c = tables.content
    query = select(c.c.body).where(c.c.sha256 == upload["sha256"])
    return bytes(work.move.step.session.execute(query).scalar_one())


def _totals(work: Work, totals: roster.Totals) -> dict[str, Any]:
    rows = [
        f"{category} {households}户{persons}人{yuan(amount)}元"
        for category, households, persons, amount in totals.categories
    ]
    return {
        "花名册编号": "、".join(_numbers(work)),
        "花名册户数": totals.households,
        "花名册人数": totals.persons,
        "花名册金额": Decimal(yuan(totals.amount)),
        "花名册汇总": "；".join(rows) or "本月没有应发的对象",
    }


def _numbers(work: Work) -> list[str]:
    b = payments.payment_batch
    query = select(b.c.number).where(b.c.case_id == work.move.case["id"]).order_by(b.c.id)
    return list(work.move.step.session.execute(query).scalars())


def _id(said: Any) -> int:
    found = IDENTIFIED.match(str(said or ""))
    if found is None:
        raise PaymentError("这一项没有编号，请从待办重新打开")
    return int(found[1])


def _failed_words(line: Mapping[str, Any]) -> str:
    account = f"{line['payee_name']} {line['bank']} {line['account']}"
    return f"[{line['id']}] {account} {yuan(line['amount'])}元：{line['result']}"
