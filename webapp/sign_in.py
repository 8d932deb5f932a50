"""Signing in and out: one account a browser, nobody learns which accounts exist."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.clock.days import day_of
from engine.people import accounts
from engine.people.actor import Actor
from webapp.security import limiter, safe_path
from webapp.steps import office, tell

pages = Blueprint("sign_in", __name__)
REFUSED = "登录名或密码不对，请核对后再试。"
PUBLIC_PAGES = frozenset({"sign_in", "public", "draws", "guide", "province"})


class SignedIn(UserMixin):  # type of the library: anything with get_id
    """A member of staff in this request."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.id = actor.account_id


def use_accounts(app: Flask) -> None:
    """Ask for a sign-in on every page but those of PUBLIC_PAGES (the province signs what it brings)."""
    manager = LoginManager(app)
    manager.user_loader(find_user)
    manager.session_protection = "basic"

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint in (None, "static") or request.blueprint in PUBLIC_PAGES or current_user.is_authenticated:
            return None
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.ask", next=target))


def find_user(account_id: str) -> SignedIn | None:
    """The account of the session with today's posts; one statement."""
    with office().runtime.store.transaction(write=False) as db:
        actor = accounts.find(db, account_id, day_of(office().clock()))
    return SignedIn(actor) if actor else None


def account_named() -> str:
    """The account somebody tries to get into: what the second rate counts by."""
    return "account:" + request.form.get("account", "").strip().lower()


def is_refused(response: Response) -> bool:
    """Only attempts that failed count: an office of twenty may begin its day from one address."""
    return response.status_code == 401


@pages.get("/sign-in")
def ask() -> ResponseReturnValue:
    """The form to sign in."""
    if current_user.is_authenticated:
        return redirect(safe_path(request.args.get("next"), url_for("inbox.show")))
    return render_template("sign_in.html", next=request.args.get("next", ""))


@pages.post("/sign-in")
@limiter.limit("10/minute", deduct_when=is_refused)
@limiter.limit("5/minute", key_func=account_named, deduct_when=is_refused)
def enter() -> ResponseReturnValue:
    """Check the password; a new session begins, so that none can be planted beforehand."""
    target = request.form.get("next")
    with office().runtime.store.transaction(write=False) as db:
        name, password = request.form.get("account", "").strip(), request.form.get("password", "")
        actor = accounts.sign_in(db, name, password, day_of(office().clock()))
    if actor is None:
        page = render_template("sign_in.html", next=target or "", problem=REFUSED, account=name)
        return make_response(page, 401)
    session.clear()
    session.permanent = True
    login_user(SignedIn(actor))
    return redirect(safe_path(target, url_for("inbox.show")))


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    tell("您已退出登录。")
    return redirect(url_for("sign_in.ask"))
