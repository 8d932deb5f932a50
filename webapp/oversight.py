"""督办单: sending one about a case, the list of them, and one to print."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import cases
from engine.cases import views
from engine.cases.errors import ProcedureNotOpen
from engine.cases.runtime import Step
from engine.cases.views import oversight
from engine.cases.views.start import StartPage
from webapp import sheets
from webapp.errors import status_of
from webapp.forms_html import Sheet
from webapp.inbox import PAGE_SIZE, page_number
from webapp.months import month_asked
from webapp.steps import acting, office, reading, sent, staff, tell

pages = Blueprint("oversight", __name__, url_prefix="/desk/oversight")
CHANNEL = "工作台"


@pages.get("/")
def show_all() -> ResponseReturnValue:
    """Those in one's sight, newest first; of a unit, of a month, only open ones."""
    only_open, unit_id = bool(request.args.get("open")), request.args.get("unit", "")
    own = bool(request.args.get("own"))
    month = month_asked(request.args.get("month", ""))
    first, last = (month.first, month.last) if month else (None, None)
    with reading(staff()) as step:
        found = oversight.listing(
            step,
            unit_id=unit_id,
            own=own,
            first=first,
            last=last,
            only_open=only_open,
            page=page_number(),
            size=PAGE_SIZE,
        )
        kinds = oversight.issuable(step)
    unit = office().runtime.units.find(unit_id)
    return render_template(
        "oversight_list.html", found=found, only_open=only_open, unit=unit, own=own, month=month, procedures=kinds
    )


@pages.get("/new/<procedure_id>")
def ask(procedure_id: str) -> ResponseReturnValue:
    """The form, with the number of the case it was asked from and the unit that holds it."""
    case_id = request.args.get("case", type=int)
    with reading(staff()) as step:
        page = start_page(step, procedure_id)
        texts = oversight.draft(step, page, case_id) if case_id else {}
    return draw(page, sheets.fresh(page.form, page.options, texts), page.key)


@pages.post("/new/<procedure_id>")
def start(procedure_id: str) -> ResponseReturnValue:
    """Begin it; on to the sheet, to be printed, or to the new case."""
    actor = staff()
    form = sent(actor.account_id)
    try:
        with acting(actor) as step:
            page = start_page(step, procedure_id)
            done = cases.start(step, procedure_id, form.entries, form.key, channel=CHANNEL)
    except sheets.SENT_BACK as problem:
        with reading(actor) as step:
            page = start_page(step, procedure_id)
        sheet = sheets.again(page.form, page.options, form, problem)
        return draw(page, sheet, form.key, sheets.words_for(problem)), status_of(problem)
    with reading(actor) as step:
        is_sheet = oversight.is_sheet(step, done.case_id)
    what = "督办单" if is_sheet else page.procedure.name
    tell(f"{what}已经登记过，没有重复登记。" if done.replayed else f"{what}已{'发出' if is_sheet else '登记'}。")
    return redirect(url_for("oversight.show" if is_sheet else "cases.show", case_id=done.case_id))


@pages.get("/<int:case_id>")
def show(case_id: int) -> ResponseReturnValue:
    """One of them, to read and to print."""
    with reading(staff()) as step:
        page = oversight.to_print(step, case_id)
    return render_template("oversight.html", page=page, sheet=page.sheet)


def start_page(step: Step, procedure_id: str) -> StartPage:
    """The start form of a procedure about another case, else `ProcedureNotOpen`."""
    page = views.start_form(step, procedure_id)
    if not page.procedure.about:
        raise ProcedureNotOpen
    return page


def draw(page: StartPage, sheet: Sheet, key: str, problem: str = "") -> str:
    """The page of the form."""
    return render_template(
        "oversight_new.html",
        sheet=sheet,
        key=key,
        problem=problem,
        procedure=page.procedure,
        action=url_for("oversight.start", procedure_id=page.procedure.id),
    )
