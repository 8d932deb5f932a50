"""Draws as the public may check them: numbers, seed and checksum, and the record to run one again (S2-46)."""

from __future__ import annotations

import json
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.supervision import published
from engine.supervision.draw import DrawImpossible
from webapp.steps import citizen, reading

pages = Blueprint("draws", __name__)


@pages.get("/draws")
def show_all() -> ResponseReturnValue:
    """Every draw with its seed and checksum: numbers only."""
    with reading(citizen()) as step:
        found = published.listing(step.session, step.runtime.units)
        promised = published.promised(step.session, step.runtime.units)
    base = "desk.html" if current_user.is_authenticated else "citizen.html"
    return render_template("draws.html", base=base, draws=found, promised=promised)


@pages.get("/draws/record.json")
def record() -> ResponseReturnValue:
    """All that is needed to run a draw again."""
    number = request.args.get("number", "")[:60]
    with reading(citizen()) as step:
        try:
            found = published.document(step.session, number)
        except DrawImpossible:
            abort(404)
    answer = Response(json.dumps(found, ensure_ascii=False, indent=1), mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(number)}.json"
    return answer
