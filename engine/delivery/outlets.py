"""The channels of this installation: var/delivery.toml says how each is reached; one that it doesn't name is a file.

Kept apart from the policy because it holds passwords and differs between installations.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from engine.delivery import toml
from engine.delivery.errors import SettingsInvalid
from engine.delivery.file import FileSink
from engine.delivery.letter import Channel
from engine.delivery.mail import Mail, Security
from engine.delivery.policy import Policy, Way, read_policy
from engine.delivery.webhook import Webhook

FILE = Path("var") / "delivery.toml"
SINK = Path("var") / "outbox"
MAX_TIMEOUT = 60  # seconds; far less than the time after which a sender is given up
MAX_SENDERS = 16
FROM_ENVIRONMENT = "env:"
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_MOBILE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class Outlet:
    """A channel that is ready: the policy's view of it, how it is reached, and how many letters go at once."""

    way: Way
    channel: Channel
    senders: int = 1


@dataclass(frozen=True)
class Outlets:
    """All channels, and the mailboxes of accounts and units by their ids."""

    policy: Policy
    outlets: Mapping[str, Outlet]
    mailboxes: Mapping[str, str] = field(default_factory=dict)


def open_outlets(root: Path) -> Outlets:
    """Read both files below `root`; `SettingsInvalid` says what to mend. Nothing is contacted."""
    policy, path = read_policy(root), root / FILE
    content = toml.read(path) if path.exists() else {}
    mailboxes = content.pop("mailboxes", {})
    if not isinstance(mailboxes, dict):
        raise SettingsInvalid(path, "[mailboxes]", '应为一段，每行写 编号 = "邮箱"')
    if strange := [name for name in content if name not in policy.ways]:
        raise SettingsInvalid(path, f"[{strange[0]}]", "channels.toml 里没有这个渠道，请核对名称")
    for owner, address in mailboxes.items():
        if not mailbox(address):
            raise SettingsInvalid(path, f"[mailboxes] {owner}", "不是邮箱地址")
    sink = FileSink(root / SINK)
    ready = {
        name: _outlet(path, way, content[name]) if name in content else Outlet(way, sink)
        for name, way in policy.ways.items()
    }
    return Outlets(policy, ready, mailboxes)


def mailbox(text: object) -> str | None:
    """A mailbox as such; None for anything else."""
    return text if isinstance(text, str) and _MAILBOX.fullmatch(text) else None


def mobile(text: str | None) -> str | None:
    """The eleven digits of a mobile telephone of the mainland; None for anything else."""
    digits = re.sub(r"[\s\-－—()（）]", "", text or "").removeprefix("+86")
    return digits if _MOBILE.fullmatch(digits) else None


def _outlet(path: Path, way: Way, row: object) -> Outlet:
    where = f"[{way.id}]"
    kind = row.get("kind") if isinstance(row, dict) else None
    if kind not in _MAKERS:
        raise SettingsInvalid(path, where, f"kind 应为 {'、'.join(_MAKERS)} 之一")
    required, optional, make = _MAKERS[kind]
    row = toml.check(path, where, row, {"kind": str, **required}, {"timeout": float, "senders": int, **optional})
    row = {name: _secret(path, where, value) for name, value in row.items() if name != "kind"}
    senders = row.pop("senders", 2)
    if not 1 <= senders <= MAX_SENDERS or not 1 <= row.get("timeout", 1) <= MAX_TIMEOUT:
        raise SettingsInvalid(path, where, f"senders 应为 1 到 {MAX_SENDERS}，timeout 应为 1 到 {MAX_TIMEOUT}（秒）")
    return Outlet(way, make(path, where, row), senders)


def _secret(path: Path, where: str, value: Any) -> Any:
    """`env:NAME` stands for what the environment holds, so that a password needn't lie in a file."""
    if not isinstance(value, str) or not value.startswith(FROM_ENVIRONMENT):
        return value
    name = value.removeprefix(FROM_ENVIRONMENT)
    if name not in os.environ:
        raise SettingsInvalid(path, where, f"环境变量 {name} 没有设置")
    return os.environ[name]


def _mail(path: Path, where: str, row: dict[str, Any]) -> Channel:
    if row.get("security", "tls") not in get_args(Security):
        raise SettingsInvalid(path, where, f"security 应为 {'、'.join(get_args(Security))} 之一")
    if not mailbox(row["sender"]):
        raise SettingsInvalid(path, where, "sender 不是邮箱地址")
    return Mail(**row)


def _webhook(path: Path, where: str, row: dict[str, Any]) -> Channel:
    plain = row.pop("plain_http", False)
    address = urlsplit(row["url"])
    if address.scheme not in (("http", "https") if plain else ("https",)) or not address.hostname:
        raise SettingsInvalid(path, where, "url 应以 https:// 开头（内网确需明文的，加 plain_http = true）")
    if len(row["secret"]) < 16:
        raise SettingsInvalid(path, where, "secret 至少 16 位，与网关约定同一个")
    return Webhook(**row)


_MAKERS: dict[str, tuple[dict[str, type], dict[str, type], Any]] = {
    "mail": (
        {"host": str, "port": int, "sender": str},
        {"security": str, "user": str, "password": str},
        _mail,
    ),
    "webhook": ({"url": str, "secret": str}, {"plain_http": bool}, _webhook),
}
