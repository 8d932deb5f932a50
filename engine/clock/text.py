"""How a due date and what remains of it are said to the reader."""

from datetime import date, datetime
from typing import Protocol

from engine.clock.calendar import Calendar
from engine.clock.days import LAST_SECOND, day_of, local


class DueDate(Protocol):
    """The stored columns that a due date is shown from."""

    @property
    def due_at(self) -> datetime | None: ...

    @property
    def provisional(self) -> bool: ...

    @property
    def earliest(self) -> date | None: ...

    @property
    def latest(self) -> date | None: ...


def show_due(deadline: DueDate, *, bounds: bool = True) -> str:
    """The due date as a page shows it.

    `2026-02-14`; `2026-02-15 10:00` for an exact moment; `暂定 2027-02-09（最早2027-02-07，最晚2027-02-15）` in a year
    without notice (the bounds only when they differ); `暂停中，恢复后重新计算` while a pause holds it open.
    """
    if deadline.due_at is None:
        return "暂停中，恢复后重新计算"
    shown = show_due_at(deadline.due_at)
    if not deadline.provisional:
        return shown
    if not bounds or deadline.earliest == deadline.latest:
        return f"暂定 {shown}"
    return f"暂定 {shown}（最早{deadline.earliest}，最晚{deadline.latest}）"


def show_due_at(due_at: datetime | None) -> str:
    """`2026-02-14` for the end of a day, `2026-02-15 10:00` for another moment, `未定` for none."""
    if due_at is None:
        return "未定"
    due = local(due_at)
    return due.date().isoformat() if due.time() == LAST_SECOND else f"{due:%Y-%m-%d %H:%M}"


def remaining(now: datetime, due_at: datetime | None, calendar: Calendar) -> str:
    """`还剩3个工作日`, `今天到期`, `今天18:00到期`, `已超期`, `超期2个工作日`; the due day counts, today doesn't."""
    if due_at is None:
        return "暂停计时"
    today, due = day_of(now), local(due_at)
    if now > due_at:
        late = calendar.workdays_between(due.date(), today)
        return f"超期{late}个工作日" if late else "已超期"
    if today == due.date():
        return "今天到期" if due.time() == LAST_SECOND else f"今天{due:%H:%M}到期"
    workdays = calendar.workdays_between(today, due.date())
    return f"还剩{workdays}个工作日" if workdays else f"还剩{(due.date() - today).days}日"
