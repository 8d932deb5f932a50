"""The ladder of acts (processes/policy/ladder.toml): what is done when, as a limit nears and passes; who is told."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from engine.clock.calendar import Calendar
from engine.clock.days import ONE_DAY, SHANGHAI, day_of, local
from engine.clock.deadline import moment_left
from engine.clock.errors import RegisterInvalid
from engine.clock.ledger import Ledger

When = Literal["ahead", "share", "yellow", "due", "over"]
WAYS = "提前N个工作日、时限的N%、黄灯、到期、超期N个工作日"
AT: Mapping[When, re.Pattern[str]] = {
    "ahead": re.compile(r"提前(\d{1,3})个工作日"),
    "share": re.compile(r"时限的(\d{1,2})%"),
    "yellow": re.compile(r"黄灯()"),
    "due": re.compile(r"到期()"),
    "over": re.compile(r"超期(\d{1,3})个工作日"),
}
BEFORE: tuple[When, ...] = ("ahead", "share", "yellow")
_FILE = frozenset({"hour", "kind", "ladder", "urge"})
_KIND = frozenset({"name", "word", "text"})
_LADDER = frozenset({"name", "rung"})
_RUNG = frozenset({"kind", "at"})
_URGE = frozenset({"word", "roles", "senders", "workdays"})


@dataclass(frozen=True, slots=True)
class Kind:
    """提醒, 黄灯, 红灯, 督办: the word of its number, and what it says with `{names}`."""

    name: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: when, what, whom to tell (`holder` or `role@place`). `drawn`: the diagram itself does it."""

    kind: Kind
    when: When
    amount: int
    tell: tuple[str, ...] = ()
    drawn: bool = False

    @property
    def is_before(self) -> bool:
        """Whether it warns of what is still to come; it is pointless afterwards."""
        return self.when in BEFORE


@dataclass(frozen=True, slots=True)
class Urge:
    """Who may press for a task by hand: `roles` for whatever lies below their unit, `senders` as `role@place`; at most
    once in so many `workdays` for a task and a unit."""

    word: str = "催办"
    roles: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    workdays: int = 1


@dataclass(frozen=True, slots=True)
class Ladders:
    """The rungs of every limit, those of the rest under "", and the time of day at which a day's acts are done."""

    rungs: Mapping[str, tuple[Rung, ...]]
    hour: time = time()
    urge: Urge = Urge()

    def of(self, deadline: Mapping[str, Any]) -> tuple[Rung, ...]:
        """The rungs for a stored deadline; none for a timer that bounds nothing that somebody does."""
        if not deadline["attached_to"]:
            return ()
        return self.rungs.get(deadline["limit_id"] or "", self.rungs.get("", ()))

    def ahead(self, deadline: Mapping[str, Any], ledger: Ledger, calendar: Calendar) -> Iterator[tuple[int, datetime]]:
        """Which rungs a stored deadline with its ledger still has before it, from its `rung` on, and when each is due.

        What the diagram does is left out, and so is a warning that would come before the limit began, or no earlier
        than the next warning.
        """
        rungs, due_at = self.of(deadline), deadline["due_at"]
        if due_at is None:
            return
        over: datetime | None = None  # the first warning after this one
        found: list[tuple[int, datetime]] = []
        for number in range(len(rungs) - 1, deadline["rung"] - 1, -1):
            rung = rungs[number]
            if rung.drawn or (deadline["interrupting"] and not rung.is_before):
                continue
            moment = self._moment(rung, deadline, ledger, calendar)
            if rung.is_before:
                begun = moment > deadline["started_at"] and (rung.when == "yellow" or _later(moment, deadline))
                if not begun or moment >= (over or due_at):
                    continue
                over = moment
            found.append((number, moment))
        yield from reversed(found)

    def _moment(self, rung: Rung, deadline: Mapping[str, Any], ledger: Ledger, calendar: Calendar) -> datetime:
        due_at: datetime = deadline["due_at"]
        if rung.when == "due":
            return due_at
        if rung.when == "yellow":
            yellow: datetime = deadline["yellow_at"] or due_at
            return self._at(day_of(yellow)) if local(yellow).time() == time() else yellow
        if rung.when == "over":
            return self._at(_workday(calendar, day_of(due_at), rung.amount))
        if rung.when == "share":
            left = moment_left(ledger, calendar, 100 - rung.amount) or due_at
            return left if isinstance(left, datetime) else self._at(left)
        return self._at(_workday(calendar, day_of(due_at), -rung.amount))

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, self.hour, SHANGHAI)


def _later(moment: datetime, deadline: Mapping[str, Any]) -> bool:
    """Whether it lies on a later day than the limit's beginning: nobody is reminded on the first day."""
    return day_of(moment) > day_of(deadline["started_at"])


def _workday(calendar: Calendar, day: date, steps: int) -> date:
    """The working day so many after (before, if negative) a day; 0 is the day itself."""
    step = ONE_DAY if steps > 0 else -ONE_DAY
    while steps:
        day += step
        if calendar.is_workday(day):
            steps -= 1 if steps > 0 else -1
    return day


