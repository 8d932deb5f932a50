"""Every failure of this package on one page; messages are written for the person who must act on them."""

from __future__ import annotations

from collections.abc import Sequence


class PeopleError(Exception):
    """Base of all errors of this package; `message` is Chinese and fit to be shown."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnitUnknown(PeopleError):
    """A unit id that isn't in the tree: `unit_id`."""

    def __init__(self, unit_id: str) -> None:
        super().__init__(f"没有编号为「{unit_id}」的单位。请核对编号，或在 processes/places 中登记后重新载入。")
        self.unit_id = unit_id


class RoleUnknown(PeopleError):
    """A role that isn't in roles.toml: `role`."""

    def __init__(self, role: str) -> None:
        super().__init__(f"没有名为「{role}」的角色。请核对名称，或在 processes/policy/roles.toml 中登记。")
        self.role = role


class AccountUnknown(PeopleError):
    """An account that doesn't exist: `account_id`."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"没有登录名为「{account_id}」的账号。请核对登录名。")
        self.account_id = account_id


class AccountTaken(PeopleError):
    """A sign-in name that is in use: `account_id`."""

    def __init__(self, account_id: str) -> None:
        super().__init__(f"登录名「{account_id}」已被使用。请换一个登录名。")
        self.account_id = account_id


class AccountIdUnfit(PeopleError):
    """A sign-in name with other signs than allowed: `account_id`."""

    def __init__(self, account_id: str) -> None:
        super().__init__(
            f"登录名「{account_id}」不符合要求。请以小写字母开头，用 2 至 64 个小写字母、数字、下划线、点或短横线。"
        )
        self.account_id = account_id


class PasswordUnfit(PeopleError):
    """A password that is too short, too long or too easily guessed."""


class PostBackwards(PeopleError):
    """A post that ends before it begins: `account_id`, `role`, `unit_id`."""

    def __init__(self, account_id: str, role: str, unit_id: str) -> None:
        super().__init__(
            f"账号「{account_id}」在单位「{unit_id}」的角色「{role}」结束日期早于开始日期。请核对这两个日期。"
        )
        self.account_id, self.role, self.unit_id = account_id, role, unit_id


class PlacesInvalid(PeopleError):
    """A file of units, people, roles or rules of sight that can't be used: `path`, `where`, `problem`."""

    def __init__(self, path: object, where: str, problem: str) -> None:
        super().__init__(f"{path} 中{where}有误：{problem}")
        self.path, self.where, self.problem = str(path), where, problem


class UnitsInCircle(PeopleError):
    """Units that lie above one another: `unit_ids`."""

    def __init__(self, unit_ids: Sequence[str]) -> None:
        super().__init__(f"单位的上下级关系成了环：{'、'.join(unit_ids)}。请更正它们的上级单位。")
        self.unit_ids = tuple(unit_ids)
