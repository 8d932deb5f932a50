"""What an example about money needs beside cases: who receives what, and files as a bank or another system writes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from sqlalchemy import delete, insert, select, update

from engine import sheets
from engine.cases.runtime import Step
from engine.payments import bank, compare, roster
from engine.people.actor import Actor
from engine.people.units import Unit
from engine.registers import benefits
from engine.registers.amounts import cents, yuan
from engine.registers.benefits import Said, Status, Terms, When
from engine.store import payments, registers
from engine.store.low_income import low_income_line
from forms.uploads import Upload

OF_EXAMPLES = "例"  # numbers of benefits that only an example knows begin so
SYSTEM = Actor("system", "系统")
B, P, H = registers.benefit, registers.person, registers.household
STATUSES: Mapping[str, Status] = {"暂停": "暂停", "恢复": "在享", "渐退": "渐退"}
BANK, EXPORT = "银行回盘", "系统导出"


def receive(this: Step, case_id: int, unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Who receives what in the township, from now on: each row a family (姓名, 号码, 类别, 人数, 金额, 账号 …).

    Those of an earlier playing are taken out of the register first.
    """
    _forget(this, unit)
    for number, row in enumerate(rows, 1):
        _grant(this, case_id, unit, number, row)


def change(this: Step, case_id: int, name: str, said: Mapping[str, Any]) -> None:
    """Change what the family of this case's example receives: 死亡 (日期), 已发 (months that the bank has paid at the
    present amount), else a kind of change with its terms."""
    query = select(B.c.id, B.c.person_id).join(P, P.c.id == B.c.person_id)
    row = this.session.execute(query.where(B.c.case_id == case_id, P.c.name == name)).one()
    if "死亡" in said:
        died = said["死亡"] if isinstance(said["死亡"], date) else date.fromisoformat(str(said["死亡"]))
        this.session.execute(update(P).where(P.c.id == row.person_id).values(died_on=died))
        return
    if "已发" in said:
        for month in said["已发"]:
            _paid(this, case_id, benefits.find(this.session, row.id), str(month))
        return
    amount = cents(str(said["金额"])) if "金额" in said else None
    payee = {"account": str(said["账号"])} if "账号" in said else None
    terms = Terms(amount=amount, payee=payee, status=STATUSES.get(said["变更"]))
    when = When(str(said["月份"]), str(said.get("名册") or said["月份"]))
    why = Said(str(said.get("原因") or said["变更"]), case_id, this.now, SYSTEM)
    benefits.record(this.session, benefits.find(this.session, row.id), said["变更"], terms, when, why)


