"""Accounts and posts: the administrator opens them one by one or by a list, resets passwords, ends posts (S3-10)."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases.runtime import Step
from engine.clock.days import day_of
from engine.people import newcomers, staffing
from engine.people.newcomers import Opened
from engine.people.passwords import first_password
from engine.people.staffing import Area, Member, StaffingRefused, Wanted
from engine.sheets import SheetInvalid, to_csv
from webapp.steps import acting, office, reading, staff, tell
from webapp.workbook import spreadsheet

pages = Blueprint("accounts", __name__, url_prefix="/desk/accounts")
SLIP = (("unit", "单位"), ("role", "岗位"), ("name", "姓名"), ("account_id", "登录名"), ("password", "初始密码"))


@pages.get("/")
def show() -> ResponseReturnValue:
    """The accounts of the area, found by name, sign-in name, phone or unit."""
    words, unit_id = request.args.get("q", "").strip(), request.args.get("unit", "")
    with reading(staff()) as step:
        area = _area(step)
        units = area.all_units()
        if unit_id not in {each.id for each in units}:
            unit_id = ""
        members, count = staffing.find_members(area, words, unit_id)
    said = {"words": words, "unit_id": unit_id, "units": units}
    return render_template("accounts.html", members=members, count=count, area=area, **said)


@pages.get("/new")
def ask() -> ResponseReturnValue:
    """One person, or a list."""
    return _form()


@pages.get("/list.csv")
def template() -> ResponseReturnValue:
    """An empty list to fill in."""
    with reading(staff()) as step:
        _area(step)
    content = to_csv((*newcomers.HEADINGS, *newcomers.OPTIONAL), [])
    disposition = {"Content-Disposition": "attachment; filename*=UTF-8''%E8%B4%A6%E5%8F%B7%E6%B8%85%E5%8D%95.csv"}
    return content, 200, {"Content-Type": "text/csv; charset=utf-8", **disposition}


@pages.post("/new")
def open_one() -> ResponseReturnValue:
    """An account and a post for one person, or one more post for somebody who has an account."""
    said = _said(*newcomers.HEADINGS, *newcomers.OPTIONAL)
    try:
        with reading(staff()) as step:
            wanted = newcomers.read_line(_area(step), said)
        opened = _open([wanted])
    except StaffingRefused as problem:
        return _form(said, [problem.message]), 422
    return render_template("accounts_opened.html", opened=opened, rows=_packed(opened))


@pages.post("/list")
def open_list() -> ResponseReturnValue:
    """Everybody on a list, or nobody while a line doesn't fit."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _form(problems=["请选择要上传的清单"]), 422
    try:
        with reading(staff()) as step:
            lines = newcomers.read_list(_area(step), file.read())
        opened = _open(lines)
    except SheetInvalid as problem:
        return _form(problems=[*problem.problems, "一个账号也没有开通；改好以后重新上传整张清单。"]), 422
    except StaffingRefused as problem:
        return _form(problems=[problem.message, "一个账号也没有开通；改好以后重新上传整张清单。"]), 422
    return render_template("accounts_opened.html", opened=opened, rows=_packed(opened))


@pages.post("/slips")
def slips() -> ResponseReturnValue:
    """What was just opened as a file to hand out; nothing of it is kept here."""
    try:
        rows = [{key: str(row[key])[:120] for key, _ in SLIP} for row in json.loads(request.form.get("rows", ""))]
    except (ValueError, TypeError, KeyError):
        abort(400)
    return spreadsheet("账号和初始密码", SLIP, rows)


@pages.get("/<account_id>")
def one(account_id: str) -> ResponseReturnValue:
    """An account with its posts and what was done with it."""
    return _draw(account_id)


@pages.post("/<account_id>/posts")
def give(account_id: str) -> ResponseReturnValue:
    """One more post, or other days for one that it has."""

    def act(area: Area, member: Member, step: Step) -> str:
        said = {**_said("单位", "岗位", "开始日期", "结束日期"), "姓名": member.name}
        staffing.give(area, member, newcomers.read_line(area, said), step.now)
        return f"已登记{member.name}的岗位。"

    return _done(account_id, act)


@pages.post("/<account_id>/posts/end")
def end_post(account_id: str) -> ResponseReturnValue:
    """A post ends on a day."""

    def act(area: Area, member: Member, step: Step) -> str:
        role, unit_id = request.form.get("role", ""), request.form.get("unit", "")
        until = staffing.read_day(request.form.get("until", ""), "最后一天")
        if until is None:
            raise StaffingRefused("请填写最后一天，例如 2026-03-01。")
        staffing.end_post(area, member, role, unit_id, until, step.now)
        return f"已登记，{member.name}的这个岗位到{until}为止。"

    return _done(account_id, act)


@pages.post("/<account_id>/reset")
def reset(account_id: str) -> ResponseReturnValue:
    """A new first password, shown once."""

    def act(area: Area, member: Member, step: Step) -> str:
        password = staffing.reset(area, member, step.now)
        return f"{member.name}的登录名 {account_id}，新的初始密码 {password}，只显示这一次，请告诉本人。"

    return _done(account_id, act)


@pages.post("/<account_id>/close")
def close(account_id: str) -> ResponseReturnValue:
    """Nobody signs in with it any more."""

    def act(area: Area, member: Member, step: Step) -> str:
        staffing.close(area, member, step.now)
        return f"{member.name}的账号已停用，立即生效；办过的事都在。"

    return _done(account_id, act)


@pages.post("/<account_id>/reopen")
def reopen(account_id: str) -> ResponseReturnValue:
    """It may sign in again."""

    def act(area: Area, member: Member, step: Step) -> str:
        staffing.reopen(area, member, step.now)
        return f"{member.name}的账号已恢复。"

    return _done(account_id, act)


def may_look() -> bool:
    """Whether the menu shows the accounts."""
    return staffing.may_keep(office().runtime.scope.roles, current_user.actor)


def _area(step: Step) -> Area:
    """The administrator's area; for anybody else there is no such page."""
    area = Area(step.session, step.runtime.units, step.runtime.scope.roles, step.actor, day_of(step.now))
    if not area.paths:
        abort(404)
    return area


def _open(lines: list[Wanted]) -> list[Opened]:
    firsts = [first_password() for _ in lines]
    with acting(staff()) as step:
        return newcomers.open_all(_area(step), lines, iter(firsts), step.now)


def _said(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip()[:120] for name in names}


def _packed(opened: list[Opened]) -> str:
    return json.dumps([{key: getattr(each, key) for key, _ in SLIP} for each in opened], ensure_ascii=False)


def _form(said: dict[str, str] | None = None, problems: list[str] | None = None) -> str:
    with reading(staff()) as step:
        area = _area(step)
    return render_template(
        "accounts_new.html", area=area, said=said or {}, problems=problems or [], most=newcomers.MOST
    )


def _draw(account_id: str, problem: str = "") -> str:
    with reading(staff()) as step:
        area = _area(step)
        member = staffing.member(area, account_id)
        if member is None:
            abort(404)
        events = staffing.events(area, account_id)
    return render_template("account.html", area=area, member=member, events=events, problem=problem)


def _done(account_id: str, act: Callable[[Area, Member, Step], str]) -> ResponseReturnValue:
    try:
        with acting(staff()) as step:
            area = _area(step)
            member = staffing.member(area, account_id)
            if member is None:
                abort(404)
            words = act(area, member, step)
    except StaffingRefused as problem:
        return _draw(account_id, problem.message), 422
    tell(words)
    return redirect(url_for("accounts.one", account_id=account_id))
