"""Which messages leave the house by which channel, in which words and at which hours: policy/channels.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from engine.clock.days import local
from engine.delivery import toml
from engine.delivery.errors import SettingsInvalid

FILE = Path("processes") / "policy" / "channels.toml"
RECEIVERS = {"applicant": "群众一方", "staff": "工作人员"}
ADDRESSES = {"phone": "手机号码", "mail": "电子邮箱"}
PLACEHOLDERS = frozenset({"title", "text", "number", "unit"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ID = re.compile(r"[a-z][a-z0-9_]{0,23}")


@dataclass(frozen=True)
class Way:
    """A channel as the policy knows it: what address it wants, and between which hours it is open."""

    id: str
    name: str
    address: str
    opens: time | None = None
    closes: time | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether people may be reached at this moment."""
        if self.opens is None or self.closes is None:
            return True
        return self.opens <= local(now).time() < self.closes


@dataclass(frozen=True)
class Rule:
    """Messages of these kinds (none: all) to this receiver go out by these channels, in these words."""

    kinds: frozenset[str]
    to: str
    channels: tuple[str, ...]
    text: str

    def say(self, values: Mapping[str, str]) -> str:
        """The words, with their `{names}` filled."""
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.text)


@dataclass(frozen=True)
class Policy:
    """channels.toml. `stale_after`: what is older when it is met goes nowhere; `backoff`: waits between attempts."""

    ways: Mapping[str, Way]
    rules: tuple[Rule, ...]
    stale_after: timedelta
    backoff: tuple[timedelta, ...]

    def rule(self, kind: str, to: str) -> Rule | None:
        """The first rule for a message; None: it stays in the house."""
        return next((r for r in self.rules if r.to == to and (not r.kinds or kind in r.kinds)), None)


def read_policy(root: Path) -> Policy:
    """Read the table below `root`; without one nothing leaves the house. `SettingsInvalid` when it is wrong."""
    path = root / FILE
    if not path.exists():
        return Policy({}, (), timedelta(0), ())
    content = toml.check(
        path,
        "开头",
        toml.read(path),
        {"stale_days": int, "retry_minutes": list, "channel": list, "rule": list},
        {},
    )
    backoff = content["retry_minutes"]
    if not all(type(minutes) is int and minutes > 0 for minutes in backoff):
        raise SettingsInvalid(path, "retry_minutes", "应为正整数的列表，例如 [1, 5, 30]")
    ways = [_way(path, number, row) for number, row in enumerate(content["channel"], 1)]
    if len({way.id for way in ways}) < len(ways):
        raise SettingsInvalid(path, "[[channel]]", "有两个渠道的 id 相同，请改名")
    by_id = {way.id: way for way in ways}
    rules = tuple(_rule(path, number, row, by_id) for number, row in enumerate(content["rule"], 1))
    waits = tuple(timedelta(minutes=minutes) for minutes in backoff)
    return Policy(by_id, rules, timedelta(days=content["stale_days"]), waits)


def _way(path: Path, number: int, row: object) -> Way:
    where = f"第 {number} 个 [[channel]]"
    row = toml.check(path, where, row, {"id": str, "name": str, "address": str}, {"hours": list})
    if not _ID.fullmatch(row["id"]):
        raise SettingsInvalid(path, where, "id 只用小写字母、数字和下划线，最长 24 位")
    if row["address"] not in ADDRESSES:
        raise SettingsInvalid(path, where, f"address 写的是「{row['address']}」，可用的是 {'、'.join(ADDRESSES)}")
    opens, closes = _hours(path, where, row.get("hours"))
    return Way(row["id"], row["name"], row["address"], opens, closes)


def _hours(path: Path, where: str, hours: list[Any] | None) -> tuple[time | None, time | None]:
    if hours is None:
        return None, None
    try:
        opens, closes = (time.fromisoformat(text) for text in hours)
    except (TypeError, ValueError):
        raise SettingsInvalid(path, where, 'hours 应为起止两个时刻，例如 ["08:00", "20:00"]') from None
    if opens >= closes:
        raise SettingsInvalid(path, where, "hours 的开始要早于结束")
    return opens, closes


def _rule(path: Path, number: int, row: object, ways: Mapping[str, Way]) -> Rule:
    where = f"第 {number} 个 [[rule]]"
    row = toml.check(path, where, row, {"to": str, "channels": list, "text": str}, {"kinds": list})
    if row["to"] not in RECEIVERS:
        raise SettingsInvalid(path, where, f"to 写的是「{row['to']}」，可用的是 {'、'.join(RECEIVERS)}")
    if strange := [str(channel) for channel in row["channels"] if channel not in ways]:
        raise SettingsInvalid(path, where, f"没有渠道 {'、'.join(strange)}，请先写一段 [[channel]]")
    if strange := sorted(set(_PLACEHOLDER.findall(row["text"])) - PLACEHOLDERS):
        known = "、".join(sorted(PLACEHOLDERS))
        raise SettingsInvalid(path, where, f"text 里的 {'、'.join(strange)} 不认识，可用 {known}")
    return Rule(frozenset(row.get("kinds", ())), row["to"], tuple(row["channels"]), row["text"])
