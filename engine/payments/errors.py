"""What is wrong with a roster or with a file that was handed in; every message is Chinese and says what to do."""

from __future__ import annotations


class PaymentError(Exception):
    """Base; `str()` is Chinese."""


class SheetInvalid(PaymentError):
    """A file that can't be read, or lacks what it must say; `problems` are sentences, the first ones first."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("；".join(problems))


class RosterMoved(PaymentError):
    """The roster isn't what it was when it was frozen or signed."""

    def __init__(self, number: str) -> None:
        super().__init__(f"花名册 {number} 的内容与签名时不一致，不能继续；请重新核对、签名")
