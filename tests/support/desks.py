"""The whole office at its desks: an example played by people in front of browsers, or quickly by the same verbs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from engine.cases import complete, scenario, step, views
from engine.cases.entries import Entries, options
from engine.cases.scenario.cast import filled
from engine.cases.scenario.look import Look
from engine.cases.scenario.run import OWN, TODAY, of_day
from engine.clock.days import day_of
from engine.people import accounts
from engine.store import tables
from engine.store.referrals import referral
from forms import samples
from scheduler.clock import wake
from tests.support.app import World
from tests.support.browsing import fill_in, open_task, send, sign_in
from tests.support.pages import WatchedPage


class Office:
    """Everybody at their own computer; the example says who does what when."""

    def __init__(self, world: World, open_page: Callable[..., WatchedPage], folder: Path, example: Path) -> None:
        self.world, self.open_page, self.folder = world, open_page, folder
        self.desks: dict[str, WatchedPage] = {}
        self.example = scenario.read(example)
        self.number = ""

    def at(self, account: str) -> WatchedPage:
        """The browser of this account, signed in."""
        if account not in self.desks:
            self.desks[account] = self.open_page()
            sign_in(self.desks[account], account)
        return self.desks[account]

    def move_clock(self, at: Any) -> datetime:
        """It is now this time, and the scheduler has done what was due."""
        self.world.clock.now = scenario.moment(at)
        wake(self.world.runtime, self.world.clock.now)
        return self.world.clock.now

    def answers(
        self, form: Any, said: Mapping[str, Any], places: Mapping[str, str], case_id: int = 0
    ) -> tuple[Any, Any]:
        """What the example says for a form, of this case if it exists already, and plausible answers for the rest."""
        used = said.get("use") or []
        families = [self.example.samples[name] for name in ([used] if isinstance(used, str) else used)]
        given = {key: value for each in (*families, said.get("with") or {}) for key, value in each.items()}
        now, runtime = self.world.clock.now, self.world.runtime
        if case_id:
            facts = Look(runtime, case_id, now).facts()
            own = {OWN: lambda name: str(facts.get(name) or ""), TODAY: lambda name: of_day(name, now)}
            given = filled(given, own)
        with runtime.store.transaction(write=False) as session:
            offered = options(form, session, runtime, places, now)
        return samples.entries(form, given, offered, day_of(now))

    def open_row(self, node_id: str, by: str | None, item: str = "") -> Mapping[str, Any]:
        """The open task of a node, of this account if several have one; of an item of an application that is split."""
        t, r = tables.task, referral
        query = select(t).where(t.c.node_id == node_id, t.c.status == "open").order_by(t.c.created_at)
        if item:
            query = query.join(r, r.c.instance == t.c.instance).where(r.c.item_id == item)
        with self.world.runtime.store.transaction(write=False) as session:
            rows = [{**row} for row in session.execute(query).mappings()]
        assert rows, f"{node_id} is not open at {self.world.clock.now}"
        return next((row for row in rows if by and row["assignee"] == by), rows[0])

    def holder(self, task: Mapping[str, Any]) -> str:
        """Who does it when the example doesn't say."""
        p = tables.post
        query = select(p.c.account_id).where(p.c.role == task["role"], p.c.unit_id == task["unit_id"])
        with self.world.runtime.store.transaction(write=False) as session:
            return str(task["assignee"] or session.execute(query.order_by(p.c.account_id)).scalars().first())

    def submitted(self, form_id: str) -> Mapping[str, Any]:
        """What was sent last with a form."""
        s = tables.submission
        query = select(s.c["values"]).where(s.c.form_id == form_id).order_by(s.c.id.desc())
        with self.world.runtime.store.transaction(write=False) as session:
            return dict(session.execute(query.limit(1)).scalar_one())

    def case(self, number: str = "") -> Mapping[str, Any]:
        """The one case, or the one with this number."""
        c = tables.case
        query = select(c).where(c.c.number == number) if number else select(c)
        with self.world.runtime.store.transaction(write=False) as session:
            return {**session.execute(query).mappings().one()}

    def do(self, said: Mapping[str, Any], look: Callable[[Page], None] = lambda page: None) -> None:
        """One task in the browser, from the inbox to its end; `look` sees its page before anything is filled in."""
        task = self.open_row(said["do"], said.get("by"), said.get("of", ""))
        page = self.at(said.get("by") or self.holder(task))
        open_task(page, task["name"], task["case_number"])
        look(page)
        fill_in(page, *self._filled(task, said), self.folder)
        send(page)

    def do_quickly(self, said: Mapping[str, Any]) -> None:
        """The same without a browser, by the verb that the page calls."""
        task = self.open_row(said["do"], said.get("by"), said.get("of", ""))
        now = self.world.clock.now
        with self.world.runtime.store.transaction(write=False) as session:
            actor = accounts.find(session, said.get("by") or self.holder(task), day_of(now))
        assert actor
        texts, uploads = self._filled(task, said)
        with step(self.world.runtime, actor, now) as this:
            complete(this, task["id"], Entries(texts, uploads), secrets.token_hex(16))

    def _filled(self, task: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[Any, Any]:
        case = self.case(task["case_number"])
        with self.world.runtime.store.transaction(write=False) as session:
            deployment = self.world.runtime.deployment(session, case["deployment_id"])
        places = views.places_of_task(case, task)
        return self.answers(deployment.forms[task["form_id"]], said, places, case["id"])
