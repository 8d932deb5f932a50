"""What everybody may see without an account: applying, following one's case by number and code, the notice board."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask import Response as FlaskResponse
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine import cases
from engine.cases import views
from engine.cases.errors import CaseError, CaseNotFound
from engine.cases.views import TaskPage, amounts, payments, recipients, referrals
from engine.cases.views.follow import find as find_case
from engine.cases.views.follow import kin as kin_of
from engine.cases.views.messages import MessagePage
from engine.people.actor import Actor
from webapp import sheets
from webapp.cases import send_content
from webapp.errors import status_of
from webapp.forms_html import Sheet
from webapp.inbox import page_number
from webapp.register import draw_receipt
from webapp.security import limiter
from webapp.steps import Sent, acting, citizen, office, reading, sent, tell

pages = Blueprint("public", __name__)
CHANNEL = "网上"
NOT_FOUND = "编号或查询码不对，没有查到。请对照回执核对后再试。"


@pages.get("/")
def home() -> ResponseReturnValue:
    """Where the public begins."""
    return render_template("home.html")


# --- applying -----------------------------------------------------------------------------------------------------


@pages.get("/apply")
def choose() -> ResponseReturnValue:
    """What the public may apply for."""
    with reading(citizen()) as step:
        procedures = views.startable(step)
    return render_template(
        "choose.html",
        base="citizen.html",
        heading="在线申请",
        lead="请选择要申请的事项。可以替家人申请，也可以请村（社区）干部代为填写。",
        procedures=procedures,
        endpoint="public.apply",
    )


@pages.get("/apply/<procedure_id>")
def apply(procedure_id: str) -> ResponseReturnValue:
    """The application form."""
    with reading(citizen()) as step:
        page = views.start_form(step, procedure_id)
    return draw_start(procedure_id, sheets.fresh(page.form, page.options), page.key)


@pages.post("/apply/<procedure_id>")
@limiter.limit("30/hour", deduct_when=lambda response: response.status_code == 302)
def start(procedure_id: str) -> ResponseReturnValue:
    """Start the case; this browser may follow it at once."""
    form = sent(browser())
    actor = applicant_in(form)
    try:
        with acting(actor) as step:
            done = cases.start(step, procedure_id, form.entries, form.key, channel=CHANNEL)
    except sheets.SENT_BACK as problem:
        with reading(actor) as step:
            page = views.start_form(step, procedure_id)
        sheet = sheets.again(page.form, page.options, form, problem)
        return draw_start(procedure_id, sheet, form.key, sheets.words_for(problem)), status_of(problem)
    session["followed"] = [done.number, done.follow_code]
    return redirect(url_for("public.receipt"))


def applicant_in(form: Sent) -> Actor:
    """The citizen who fills in an application: the agent it names, for the applicant, or the applicant."""
    applicant = form.fields.get("applicantName", [""])[-1].strip()[:60]
    agent = form.fields.get("agentName", [""])[-1].strip()[:60]
    return citizen(name=agent, for_whom=applicant) if agent else citizen(name=applicant or "申请人")


def browser() -> str:
    """A mark of this browser: whose kept files they are."""
    if "browser" not in session:
        session["browser"] = secrets.token_hex(16)
    return f"browser:{session['browser']}"


def draw_start(procedure_id: str, sheet: Sheet, key: str, problem: str = "") -> str:
    """The page of the application form."""
    return render_template(
        "start.html",
        base="citizen.html",
        sheet=sheet,
        key=key,
        problem=problem,
        action=url_for("public.start", procedure_id=procedure_id),
    )


# --- following ----------------------------------------------------------------------------------------------------


@pages.get("/follow")
def ask_number() -> ResponseReturnValue:
    """Ask for number and code."""
    return render_template("ask_number.html")


def is_wrong(response: FlaskResponse) -> bool:
    """Only attempts that failed count towards the rate."""
    return response.status_code == 404


def number_asked() -> str:
    """The case somebody tries to look into: what the second rate counts by."""
    return "case:" + request.form.get("number", "").strip().upper()


@pages.post("/follow")
@limiter.limit("10/minute", deduct_when=is_wrong)
@limiter.limit("10/hour", key_func=number_asked, deduct_when=is_wrong)
def find() -> ResponseReturnValue:
    """Look the case up; a wrong number and a wrong code are answered alike."""
    number, code = (request.form.get(name, "").strip().upper()[:40] for name in ("number", "code"))
    try:
        with reading(citizen(number)) as step:
            find_case(step, number, code)
    except CaseNotFound:
        return make_response(render_template("ask_number.html", problem=NOT_FOUND, number=number), 404)
    session["followed"] = [number, code]
    return redirect(url_for("public.follow"))


def followed() -> tuple[Actor, int]:
    """The citizen of the case that this browser follows, and the case's id; `CaseNotFound` when it follows none."""
    number, code = session.get("followed", ["", ""])
    with reading(citizen(number)) as step:
        case = find_case(step, number, code)
    return citizen(number, case["applicant_name"] or "申请人"), case["id"]


