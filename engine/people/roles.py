"""Hides the table of roles (processes/policy/roles.toml): who they are, where they sit, which cases they may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from engine.people import toml
from engine.people.errors import PlacesInvalid, RoleUnknown
from engine.people.units import KINDS

_REQUIRED = ("id", "name", "code", "kinds", "rows")
Rows = Literal["none", "own", "tasks", "unit", "subtree", "area"]
Notices = Literal["", "view", "confirm"]
Money = Literal["", "all", "reported"]


@dataclass(frozen=True, slots=True)
class Role:
    """One role of domain 2.3; `id` stands in diagrams, `code` in the documents, `kinds` are the units it sits in.

    `rows` says which cases it sees: none; own (the citizen's); tasks (those with a task for this role at this unit);
    unit (those its unit takes part in); subtree (its unit and all below); area (the unit above its own and all below).
    `board`: it oversees its unit and all below on the board.
    `reason`: it opens a case only after saying why, and that is kept in the case's history.
    `lapses`: so many days after its task was done the case is out of its sight; None: never (only for `tasks`).
    `alone`: of its tasks only those given to the account itself, not its colleagues' (only for `tasks`).
    `assign`: it hands work of its unit and all below from one person to another of the same post.
    `money` says which rosters of its units it sees: none, all, or those that were reported (domain 2.5).
    `accounts`: it keeps the accounts and posts of the civil affairs unit at or above its own and of all below.
    `calendar` says what it does with notices on days off: nothing, look at them, or import and confirm them.
    """

    id: str
    name: str
    code: str
    kinds: tuple[str, ...]
    rows: Rows
    public: bool = False
    read_only: bool = False
    board: bool = False
    calendar: Notices = ""
    reason: bool = False
    money: Money = ""
    assign: bool = False
    accounts: bool = False
    lapses: int | None = None
    alone: bool = False

    @property
    def case_data(self) -> bool:
        """Whether the role sees any case at all."""
        return self.rows != "none"

    @property
    def subtree(self) -> bool:
        """Whether the role sees more than its own unit's cases."""
        return self.rows in ("subtree", "area")


class Roles:
    """All roles by id, in the order of the file."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self._roles = dict(roles)

    def __iter__(self) -> Iterator[Role]:
        return iter(self._roles.values())

    def __contains__(self, role_id: object) -> bool:
        return role_id in self._roles

    def get(self, role_id: str) -> Role:
        """The role; raises `RoleUnknown`."""
        try:
            return self._roles[role_id]
        except KeyError:
            raise RoleUnknown(role_id) from None

    def name(self, role_id: str) -> str:
        """The Chinese name of a role."""
        return self.get(role_id).name


def read_roles(path: Path) -> Roles:
    """Read roles.toml; a missing key, an unknown kind of unit or a role written twice is `PlacesInvalid`."""
    roles: dict[str, Role] = {}
    for row in toml.rows(
        path,
        toml.read(path),
        "role",
        ("id", "name", "code", "kinds", "rows"),
        ("public", "read_only", "board", "calendar", "reason", "money", "assign", "accounts", "lapses", "alone"),
    ):
        role = Role(**{**row, "kinds": tuple(toml.texts(path, f"角色「{row['id']}」的 kinds ", row["kinds"]))})
        _check(path, role, roles)
        roles[role.id] = role
    return Roles(roles)


def _check(path: Path, role: Role, before: Mapping[str, Role]) -> None:
    where = f"角色「{role.id}」"
    if role.id in before:
        raise PlacesInvalid(path, where, "写了两次，请删去一个")
    if strange := [kind for kind in role.kinds if kind not in KINDS]:
        raise PlacesInvalid(path, where, f"单位类型 {'、'.join(strange)} 不存在，可用的是 {'、'.join(KINDS)}")
    if role.rows not in get_args(Rows):
        raise PlacesInvalid(path, where, f"rows 写的是「{role.rows}」，可用的是 {'、'.join(get_args(Rows))}")
    if role.lapses is not None and (role.rows != "tasks" or role.lapses not in range(3660)):
        raise PlacesInvalid(path, where, f"lapses 写的是「{role.lapses}」，应为天数，只用于 rows 为 tasks 的角色")
    if role.alone and role.rows != "tasks":
        raise PlacesInvalid(path, where, "写了 alone，只用于 rows 为 tasks 的角色")
    if role.calendar not in get_args(Notices):
        raise PlacesInvalid(
            path, where, f"calendar 写的是「{role.calendar}」，可用的是 view（查看）、confirm（导入和确认）"
        )
    if not role.kinds and not role.public:
        raise PlacesInvalid(path, where, "没有写明在哪类单位任职（kinds）")
    if role.money not in get_args(Money):
        raise PlacesInvalid(path, where, f"money 写的是「{role.money}」，可用的是 all（全部）、reported（已上报的）")
