"""A start and a completion, at the verb and over HTTP, for lines of 10, 50 and 200 tasks and for full_online."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from bench.counting import Counter, Sample
from bench.office import CLERK, FIELDS, LINES
from engine import cases
from engine.cases import Entries, Runtime
from engine.clock.days import day_of
from engine.people import accounts
from engine.store import tables
from webapp.app import create_app, utcnow

STARTS = 20


def verb(runtime: Runtime, database: str) -> Iterator[dict[str, Any]]:
    """Rows `verb.start`, `verb.complete` and `verb.complete.at` (the tenth and the last of each line)."""
    counter, now = Counter(runtime), datetime.now(UTC)
    with runtime.store.transaction(write=False) as session:
        clerk = accounts.find(session, CLERK, day_of(now))
    assert clerk is not None
    for count in LINES:
        starts, completes = Sample(), Sample()
        for number in range(STARTS):
            with starts.measured(counter), cases.step(runtime, clerk, now) as this:
                done = cases.start(this, f"line{count}", Entries(FIELDS), f"v{count}-{number}")
        starts.bytes = state_bytes(runtime, done.case_id)
        task_id = done.opened[0]["id"]
        sizes = []
        for number in range(count):
            with completes.measured(counter), cases.step(runtime, clerk, now) as this:
                done = cases.complete(this, task_id, Entries(FIELDS), f"v{count}c{number}")
            sizes.append(state_bytes(runtime, done.case_id))
            task_id = done.opened[0]["id"] if done.opened else ""
        completes.bytes = max(sizes)
        yield starts.row("verb.start", count, database)
        yield completes.row("verb.complete", count, database)
        yield from _at("verb.complete", count, database, completes)


def _at(name: str, count: int, database: str, sample: Sample) -> Iterator[dict[str, Any]]:
    """The mean of the steps around the tenth and at the end: does a case grow dearer with age?"""
    for step in sorted({10, count}):
        near = slice(max(0, step - 10), step)
        part = Sample(sample.cpu_ms[near], sample.wall_ms[near], sample.statements[near], sample.commits[near])
        yield part.row(f"{name}.line{count}.at", step, database)


def state_bytes(runtime: Runtime, case_id: int) -> int:
    """How large a case's stored state is."""
    with runtime.store.transaction(write=False) as session:
        c = tables.case
        return int(session.execute(select(func.length(c.c.state)).where(c.c.id == case_id)).scalar_one())


class Browser:
    """Speaks WSGI to the app as a browser would: cookies, tokens, redirects; no socket in between."""

    def __init__(self, runtime: Runtime, clock: Callable[[], datetime] = utcnow) -> None:
        self.app = create_app(runtime, secret_key="bench", clock=clock)
        self.cookie = ""
        self.token = ""

    def request(
        self, method: str, path: str, fields: dict[str, list[str]] | None = None
    ) -> tuple[str, dict[str, str], str]:
        """Status, headers and body of one request."""
        body = urlencode(fields or {}, doseq=True).encode()
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "HTTP_COOKIE": self.cookie,
        }
        return self.answer(environ)

    def answer(self, environ: dict[str, Any]) -> tuple[str, dict[str, str], str]:
        """What the app answers; the cookie is kept."""
        answer: dict[str, Any] = {}

        def begin(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
            answer.update(status=status, headers=headers)
            return lambda _written: None

        text = b"".join(self.app(environ, begin)).decode()
        for name, value in answer["headers"]:
            if name == "Set-Cookie":
                self.cookie = value.partition(";")[0]
        return answer["status"], dict(answer["headers"]), text

    def sign_in(self, account: str, password: str) -> None:
        """Sign in and keep the token that every form carries."""
        _, _, page = self.request("GET", "/sign-in")
        fields = {"csrf_token": [self._token(page)], "account": [account], "password": [password]}
        status, _, page = self.request("POST", "/sign-in", fields)
        assert status.startswith("302"), (status, page)
        _, _, page = self.request("GET", "/desk/posts")
        self.token = self._token(page)

    def _token(self, page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page
        return found[1]


def http(runtime: Runtime, database: str) -> Iterator[dict[str, Any]]:
    """Rows `http.start` and `http.complete`: session, form validation, step and redirect."""
    browser = Browser(runtime)
    browser.sign_in(CLERK, "jiuzhu-2026")
    counter = Counter(runtime)
    for count in LINES:
        starts, completes = Sample(), Sample()
        for number in range(STARTS):
            fields = {**FIELDS, "csrf_token": [browser.token], "key": [f"h{count}-{number}"]}
            with starts.measured(counter):
                status, _, page = browser.request("POST", f"/desk/register/line{count}", fields)
            assert status.startswith("302"), (status, page)
        for number in range(count):
            task_id = _open_task(runtime)
            fields = {**FIELDS, "csrf_token": [browser.token], "key": [f"h{count}c{number}"]}
            with completes.measured(counter):
                status, _, page = browser.request("POST", f"/desk/tasks/{task_id}", fields)
            assert status.startswith("302"), (status, page)
        yield starts.row("http.start", count, database)
        yield completes.row("http.complete", count, database)
        yield from _at("http.complete", count, database, completes)
    inbox = Sample()
    for _ in range(STARTS):
        with inbox.measured(counter):
            browser.request("GET", "/desk/?which=posts")
    yield inbox.row("http.inbox", STARTS, database)


def _open_task(runtime: Runtime) -> str:
    """The open task of the newest case."""
    t = tables.task
    with runtime.store.transaction(write=False) as session:
        newest = select(func.max(t.c.case_id)).scalar_subquery()
        return str(session.execute(select(t.c.id).where(t.c.status == "open", t.c.case_id == newest)).scalar_one())
