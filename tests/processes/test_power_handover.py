"""权限移交: open cases move with the power to confirm, each once, with their clocks running on (S2-41)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.cases import Entries, Runtime, complete, demo, devolution, relay, scenario, step, views
from engine.cases.move import SYSTEM_ACTOR
from engine.clock.days import day_of
from engine.people import accounts
from engine.store import tables
from engine.store.power import power_item
from forms import samples
from tests.processes.conftest import ROOT
from tests.support.office import moment

LISTED = ROOT / "processes/devolved/scenarios/handover_to_townships.yaml"
RECEIVED_AT = moment("2022-03-16 15:00")
MOVED = devolution.MOVED


class Handover:
    """A list that has been issued on the day when power moved, with the one case on it."""

    def __init__(self, runtime: Runtime) -> None:
        run = scenario.Run(runtime, scenario.read(LISTED), until=moment("2022-03-15 10:05"))
        report = run.play()
        earlier = run.other
        assert report.ok, report.failure
        assert earlier is not None
        self.runtime: Runtime = runtime
        self.id: int = report.case_id
        self.case_id: int = earlier.case_id

    def receive(self, *, dies: bool = False) -> None:
        """The township signs for its list; `dies`: the process ends right after the commit."""
        t = tables.task
        query = select(t.c.id).where(t.c.case_id == self.id, t.c.node_id == "receive_at_township", t.c.status == "open")
        with self.runtime.store.transaction(write=False) as session:
            task_id = session.execute(query).scalar_one()
            actor = accounts.find(session, "jj_clerk", day_of(RECEIVED_AT))
        assert actor is not None
        with step(self.runtime, actor, RECEIVED_AT) as this:
            page = views.task(this, task_id)
            said = {"接收结论": "案卷齐全，全部接收"}
            texts, uploads = samples.entries(page.form, said, page.options, day_of(RECEIVED_AT))
            complete(this, task_id, Entries(texts, uploads), f"received-{self.id}")
            if dies:
                this.later.clear()

    def rows(self, table: Any, *columns: str, **where: Any) -> list[Any]:
        query = select(*(table.c[name] for name in columns)).where(*(table.c[k] == v for k, v in where.items()))
        with self.runtime.store.transaction(write=False) as session:
            return [tuple(row) if len(columns) > 1 else row[0] for row in session.execute(query)]

    def open(self) -> list[Any]:
        return self.rows(tables.task, "node_id", "unit_id", case_id=self.case_id, status="open")

    def master(self) -> list[tuple[str, datetime]]:
        """Limits over the whole case, which run on whoever has it."""
        rows = self.rows(tables.deadline, "limit_id", "due_at", "status", case_id=self.case_id)
        return sorted((limit, due) for limit, due, status in rows if status == "running" and limit.startswith("D19"))

    def lines(self) -> list[str]:
        return self.rows(tables.history, "act", case_id=self.case_id, name=MOVED)


@pytest.fixture
def handover(tmp_path: Path) -> Iterator[Handover]:
    """In an office of its own."""
    runtime = demo.empty_office(f"sqlite:///{tmp_path}/office.db", ROOT)
    yield Handover(runtime)
    runtime.store.close()


def test_a_case_at_the_county_goes_to_the_township_and_its_clocks_run_on(handover: Handover) -> None:
    assert handover.open() == [("county_examine", "qionghai")]
    before = handover.master()
    handover.receive()

    assert before
    assert handover.master() == before
    assert handover.open() == [("decide", "jiaji")]
    assert handover.lines() == ["message"]
    (line,) = handover.rows(power_item, "received_by", "files", case_id=handover.id)
    assert line[0] == "王业成"
    assert line[1] > 10


def test_what_was_cut_off_after_the_signature_is_moved_by_the_scheduler_once(handover: Handover) -> None:
    handover.receive(dies=True)
    assert handover.open() == [("county_examine", "qionghai")]  # nothing is lost in between
    later = RECEIVED_AT + timedelta(minutes=5)

    assert relay.carry_out_due(handover.runtime, later) == 1
    assert relay.carry_out_due(handover.runtime, later) == 0
    assert handover.open() == [("decide", "jiaji")]
    assert handover.lines() == ["message"]


def test_a_list_that_is_handed_over_twice_moves_its_cases_once(handover: Handover) -> None:
    handover.receive()
    with step(handover.runtime, SYSTEM_ACTOR, RECEIVED_AT) as this:
        devolution.hand_over(this, handover.id, "jiaji", reached_stay=False)

    assert handover.open() == [("decide", "jiaji")]
    assert handover.lines() == ["message"]
    assert len(handover.rows(tables.relay, "id", from_id=handover.id)) == 1


def test_a_list_is_written_once_however_often_it_is_made(handover: Handover) -> None:
    bureau = handover.runtime.units.get("qionghai")
    moves = devolution.changed(handover.runtime, bureau, "低保", day_of(moment("2022-03-15")))
    with step(handover.runtime, SYSTEM_ACTOR, RECEIVED_AT) as this:
        count = devolution.write_list(this, handover.id, "低保", moves)

    assert count == 1
    assert len(moves) == 13  # twelve towns and 彬村山
