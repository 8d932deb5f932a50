"""Notices on days off: import a file, see what it would move, confirm it, and watch the deadlines follow."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from engine.cases import calendar_notices, outlook, outlook_sheet
from engine.cases.calendar_notices import NoticeRefused, NoticeRow, NotYourNotice
from engine.cases.outlook import Outlook
from engine.cases.runtime import Step
from engine.clock.errors import NoticeInvalid
from engine.people.actor import Actor
from webapp.inbox import page_number
from webapp.steps import acting, office, reading, staff, tell

pages = Blueprint("calendar", __name__, url_prefix="/desk/calendar")
ROWS = 25
UNITS = 15  # units in the preview; the spreadsheet holds all
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.before_request
def guard() -> None:
    """Only for those whose posts have to do with notices; signing in comes first."""
    if current_user.is_authenticated and not may_look():
        raise NotYourNotice("您的岗位不办理放假通知；需要查看请联系系统管理员")


@pages.get("/")
def show() -> ResponseReturnValue:
    """All notices, and the form to import one."""
    return draw_list()


@pages.post("/import")
def import_file() -> ResponseReturnValue:
    """Take a file over as drafts."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return draw_list("请先选择文件，再点“导入”。"), 422
    content, name = file.read(), file.filename
    return imported(lambda step: calendar_notices.import_file(step, content, name))


@pages.post("/package/<int:year>")
def import_packaged(year: int) -> ResponseReturnValue:
    """Take over a year that the program brings along."""
    return imported(lambda step: [calendar_notices.import_packaged(step, year)])


def imported(act: Callable[[Step], list[int]]) -> ResponseReturnValue:
    """Import; on to the new draft, or back with what is wrong."""
    actor = staff()
    try:
        with acting(actor) as step:
            ids = act(step)
            for each in ids:
                check_may_confirm(actor, calendar_notices.one(step, each).region)
    except (NoticeInvalid, NoticeRefused) as problem:
        return draw_list(str(problem)), 422
    tell(f"已导入 {len(ids)} 条通知。看过影响后再确认。")
    return redirect(url_for("calendar.notice", notice_id=ids[0]) if len(ids) == 1 else url_for("calendar.show"))


@pages.get("/<int:notice_id>")
def notice(notice_id: int) -> ResponseReturnValue:
    """One notice: its days, and what it would move or has moved."""
    actor, page = staff(), page_number()
    with reading(actor) as step:
        row = calendar_notices.one(step, notice_id)
        found = outlook.outlook(step, notice_id) if row.status == "draft" else None
        seen = outlook.in_sight(step, found.movers) if found else []
        shown = seen[(page - 1) * ROWS : page * ROWS]
        numbers = outlook.case_numbers(step, shown)
        moved = outlook.moved(step, notice_id, page, ROWS) if row.status == "confirmed" else None
    return render_template(
        "calendar_notice.html",
        row=row,
        outlook=found,
        bars=bars_of(found) if found else [],
        by_limit=found.by(outlook.limit_of) if found else [],
        by_unit=by_unit(found) if found else [],
        shown=[(each, numbers.get(each.case_id, ""), outlook_sheet.explained(each)) for each in shown],
        seen=len(seen),
        moved=moved,
        page=page,
        pages=-(-(moved.total if moved else len(seen)) // ROWS),
        may_confirm=may_confirm(actor, row),
        unit_name=lambda unit_id: outlook.unit_name(office().runtime, unit_id),
    )


@pages.get("/<int:notice_id>/moves.xlsx")
def sheet(notice_id: int) -> ResponseReturnValue:
    """What a draft would move, in one's sight, as a spreadsheet."""
    with reading(staff()) as step:
        movers = outlook.in_sight(step, outlook.outlook(step, notice_id).movers)
        content = outlook_sheet.workbook(step, movers)
    answer = Response(content, mimetype=SHEET)
    answer.headers["Content-Disposition"] = f"attachment; filename=moves-{notice_id}.xlsx"
    return answer


@pages.post("/<int:notice_id>/confirm")
def confirm(notice_id: int) -> ResponseReturnValue:
    """Let it count; the scheduler derives the open deadlines again."""
    act(notice_id, calendar_notices.confirm)
    office().runtime.calendars.look()
    tell("已确认，从现在起按新日历计算。在办期限正在重新计算，可以离开本页。")
    return redirect(url_for("calendar.notice", notice_id=notice_id))


@pages.post("/<int:notice_id>/drop")
def drop(notice_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    act(notice_id, calendar_notices.drop)
    tell("已作废，日历没有变化。")
    return redirect(url_for("calendar.show"))


def act(notice_id: int, verb: Callable[[Step, int], None]) -> None:
    """One of the verbs, for those who may."""
    actor = staff()
    with acting(actor) as step:
        check_may_confirm(actor, calendar_notices.one(step, notice_id).region)
        verb(step, notice_id)


def check_may_confirm(actor: Actor, region: str) -> None:
    """`NotYourNotice` unless the actor imports and confirms for this region."""
    if not calendar_notices.may_confirm(office().runtime, actor, region):
        raise NotYourNotice


def may_look() -> bool:
    """Whether the menu shows these pages."""
    return calendar_notices.may_look(office().runtime, current_user.actor)


def may_confirm(actor: Actor, row: NoticeRow) -> bool:
    """Whether this notice waits for somebody like the actor."""
    return row.status == "draft" and calendar_notices.may_confirm(office().runtime, actor, row.region)


def draw_list(problem: str = "") -> str:
    """The list, with what is wrong with the file just sent."""
    actor, runtime = staff(), office().runtime
    with reading(actor) as step:
        rows = calendar_notices.listing(step)
    return render_template(
        "calendar.html",
        rows=rows,
        problem=problem,
        calendar=runtime.calendar(),
        years=calendar_notices.importable_years(runtime),
        may_import=calendar_notices.may_confirm(runtime, actor),
    )


def bars_of(found: Outlook) -> list[tuple[str, int, int]]:
    """(words, how many, the most of all) for each number of days."""
    rows = found.by_days()
    most = max((times for _, times in rows), default=1)
    return [(words_of(days), times, most) for days, times in rows]


def words_of(days: int) -> str:
    """`推后 3 日`, `提前 1 日`, `日期不变，不再是暂定`."""
    return f"{'推后' if days > 0 else '提前'} {abs(days)} 日" if days else "日期不变，不再是暂定"


def by_unit(found: Outlook) -> list[tuple[str, int, int, int]]:
    """The units with the most deadlines that move."""
    runtime = office().runtime
    return found.by(lambda each: outlook.unit_name(runtime, each.unit_id))[:UNITS]
