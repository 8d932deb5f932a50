"""Draws, visits, findings and corrections, for those who oversee the units (S2-42, S2-46)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.views import draws as views
from webapp.steps import office, reading, staff

pages = Blueprint("inspections", __name__, url_prefix="/desk/draws")


@pages.get("/")
def oversee() -> ResponseReturnValue:
    """Draws with what a second run says of them, seeds that wait, findings and how far they are corrected."""
    status = request.args.get("status", "")
    with reading(staff()) as step:
        page = views.overview(step, status)
    return render_template("draws_desk.html", page=page, status=status, states=views.STATES)


@pages.get("/<int:draw_id>")
def show(draw_id: int) -> ResponseReturnValue:
    """One draw: who looks at which household, and what came out."""
    with reading(staff()) as step:
        page = views.one(step, draw_id)
    return render_template("draw.html", page=page, row=page.row, said=page.row.said)


def may_look() -> bool:
    """Whether the menu shows draws and findings."""
    return views.may_look(office().runtime.scope, current_user.actor)
