"""Every failure of this package on one page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path


class DeliveryError(Exception):
    """Base of all errors of this package; `message` is Chinese and fit to be shown."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingsInvalid(DeliveryError):
    """channels.toml or delivery.toml can't be used: file, the place in it, what is wrong and what to do."""

    def __init__(self, path: Path, where: str, problem: str) -> None:
        super().__init__(f"{path.name} 的{where}：{problem}。")
        self.path, self.where = path, where


class OperatorsOnly(DeliveryError):
    """Somebody without the administrator's post asked for the operator's page."""

    def __init__(self) -> None:
        super().__init__("这一页由系统管理员使用。")


class DeliveryNotFound(DeliveryError):
    """No delivery (or incident) of this number waits for a decision: it has gone out, or somebody has decided."""

    def __init__(self) -> None:
        super().__init__("这一条已经处理过了，请刷新页面查看最新情况。")


class Temporary(DeliveryError):
    """The channel couldn't take the letter now; the same letter may be tried again, not before `wait` if given."""

    def __init__(self, message: str, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Permanent(DeliveryError):
    """The channel will never take this letter: trying again is of no use."""
