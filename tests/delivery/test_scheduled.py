"""The scheduler delivers by itself, and a gateway that hangs holds up neither deadlines nor other channels."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.cases import Runtime
from engine.delivery.outlets import Outlets
from engine.store import tables
from scheduler import clock
from tests.delivery.test_routing import phone, remind, tell
from tests.support.office import Office, moment
from tests.support.outside import Gateway, MailServer

Open = Callable[..., Outlets]
NOW = moment("2026-03-12 10:00")


@contextmanager
def scheduled(runtime: Runtime) -> Iterator[None]:
    """The scheduler runs until the end of the block."""
    scheduler = clock.make(runtime, background=True, now=lambda: NOW, every_seconds=0.05)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()


def wait_for(true: Callable[[], object], seconds: float = 10) -> bool:
    """Whether it comes true in this time."""
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return bool(true())


def at_root(office: Office, tmp_path: Path) -> Runtime:
    """The office's runtime in the folder that has the channels' settings."""
    return replace(office.runtime, root=tmp_path / "root")


def test_a_reminder_is_made_and_sent_by_itself(
    small_office: Office, outlets: Open, gateway: Gateway, tmp_path: Path
) -> None:
    outlets(gateway.settings)
    phone(small_office, "zhao", "13900000001")
    small_office.start("line")
    with scheduled(at_root(small_office, tmp_path)):
        assert wait_for(lambda: gateway.taken)
        assert wait_for(lambda: small_office.rows(tables.delivery, status="sent"))
    assert small_office.row(tables.heartbeat)["at"] == NOW


def test_a_gateway_that_hangs_delays_nobody(
    small_office: Office, outlets: Open, gateway: Gateway, mail_server: MailServer, tmp_path: Path
) -> None:
    boxes = '[mailboxes]\nzhen = "zhen@example.org"\n'
    outlets(gateway.settings.replace("timeout = 1", "timeout = 4") + mail_server.settings + boxes)
    gateway.delay = 3
    case = small_office.start("line")
    for number in range(6):
        tell(small_office, case, f"m{number}", created_at=NOW)
    with scheduled(at_root(small_office, tmp_path)):
        assert wait_for(lambda: gateway.busy)
        remind(small_office, case, key="r", created_at=NOW - timedelta(minutes=1))
        assert wait_for(lambda: small_office.rows(tables.history, act="fired"), 2)
        assert wait_for(lambda: mail_server.messages, 2)
        assert gateway.busy
    left = small_office.rows(tables.delivery, status="waiting", channel="sms")
    assert left, "the word to stop ends the run after the letters under way"


def test_wrong_settings_stop_the_messages_but_not_the_deadlines(
    small_office: Office, outlets: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outlets()
    (tmp_path / "root" / "var" / "delivery.toml").write_text("[sms", encoding="utf-8")
    small_office.start("line")
    with scheduled(at_root(small_office, tmp_path)):
        assert wait_for(lambda: small_office.rows(tables.history, act="fired"))
    assert "delivery.toml 的格式" in caplog.text
    assert {row["sent_at"] for row in small_office.rows(tables.outbox)} == {None}
