"""Where a day begins and ends: moments are aware UTC, days are those of Asia/Shanghai whatever the machine's zone.

China has kept UTC+8 without summer time since 1992 and the calendar begins in 2004, so the zone is a fixed offset:
no time-zone database is needed and the arithmetic is exact.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

from engine.clock.errors import TimeWithoutZone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
ONE_DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def local(moment: datetime) -> datetime:
    """The aware `moment` on Shanghai's clock; `TimeWithoutZone` when it is naive."""
    if moment.tzinfo is None:
        raise TimeWithoutZone(moment)
    return moment.astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """The Shanghai day in which the aware `moment` lies."""
    return local(moment).date()


def start_of(day: date) -> datetime:
    """00:00:00 of the Shanghai `day`, in UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """23:59:59 of the Shanghai `day`, in UTC: the last second in time (民法典 §203)."""
    return datetime.combine(day, LAST_SECOND, SHANGHAI).astimezone(UTC)


def show_day(day: date) -> str:
    """`2026-02-13（周五）`."""
    return f"{day.isoformat()}（{WEEKDAYS[day.weekday()]}）"
