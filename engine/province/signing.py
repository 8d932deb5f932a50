"""Both sides sign alike: HMAC-SHA256 with the agreed secret over the moment and the body, valid for a few minutes."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.delivery.webhook import sign
from engine.province.errors import SignatureInvalid

MOMENT, SIGNATURE = "X-Jiuzhu-Timestamp", "X-Jiuzhu-Signature"
FRESH = timedelta(minutes=5)


def headers(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers of a signed request."""
    moment = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "jiuzhu",
        MOMENT: moment,
        SIGNATURE: f"sha256={sign(secret, moment, body)}",
    }


def check(given: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """`SignatureInvalid` unless the request was signed with the secret within the last minutes."""
    moment, signature = given.get(MOMENT, ""), given.get(SIGNATURE, "")
    if not moment.isdecimal() or abs(now.timestamp() - int(moment[:12])) > FRESH.total_seconds():
        raise SignatureInvalid("签名的时间不对，请核对双方时钟")
    if not hmac.compare_digest(signature.encode(), f"sha256={sign(secret, moment, body)}".encode()):
        raise SignatureInvalid("签名不对，请核对密钥")
