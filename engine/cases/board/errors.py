"""Everything the board can refuse."""

from __future__ import annotations

from engine.cases.errors import CaseError


class BoardClosed(CaseError):
    """None of the actor's roles oversees others (`board` in policy/roles.toml)."""

    def __init__(self) -> None:
        super().__init__("监督看板只对分管负责人、主要负责人和县、市两级民政部门的监督岗位开放")


class NotOnBoard(CaseError):
    """No such unit, procedure, diagram or view, or none in the actor's sight: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__("看板上没有这一项；不在您监督范围内的单位和办件不会显示")


class FilterNotUnderstood(CaseError):
    """A filter has a value that it can't have."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"地址里的条件「{name}」写成了「{value[:40]}」，看不懂。请从看板重新点进来")


class ListTooLong(CaseError):
    """More rows than one file may hold."""

    def __init__(self, total: int, most: int) -> None:
        super().__init__(f"清单共 {total} 行，一次最多导出 {most} 行。请先按单位、事项或者灯色缩小范围，再分几次导出")


class ViewRejected(CaseError):
    """A view can't be kept like this; the message says why."""
