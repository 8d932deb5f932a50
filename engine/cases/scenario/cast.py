"""Who acts in an example and what they fill in: accounts, posts, samples, and the names that stand for others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from stdnum.cn import ric

from engine.cases.entries import Entries
from engine.cases.runtime import Runtime
from engine.cases.scenario.file import Scenario, ScenarioError, as_list
from engine.clock.days import day_of
from engine.people import accounts
from engine.people.actor import Actor, public
from engine.store import tables
from forms import samples
from forms.model import Form


@dataclass
class Cast:
    """The people of one example; `number` is its case's, once there is one."""

    runtime: Runtime
    scenario: Scenario
    names: Mapping[str, str]
    number: str = ""
    told: dict[str, Callable[[str], str]] = field(default_factory=dict)  # what 先办, 本件 and 当天 know by a name
    people: str = ""  # tells one playing's people from another's: each has identity numbers of its own

    def actor(self, name: str, now: datetime) -> Actor:
        """The account of this name with its posts of the day, or the applicant's side (`public`)."""
        if name == "public":
            return public(self.number or "new", "申请人", origin="演示")
        with self.runtime.store.transaction(write=False) as session:
            found = accounts.find(session, name, day_of(now))
        if found is None:
            raise ScenarioError(f"{self.scenario.path}：没有账号「{name}」")
        return found

    def holder(self, task: Mapping[str, Any], by: str | None, now: datetime) -> Actor:
        """Who does a task: the named account, else whom the diagram names, else the first of the post."""
        if by or task["assignee"] or task["place"] == "case":
            return self.actor(by or task["assignee"] or "public", now)
        p = tables.post
        query = select(p.c.account_id).where(p.c.role == task["role"], p.c.unit_id == task["unit_id"])
        with self.runtime.store.transaction(write=False) as session:
            found = session.execute(query.order_by(p.c.account_id).limit(1)).scalar_one_or_none()
        if found is None:
            post = f"{task['role']}@{task['unit_id']}"
            raise ScenarioError(f"{self.scenario.path}：「{task['name']}」的岗位 {post} 没有人")
        return self.actor(found, now)

    def values(self, this: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What a step fills in: its samples, then its own values, then `more`."""
        values: dict[str, Any] = {}
        for name in as_list(this.get("use")):
            if name not in self.scenario.samples:
                raise ScenarioError(f"{self.scenario.path}：_samples.yaml 中没有「{name}」")
            values.update(self.scenario.samples[name])
        values.update(this.get("with") or {})
        values.update(more or {})
        known = _replaced(values, self.names)
        known = filled(known, self.told)
        return dict(_own_numbers(known, self.people) if self.people else known)

    def entries(self, form: Form, given: Mapping[str, Any], offered: Mapping[str, Any], now: datetime) -> Entries:
        """The form as a browser would send it; a field that it doesn't have is an error of the example."""
        if unknown := [key for key in given if key not in form.fields]:
            raise ScenarioError(f"{self.scenario.path}：表单「{form.id}」没有 {'、'.join(unknown)} 这些栏目")
        return Entries(*samples.entries(form, given, offered, day_of(now)))


OF_CASE = re.compile(r"\{(先办|本件|当天):([^{}]+)\}")
ID_NUMBER = re.compile(r"(?<![\dXx])[1-9]\d{16}[\dX](?![\dXx])")


def filled(value: Any, told: Mapping[str, Callable[[str], str]]) -> Any:
    """The value with `{先办:编号}`, `{本件:测算合计}` and the like filled from the case played before, or this one."""
    if isinstance(value, Mapping):
        return {key: filled(each, told) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, told) for each in value]
    if not isinstance(value, str):
        return value
    return OF_CASE.sub(lambda found: told[found[1]](found[2]) if found[1] in told else found[0], value)


def _own_numbers(value: Any, people: str) -> Any:
    """The value with other identity numbers: same birth date and sex, a prefix that `people` and the old one give.

    The registers know a person by this number, and the families of several examples share one office.
    """
    if isinstance(value, Mapping):
        return {key: _own_numbers(each, people) for key, each in value.items()}
    if isinstance(value, list):
        return [_own_numbers(each, people) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and ID_NUMBER.fullmatch(str(value)):
        return _own_number(str(value), people)
    return ID_NUMBER.sub(lambda found: _own_number(found[0], people), value) if isinstance(value, str) else value


def _own_number(number: str, people: str) -> str:
    if ric.calc_check_digit(number) != number[-1]:
        return number  # the example means it to be refused
    chosen = int(hashlib.sha256(f"{people}:{number}".encode()).hexdigest(), 16)
    prefix, sequence = 100000 + chosen % 900000, chosen // 900000 % 100
    new = f"{prefix}{number[6:14]}{sequence:02d}{number[16]}"
    return new + ric.calc_check_digit(f"{new}0")


def _replaced(value: Any, names: Mapping[str, str]) -> Any:
    """The value with every name of the example replaced, in lists and rows too."""
    if not names or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {key: _replaced(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, names) for each in value]
    if isinstance(value, int):
        return names.get(str(value), value)
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new)
    return value
