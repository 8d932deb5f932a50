"""移交工作: who has how much in hand, and handing it to colleagues of the same post."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import handover
from engine.cases.errors import CaseError, HandingRefused, StepConflict, TaskAlreadyClosed, TaskNotFound, WordsWrong
from engine.cases.views import handing
from webapp.errors import status_of
from webapp.steps import acting, reading, staff, tell

pages = Blueprint("handing", __name__, url_prefix="/desk/handing")
REFUSED = (HandingRefused, StepConflict, TaskAlreadyClosed, TaskNotFound)


@pages.get("/")
def show_all() -> ResponseReturnValue:
    """The people whose work one may share out; oneself at least."""
    with reading(staff()) as step:
        found = handing.people(step)
    return render_template("handing_all.html", people=found)


@pages.get("/<account_id>")
def show(account_id: str) -> ResponseReturnValue:
    """What one person has in hand, with the form to hand it on."""
    return draw(account_id)


@pages.post("/<account_id>")
def hand_on(account_id: str) -> ResponseReturnValue:
    """Hand on what was ticked, each piece in a step of its own; those that can't go stay where they are, and why."""
    chosen, to, why = request.form.getlist("task"), request.form.get("to", ""), request.form.get("why", "")
    if not chosen or not to:
        return draw(account_id, problem=WordsWrong("请勾选要移交的事项" if not chosen else "请选择移交给谁"))
    gone, refused, name = 0, [], ""
    for task_id in chosen:
        try:
            with acting(staff()) as step:
                name = handover.hand_on(step, task_id, to, why)
            gone += 1
        except WordsWrong as problem:
            return draw(account_id, problem=problem)
        except REFUSED as problem:
            refused.append(problem.message)
    if gone:
        tell(f"已移交 {gone} 项给{name}，期限不变；移交记入办理经过，并已告知对方。")
    if refused:
        return draw(account_id, problem=HandingRefused("；".join(dict.fromkeys(refused))))
    return redirect(url_for("handing.show", account_id=account_id))


def draw(account_id: str, problem: CaseError | None = None) -> ResponseReturnValue:
    """The page of one person; what was typed stays."""
    with reading(staff()) as step:
        found = handing.in_hand(step, account_id)
    page = render_template("handing.html", found=found, problem=problem, sent=request.form, most=handover.MOST_WORDS)
    return (page, status_of(problem)) if problem else page
