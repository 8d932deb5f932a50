"""The provincial system's server: takes signed messages, decides by itself, and calls back with signed answers."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from waitress.server import create_server

from engine.clock.days import day_of
from engine.delivery import exchange
from engine.province import signing
from engine.province.errors import SignatureInvalid
from engine.province.system import judge
from engine.province.system.judge import Verdict
from engine.province.system.ledger import Ledger

MOST_BYTES = 1024 * 1024
TRIES = 8  # of a callback; afterwards the district has to ask
PAUSE = 0.1
log = logging.getLogger("jiuzhu.province.system")
Answered = Callable[[str, list[tuple[str, str]]], object]


@dataclass
class Moods:
    """How it behaves; may be changed while it runs. Times in seconds, `down` and `silent` count messages to come."""

    slow: float = 0  # before a message is acknowledged by HTTP
    think: float = 0  # between receipt and decision
    down: int = 0  # so many requests are answered 503
    silent: int = 0  # so many messages are taken and never answered, until they come again
    duplicate: bool = False  # every answer is sent twice
    out_of_order: bool = False  # the receipt comes after the decision
    contradict: bool = False  # a second decision says the opposite
    mute: bool = False  # nothing is called back: the district has to ask


@dataclass
class Province:
    """A provincial system; `callback` is where the district hears its answers, `now` its clock."""

    secret: str
    callback: str
    ledger: Ledger
    moods: Moods = field(default_factory=Moods)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _stop: threading.Event = field(default_factory=threading.Event)

    # -- what is asked of it

    def __call__(self, environ: dict[str, Any], start: Answered) -> Iterable[bytes]:
        """WSGI: POST /api/messages, POST /api/inquiries."""
        status, content = self._serve(environ)
        body = json.dumps(content, ensure_ascii=False).encode()
        start(status, [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [body]

    def _serve(self, environ: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        doors = {"/api/messages": self._message, "/api/inquiries": self._inquiry}
        door = doors.get(str(environ.get("PATH_INFO")))
        if door is None or environ.get("REQUEST_METHOD") != "POST":
            return "404 Not Found", {"error": "没有这个接口"}
        if self.moods.down > 0:
            self.moods.down -= 1
            return "503 Service Unavailable", {"error": "系统维护中"}
        size = str(environ.get("CONTENT_LENGTH") or "0")
        if not size.isdecimal() or int(size) > MOST_BYTES:
            return "413 Content Too Large", {"error": "数据太大"}
        body = environ["wsgi.input"].read(int(size))
        given = {signing.MOMENT: str(environ.get("HTTP_X_JIUZHU_TIMESTAMP") or "")}
        given[signing.SIGNATURE] = str(environ.get("HTTP_X_JIUZHU_SIGNATURE") or "")
        try:
            signing.check(given, body, self.secret, self.now())
            content = json.loads(body)
        except SignatureInvalid as problem:
            return "401 Unauthorized", {"error": problem.message}
        except ValueError:
            return "400 Bad Request", {"error": "不是合格的 JSON"}
        return door(content) if isinstance(content, dict) else ("400 Bad Request", {"error": "应为一个对象"})

    def _message(self, content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        key, digest, kind = (content.get(name) for name in ("key", "digest", "kind"))
        known = ("新增", *judge.CHANGES, *judge.NOTED)
        if not isinstance(key, str) or not isinstance(digest, str) or kind not in known:
            return "422 Unprocessable Content", {"error": "缺少 key、digest，或者 kind 不认识"}
        time.sleep(self.moods.slow)
        taken = self.ledger.take(key, digest, content)
        if taken == "other":
            return "409 Conflict", {"error": "同一编号的内容不同"}
        if taken == "new" and self.moods.silent > 0:
            self.moods.silent -= 1
        else:
            self._consider(key, content)
        return "202 Accepted", {"received": key}

    def _inquiry(self, content: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        keys = content.get("keys")
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            return "422 Unprocessable Content", {"error": "缺少 keys"}
        return "200 OK", {"answers": self.ledger.answers_to(keys, self.now().timestamp())}

    # -- what it decides

    def _consider(self, key: str, content: Mapping[str, Any]) -> None:
        """Decide once; asked again, send the same answers again."""
        now = self.now()
        if self.ledger.answers_to([key], now.timestamp() + 10**9):
            self.ledger.repeat(key)
            return
        id_no = str((content.get("person") or {}).get("idNo") or "")
        receives, dead = self.ledger.person(id_no)
        if content["kind"] in judge.NOTED:
            gone = content["kind"] == "死亡"
            self.ledger.mark(id_no, receives=False, dead=dead or gone)
            self._answer(key, 1, Verdict("已登记"), now.timestamp())
            return
        if found := judge.faults(content, day_of(now)):
            self._answer(key, 1, Verdict("退回", reason="；".join(found)), now.timestamp())
            return
        verdict = judge.decide(content, day_of(now), receives=receives, dead=dead)
        if verdict.kind == "同意":
            self.ledger.mark(id_no, receives=content["kind"] != "停发", dead=dead)
        first, last = now.timestamp(), now.timestamp() + self.moods.think
        if self.moods.out_of_order:
            first, last = last + PAUSE * 3, now.timestamp()
        self._answer(key, 1, Verdict("受理"), first)
        self._answer(key, 2, verdict, last)
        if self.moods.contradict:
            other = (
                Verdict("不同意", reason="复核后不同意")
                if verdict.kind == "同意"
                else Verdict("同意", "", "50", "2026-01")
            )
            self._answer(key, 3, other, last + PAUSE * 3)

    def _answer(self, key: str, number: int, verdict: Verdict, due: float) -> None:
        answer = {
            "id": f"{key}/{number}",
            "key": key,
            "kind": verdict.kind,
            "number": f"川龄{key.partition('-')[0][-12:]}",
            "level": verdict.level,
            "amount": verdict.amount,
            "startMonth": verdict.start_month,
            "reason": verdict.reason,
        }
        self.ledger.answer(answer, due)

    # -- how it answers

    def work(self) -> None:
        """Call back with what is due, until `stop`."""
        while not self._stop.is_set():
            for answer in [] if self.moods.mute else self.ledger.due(self.now().timestamp(), TRIES):
                sent = self._call_back(answer)
                if sent and self.moods.duplicate:
                    self._call_back(answer)
                self.ledger.tried(answer["id"], sent=sent, now=self.now().timestamp())
            self._stop.wait(PAUSE)

    def stop(self) -> None:
        """Answer nothing more."""
        self._stop.set()

    def _call_back(self, answer: Mapping[str, str]) -> bool:
        body = json.dumps(answer, ensure_ascii=False).encode()
        try:
            heads = signing.headers(body, self.secret, self.now())
            reply = exchange.post(self.callback, body, heads, 10)
        except exchange.FAILURES as problem:
            log.info("%s could not be called back: %s", answer["id"], problem)
            return False
        return 200 <= reply.status < 300


def serve(province: Province, host: str, port: int) -> tuple[Any, int]:
    """A server for it, and the port it listens at; `server.run()` serves until `server.close()`."""
    server: Any = create_server(province, host=host, port=port, threads=8, ident=None)
    return server, int(server.effective_port)
