"""One's own password: changed at will, and before anything else while it is one that somebody else gave."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.clock.days import day_of
from engine.people import accounts
from engine.people.errors import PasswordUnfit
from webapp.security import limiter
from webapp.sign_in import enter_as, is_refused
from webapp.steps import acting, staff, tell

pages = Blueprint("password", __name__, url_prefix="/desk/password")
WRONG = "原密码不对，请核对后再填。"
DIFFER = "两次填写的新密码不一样，请重新填写。"


@pages.get("/")
def ask() -> ResponseReturnValue:
    """The form."""
    return render_template("password.html", initial=current_user.initial)


@pages.post("/")
@limiter.limit("5/minute", key_func=lambda: current_user.id, deduct_when=is_refused)
def change() -> ResponseReturnValue:
    """The new password; other browsers signed in with the old one have to sign in again."""
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if new != again:
        return _refused(DIFFER, 422)
    try:
        with acting(staff()) as step:
            account = accounts.change_password(step.session, step.actor.account_id, old, new, day_of(step.now))
    except PasswordUnfit as problem:
        return _refused(problem.message, 422)
    if account is None:
        return _refused(WRONG, 401)
    enter_as(account)
    tell("密码已经修改，下次登录请用新密码。")
    return redirect(url_for("inbox.show"))


def _refused(problem: str, status: int) -> ResponseReturnValue:
    return render_template("password.html", initial=current_user.initial, problem=problem), status
