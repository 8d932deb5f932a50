"""Which messages leave the house, to whom, in which words, and how often: once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from engine.cases import Done, sweep
from engine.delivery import queue, routing
from engine.delivery.outlets import Outlets
from engine.store import tables
from tests.support.office import ID_NUMBER, Office, at_once, moment, watched

NOW = moment("2026-03-02 10:00")
Open = Callable[..., Outlets]


def tell(office: Office, case: Done, key: str = "m", **columns: Any) -> None:
    """A message to the applicant, unless `columns` say otherwise."""
    row = {"case_id": case.case_id, "key": key, "to_applicant": True, "kind": "告知", "title": "补正材料"}
    row |= {"text": f"刘桂英（{ID_NUMBER}）请补正收入证明", "created_at": NOW, **columns}
    with office.runtime.store.transaction() as session:
        session.execute(insert(tables.outbox), [row])


def remind(office: Office, case: Done, **columns: Any) -> None:
    """A 催办 to the deputy head of 秋浦街道."""
    to = {"to_applicant": False, "to_role": "deputy_head", "to_unit": "zhen", "kind": "催办"}
    tell(office, case, **{**to, **columns})


def phone(office: Office, account: str, number: str) -> None:
    with office.runtime.store.transaction() as session:
        session.execute(update(tables.account).where(tables.account.c.id == account).values(phone=number))


def written(channels: Outlets) -> list[dict[str, Any]]:
    """The lines of the file sink."""
    sink: Any = channels.outlets["sms"].channel
    files: list[Path] = sorted(sink.folder.glob("*.jsonl")) if sink.folder.exists() else []
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_message_to_the_applicant_goes_to_the_telephone_of_the_case(office: Office, outlets: Open) -> None:
    tell(office, office.start("line"))
    assert routing.route(office.runtime, outlets(), NOW) == 1
    row = office.row(tables.delivery)
    assert (row["channel"], row["address"], row["status"]) == ("sms", "13800000000", "waiting")
    assert office.row(tables.outbox)["sent_at"] == NOW


def test_a_message_is_handed_over_once_however_often_one_looks(office: Office, outlets: Open) -> None:
    tell(office, office.start("line"))
    channels = outlets()
    assert [routing.route(office.runtime, channels, NOW) for _ in range(3)] == [1, 0, 0]


def test_two_schedulers_hand_each_message_over_once(office: Office, outlets: Open) -> None:
    case, channels = office.start("line"), outlets()
    for number in range(250):
        tell(office, case, f"m{number}")
    made = at_once(*[lambda: routing.route(office.runtime, channels, NOW)] * 2)
    assert sum(made) == 250
    assert len(office.rows(tables.delivery)) == 250


def test_what_goes_out_names_nobody_and_no_identity_number(small_office: Office, outlets: Open) -> None:
    tell(small_office, small_office.start("line"))
    channels = outlets()
    routing.route(small_office.runtime, channels, NOW)
    queue.deliver(small_office.runtime, channels, "sms", lambda: NOW)
    (line,) = written(channels)
    assert line["title"] == "补正材料"
    assert small_office.row(tables.case)["number"] in line["text"]
    assert "秋浦街道" in line["text"]
    assert "刘桂英" not in str(line)
    assert ID_NUMBER not in str(line)


def test_an_identity_number_is_starred_out_even_if_the_policy_sends_the_whole_text(
    small_office: Office, outlets: Open
) -> None:
    phone(small_office, "zhao", "13900000001")
    remind(small_office, small_office.start("line"))
    channels = outlets()
    routing.route(small_office.runtime, channels, NOW)
    queue.deliver(small_office.runtime, channels, "sms", lambda: NOW)
    (line,) = written(channels)
    assert "收入证明" in line["text"]
    assert ID_NUMBER not in line["text"]
    assert "******002X" in line["text"]


def test_a_message_to_a_post_goes_to_everybody_who_holds_it_and_has_a_telephone(office: Office, outlets: Open) -> None:
    phone(office, "wang", "+86 139-0000-0001")
    remind(office, office.start("line"), to_role="window_clerk")
    routing.route(office.runtime, outlets(), NOW)
    assert [row["address"] for row in office.rows(tables.delivery)] == ["13900000001"]


def test_a_unit_is_reached_at_its_mailbox(office: Office, outlets: Open) -> None:
    remind(office, office.start("line"))
    routing.route(office.runtime, outlets('[mailboxes]\nzhen = "zhen@example.org"\n'), NOW)
    row = office.row(tables.delivery)
    assert (row["channel"], row["address"]) == ("mail", "zhen@example.org")


def test_a_kind_without_a_rule_stays_in_the_house(office: Office, outlets: Open) -> None:
    phone(office, "zhao", "13900000001")
    remind(office, office.start("line"), kind="通知")
    assert routing.route(office.runtime, outlets(), NOW) == 0
    assert office.row(tables.outbox)["sent_at"] == NOW


def test_old_messages_are_not_sent_when_the_system_comes_back(office: Office, outlets: Open) -> None:
    tell(office, office.start("line"), created_at=moment("2026-02-20"))
    assert routing.route(office.runtime, outlets(), NOW) == 0
    assert office.row(tables.outbox)["sent_at"] == NOW


@pytest.mark.parametrize("number", ["0566-1234567", "12345", ""])
def test_a_family_that_cannot_be_reached_is_shown_to_the_operator(
    small_office: Office, outlets: Open, number: str
) -> None:
    case = small_office.start("line")
    with small_office.runtime.store.transaction() as session:
        session.execute(update(tables.case).values(applicant_phone=number))
    tell(small_office, case)
    routing.route(small_office.runtime, outlets(), NOW)
    row = small_office.row(tables.delivery)
    assert (row["status"], row["error"], row["address"]) == ("failed", "没有可用的手机号码", "")


def test_a_reminder_of_the_clock_reaches_the_telephone(office: Office, outlets: Open) -> None:
    phone(office, "zhao", "13900000001")
    office.start("line")
    sweep.wake_due(office.runtime, moment("2026-03-12"))
    channels = outlets()
    routing.route(office.runtime, channels, moment("2026-03-12"))
    assert queue.deliver(office.runtime, channels, "sms", lambda: moment("2026-03-12")).sent == 1


def test_looking_for_messages_costs_one_statement_when_there_is_none(small_office: Office, outlets: Open) -> None:
    channels = outlets()
    with watched(small_office.runtime) as traffic:
        routing.route(small_office.runtime, channels, NOW)
        queue.deliver(small_office.runtime, channels, "sms", lambda: NOW)
    assert (len(traffic.statements), traffic.commits) == (2, 0)
