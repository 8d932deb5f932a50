"""催办 and what the ladder does: urging for a task, answering it, one act, and lists of them."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from engine.cases import acts, views
from engine.cases.errors import CaseError, ReplyRefused, UrgeRefused, WordsWrong
from engine.cases.views import acts as act_views
from engine.cases.views.acts import Wanted
from webapp.errors import status_of
from webapp.inbox import PAGE_SIZE, page_number
from webapp.months import month_asked
from webapp.steps import acting, office, reading, staff, tell

pages = Blueprint("acts", __name__, url_prefix="/desk/acts")
SENT_BACK = (WordsWrong, UrgeRefused, ReplyRefused)


@pages.get("/")
def show_all() -> ResponseReturnValue:
    """Those in one's sight, newest first: of a kind, a unit, a month, unanswered, or for oneself to answer."""
    month, unit_id = month_asked(request.args.get("month", "")), request.args.get("unit", "")
    wanted = Wanted(
        kind=request.args.get("kind", "")[:16],
        unit_id=unit_id,
        own=bool(request.args.get("own")),
        first=month.first if month else None,
        last=month.last if month else None,
        unanswered=request.args.get("which") == "unanswered",
        mine=request.args.get("which") == "mine",
    )
    with reading(staff()) as step:
        found = act_views.acts(step, wanted, page_number(), PAGE_SIZE)
    unit = office().runtime.units.find(unit_id)
    return render_template("acts.html", found=found, wanted=wanted, unit=unit, month=month)


@pages.get("/<int:act_id>")
def show(act_id: int) -> ResponseReturnValue:
    """One of them, with the form to answer it."""
    return draw_act(act_id)


@pages.post("/<int:act_id>/reply")
def reply(act_id: int) -> ResponseReturnValue:
    """Answer it; back to where one came from."""
    text = request.form.get("text", "")
    try:
        with acting(staff()) as step:
            acts.reply(step, act_id, text)
    except SENT_BACK as problem:
        return draw_act(act_id, text, problem), status_of(problem)
    tell("答复已发给催办人，并记入办理经过。")
    return redirect(url_for("acts.show", act_id=act_id))


@pages.get("/new/<int:case_id>/<task_id>")
def ask(case_id: int, task_id: str) -> ResponseReturnValue:
    """The form to urge for a task."""
    return draw_urge(case_id, task_id)


@pages.post("/new/<int:case_id>/<task_id>")
def urge(case_id: int, task_id: str) -> ResponseReturnValue:
    """Urge; back to the case."""
    text = request.form.get("text", "")
    try:
        with acting(staff()) as step:
            number = acts.urge(step, case_id, task_id, text)
    except SENT_BACK as problem:
        return draw_urge(case_id, task_id, text, problem), status_of(problem)
    tell(f"已催办，编号 {number}。对方答复后，会在“消息”中告诉您。")
    return redirect(url_for("cases.show", case_id=case_id) + "#acts")


def draw_act(act_id: int, text: str = "", problem: CaseError | None = None) -> str:
    """The page of one act."""
    with reading(staff()) as step:
        found = act_views.act(step, act_id)
    return render_template("act.html", act=found, text=text, problem=problem, most=acts.MOST_WORDS)


def draw_urge(case_id: int, task_id: str, text: str = "", problem: CaseError | None = None) -> str:
    """The form for a task that is open; nothing is found for one that isn't, or that one may never urge."""
    with reading(staff()) as step:
        page = views.case(step, case_id)
        allowed = act_views.urgeable(step, page.case)
    task = next((each for each in page.open_tasks if each.id == task_id), None)
    if task is None or (task_id not in allowed and problem is None):
        raise NotFound
    return render_template("urge.html", case=page.case, task=task, text=text, problem=problem, most=acts.MOST_WORDS)
