"""Named views of the board: the filters of a page kept under a name, for oneself or for one's unit."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases.board import saved
from engine.cases.board.errors import ViewRejected
from engine.cases.board.filters import Filters
from webapp.board import WHAT, address
from webapp.steps import acting, reading, staff, tell

pages = Blueprint("board_views", __name__, url_prefix="/desk/board/views")
PAGES = {"show": "总览", "diagram": "流程图", "performed": "办理时效", "stood": "停算"}
LISTS = {"cases": "办件名单", "tasks": "环节名单", "pauses": "停算名单"}


@pages.get("/")
def show() -> ResponseReturnValue:
    """One's own views and those of one's unit; with `page` the form to keep the page one came from."""
    page = request.args.get("page")
    return draw(page if page in PAGES or page in LISTS else None, urlencode(Filters.read(request.args).query()))


@pages.post("/")
def keep() -> ResponseReturnValue:
    """Keep a page under a name."""
    sent, page = request.form, request.form.get("page", "")
    filters = Filters.read(dict(parse_qsl(sent.get("asked", ""))))
    if page not in PAGES and page not in LISTS:
        return redirect(url_for("board_views.show"))
    try:
        with acting(staff()) as step:
            saved.keep(step, sent.get("name", ""), page, filters, sent.get("unit", ""))
    except ViewRejected as problem:
        shown = draw(page, sent.get("asked", ""), problem.message, sent.get("name", ""), sent.get("unit", ""))
        return shown, 422
    tell("视图已保存。")
    return redirect(url_for("board_views.show"))


@pages.get("/<int:view_id>")
def follow(view_id: int) -> ResponseReturnValue:
    """To the page that a view stands for."""
    with reading(staff()) as step:
        found = saved.view(step, view_id)
    if found.page in WHAT:
        return redirect(address("board.listed", found.filters, what=found.page))
    return redirect(address(f"board.{found.page if found.page in PAGES else 'show'}", found.filters))


@pages.post("/<int:view_id>/name")
def rename(view_id: int) -> ResponseReturnValue:
    """Give one's own view another name."""
    try:
        with acting(staff()) as step:
            saved.rename(step, view_id, request.form.get("name", ""))
    except ViewRejected as problem:
        return draw(None, "", problem.message), 422
    return redirect(url_for("board_views.show"))


@pages.post("/<int:view_id>/delete")
def delete(view_id: int) -> ResponseReturnValue:
    """Delete one's own view."""
    try:
        with acting(staff()) as step:
            saved.drop(step, view_id)
    except ViewRejected as problem:
        return draw(None, "", problem.message), 422
    tell("视图已删除。")
    return redirect(url_for("board_views.show"))


def draw(page: str | None, asked: str, problem: str = "", name: str = "", chosen: str = "") -> str:
    """The page with all views."""
    with reading(staff()) as step:
        views, units = saved.views(step), saved.own_units(step)
    return render_template(
        "board_views.html",
        page=page,
        asked=asked,
        problem=problem,
        name=name,
        chosen=chosen,
        views=views,
        units=units,
        page_name=lambda view: (PAGES | LISTS).get(view.page, view.page),
    )