def load_ladders(path: Path) -> Ladders:
    """Read the table, again when the file changes; without a file there are no rungs. `RegisterInvalid`."""
    try:
        return _load(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return Ladders({})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegisterInvalid(path, "格式", f"文件无法读取（{error}）。") from error


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int) -> Ladders:
    table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    _keys(path, "文件开头", table, ("kind", "ladder"), _FILE)
    hour = table.get("hour", time())
    if not isinstance(hour, time):
        raise RegisterInvalid(path, "hour", "应为时刻，例如 08:30:00（不加引号）。")
    kinds: dict[str, Kind] = {}
    for number, row in enumerate(table["kind"], 1):
        _keys(path, f"第{number}项 [[kind]]", row, _KIND, _KIND)
        kinds[row["name"]] = Kind(row["name"], row["word"], row["text"])
    rungs: dict[str, tuple[Rung, ...]] = {}
    for number, row in enumerate(table["ladder"], 1):
        where = f"第{number}项阶梯（{row.get('name', '没有名称')}）"
        _keys(path, where, row, _LADDER, _LADDER | {"limits"})
        found = tuple(_rung(path, f"{where}第{place}级", each, kinds) for place, each in enumerate(row["rung"], 1))
        _check_order(path, where, found)
        for limit_id in row.get("limits", [""]):
            if limit_id in rungs:
                what = f"时限“{limit_id}”" if limit_id else "没有写 limits 的一项"
                raise RegisterInvalid(path, where, f"{what}已经有了阶梯，请合并成一处。")
            rungs[limit_id] = found
    return Ladders(rungs, hour, _urge(path, table.get("urge")))


def _rung(path: Path, where: str, row: dict[str, Any], kinds: Mapping[str, Kind]) -> Rung:
    _keys(path, where, row, _RUNG, _RUNG | {"tell", "drawn"})
    if row["kind"] not in kinds:
        raise RegisterInvalid(path, where, f"没有登记“{row['kind']}”，可用的是 {'、'.join(kinds)}。")
    found = ((when, pattern.fullmatch(str(row["at"]).strip())) for when, pattern in AT.items())
    when, match = next(((when, match) for when, match in found if match), (None, None))
    if when is None or match is None:
        raise RegisterInvalid(path, where, f"at“{row['at']}”无法识别，请写成 {WAYS}。")
    drawn, tell = row.get("drawn", False), row.get("tell", [])
    if bool(tell) == bool(drawn):
        raise RegisterInvalid(path, where, "tell 写通知谁；由流程图自己催办的写 drawn = true，不写 tell。")
    return Rung(kinds[row["kind"]], when, int(match[1] or 0), tuple(tell), drawn)


def _check_order(path: Path, where: str, rungs: Sequence[Rung]) -> None:
    after = [rung for rung in rungs if not rung.is_before]
    wrong = list(rungs[len(rungs) - len(after) :]) != after
    wrong |= any(first.when == "over" and second.when == "due" for first, second in pairwise(after))
    for when, down in (("ahead", True), ("share", False), ("over", False)):
        amounts = [rung.amount for rung in rungs if rung.when == when]
        wrong |= amounts != sorted(set(amounts), reverse=down)
    if wrong:
        raise RegisterInvalid(path, where, "各级应按时间先后排列：提前、黄灯在前，到期居中，超期在后。")


def _urge(path: Path, row: dict[str, Any] | None) -> Urge:
    if row is None:
        return Urge()
    _keys(path, "[urge]", row, _URGE, _URGE)
    return Urge(row["word"], tuple(row["roles"]), tuple(row["senders"]), row["workdays"])


def _keys(path: Path, where: str, row: Mapping[str, Any], needed: Iterable[str], known: frozenset[str]) -> None:
    missing, strange = sorted(set(needed) - set(row)), sorted(set(row) - known)
    if missing:
        raise RegisterInvalid(path, where, f"缺少 {'、'.join(missing)}。")
    if strange:
        raise RegisterInvalid(path, where, f"不认识 {'、'.join(strange)}，请核对拼写。")
    lists = [key for key in ("tell", "limits", "roles", "senders") if key in row]
    if wrong := [key for key in lists if not isinstance(row[key], list) or not all(map(_is_text, row[key]))]:
        raise RegisterInvalid(path, where, f'{"、".join(wrong)} 应为文字列表，例如 ["holder"]。')
    texts = [key for key in ("name", "word", "text", "at") if key in row]
    if wrong := [key for key in texts if not _is_text(row[key])]:
        raise RegisterInvalid(path, where, f"{'、'.join(wrong)} 应为文字，请加引号。")
    if "workdays" in row and not (isinstance(row["workdays"], int) and row["workdays"] >= 1):
        raise RegisterInvalid(path, where, "workdays 应为不小于1的整数。")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
