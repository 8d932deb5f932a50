"""What the bank answers: a file that is spoilt in any way is sent back with its reasons, and nothing of it counts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from engine import sheets
from engine.cases import Runtime, demo, scenario
from engine.cases.scenario import Run
from engine.cases.scenario.file import moment
from engine.payments import bank
from engine.registers import benefits
from engine.store import payments, tables
from tests.support.app import ROOT, Desk, World, copied, draw_png, settled

EXAMPLE = ROOT / "processes" / "supervision" / "scenarios" / "payment_straight.yaml"
SENT = moment("2026-05-06 09:00")
HEADINGS = (*bank.HEADINGS, *bank.ANSWERS)
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def at_the_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Path]]:
    """An office in which the file of 会山镇 for May lies at the bank, and the file of its database."""
    file = tmp_path_factory.mktemp("bank") / "office.db"
    runtime = demo.empty_office(f"sqlite:///{file}", ROOT)
    example = scenario.read(EXAMPLE)
    begun = [step for step in example.steps if moment(str(step["at"])) <= SENT]
    report = Run(runtime, replace(example, steps=tuple(begun)), until=SENT).play()
    assert report.ok, report.failure
    settled(runtime)
    yield runtime, file
    runtime.store.close()


@pytest.fixture
def world(at_the_bank: tuple[Runtime, Path], tmp_path: Path) -> Iterator[World]:
    """The same, to be changed."""
    with copied(*at_the_bank, tmp_path, datetime(2026, 5, 8, 1, tzinfo=UTC)) as opened:
        yield opened


@pytest.fixture
def clerk(world: World) -> Desk:
    """The county's payment clerk."""
    return world.desk("qh_pay1")


def rows_of(world: World) -> Rows:
    """The lines as the bank would answer them, all paid."""
    with world.runtime.store.transaction(write=False) as session:
        f = payments.bank_file
        file = session.execute(select(f).order_by(f.c.id.desc()).limit(1)).mappings().one()
        lines = bank.lines(session, file["id"])
        return [{**bank.cells({**file}, line), "结果": "成功", "发放日期": "2026-05-07"} for line in lines]


def csv(rows: Rows, encoding: str = "utf-8-sig", headings: tuple[str, ...] = HEADINGS) -> bytes:
    return sheets.to_csv(headings, rows).decode("utf-8-sig").encode(encoding)


def xlsx(rows: Rows, **cells: Any) -> bytes:
    """The rows as a workbook; `cells` are written over them, by address."""
    book, file = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in (list(HEADINGS), *([row[name] for name in HEADINGS] for row in rows)):
        sheet.append(row)
    for address, value in cells.items():
        sheet[address] = value
    book.save(file)
    return file.getvalue()


def changed(heading: str, text: str) -> Callable[[Rows], bytes]:
    """A file in which the second line says something else."""
    return lambda rows: csv([rows[0], {**rows[1], heading: text}, *rows[2:]])


def open_task(world: World, name: str) -> str:
    t = tables.task
    with world.runtime.store.transaction(write=False) as session:
        found = select(t.c.id).where(t.c.status == "open", t.c.name == name).order_by(t.c.id).limit(1)
        return str(session.execute(found).scalar_one())


def hand_in(world: World, desk: Desk, content: bytes, name: str = "回盘.csv") -> str:
    """Upload a file; gives the page that comes next for this task, or the form that was sent back."""
    task_id = open_task(world, "导入银行回盘")
    desk.get(f"/desk/tasks/{task_id}")
    answer = desk.post(f"/desk/tasks/{task_id}", {"回盘文件": (io.BytesIO(content), name)})
    return desk.get(answer.location).text if answer.status_code == 302 else answer.text


def money(world: World) -> list[Any]:
    """All that a return may change."""
    watched = (payments.bank_file, payments.bank_line, payments.payment_line, payments.payment_batch)
    with world.runtime.store.transaction(write=False) as session:
        return [session.execute(select(table).order_by(table.c.id)).all() for table in watched]


