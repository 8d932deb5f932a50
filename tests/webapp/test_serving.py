"""The program that serves the pages, started as the command does it."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from engine.cases import Runtime
from tests.support.app import ROOT, free_port


def wait_for(address: str, server: subprocess.Popen[str]) -> str:
    """The page, as soon as it is served."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"not served: {server.communicate()[1] if server.poll() is not None else 'too slow'}")


def test_it_serves_in_silence_and_keeps_its_key_to_itself(furnished: tuple[Runtime, Path], tmp_path: Path) -> None:
    for folder in ("processes", "forms"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    shutil.copy(furnished[1], tmp_path / "office.db")
    port = free_port()
    command = [sys.executable, "-m", "webapp", "--db", f"sqlite:///{tmp_path / 'office.db'}"]
    server = subprocess.Popen(
        [*command, "--root", str(tmp_path), "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert "申请救助" in wait_for(f"http://127.0.0.1:{port}/", server)
    finally:
        server.terminate()
        output, errors = server.communicate(timeout=20)
    assert (output, errors) == ("", "")
    key = tmp_path / "var" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) == 64
