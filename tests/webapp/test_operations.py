"""The administrator's page: what didn't go out and why, another attempt or none, and not a word about people."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine.cases import sweep
from engine.delivery import heartbeat
from engine.province.messages import M
from engine.store import tables
from tests.support.app import Desk, Register, World

PHONE = "13800000001"


def stop(world: World, case_id: int | None = None, **columns: Any) -> int:
    """A delivery that has failed; gives its id."""
    o, d, now = tables.outbox, tables.delivery, world.clock.now
    message: dict[str, Any] = {"case_id": case_id, "key": "m", "to_applicant": True, "created_at": now, "sent_at": now}
    message |= {"kind": "告知", "title": "补正材料", "text": "韦小宝：请补正材料"}
    row: dict[str, Any] = {"channel": "sms", "address": PHONE, "key": "k", "created_at": now}
    row |= {"status": "failed", "attempts": 6, "error": "网关 sms.example.org 暂时不可用（503）", **columns}
    with world.runtime.store.transaction() as session:
        row["outbox_id"] = session.execute(insert(o).values(message).returning(o.c.id)).scalar_one()
        return int(session.execute(insert(d).values(row).returning(d.c.id)).scalar_one())


def delivery(world: World) -> dict[str, Any]:
    with world.runtime.store.transaction(write=False) as session:
        return {**session.execute(select(tables.delivery)).mappings().one()}


def page(world: World) -> Desk:
    admin = world.desk("cz_admin")
    assert admin.get("/desk/operations/").status_code == 200
    return admin


def test_a_failed_delivery_is_shown_with_its_reason_and_without_the_family(world: World, register: Register) -> None:
    case_id = register()
    stop(world, case_id)
    text = page(world).page
    assert "网关 sms.example.org 暂时不可用（503）" in text
    assert "341702DB20260302" in text
    assert "138****0001" in text
    for private in ("韦小宝", PHONE, "补正材料", "11010519491231002X"):
        assert private not in text


def test_the_administrator_sends_again_or_gives_up(world: World) -> None:
    number = stop(world)
    admin = page(world)
    admin.post(f"/desk/operations/deliveries/{number}/again")
    assert (delivery(world)["status"], delivery(world)["next_at"]) == ("waiting", world.clock.now)
    admin.post(f"/desk/operations/deliveries/{number}/give-up")
    assert (delivery(world)["status"], delivery(world)["next_at"]) == ("dropped", None)
    assert "网关" not in admin.get("/desk/operations/").text


@pytest.mark.parametrize("status", ["sent", "sending", "dropped"])
def test_what_has_gone_out_or_is_under_way_is_not_touched(world: World, status: str) -> None:
    number = stop(world, status=status)
    admin = page(world)
    for act in ("again", "give-up"):
        assert admin.post(f"/desk/operations/deliveries/{number}/{act}").status_code == 409
    assert delivery(world)["status"] == status


def test_without_an_address_there_is_nothing_to_send_again(world: World) -> None:
    number = stop(world, address="", error="没有可用的手机号码")
    admin = page(world)
    assert "再发一次" not in admin.page
    assert admin.post(f"/desk/operations/deliveries/{number}/again").status_code == 409


@pytest.mark.parametrize("account", ["qp_window", "gc_head"])
def test_only_the_administrator_comes_here(world: World, account: str) -> None:
    number = stop(world)
    desk = world.desk(account)
    assert "运行情况" not in desk.get("/desk/").text
    assert desk.get("/desk/operations/").status_code == 403
    for address in (f"deliveries/{number}/again", f"deliveries/{number}/give-up", "incidents/1/retry"):
        assert desk.post(f"/desk/operations/{address}").status_code == 403
    assert delivery(world)["status"] == "failed"


def test_failed_work_of_a_case_is_shown_with_what_it_said(world: World, register: Register) -> None:
    i = tables.incident
    row = {"case_id": register(), "token_id": "t", "node_id": "n", "name": "推送到省系统", "topic": "province.push"}
    row |= {
        "status": "failed",
        "attempts": 6,
        "message": "ConnectionError: 对方系统没有应答",
        "created_at": world.clock.now,
    }
    with world.runtime.store.transaction() as session:
        session.execute(insert(i).values(row))
    admin = page(world)
    assert "推送到省系统" in admin.page
    assert "对方系统没有应答" in admin.page
    assert "ConnectionError" not in admin.page
    answer = admin.post("/desk/operations/incidents/1/retry")  # no token waits for it any more
    assert answer.status_code == 302
    assert "没有成功" in admin.get("/desk/operations/").text
    assert admin.post("/desk/operations/incidents/99/retry").status_code == 409


def test_a_case_that_stands_still_is_named(world: World, register: Register) -> None:
    register()
    with world.runtime.store.transaction() as session:
        session.execute(update(tables.task).values(status="done"))
        session.execute(update(tables.deadline).values(status="met"))
    (number,) = sweep.stuck(world.runtime)
    assert number in page(world).page


def test_a_scheduler_that_has_fallen_silent_is_noticed(world: World) -> None:
    assert "定时任务没有运行" in page(world).page
    for _ in range(2):
        heartbeat.beat(world.runtime, world.clock.now)
    assert "定时任务正常" in page(world).page
    world.clock.move(minutes=4)
    assert "定时任务没有运行" in page(world).page


def test_an_order_between_cases_that_failed_is_shown_and_asked_again(world: World, register: Register) -> None:
    case_id = register()
    row = {"key": "k", "kind": "begin", "from_id": case_id, "from_name": "发起协查", "procedure": "nowhere"}
    row |= {"content": {"facts": {}, "places": {}}, "at": world.clock.now, "status": "failed", "attempts": 6}
    with world.runtime.store.transaction() as session:
        number = session.execute(insert(tables.relay).values(row).returning(tables.relay.c.id)).scalar_one()
    admin = page(world)
    assert "发起协查" in admin.page
    admin.post(f"/desk/operations/orders/{number}/again")
    assert "没有编号为「nowhere」的流程" in admin.get("/desk/operations/").text


def test_what_the_province_did_not_take_is_shown_by_its_number_and_reported_again(
    world: World, register: Register
) -> None:
    row = {"key": "511703GL202603020001-N1", "case_id": register(), "kind": "新增", "version": 1, "digest": "d"}
    row |= {"content": {"person": {"name": "韦小宝"}}, "status": "failed", "asked": 1, "attempts": 6, "inquiries": 0}
    row |= {"error": "省系统 sheng.example.org 暂时不可用（503）", "created_at": world.clock.now}
    with world.runtime.store.transaction() as session:
        which = session.execute(insert(M).values(row).returning(M.c.id)).scalar_one()
    admin = page(world)
    assert "511703GL202603020001-N1" in admin.page
    assert "sheng.example.org 暂时不可用" in admin.page
    assert "韦小宝" not in admin.page
    assert "再报送一次" in admin.post(f"/desk/operations/province/{which}/again", follow_redirects=True).text
    with world.runtime.store.transaction(write=False) as session:
        assert session.execute(select(M.c.status, M.c.attempts)).one() == ("waiting", 0)
