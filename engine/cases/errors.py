"""Everything a verb can refuse, on one page; `message` is what the user reads."""

from __future__ import annotations

from datetime import datetime

from forms.submission import Reading


class CaseError(Exception):
    """Base of what a verb refuses; nothing has been changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CaseNotFound(CaseError):
    """No such case, or none that the actor has a role in: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__("没有找到这件办件，请核对编号；不在您的办理范围内的办件不会显示")


class ReasonNeeded(CaseError):
    """The actor may look into the case only for a reason that is kept in its history."""

    def __init__(self, case_id: int) -> None:
        super().__init__("查阅这件办件要先写明理由，理由记入办理经过")
        self.case_id = case_id


class TaskNotFound(CaseError):
    """No such task, or none that the actor has a role in."""

    def __init__(self) -> None:
        super().__init__("没有找到这项待办；不在您岗位上的待办不会显示")


class TaskAlreadyClosed(CaseError):
    """Somebody else has completed it, or the case has moved on; `due`: when its own limit ended."""

    def __init__(self, by_name: str | None, at: datetime | None, due: datetime | None = None) -> None:
        why = f"{'期限已过，' if at and due and due <= at else ''}办件已流转或撤回"
        super().__init__(f"这一步已由{by_name}办结" if by_name else f"这一步已不需要办理（{why}）")
        self.by_name = by_name
        self.at = at


class NotYourTask(CaseError):
    """The actor may see the task but not do it; the message says why."""


class CaseSuspended(CaseError):
    """Another task of the case must be finished first."""

    def __init__(self, name: str) -> None:
        super().__init__(f"办件正在办理「{name}」，办结之前其他环节暂停")


class FormRejected(CaseError):
    """The form has errors; the reading holds them by input name and what was typed."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(f"有 {len(reading.errors)} 处需要更正")
        self.reading = reading


class MessageNotWaited(CaseError):
    """The case doesn't wait for this message (any more)."""

    def __init__(self) -> None:
        super().__init__("办件当前阶段不能登记此事项，请刷新后查看办理进度")


class ProcedureNotOpen(CaseError):
    """The procedure doesn't exist or this actor may not start it."""

    def __init__(self) -> None:
        super().__init__("没有这个申请事项，或者您的岗位不能发起")


class StepConflict(CaseError):
    """Another step of the same case came first; try again."""

    def __init__(self) -> None:
        super().__init__("这件办件刚刚被别人更新，请刷新后重试，您填写的内容没有丢失")


class StepFailed(CaseError):
    """The diagram could not go on; everything was rolled back."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"流程无法继续：{reason}。本次提交没有保存，请联系系统管理员")
        self.reason = reason


class ActNotFound(CaseError):
    """No such 催办 or other act, or it belongs to a case in which the actor has no role."""

    def __init__(self) -> None:
        super().__init__("没有找到这件催办，请从消息或办件页面重新进入；不在您的办理范围内的不会显示")


class UrgeRefused(CaseError):
    """The task can't be urged, by this actor or now; the message says why."""


class HandingRefused(CaseError):
    """The task can't be handed to this person, by this actor or at all; the message says why."""


class ReplyRefused(CaseError):
    """The act can't be answered by this actor, or any more; the message says why."""


class WordsWrong(CaseError):
    """What was typed is missing or too long; the message says which."""
