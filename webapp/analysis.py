"""The analysts' pages: clauses and what carries them, diagrams with their sentences, what a changed clause touches."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.coverage.carriers import KINDS
from engine.cases.views import analysis
from webapp.steps import reading, staff

pages = Blueprint("analysis", __name__, url_prefix="/desk/analysis")


@pages.get("/")
def show() -> ResponseReturnValue:
    """All diagrams, and how it stands with each document."""
    with reading(staff()) as step:
        page = analysis.overview(step)
    return render_template("analysis.html", page=page)


@pages.get("/documents/<document>")
def clauses(document: str) -> ResponseReturnValue:
    """The clauses of one document with what carries them."""
    with reading(staff()) as step:
        rows = analysis.clauses(step, document)
        title = next(each.title for each, _ in analysis.overview(step).documents if each.id == document)
    return render_template("analysis_clauses.html", rows=rows, title=title, kinds=KINDS)


@pages.get("/clauses/<clause_id>")
def clause(clause_id: str) -> ResponseReturnValue:
    """One clause: its sentence, its carriers, and what a change would touch."""
    with reading(staff()) as step:
        page = analysis.affected(step, clause_id)
    return render_template("analysis_clause.html", page=page, row=page.row, kinds=KINDS)


@pages.get("/switches")
def switches() -> ResponseReturnValue:
    """What the documents leave open, and how it is done here."""
    with reading(staff()) as step:
        rows = analysis.switches(step)
    return render_template("analysis_switches.html", rows=rows, kinds=KINDS)


@pages.get("/diagrams/<process_id>")
def diagram(process_id: str) -> ResponseReturnValue:
    """A diagram with the sentence of the document beside each node."""
    with reading(staff()) as step:
        page = analysis.diagram(step, process_id)
    return render_template("analysis_diagram.html", page=page)


@pages.get("/diagrams/<process_id>.bpmn")
def drawing(process_id: str) -> ResponseReturnValue:
    """The file, for the viewer and for a modeler."""
    with reading(staff()) as step:
        return Response(analysis.drawing(step, process_id), mimetype="application/xml")


def is_analyst() -> bool:
    """Whether the menu shows these pages."""
    return bool(analysis.ROLES & current_user.actor.roles)
