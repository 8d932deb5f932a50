"""Notices as files, read and checked: the TOML shape of policy/calendar.toml, the widespread JSON shape of a year."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from engine.clock import festivals
from engine.clock.errors import NoticeInvalid
from engine.clock.notices import Declared, Notice

MOST_BYTES = 300_000
FIRST_YEAR = 2004  # of the published notices
_KEYS = frozenset({"title", "number", "issued_on", "source", "region", "year", "off", "work"})
_SHAPE = "请用 [[notice]] 段落的 TOML 文件，或含有 year 和 days 的 JSON 文件。"


def read(content: bytes, name: str, today: date) -> list[Notice]:
    """The notices of a file called `name`, in order; what a JSON file doesn't say of its issue is taken from `today`.

    TOML: `[[notice]]` with `title`, `number`, `issued_on`, `source`, `region`, `year` and lists `off` and `work` of
    `{day, name}`. JSON: `{"year": 2027, "days": [{"name", "date", "isOffDay"}]}`. `NoticeInvalid` says in Chinese
    where it is wrong.
    """
    if len(content) > MOST_BYTES:
        raise NoticeInvalid(name, "", f"文件有 {len(content) // 1000} KB，放假通知不会这么大，请核对是否选错了文件。")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoticeInvalid(name, "", "不是 UTF-8 编码的文本，请另存为 UTF-8 后再导入。") from error
    notices = [_from_json(text, name, today)] if text.lstrip().startswith("{") else _from_toml(text, name)
    for notice in notices:
        check(notice, name)
    return notices


def check(notice: Notice, name: str) -> None:
    """`NoticeInvalid` unless the days stand each once, within the notice's year, and leave no statutory day out."""
    where = f"《{notice.title}》"
    twice = [day for day, times in Counter(each.day for each in notice.days).items() if times > 1]
    if twice:
        raise NoticeInvalid(name, where, f"{min(twice)} 出现了两次，每个日期只能写一次。")
    if not notice.days:
        raise NoticeInvalid(name, where, "没有写放假或上班的日期。")
    if notice.year is not None:
        _check_year(notice, notice.year, name, where)


def _check_year(notice: Notice, year: int, name: str, where: str) -> None:
    if not FIRST_YEAR <= year <= festivals.LAST_YEAR:
        raise NoticeInvalid(name, where, f"year 写成了{year}，请核对年份。")
    if notice.region:
        raise NoticeInvalid(name, where, "地方通知只写增加或调整的日期，不写 year；全年安排以国务院办公厅通知为准。")
    for each in notice.days:
        if each.day.year != year and (each.day.year, each.day.month) != (year - 1, 12):
            raise NoticeInvalid(name, where, f"{each.day} 不属于{year}年，请核对年份（元旦可用上一年12月的日期）。")
    off = {each.day for each in notice.days if not each.works}
    worked = {each.day for each in notice.days if each.works}
    for day, festival in festivals.statutory_days(year).items():
        if day in worked or (day.weekday() < 5 and day not in off):
            raise NoticeInvalid(name, where, f"{day}（{festival}）是法定节假日，通知里没有列为放假，请核对是否漏写。")


def _from_toml(text: str, name: str) -> list[Notice]:
    try:
        tables = tomllib.loads(text).get("notice", [])
    except tomllib.TOMLDecodeError as error:
        raise NoticeInvalid(name, "", f"文件格式无法识别（{error}）。{_SHAPE}") from error
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise NoticeInvalid(name, "", f"没有找到通知。{_SHAPE}")
    return [_notice(table, name, f"第{number}条通知") for number, table in enumerate(tables, 1)]


def _notice(table: Mapping[str, Any], name: str, where: str) -> Notice:
    if strange := sorted(set(table) - _KEYS):
        raise NoticeInvalid(name, where, f"不认识 {'、'.join(strange)}，请核对拼写。")
    title = _text(table, "title", name, where)
    number = _text(table, "number", name, where)
    issued_on = _day(table.get("issued_on"), name, f"{where}的 issued_on ")
    year = table.get("year")
    if year is not None and type(year) is not int:
        raise NoticeInvalid(name, where, f"year“{year}”应为年份，例如 2027（不加引号）。")
    days = (*_days(table, "off", name, where), *_days(table, "work", name, where))
    source = table.get("source") or f"{title}（{number}）"
    return Notice(title, number, issued_on, str(source), str(table.get("region", "")), year, days)


def _text(table: Mapping[str, Any], key: str, name: str, where: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found.strip():
        words = {"title": "title（通知名称）", "number": "number（文号）"}[key]
        raise NoticeInvalid(name, where, f"缺少 {words}，请写成加引号的文字。")
    return found.strip()


def _days(table: Mapping[str, Any], key: str, name: str, where: str) -> Iterator[Declared]:
    rows = table.get(key, [])
    if not isinstance(rows, list):
        raise NoticeInvalid(name, where, f'{key} 应为列表，例如 {key} = [{{ day = 2027-02-05, name = "春节" }}]。')
    for number, row in enumerate(rows, 1):
        place = f"{where}的 {key} 第{number}项"
        if not isinstance(row, dict) or not str(row.get("name", "")).strip():
            raise NoticeInvalid(name, place, "须写明 day（日期）和 name（名称）。")
        yield Declared(_day(row.get("day"), name, place), key == "work", str(row["name"]).strip())


def _from_json(text: str, name: str, today: date) -> Notice:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise NoticeInvalid(name, "", f"文件格式无法识别（第{error.lineno}行第{error.colno}列）。{_SHAPE}") from error
    year = content.get("year") if isinstance(content, dict) else None
    rows = content.get("days") if isinstance(content, dict) else None
    if type(year) is not int or not isinstance(rows, list):
        raise NoticeInvalid(name, "", f"没有找到 year（年份）和 days（日期列表）。{_SHAPE}")
    title = f"国务院办公厅关于{year}年部分节假日安排的通知"
    papers = [paper for paper in content.get("papers") or [] if isinstance(paper, str)]
    return Notice(title, "", today, papers[0] if papers else title, "", year, tuple(_json_days(rows, name)))


def _json_days(rows: Sequence[Any], name: str) -> Iterator[Declared]:
    for number, row in enumerate(rows, 1):
        place = f"days 第{number}项"
        if not isinstance(row, dict) or type(row.get("isOffDay")) is not bool or not str(row.get("name", "")).strip():
            raise NoticeInvalid(name, place, "须写明 name（名称）、date（日期）和 isOffDay（true 放假，false 上班）。")
        works, festival = not row["isOffDay"], str(row["name"]).strip()
        shown = f"调休上班（{festival}）" if works else festival
        yield Declared(_day(row.get("date"), name, place), works, shown)


def _day(given: Any, name: str, where: str) -> date:
    if type(given) is date:
        return given
    try:
        return date.fromisoformat(given) if isinstance(given, str) else _no_date(given)
    except ValueError as error:
        shown = "没有写日期" if given is None else f"“{given}”不是日期"
        raise NoticeInvalid(name, where, f"{shown}，请写成 2027-02-05 的样子。") from error


def _no_date(given: Any) -> date:
    raise ValueError(given)
