"""Why a deadline falls on its day: the same walk that derived it, told in Chinese day by day."""

from dataclasses import dataclass
from datetime import date

from engine.clock.calendar import Calendar
from engine.clock.days import day_of, local, show_day
from engine.clock.deadline import Deadline
from engine.clock.ledger import Ledger, Rules, Verdict, first_day, walk
from engine.clock.limits import Limit, Unit
from engine.clock.pauses import STOOD, PausedTime
from engine.clock.text import show_due


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: its `day`, the number it counts as (None when it doesn't count) and the `text`."""

    day: date
    number: int | None
    text: str


def explain(deadline: Deadline) -> list[Step]:
    """The lines from the start to the due date: what was counted, what was skipped by which notice, pauses,
    extensions, the roll off a rest day, and what is still provisional."""
    ledger, calendar = deadline.ledger, deadline.calendar
    steps = _opening(ledger, calendar)
    steps += _pauses(ledger) if ledger.length is not None else _days(ledger, calendar)
    return steps + _closing(deadline, steps[-1].day)


def rules(limit: Limit, switches: Rules) -> list[str]:
    """The rules by which a limit is counted, in words: its first day, rest days, its last day."""
    if limit.unit in (Unit.HOUR, Unit.MINUTE):
        return ["从起算的时刻连续计算，休息日也算"]
    first = "起始当日不计" + ("，休息日收到的视为下一工作日收到" if switches.next_workday_start else "")
    if limit.unit is Unit.WORKDAY:
        return [first, "只算工作日，含调休上班日；法定节假日、周末不算"]
    last = "最后一日逢休息日的顺延到下一工作日" if switches.roll else "最后一日逢休息日的不顺延"
    last = "最后一日逢休息日的提前到前一工作日" if switches.advance else last
    if limit.unit is Unit.MONTH_DAY:
        return ["当月的固定日期，当天办完也算按期；暂停不顺延", last]
    return [first, f"休息日也算；{last}"]


def _opening(ledger: Ledger, calendar: Calendar) -> list[Step]:
    day, zero = day_of(ledger.start), first_day(ledger, calendar)
    if ledger.length is not None:
        begins = f"{local(ledger.start):%Y-%m-%d %H:%M}起算，时限{ledger.limit}"
        return [Step(day, None, begins), *_extensions(ledger, day)]
    steps = [Step(day, None, f"{show_day(day)}为起始日，当日不计，时限{ledger.limit}")]
    if ledger.limit.unit is Unit.MONTH_DAY:
        steps = [Step(day, None, f"{show_day(day)}起，时限{ledger.limit}，当天办完也算按期")]
    elif zero != day:
        steps = [
            Step(day, None, f"{show_day(day)}收到，当日为{calendar.name_of(day)}，视为下一工作日收到"),
            Step(zero, None, f"{show_day(zero)}为起始日，当日不计，时限{ledger.limit}"),
        ]
    return steps + _extensions(ledger, zero)


def _extensions(ledger: Ledger, day: date) -> list[Step]:
    if not ledger.extensions:
        return []
    parts = "、".join(f"{e.by}（{e.reason}）" if e.reason else str(e.by) for e in ledger.extensions)
    return [Step(day, None, f"经批准延长{parts}，时限共{ledger.total}")]


def _pauses(ledger: Ledger) -> list[Step]:
    return [
        Step(
            day_of(pause.begin),
            None,
            f"{local(pause.begin):%Y-%m-%d %H:%M}暂停（{pause.reason}），"
            + (f"{local(pause.end):%Y-%m-%d %H:%M}恢复，其间不计" if pause.end else "尚未恢复"),
        )
        for pause in sorted(ledger.pauses, key=lambda pause: pause.begin)
    ]


def _days(ledger: Ledger, calendar: Calendar) -> list[Step]:
    paused = PausedTime(ledger.pauses)
    unit = "个工作日" if ledger.limit.unit is Unit.WORKDAY else "日"
    steps: list[Step] = []
    count = 0
    for day, verdict in walk(ledger, calendar):
        count += verdict is Verdict.COUNTED
        text = {
            Verdict.COUNTED: f"第{count}{unit}" + _unusual(day, calendar),
            Verdict.REST: "不计：" + _because(day, calendar),
            Verdict.PAUSED: f"不计：{_stands(day, paused)}",
            Verdict.ROLLED: _rolled(day, calendar, paused),
            Verdict.OPEN: "暂停尚未结束，到期日待恢复后计算",
        }[verdict]
        steps.append(Step(day, count if verdict is Verdict.COUNTED else None, f"{show_day(day)}{text}"))
    return steps


def _because(day: date, calendar: Calendar) -> str:
    source = calendar.source(day)
    name = "工作日" if calendar.is_workday(day) and not source else calendar.name_of(day)
    return f"{name}，依据{source}" if source else name


def _stands(day: date, paused: PausedTime) -> str:
    reason = paused.reason(day)
    return f"当天{STOOD}" if reason == STOOD else f"{reason}期间暂停"


def _rolled(day: date, calendar: Calendar, paused: PausedTime) -> str:
    if paused.covers(day):
        return f"期限最后一日不是工作日，顺延；本日不计：{_stands(day, paused)}"
    if not calendar.is_workday(day):
        return "期限最后一日不是工作日，顺延；本日仍休息：" + _because(day, calendar)
    return "期限最后一日不是工作日，顺延到本日：" + _because(day, calendar)


def _unusual(day: date, calendar: Calendar) -> str:
    """For a counted day, what is special about it: a weekend that is worked, a holiday that counts."""
    return f"，{_because(day, calendar)}" if calendar.source(day) else ""


def _closing(deadline: Deadline, day: date) -> list[Step]:
    if deadline.due_on is None:
        return [Step(day, None, "到期日未定：" + show_due(deadline))]
    ends = "" if deadline.ledger.length is not None else " 24时"
    steps = [Step(deadline.due_on, None, f"到期：{show_due(deadline, bounds=False)}{ends}")]
    if deadline.provisional:
        steps.append(Step(deadline.due_on, None, _reservation(deadline)))
    return steps


def _reservation(deadline: Deadline) -> str:
    year = deadline.calendar.last_notice + 1
    text = f"{year}年放假安排尚未公布，以上按法定节假日和周末暂算，通知公布后重新计算"
    if deadline.earliest == deadline.latest:
        return text
    return f"{text}；按往年安排推算，最早{deadline.earliest}，最晚{deadline.latest}"