@pages.get("/follow/case")
def follow() -> ResponseReturnValue:
    """Where the case stands, in plain words and with the dates that staff see."""
    if "followed" not in session:
        return redirect(url_for("public.ask_number"))
    number, code = session["followed"]
    with reading(citizen(number)) as step:
        page = views.follow(step, number, code)
        paid = payments.paid_to(step, page.case["id"], only_paid=True)
        explained = amounts.for_family(step, page.case["id"])
        items = referrals.lines(step, page.case["id"])
        above = kin_of(step, page.case, page.case["parent_id"])
    return render_template("follow.html", page=page, explained=explained, paid=paid, items=items, above=above)


@pages.get("/follow/other/<int:case_id>")
def follow_other(case_id: int) -> ResponseReturnValue:
    """From an application to a case that it began for the same person, and back."""
    actor, _ = followed()
    with reading(actor) as step:
        here = find_case(step, *session["followed"])
        other = kin_of(step, here, case_id)
    if other is None:
        raise CaseNotFound
    session["followed"] = [other["number"], other["follow_code"]]
    return redirect(url_for("public.follow"))


@pages.get("/follow/receipt")
def receipt() -> ResponseReturnValue:
    """Number and code, to keep."""
    number, code = session.get("followed", ["", ""])
    with reading(citizen(number)) as step:
        return draw_receipt("citizen.html", find_case(step, number, code))


@pages.post("/follow/leave")
def forget() -> ResponseReturnValue:
    """Nobody after this one sees the case in this browser."""
    session.pop("followed", None)
    tell("已退出查询。")
    return redirect(url_for("public.home"))


@pages.get("/follow/files/<sha256>")
def file(sha256: str) -> ResponseReturnValue:
    """A file of the case that its applicant may see."""
    actor, case_id = followed()
    with reading(actor) as step:
        return send_content(*views.file(step, case_id, sha256))


@pages.get("/follow/tasks/<task_id>")
def task(task_id: str) -> ResponseReturnValue:
    """What the applicant has to do: supplement, confirm, sign."""
    actor, _ = followed()
    with reading(actor) as step:
        page = views.task(step, task_id)
    return draw_task(
        page, sheets.fresh(page.form, page.options, page.fields, page.facts, page.files) if page.may_act else None
    )


@pages.post("/follow/tasks/<task_id>")
def complete(task_id: str) -> ResponseReturnValue:
    """Take it."""
    actor, _ = followed()
    form = sent(browser())
    try:
        with acting(actor) as step:
            cases.complete(step, task_id, form.entries, form.key)
    except sheets.SENT_BACK as problem:
        with reading(actor) as step:
            page = views.task(step, task_id)
        sheet = sheets.again(page.form, page.options, form, problem, page.facts, page.files)
        return draw_task(page, sheet, form, problem), status_of(problem)
    tell("已提交。")
    return redirect(url_for("public.follow"))


