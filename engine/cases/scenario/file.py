"""How a dated example is written: one YAML file a scenario, values shared in `_samples.yaml` beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from engine.clock.days import SHANGHAI

SAMPLES = "_samples.yaml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where the package has it: ten times as fast
TOP = frozenset({"alone", "name", "procedure", "clauses", "note", "start", "steps"})
START = frozenset({"at", "by", "channel", "use", "with", "like", "until", "about", "before", "clock", "register"})
ABOUT = frozenset({"like", "until"})
STEP = frozenset(
    {
        *("at", "do", "all", "message", "in", "by", "use", "with", "refused", "expect", "note", "of"),
        *("register", "province", "holiday", "outage"),
    }
)


class ScenarioError(Exception):
    """A scenario that can't be read, or that didn't go as it says; `str()` names file, step and what differs."""


@dataclass(frozen=True)
class Scenario:
    """One dated example: where it lies, what it is about, its start and its steps.

    The first `borrowed` steps are those of the example that it begins `like`; what that one expects isn't repeated.
    One that counts what others leave behind is played `alone`, in an office of its own.
    With `moved_from`, the day on which that example begins, they are moved to this example's own start.
    """

    path: Path
    name: str
    procedure: str
    clauses: tuple[str, ...]
    start: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    samples: Mapping[str, Any]
    borrowed: int = 0
    alone: bool = False
    moved_from: date | None = None


def find(paths: list[Path]) -> Iterator[Scenario]:
    """All scenarios in files and folders; a scenario file lies in a folder `scenarios`."""
    for path in paths:
        files = sorted(p for p in path.rglob("*.yaml") if p.parent.name == "scenarios") if path.is_dir() else [path]
        for each in files:
            if not each.name.startswith("_"):
                yield read(each)


def read(path: Path) -> Scenario:
    """A scenario from its file; `ScenarioError` names what is written wrongly, and where."""
    return _read(path, ())


def _read(path: Path, borrowers: tuple[Path, ...]) -> Scenario:
    if path in borrowers:
        raise ScenarioError(f"{path}：like 绕了一圈又回到自己，请让其中一个例子从头写起")
    content = _load(path)
    _check_keys(path, "文件", content, TOP)
    try:
        start, steps = dict(content["start"] or {}), [dict(step) for step in content["steps"]]
        found = Scenario(
            path=path,
            name=str(content["name"]),
            procedure=str(content["procedure"]),
            clauses=tuple(content.get("clauses", ())),
            start=start,
            steps=tuple(steps),
            samples=_load(path.parent / SAMPLES) if (path.parent / SAMPLES).exists() else {},
            alone=bool(content.get("alone", False)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ScenarioError(f"{path}：缺少或写错了 {error}，请对照 processes/README.md") from error
    _check_keys(path, "start", start, START)
    for key in ("about", "before"):
        _check_keys(path, key, dict(start.get(key) or {}), ABOUT)
    for number, step in enumerate(steps, 1):
        _check_step(path, number, step)
    return _begin_like(found, (*borrowers, path)) if "like" in start else found


def moment(value: Any) -> datetime:
    """`2026-03-02` (09:00) or `2026-03-02 10:30` in Asia/Shanghai, as aware UTC; `ValueError` otherwise."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=SHANGHAI).astimezone(UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(9), SHANGHAI).astimezone(UTC)
    text = str(value).strip()
    return moment(datetime.fromisoformat(text) if len(text) > len("2026-03-02") else date.fromisoformat(text))


def _load(path: Path) -> dict[str, Any]:
    """The content of a file; read once as long as it stays as it is: hundreds of examples share their values."""
    try:
        found = path.stat()
        content = _parsed(path, found.st_mtime_ns, found.st_size)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScenarioError(f"{path}：读不出来（{error}）") from error
    if not isinstance(content, dict):
        raise ScenarioError(f"{path}：应当是「名称: 内容」的 YAML，请对照 processes/README.md")
    return content


@lru_cache(maxsize=2048)
def _parsed(path: Path, _changed: int, _size: int) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 (it is a safe one)


def _check_keys(path: Path, where: str, found: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := [str(key) for key in found if key not in known]:
        raise ScenarioError(f"{path} {where}：不认识 {'、'.join(unknown)}，可以写：{'、'.join(sorted(known))}")


def _check_step(path: Path, number: int, step: Mapping[str, Any]) -> None:
    where = f"第 {number} 步"
    _check_keys(path, where, step, STEP)
    try:
        moment(step["at"])
    except (KeyError, ValueError) as error:
        raise ScenarioError(f"{path} {where}：at 要写日期和时间，例如 2026-03-02 10:30") from error
    happens = {"do", "message", "expect", "register", "province", "holiday", "outage"}
    if not happens & set(step) or {"do", "message"} <= set(step):
        known = "do（办哪一步）、message（登记什么）、expect（应当怎样）、register（台账变动）、"
        known += "province（省系统答复）、holiday（放假通知）或 outage（系统停机）"
        raise ScenarioError(f"{path} {where}：要写 {known}之一")


def _begin_like(own: Scenario, borrowers: tuple[Path, ...]) -> Scenario:
    """The scenario with the first steps of the one that it begins like, up to `until`, before its own."""
    other = _read(own.path.parent / str(own.start["like"]), borrowers)
    if other.moved_from:
        raise ScenarioError(f"{own.path}：{other.path.name} 自己就是照别的例子挪了日期的，请直接照它所照的那一个")
    until = moment(own.start["until"]) if "until" in own.start else None
    first = [
        {key: value for key, value in step.items() if key != "expect"}
        for step in other.steps
        if {"do", "message", "register"} & set(step) and (until is None or moment(step["at"]) <= until)
    ]
    values = {**dict(other.start.get("with") or {}), **dict(own.start.get("with") or {})}
    names = [*as_list(other.start.get("use")), *as_list(own.start.get("use"))]
    start = {**other.start, **own.start, "use": names, "with": values}
    moved = moment(other.start["at"]).astimezone(SHANGHAI).date() if "at" in own.start else None
    return Scenario(
        own.path,
        own.name,
        own.procedure,
        own.clauses,
        start,
        (*first, *own.steps),
        own.samples,
        borrowed=len(first),
        alone=own.alone,
        moved_from=moved,
    )


def as_list(value: Any) -> list[str]:
    """One name or several, as written under `use`."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)
