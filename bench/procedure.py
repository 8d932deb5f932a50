"""What each step of a real procedure costs: every completion of 全程网办, at the verb and over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import EnvironBuilder

from bench.counting import Counter, Sample
from bench.office import ROOT
from bench.steps import Browser, state_bytes
from engine import cases
from engine.cases import Entries, Runtime, Step, scenario, views
from engine.cases.scenario.file import moment
from engine.people.actor import Actor

EXAMPLE = "processes/full_online/scenarios/approved_without_objection.yaml"
ROUNDS = 3


class Measured(scenario.Run):
    """The example, with every completion measured: at the verb, or through the pages."""

    def __init__(self, runtime: Runtime, example: scenario.Scenario, counter: Counter, *, pages: bool) -> None:
        super().__init__(runtime, example)
        self.counter, self.pages = counter, pages
        self.completes = Sample()
        self.browsers: dict[str, Browser] = {}
        self.now = moment(example.start["at"])

    def _do(self, where: str, this: Mapping[str, Any], now: datetime) -> tuple[str, str]:
        self.now = now
        task = self._open_task(where, this["do"], this.get("by"), now)
        actor = self._cast.holder(task, this.get("by"), now)
        with self.runtime.store.transaction(write=False) as session:
            page = views.task(Step(self.runtime, session, actor, now), task["id"])
        entries = self._cast.entries(page.form, self._cast.values(this), page.options, now)
        if self.pages:
            self._send(actor, task["id"], entries)
        else:
            with self.completes.measured(self.counter), cases.step(self.runtime, actor, now) as step_now:
                cases.complete(step_now, task["id"], entries, self._key())
        self.completes.bytes = max(self.completes.bytes, state_bytes(self.runtime, self.report.case_id))
        return str(task["name"]), actor.name

    def _send(self, actor: Actor, task_id: str, entries: Entries) -> None:
        browser = self.browsers.get(actor.account_id)
        if browser is None:
            browser = self.browsers[actor.account_id] = Browser(self.runtime, lambda: self.now)
            browser.sign_in(actor.account_id, "jiuzhu-2026")
        own = {"csrf_token": [browser.token], "key": [self._key()]}
        sent: MultiDict[str, Any] = MultiDict({**entries.fields, **own})
        for name, uploads in entries.uploads.items():
            for upload in uploads:
                sent.add(name, FileStorage(io.BytesIO(upload.content), upload.filename))
        builder = EnvironBuilder(f"/desk/tasks/{task_id}", method="POST", data=sent, content_type="multipart/form-data")
        builder.headers["Cookie"] = browser.cookie
        environ = builder.get_environ()
        with self.completes.measured(self.counter):
            status, _, text = browser.answer(environ)
        assert status.startswith("302"), (status, text[-2000:])


def benchmark(runtime: Runtime, database: str) -> Iterator[dict[str, Any]]:
    """Rows `verb.complete.full_online` and `http.complete.full_online`: medians, most statements of a step."""
    example = scenario.read(ROOT / EXAMPLE)
    counter = Counter(runtime)
    for pages in (False, True):
        everything = Sample()
        for _ in range(ROUNDS):
            run = Measured(runtime, example, counter, pages=pages)
            report = run.play()
            assert report.ok, report.failure
            everything.add(run.completes)
        yield everything.row(f"{'http' if pages else 'verb'}.complete.full_online", len(everything.cpu_ms), database)
