"""The ladder of acts as a deadline nears and passes: reminder, yellow, red, 督办; each rung once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.clock.errors import RegisterInvalid
from engine.clock.rungs import Kind, Ladders, load_ladders
from engine.people import places

if TYPE_CHECKING:
    from engine.cases.runtime import Runtime

FILE = "ladder.toml"
HOLDER, UNIT = "holder", "unit"  # who has the work in hand; the unit that has it


def ladders(runtime: Runtime) -> Ladders:
    """The ladders that this office has, as they stand in its policy now."""
    return load_ladders(runtime.root / "processes" / "policy" / FILE)


def drawn(runtime: Runtime, deadline: Mapping[str, Any]) -> tuple[int | None, Kind | None]:
    """Number and kind of the rung that the diagram itself does as a deadline runs out; nothing where it does none."""
    rungs = ladders(runtime).of(deadline)
    return next(((number, rung.kind) for number, rung in enumerate(rungs) if rung.drawn), (None, None))


def check(policy: Path, roles: Collection[str], limits: Collection[str]) -> None:
    """Whether the table in the folder `policy` names only known limits, roles and places; else `RegisterInvalid`."""
    path = policy / FILE
    known = load_ladders(path)
    for limit_id, rungs in known.rungs.items():
        where = f"时限“{limit_id}”的阶梯" if limit_id else "其余时限的阶梯"
        if limit_id and limit_id not in limits:
            raise RegisterInvalid(
                path, where, f"时限登记表中没有编号“{limit_id}”。请核对编号，或先在 limits.toml 中登记。"
            )
        for post in (post for rung in rungs for post in rung.tell if post != HOLDER):
            _check_post(path, where, post, roles)
    for role in known.urge.roles:
        _check_role(path, "[urge] 的 roles ", role, roles)
    for post in known.urge.senders:
        _check_post(path, "[urge] 的 senders ", post, roles)


def _check_post(path: Path, where: str, post: str, roles: Collection[str]) -> None:
    role, at, place = post.partition("@")
    if not at:
        raise RegisterInvalid(path, where, f"“{post}”应为 {HOLDER} 或 岗位@地点，例如 deputy_head@{UNIT}。")
    _check_role(path, where, role, roles)
    if place != UNIT and not places.is_known(place):
        raise RegisterInvalid(path, where, f"没有地点“{place}”，可以写 {UNIT}（承办单位）或流程图所用的地点。")


def _check_role(path: Path, where: str, role: str, roles: Collection[str]) -> None:
    if role not in roles:
        raise RegisterInvalid(path, where, f"角色表 roles.toml 中没有“{role}”，请核对拼写。")
