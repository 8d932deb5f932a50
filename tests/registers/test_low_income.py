"""Whom a department's list holds: the table is read strictly, ages to the day, agreement respected."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.people.errors import PlacesInvalid
from engine.registers import low_income
from tests.processes.conftest import ROOT

POLICY = ROOT / "processes" / "policy"
ROW = """
[[push]]
item = "YB-01"
per = "{per}"
categories = ["低保"]
columns = ["{column}"]
offers = ["资助参保"]
valid_from = {since}
basis = "例"
"""


def test_the_table_gives_what_is_in_force_on_the_day() -> None:
    assert [share.id for share in low_income.shares(POLICY, date(2026, 3, 1))] == ["YB-01", "JT-01", "ZJ-01", "RS-01"]
    assert low_income.shares(POLICY, date(2023, 6, 30)) == []


@pytest.mark.parametrize(
    "per, column, since, said",
    [
        ("村", "姓名", "2026-01-01", "户、人"),
        ("人", "病情", "2026-01-01", "病情"),
        ("人", "姓名", '"2026-01-01"', "应为日期"),
    ],
)
def test_a_wrong_row_is_refused_with_what_is_wrong(
    tmp_path: Path, per: str, column: str, since: str, said: str
) -> None:
    (tmp_path / low_income.FILE).write_text(ROW.format(per=per, column=column, since=since), encoding="utf-8")

    with pytest.raises(PlacesInvalid, match=said):
        low_income.shares(tmp_path, date(2026, 3, 1))


@pytest.mark.parametrize(
    "birth, within",
    [
        (date(2023, 3, 1), True),  # three today
        (date(2023, 3, 2), False),
        (date(2001, 3, 2), True),  # twenty-five tomorrow
        (date(2001, 3, 1), False),
        (None, True),  # for the department to see to
    ],
)
def test_the_ages_count_to_the_day(birth: date | None, within: bool) -> None:
    assert low_income._of_age(birth, (3, 24), date(2026, 3, 1)) is within
