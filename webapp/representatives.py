"""评议代表: the township keeps each village's list; who joins gets an account, who leaves votes no more (S4-08)."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.views import representatives as views
from engine.clock.days import day_of
from engine.people import representatives
from engine.people.passwords import first_password
from engine.people.representatives import Entry, RepresentativeRefused
from forms import kinds
from forms.errors import BadValue
from webapp.steps import acting, office, reading, staff, tell

pages = Blueprint("representatives", __name__, url_prefix="/desk/representatives")


@pages.get("/")
def show() -> ResponseReturnValue:
    """The lists of one's townships, and how the newest votes went."""
    return draw()


@pages.post("/add")
def add() -> ResponseReturnValue:
    """A new representative; the account's first password is shown once."""
    said = {name: request.form.get(name, "").strip() for name in ("village", "name", "phone", "kind", "since")}
    first = first_password()
    try:
        entry = _entry(said)
        with acting(staff()) as step:
            if views.kept(step, entry.village_id) is None:
                raise RepresentativeRefused("请选择本乡镇（街道）的一个村（社区）")
            found = representatives.add(step.session, entry, first, step.now, step.actor.account_id)
    except RepresentativeRefused as problem:
        return draw(problem=str(problem), said=said), 422
    tell(f"已登记{found.name}。登录名 {found.account_id}，初始密码 {first.password}，只显示这一次，请告诉本人。")
    return redirect(url_for("representatives.show"))


@pages.post("/<int:representative_id>/end")
def end(representative_id: int) -> ResponseReturnValue:
    """Somebody has left: from the day after, they are neither drawn nor vote."""
    try:
        until = _day(request.form.get("until", ""), "卸任日期")
        with acting(staff()) as step:
            one = representatives.find(step.session, representative_id)
            if one is None or views.kept(step, one.village_id) is None:
                abort(404)
            representatives.end(step.session, one, until, request.form.get("reason", "").strip())
    except RepresentativeRefused as problem:
        return draw(problem=str(problem)), 422
    tell(f"已登记{one.name}卸任。")
    return redirect(url_for("representatives.show"))


def draw(problem: str = "", said: dict[str, str] | None = None) -> str:
    """The page."""
    with reading(staff()) as step:
        found = views.page(step)
    if not found.villages:
        abort(404)
    today = day_of(office().clock()).isoformat()
    return render_template(
        "representatives.html", page=found, kinds=representatives.KINDS, problem=problem, said=said or {}, today=today
    )


def may_look() -> bool:
    """Whether the menu shows the lists."""
    return views.may_look(current_user.actor)


def _entry(said: dict[str, str]) -> Entry:
    phone = said["phone"]
    if phone:
        try:
            phone = kinds.clean_mobile(phone, day_of(office().clock())).text
        except BadValue as problem:
            raise RepresentativeRefused(str(problem)) from problem
    if len(said["name"]) > 30:
        raise RepresentativeRefused("姓名最多30个字")
    return Entry(said["village"], said["name"], phone, said["kind"], _day(said["since"], "担任日期"))


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RepresentativeRefused(f"请填写{name}，例如 2026-03-01") from error
