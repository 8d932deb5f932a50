"""A whole office for tests: a real database with places, demo people and deployed processes, and its pages."""

from __future__ import annotations

import re
import shutil
import socket
import struct
import threading
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from waitress.server import create_server
from werkzeug.test import TestResponse

from engine.cases import Runtime, demo
from engine.cases.entries import options
from engine.cases.runtime import LiveCases
from engine.clock.days import day_of
from engine.store.database import open_store
from forms import samples
from tests.support.pages import WatchedPage, close_pages
from webapp.app import create_app
from webapp.security import limiter

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "jiuzhu-2026"
MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # 09:30 in Chizhou
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')


@dataclass
class Clock:
    """The time of the tests, moved by hand."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Desk:
    """A browser without scripts at one of the office's pages."""

    client: FlaskClient
    account: str = ""
    page: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def get(self, address: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(address, buffered=True, **options))

    def post(self, address: str, fields: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the token and, unless given, the key of the page seen last."""
        sent = {"csrf_token": self.token}
        if key := KEY.search(self.page):
            sent["key"] = key[1]
        return self._seen(self.client.post(address, data={**sent, **(fields or {})}, **options))

    def _seen(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.status_code != 302:
            self.page = response.text
            if token := TOKEN.search(self.page):
                self.token = token[1]
        return response


@dataclass
class World:
    """The office: its engine, pages and clock."""

    runtime: Runtime
    app: Flask
    clock: Clock

    def visitor(self) -> Desk:
        """Somebody without an account."""
        return Desk(self.app.test_client())

    def desk(self, account: str) -> Desk:
        """A signed-in member of staff."""
        desk = Desk(self.app.test_client(), account)
        desk.get("/sign-in")
        answer = desk.post("/sign-in", {"account": account, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return desk


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Path]]:
    """An office with everything in it but cases, and the file of its database, to be copied."""
    file = tmp_path_factory.mktemp("office") / "office.db"
    runtime = demo.empty_office(f"sqlite:///{file}", ROOT)
    with runtime.store.transaction(write=False) as session:
        runtime.current(session)  # read the diagrams and forms once for all tests
    settled(runtime)
    yield runtime, file
    runtime.store.close()


@pytest.fixture
def world(furnished: tuple[Runtime, Path], tmp_path: Path) -> Iterator[World]:
    """A fresh office on Monday morning."""
    with copied(*furnished, tmp_path) as opened:
        yield opened


@contextmanager
def copied(runtime: Runtime, file: Path, folder: Path, now: datetime = MONDAY) -> Iterator[World]:
    """The office of a database's file, copied to `folder` to be changed, with its pages at a moment."""
    shutil.copy(file, folder / "office.db")
    own = replace(runtime, store=open_store(f"sqlite:///{folder / 'office.db'}"), live=LiveCases())
    clock = Clock(now)
    app = create_app(own, secret_key="test", clock=clock, drafts=folder / "drafts")
    limiter.reset()
    yield World(own, app, clock)
    own.store.close()


def settled(runtime: Runtime) -> None:
    """Let all that was written stand in the database's file, so that it can be copied."""
    with runtime.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def site(world: World, opened: list[WatchedPage]) -> Iterator[str]:
    """The office on a port of this machine, for real browsers; gives its address."""
    port = free_port()
    with running(create_server(world.app, host="127.0.0.1", port=port, threads=4)):
        yield f"http://127.0.0.1:{port}"
        close_pages(opened)


@contextmanager
def running(server: Any) -> Iterator[None]:
    """Let a server of waitress answer on a thread of its own, and stop it without an error in that thread."""
    thread = threading.Thread(target=server.run)
    thread.start()
    yield
    server.task_dispatcher.shutdown()  # requests under way are answered first

    def close() -> None:
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.close()

    server.trigger.pull_trigger(close)  # in the loop's own thread: a socket closed under its select is an error
    thread.join(timeout=10)
    assert not thread.is_alive()


# --- what people bring along --------------------------------------------------------------------------------------


def draw_png(width: int = 60, height: int = 40, *, lines: int = 20) -> bytes:
    """A picture with some strokes on it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    blank = b"\xff" * 3 * width
    stroke = b"\xff" * 30 + b"\x00" * 30 + b"\xff" * (3 * width - 60)
    rows = b"".join(b"\x00" + (stroke if row < lines else blank) for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def signature() -> str:
    """What the signing field of a browser holds after a stroke."""
    return "data:image/png;base64," + b64encode(draw_png()).decode()


def photo(name: str = "身份证.png") -> tuple[BytesIO, str]:
    """A picture to upload."""
    return BytesIO(draw_png(lines=7)), name


def application(**changes: Any) -> dict[str, Any]:
    """A complete application for 低保, as a browser sends it; `changes` by input name, None to omit."""
    village = {"hukouVillage": "qiupu_huxin", "residenceVillage": "qiupu_huxin"}
    fields: dict[str, Any] = {
        "itemId": "低保",
        "applyMode": "本人",
        "originTownship": "qiupu",
        "reasonCode": "疾病",
        "reasonText": "本人患慢性病，常年服药，没有稳定收入。",
        "needs": ["基本生活", "医疗"],
        "applicantName": "韦小宝",
        "idNo": "11010519491231002X",
        "nation": "01",
        "marital": "10",
        "education": "70",
        "phone": "13800000001",
        "hukouType": "1",
        "hukouRegion": "qiupu",
        "hukouAddress": "湖心路 1 号",
        "residenceRegion": "qiupu",
        "residenceAddress": "湖心路 1 号",
        "residenceSince": "2001-05-01",
        **village,
        "members-0-name": "韦小宝",
        "members-0-idNo": "11010519491231002X",
        "members-0-relation": "01",
        "members-0-isCoLiving": "on",
        "members-0-labourAbility": "有劳动能力",
        "members-0-healthStatus": "1",
        "members-0-monthlyIncome": "300",
        "appliedSize": "1",
        "incomes-0-member": "韦小宝",
        "incomes-0-category": "1",
        "incomes-0-source": "零工",
        "incomes-0-amount": "3600",
        "bankName": "池州农商银行",
        "accountNo": "6222021302012345678",
        "accountName": "韦小宝",
        "nearRelativeDeclared": "否",
        "idCardFile": photo(),
        "privacyRead": "on",
        "consentSensitive": "on",
        "signatoryName": "韦小宝",
        "promiseSignature": signature(),
        "authSignature": signature(),
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


Register = Callable[..., int]


@pytest.fixture
def register(world: World) -> Register:
    """Register an application at the window of 秋浦街道; gives the case's id."""

    def register_one(**changes: Any) -> int:
        window = world.desk("qp_window")
        window.get("/desk/register/full_online")
        answer = window.post("/desk/register/full_online", application(**changes))
        assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)
        return int(answer.location.rsplit("/", 1)[1])

    return register_one


@pytest.fixture
def family(world: World) -> Desk:
    """A family that has applied from home and looks at its case."""
    home = world.visitor()
    home.get("/apply/full_online")
    answer = home.post("/apply/full_online", application())
    assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)
    home.get("/follow/case")
    return home


def answers(world: World, form_id: str, **given: Any) -> dict[str, Any]:
    """A form filled in plausibly, with these answers, as a browser sends it."""
    with world.runtime.store.transaction(write=False) as session:
        form = world.runtime.current(session)[1].forms[form_id]
        places = {"application_township": "qiupu", "hukou_township": "qiupu", "hukou_village": "qiupu_huxin"}
        offered = options(form, session, world.runtime, places, world.clock.now)
    texts, uploads = samples.entries(form, given, offered, day_of(world.clock.now))
    files = {name: [(BytesIO(each.content), each.filename) for each in given] for name, given in uploads.items()}
    return {**texts, **files}
