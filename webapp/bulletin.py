"""通报: the month of every unit one watches over, as a page to print and as a spreadsheet."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.board.sight import may_watch
from engine.cases.bulletin_sheet import workbook
from engine.cases.views.bulletin import Bulletin, bulletin
from engine.clock.days import day_of
from webapp.months import Month, month_asked, month_of
from webapp.steps import office, reading, staff

pages = Blueprint("bulletin", __name__, url_prefix="/desk/bulletin")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/")
def show() -> ResponseReturnValue:
    """The month asked for, else the one that runs."""
    month = month_shown()
    running = month_of(day_of(office().clock()))
    return render_template(
        "bulletin.html", bulletin=count(month), month=month, later=month.after if month.first < running.first else None
    )


@pages.get("/table.xlsx")
def table() -> ResponseReturnValue:
    """The same as a spreadsheet."""
    month = month_shown()
    title = f"{month.words}社会救助办理情况通报"
    answer = Response(workbook(count(month), title), mimetype=SHEET)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title)}.xlsx"
    return answer


def month_shown() -> Month:
    """The month in the address; the one that runs for anything odd or still to come."""
    running = month_of(day_of(office().clock()))
    asked = month_asked(request.args.get("month", ""))
    return asked if asked and asked.first <= running.first else running


def count(month: Month) -> Bulletin:
    """The month's bulletin in one's sight."""
    with reading(staff()) as step:
        return bulletin(step, month.first, month.last)


def oversees() -> bool:
    """Whether the menu shows this page."""
    return may_watch(office().runtime.scope, current_user.actor)
