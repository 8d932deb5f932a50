"""The board's words: the headings of its lists, and a sentence that says what a list holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from engine.bpmn.deployment import Deployment
from engine.cases.board.filters import Filters
from engine.cases.board.names import step_name
from engine.cases.board.sight import Sight
from engine.clock.days import day_of

LIGHTS = {"green": "正常", "yellow": "临期", "red": "超期", "none": "无总时限"}
TASK_LIGHTS = {**LIGHTS, "none": "无时限"}
MARKS = {"step": "环节超时（总时限未超）", "provisional": "期限暂定", "paused": "暂停计时"}
TURNS = {"yellow": "转为临期", "red": "到期"}
CASES = (
    ("number", "编号"), ("applicant_name", "申请人"), ("applicant_id_no", "身份证号码"), ("item", "救助项目"),
    ("procedure", "业务"), ("unit", "办理单位"),
)  # fmt: skip
OPEN_CASES = (
    *CASES, ("stage", "阶段"), ("started_on", "收到"), ("due_at", "总时限到期"), ("step_due_at", "环节到期"),
    ("paused_by", "暂停原因"),
)  # fmt: skip
CLOSED_CASES = (*CASES, ("outcome", "结果"), ("started_on", "收到"), ("closed_on", "办结"), ("late", "是否超期"))
TASKS = (
    ("case_number", "编号"), ("applicant_name", "申请人"), ("applicant_id_no", "身份证号码"), ("procedure", "业务"),
    ("name", "环节"), ("unit", "承办单位"), ("assignee", "承办人"), ("created_on", "到达"),
)  # fmt: skip
OPEN_TASKS = (*TASKS, ("age", "已过工作日"), ("due_at", "到期"))
CLOSED_TASKS = (*TASKS, ("closed_on", "办结"), ("workdays", "用时（工作日）"), ("late", "是否超期"))
PAUSES = (
    ("number", "编号"), ("applicant_name", "申请人"), ("applicant_id_no", "身份证号码"), ("procedure", "业务"),
    ("unit", "办理单位"), ("kind", "种类"), ("name", "环节"), ("nth", "第几次"), ("last_day", "期限最后一天才停"),
    ("begin_at", "开始"), ("until_at", "最迟至"), ("end_at", "实际结束"), ("by_name", "经办人"), ("basis", "依据"),
)  # fmt: skip


def headings(of: str, filters: Filters) -> Sequence[tuple[str, str]]:
    """Columns of a list as (key, heading)."""
    if of == "pauses":
        return PAUSES
    closed = filters.status == "closed"
    if of == "tasks":
        return CLOSED_TASKS if closed else OPEN_TASKS
    return CLOSED_CASES if closed else OPEN_CASES


def heading_of(
    of: str,
    filters: Filters,
    sight: Sight,
    deployment: Deployment,
    procedures: Mapping[str, str],
    now: datetime,
) -> str:
    """What a list holds: `贵池区民政局 · 社会救助全程网办 · 在办 · 超期`."""
    parts = [*_place(filters, sight, procedures), *_stand(of, filters, deployment), *_time(of, filters, day_of(now))]
    return " · ".join(parts)


def _place(filters: Filters, sight: Sight, procedures: Mapping[str, str]) -> Iterator[str]:
    top = sight.top(filters)
    if top is not None:
        yield f"{top.name}（本级）" if filters.own else top.name
    if filters.procedure:
        yield procedures.get(filters.procedure, filters.procedure)
    if filters.procedures:
        yield "、".join(procedures.get(each, each) for each in filters.procedures.split(","))


def _stand(of: str, filters: Filters, deployment: Deployment) -> Iterator[str]:
    if of != "pauses":
        yield "已办结" if filters.status == "closed" else "在办"
    if filters.node:
        yield step_name(deployment, filters.process, filters.node)
    if filters.light:
        yield (TASK_LIGHTS if of == "tasks" else LIGHTS)[filters.light]
    if filters.mark:
        yield "现在停着" if of == "pauses" else MARKS[filters.mark]
    if filters.kind:
        yield f"暂停：{filters.kind}"
    if filters.repeated:
        again, first = ("重复暂停", "第一次暂停") if of == "pauses" else ("再次办理", "第一次办理")
        yield again if filters.repeated == "yes" else first
    if filters.last_day:
        yield "期限最后一天才停" if filters.last_day == "yes" else "不在期限最后一天停"


def _time(of: str, filters: Filters, today: date) -> Iterator[str]:
    if filters.late:
        yield "超期" if filters.late == "yes" else "按期"
    if filters.turns and filters.begin and filters.end:
        yield f"{_days(filters.begin, filters.end, today)}{TURNS[filters.turns]}"
    if filters.month:
        yield f"{filters.month[:4]}年{int(filters.month[5:])}月{'开始' if of == 'pauses' else '办结'}"


def _days(begin: date, end: date, today: date) -> str:
    def show(day: date) -> str:
        return f"{day.month}月{day.day}日" if day.year == today.year else f"{day.year}年{day.month}月{day.day}日"

    return show(begin) if begin == end else f"{show(begin)}至{show(end)}"
