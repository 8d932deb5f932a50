"""The only place that knows which status and which page an error of the engine becomes."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.cases.board.errors import BoardClosed, FilterNotUnderstood, ListTooLong, NotOnBoard, ViewRejected
from engine.cases.calendar_notices import NoticeNotFound, NoticeRefused, NotYourNotice
from engine.cases.errors import (
    ActNotFound,
    CaseError,
    CaseNotFound,
    CaseSuspended,
    FormRejected,
    HandingRefused,
    MessageNotWaited,
    NotYourTask,
    ProcedureNotOpen,
    ReasonNeeded,
    ReplyRefused,
    StepConflict,
    StepFailed,
    TaskAlreadyClosed,
    TaskNotFound,
    UrgeRefused,
    WordsWrong,
)
from engine.cases.outages import OutageNotFound, OutageRefused
from engine.delivery.errors import DeliveryError, DeliveryNotFound, OperatorsOnly
from engine.people.errors import PeopleError

STATUS: dict[type[Exception], HTTPStatus] = {
    CaseNotFound: HTTPStatus.NOT_FOUND,
    TaskNotFound: HTTPStatus.NOT_FOUND,
    NotYourTask: HTTPStatus.FORBIDDEN,
    ReasonNeeded: HTTPStatus.FORBIDDEN,
    ProcedureNotOpen: HTTPStatus.NOT_FOUND,
    TaskAlreadyClosed: HTTPStatus.CONFLICT,
    CaseSuspended: HTTPStatus.CONFLICT,
    MessageNotWaited: HTTPStatus.CONFLICT,
    StepConflict: HTTPStatus.CONFLICT,
    ActNotFound: HTTPStatus.NOT_FOUND,
    UrgeRefused: HTTPStatus.CONFLICT,
    ReplyRefused: HTTPStatus.CONFLICT,
    WordsWrong: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoticeNotFound: HTTPStatus.NOT_FOUND,
    NoticeRefused: HTTPStatus.CONFLICT,
    NotYourNotice: HTTPStatus.FORBIDDEN,
    OutageNotFound: HTTPStatus.CONFLICT,
    OutageRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    HandingRefused: HTTPStatus.CONFLICT,
    FormRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    BoardClosed: HTTPStatus.FORBIDDEN,
    NotOnBoard: HTTPStatus.NOT_FOUND,
    FilterNotUnderstood: HTTPStatus.BAD_REQUEST,
    ListTooLong: HTTPStatus.UNPROCESSABLE_ENTITY,
    ViewRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    StepFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    CaseError: HTTPStatus.INTERNAL_SERVER_ERROR,
    PeopleError: HTTPStatus.INTERNAL_SERVER_ERROR,
    OperatorsOnly: HTTPStatus.FORBIDDEN,
    DeliveryNotFound: HTTPStatus.CONFLICT,
    DeliveryError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
WORDS = {
    400: ("这次提交没有被接受", "页面可能已经打开太久。请返回上一页，刷新后再提交一次。"),
    403: ("您不能办理这一项", "这一项由其他岗位办理。如果确实应当由您办理，请联系本单位管理员核对岗位。"),
    404: ("没有找到", "地址可能写错了，或者这个案件不在您的办理范围内。请从待办或查询页面重新进入。"),
    405: ("没有找到", "这个地址不能这样打开。请从待办或查询页面重新进入。"),
    409: ("这一项刚刚有了变化", "请返回待办，查看最新情况后再办理。"),
    413: ("上传的文件太大", "一次提交的全部文件合计不能超过 60 MB。请压缩照片，或分几次补充材料。"),
    422: ("填写的内容需要修改", "请返回上一页，按提示修改后再提交。"),
    429: ("操作太频繁，请稍后再试", "为防止有人猜测密码或查询码，短时间内多次尝试会暂停。请过一分钟再试。"),
    500: (
        "系统出了问题，这一步没有完成",
        "已经保存的内容没有受影响。请过一会儿再试；仍然不行，请把下面的时间告诉系统管理员。",
    ),
    503: ("系统正忙，请稍后再试", "请过一会儿再试一次。"),
}

PUBLIC_ADVICE = {  # where somebody without an account can go from here
    404: "地址可能写错了，或者这一页已经不在了。请回到首页；查进度请用回执上的编号和查询码。",
    405: "这个地址不能这样打开。请回到首页；查进度请用回执上的编号和查询码。",
    409: "请重新查询进度，查看最新情况后再办理。",
}


def status_of(error: Exception) -> HTTPStatus:
    """The status of an error: that of its own class, else of the nearest class above."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def handle_errors(app: Flask) -> None:
    """Answer every error with a page that says what to do; nobody sees a traceback."""
    app.register_error_handler(CaseError, show_engine_error)
    app.register_error_handler(PeopleError, show_engine_error)
    app.register_error_handler(DeliveryError, show_engine_error)
    app.register_error_handler(RateLimitExceeded, lambda _error: show(429))
    app.register_error_handler(CSRFError, lambda _error: show(400))
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_fault)


def show(status: int, message: str = "") -> ResponseReturnValue:
    """The page for a status; `message` is what the engine says about it."""
    title, advice = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    known = current_user.is_authenticated
    base, advice = ("desk.html", advice) if known else ("citizen.html", PUBLIC_ADVICE.get(status, advice))
    page = render_template("error.html", base=base, title=title, message=message, advice=advice, status=status)
    return page, status


def show_engine_error(error: Exception) -> ResponseReturnValue:
    """An error of a verb or view, in its own words unless they are about our own fault."""
    status = status_of(error)
    if isinstance(error, ReasonNeeded) and request.method == "GET":
        return redirect(url_for("cases.ask_why", case_id=error.case_id))
    if status >= 500:
        return show_fault(error)
    return show(status, "" if status == HTTPStatus.NOT_FOUND else str(getattr(error, "message", "")))


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """An error of the web itself: unknown address, too much sent."""
    if error.code is None or error.code < 400:
        return error.get_response()
    return show(error.code)


def show_fault(error: Exception) -> ResponseReturnValue:
    """Our own fault: into the log with its trace, in plain words to the user."""
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    try:
        return show(500)
    except Exception:  # the database itself may be what fails: then even the account is unknown
        current_app.logger.exception("the page for a fault failed too")
        return f"<!doctype html><html lang='zh-CN'><title>{WORDS[500][0]}</title><p>{WORDS[500][1]}</p></html>", 500
