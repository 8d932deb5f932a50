"""Months in conditions: `生效月份 >= 最早月份` compares two months, and nothing else with a month."""

from __future__ import annotations

import pytest

from forms.errors import ExpressionError
from forms.expression import parse


@pytest.mark.parametrize(
    "first, second, earlier",
    [("2026-05", "2026-06", True), ("2026-12", "2027-01", True), ("2026-06", "2026-06", False)],
)
def test_months_compare_by_time(first: str, second: str, earlier: bool) -> None:
    assert parse("甲 < 乙").evaluate({"甲": first, "乙": second}) is earlier


@pytest.mark.parametrize("other", ["2026-13", "六月", 202606])
def test_a_month_compares_with_nothing_else(other: object) -> None:
    with pytest.raises(ExpressionError, match="要都是数字、都是日期或都是月份"):
        parse("甲 < 乙").evaluate({"甲": "2026-05", "乙": other})
