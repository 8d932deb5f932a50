"""The board: how much work is open, in which light, where it stands and how long it took; every number has its list."""

from __future__ import annotations

import tempfile
from datetime import datetime
from typing import Any, get_args

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.board import counts, lists, pauses, performance, tokens
from engine.cases.board.coming import Span
from engine.cases.board.filters import Filters
from engine.cases.board.lists import Of, Value
from engine.cases.board.sight import may_watch
from engine.clock.days import LAST_SECOND, local
from webapp import workbook
from webapp.filters import WEEKDAYS
from webapp.inbox import page_number
from webapp.steps import office, reading, staff

pages = Blueprint("board", __name__, url_prefix="/desk/board")
PAGE_SIZE = 50
STATES = {"red": "late", "yellow": "yellow", "green": "open", "none": "open"}  # as the drawing names them
WHAT: dict[str, Of] = {of: of for of in get_args(Of)}


@pages.get("/")
def show() -> ResponseReturnValue:
    """Open cases by light, unit and procedure, and what comes."""
    with reading(staff()) as step:
        page = counts.board(step, asked())
    return draw("board.html", page.filters, page=page, charted=charted(page))


@pages.get("/diagram")
def diagram() -> ResponseReturnValue:
    """A procedure's diagram with what stands at its nodes."""
    with reading(staff()) as step:
        page = tokens.crowds(step, asked())
    return draw("board_diagram.html", page.filters, page=page, elements=overlays(page), show_days=show_days)


@pages.get("/diagram/file")
def diagram_xml() -> ResponseReturnValue:
    """The file of that diagram."""
    with reading(staff()) as step:
        return Response(tokens.diagram(step, asked()), mimetype="application/xml")


@pages.get("/performance")
def performed() -> ResponseReturnValue:
    """What was done in time and how long it took, by unit, month and step."""
    with reading(staff()) as step:
        page = performance.performance(step, asked())
    return draw("board_performance.html", page.filters, page=page, show_days=show_days)


@pages.get("/stood")
def stood() -> ResponseReturnValue:
    """Clocks that stood: by kind and unit, how often again, and how often begun on a limit's last day."""
    with reading(staff()) as step:
        page = pauses.report(step, asked())
    return draw("board_pauses.html", page.filters, page=page)


@pages.get("/<what>")
def listed(what: str) -> ResponseReturnValue:
    """The list behind a number."""
    with reading(staff()) as step:
        found = lists.listing(step, list_of(what), asked(), page=page_number(), size=PAGE_SIZE)
    return draw("board_list.html", found.filters, found=found)


@pages.get("/<what>/export")
def export(what: str) -> ResponseReturnValue:
    """The same list, whole, as a file."""
    of, filters = list_of(what), asked()
    with reading(staff()) as step:
        columns, title, rows = lists.whole(step, of, filters)
        file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been sent)
        workbook.write(file, title, columns, rows, lights=of != "pauses" and filters.status == "open")
        name = f"{title.replace(' · ', '-')}-{step.now:%Y%m%d}"
    return workbook.download(file, name)


def asked() -> Filters:
    """The filters of this request's address."""
    return Filters.read(request.args)


def list_of(what: str) -> Of:
    """The kind of list in the address."""
    return WHAT.get(what) or abort(404)


def draw(template: str, filters: Filters, **shown: Any) -> str:
    """A page of the board, with the functions that make its links."""

    def to(endpoint: str, which: Filters = filters, /, **changes: Any) -> str:
        return address(f"board.{endpoint}", which.but(**changes))

    def to_list(of: Of, which: Filters, /, **changes: Any) -> str:
        return address("board.listed", which.but(**changes), what=of)

    return render_template(template, filters=filters, to=to, to_list=to_list, show_cell=show_cell, **shown)


def address(endpoint: str, filters: Filters, **more: str) -> str:
    """Where a page with these filters is found."""
    values: dict[str, Any] = {**filters.query(), **more}
    return url_for(endpoint, **values)


def charted(page: counts.BoardPage) -> dict[str, Any]:
    """What the drawing of the next working days needs."""
    spans = page.coming.days
    drawn = (("转为临期", "yellow", "stripes"), ("到期", "red", "solid"))
    return {
        "labels": [f"{span.end.month}/{span.end.day} 周{WEEKDAYS[span.end.weekday()]}" for span in spans],
        "series": [
            {
                "name": name,
                "pattern": pattern,
                "values": [getattr(span, turns) for span in spans],
                "links": [_to_turning(page.filters, turns, span) for span in spans],
            }
            for name, turns, pattern in drawn
        ],
    }


def _to_turning(filters: Filters, turns: str, span: Span) -> str:
    asked_for = filters.but(turns=turns, begin=span.begin, end=span.end)
    return address("board.listed", asked_for, what="cases")


def overlays(page: tokens.CrowdPage) -> dict[str, dict[str, str]]:
    """What the drawing shows at each node where something stands, by the node's id."""
    return {spot.node_id: _overlay(page, spot) for spot in page.spots if spot.crowd.total}


def _overlay(page: tokens.CrowdPage, spot: tokens.Spot) -> dict[str, str]:
    crowd = spot.crowd
    split = " ".join(f"{sign}{number}" for sign, _, number in _split(crowd) if number)
    words = "，".join(f"{word}{number}项" for _, word, number in _split(crowd) if number)
    days = f"中位{show_days(crowd.median)}天，九成不超过{show_days(crowd.ninety)}天"
    if spot.called:
        inside = page.filters.place.but(process=spot.called)
        link = address("board.diagram", inside)
    else:
        link = address("board.listed", spot.filters, what="tasks")
    return {
        "state": STATES[crowd.worst],
        "text": f"{crowd.total}项 {split}\n{days}",
        "link": link,
        "label": f"{spot.name}：在办{crowd.total}项，{words}，{days}",
    }


def _split(crowd: tokens.Crowd) -> list[tuple[str, str, int]]:
    return [
        ("■", "超期", crowd.red),
        ("▲", "临期", crowd.yellow),
        ("●", "正常", crowd.green),
        ("–", "无时限", crowd.none),
    ]


def show_days(days: float | None) -> str:
    """`3`, `2.5`; a dash for nothing."""
    return "–" if days is None else f"{days:g}"


def show_cell(value: Value) -> str:
    """A cell of a list as it stands on the page: `2026-03-05`, with the hour if it isn't a whole day."""
    if isinstance(value, datetime):
        there = local(value)
        return f"{there:%Y-%m-%d}" if there.time() == LAST_SECOND else f"{there:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def is_watcher() -> bool:
    """Whether the menu shows the board."""
    return may_watch(office().runtime.scope, current_user.actor)
