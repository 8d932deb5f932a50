"""The system administrator's page: what didn't go out, what failed, what stands still; no case data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases import outages
from engine.cases.outages import Entry, OutageRefused
from engine.cases.runtime import Step
from engine.clock.days import SHANGHAI
from engine.delivery import operations
from engine.province import operations as province
from webapp.steps import acting, office, reading, staff, tell

pages = Blueprint("operations", __name__, url_prefix="/desk/operations")
STATUS = {"waiting": "待发", "sending": "正在发", "sent": "已发出", "failed": "未发出", "dropped": "不再发"}
REPORTED = {"waiting": "待报送", "sending": "正在报送", "sent": "已报送", "failed": "没有报送成功"}
INCIDENT = {"waiting": "等待外部系统", "retrying": "自动重试中", "failed": "重试用完，待处理"}


@pages.get("/")
def show() -> ResponseReturnValue:
    """Everything that needs an operator."""
    return draw()


def draw(problem: str = "") -> str:
    """The page, with what is wrong with the outage just sent."""
    runtime = office().runtime
    with reading(staff()) as step:
        page, exchange = operations.operations(step), province.page(step)
    return render_template(
        "operations.html",
        page=page,
        status=STATUS,
        incident_status=INCIDENT,
        province=exchange,
        reported=REPORTED,
        problem=problem,
        said=request.form,
        units=[unit for unit in runtime.units if unit.kind != "village"],
        rules=outages.rules(runtime),
        span=outages.span,
    )


@pages.post("/deliveries/<int:delivery_id>/again")
def send_again(delivery_id: int) -> ResponseReturnValue:
    """Send it once more."""
    return _done(lambda step: operations.send_again(step, delivery_id), "已重新排队，马上再发一次。")


@pages.post("/deliveries/<int:delivery_id>/give-up")
def give_up(delivery_id: int) -> ResponseReturnValue:
    """Don't send it any more."""
    return _done(lambda step: operations.give_up(step, delivery_id), "不再发送这一条；系统内的消息仍在。")


@pages.post("/incidents/<int:incident_id>/retry")
def retry(incident_id: int) -> ResponseReturnValue:
    """Try failed work once more."""
    with acting(staff()) as step:
        worked = operations.retry(step, incident_id)
    tell("已重新执行，办件继续。" if worked else "又试了一次，仍然没有成功，原因见下表。")
    return redirect(url_for("operations.show"))


@pages.post("/orders/<int:order_id>/again")
def ask_again(order_id: int) -> ResponseReturnValue:
    """Try an order between cases once more."""
    return _done(lambda step: operations.ask_again(step, order_id), "已重新执行；没有成功的，原因见下表。")


@pages.post("/province/<int:message_id>/again")
def report_again(message_id: int) -> ResponseReturnValue:
    """Report it to the province once more."""
    return _done(lambda step: province.send_again(step, message_id), "已重新排队，马上再报送一次，编号不变。")


@pages.post("/outages")
def record_outage() -> ResponseReturnValue:
    """Write down that the system stood."""
    begin, end = moment("from"), moment("to")
    if begin is None or end is None:
        return draw("停机时间和恢复时间写成 2026-07-08 09:00 的样子"), HTTPStatus.UNPROCESSABLE_ENTITY
    unit_id, what, remark = (request.form.get(name, "").strip() for name in ("unit", "what", "remark"))
    try:
        with acting(staff()) as step:
            operations.record_outage(step, Entry(begin, end, unit_id, what, remark))
    except OutageRefused as problem:
        return draw(problem.message), HTTPStatus.UNPROCESSABLE_ENTITY
    tell("已登记，定时任务马上推后在办的内部期限；法定期限不变。")
    return redirect(url_for("operations.show", _anchor="outages"))


@pages.post("/outages/<int:outage_id>/withdraw")
def withdraw_outage(outage_id: int) -> ResponseReturnValue:
    """It was entered by mistake."""
    return _done(lambda step: operations.withdraw_outage(step, outage_id), "已撤销，推后的内部期限马上恢复。")


def moment(name: str) -> datetime | None:
    """A moment of the form, on Shanghai's clock; None when it is none."""
    try:
        found = datetime.fromisoformat(request.form.get(name, "").strip())
        return found.replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _done(act: Callable[[Step], None], words: str) -> ResponseReturnValue:
    with acting(staff()) as step:
        act(step)
    tell(words)
    return redirect(url_for("operations.show"))


def is_operator() -> bool:
    """Whether the menu shows this page."""
    return operations.ROLE in current_user.actor.roles
