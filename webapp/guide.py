"""办事指南, for everybody: what help there is, for whom, with which papers, how long it takes and who handles it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.views.guide import guide
from webapp.steps import citizen, reading

pages = Blueprint("guide", __name__, url_prefix="/guide")


@pages.get("")
def show() -> ResponseReturnValue:
    """All items, or those with certain words or of one department."""
    search, department = (request.args.get(name, "").strip()[:40] for name in ("search", "department"))
    with reading(citizen()) as step:
        found = guide(step, search=search, department=department)
    base = "desk.html" if current_user.is_authenticated else "citizen.html"
    return render_template("guide.html", base=base, found=found, search=search, department=department)
