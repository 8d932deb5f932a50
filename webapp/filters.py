"""How moments, days, lights and sizes are written on a page."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from flask import Flask

from engine.clock.days import LAST_SECOND, local
from engine.clock.text import remaining
from webapp.notes import show_note
from webapp.steps import office

WEEKDAYS = "一二三四五六日"


class Light(NamedTuple):
    """A light that can be told without its colour: CSS class, symbol and word."""

    css: str
    symbol: str
    word: str


LIGHTS = {
    "green": Light("green", "●", "正常"),
    "yellow": Light("yellow", "▲", "临期"),
    "red": Light("red", "■", "超期"),
}
PROVISIONAL = Light("provisional", "◇", "暂定")
NO_LIMIT = Light("none", "–", "无时限")


def show_day(day: date | datetime | None) -> str:
    """`2026年3月5日 周四`, in Shanghai for a moment; "" for nothing."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = local(day).date()
    return f"{day.year}年{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


def show_moment(moment: datetime | None) -> str:
    """`2026年3月5日 周四 14:30` in Shanghai; a moment at the end of a day is shown as the day."""
    if moment is None:
        return ""
    there = local(moment)
    return show_day(moment) if there.time() == LAST_SECOND else f"{show_day(moment)} {there:%H:%M}"


def show_short(moment: datetime | date | None) -> str:
    """`03-05 14:30`, for tight tables; with the year in front only for a plain day: `2026-03-05`."""
    if moment is None:
        return ""
    return f"{local(moment):%m-%d %H:%M}" if isinstance(moment, datetime) else moment.isoformat()


def iso(moment: datetime | date | None) -> str:
    """The value of a `<time datetime=…>`."""
    return "" if moment is None else moment.isoformat()


def find_light(light: str | None, due_at: datetime | None = None, provisional: bool = False) -> Light:
    """The light to show; a provisional date says so as long as it isn't yet near."""
    if not light:
        return NO_LIMIT
    if provisional and light == "green":
        return PROVISIONAL
    return LIGHTS[light]


def show_size(size: int) -> str:
    """`12 KB`, `3.4 MB`."""
    return f"{max(1, round(size / 1024))} KB" if size < 1_000_000 else f"{size / 1024 / 1024:.1f} MB"


def add_filters(app: Flask) -> None:
    """Make them known to the templates."""
    app.jinja_env.filters.update(
        day=show_day, moment=show_moment, short=show_short, iso=iso, file_size=show_size, note=show_note
    )
    app.jinja_env.globals.update(find_light=find_light, now=lambda: office().clock(), remaining=show_remaining)


def show_remaining(due_at: datetime | None) -> str:
    """`还剩3个工作日`, from this moment."""
    return remaining(office().clock(), due_at, office().runtime.calendar())
