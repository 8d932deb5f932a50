"""Who reported: shown once to those who take complaints, for a reason that stays in the case's history (E-33)."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from engine.cases import sealing
from engine.cases.errors import CaseNotFound, WordsWrong
from engine.cases.sealing import Reporter
from engine.cases.views.case import visible_row
from webapp.errors import status_of
from webapp.steps import acting, reading, staff

pages = Blueprint("reporter", __name__, url_prefix="/desk/cases")


@pages.get("/<int:case_id>/reporter")
def ask(case_id: int) -> ResponseReturnValue:
    """Ask for the reason."""
    with reading(staff()) as step:
        row = visible_row(step, case_id)
        if not sealing.may_look(step, row):
            raise CaseNotFound
    return draw(case_id, row["number"])


@pages.post("/<int:case_id>/reporter")
def look(case_id: int) -> ResponseReturnValue:
    """Keep the reason, then show name, telephone and address; the page is never stored."""
    reason, number = request.form.get("text", ""), ""
    try:
        with acting(staff()) as step:
            row = visible_row(step, case_id)
            number = row["number"]
            found = sealing.look(step, row, reason)
    except WordsWrong as problem:
        return draw(case_id, number, reason, problem), status_of(problem)
    answer = make_response(draw(case_id, number, found=found))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def draw(
    case_id: int, number: str, reason: str = "", problem: WordsWrong | None = None, found: Reporter | None = None
) -> str:
    """The page that asks, or shows."""
    return render_template(
        "reporter.html", case_id=case_id, number=number, reason=reason, problem=problem, found=found, most=sealing.MOST
    )
