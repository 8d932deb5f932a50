"""定期报告: the column of the township's system that declarations go to, as a page and as a file (S4-16, S4-17)."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.board.lists import Value
from engine.cases.views import declarations as views
from engine.cases.views.declarations import Report
from webapp import workbook
from webapp.inbox import page_number
from webapp.steps import office, reading, staff

pages = Blueprint("declarations", __name__, url_prefix="/desk/declarations")
TITLE = "定期报告"
COLUMNS = (
    ("case_number", "业务编号"), ("name", "户主"), ("category", "救助类别"), ("unit", "乡镇（街道）"),
    ("village", "村（社区）"), ("month", "应申报月份"), ("state", "情况"), ("overdue", "是否逾期"),
    ("said_at", "申报时间"), ("said_by", "由谁申报"), ("changes", "有变化的"), ("material", "重大变化"),
    ("hint", "系统提示"), ("step", "现在办到"), ("result", "结果"),
)  # fmt: skip


def asked() -> dict[str, str]:
    """By what the address filters: state, month, words."""
    return {name: request.args.get(name, "").strip()[:40] for name in ("state", "month", "search")}


@pages.get("/")
def show() -> ResponseReturnValue:
    """Who is due, who has declared, who is overdue, and whose changes are material."""
    chosen = asked()
    with reading(staff()) as step:
        found = views.listing(step, views.Wanted(**chosen), page=page_number())
    return render_template("declarations.html", found=found, title=TITLE, states=views.STATES, **chosen)


@pages.get("/export")
def export() -> Response:
    """The same, whole, as a spreadsheet."""
    with reading(staff()) as step:
        rows = views.whole(step, views.Wanted(**asked()))
    return workbook.spreadsheet(TITLE, COLUMNS, map(cells, rows))


def cells(row: Report) -> dict[str, Value]:
    """A row of the file by column."""
    material = {True: "有", False: "没有", None: "没有审阅"}[row.material]
    names = ("case_number", "category", "village", "month", "state", "said_at", "said_by", "changes", "hint", "step")
    return {
        "name": row.applicant,
        "unit": row.township,
        "overdue": "是" if row.overdue else "否",
        "material": material,
        "result": row.result,
        **{name: getattr(row, name) for name in names},
    }


def may_look() -> bool:
    """Whether the menu shows the column."""
    return views.may_look(office().runtime, current_user.actor)
