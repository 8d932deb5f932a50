"""花名册 pages: who sees which rosters, what the lists and files say, and what a bank's answer must look like."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import sheets
from engine.cases import scenario
from engine.cases.scenario import Run
from engine.payments.recoveries import split
from engine.sheets import SheetInvalid
from engine.store import payments, tables
from tests.support.app import World

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "processes" / "supervision" / "scenarios" / "payment_failed_lines.yaml"


@pytest.fixture
def batch_id(world: World) -> int:
    """A roster of 会山镇 of which one line was paid at once, one again and one not at all."""
    report = Run(world.runtime, scenario.read(EXAMPLE)).play()
    assert report.ok, report.failure
    with world.runtime.store.transaction(write=False) as session:
        b = payments.payment_batch
        return int(session.execute(select(b.c.id).order_by(b.c.id).limit(1)).scalar_one())


def test_the_payment_clerk_sees_the_rosters_lines_differences_and_bank_files(world: World, batch_id: int) -> None:
    desk = world.desk("hs_pay1")
    assert "会山镇" in desk.get("/desk/payments/").text
    page = desk.get(f"/desk/payments/{batch_id}").text
    assert "银行报盘和回盘" in page
    assert "没有收" in page
    assert desk.get(f"/desk/payments/{batch_id}/export").status_code == 200
    assert desk.get("/desk/payments/files/1").status_code == 200
    assert "报盘编号" in desk.get("/desk/payments/files/1?as=csv").data.decode("utf-8-sig")


def test_finance_sees_what_was_reported_and_no_case(world: World, batch_id: int) -> None:
    page = world.desk("qh_fin1").get(f"/desk/payments/{batch_id}").text
    assert "收款人" in page
    assert "办理情况" not in page


@pytest.mark.parametrize("account", ["lj_pay1", "gc_pay1", "hx_village", "cz_admin"])
def test_nobody_sees_the_rosters_of_another_township(world: World, batch_id: int, account: str) -> None:
    assert world.desk(account).get(f"/desk/payments/{batch_id}").status_code == 404


def test_parts_of_a_recovery_add_up_to_the_cent() -> None:
    assert split(196001, 3) == [65334, 65334, 65333]


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "表头缺少"),
        ("姓名,金额\n".encode(), "一行数据也没有"),
        ("姓名,姓名,金额\n甲,乙,1\n".encode(), "出现了两次"),
        ("姓名,金额,备注\n甲,1,x\n".encode(), "多了 备注"),
        (b"\x80\xff\x00", "不是 UTF-8"),
        (b"PK\x03\x04broken", "打不开"),
    ],
)
def test_a_list_that_cannot_be_read_is_sent_back_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(SheetInvalid, match=said):
        sheets.read(content, ("姓名", "金额"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_in_the_encodings_that_offices_use(encoding: str) -> None:
    assert sheets.read("姓名,金额\n㑇阿公,1.00\n".encode(encoding), ("姓名", "金额")) == [
        (2, {"姓名": "㑇阿公", "金额": "1.00"})
    ]


@pytest.mark.parametrize("text", ["", "一百", "1.001", "NaN", "1e400", "1e5", "-864.00", "0x10", "1 000 000 000 000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text) if text else "^$"):
        sheets.cents(text)


@pytest.mark.parametrize("text", ["1864", "1864.0", "1,864.00", "１８６４．００", "1，864.00元"])
def test_an_amount_is_read_as_offices_write_it(text: str) -> None:
    assert sheets.cents(text) == 186400


def test_of_the_cases_that_a_month_has_begun_only_those_that_wait_for_its_end_are_told(world: World) -> None:
    example = scenario.read(EXAMPLE.with_name("payment_after_end.yaml"))
    report = Run(world.runtime, example).play()

    assert report.ok, report.failure
    r = tables.relay
    with world.runtime.store.transaction(write=False) as session:
        orders = session.execute(select(r.c.kind, r.c.procedure, r.c.status, r.c.error).order_by(r.c.id)).all()
    assert [(each.kind, each.procedure) for each in orders if each.procedure == "recovery"] == [
        ("begin", "recovery")
    ] * 2
    assert [each.error for each in orders if each.error] == []
