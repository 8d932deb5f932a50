"""The work that waits for whoever is signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import views
from engine.cases.views.inbox import Which
from engine.cases.views.letters import mark_all_read, mark_read
from webapp.security import safe_path
from webapp.steps import acting, office, reading, staff, tell

pages = Blueprint("inbox", __name__, url_prefix="/desk")
RANGES: dict[str, Which] = {"mine": "mine", "posts": "posts", "all": "all"}
PAGE_SIZE = 25


def page_number() -> int:
    """The page asked for; the first one for anything odd."""
    return max(1, request.args.get("page", 1, type=int) or 1)


@pages.get("/")
def show() -> ResponseReturnValue:
    """Open tasks by due date: one's own, those of one's posts, or all in one's sight."""
    which = RANGES.get(request.args.get("which", ""), "mine")
    search = request.args.get("search", "").strip()[:40]
    with reading(staff()) as step:
        found = views.inbox(step, which=which, search=search, page=page_number(), size=PAGE_SIZE)
    return render_template("inbox.html", inbox=found, which=which, search=search)


@pages.get("/messages")
def messages() -> ResponseReturnValue:
    """What was told to one's posts: 催办 and notices, those unread marked."""
    kind, only_unread = request.args.get("kind", "")[:40], bool(request.args.get("unread"))
    with reading(staff()) as step:
        found = views.letters(step, page_number(), PAGE_SIZE, kind=kind, only_unread=only_unread)
    return render_template("messages.html", found=found, kind=kind, only_unread=only_unread)


@pages.post("/messages/<int:letter_id>/read")
def read(letter_id: int) -> ResponseReturnValue:
    """This one has been read; on to its case, or back to the list."""
    with acting(staff()) as step:
        case_id = mark_read(step, letter_id)
    if case_id and "open" in request.form:
        return redirect(url_for("cases.show", case_id=case_id))
    return redirect(safe_path(request.form.get("back"), url_for("inbox.messages")))


@pages.post("/messages/read")
def read_all() -> ResponseReturnValue:
    """All have been read."""
    with acting(staff()) as step:
        mark_all_read(step)
    tell("全部消息已标为已读。")
    return redirect(url_for("inbox.messages"))


def unread() -> int:
    """How many messages wait to be read, for the menu; one statement."""
    with reading(staff()) as step:
        return views.unread_count(step)


@pages.get("/posts")
def posts() -> ResponseReturnValue:
    """One's posts of today in words."""
    roles = office().runtime.scope.roles
    held = [(roles.get(post.role).name, post.unit_name) for post in staff().posts]
    return render_template("posts.html", posts=held)
