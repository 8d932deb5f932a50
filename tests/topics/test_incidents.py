"""A topic that fails leaves an incident and the case whole, and is tried again later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from engine import cases
from engine.cases import Done, sweep, views
from engine.cases.move import BACKOFF, Work
from engine.store import tables
from engine.topics.registry import REGISTRY, topic
from tests.support.office import Office, at_once, moment

AT = moment("2026-03-03")


@dataclass
class Province:
    """The system on the other side: down, or not."""

    down: bool = True
    calls: list[str] = field(default_factory=list)

    def __call__(self, work: Work) -> dict[str, Any]:
        number = work.move.number("对接单", "接")
        work.move.tell(work.token.id, "通知", "对接", number)
        work.move.record("notice", f"对接 {number}")
        self.calls.append(number)
        if self.down:
            raise ConnectionError("对方系统没有应答")
        return {"对接编号": number}


@pytest.fixture
def province() -> Iterator[Province]:
    """Stands in for an outside system, through the same door as every topic."""
    outside = Province()
    topic("test.shaky", provides=("对接编号",), writes=True)(outside)
    yield outside
    del REGISTRY["test.shaky"]


def handed_over(office: Office) -> Done:
    case = office.start("shaky", at="2026-03-02")
    office.do(case, "录入", "wang", at="2026-03-03")
    return case


def test_a_topic_that_fails_leaves_an_incident_and_the_step_done(office: Office, province: Province) -> None:
    case = handed_over(office)
    incident = office.row(tables.incident)
    assert (incident["status"], incident["attempts"], incident["topic"]) == ("retrying", 1, "test.shaky")
    assert incident["message"] == "ConnectionError: 对方系统没有应答"
    assert incident["retry_at"] == AT + timedelta(minutes=1)
    assert office.tasks(case, "done")["录入"]["closed_by"] == "wang"
    assert office.case(case)["status"] == "open"
    assert len(office.rows(tables.submission)) == 2


def test_what_a_failed_topic_began_is_undone(office: Office, province: Province) -> None:
    handed_over(office)
    assert province.calls == ["接〔2026〕1号"]
    assert office.rows(tables.outbox) == []
    assert [row["act"] for row in office.rows(tables.history)] == ["started", "completed"]
    assert [row["name"] for row in office.rows(tables.counter) if row["name"].startswith("paper")] == []


def test_a_later_retry_works_and_the_case_goes_on(office: Office, province: Province) -> None:
    case = handed_over(office)
    province.down = False
    assert sweep.retry_due(office.runtime, AT + timedelta(seconds=59)) == sweep.Swept()
    assert sweep.retry_due(office.runtime, AT + timedelta(seconds=60)) == sweep.Swept(retried=1)
    assert set(office.tasks(case)) == {"后续"}
    incident = office.row(tables.incident)
    assert (incident["status"], incident["retry_at"]) == ("resolved", None)
    assert office.row(tables.outbox)["text"] == "接〔2026〕1号"
    office.do(case, "后续", "wang")
    assert office.case(case)["status"] == "closed"


def test_a_retried_node_is_on_the_trail_of_the_diagram(office: Office, province: Province) -> None:
    case = handed_over(office)
    with office.look("wang") as this:
        assert "对接" not in views.diagram_state(this, case.case_id, "shaky")["elements"]
    province.down = False
    sweep.retry_due(office.runtime, AT + timedelta(hours=1))
    with office.look("wang") as this:
        assert views.diagram_state(this, case.case_id, "shaky")["elements"]["对接"]["state"] == "done"


def test_it_is_tried_ever_more_rarely_and_then_given_to_people(office: Office, province: Province) -> None:
    handed_over(office)
    now, waits = AT, []
    while (incident := office.row(tables.incident))["status"] == "retrying":
        waits.append(incident["retry_at"] - now)
        now = incident["retry_at"]
        assert sweep.retry_due(office.runtime, now) == sweep.Swept()
    assert tuple(waits) == BACKOFF
    assert (incident["status"], incident["retry_at"]) == ("failed", None)
    assert sweep.retry_due(office.runtime, now + timedelta(days=30)) == sweep.Swept()
    assert len(province.calls) == len(BACKOFF) + 1


def test_a_failed_topic_can_still_be_retried_by_hand(office: Office, province: Province) -> None:
    case = handed_over(office)
    province.down = False
    incident = office.row(tables.incident)["id"]
    with office.step() as this:
        assert cases.retry(this, incident)
    before = office.everything()
    with office.step() as this:
        assert not cases.retry(this, incident)
        assert not cases.retry(this, 4711)
    assert office.everything() == before
    assert set(office.tasks(case)) == {"后续"}


def test_numbers_have_no_gap_after_failures(office: Office, province: Province) -> None:
    first = handed_over(office)
    sweep.retry_due(office.runtime, AT + timedelta(minutes=1))
    province.down = False
    second = handed_over(office)
    sweep.retry_due(office.runtime, AT + timedelta(days=1))
    assert {row["case_id"]: row["text"] for row in office.rows(tables.outbox)} == {
        second.case_id: "接〔2026〕1号",
        first.case_id: "接〔2026〕2号",
    }


def test_other_steps_of_the_case_go_on_while_an_incident_waits(office: Office, province: Province) -> None:
    case = office.start("beside", at="2026-03-02")
    assert office.row(tables.incident)["status"] == "retrying"
    office.do(case, "同时办", "wang")
    assert len(province.calls) == 1, "a step of the other branch doesn't try the topic again"
    province.down = False
    sweep.retry_due(office.runtime, moment("2026-03-04"))
    assert office.case(case)["status"] == "closed"


def test_a_topic_nobody_knows_is_not_retried_by_the_clock(office: Office) -> None:
    handed_over(office)
    assert office.row(tables.incident)["status"] == "waiting"
    assert sweep.retry_due(office.runtime, moment("2027-01-01")) == sweep.Swept()
    assert sweep.stuck(office.runtime) == []


def test_two_schedulers_try_a_failed_topic_once(office: Office, province: Province) -> None:
    handed_over(office)
    at_once(*[lambda: sweep.retry_due(office.runtime, AT + timedelta(minutes=1))] * 2)
    assert office.row(tables.incident)["attempts"] == 2
    assert len(province.calls) == 2
