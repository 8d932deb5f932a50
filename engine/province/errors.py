"""Every failure of this package on one page."""

from __future__ import annotations


class ProvinceError(Exception):
    """Base of all errors of this package; `message` is Chinese and fit to be shown."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class AnswerInvalid(ProvinceError):
    """An answer lacks something or says what we don't know; nothing is kept of it."""


class SignatureInvalid(ProvinceError):
    """Not signed with the agreed secret, or too old: whoever sent it isn't the province."""
