"""Rules of the registers by place and day (processes/policy/registers.toml), and the months that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from engine.clock import dated
from engine.clock.calendar import Calendar
from engine.clock.days import ONE_DAY
from engine.people import toml
from engine.people.errors import PlacesInvalid
from engine.people.power import EVERYWHERE
from engine.registers import months

FILE = "registers.toml"
CUTOFF, STARTS, DEATH, REVIEW, FADING = "截止日", "起发月份", "死亡停发", "定期核查月数", "渐退最长月数"
DECLARATION = "定期申报月数"
_CHOICES = {STARTS: ("决定次月", "决定当月", "申请当月"), DEATH: ("死亡次月", "死亡当月")}
_NUMBERS = {CUTOFF: 28, REVIEW: 36, FADING: 24, DECLARATION: 36}  # and their greatest value
_COLUMNS = ("id", "place", "value", "valid_from", "basis")


@dataclass(frozen=True, slots=True)
class Rule:
    """From `valid_from` on, `place` does `id` this way."""

    id: str
    place: str
    value: str
    valid_from: date
    basis: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The table as it counts at one place (ids and region codes, nearest first) on one day."""

    rows: Sequence[Rule]
    places: Sequence[str]
    day: date
    calendar: Calendar

    def value(self, rule_id: str) -> str:
        """What holds; a rule that nobody wrote is `PlacesInvalid`."""
        found = dated.in_force(self.rows, rule_id, (*self.places, EVERYWHERE), self.day)
        if found is None:
            raise PlacesInvalid(Path("processes/policy") / FILE, f"规则「{rule_id}」", "这一天没有适用的规则，请补上")
        return found.value

    def number(self, rule_id: str) -> int:
        """The same as a number."""
        return int(self.value(rule_id))

    def of_item(self, rule_id: str, item: str) -> int:
        """The number for an item: its own rule (`rule_id.item`) where one counts here, else the rule for all."""
        own = dated.in_force(self.rows, f"{rule_id}.{item}", (*self.places, EVERYWHERE), self.day)
        return int(own.value) if own else self.number(rule_id)

    def roster(self) -> str:
        """The month whose roster is the first to carry what is recorded today (S2-33, A-10, A-11)."""
        cutoff = self.day.replace(day=self.number(CUTOFF))
        while not self.calendar.is_workday(cutoff):
            cutoff -= ONE_DAY
        return months.after(months.month_of(self.day), 1 if self.day <= cutoff else 2)

    def first_month(self, item: str, decided: date, applied: date) -> str:
        """The first month that a benefit is due for (D36)."""
        own = f"{STARTS}.{item}"
        how = self.value(own if any(row.id == own for row in self.rows) else STARTS)
        month = months.month_of(applied if how == "申请当月" else decided)
        return months.after(month) if how == "决定次月" else month

    def after_death(self, died: date) -> str:
        """The first month that is no longer paid (E-09)."""
        return months.after(months.month_of(died), 1 if self.value(DEATH) == "死亡次月" else 0)


def read_rules(policy: Path) -> tuple[Rule, ...]:
    """The table, read again when the file changes; `PlacesInvalid` names what is wrong."""
    path = policy / FILE
    return _read(path, path.stat().st_mtime_ns) if path.exists() else ()


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[Rule, ...]:
    found = toml.rows(path, toml.read(path), "rule", _COLUMNS)
    return tuple(_rule(path, number, row) for number, row in enumerate(found, 1))


def _rule(path: Path, number: int, row: Mapping[str, object]) -> Rule:
    where = f"第 {number} 个 [[rule]]（{row['id']}）"
    name, value = str(row["id"]).partition(".")[0], str(row["value"])
    if name in _CHOICES and value not in _CHOICES[name]:
        raise PlacesInvalid(path, where, f"value“{value}”应为 {'、'.join(_CHOICES[name])} 之一")
    if name in _NUMBERS and not (value.isdigit() and 1 <= int(value) <= _NUMBERS[name]):
        raise PlacesInvalid(path, where, f"value“{value}”应为 1 到 {_NUMBERS[name]} 的整数")
    if name not in (*_CHOICES, *_NUMBERS):
        raise PlacesInvalid(path, where, f"没有名为“{name}”的规则，可用的是 {'、'.join((*_CHOICES, *_NUMBERS))}")
    if type(row["valid_from"]) is not date:
        raise PlacesInvalid(path, where, "valid_from 应为日期，例如 2024-02-01（不加引号）")
    return Rule(str(row["id"]), str(row["place"]), value, row["valid_from"], str(row["basis"]))
