"""Notices on days off for tests: those of 2020 as they came one after the other, and one for 2027 as it may come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from engine.cases import calendar_notices, deploy, rederive
from engine.clock import notices
from tests.support.diagrams import flow
from tests.support.office import OPERATOR, Office, moment
from tests.support.office_files import bound, end, files, procedure, straight, task

CHANGED = {date(2020, 1, 31): "春节", date(2020, 2, 1): "春节", date(2020, 2, 2): "春节"}


def file_of(title: str, number: str, issued_on: str, *, off: Any = (), work: Any = (), **more: Any) -> bytes:
    """A notice as a file in the shape of policy/calendar.toml; `off` and `work` are pairs of day and name."""

    def rows(days: Iterable[tuple[Any, str]]) -> str:
        return "[" + ", ".join(f'{{ day = {day}, name = "{name}" }}' for day, name in days) + "]"

    extra = "".join(f"{key} = {value!r}\n".replace("'", '"') for key, value in more.items())
    head = f'[[notice]]\ntitle = "{title}"\nnumber = "{number}"\nissued_on = {issued_on}\n{extra}'
    return f"{head}off = {rows(off)}\nwork = {rows(work)}\n".encode()


def year_2020() -> bytes:
    """The notice of 21 November 2019, before the epidemic: 24 to 30 January off, 1 February worked."""
    marks = {day: mark for day, mark in notices.published_days().items() if notices.notice_year(day, mark) == 2020}
    off = [(day, mark.name) for day, mark in marks.items() if not mark.works and day not in CHANGED]
    work = [(day, mark.name) for day, mark in marks.items() if mark.works] + [(date(2020, 2, 1), "调休上班（春节）")]
    title = "国务院办公厅关于2020年部分节假日安排的通知"
    return file_of(title, "国办发明电〔2019〕16号", "2019-11-21", off=off, work=work, year=2020)


def change_of_2020() -> bytes:
    """The change of 27 January 2020: off until 2 February."""
    title = "国务院办公厅关于延长2020年春节假期的通知"
    return file_of(title, "国办发明电〔2020〕1号", "2020-01-27", off=CHANGED.items())


def span(first: str, last: str) -> list[str]:
    day, until = date.fromisoformat(first), date.fromisoformat(last)
    return [str(day + timedelta(days=number)) for number in range((until - day).days + 1)]


def year_2027() -> bytes:
    """A plausible notice for 2027: the long blocks of other years around its festivals."""
    blocks = {
        "元旦": span("2027-01-01", "2027-01-03"),
        "春节": span("2027-02-05", "2027-02-12"),
        "清明节": span("2027-04-03", "2027-04-05"),
        "劳动节": span("2027-05-01", "2027-05-05"),
        "端午节": span("2027-06-09", "2027-06-09"),
        "中秋节": span("2027-09-15", "2027-09-15"),
        "国庆节": span("2027-10-01", "2027-10-07"),
    }
    worked = {"春节": ["2027-01-30", "2027-02-14"], "劳动节": ["2027-04-25", "2027-05-08"], "国庆节": ["2027-09-26"]}
    return file_of(
        "国务院办公厅关于2027年部分节假日安排的通知",
        "国办发明电〔2026〕9号",
        "2026-11-05",
        off=[(day, name) for name, days in blocks.items() for day in days],
        work=[(day, f"调休上班（{name}）") for name, days in worked.items() for day in days],
        year=2027,
    )


def limits() -> bytes:
    """One task with limits of every kind."""
    texts = {"一日": "1个工作日", "七日": "7日", "两天": "48小时", "三十日": "30个工作日"}
    timers = "".join(
        bound(name, "办理", text) + end(f"{name}到") + flow(name, f"{name}到") for name, text in texts.items()
    )
    master = bound("总时限", "办理", "20个工作日", clock="master") + end("总时限到") + flow("总时限", "总时限到")
    return procedure("limits", task("办理") + straight("办理") + timers + master)


def office_of(office: Office, base_year: int) -> Office:
    """The same office as it stood when the notice of `base_year` was the last, with the procedure `limits`."""
    found = Office(replace(office.runtime, base_year=base_year), moment("2020-01-02"))
    with found.step() as this:
        deploy.deploy(this, files() | {"processes/office/limits.bpmn": limits()})
    return found


def import_notice(office: Office, content: bytes, at: str) -> int:
    """Import a file with one notice; gives its id."""
    with office.step(OPERATOR, at) as this:
        (notice_id,) = calendar_notices.import_file(this, content, "通知.toml")
    return notice_id


def confirm(office: Office, notice_id: int, at: str = "") -> rederive.Progress:
    """Confirm it and derive again what is open."""
    with office.step(OPERATOR, at) as this:
        calendar_notices.confirm(this, notice_id)
    return rederive.run(office.runtime, lambda: office.now)
