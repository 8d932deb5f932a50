"""Builds the web application around a running engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from werkzeug.routing import IntegerConverter, Map

from engine.cases import Runtime
from webapp import (
    accounts,
    acts,
    analysis,
    benefits,
    board,
    board_views,
    bulletin,
    calendar,
    cases,
    declarations,
    draws,
    guide,
    handing,
    helping,
    inbox,
    inspections,
    low_income,
    meetings,
    operations,
    oversight,
    password,
    payments,
    province,
    public,
    referrals,
    register,
    reporter,
    representatives,
    security,
    sign_in,
    standing,
    tasks,
)
from webapp.drafts import Drafts
from webapp.errors import handle_errors
from webapp.filters import add_filters
from webapp.steps import Office

PAGES = (
    *(sign_in.pages, public.pages, inbox.pages, tasks.pages, cases.pages),
    *(register.pages, operations.pages, calendar.pages, oversight.pages, board.pages, bulletin.pages),
    board_views.pages,
    analysis.pages,
    acts.pages,
    payments.pages,
    referrals.pages,
    low_income.pages,
    meetings.pages,
    benefits.pages,
    draws.pages,
    declarations.pages,
    representatives.pages,
    guide.pages,
    inspections.pages,
    standing.pages,
    handing.pages,
    reporter.pages,
    province.pages,
    helping.pages,
    password.pages,
    accounts.pages,
)


class RowNumber(IntegerConverter):
    """The number of a row in an address; one that no table can hold is no address."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": 2**31 - 1, **options})


def utcnow() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def said(value: object) -> object:
    """What a page shows of a value: nothing where there is none."""
    return "" if value is None else value


def create_app(
    runtime: Runtime,
    *,
    secret_key: str,
    clock: Callable[[], datetime] = utcnow,
    drafts: Path | None = None,
    testing: bool = False,
) -> Flask:
    """The application; `clock` gives aware UTC, `drafts` is the folder for files of forms sent back (var/drafts)."""
    app = Flask("webapp")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.finalize = said
    app.url_map.converters["int"] = RowNumber
    app.config.update(SECRET_KEY=secret_key, TESTING=testing)
    kept = Drafts(drafts or runtime.root / "var" / "drafts", secret_key)
    app.extensions["office"] = Office(runtime, clock, kept)
    security.protect(app)
    sign_in.use_accounts(app)
    handle_errors(app)
    add_filters(app)
    add_assets(app)
    app.jinja_env.globals.update(oversees=bulletin.oversees)
    app.jinja_env.globals.update(has_board=board.is_watcher, has_rosters=payments.may_look)
    app.jinja_env.globals.update(has_referrals=referrals.may_look, has_draws=inspections.may_look)
    app.jinja_env.globals.update(has_low_income=low_income.may_look, has_meetings=meetings.may_look)
    app.jinja_env.globals.update(unread=inbox.unread, is_operator=operations.is_operator, has_notices=calendar.may_look)
    app.jinja_env.globals.update(has_declarations=declarations.may_look, has_representatives=representatives.may_look)
    app.jinja_env.globals.update(has_helping=helping.may_look, oversees_villages=board.is_watcher)
    app.jinja_env.globals.update(is_analyst=analysis.is_analyst, has_accounts=accounts.may_look)
    for pages in PAGES:
        app.register_blueprint(pages)
    return app


def add_assets(app: Flask) -> None:
    """Give templates `asset('app.css')`: the address of a built file with its content's mark, so it may be cached."""
    folder = Path(app.static_folder or "") / "build"
    marks: dict[str, str] = {}

    def asset(name: str) -> str:
        if name not in marks:
            marks[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
        return url_for("static", filename=f"build/{name}", v=marks[name])

    app.jinja_env.globals["asset"] = asset
