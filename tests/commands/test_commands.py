"""The program `jiuzhu` as its user meets it, and every command that the README promises."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from engine.commands import COMMANDS, main
from engine.people import accounts
from engine.store.database import open_store

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMISED = re.findall(r"^python3 dev\.py jiuzhu ([^#\n]+)", README, re.MULTILINE)


def test_the_readme_promises_only_commands_that_exist() -> None:
    assert PROMISED
    assert {shlex.split(line)[0] for line in PROMISED} <= set(COMMANDS)
    assert {"run", "test", "check", "bench"} <= set(re.findall(r"python3 dev\.py (\w+)", README))


def test_the_deadline_of_the_readme_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = [line for line in PROMISED if line.startswith("deadline")]
    promised = re.search(r"jiuzhu deadline .*→ (\S+)", README)
    assert promised
    assert main(shlex.split(line)) == 0
    assert capsys.readouterr().out.strip() == promised[1]


def test_our_own_processes_pass_the_gate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(ROOT / "processes"), str(ROOT / "forms")]) == 0
    assert "没有发现问题" in capsys.readouterr().out


def test_our_own_diagrams_are_drawn_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layout", "--check", str(ROOT / "processes")]) == 0, capsys.readouterr().out


def test_deploying_twice_changes_nothing_the_second_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = f"sqlite:///{tmp_path}/office.db"
    assert main(["deploy", "--db", database]) == 0
    assert main(["deploy", "--db", database]) == 0
    assert main(["verify", "--db", database]) == 0
    said = capsys.readouterr().out
    assert "已部署第 1 版" in said
    assert "没有变化，仍是第 1 版" in said
    assert "没有被改动" in said


def test_the_first_administrator_gets_an_account_at_the_console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"sqlite:///{tmp_path}/office.db"
    assert main(["deploy", "--db", database]) == 0
    opening = ["account", "open", "--db", database, "guan_li"]
    assert main([*opening, "管理", "qiupu"]) == 1
    assert "秋浦街道没有“系统管理员”这个岗位" in capsys.readouterr().err
    for arguments in ([*opening, "管理", "guichi"], ["account", "reset", "--db", database, "guan_li"]):
        assert main(arguments) == 0
        password = capsys.readouterr().out.partition("初始密码 ")[2].partition("，")[0]
        with closing(open_store(database)) as store, store.transaction(write=False) as session:
            account = accounts.sign_in(session, "guan_li", password, date(2026, 3, 2))
        assert account
        assert account.initial
        assert account.actor.holds("administrator", "guichi")
    assert main([*opening, "管理", "guichi"]) == 1
    assert "已被使用" in capsys.readouterr().err


def test_a_diagram_with_an_error_is_not_deployed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("processes/policy", "processes/places"):
        (tmp_path / part).mkdir(parents=True)
        for file in (ROOT / part).glob("*.toml"):
            (tmp_path / part / file.name).write_bytes(file.read_bytes())
    (tmp_path / "forms" / "definitions").mkdir(parents=True)
    (tmp_path / "processes" / "bad.bpmn").write_text(
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
        '<bpmn:process id="bad" name="坏流程" isExecutable="true"><bpmn:startEvent id="s"/>'
        '<bpmn:scriptTask id="run_me" name="跑脚本"/></bpmn:process></bpmn:definitions>',
        encoding="utf-8",
    )
    assert main(["deploy", "--root", str(tmp_path), "--db", f"sqlite:///{tmp_path}/x.db"]) == 1
    said = capsys.readouterr().err
    assert "没有通过检查" in said
    assert "bad.bpmn" in said


def test_a_scenario_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    path = ROOT / "processes/full_online/scenarios/approved_without_objection.yaml"
    assert main(["scenario", str(path)]) == 0
    assert "作出审批决定" in capsys.readouterr().out


def test_a_missing_file_is_said_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "/nowhere/x.yaml"]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_serve_prepares_everything_answers_and_stops_cleanly(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = serve(tmp_path / "s.db", port)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            page = wait_for(f"http://127.0.0.1:{port}/", server)
        finally:
            server.send_signal(signal.SIGTERM)
            said, _ = server.communicate(timeout=20)
    assert "申请救助" in page
    assert "已部署第 1 版" in said
    assert "Traceback" not in said


def test_serve_says_when_its_port_is_taken_and_touches_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            serve(tmp_path / "x.db", port), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 1
    assert f"http://127.0.0.1:{port} 正被别的程序占用" in done.stderr
    assert not (tmp_path / "x.db").exists()


def serve(file: Path, port: int) -> list[str]:
    """The command that serves a database on a port."""
    return [sys.executable, "-m", "engine.commands", "serve", "--db", f"sqlite:///{file}", "--port", str(port)]


def wait_for(address: str, server: subprocess.Popen[str]) -> str:
    until = time.monotonic() + 90
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not answer")
