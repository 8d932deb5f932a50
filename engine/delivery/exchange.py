"""One HTTP request outside, bounded in time and size: hides connections, TLS and receivers that answer drop by drop."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MOST_BYTES = 4 * 1024 * 1024
FAILURES = (OSError, http.client.HTTPException)  # what `post` raises when there is no answer


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other side answered; `wait` is its `Retry-After`."""

    status: int
    wait: str | None = None
    body: bytes = field(default=b"", repr=False)


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float, *, read: bool = False) -> Reply:
    """Post it once; redirects aren't followed. `timeout` bounds the whole exchange, in seconds; raises FAILURES.

    The answer's body is read only with `read`, at most MOST_BYTES of it.
    """
    address = urlsplit(url)
    connection = _connection(address.scheme, address.hostname or "", address.port, timeout)
    cut = threading.Timer(timeout, _cut, [connection])
    cut.daemon = True
    cut.start()
    try:
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, answer.getheader("Retry-After"), answer.read(MOST_BYTES) if read else b"")
    finally:
        cut.cancel()
        connection.close()


def host(url: str) -> str:
    """Whom a message to an operator may name: host and port, no user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _connection(scheme: str, host: str, port: int | None, timeout: float) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout)
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())


def _cut(connection: http.client.HTTPConnection) -> None:
    """End the exchange from another thread: whoever reads gets an error at once."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):  # it has just ended by itself
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # not TLS's own, which would wait for an answer
