"""How the province is reached: var/province.toml or the environment, and the requests that go there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from engine.delivery import exchange, toml
from engine.delivery.errors import Permanent, SettingsInvalid, Temporary
from engine.province import signing

FILE = Path("var") / "province.toml"
POLICY = Path("processes") / "policy" / "province.toml"
URL, SECRET = "JIUZHU_PROVINCE_URL", "JIUZHU_PROVINCE_SECRET"  # what `serve --demo` sets
ABOUT_THE_MESSAGE = frozenset({400, 409, 413, 415, 422})  # other refusals may be mended at the other side
MOST_TIMEOUT = 60
SHORTEST_SECRET = 16


@dataclass(frozen=True)
class Link:
    """The province at `url`; `secret` signs both ways. `backoff`, `inquiries`: waits between attempts."""

    url: str
    secret: str
    timeout: float
    backoff: tuple[timedelta, ...]
    inquiries: tuple[timedelta, ...]

    def report(self, key: str, content: Mapping[str, Any], now: datetime) -> None:
        """Hand one message over; the same key at every attempt. `Temporary`, `Permanent` say why it wasn't taken."""
        self._post("/api/messages", {**content, "key": key}, now, {"Idempotency-Key": quote(key)})

    def inquire(self, keys: Sequence[str], now: datetime) -> list[Mapping[str, Any]]:
        """What the province has answered to these messages so far."""
        found = self._post("/api/inquiries", {"keys": list(keys)}, now, {})
        given = found.get("answers") if isinstance(found, dict) else None
        if not isinstance(given, list):
            raise Temporary(f"省系统 {self._host} 的回答看不懂")
        return [each for each in given if isinstance(each, dict)]

    @property
    def _host(self) -> str:
        return exchange.host(self.url)

    def _post(self, path: str, content: Mapping[str, Any], now: datetime, more: Mapping[str, str]) -> Any:
        body = json.dumps(content, ensure_ascii=False).encode()
        heads = {**signing.headers(body, self.secret, now), **more}
        try:
            reply = exchange.post(f"{self.url}{path}", body, heads, self.timeout, read=True)
        except exchange.FAILURES as error:
            raise Temporary(f"省系统 {self._host} 没有应答（{type(error).__name__}）") from error
        if 200 <= reply.status < 300:
            return _json(reply.body)
        said = _json(reply.body)
        reason = f"：{said['error'][:200]}" if isinstance(said, dict) and isinstance(said.get("error"), str) else ""
        if reply.status in ABOUT_THE_MESSAGE or 300 <= reply.status < 400:
            raise Permanent(f"省系统 {self._host} 不接受（{reply.status}）{reason}")
        raise Temporary(f"省系统 {self._host} 暂时不可用（{reply.status}）{reason}")


def open_link(root: Path) -> Link | None:
    """The link of this installation; None when nothing says where the province is. `SettingsInvalid`: what to mend.

    Nothing is contacted.
    """
    if not (root / POLICY).exists():
        return None
    backoff, inquiries = _policy(root / POLICY)
    path = root / FILE
    if URL in os.environ:
        row: dict[str, Any] = {"url": os.environ[URL], "secret": os.environ.get(SECRET, ""), "plain_http": True}
    elif path.exists():
        row = toml.check(
            path, "内容", toml.read(path), {"url": str, "secret": str}, {"plain_http": bool, "timeout": float}
        )
    else:
        return None
    address, timeout = urlsplit(row["url"]), row.get("timeout", 10)
    if address.scheme not in (("http", "https") if row.get("plain_http") else ("https",)) or not address.hostname:
        raise SettingsInvalid(path, " url", "应以 https:// 开头（内网确需明文的，加 plain_http = true）")
    if len(row["secret"]) < SHORTEST_SECRET:
        raise SettingsInvalid(path, " secret", f"至少 {SHORTEST_SECRET} 位，与省级约定同一个")
    if not 1 <= timeout <= MOST_TIMEOUT:
        raise SettingsInvalid(path, " timeout", f"应为 1 到 {MOST_TIMEOUT}（秒）")
    return Link(row["url"].rstrip("/"), row["secret"], timeout, backoff, inquiries)


def _policy(path: Path) -> tuple[tuple[timedelta, ...], tuple[timedelta, ...]]:
    row = toml.check(path, "内容", toml.read(path), {"retry_minutes": list, "inquire_minutes": list}, {})
    return _steps(path, "retry_minutes", row), _steps(path, "inquire_minutes", row)


def _steps(path: Path, name: str, row: Mapping[str, Any]) -> tuple[timedelta, ...]:
    minutes = row[name]
    good = minutes and all(type(each) is int and each > 0 for each in minutes)
    if not good or any(later < sooner for sooner, later in pairwise(minutes)):
        raise SettingsInvalid(path, name, "应为由小到大的分钟数，例如 [1, 5, 30]")
    return tuple(timedelta(minutes=each) for each in minutes)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
