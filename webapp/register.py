"""The window: a clerk registers an application for somebody and hands out the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine import cases
from engine.cases import sealing, views
from engine.cases.errors import CaseNotFound
from engine.cases.views.case import own_row
from engine.people.actor import Actor
from webapp import sheets
from webapp.errors import status_of
from webapp.forms_html import Sheet
from webapp.steps import acting, office, reading, sent, staff

pages = Blueprint("register", __name__, url_prefix="/desk/register")
CHANNEL, BY_VILLAGE = "窗口", "村级代办"
VILLAGE = frozenset({"village_assistant", "village_head"})


@pages.get("/")
def choose() -> ResponseReturnValue:
    """What may be registered."""
    with reading(staff()) as step:
        procedures = [each for each in views.startable(step) if not each.about]
    at_window = channel_of(staff()) == CHANNEL
    lead = "替到窗口来的群众登记申请。" if at_window else "替群众登记申请，代办的人不能再经办同一件。"
    return render_template(
        "choose.html",
        base="desk.html",
        heading="窗口登记" if at_window else "代为登记",
        lead=f"{lead}群众自己也可以在网上填写同一张表。",
        procedures=procedures,
        endpoint="register.ask",
    )


def channel_of(actor: Actor) -> str:
    """By which way an application comes that this member of staff registers (S3-13)."""
    return BY_VILLAGE if actor.roles and actor.roles <= VILLAGE else CHANNEL


@pages.get("/<procedure_id>")
def ask(procedure_id: str) -> ResponseReturnValue:
    """The form to start with."""
    with reading(staff()) as step:
        page = views.start_form(step, procedure_id)
    return draw(procedure_id, sheets.fresh(page.form, page.options), page.key)


@pages.post("/<procedure_id>")
def start(procedure_id: str) -> ResponseReturnValue:
    """Start the case; on to its receipt."""
    actor = staff()
    form = sent(actor.account_id)
    try:
        with acting(actor) as step:
            done = cases.start(step, procedure_id, form.entries, form.key, channel=channel_of(actor))
    except sheets.SENT_BACK as problem:
        with reading(actor) as step:
            page = views.start_form(step, procedure_id)
        sheet = sheets.again(page.form, page.options, form, problem)
        return draw(procedure_id, sheet, form.key, sheets.words_for(problem)), status_of(problem)
    return redirect(url_for("register.receipt", case_id=done.case_id))


@pages.get("/receipt/<int:case_id>")
def receipt(case_id: int) -> ResponseReturnValue:
    """The receipt with number and follow code, to print: for those who may register such a case themselves."""
    with reading(staff()) as step:
        case = own_row(step, case_id)
        if case["procedure"] not in {each.id for each in views.startable(step) if not each.about}:
            raise CaseNotFound
    return draw_receipt("desk.html", case)


def draw_receipt(base: str, case: Mapping[str, Any]) -> str:
    """The receipt of a case."""
    unit = office().runtime.units.find(case["places"].get("application_township") or case["unit_id"])
    return render_template("receipt.html", base=base, case=case, unit=unit, sealed_name=sealing.NAME)


def draw(procedure_id: str, sheet: Sheet, key: str, problem: str = "") -> str:
    """The page of the form."""
    return render_template(
        "start.html",
        base="desk.html",
        sheet=sheet,
        key=key,
        problem=problem,
        action=url_for("register.start", procedure_id=procedure_id),
    )
