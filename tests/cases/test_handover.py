"""Work is handed to a colleague of the post; whoever loses a post loses the work that came with it; it goes on."""

from __future__ import annotations

from datetime import date

import pytest

from engine.cases import handover
from engine.cases.errors import HandingRefused, TaskAlreadyClosed, TaskNotFound, WordsWrong
from engine.cases.history import verify
from engine.people import posts
from engine.store import tables
from tests.support.office import Office, at_once, moment

LATER = "2026-03-10"


def leaves(office: Office, who: str, role: str) -> None:
    """The post ends on 6 March."""
    with office.runtime.store.transaction() as session:
        posts.grant(session, who, role, "zhen", valid_to=date(2026, 3, 6))


def test_who_has_lost_the_post_cannot_do_what_they_signed_for(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    office.claim(task, "wang")
    leaves(office, "wang", "window_clerk")
    with pytest.raises(TaskNotFound):
        office.complete(task, "wang", at=LATER)


def test_what_they_signed_for_goes_back_to_the_post_once(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    office.claim(task, "wang")
    assert handover.return_lost(office.runtime, moment("2026-03-06")) == 0
    leaves(office, "wang", "window_clerk")
    assert handover.return_lost(office.runtime, moment("2026-03-06 23:59")) == 0

    assert sum(at_once(*[lambda: handover.return_lost(office.runtime, moment(LATER))] * 2)) == 1

    assert office.row(tables.task, id=task)["assignee"] is None
    (line,) = office.rows(tables.history, act="returned")
    assert "王晓梅不再担任这个岗位" in line["details"]["text"]
    with office.look() as this:
        assert list(verify(this.session)) == []
    office.claim(task, "ding")
    office.complete(task, "ding", at=LATER)


def test_what_a_colleague_still_in_office_signed_for_stays_theirs(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    office.claim(task, "ding")
    leaves(office, "wang", "window_clerk")
    assert handover.return_lost(office.runtime, moment(LATER)) == 0
    assert office.row(tables.task, id=task)["assignee"] == "ding"


# --- by hand ---


def hand_on(office: Office, task: str, who: str, to: str, why: str = "请假两周") -> str:
    with office.step(who) as this:
        return handover.hand_on(this, task, to, why)


def taken_by(office: Office, who: str, procedure: str = "line") -> str:
    """The open task of a new case that `who` has signed for."""
    case = office.start(procedure)
    [task] = office.tasks(case).values()
    office.claim(task["id"], who)
    return str(task["id"])


@pytest.mark.parametrize("who", ["zhao", "wang"])
def test_the_head_or_the_holder_hands_work_to_a_colleague_of_the_post(office: Office, who: str) -> None:
    task = taken_by(office, "wang")
    before = office.row(tables.task, id=task)
    dates = office.rows(tables.deadline)

    assert hand_on(office, task, who, "ding") == "丁玲"

    after = office.row(tables.task, id=task)
    assert after == {**before, "assignee": "ding", "claimed_at": office.now}
    assert office.rows(tables.deadline) == dates
    (line,) = office.rows(tables.history, act="handed")
    assert line["details"]["text"] == "「受理」由王晓梅移交丁玲：请假两周"
    told = [row["to_account"] for row in office.rows(tables.outbox, kind="移交")]
    assert told == (["ding", "wang"] if who == "zhao" else ["ding"])
    with office.look() as this:
        assert list(verify(this.session)) == []
    office.complete(task, "ding")


def test_work_nobody_has_signed_for_is_given_to_somebody_by_the_head(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    hand_on(office, task, "zhao", "ding", "按片区分工")
    assert office.row(tables.task, id=task)["assignee"] == "ding"
    assert "由本岗移交丁玲" in office.rows(tables.history, act="handed")[0]["details"]["text"]


@pytest.mark.parametrize("who", ["ding", "mei", "gao"])
def test_who_neither_has_it_nor_stands_over_it_hands_nothing_on(office: Office, who: str) -> None:
    task = taken_by(office, "wang")
    with pytest.raises(TaskNotFound):
        hand_on(office, task, who, "ding")
    assert office.row(tables.task, id=task)["assignee"] == "wang"


@pytest.mark.parametrize("to", ["li", "mei", "nobody", "wang"])
def test_only_somebody_else_with_the_post_takes_over(office: Office, to: str) -> None:
    task = taken_by(office, "wang")
    with pytest.raises(HandingRefused):
        hand_on(office, task, "zhao", to)


def test_who_examined_first_does_not_get_the_second_examination_handed(office: Office) -> None:
    case = office.start("hands")
    office.do(case, "初审", "wang")
    second = office.open(case, "复审")
    office.claim(second, "ding")
    with pytest.raises(HandingRefused, match="王晓梅办理过这一件的「初审」"):
        hand_on(office, second, "zhao", "wang")
    office.complete(second, "ding")


def test_what_only_one_person_may_do_is_not_handed_on(office: Office) -> None:
    with pytest.raises(HandingRefused, match="本人办理"):
        hand_on(office, taken_by(office, "wang", "own_hand"), "zhao", "ding")


def test_a_reason_is_needed_and_what_is_done_stays_done(office: Office) -> None:
    task = taken_by(office, "wang")
    with pytest.raises(WordsWrong, match="移交原因"):
        hand_on(office, task, "zhao", "ding", "  ")
    office.complete(task, "wang")
    with pytest.raises(TaskAlreadyClosed):
        hand_on(office, task, "zhao", "ding")