def draw_task(
    page: TaskPage, sheet: Sheet | None, sent_form: Sent | None = None, problem: CaseError | None = None
) -> str:
    """The applicant's task."""
    return render_template(
        "task.html",
        base="citizen.html",
        page=page,
        task=page.task,
        case=page.case,
        sheet=sheet,
        key=sent_form.key if sent_form else page.key,
        problem=sheets.words_for(problem),
        action=url_for("public.complete", task_id=page.task["id"]),
        release_address="",
        case_address=url_for("public.follow"),
        file_endpoint="public.file",
    )


@pages.get("/follow/messages/<token_id>")
def message(token_id: str) -> ResponseReturnValue:
    """What the applicant may declare: 撤回, 异议 …"""
    actor, case_id = followed()
    with reading(actor) as step:
        page = views.message_form(step, case_id, token_id)
    return draw_message(page, sheets.fresh(page.message.form, page.options) if page.message.form else None)


@pages.post("/follow/messages/<token_id>")
def send(token_id: str) -> ResponseReturnValue:
    """Declare it."""
    actor, case_id = followed()
    form = sent(browser())
    try:
        with acting(actor) as step:
            cases.send(step, case_id, token_id, form.entries, form.key)
    except sheets.SENT_BACK as problem:
        with reading(actor) as step:
            page = views.message_form(step, case_id, token_id)
        sheet = sheets.again(page.message.form, page.options, form, problem) if page.message.form else None
        return draw_message(page, sheet, form, problem), status_of(problem)
    tell("已提交。")
    return redirect(url_for("public.follow"))


def draw_message(
    page: MessagePage, sheet: Sheet | None, sent_form: Sent | None = None, problem: CaseError | None = None
) -> str:
    """The page to declare something."""
    return render_template(
        "message.html",
        base="citizen.html",
        message=page.message,
        sheet=sheet,
        key=sent_form.key if sent_form else page.key,
        problem=sheets.words_for(problem),
        action=url_for("public.send", token_id=page.message.token_id),
        back=url_for("public.follow"),
        trail=page.case["number"],
    )


# --- who receives -------------------------------------------------------------------------------------------------


@pages.get("/published")
def published() -> ResponseReturnValue:
    """Who receives 低保 or 特困供养, by township, names masked; search engines are told to leave it out (A-30)."""
    unit_id, search = request.args.get("unit", ""), request.args.get("search", "").strip()[:20]
    with reading(citizen()) as step:
        unit = step.runtime.units.find(unit_id)
        chosen = unit if unit is not None and unit.kind == "township" else None
        page = recipients.listing(step, chosen, search=search, page=page_number()) if chosen else None
        townships = recipients.townships(step)
    base = "desk.html" if current_user.is_authenticated else "citizen.html"
    drawn = render_template("published.html", base=base, page=page, townships=townships, search=search, contact=contact)
    answer = make_response(drawn)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


# --- the notice board ---------------------------------------------------------------------------------------------


@pages.get("/notices")
def notices() -> ResponseReturnValue:
    """What hangs on the boards of villages and communities."""
    unit = request.args.get("unit", "")
    with reading(citizen()) as step:
        boards = views.notices(step, unit)
    base = "desk.html" if current_user.is_authenticated else "citizen.html"
    return render_template("notices.html", base=base, boards=boards, places=places(), unit=unit, contact=contact)


def contact(unit_id: str) -> tuple[str, str]:
    """Who answers for a board and by which telephone complaints are taken: the nearest unit above that has one."""
    units = office().runtime.units
    line = [units.get(unit_id), *units.ancestors(unit_id)]
    phone = next((unit.complaint_phone for unit in line if unit.complaint_phone), "")
    return next((unit.name for unit in line if unit.kind != "village"), ""), phone


def places() -> list[tuple[str, list[tuple[str, str]]]]:
    """The villages and communities to choose from, by township."""
    units = office().runtime.units
    townships = [(units.full_name(township.id), township) for township in units.of_kind("township")]
    return [
        (name, [(township.id, "全部"), *((village.id, village.name) for village in units.children(township.id))])
        for name, township in townships
        if units.children(township.id)
    ]
