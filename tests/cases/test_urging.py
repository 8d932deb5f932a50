"""催办 by hand: who may urge for what, how often, and how the answer comes back."""

from __future__ import annotations

from typing import Any

import pytest

from engine.cases import Done, acts, history
from engine.cases.errors import (
    ActNotFound,
    CaseError,
    CaseNotFound,
    ReplyRefused,
    TaskAlreadyClosed,
    TaskNotFound,
    UrgeRefused,
    WordsWrong,
)
from engine.cases.views import acts as views
from engine.cases.views.acts import Wanted
from engine.store import tables
from tests.support.office import Office, behind, moment

ASKED = "群众反映等了很久，请在本周内办结"


def urge(
    office: Office, case: Done, node: str = "受理", who: str = "gao", text: str = ASKED, at: str = "2026-03-03"
) -> str:
    """Somebody urges for the open task at a node."""
    task = office.open(case, node)
    with office.step(who, at) as this:
        return acts.urge(this, case.case_id, task, text)


def reply(office: Office, act_id: int, who: str = "wang", text: str = "明天办结", at: str = "2026-03-04") -> None:
    with office.step(who, at) as this:
        acts.reply(this, act_id, text)


def inbox_of(office: Office, **where: Any) -> list[str]:
    return [row["title"] for row in office.rows(tables.outbox, **where)]


