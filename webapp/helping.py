"""帮办代办: the village's own list on the phone, and for those who oversee villages what comes of it (S3-12, S3-15)."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.board.lists import Value
from engine.cases.views import helping as views
from engine.cases.views import startable
from engine.cases.views.helping import Village
from webapp import workbook
from webapp.inbox import page_number
from webapp.steps import office, reading, staff

pages = Blueprint("helping", __name__, url_prefix="/desk/helping")
WHICH = {"open": "办理中", "closed": "已办结", "all": "全部"}
COLUMNS = (
    ("name", "村（社区）"), ("registered", "登记上门"), ("visited", "已上门"), ("average", "平均几个工作日上门"),
    ("late", "超期"), ("applications", "代办申请"), ("agreed", "同意"), ("open", "办理中"),
)  # fmt: skip


@pages.get("/")
def show() -> ResponseReturnValue:
    """Whom I helped, and where it stands."""
    which = request.args.get("which", "open")
    which = which if which in WHICH else "open"
    with reading(staff()) as step:
        found = views.listing(step, which=which, page=page_number())
        may_begin = any(each.id == views.HELP for each in startable(step))
    return render_template(
        "helping.html", found=found, which=which, choices=WHICH, may_begin=may_begin, help=views.HELP
    )


@pages.get("/results")
def results() -> ResponseReturnValue:
    """What comes of help, by village and by channel."""
    first, last = period()
    with reading(staff()) as step:
        found = views.results(step, first, last)
    return render_template("helping_results.html", found=found, first=first, last=last)


@pages.get("/results/export")
def export() -> Response:
    """The same as a spreadsheet."""
    first, last = period()
    with reading(staff()) as step:
        found = views.results(step, first, last)
    return workbook.spreadsheet(f"帮办代办成效（{first}至{last}）", COLUMNS, map(cells, (*found.villages, found.total)))


def cells(village: Village) -> dict[str, Value]:
    """A row of the file by column."""
    average = village.average
    return {
        **{name: getattr(village, name) for name, _ in COLUMNS if name != "average"},
        "average": f"{average}" if average is not None else "",
    }


def period() -> tuple[date, date]:
    """The days that the address names; this year until today when it names none, or names them wrongly."""
    first, last = views.as_of(office().clock())
    asked = [_day(request.args.get(name, "")) for name in ("first", "last")]
    first, last = asked[0] or first, asked[1] or last
    return min(first, last), max(first, last)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def may_look() -> bool:
    """Whether the menu shows the list."""
    return views.may_help(office().runtime.scope, current_user.actor)
