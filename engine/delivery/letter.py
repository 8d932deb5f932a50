"""What a channel gets to send, and what a channel is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

# Identity numbers have 18 characters, bank accounts 15 to 19; numbers of cases and telephones have shorter runs.
_PRIVATE_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{14,18}[\dXx](?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address. `key` stays the same however often it is tried; `at` is the moment of this attempt.

    `address` is a telephone number or a mailbox, as the channel wants it; `number` is that of the case.
    """

    key: str
    channel: str
    address: str
    kind: str
    title: str
    text: str
    number: str
    at: datetime


class Channel(Protocol):
    """A way out of the house."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over; `Temporary` or `Permanent` when it wasn't taken."""


def harmless(text: str) -> str:
    """`text` in one line, with identity and bank numbers starred out, whoever wrote them there."""
    starred = _PRIVATE_NUMBER.sub(lambda found: "*" * 6 + found[0][-4:], text)
    return " ".join(starred.split())
