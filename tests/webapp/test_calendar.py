"""The pages of notices on days off: who may open them, from the file to the confirmation, and what they tell."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest

from engine.cases import rederive
from engine.store import tables
from tests.support import calendars
from tests.support.app import Desk, Register, World

DECEMBER = datetime(2026, 12, 31, 1, 30, tzinfo=UTC)


def send(desk: Desk, content: bytes, name: str = "通知.toml") -> str:
    """Import a file; the page that follows."""
    desk.get("/desk/calendar/")
    answer = desk.post("/desk/calendar/import", {"file": (BytesIO(content), name)})
    return desk.get(answer.location).text if answer.status_code == 302 else answer.text


@pytest.mark.parametrize(
    "account,opens,imports", [("cz_admin", True, True), ("gc_head", True, False), ("qp_window", False, False)]
)
def test_administrators_import_and_heads_look(world: World, account: str, opens: bool, imports: bool) -> None:
    desk = world.desk(account)
    answer = desk.get("/desk/calendar/")
    assert answer.status_code == (200 if opens else 403)
    assert ("/desk/calendar/import" in answer.text) is imports
    assert ("放假安排</a>" in desk.get("/desk/").text) is opens
    refused = desk.post("/desk/calendar/import", {"file": (BytesIO(calendars.year_2027()), "x.toml")})
    assert refused.status_code == (302 if imports else 403)


def test_a_notice_goes_from_the_file_to_the_dates_of_open_cases(world: World, register: Register) -> None:
    world.clock.now = DECEMBER
    case_id = register()
    admin, head = world.desk("cz_admin"), world.desk("gc_head")
    page = send(admin, calendars.year_2027())
    assert "待确认" in page
    assert "看不到这些办件" in page
    assert "韦小宝" not in page
    seen = head.get("/desk/calendar/1").text
    assert f"/desk/cases/{case_id}" in seen
    assert "确认，按新日历计算" not in seen

    admin.get("/desk/calendar/1")
    assert admin.post("/desk/calendar/1/confirm").status_code == 302
    assert "正在重新计算" in admin.get("/desk/calendar/1").text
    done = rederive.run(world.runtime, world.clock)

    assert done.finished
    assert done.done > 0
    assert "已全部重新计算" in head.get("/desk/calendar/1").text
    assert "已生效" in admin.get("/desk/calendar/").text
    assert "放假安排已知到 2027 年" in admin.page


def test_the_list_can_be_kept_as_a_spreadsheet(world: World, register: Register) -> None:
    world.clock.now = DECEMBER
    register()
    send(world.desk("cz_admin"), calendars.year_2027())
    answer = world.desk("gc_head").get("/desk/calendar/1/moves.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("办件编号", "期限", "时限")
    assert len(rows) > 1


FAULTS: list[tuple[bytes, str]] = [
    (b"", "没有找到通知"),
    (b"\xff\xfe\x00", "不是 UTF-8"),
    (b"[[notice", "文件格式无法识别"),
    (b'{"year": 2027}', "没有找到 year（年份）和 days"),
    (b'{"year": 2027, "days": [{"name": "x", "date": "2027-02-30", "isOffDay": true}]}', "“2027-02-30”不是日期"),
    (calendars.year_2027().replace(b"year = 2027", b"year = 2026"), "不属于2026年"),
    (calendars.year_2027().replace(b"2027-10-01", b"2027-10-08"), "2027-10-01（国庆节）是法定节假日"),
    (calendars.year_2027().replace(b'number = "', b'nummer = "'), "不认识 nummer"),
    (
        calendars.file_of("<script>x</script>", "1号", "2026-03-01", off=[("2026-04-20", "节")], region="99"),
        "以“99”开头",
    ),
]


@pytest.mark.parametrize("content,words", FAULTS, ids=[words for _, words in FAULTS])
def test_a_faulty_file_is_answered_with_what_is_wrong(world: World, content: bytes, words: str) -> None:
    page = send(world.desk("cz_admin"), content)
    assert words in page, re.findall(r"<p>[^<]*</p>", page)
    assert "没有导入" in page
    with world.runtime.store.transaction(write=False) as session:
        assert session.execute(tables.calendar_notice.select()).first() is None


def test_an_administrator_imports_no_foreign_regions_days(world: World) -> None:
    admin = world.desk("cz_admin")
    hainan = calendars.file_of(
        "海南省三月三放假通知", "琼府办〔2026〕1号", "2026-03-01", off=[("2026-04-20", "三月三")], region="46"
    )
    admin.get("/desk/calendar/")
    answer = admin.post("/desk/calendar/import", {"file": (BytesIO(hainan), "三月三.toml")})
    assert answer.status_code == 403
    assert "三月三" not in admin.get("/desk/calendar/").text


def test_a_draft_can_be_dropped_but_not_what_is_confirmed(world: World) -> None:
    admin = world.desk("cz_admin")
    send(admin, calendars.year_2027())
    admin.post("/desk/calendar/1/drop")
    assert "已作废" in admin.get("/desk/calendar/1").text
    send(admin, calendars.year_2027())
    admin.post("/desk/calendar/1/confirm")
    assert admin.post("/desk/calendar/1/drop").status_code == 409


def test_a_notice_that_does_not_exist_is_not_found(world: World) -> None:
    assert world.desk("cz_admin").get("/desk/calendar/99").status_code == 404
