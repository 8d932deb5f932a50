"""What is wrong with a roster or what the bank answers; every message is Chinese and says what to do."""

from __future__ import annotations


class PaymentError(Exception):
    """Base; `str()` is Chinese."""


class RosterMoved(PaymentError):
    """The roster isn't what it was when it was frozen or signed."""

    def __init__(self, number: str) -> None:
        super().__init__(f"花名册 {number} 的内容与签名时不一致，不能继续；请重新核对、签名")