SPOILT: dict[str, tuple[Callable[[Rows], bytes], str]] = {
    "a line too many": (lambda r: csv([*r, {**r[0], "序号": "9", "收款人": "多出来"}]), "多出了一行"),
    "a line is missing": (lambda r: csv(r[1:]), "缺少序号 1"),
    "a line twice": (lambda r: csv([*r, r[0]]), "序号 1「陈秀兰」重复了 2 行"),
    "another amount": (changed("金额", "1820.50"), "的金额“1820.50”与报盘的“820.50”不同"),
    "no amount": (changed("金额", ""), "的金额“”与报盘的“820.50”不同"),
    "a negative amount": (changed("金额", "-820.50"), "的金额“-820.50”与报盘"),
    "another account": (changed("银行账号", "6217000000000000099"), "的银行账号“6217000000000000099”与报盘"),
    "an account that became a number": (changed("银行账号", "6.217E+18"), "表格软件把它当成了数字"),
    "an account without its last digits": (changed("银行账号", "6217000000000000000"), "后几位已经丢失"),
    "another name": (changed("收款人", "王大顺"), "的收款人“王大顺”与报盘的“王开顺”不同"),
    "another person": (changed("收款人身份证号", "11010519491231002X"), "的收款人身份证号"),
    "another month": (changed("月份", "2026-04"), "的月份“2026-04”不是2026-05"),
    "another unit's file": (lambda r: csv([{**x, "报盘编号": "报盘〔2026〕99号"} for x in r]), "请核对是否选错了文件"),
    "a result that is none": (changed("结果", "OK"), "的结果“OK”应写成“成功”或“失败”"),
    "a failure without its reason": (changed("结果", "失败"), "发放失败，没有写失败原因"),
    "a day that doesn't exist": (changed("发放日期", "2026-02-30"), "的发放日期“2026-02-30”应写成"),
    "a day to come": (changed("发放日期", "2026-12-31"), "还没有到，请核对"),
    "one column too many": (lambda r: csv([{**x, "备注": "x"} for x in r], headings=(*HEADINGS, "备注")), "多了 备注"),
    "a column is missing": (lambda r: csv(r, headings=HEADINGS[:6] + HEADINGS[7:]), "表头缺少 金额"),
    "no line": (lambda r: csv([]), "一行数据也没有"),
    "a text in another encoding": (lambda r: csv(r, "utf-16"), "不是 UTF-8 或者 GB18030 编码的文字"),
    "a broken workbook": (lambda r: b"PK\x03\x04" + b"x" * 200, "不是允许的类型"),
    "a picture with the name of a table": (lambda r: draw_png(), "不是 UTF-8 或者 GB18030 编码的文字"),
    "a text cut off in a quotation": (lambda r: csv(r) + b'"', "不是完整的 CSV"),
    "more lines than any unit has": (lambda r: csv(r) + b"x\r\n" * 50_000, "超过 50000 行"),
    "a formula": (lambda r: xlsx(r, G3="=820.5"), "第 3 行第 G 列是公式"),
}


@pytest.mark.parametrize("spoil, said", SPOILT.values(), ids=list(SPOILT))
def test_a_spoilt_answer_is_sent_back_with_its_reason_and_nothing_of_it_counts(
    world: World, clerk: Desk, spoil: Callable[[Rows], bytes], said: str
) -> None:
    before = money(world)

    page = hand_in(world, clerk, spoil(rows_of(world)))

    assert said in page
    assert money(world) == before
    assert open_task(world, "导入银行回盘")


def test_a_workbook_that_is_huge_when_unpacked_is_refused_before_it_is(world: World, clerk: Desk) -> None:
    file = io.BytesIO(xlsx(rows_of(world)))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/more.xml", "w") as more:
        for _ in range(101):
            more.write(bytes(1_000_000))

    assert "表格展开后太大" in hand_in(world, clerk, file.getvalue(), "回盘.xlsx")


def test_a_workbook_with_numbers_as_numbers_is_taken(world: World, clerk: Desk) -> None:
    page = hand_in(world, clerk, xlsx(rows_of(world), G3=820.5, K3=date(2026, 5, 7)), "回盘.xlsx")

    assert "没有收" not in page
    assert {row.status for row in lines_of(world)} == {"已发"}


def test_the_same_file_handed_in_twice_is_pointed_out(world: World, clerk: Desk) -> None:
    rows = rows_of(world)
    content = csv([{**rows[0], "结果": "失败", "失败原因": "账号已销户", "发放日期": ""}, *rows[1:]])
    hand_in(world, clerk, content)
    settle(world, 失败处理="原账户重新发放", 失败说明="银行已恢复账户。")
    before = money(world)

    assert "已经作为 报盘〔2026〕1号 的回盘导入过" in hand_in(world, clerk, content)
    assert money(world) == before


