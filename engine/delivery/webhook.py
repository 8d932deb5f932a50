"""The channel to gateways for SMS and WeChat: one signed HTTPS request a letter; hides the protocol.

The gateway gets the letter as JSON with these headers:
`Idempotency-Key` – the letter's key, the same at every attempt: take it once, answer 200 again;
`X-Jiuzhu-Timestamp` – seconds since 1970; refuse what is older than a few minutes;
`X-Jiuzhu-Signature` – `sha256=` and the HMAC-SHA256, in hex, of timestamp, a full stop and the body.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

from engine.clock.days import local
from engine.delivery import exchange
from engine.delivery.errors import Permanent, Temporary
from engine.delivery.letter import Letter

# The letter itself is at fault; every other refusal is about the gateway or our settings and may be mended.
ABOUT_THE_LETTER = frozenset({400, 406, 410, 411, 413, 414, 415, 422})
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Webhook:
    """A gateway at `url`; `secret` signs. `timeout` bounds the whole exchange, in seconds."""

    url: str
    secret: str
    timeout: float = 10

    def send(self, letter: Letter) -> None:
        """Post it once; redirects aren't followed, for the address they name is nobody's we know."""
        body = to_json(letter)
        try:
            reply = exchange.post(self.url, body, headers(letter, body, self.secret), self.timeout)
        except exchange.FAILURES as error:
            raise Temporary(f"网关 {self._host} 没有应答（{type(error).__name__}）") from error
        if 200 <= reply.status < 300:
            return
        if 300 <= reply.status < 400:
            raise Permanent(f"网关 {self._host} 要求转到别的地址（{reply.status}），已拒绝；请核对网址")
        if reply.status in ABOUT_THE_LETTER:
            raise Permanent(f"网关 {self._host} 不接受这条消息（{reply.status}）")
        raise Temporary(f"网关 {self._host} 暂时不可用（{reply.status}）", _wait(reply.wait, letter.at))

    @property
    def _host(self) -> str:
        return exchange.host(self.url)


def to_json(letter: Letter) -> bytes:
    """The body of the request."""
    content = {
        "key": letter.key,
        "channel": letter.channel,
        "address": letter.address,
        "kind": letter.kind,
        "title": letter.title,
        "text": letter.text,
        "number": letter.number,
        "at": local(letter.at).isoformat(timespec="seconds"),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def headers(letter: Letter, body: bytes, secret: str) -> dict[str, str]:
    """What says who sends this, when, and that it is the same letter as before."""
    moment = str(int(letter.at.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "jiuzhu",
        "Idempotency-Key": letter.key,
        "X-Jiuzhu-Timestamp": moment,
        "X-Jiuzhu-Signature": f"sha256={sign(secret, moment, body)}",
    }


def sign(secret: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over moment, full stop and body, in hex."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, sha256).hexdigest()


def _wait(text: str | None, now: datetime) -> timedelta | None:
    """`Retry-After` as an amount of time: seconds or a date; None for anything else."""
    if not text:
        return None
    if text.strip().isdecimal():
        return min(timedelta(seconds=int(text.strip()[:7])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)