def test_the_holder_is_told_and_the_asker_gets_the_answer(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    assert urge(office, case) == "催办〔2026〕1号"
    assert inbox_of(office, to_role="window_clerk", to_unit="zhen") == ["催办：受理（催办〔2026〕1号）"]
    act = office.row(tables.act)
    assert (act["text"], act["told"], act["by_unit_id"], act["rung"]) == (ASKED, ["window_clerk@zhen"], "xian", None)
    reply(office, act["id"])
    (message,) = office.rows(tables.outbox, to_account="gao")
    assert (message["kind"], message["title"]) == ("催办答复", "答复催办〔2026〕1号：受理")
    assert "王晓梅答复：明天办结" in message["text"]
    act = office.row(tables.act)
    assert (act["reply"], act["replied_by"], act["replied_at"]) == ("明天办结", "wang", moment("2026-03-04"))


def test_both_stand_in_the_chained_history(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    urge(office, case)
    reply(office, office.row(tables.act)["id"])
    office.do(case, "受理", "wang", at="2026-03-05")
    lines = office.rows(tables.history, case_id=case.case_id)
    assert [(row["act"], row["by_name"]) for row in lines] == [
        ("started", "王晓梅"),
        ("urged", "高远"),
        ("replied", "王晓梅"),
        ("completed", "王晓梅"),
    ]
    with office.look() as this:
        assert not list(history.verify(this.session))


def test_a_claimed_task_is_urged_for_with_the_one_who_claimed_it(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.claim(office.open(case, "受理"), "wang")
    urge(office, case)
    assert inbox_of(office, to_account="wang") == ["催办：受理（催办〔2026〕1号）"]
    assert not inbox_of(office, to_role="window_clerk")


def test_a_unit_urges_once_a_working_day_and_is_told_so(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    urge(office, case, at="2026-03-06")
    with pytest.raises(UrgeRefused, match="贵池区民政局的高远已就这一环节催办（催办〔2026〕1号）") as refused:
        urge(office, case, at="2026-03-06 17:00")
    assert "每个工作日只能催办一次" in refused.value.message
    urge(office, case, at="2026-03-07")  # Saturday counts for Monday
    with pytest.raises(UrgeRefused):
        urge(office, case, at="2026-03-09")
    urge(office, case, at="2026-03-10")
    assert len(office.rows(tables.act)) == 3


def test_another_unit_and_another_task_have_their_own_turn(office: Office) -> None:
    case = office.start("both", at="2026-03-02")
    urge(office, case, "核对")
    urge(office, case, "调查")
    urge(office, case, "核对", who="wang")
    assert len(office.rows(tables.act)) == 3


def test_two_clicks_at_once_urge_once(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    task, gao = office.open(case, "受理"), office.actor("gao")

    def click() -> str:
        with office.step(gao) as this:
            return acts.urge(this, case.case_id, task, ASKED)

    results = behind(office, gao, lambda this: acts.urge(this, case.case_id, task, ASKED), click)
    assert [type(each) for each in results] == [str, UrgeRefused]
    assert len(office.rows(tables.act)) == len(office.rows(tables.outbox)) == 1


@pytest.mark.parametrize(
    "who, error", [("lin", CaseNotFound), ("zhao", UrgeRefused), ("mei", CaseNotFound), ("wang", UrgeRefused)]
)
def test_only_those_above_the_unit_or_at_the_applicants_window_may(
    office: Office, who: str, error: type[CaseError]
) -> None:
    case = office.start("line", at="2026-03-02")
    with pytest.raises(error):
        urge(office, case, who=who)
    assert not office.rows(tables.act)


def test_a_county_that_takes_part_does_not_urge_another_countys_unit(office: Office) -> None:
    case = office.start("line", at="2026-03-02", hukou="waixiang", village="")
    with office.look("lin") as this:
        assert not views.urgeable(this, office.case(case))
    with pytest.raises(UrgeRefused, match="您的岗位不能催办"):
        urge(office, case, who="lin")
    urge(office, case, who="gao")


def test_the_window_where_the_family_applied_urges_for_a_colleagues_task(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.do(case, "受理", "wang")
    urge(office, case, "审核", who="wang")
    assert inbox_of(office, to_role="civil_affairs_clerk") == ["催办：审核（催办〔2026〕1号）"]


def test_a_familys_own_task_cannot_be_urged_for(office: Office) -> None:
    case = office.start("family", at="2026-03-02")
    with pytest.raises(UrgeRefused, match="由申请人办理"):
        urge(office, case, "补正")


def test_a_task_that_is_done_or_of_another_case_is_not_urged_for(office: Office) -> None:
    case, other = office.start("line", at="2026-03-02"), office.start("line")
    done = office.open(case, "受理")
    office.complete(done, "wang")
    for case_id, error in ((case.case_id, TaskAlreadyClosed), (other.case_id, TaskNotFound)):
        with pytest.raises(error), office.step("gao") as this:
            acts.urge(this, case_id, done, ASKED)


@pytest.mark.parametrize("text, said", [("  ", "请填写催办内容"), ("催" * 301, "最多300字，现在是301字")])
def test_words_that_are_missing_or_too_many_are_refused(office: Office, text: str, said: str) -> None:
    case = office.start("line", at="2026-03-02")
    with pytest.raises(WordsWrong, match=said):
        urge(office, case, text=text)


def test_only_the_holder_answers_and_only_once(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    urge(office, case)
    act_id = office.row(tables.act)["id"]
    for who, error in (("gao", ReplyRefused), ("li", ReplyRefused), ("lin", ActNotFound), ("yao", ActNotFound)):
        with pytest.raises(error):
            reply(office, act_id, who)
    reply(office, act_id)
    with pytest.raises(ReplyRefused, match="已由王晓梅答复"):
        reply(office, act_id, "ding")
    with pytest.raises(ActNotFound):
        reply(office, 999)


def test_lists_show_what_is_in_sight_and_waits(office: Office) -> None:
    case = office.start("both", at="2026-03-02")
    urge(office, case, "核对")
    urge(office, case, "调查")
    first = office.rows(tables.act)[0]["id"]
    reply(office, first, "li")
    with office.look("gao") as this:
        found = views.acts(this, Wanted())
        assert (found.total, [row.asks for row in found.rows], found.kinds) == (2, [True, False], ["催办"])
        assert views.acts(this, Wanted(unanswered=True)).total == 1
        assert views.acts(this, Wanted(kind="督办")).total == 0
        assert views.acts(this, Wanted(unit_id="xian")).total == 2
        assert views.acts(this, Wanted(unit_id="xian", own=True)).total == 0
        assert views.acts(this, Wanted(mine=True)).total == 0
    with office.look("ding") as this:
        (mine,) = views.acts(this, Wanted(mine=True)).rows
        assert (mine.name, mine.may_reply, mine.told, mine.by_unit_name) == (
            "调查",
            True,
            "秋浦街道窗口受理员",
            "贵池区民政局",
        )
    with office.look("lin") as this:
        assert views.acts(this, Wanted()).total == 0
        with pytest.raises(ActNotFound):
            views.act(this, first)
