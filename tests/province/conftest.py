"""An office with the real procedures, its pages on a real port, and a real provincial system beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from werkzeug.serving import make_server

from engine import cases
from engine.cases import Entries, Runtime, demo, scenario, sweep, views
from engine.clock.days import day_of
from engine.people import accounts
from engine.province import link, queue
from engine.province.link import Link, open_link
from engine.province.messages import A, M
from engine.province.system.ledger import Ledger
from engine.province.system.server import Moods, Province, serve
from engine.store import registers, tables
from forms import samples
from tests.support.app import ROOT, free_port, running
from tests.support.office import moment
from webapp.app import create_app

SECRET = "a secret that both sides know"
HANDHELD = ROOT / "processes" / "handheld" / "scenarios"


@dataclass
class Both:
    """Our office and the province, under one clock."""

    runtime: Runtime
    province: Province
    link: Link
    address: str
    now: datetime = field(default_factory=lambda: moment("2026-03-03 10:02"))

    def clock(self) -> datetime:
        return self.now

    def later(self, **much: float) -> None:
        self.now += timedelta(**much)

    def reported(self, until: str = "2026-03-03 10:02", **given: Any) -> int:
        """A case whose data waits to be sent; gives its id."""
        run = scenario.Run(
            self.runtime,
            scenario.read(HANDHELD / "granted_by_province.yaml"),
            overrides={"idNo": "100001194105060017", **given},  # 84 years old
            until=moment(until),
        )
        report = run.play()
        assert not report.failure
        return report.case_id

    def deliver(self) -> int:
        return queue.deliver(self.runtime, self.link, self.clock)

    def inquire(self) -> int:
        return queue.inquire(self.runtime, self.link, self.clock)

    def wake(self) -> None:
        sweep.wake_due(self.runtime, self.now)

    def do(self, case_id: int, node: str, who: str, values: Mapping[str, Any]) -> None:
        """Complete the case's task at this node."""
        t = tables.task
        query = select(t.c.id).where(t.c.case_id == case_id, t.c.node_id == node, t.c.status == "open")
        with self.runtime.store.transaction(write=False) as session:
            task_id = session.execute(query).scalar_one()
            actor = accounts.find(session, who, day_of(self.now))
        assert actor
        with cases.step(self.runtime, actor, self.now) as this:
            page = views.task(this, task_id)
            entries = Entries(*samples.entries(page.form, values, page.options, day_of(self.now)))
            cases.complete(this, task_id, entries, f"{task_id}:test")

    # -- how it stands

    def case(self, case_id: int) -> Mapping[str, Any]:
        return self._one(select(tables.case).where(tables.case.c.id == case_id))

    def open(self, case_id: int) -> list[str]:
        t = tables.task
        return [r["node_id"] for r in self.rows(select(t).where(t.c.case_id == case_id, t.c.status == "open"))]

    def messages(self, case_id: int) -> list[Mapping[str, Any]]:
        return self.rows(select(M).where(M.c.case_id == case_id).order_by(M.c.id))

    def answers(self, case_id: int) -> list[tuple[str, str]]:
        """Kind and what became of each answer, in the order of their coming."""
        query = select(A).join(M, M.c.id == A.c.message_id).where(M.c.case_id == case_id).order_by(A.c.id)
        return [(row["kind"], row["status"]) for row in self.rows(query)]

    def benefits(self, case_id: int) -> list[Mapping[str, Any]]:
        return self.rows(select(registers.benefit).where(registers.benefit.c.case_id == case_id))

    def told(self, case_id: int, role: str) -> list[str]:
        o = tables.outbox
        query = select(o).where(o.c.case_id == case_id, o.c.to_role == role).order_by(o.c.id)
        return [row["title"] for row in self.rows(query)]

    def rows(self, query: Any) -> list[Mapping[str, Any]]:
        with self.runtime.store.transaction(write=False) as session:
            return [{**row} for row in session.execute(query).mappings()]

    def _one(self, query: Any) -> Mapping[str, Any]:
        (row,) = self.rows(query)
        return row


def wait_for(what: Callable[[], object], seconds: float = 10) -> object:
    """What the other threads will have brought about; fails when it takes too long."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it didn't happen"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="session")
def real_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    runtime = demo.empty_office(f"sqlite:///{tmp_path_factory.mktemp('province') / 'office.db'}", ROOT)
    yield runtime
    runtime.store.close()


@pytest.fixture
def both(real_office: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Both]:
    """Office and province, both listening; the office's queue is emptied by hand."""
    at, port = free_port(), free_port()
    monkeypatch.setenv(link.URL, f"http://127.0.0.1:{port}")
    monkeypatch.setenv(link.SECRET, SECRET)
    found = open_link(ROOT)
    assert found
    with real_office.store.transaction() as session:
        session.execute(M.update().values(next_at=None, inquire_at=None, status="sent"))  # of earlier tests
    address = f"http://127.0.0.1:{at}/province/answers"
    province = Province(SECRET, address, Ledger(), Moods())
    both = Both(real_office, province, replace(found, timeout=1), address)
    province.now = both.clock
    app = create_app(real_office, secret_key="key", clock=both.clock, drafts=tmp_path, testing=True)
    pages = make_server("127.0.0.1", at, app, threaded=True)
    server, _ = serve(province, "127.0.0.1", port)
    for work in (pages.serve_forever, province.work):
        threading.Thread(target=work, daemon=True).start()
    with running(server):
        yield both
        province.stop()
    pages.shutdown()


def sample(name: str) -> dict[str, Any]:
    """Values of the examples."""
    found: dict[str, Any] = yaml.safe_load((HANDHELD / "_samples.yaml").read_text(encoding="utf-8"))[name]
    return found
