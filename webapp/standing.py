"""绩效评价: each township's month or quarter, as a page and as a spreadsheet (S2-44)."""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.cases.views import standing as views
from engine.clock.days import day_of
from webapp import workbook
from webapp.months import Month, month_asked, month_of
from webapp.steps import office, reading, staff

pages = Blueprint("standing", __name__, url_prefix="/desk/standing")
QUARTER = re.compile(r"(\d{4})-Q([1-4])")


class Quarter(Month):
    """A quarter of the year, as its first month."""

    @property
    def last(self) -> date:
        """Its last day."""
        return month_of(self.first).after.after.last

    @property
    def before(self) -> Quarter:
        """The quarter before."""
        return quarter_of(month_of(self.first).before.first)

    @property
    def after(self) -> Quarter:
        """The quarter after."""
        return quarter_of(month_of(self.last).after.first)

    @property
    def words(self) -> str:
        """`2026年第1季度`."""
        return f"{self.first.year}年第{(self.first.month + 2) // 3}季度"

    def __str__(self) -> str:
        return f"{self.first.year}-Q{(self.first.month + 2) // 3}"


def quarter_of(day: date) -> Quarter:
    """The quarter that a day lies in."""
    return Quarter(date(day.year, 3 * ((day.month - 1) // 3) + 1, 1))


def asked() -> Month:
    """The month or quarter in the address; the month that runs for anything odd or still to come."""
    text, today = request.args.get("period", ""), day_of(office().clock())
    found = QUARTER.fullmatch(text)
    if found and 2000 <= int(found[1]) <= 2999:
        period: Month | None = Quarter(date(int(found[1]), 3 * int(found[2]) - 2, 1))
    else:
        period = month_asked(text)
    return period if period and period.first <= today else month_of(today)


@pages.get("/")
def show() -> ResponseReturnValue:
    """The table."""
    period, today = asked(), day_of(office().clock())
    with reading(staff()) as step:
        found = views.standings(step, period.first, period.last)
    later = period.after if period.after.first <= today else None
    other = month_of(period.last if period.last <= today else today) if isinstance(period, Quarter) else None
    return render_template(
        "standing.html",
        found=found,
        rows=[dict(views.cells(each)) for each in found.rows],
        columns=views.COLUMNS,
        period=period,
        later=later,
        other=other or quarter_of(period.first),
    )


@pages.get("/table.xlsx")
def table() -> Response:
    """The same as a spreadsheet."""
    period = asked()
    with reading(staff()) as step:
        found = views.standings(step, period.first, period.last)
    title = f"{period.words}乡镇（街道）社会救助绩效评价数据"
    return workbook.spreadsheet(title, views.COLUMNS, (dict(views.cells(each)) for each in found.rows))
