"""Where the province is: faults of the settings are said with file and place; the program of the other side."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.commands.province import run
from engine.delivery.errors import SettingsInvalid, Temporary
from engine.province import link
from engine.province.link import Link, open_link
from scheduler.clock import utc_now
from tests.support.app import ROOT, free_port

GOOD = 'url = "https://sheng.example.org"\nsecret = "0123456789abcdef"\n'
SECRET = "0123456789abcdef"


def installed(folder: Path, settings: str | None, policy: str | None = None) -> Link | None:
    """The link of an installation with these files."""
    (folder / "processes/policy").mkdir(parents=True)
    (folder / "var").mkdir()
    known = (ROOT / link.POLICY).read_text(encoding="utf-8")
    (folder / link.POLICY).write_text(policy if policy is not None else known, encoding="utf-8")
    if settings is not None:
        (folder / link.FILE).write_text(settings, encoding="utf-8")
    return open_link(folder)


def test_without_settings_there_is_no_link_and_nothing_fails(tmp_path: Path) -> None:
    assert installed(tmp_path, None) is None
    assert open_link(tmp_path / "nowhere") is None


def test_the_settings_name_the_province(tmp_path: Path) -> None:
    found = installed(tmp_path, GOOD)
    assert found
    assert (found.url, len(found.backoff)) == ("https://sheng.example.org", 5)


@pytest.mark.parametrize(
    "settings, said",
    [
        (GOOD.replace("https", "http"), "https://"),
        (GOOD.replace(SECRET, "short"), "至少 16 位"),
        (GOOD + "timeout = 600\n", "1 到 60"),
        (GOOD + 'colour = "red"\n', "colour"),
        ('url = "https://x"', "缺少 secret"),
        ("not toml", "TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, settings: str, said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        installed(tmp_path, settings)


def test_the_waits_must_grow(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="由小到大"):
        installed(tmp_path, GOOD, "retry_minutes = [5, 1]\ninquire_minutes = [1]\n")


def test_a_province_that_is_nowhere_is_a_temporary_trouble(tmp_path: Path) -> None:
    found = installed(tmp_path, f'url = "http://127.0.0.1:{free_port()}"\nsecret = "{SECRET}"\nplain_http = true\n')
    assert found
    with pytest.raises(Temporary, match="没有应答"):
        found.report("K-N1", {"kind": "新增"}, utc_now())


def test_the_program_of_the_province_wants_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(link.SECRET, raising=False)
    with pytest.raises(SettingsInvalid, match="至少 16 位"):
        run(argparse.Namespace())


def test_the_program_of_the_province_takes_messages_and_remembers_them_after_a_restart(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "engine.commands", "province", "--port", str(port), "--mute", "--think", "0"]
    command += ["--callback", "http://127.0.0.1:9/none", "--file", str(tmp_path / "province.db")]
    found = installed(tmp_path, f'url = "http://127.0.0.1:{port}"\nsecret = "{SECRET}"\nplain_http = true\n')
    assert found
    content = {"kind": "死亡", "digest": "d", "person": {"idNo": "100001194105060017"}}
    for _ in range(2):
        with subprocess.Popen(command, cwd=ROOT, env={**os.environ, link.SECRET: SECRET}) as province:
            try:
                reach(found, content)
                answers = found.inquire(["K-D1"], utc_now())
            finally:
                province.send_signal(signal.SIGTERM)
                assert province.wait(20) == 0
        assert [answer["kind"] for answer in answers] == ["已登记"]


def reach(found: Link, content: Mapping[str, Any]) -> None:
    """Report once the program listens."""
    for _ in range(150):
        try:
            return found.report("K-D1", content, utc_now())
        except Temporary:
            time.sleep(0.1)
    raise AssertionError("the province didn't start")
