"""The ledger of lists of low-income families, one's own list with its lines, and the list as a file (S1-64)."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.board.lists import Value
from engine.cases.views import low_income as views
from webapp import workbook
from webapp.inbox import page_number
from webapp.steps import reading, staff

pages = Blueprint("low_income", __name__, url_prefix="/desk/low-income")


@pages.get("/")
def show_all() -> ResponseReturnValue:
    """The lists in one's sight."""
    with reading(staff()) as step:
        found = views.ledger(step, page=page_number())
    return render_template("low_income.html", found=found)


@pages.get("/<int:push_id>")
def show(push_id: int) -> ResponseReturnValue:
    """One list with its lines."""
    with reading(staff()) as step:
        made, lines = views.one(step, push_id)
    return render_template("low_income_list.html", made=made, lines=lines)


@pages.get("/<int:push_id>/export")
def export(push_id: int) -> Response:
    """The same as a spreadsheet."""
    with reading(staff()) as step:
        made, lines = views.one(step, push_id)
    headings = ("序号", *made.columns, "答复", "说明")
    columns = tuple((f"c{place}", name) for place, name in enumerate(headings))
    return workbook.spreadsheet(f"低收入人口名单（{made.unit}）", columns, map(cells, lines))


def cells(line: views.Line) -> dict[str, Value]:
    """A row of the file by column."""
    values: list[Value] = [line.seq, *line.cells, line.offer, line.note]
    return {f"c{place}": value for place, value in enumerate(values)}


def may_look() -> bool:
    """Whether the menu shows the ledger."""
    return views.may_look(current_user.actor)
