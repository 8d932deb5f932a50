"""The register of benefits: who receives what, since when, and every change; with the household and its cases."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.cases.views import filings, registers
from webapp.inbox import PAGE_SIZE, page_number
from webapp.months import month_asked
from webapp.steps import reading, staff

pages = Blueprint("benefits", __name__, url_prefix="/desk/benefits")


@pages.get("/")
def show_all() -> ResponseReturnValue:
    """Those in one's sight, newest first; by name, identity number or number, by status, by month."""
    words = request.args.get("search", "").strip()[:40]
    status = request.args.get("status", "")
    month = month_asked(request.args.get("month", ""))
    chosen = f"{month.first:%Y-%m}" if month else ""
    with reading(staff()) as step:
        found = registers.listing(step, search=words, status=status, month=chosen, page=page_number(), size=PAGE_SIZE)
    return render_template(
        "benefits.html", found=found, search=words, status=status, month=chosen, statuses=registers.STATUSES
    )


@pages.get("/relatives")
def show_relatives() -> ResponseReturnValue:
    """Near relatives filed singly, and how the visit stands that each leads to (S0-17, S2-29)."""
    with reading(staff()) as step:
        found = filings.relatives(step, page=page_number(), size=PAGE_SIZE)
    return render_template("relatives.html", found=found)


@pages.get("/mandates")
def show_mandates() -> ResponseReturnValue:
    """Who acts for whom (S0-08)."""
    with reading(staff()) as step:
        found = filings.mandates(step, page=page_number(), size=PAGE_SIZE)
    return render_template("mandates.html", found=found)


@pages.get("/<int:benefit_id>")
def show(benefit_id: int) -> ResponseReturnValue:
    """One of them with its history and household."""
    with reading(staff()) as step:
        page = registers.one(step, benefit_id)
    return render_template("benefit.html", page=page, row=page.row)
