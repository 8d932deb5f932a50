"""联席会议: the register of meetings, their minutes and what was decided (S1-21, S1-61, S2-30)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.views import meetings as views
from webapp.inbox import page_number
from webapp.steps import reading, staff

pages = Blueprint("meetings", __name__, url_prefix="/desk/meetings")


@pages.get("/")
def show() -> ResponseReturnValue:
    """Meetings, the newest first, by year and state."""
    year, state = request.args.get("year", type=int), request.args.get("state", "")
    if state not in views.STATES:
        state = ""
    if year is not None and not 2000 <= year <= 2100:
        year = None
    with reading(staff()) as step:
        found = views.listing(step, year=year, state=state, page=page_number())
    return render_template("meetings.html", found=found, states=views.STATES, year=year, state=state)


def may_look() -> bool:
    """Whether the menu shows the register."""
    return views.may_look(current_user.actor)
