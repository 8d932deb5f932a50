"""The queue under bad conditions: gateways that are slow, down or refuse, two schedulers, and a power cut."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.delivery import queue, routing
from engine.delivery.errors import Temporary
from engine.delivery.letter import Letter
from engine.delivery.outlets import Outlets
from engine.delivery.queue import LEASE, Tally
from engine.store import tables
from tests.delivery.test_routing import NOW, tell
from tests.support.office import Office, at_once, moment
from tests.support.outside import Gateway

Open = Callable[..., Outlets]
MINUTE = timedelta(minutes=1)


def queued(office: Office, channels: Outlets, count: int = 1) -> None:
    """So many letters to families wait."""
    case = office.start("line")
    for number in range(count):
        tell(office, case, f"m{number}")
    assert routing.route(office.runtime, channels, NOW) == count


def run(office: Office, channels: Outlets, after: timedelta = timedelta(0)) -> Tally:
    return queue.deliver(office.runtime, channels, "sms", lambda: NOW + after)


def through(channels: Outlets, send: Callable[[Letter], object]) -> Outlets:
    """The same channels, but SMS goes through `send`, one letter at a time."""

    class Own:
        def send(self, letter: Letter) -> None:
            send(letter)

    sms = replace(channels.outlets["sms"], channel=Own(), senders=1)
    return replace(channels, outlets={**channels.outlets, "sms": sms})


def test_the_gateway_gets_a_signed_letter_once(office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings)
    queued(office, channels)
    assert run(office, channels) == Tally(sent=1)
    assert run(office, channels) == Tally()
    (request,) = gateway.requests
    assert gateway.refused == []
    assert (request["address"], request["channel"]) == ("13800000000", "sms")
    assert request["moment"] == int(NOW.timestamp())
    row = office.row(tables.delivery)
    assert (row["status"], row["sent_at"], row["attempts"]) == ("sent", NOW, 1)


def test_a_gateway_with_another_secret_takes_nothing(small_office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings.replace("both sides", "one side"))
    queued(small_office, channels)
    assert run(small_office, channels) == Tally(put_off=1)
    assert gateway.refused == ["signature"]


@pytest.mark.parametrize("status", [500, 502, 503, 429, 403, 404])
def test_what_may_be_mended_is_tried_again_later_with_the_same_key(
    small_office: Office, outlets: Open, gateway: Gateway, status: int
) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels)
    gateway.answers = [(status, {})]
    assert run(small_office, channels) == Tally(put_off=1)
    row = small_office.row(tables.delivery)
    assert (row["status"], row["next_at"]) == ("waiting", NOW + MINUTE)
    assert str(status) in row["error"]
    assert run(small_office, channels, timedelta(seconds=59)) == Tally()
    assert run(small_office, channels, MINUTE) == Tally(sent=1)
    assert len({request["key"] for request in gateway.requests}) == 1
    assert small_office.row(tables.delivery)["error"] is None


@pytest.mark.parametrize("status", [400, 422, 301, 307])
def test_what_is_refused_for_good_is_not_tried_again(
    small_office: Office, outlets: Open, gateway: Gateway, status: int
) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels)
    gateway.answers = [(status, {"Location": f"http://127.0.0.1:{gateway.port}/elsewhere"})]
    assert run(small_office, channels) == Tally(failed=1)
    assert run(small_office, channels, timedelta(days=2)) == Tally()
    assert len(gateway.requests) == 1
    assert gateway.refused == []


def test_a_gateway_says_when_to_come_back(small_office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels)
    gateway.answers = [(429, {"Retry-After": "600"}), (503, {"Retry-After": "Mon, 02 Mar 2026 03:00:00 GMT"})]
    run(small_office, channels)
    assert small_office.row(tables.delivery)["next_at"] == NOW + 10 * MINUTE
    run(small_office, channels, 10 * MINUTE)
    assert small_office.row(tables.delivery)["next_at"] == moment("2026-03-02 11:00")


def test_waits_grow_until_the_operator_must_decide(small_office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels)
    gateway.answers = [(500, {})] * 9
    now, waits = timedelta(0), []
    while run(small_office, channels, now).put_off:
        waits.append(small_office.row(tables.delivery)["next_at"] - NOW - now)
        now += waits[-1]
    assert waits == [MINUTE, 5 * MINUTE, 30 * MINUTE]
    assert small_office.row(tables.delivery)["status"] == "failed"
    assert len(gateway.requests) == 4


def test_a_gateway_that_does_not_answer_in_time_is_given_up(
    small_office: Office, outlets: Open, gateway: Gateway
) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels)
    gateway.delay = 3
    began = time.monotonic()
    assert run(small_office, channels) == Tally(put_off=1)
    assert time.monotonic() - began < 2.5


def test_a_gateway_that_answers_drop_by_drop_is_cut_off(small_office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels)
    gateway.drips = True
    began = time.monotonic()
    assert run(small_office, channels) == Tally(put_off=1)
    assert time.monotonic() - began < 2.5


def test_nobody_listens(small_office: Office, outlets: Open) -> None:
    channels = outlets(Gateway(port=9).settings)
    queued(small_office, channels)
    assert run(small_office, channels) == Tally(put_off=1)
    assert "没有应答" in small_office.row(tables.delivery)["error"]


def test_nobody_is_disturbed_at_night(small_office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels)
    assert run(small_office, channels, moment("2026-03-02 20:00") - NOW) == Tally()
    assert run(small_office, channels, moment("2026-03-03 07:59") - NOW) == Tally()
    assert run(small_office, channels, moment("2026-03-03 08:00") - NOW) == Tally(sent=1)


def test_two_schedulers_send_every_letter_once(office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings + "senders = 3\n")
    queued(office, channels, 40)
    gateway.delay = 0.01
    done = at_once(*[lambda: run(office, channels)] * 2)
    assert sum(each.sent for each in done) == 40
    assert len(gateway.requests) == len(gateway.taken) == 40
    assert {row["attempts"] for row in office.rows(tables.delivery)} == {1}


def test_several_letters_are_under_way_at_once(small_office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings + "senders = 4\n")
    queued(small_office, channels, 12)
    gateway.delay = 0.2
    run(small_office, channels)
    assert gateway.busiest == 4


def test_a_crash_after_sending_repeats_the_letter_with_the_key_that_the_gateway_knows(
    office: Office, outlets: Open, gateway: Gateway
) -> None:
    channels = outlets(gateway.settings)
    queued(office, channels)
    claimed = queue.claim(office.runtime, channels, "sms", NOW)
    assert claimed
    channels.outlets["sms"].channel.send(claimed.letter)  # and then the power goes
    assert run(office, channels, LEASE - MINUTE) == Tally()
    assert run(office, channels, LEASE) == Tally(sent=1)
    assert len(gateway.requests) == 2
    assert len(gateway.taken) == 1
    assert office.row(tables.delivery)["attempts"] == 2


def test_a_sender_that_was_given_up_and_fails_late_does_not_undo_what_another_has_sent(
    office: Office, outlets: Open, gateway: Gateway
) -> None:
    channels = outlets(gateway.settings)
    queued(office, channels)

    def fail_late(_letter: Letter) -> None:
        assert run(office, channels, LEASE) == Tally(sent=1)
        raise Temporary("太迟")

    run(office, through(channels, fail_late))
    assert office.row(tables.delivery)["status"] == "sent"


def test_a_sender_that_was_given_up_and_fails_late_leaves_the_letter_to_the_one_who_has_it_now(
    office: Office, outlets: Open
) -> None:
    channels = outlets()
    queued(office, channels)

    def fail_late(_letter: Letter) -> None:
        assert queue.claim(office.runtime, channels, "sms", NOW + LEASE)
        raise Temporary("太迟")

    run(office, through(channels, fail_late))
    row = office.row(tables.delivery)
    assert (row["status"], row["attempts"], row["next_at"]) == ("sending", 2, NOW + 2 * LEASE)


def test_no_letter_is_begun_after_the_word_to_stop(small_office: Office, outlets: Open, gateway: Gateway) -> None:
    channels = outlets(gateway.settings + "senders = 1\n")
    queued(small_office, channels, 5)
    done = queue.deliver(small_office.runtime, channels, "sms", lambda: NOW, going=lambda: not gateway.requests)
    assert done == Tally(sent=1)
    assert len(small_office.rows(tables.delivery, status="waiting")) == 4


def test_a_letter_that_breaks_its_channel_does_not_stop_the_others(
    small_office: Office, outlets: Open, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    channels = outlets(gateway.settings)
    queued(small_office, channels, 2)
    broken = through(channels, lambda letter: 1 // 0 if letter.key == first["key"] else None)
    first = small_office.rows(tables.delivery)[0]
    assert run(small_office, broken) == Tally(sent=1, put_off=1)
    assert small_office.rows(tables.delivery)[0]["error"] == queue.OUR_FAULT
    assert "ZeroDivisionError" in caplog.text
