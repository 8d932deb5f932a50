"""The world outside for tests: a gateway that takes signed requests and a mail server, both real, on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SECRET = "a secret both sides know"


@dataclass
class Gateway:
    """What it has been sent, and what it answers: the next of `answers` (status, headers), then 200."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    delay: float = 0
    drips: bool = False  # sends its answer one byte at a time
    requests: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # what was wrong with a request
    busy: int = 0
    busiest: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def taken(self) -> dict[str, dict[str, Any]]:
        """What a gateway that knows keys has passed on: by key, once each."""
        return {request["key"]: request for request in self.requests if request["answer"] == 200}

    @property
    def settings(self) -> str:
        """A section for var/delivery.toml."""
        return (
            f'[sms]\nkind = "webhook"\nurl = "http://127.0.0.1:{self.port}/sms"\nplain_http = true\n'
            f'secret = "{SECRET}"\ntimeout = 1\n'
        )

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Gateway]:
        """A gateway that answers until the end of the block."""
        gateway = cls()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gateway.answer(self)

            def do_GET(self) -> None:
                gateway.refused.append("GET")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        gateway.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Check the signature as the documentation says, remember, and answer."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        moment = request.headers["X-Jiuzhu-Timestamp"]
        wanted = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        with self._lock:
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
            status, headers = self.answers.pop(0) if self.answers else (200, {})
            if request.headers["X-Jiuzhu-Signature"] != f"sha256={wanted}":
                self.refused.append("signature")
                status = 401
            content = json.loads(body)
            if request.headers["Idempotency-Key"] != content["key"]:
                self.refused.append("key")
            self.requests.append({**content, "answer": status, "moment": int(moment)})
        time.sleep(self.delay)
        with self._lock:
            self.busy -= 1
        try:
            self._reply(request, status, headers)
        except OSError:  # the other side has hung up
            request.close_connection = True

    def _reply(self, request: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
        if self.drips:
            for sign in b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 200:
                request.wfile.write(bytes([sign]))
                time.sleep(0.1)
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()


@dataclass
class MailServer:
    """What it has taken; `refuses` are answers by recipient ("550 no such user")."""

    port: int = 0
    messages: list[Envelope] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    password: str = ""
    controller: Controller | None = None

    @property
    def settings(self) -> str:
        """A section for var/delivery.toml."""
        return (
            f'[mail]\nkind = "mail"\nhost = "127.0.0.1"\nport = {self.port}\n'
            'sender = "notice@example.org"\nsecurity = "none"\ntimeout = 2\n'
        )

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[MailServer]:
        """A server that can be stopped and started until the end of the block."""
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            server = cls(port=int(one.getsockname()[1]))
        server.start()
        try:
            yield server
        finally:
            server.stop()

    def start(self) -> None:
        options: dict[str, Any] = {}
        if self.password:
            options = {"auth_require_tls": False, "auth_required": True, "authenticator": self._authenticator()}
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()

    def stop(self) -> None:
        if self.controller:
            self.controller.stop()
            self.controller = None

    def _authenticator(self) -> Callable[..., AuthResult]:
        def check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
            good = isinstance(data, LoginPassword) and data.password == self.password.encode()
            return AuthResult(success=good, handled=False)

        return check

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.messages.append(envelope)
        return self.answer