def files(this: Step, case_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values with files made for them: `{银行回盘: {失败: {姓名: 原因}}}`, `{系统导出: {金额: {姓名: 500}}}`."""
    return {key: _file(this, case_id, key, value) for key, value in given.items()}


def _file(this: Step, case_id: int, key: str, value: Any) -> Any:
    if not isinstance(value, Mapping) or not {BANK, EXPORT} & value.keys():
        return value
    if BANK in value:
        said = value[BANK] or {}
        file = bank.latest(this.session, case_id)
        cells = [bank.cells(file, line) for line in bank.lines(this.session, file["id"])]
        day = f"{said.get('日期') or this.now.date()}"
        rows = [{**row, "结果": bank.PAID, "发放日期": day} for row in cells]
        failed = said.get("失败", {})
        rows = [
            {**row, "结果": bank.FAILED, "失败原因": failed[row["收款人"]], "发放日期": ""}
            if row["收款人"] in failed
            else row
            for row in rows
        ]
        headings = (*bank.HEADINGS, *bank.ANSWERS)
        return _upload(headings, _spoilt(rows, "收款人", said), said)
    said = value[EXPORT] or {}
    lines = roster.of_case(this.session, case_id)
    rows = [
        dict(zip(compare.HEADINGS, _exported(line, lines), strict=True))
        for line in lines
        if line["kind"] == roster.MAIN
    ]
    rows += [{**dict.fromkeys(compare.HEADINGS, ""), **row} for row in said.get("增加", [])]
    return _upload((*compare.HEADINGS, "状态"), _spoilt(rows, "姓名", said), said)


def _exported(line: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    amount = sum(each["amount"] for each in lines if each["benefit_number"] == line["benefit_number"])
    return (
        *(line["benefit_number"], line["holder_name"], line["payee_id_no"], line["account"]),
        *(yuan(amount), line["month"]),
    )


def _spoilt(rows: list[dict[str, str]], name: str, said: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows with what the example changes: 删除, 重复 (names), 改 ({heading: {name: text}})."""
    for heading, changed in said.get("改", {}).items():
        rows = [{**row, heading: str(changed[row[name]])} if row[name] in changed else row for row in rows]
    rows = [row for row in rows if row[name] not in said.get("删除", [])]
    return rows + [row for row in rows if row[name] in said.get("重复", [])]


def _upload(headings: Sequence[str], rows: Sequence[Mapping[str, str]], said: Mapping[str, Any]) -> Upload:
    if said.get("格式") != "xlsx":
        content = sheets.to_csv(headings, rows)
        encoded = content.decode("utf-8-sig").encode("gb18030") if said.get("编码") == "GB18030" else content
        return Upload("名单.csv", encoded)
    book, file = Workbook(), io.BytesIO()
    for row in (list(headings), *([row.get(name, "") for name in headings] for row in rows)):
        book.worksheets[0].append(row)
    book.save(file)
    return Upload("名单.xlsx", file.getvalue())


def _grant(this: Step, case_id: int, unit: Unit, number: int, row: Mapping[str, Any]) -> None:
    session, today, id_no = this.session, this.now.date(), str(row["号码"])
    person = {"id_no": id_no, "name": row["姓名"], "created_at": this.now, "updated_at": this.now}
    known = this.runtime.store.insert(P).values(person)
    known = known.on_conflict_do_update(index_elements=[P.c.id_no], set_={"name": row["姓名"], "died_on": None})
    person_id = session.execute(known.returning(P.c.id)).scalar_one()
    home = {"number": f"{OF_EXAMPLES}{case_id}-{number}", "head_person_id": person_id, "since": today}
    where = {"unit_id": unit.id, "unit_path": unit.path}
    household_id = session.execute(insert(H).values({**home, **where}).returning(H.c.id)).scalar_one()
    start = str(row.get("起月") or "2026-01")
    columns = {
        **where,
        "household_id": household_id,
        "person_id": person_id,
        "item": str(row.get("事项") or "低保"),
        "category": str(row.get("类别") or "农村低保"),
        "persons": int(row.get("人数") or 1),
        "amount": cents(str(row["金额"])),
        "start_month": start,
        "case_id": case_id,
        "confirmed_on": today,
        "payee_name": row["姓名"],
        "payee_id_no": id_no,
        "bank": str(row.get("银行") or "海南农商银行琼海支行"),
        "account": str(row["账号"]),
    }
    said = Said("例子", case_id, this.now, SYSTEM)
    benefits.grant(session, f"{OF_EXAMPLES}{case_id}-{number:02d}", columns, str(row.get("名册") or start), said)


def _paid(this: Step, case_id: int, benefit: benefits.Benefit, month: str) -> None:
    of = f"{OF_EXAMPLES}{month}{benefit.number}"
    head = {
        **{"number": of, "category": of, "case_id": case_id, "month": month, "digest": "", "version": 1},
        **{"unit_id": benefit.unit_id, "unit_path": benefit.unit_path, "frozen_at": this.now, "status": "已办结"},
        **{"households": 1, "persons": benefit.persons, "amount": benefit.amount},
    }
    added = insert(payments.payment_batch).values(head).returning(payments.payment_batch.c.id)
    line = {
        **{"batch_id": this.session.execute(added).scalar_one(), "seq": 1, "kind": roster.MAIN, "item": benefit.item},
        **{"benefit_number": benefit.number, "holder_name": benefit.holder, "holder_id_no": benefit.holder_id_no},
        **{"persons": benefit.persons, "amount": benefit.amount, "reason": "", "status": "已发"},
        **{name: getattr(benefit, name) for name in ("payee_name", "payee_id_no", "bank", "account")},
    }
    this.session.execute(insert(payments.payment_line).values(line))


def _forget(this: Step, unit: Unit) -> None:
    mine = select(B.c.id).where(B.c.unit_id == unit.id, B.c.number.startswith(OF_EXAMPLES))
    changes = registers.benefit_change
    this.session.execute(delete(changes).where(changes.c.benefit_id.in_(mine)))
    this.session.execute(delete(low_income_line).where(low_income_line.c.benefit_id.in_(mine)))
    this.session.execute(delete(B).where(B.c.id.in_(mine)))
