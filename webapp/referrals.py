"""受理、转办、办理结果登记表: every item of every application in one's sight, as a page and as a file (S1-50)."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.board.lists import Value
from engine.cases.views import referrals as views
from engine.cases.views.referrals import LedgerRow
from webapp import workbook
from webapp.inbox import page_number
from webapp.steps import office, reading, staff

pages = Blueprint("referrals", __name__, url_prefix="/desk/referrals")
TITLE = "受理、转办、办理结果登记表"
COLUMNS = (
    ("number", "序号"), ("at", "日期"), ("name", "申请人"), ("id_no", "身份证号码"), ("phone", "联系电话"),
    ("case_number", "业务编号"), ("item", "申请事项"), ("clerk", "受理人"), ("slip", "转办单号"), ("unit", "承办单位"),
    ("liaison", "联络员"), ("sent_at", "转办时间"), ("received_at", "签收时间"), ("interim_at", "初步反馈"),
    ("state", "情况"), ("result", "办理结果"), ("result_at", "结果日期"), ("told_how", "反馈申请人方式"),
    ("told_at", "反馈日期"), ("late", "是否超期"), ("note", "备注"),
)  # fmt: skip


def asked() -> tuple[str, str]:
    """The state and the words that the address filters by."""
    state, search = (request.args.get(name, "").strip()[:40] for name in ("state", "search"))
    return state, search


@pages.get("/")
def show() -> ResponseReturnValue:
    """The ledger."""
    state, search = asked()
    with reading(staff()) as step:
        found = views.ledger(step, state=state, search=search, page=page_number())
    return render_template("referrals.html", found=found, title=TITLE, state=state, search=search)


@pages.get("/export")
def export() -> Response:
    """The same, whole, as a spreadsheet."""
    state, search = asked()
    with reading(staff()) as step:
        rows = views.whole(step, state=state, search=search)
    return workbook.spreadsheet(TITLE, COLUMNS, map(cells, rows))


def cells(row: LedgerRow) -> dict[str, Value]:
    """A row of the file by column."""
    line = row.line
    moments = ("at", "sent_at", "received_at", "interim_at", "result_at", "told_at")
    return {
        "number": row.number,
        "name": row.applicant,
        "id_no": row.id_no,
        "phone": row.phone,
        "case_number": row.case_number,
        "item": line.item,
        "clerk": row.clerk,
        "slip": line.number,
        "unit": line.unit,
        "liaison": row.liaison,
        "state": line.state,
        "result": line.result or line.said,
        "told_how": row.told_how,
        "late": "是" if row.late else "否",
        "note": row.note,
        **{name: getattr(line, name) for name in moments},
    }


def may_look() -> bool:
    """Whether the menu shows the ledger."""
    return views.may_look(office().runtime.scope, current_user.actor)
