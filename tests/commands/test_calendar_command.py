"""`jiuzhu calendar` and `jiuzhu deadline --db` as an operator meets them."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from engine.commands import main
from tests.support import calendars

Say = pytest.CaptureFixture[str]


@pytest.fixture
def database(tmp_path: Path, capsys: Say) -> str:
    """Address of a store with our processes."""
    address = f"sqlite:///{tmp_path / 'c.db'}"
    assert main(["deploy", "--db", address]) == 0
    capsys.readouterr()
    return address


@pytest.fixture
def notice(tmp_path: Path) -> str:
    """A file with a notice for 2027."""
    path = tmp_path / "2027.toml"
    path.write_bytes(calendars.year_2027())
    return str(path)


def test_a_notice_is_imported_previewed_and_confirmed(database: str, notice: str, tmp_path: Path, capsys: Say) -> None:
    question = ["deadline", "2026-12-24", "30个工作日", "--region", "341702"]
    assert main([*question, "--db", database]) == 0
    assert capsys.readouterr().out == "暂定 2027-02-09\n"

    assert main(["calendar", "import", notice, "--db", database]) == 0
    assert main(["calendar", "preview", "1", "--db", database, "--xlsx", str(tmp_path / "moves.xlsx")]) == 0
    assert main([*question, "--db", database]) == 0
    assert capsys.readouterr().out.endswith("暂定 2027-02-09\n")
    assert main(["calendar", "--db", database, "confirm", "1"]) == 0
    assert main(["calendar", "--db", database]) == 0
    said = capsys.readouterr().out
    assert "放假安排已知到2027年" in said
    assert "已生效" in said
    sheet = openpyxl.load_workbook(tmp_path / "moves.xlsx").active
    assert sheet is not None
    assert sheet["A1"].value == "办件编号"

    assert main([*question, "--db", database, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["due"], answer["provisional"]) == ("2027-02-04", False)
    assert answer["calendar_version"].startswith("2027-341702-")


@pytest.mark.parametrize(
    "words,message",
    [
        (["confirm", "7"], "没有找到这条放假通知"),
        (["import", "nothing.toml"], "无法打开"),
        (["package", "2031"], "没有尚未导入的2031年"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(database: str, words: list[str], message: str, capsys: Say) -> None:
    assert main(["calendar", "--db", database, *words]) == 1
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err


def test_the_list_is_data_too(database: str, notice: str, capsys: Say) -> None:
    assert main(["calendar", "import", notice, "--db", database, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["status"] == "draft"
    assert main(["calendar", "list", "--db", database, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["last_notice"], len(found["notices"])) == (2026, 1)


def test_a_question_to_a_database_that_is_not_there_makes_none(tmp_path: Path, capsys: Say) -> None:
    missing = tmp_path / "none.db"
    assert main(["deadline", "2026-12-24", "1个工作日", "--db", f"sqlite:///{missing}"]) == 2
    assert "没有找到数据库" in capsys.readouterr().err
    assert not missing.exists()
