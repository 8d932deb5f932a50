"""One case as a whole (live diagram, deadlines, file, history), finding cases, and registering what happens to them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import cases
from engine.cases import looking, sealing, views
from engine.cases.errors import CaseError, WordsWrong
from engine.cases.views import acts, amounts, low_income, moved, oversight, payments, referrals
from engine.cases.views.case import CasePage
from engine.cases.views.clocks import DeadlineView
from engine.cases.views.messages import MessagePage
from engine.province import exchange
from webapp import sheets
from webapp.errors import status_of
from webapp.forms_html import Sheet
from webapp.inbox import PAGE_SIZE, page_number
from webapp.steps import Sent, acting, office, reading, sent, staff, tell

pages = Blueprint("cases", __name__, url_prefix="/desk/cases")
SHOWN_INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})


@pages.get("/")
def search() -> ResponseReturnValue:
    """The cases in one's sight, newest first, by name, number or identity number."""
    words = request.args.get("search", "").strip()[:40]
    with reading(staff()) as step:
        found = views.search(step, search=words, page=page_number(), size=PAGE_SIZE)
    return render_template("search.html", found=found, search=words)


@pages.get("/<int:case_id>")
def show(case_id: int) -> ResponseReturnValue:
    """The case."""
    with reading(staff()) as step:
        page = views.case(step, case_id)
        registers = page.case["procedure"] in {each.id for each in views.startable(step) if not each.about}
        supervision = oversight.part(step, page.case)
        paid = payments.paid_to(step, case_id) if payments.may_look(step.runtime.scope, step.actor) else []
        items = referrals.lines(step, case_id)
        lists = low_income.of_case(step, case_id)
        handed = moved.of_case(step, case_id)
        reported = exchange.of_case(step, page.case)
        explained = amounts.of_case(step, page.case)
        asks_reporter = sealing.may_look(step, page.case)
        urged, urgeable = acts.of_case(step, case_id), acts.urgeable(step, page.case)
    names = dict(page.diagrams)
    shown = request.args.get("diagram", "")
    shown = shown if shown in names else where_it_stands(page)
    unit = office().runtime.units.find(page.case["unit_id"])
    return render_template(
        "case.html",
        page=page,
        case=page.case,
        shown=shown,
        shown_name=names[shown],
        unit_name=unit.name if unit else "",
        master=find_master(page.deadlines),
        oversight=supervision,
        items=items,
        lists=lists,
        handed=handed,
        reported=reported,
        explained=explained,
        paid=paid,
        acts=urged,
        urgeable=urgeable,
        asks_reporter=asks_reporter,
        receipt_address=url_for("register.receipt", case_id=case_id) if registers else "",
    )


@pages.get("/<int:case_id>/why")
def ask_why(case_id: int) -> ResponseReturnValue:
    """Ask for the reason to look into the case."""
    return render_template("why.html", case_id=case_id, most=looking.MOST, text="", problem=None)


@pages.post("/<int:case_id>/why")
def say_why(case_id: int) -> ResponseReturnValue:
    """Keep the reason, then show the case."""
    text = request.form.get("text", "")
    try:
        with acting(staff()) as step:
            looking.say_why(step, case_id, text)
    except WordsWrong as problem:
        page = render_template("why.html", case_id=case_id, most=looking.MOST, text=text, problem=problem)
        return page, status_of(problem)
    return redirect(url_for("cases.show", case_id=case_id))


def where_it_stands(page: CasePage) -> str:
    """The diagram to show first: that of the most urgent open task, else the procedure's own."""
    known = [process_id for process_id, _name in page.diagrams]
    open_in = [task.process_id for task in page.open_tasks if task.process_id in known]
    return open_in[0] if open_in else known[0]


def find_master(deadlines: Sequence[DeadlineView]) -> DeadlineView | None:
    """The clock over all others that run: the one on the whole case, else the one that ends last."""
    running = [each for each in deadlines if each.is_open and each.due_at]
    masters = [each for each in running if each.master]
    return max(masters or running, key=lambda each: each.due_at or each.started_at, default=None)


@pages.get("/<int:case_id>/diagrams/<process_id>.bpmn")
def diagram_xml(case_id: int, process_id: str) -> ResponseReturnValue:
    """The diagram the case runs on."""
    with reading(staff()) as step:
        return Response(views.diagram_xml(step, case_id, process_id), mimetype="application/xml")


@pages.get("/<int:case_id>/diagrams/<process_id>.json")
def diagram_state(case_id: int, process_id: str) -> ResponseReturnValue:
    """Which of its nodes are done, open, near their limit or late."""
    with reading(staff()) as step:
        return views.diagram_state(step, case_id, process_id)


@pages.get("/<int:case_id>/files/<sha256>")
def file(case_id: int, sha256: str) -> ResponseReturnValue:
    """A file of the case."""
    with reading(staff()) as step:
        return send_content(*views.file(step, case_id, sha256))


def send_content(name: str, mime: str, content: bytes) -> Response:
    """A file as it was uploaded: pictures and PDF to look at, everything else to save; never run as a page."""
    answer = Response(content, mimetype=mime if mime in SHOWN_INLINE else "application/octet-stream")
    how = "inline" if mime in SHOWN_INLINE else "attachment"
    answer.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name, safe='')}"
    if mime != "application/pdf":  # the browser's own viewer needs its scripts
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
        )
    answer.headers["Cache-Control"] = "private, max-age=600"
    return answer


@pages.get("/<int:case_id>/messages/<token_id>")
def message(case_id: int, token_id: str) -> ResponseReturnValue:
    """What is to be registered about the case (撤回, 死亡, 异议 …), and its form."""
    with reading(staff()) as step:
        page = views.message_form(step, case_id, token_id)
    return draw_message(page, sheets.fresh(page.message.form, page.options) if page.message.form else None)


@pages.post("/<int:case_id>/messages/<token_id>")
def send(case_id: int, token_id: str) -> ResponseReturnValue:
    """Register it."""
    actor = staff()
    form = sent(actor.account_id)
    try:
        with acting(actor) as step:
            done = cases.send(step, case_id, token_id, form.entries, form.key)
    except sheets.SENT_BACK as problem:
        with reading(actor) as step:
            page = views.message_form(step, case_id, token_id)
        sheet = sheets.again(page.message.form, page.options, form, problem) if page.message.form else None
        return draw_message(page, sheet, form, problem), status_of(problem)
    tell(f"{done.number} 已登记。")
    return redirect(url_for("cases.show", case_id=case_id))


def draw_message(
    page: MessagePage, sheet: Sheet | None, sent_form: Sent | None = None, problem: CaseError | None = None
) -> str:
    """The page to register something."""
    case_id, token_id = page.case["id"], page.message.token_id
    return render_template(
        "message.html",
        base="desk.html",
        message=page.message,
        sheet=sheet,
        key=sent_form.key if sent_form else page.key,
        problem=sheets.words_for(problem),
        action=url_for("cases.send", case_id=case_id, token_id=token_id),
        back=url_for("cases.show", case_id=case_id),
        trail=f"{page.case['applicant_name']} · {page.case['number']}",
    )