def test_a_corrected_account_is_paid_and_stays_in_the_register_with_who_and_why(world: World, clerk: Desk) -> None:
    rows = rows_of(world)
    hand_in(world, clerk, csv([{**rows[0], "结果": "失败", "失败原因": "户名不符", "发放日期": ""}, *rows[1:]]))
    settle(
        world,
        失败处理="更正账户后重新发放",
        新账号="6217000000000000088",
        新收款人="陈小秀",
        失败说明="本人到窗口更正为女儿代领。",
    )

    (again,) = rows_of(world)
    assert (again["收款人"], again["银行账号"], again["报盘编号"]) == (
        "陈小秀",
        "6217000000000000088",
        "报盘〔2026〕2号",
    )
    with world.runtime.store.transaction(write=False) as session:
        number = lines_of(world)[0].benefit_number
        benefit = benefits.find(session, number)
        change = benefits.history(session, benefit.id)[-1]
    assert (benefit.account, benefit.payee_name, benefit.amount) == ("6217000000000000088", "陈小秀", 135000)
    assert (change["kind"], change["month"], change["by_name"]) == ("账户变更", "2026-05", "黎册文")
    assert "更正收款账户。本人到窗口更正为女儿代领。" in change["reason"]
    assert "账户变更" in world.desk("hs_pay1").get(case_page(world)).text


def test_what_was_refused_and_why_stands_beside_the_bank_file(world: World, clerk: Desk) -> None:
    hand_in(world, clerk, csv(rows_of(world)[1:]), "银行给的.csv")

    page = clerk.get("/desk/payments/1").text
    assert "银行给的.csv 没有收：缺少序号 1「陈秀兰」1350.00元" in page


def lines_of(world: World) -> list[Any]:
    line = payments.payment_line
    with world.runtime.store.transaction(write=False) as session:
        return list(session.execute(select(line).order_by(line.c.batch_id, line.c.seq)).all())


def settle(world: World, **said: str) -> None:
    """The township settles the one failed line."""
    desk, task_id = world.desk("hs_pay1"), open_task(world, "处理发放失败")
    desk.get(f"/desk/tasks/{task_id}")
    answer = desk.post(f"/desk/tasks/{task_id}", said)
    assert answer.status_code == 302, answer.text


def case_page(world: World) -> str:
    f = payments.bank_file
    with world.runtime.store.transaction(write=False) as session:
        return f"/desk/cases/{session.execute(select(f.c.case_id).limit(1)).scalar_one()}"


def test_a_death_reported_after_the_payment_begins_a_recovery_of_what_was_paid(world: World, clerk: Desk) -> None:
    hand_in(world, clerk, csv(rows_of(world)))
    example = scenario.read(ROOT / "processes" / "devolved" / "scenarios" / "change_death_late.yaml")
    number = lines_of(world)[0].benefit_number
    said = {**example.start["with"], "救助证号": number, "死亡日期": date(2026, 4, 10)}
    start = {"at": "2026-05-12 10:00", "by": "hs_clerk1", "with": said}
    days = iter(("2026-05-13 10:00", "2026-05-14 10:00", "2026-05-15 10:00", "2026-05-18 10:00"))
    own = [{**step, "at": next(days)} for step in example.steps if "do" in step and step["do"] != "deliver_change"]
    own[0] = {**own[0], "with": {**own[0]["with"], "死亡日期": date(2026, 4, 10), "变更核实日期": date(2026, 5, 13)}}

    report = Run(world.runtime, replace(example, start=start, steps=tuple(own))).play()

    assert report.ok, report.failure
    c, s = tables.case, tables.history
    with world.runtime.store.transaction(write=False) as session:
        begun = session.execute(select(c).where(c.c.procedure == "recovery")).mappings().one()
        told = session.execute(select(s.c.details).where(s.c.name == "已经多发")).scalar_one()
    assert (begun["applicant_name"], begun["unit_id"], begun["parent_id"]) == ("陈秀兰", "huishan", report.case_id)
    assert "2026-05多发1350.00元，按多发追回办理。2026-05已发1350.00元，应发0.00元，多发1350.00元" in told["text"]
    page = world.desk("hs_deputy1")
    page.get(f"/desk/tasks/{open_task(world, '决定追回方式')}")
    assert all(words in page.page for words in ("1350.00", "2026-05", "死亡后继续发放", number))
