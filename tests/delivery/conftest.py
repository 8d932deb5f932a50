"""The small office of tests/support, and the outside world: a gateway and a mail server on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.delivery.outlets import Outlets, open_outlets
from tests.support.outside import Gateway, MailServer

POLICY = """
stale_days = 7
retry_minutes = [1, 5, 30]

[[channel]]
id = "sms"
name = "短信"
address = "phone"
hours = ["08:00", "20:00"]

[[channel]]
id = "mail"
name = "邮件"
address = "mail"

[[rule]]
to = "applicant"
channels = ["sms"]
text = "您的申请{number}有新的进展：{title}。请向{unit}咨询。"

[[rule]]
kinds = ["催办"]
to = "staff"
channels = ["sms", "mail"]
text = "{title}（办件{number}）：{text}"
"""


@pytest.fixture
def outlets(tmp_path: Path) -> Callable[..., Outlets]:
    """Opens the channels of an installation whose var/delivery.toml holds this text."""

    def open_them(settings: str = "", policy: str = POLICY) -> Outlets:
        root = tmp_path / "root"
        (root / "processes" / "policy").mkdir(parents=True, exist_ok=True)
        (root / "var").mkdir(exist_ok=True)
        (root / "processes" / "policy" / "channels.toml").write_text(policy, encoding="utf-8")
        (root / "var" / "delivery.toml").write_text(settings, encoding="utf-8")
        return open_outlets(root)

    return open_them


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway for SMS that checks what it gets."""
    with Gateway.running() as one:
        yield one


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server for the house."""
    with MailServer.running() as one:
        yield one
