"""Signing in and out: one account a browser, nobody learns which accounts exist."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.clock.days import day_of
from engine.people import accounts
from engine.people.accounts import Account
from engine.people.actor import Actor
from webapp.security import limiter, safe_path
from webapp.steps import office, tell

pages = Blueprint("sign_in", __name__)
REFUSED = "登录名或密码不对，请核对后再试。"
BETWEEN = ":"  # account and mark in the session's id
PUBLIC_PAGES = frozenset({"sign_in", "public", "draws", "guide", "province"})


class SignedIn(UserMixin):  # type of the library: anything with get_id
    """A member of staff in this request; a new password ends every session of the old one."""

    def __init__(self, account: Account) -> None:
        self.actor: Actor = account.actor
        self.initial = account.initial
        self.id = f"{account.actor.account_id}{BETWEEN}{account.mark}"


def use_accounts(app: Flask) -> None:
    """Ask for a sign-in on every page but those of PUBLIC_PAGES (the province signs what it brings)."""
    manager = LoginManager(app)
    manager.user_loader(find_user)
    manager.session_protection = "basic"

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint in (None, "static") or request.blueprint in PUBLIC_PAGES:
            return None
        if current_user.is_authenticated:
            return (
                redirect(url_for("password.ask")) if current_user.initial and request.blueprint != "password" else None
            )
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.ask", next=target))


def find_user(session_id: str) -> SignedIn | None:
    """The account of the session with today's posts, unless its password has changed; one statement."""
    account_id, _, mark = session_id.rpartition(BETWEEN)
    with office().runtime.store.transaction(write=False) as db:
        account = accounts.load(db, account_id, day_of(office().clock()))
    return SignedIn(account) if account and account.mark == mark else None


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
        account = accounts.sign_in(db, name, password, day_of(office().clock()))
    if account is None:
        page = render_template("sign_in.html", next=target or "", problem=REFUSED, account=name)
        return make_response(page, 401)
    enter_as(account)
    return redirect(safe_path(target, url_for("inbox.show")))


def enter_as(account: Account) -> None:
    """Begin a new session for the account."""
    session.clear()
    session.permanent = True
    login_user(SignedIn(account))


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    tell("您已退出登录。")
    return redirect(url_for("sign_in.ask"))
