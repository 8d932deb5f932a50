"""花名册: the rosters of each month, one with its lines and differences, the files for bank and county."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine import sheets
from engine.cases.views import payments as views
from engine.payments import bank, statistics
from engine.registers.amounts import yuan
from webapp import workbook
from webapp.inbox import page_number
from webapp.steps import office, reading, staff

pages = Blueprint("payments", __name__, url_prefix="/desk/payments")
STATUSES = ("待发", "已发", "失败", "不发")
TABLE_KEYS = ("category", "households", "persons", "new", "stopped", "amount", "unpaid", "cumulated")
IN_YUAN = frozenset({"amount", "unpaid", "cumulated"})


@pages.get("/")
def show_all() -> ResponseReturnValue:
    """The rosters of one's units, of a month or all, and the statistics of that month."""
    month = request.args.get("month", "")[:7]
    with reading(staff()) as step:
        found = views.batches(step, month=month, page=page_number())
    return render_template("payments.html", found=found, month=month)


@pages.get("/<int:batch_id>")
def show(batch_id: int) -> ResponseReturnValue:
    """One roster."""
    status = request.args.get("status", "")
    status, search = status if status in STATUSES else "", request.args.get("search", "").strip()[:40]
    with reading(staff()) as step:
        page = views.batch(step, batch_id, status=status, search=search, page=page_number())
    return render_template("payment.html", page=page, batch=page.batch, status=status, search=search, statuses=STATUSES)


@pages.get("/<int:batch_id>/export")
def export(batch_id: int) -> ResponseReturnValue:
    """The same, whole, as a spreadsheet."""
    with reading(staff()) as step:
        head, lines = views.whole(step, batch_id)
    title = f"{head['unit_name']}{head['month']}{head['category']}发放花名册 {head['number']}"
    return workbook.spreadsheet(title, list(views.LINE_HEADINGS.items()), lines)


@pages.get("/files/<int:file_id>")
def bank_file(file_id: int) -> ResponseReturnValue:
    """A file for the bank, to be answered in its last columns: as .xlsx, or as CSV."""
    with reading(staff()) as step:
        file, rows = views.bank_file(step, file_id)
    headings = (*bank.HEADINGS, *bank.ANSWERS)
    if request.args.get("as") == "csv":
        return send_file(
            BytesIO(sheets.to_csv(headings, rows)),
            "text/csv",
            as_attachment=True,
            download_name=f"{file['number']}.csv",
        )
    return workbook.spreadsheet(str(file["number"]), [(name, name) for name in headings], rows)


@pages.get("/statistics/<int:table_id>")
def table(table_id: int) -> ResponseReturnValue:
    """A table of statistics as a spreadsheet."""
    with reading(staff()) as step:
        found = views.statistics_table(step, table_id)
    rows = [{key: yuan(row[key]) if key in IN_YUAN else row[key] for key in TABLE_KEYS} for row in found["rows"]]
    title = f"{found['unit_name']}{found['month']}城乡低保、特困供养资金和临时救助发放统计表"
    return workbook.spreadsheet(title, list(zip(TABLE_KEYS, statistics.HEADINGS, strict=True)), rows)


def may_look() -> bool:
    """Whether the menu shows rosters."""
    return views.may_look(office().runtime.scope, current_user.actor)
