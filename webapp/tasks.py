"""One task: what its holder needs to read, beside the form to fill in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine import cases
from engine.cases import views
from engine.cases.errors import CaseError
from engine.cases.views import TaskPage, low_income
from engine.people.actor import Actor
from webapp import sheets
from webapp.errors import status_of
from webapp.forms_html import Sheet
from webapp.steps import Sent, acting, reading, sent, staff, tell

pages = Blueprint("tasks", __name__, url_prefix="/desk/tasks")


@pages.get("/<task_id>")
def show(task_id: str) -> ResponseReturnValue:
    """The task and its form."""
    with reading(staff()) as step:
        page = views.task(step, task_id)
    return draw(page, fresh_sheet(page))


@pages.post("/<task_id>")
def complete(task_id: str) -> ResponseReturnValue:
    """Take the form; on to the inbox, or back to the form with its faults."""
    actor = staff()
    form = sent(actor.account_id)
    try:
        with acting(actor) as step:
            done = cases.complete(step, task_id, form.entries, form.key)
    except sheets.SENT_BACK as problem:
        with reading(actor) as step:
            page = views.task(step, task_id)
        sheet = sheets.again(page.form, page.options, form, problem, page.facts, page.files)
        return draw(page, sheet, form, problem), status_of(problem)
    return go_on(actor, done)


def go_on(actor: Actor, done: cases.Done) -> ResponseReturnValue:
    """To the next task of the same case when it is one's own, else to the inbox."""
    tell(f"{done.number} 已提交过，没有重复办理。" if done.replayed else f"{done.number} 已提交。")
    for task in done.opened:
        if task["assignee"] == actor.account_id or (
            not task["assignee"] and actor.holds(task["role"], task["unit_id"] or "")
        ):
            return redirect(url_for("tasks.show", task_id=task["id"]))
    return redirect(url_for("inbox.show"))


@pages.post("/<task_id>/claim")
def claim(task_id: str) -> ResponseReturnValue:
    """Take the task; on to it."""
    with acting(staff()) as step:
        cases.claim(step, task_id)
    return redirect(url_for("tasks.show", task_id=task_id))


@pages.post("/<task_id>/release")
def release(task_id: str) -> ResponseReturnValue:
    """Give the task back to the post."""
    with acting(staff()) as step:
        cases.release(step, task_id)
    tell("已退回本岗，同岗位的人都可以签收。")
    return redirect(url_for("inbox.show", which="posts"))


def fresh_sheet(page: TaskPage) -> Sheet | None:
    """The form as it is offered, when the reader may fill it in."""
    return sheets.fresh(page.form, page.options, page.fields, page.facts, page.files) if page.may_act else None


def draw(page: TaskPage, sheet: Sheet | None, sent_form: Sent | None = None, problem: CaseError | None = None) -> str:
    """The page at the desk."""
    task_id = page.task["id"]
    return render_template(
        "task.html",
        base="desk.html",
        page=page,
        task=page.task,
        case=page.case,
        sheet=sheet,
        key=sent_form.key if sent_form else page.key,
        problem=sheets.words_for(problem),
        action=url_for("tasks.complete", task_id=task_id),
        release_address=url_for("tasks.release", task_id=task_id),
        case_address=url_for("cases.show", case_id=page.case["id"]),
        file_endpoint="cases.file",
        lists=lists_beside(page),
    )


def lists_beside(page: TaskPage) -> list[low_income.List]:
    """The lists of low-income families that the reader needs for this task."""
    actor = staff()
    if not low_income.may_look(actor):
        return []
    with reading(actor) as step:
        return low_income.of_case(step, page.case["id"])
