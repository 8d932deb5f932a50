"""Complaints as people meet them: who reported is nowhere but with those who take complaints, one look at a time."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import pytest
from sqlalchemy import select

from engine.cases import scenario
from engine.store import tables
from engine.store.supervision import complaint_reporter
from tests.support.app import ROOT, Desk, World

SCENARIOS = ROOT / "processes" / "supervision" / "scenarios"
SECRETS = ("甄正直", "13900000088", "湖心社区9组")
REASON = "电话答复核查结论"
LINK = re.compile(r'(?:href|data-diagram|data-state)="(/[^"#]+)')
REPORT = {
    "反映方式": "网上",
    "反映类别": "不符合条件享受救助",
    "被反映对象": "救助对象（家庭）",
    "被反映人姓名": "郝有钱",
    "涉及乡镇": "qiupu",
    "涉及村": "qiupu_huxin",
    "反映内容": "这家人在城里有两套房出租",
    "署名": "实名",
    "举报人姓名": SECRETS[0],
    "举报人电话": SECRETS[1],
    "举报人地址": SECRETS[2],
}


def play(world: World, name: str = "complaint_true") -> int:
    """The example in this office; gives the id of its case."""
    report = scenario.Run(world.runtime, scenario.read(SCENARIOS / f"{name}.yaml")).play()
    assert not report.failure, report.failure
    c = tables.case.c
    with world.runtime.store.transaction(write=False) as session:
        return int(
            session.execute(select(c.id).where(c.procedure == "complaint").order_by(c.id)).scalars().first() or 0
        )


def reported(world: World) -> tuple[Desk, int]:
    """Somebody reports on the web, giving a name; their browser, and the id of the case."""
    visitor = world.visitor()
    visitor.get("/apply/complaint")
    answer = visitor.post("/apply/complaint", REPORT)
    assert answer.status_code == 302, answer.text
    with world.runtime.store.transaction(write=False) as session:
        return visitor, int(session.execute(select(tables.case.c.id)).scalar_one())


def pages(desk: Desk, first: str, most: int = 150) -> Iterator[tuple[str, str]]:
    """Every page and file that links lead to from `first`, with its text."""
    waiting, seen = [first], {first}
    while waiting and len(seen) <= most:
        address = waiting.pop(0)
        answer = desk.get(address)
        text = "\n".join(_texts(answer.data))
        yield address, text
        for found in map(unescape, LINK.findall(text)):
            if found not in seen and not found.startswith("/static"):
                seen.add(found)
                waiting.append(found)


def _texts(body: bytes) -> Iterator[str]:
    try:
        with ZipFile(BytesIO(body)) as book:
            yield from (book.read(name).decode(errors="replace") for name in book.namelist())
    except BadZipFile:
        yield body.decode(errors="replace")


@pytest.mark.parametrize(
    "account",
    ["gc_complaint", "gc_supervisor", "gc_clerk", "gc_head", "qp_window", "qp_head", "hx_village", "gc_audit"],
)
def test_no_page_and_no_file_names_the_reporter(world: World, account: str) -> None:
    play(world)

    found = dict(pages(world.desk(account), "/desk/"))

    assert len(found) > 5
    leaks = [(address, secret) for address, text in found.items() for secret in SECRETS if secret in text]
    assert not leaks


def test_no_table_but_the_sealed_one_holds_the_reporter(world: World) -> None:
    play(world)

    with world.runtime.store.transaction(write=False) as session:
        for table in tables.metadata.sorted_tables:
            rows = session.execute(select(table)).all()
            said = repr(rows) + "".join(_unpacked(value) for row in rows for value in row)
            hit = [secret for secret in SECRETS if secret in said]
            assert hit == (list(SECRETS) if table is complaint_reporter else []), table.name


def _unpacked(value: object) -> str:
    if not isinstance(value, bytes):
        return ""
    try:
        return zlib.decompress(value).decode(errors="replace").encode().decode("unicode_escape", errors="replace")
    except zlib.error:
        return ""


def test_a_report_from_the_web_keeps_no_address_of_the_sender(world: World) -> None:
    _, case_id = reported(world)

    with world.runtime.store.transaction(write=False) as session:
        lines = session.execute(select(tables.history).where(tables.history.c.case_id == case_id)).mappings().all()
    assert "127.0.0.1" not in repr(lines)


def test_the_reporter_gets_number_and_code_and_sees_the_answer(world: World) -> None:
    visitor, _ = reported(world)

    receipt = visitor.get("/follow/receipt").text
    assert "投诉举报回执" in receipt
    assert "申请人" not in receipt
    page = visitor.get("/follow/case").text
    assert "您反映的问题" in page
    assert "登记审查" in page
    assert not any(secret in page for secret in SECRETS)


def test_who_takes_complaints_sees_the_name_once_for_a_reason_that_stays(world: World) -> None:
    _, case_id = reported(world)
    desk = world.desk("gc_complaint")
    assert f"/desk/cases/{case_id}/reporter" in desk.get(f"/desk/cases/{case_id}").text

    asked = desk.get(f"/desk/cases/{case_id}/reporter")
    assert SECRETS[0] not in asked.text
    shown = desk.post(f"/desk/cases/{case_id}/reporter", {"text": REASON})

    assert all(secret in shown.text for secret in SECRETS)
    assert shown.headers["Cache-Control"] == "no-store"
    case = desk.get(f"/desk/cases/{case_id}").text
    assert REASON in case
    assert "查看举报人身份" in case
    assert SECRETS[0] not in case


@pytest.mark.parametrize("text", ["", "看看", f"给{SECRETS[0]}回电话", "由" * 201])
def test_a_reason_that_says_nothing_or_names_the_reporter_is_sent_back(world: World, text: str) -> None:
    _, case_id = reported(world)
    desk = world.desk("gc_complaint")
    desk.get(f"/desk/cases/{case_id}/reporter")

    answer = desk.post(f"/desk/cases/{case_id}/reporter", {"text": text})

    assert answer.status_code == 422
    assert SECRETS[1] not in answer.text


@pytest.mark.parametrize("account", ["qp_complaint", "gc_supervisor", "gc_head", "gc_audit", "dz_complaint", "cz_city"])
def test_nobody_else_finds_who_reported(world: World, account: str) -> None:
    _, case_id = reported(world)
    desk = world.desk(account)
    desk.get("/desk/")

    assert desk.get(f"/desk/cases/{case_id}/reporter").status_code == 404
    assert desk.post(f"/desk/cases/{case_id}/reporter", {"text": REASON}).status_code == 404


def test_whom_a_report_is_about_finds_no_case(world: World) -> None:
    _, case_id = reported(world)

    for account in ("qp_window", "qp_clerk", "qp_head", "hx_village", "qp_complaint"):
        assert world.desk(account).get(f"/desk/cases/{case_id}").status_code == 404, account


def test_who_shares_out_the_work_of_a_unit_does_not_find_the_report_among_it(world: World) -> None:
    _, case_id = reported(world)
    clerk, head = world.desk("gc_complaint"), world.desk("gc_head")
    task = re.search(r"/desk/tasks/([0-9a-f-]+)", clerk.get("/desk/?which=all").text)
    assert task is not None
    clerk.post(f"/desk/tasks/{task[1]}/claim")

    assert head.get(f"/desk/cases/{case_id}").status_code == 404
    assert "没有可以移交的事项" in head.get("/desk/handing/gc_complaint").text
    assert task[1] in clerk.get("/desk/handing/gc_complaint").text


def test_handlers_read_what_the_clerk_wrote_and_not_the_report(world: World) -> None:
    case_id = play(world)
    clerk, supervisor = world.desk("gc_complaint"), world.desk("gc_supervisor")

    assert "在城里有两套房出租" in clerk.get(f"/desk/cases/{case_id}").text
    page = supervisor.get(f"/desk/cases/{case_id}").text
    assert "请核实郝有钱家的房产" in page
    assert "在城里有两套房出租" not in page


def test_an_anonymous_report_has_nobody_to_look_at(world: World) -> None:
    case_id = play(world, "complaint_untrue")

    desk = world.desk("qp_complaint")
    assert "查看举报人身份" not in desk.get(f"/desk/cases/{case_id}").text
    assert desk.get(f"/desk/cases/{case_id}/reporter").status_code == 404


def test_the_clerk_who_registered_a_report_that_went_up_still_prints_its_receipt(world: World) -> None:
    desk = world.desk("qp_complaint")
    desk.get("/desk/register/complaint")

    answer = desk.post("/desk/register/complaint", {**REPORT, "反映方式": "来访"})

    receipt = desk.get(str(answer.location))
    assert receipt.status_code == 200
    assert "投诉举报回执" in receipt.text


def test_clues_of_neglect_are_seen_by_those_who_handle_them_and_by_nobody_else(world: World) -> None:
    report = scenario.Run(world.runtime, scenario.read(SCENARIOS / "accountability_transferred.yaml")).play()
    assert not report.failure, report.failure

    for account, status in (
        *(("gc_supervisor", 200), ("gc_head", 200)),
        *(("gc_clerk", 404), ("gc_complaint", 404), ("gc_audit", 404), ("qp_head", 404), ("hx_village", 404)),
    ):
        assert world.desk(account).get("/desk/cases/1").status_code == status, account
    assert "洪支书" not in world.desk("gc_clerk").get("/desk/cases/").text


def test_what_follows_from_a_report_does_not_lead_back_to_it(world: World) -> None:
    play(world, "complaint_consequences")

    head = world.desk("qp_head")
    page = head.get("/desk/cases/?search=贵池区民政局").text
    found = re.findall(r"/desk/cases/(\d+)", page)
    assert found
    for case_id in found:
        text = head.get(f"/desk/cases/{case_id}").text
        assert "相关办件" not in text
        assert not any(secret in text for secret in SECRETS)
