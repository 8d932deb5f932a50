"""Letters by electronic mail, with a real server: taken, refused, down, and up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest

from engine.delivery import queue, routing
from engine.delivery.outlets import Outlets
from engine.delivery.queue import LEASE, Tally
from engine.store import tables
from tests.delivery.test_routing import NOW, remind
from tests.support.office import Office
from tests.support.outside import MailServer

Open = Callable[..., Outlets]
BOXES = '[mailboxes]\nzhen = "zhen@example.org"\nzhao = "zhao@example.org"\n'


def queued(office: Office, channels: Outlets) -> None:
    """A 催办 waits for the deputy head and for the unit."""
    remind(office, office.start("line"), title="超期催办：受理\n审查")
    assert routing.route(office.runtime, channels, NOW) == 2


def run(office: Office, channels: Outlets, after: timedelta = timedelta(0)) -> Tally:
    return queue.deliver(office.runtime, channels, "mail", lambda: NOW + after)


def read(server: MailServer) -> list[EmailMessage]:
    contents = [cast(bytes, envelope.original_content) for envelope in server.messages]
    return [message_from_bytes(content, policy=policy.default) for content in contents]


def test_person_and_unit_get_the_letter_in_chinese(
    small_office: Office, outlets: Open, mail_server: MailServer
) -> None:
    channels = outlets(mail_server.settings + BOXES)
    queued(small_office, channels)
    assert run(small_office, channels) == Tally(sent=2)
    letters = read(mail_server)
    assert {letter["To"] for letter in letters} == {"zhao@example.org", "zhen@example.org"}
    assert {letter["Subject"] for letter in letters} == {"超期催办：受理 审查"}
    assert all(small_office.row(tables.case)["number"] in letter.get_content() for letter in letters)
    assert letters[0]["Date"] == "Mon, 02 Mar 2026 10:00:00 +0800"


def test_an_address_that_is_refused_does_not_hold_up_the_others(
    small_office: Office, outlets: Open, mail_server: MailServer
) -> None:
    mail_server.refuses = {"zhao@example.org": "550 no such user"}
    channels = outlets(mail_server.settings + BOXES)
    queued(small_office, channels)
    assert run(small_office, channels) == Tally(sent=1, failed=1)
    (failed,) = small_office.rows(tables.delivery, status="failed")
    assert (failed["address"], "550 no such user" in failed["error"]) == ("zhao@example.org", True)


@pytest.mark.parametrize("answer", ["451 try later", "421 too busy"])
def test_a_server_that_is_busy_is_asked_again(
    small_office: Office, outlets: Open, mail_server: MailServer, answer: str
) -> None:
    mail_server.answer = answer
    channels = outlets(mail_server.settings + BOXES)
    queued(small_office, channels)
    assert run(small_office, channels) == Tally(put_off=2)


def test_a_letter_that_is_refused_for_good_is_not_tried_again(
    small_office: Office, outlets: Open, mail_server: MailServer
) -> None:
    mail_server.answer = "554 not wanted"
    channels = outlets(mail_server.settings + BOXES)
    queued(small_office, channels)
    assert run(small_office, channels) == Tally(failed=2)


def test_a_server_that_was_down_gets_the_letters_when_it_is_up_again(
    small_office: Office, outlets: Open, mail_server: MailServer
) -> None:
    channels = outlets(mail_server.settings + BOXES)
    queued(small_office, channels)
    mail_server.stop()
    assert run(small_office, channels) == Tally(put_off=2)
    mail_server.start()
    assert run(small_office, channels, timedelta(minutes=1)) == Tally(sent=2)
    assert len(mail_server.messages) == 2


def test_a_letter_that_is_repeated_after_a_crash_bears_the_same_mark(
    small_office: Office, outlets: Open, mail_server: MailServer
) -> None:
    channels = outlets(mail_server.settings + BOXES)
    queued(small_office, channels)
    claimed = queue.claim(small_office.runtime, channels, "mail", NOW)
    assert claimed
    channels.outlets["mail"].channel.send(claimed.letter)
    run(small_office, channels, LEASE)
    marks = [letter["Message-ID"] for letter in read(mail_server)]
    assert (len(marks), len(set(marks))) == (3, 2)
    assert marks[0].endswith("@example.org>")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_is_a_matter_of_the_settings_not_of_the_letter(
    small_office: Office, outlets: Open, mail_server: MailServer
) -> None:
    mail_server.stop()
    mail_server.password = "right"
    mail_server.start()
    settings = mail_server.settings + 'user = "notice"\n'
    wrong = outlets(f'{settings}password = "wrong"\n{BOXES}')
    queued(small_office, wrong)
    assert run(small_office, wrong) == Tally(put_off=2)
    assert "不接受登录" in small_office.rows(tables.delivery)[0]["error"]
    right = outlets(f'{settings}password = "right"\n{BOXES}')
    assert run(small_office, right, timedelta(minutes=1)) == Tally(sent=2)


def test_a_server_that_offers_no_encryption_gets_no_letter_when_encryption_is_asked_for(
    small_office: Office, outlets: Open, mail_server: MailServer
) -> None:
    channels = outlets(mail_server.settings.replace('"none"', '"starttls"') + BOXES)
    queued(small_office, channels)
    assert run(small_office, channels) == Tally(put_off=2)
    assert mail_server.messages == []
