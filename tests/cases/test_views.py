"""What pages get to show: in order, within sight, masked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.cases import Done, sweep, views
from engine.cases.errors import CaseNotFound, ProcedureNotOpen, TaskAlreadyClosed
from engine.cases.views.follow import find
from tests.support.office import ID_NUMBER, Office, moment


@pytest.fixture
def names(small_office: Office) -> Office:
    """Five cases begun on five days by five families."""
    for day, name in enumerate(("安一", "白二", "曹三", "丁四", "安五"), 2):
        small_office.start("line", at=f"2026-03-{day:02d} 10:00", applicantName=name)
    small_office.now = moment("2026-03-06 12:00")
    return small_office


@pytest.fixture
def office(small_office: Office) -> Office:
    return small_office


# --- inbox ----------------------------------------------------------------------------------------------------------


def test_the_inbox_is_sorted_by_due_date_and_those_without_come_last(names: Office) -> None:
    names.start("both", at="2026-03-01", applicantName="无期")
    with names.look("wang", "2026-03-06") as this:
        rows = views.inbox(this, "posts").rows
    assert [row.applicant_name for row in rows] == ["安一", "白二", "曹三", "丁四", "安五", "无期"]
    assert rows[-1].light is None


def test_tasks_without_a_date_come_last_on_both_databases(offices: Callable[[], Office]) -> None:
    office = offices()
    office.start("both", at="2026-03-01", applicantName="无期")
    office.start("line", at="2026-03-02", applicantName="有期")
    with office.look("wang") as this:
        assert [row.applicant_name for row in views.inbox(this, "posts").rows] == ["有期", "无期"]


def test_the_inbox_turns_pages_and_stays_on_the_last(names: Office) -> None:
    with names.look("wang") as this:
        pages = [views.inbox(this, "posts", page=page, size=2) for page in (1, 2, 3, 9, 0)]
    assert [[row.applicant_name for row in page.rows] for page in pages] == [
        ["安一", "白二"],
        ["曹三", "丁四"],
        ["安五"],
        ["安五"],
        ["安一", "白二"],
    ]
    assert [(page.page, page.pages, page.total) for page in pages[2:4]] == [(3, 3, 5)] * 2


def test_the_inbox_finds_by_name_number_and_whole_identity_number(names: Office) -> None:
    other = names.start("line", applicantName="外人", idNo="110101199003074477")
    found = {}
    for text in ("安", "341702DB20260304", "110101199003074477", "11010119900307", "安%", "  曹三 ", "不在"):
        with names.look("wang") as this:
            page = views.inbox(this, "posts", text)
            found[text] = [row.applicant_name for row in page.rows]
            assert page.total == len(page.rows)
    assert other.number
    assert found == {
        "安": ["安一", "安五"],
        "341702DB20260304": ["曹三"],
        "110101199003074477": ["外人"],
        "11010119900307": [],
        "安%": [],
        "  曹三 ": ["曹三"],
        "不在": [],
    }


def test_a_claimed_task_moves_from_the_post_to_the_person(names: Office) -> None:
    with names.look("wang") as this:
        first = views.inbox(this, "posts").rows[0].task_id
    names.claim(first, "wang")
    counted = {}
    for who in ("wang", "ding"):
        with names.look(who) as this:
            page = views.inbox(this, "mine")
            counted[who] = (len(page.rows), page.counts["mine"], page.counts["posts"], views.inbox(this, "all").total)
    assert counted == {"wang": (1, 1, 4, 5), "ding": (0, 0, 4, 4)}


def test_nobody_sees_tasks_of_other_posts_in_the_inbox(names: Office) -> None:
    for who in ("li", "mei", "yao", "gao", "admin"):
        with names.look(who) as this:
            assert views.inbox(this, "all").rows == []
    with names.look(names.citizen()) as this:
        assert views.inbox(this, "all").rows == []


def test_the_inbox_shows_no_whole_identity_number(names: Office) -> None:
    with names.look("wang") as this:
        shown = views.inbox(this, "posts").rows[0].applicant_id_no
    assert shown != ID_NUMBER
    assert "*" in shown


# --- sight ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who, sees",
    [
        ("wang", True),
        ("li", True),
        ("hu", True),
        ("gao", True),
        ("zhang", False),
        ("mei", False),
        ("yao", False),
        ("lin", False),
        ("admin", False),
    ],
)
def test_a_case_exists_for_those_who_take_part_and_for_nobody_else(office: Office, who: str, sees: bool) -> None:
    case = office.start("line")
    with office.look(who) as this:
        assert views.search(this, case.number).total == int(sees)
        for view in (views.case, lambda this, key: views.diagram_state(this, key, "line")):
            if sees:
                assert view(this, case.case_id)
            else:
                with pytest.raises(CaseNotFound):
                    view(this, case.case_id)


def test_a_case_that_does_not_exist_is_answered_like_one_out_of_sight(office: Office) -> None:
    with pytest.raises(CaseNotFound), office.look("wang") as this:
        views.case(this, 4711)


def test_a_surveyor_sees_a_case_once_the_survey_is_hers(office: Office) -> None:
    case = surveyed(office)
    with office.look("zhang") as this:
        assert views.case(this, case.case_id).number == case.number
    with pytest.raises(CaseNotFound), office.look("chen") as this:
        views.case(this, case.case_id)


def surveyed(office: Office) -> Done:
    case = office.start("hands")
    office.do(case, "初审", "wang")
    office.do(case, "复审", "ding")
    office.do(case, "组队", "li", 调查员="zhang")
    return case


def test_what_is_shown_of_a_form_depends_on_the_role(office: Office) -> None:
    case = surveyed(office)
    shown = {}
    for who in ("wang", "hu", "zhang"):
        with office.look(who) as this:
            shown[who] = dict(views.case(this, case.case_id).blocks[-1].rows)
    assert shown["wang"]["身份证号码"] == ID_NUMBER
    assert shown["wang"]["联系电话"] == "13800000000"
    assert "*" in shown["hu"]["身份证号码"]
    assert "*" in shown["hu"]["联系电话"]
    assert "*" in shown["zhang"]["身份证号码"]
    assert "联系电话" not in shown["zhang"]


# --- task page ------------------------------------------------------------------------------------------------------


def test_the_task_page_has_the_form_and_says_who_may_act(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    task = office.open(case, "受理")
    with office.look("wang") as this:
        page = views.task(this, task)
        again = views.task(this, task)
    assert page.form.id == "note"
    assert (page.mine, page.may_act, page.claimed_by) == (False, True, None)
    assert [each.node_id for each in page.deadlines] == ["受理"]
    assert page.key != again.key

    office.claim(task, "ding")
    with office.look("wang") as this:
        page = views.task(this, task)
    assert (page.may_act, page.claimed_by) == (False, "丁玲")


def test_the_page_of_a_task_that_is_done_says_by_whom(office: Office) -> None:
    case = office.start("line")
    task = office.open(case, "受理")
    office.complete(task, "ding")
    with pytest.raises(TaskAlreadyClosed, match="丁玲"), office.look("wang") as this:
        views.task(this, task)


def test_a_form_that_comes_again_holds_what_it_said_before(office: Office) -> None:
    case = office.start("rounds")
    office.do(case, "一轮", "wang", 结论="不同意")
    with office.look("wang") as this:
        assert views.task(this, office.open(case, "一轮")).fields["结论"] == ["不同意"]


def test_one_may_begin_only_what_one_may_start(office: Office) -> None:
    with office.look("wang") as this:
        assert "line" in {each.id for each in views.startable(this)}
        assert views.start_form(this, "line").form.id == "apply"
    with office.look("li") as this:
        assert views.startable(this) == []
        with pytest.raises(ProcedureNotOpen):
            views.start_form(this, "line")


# --- diagram --------------------------------------------------------------------------------------------------------


def test_the_diagram_shows_what_is_done_open_and_late(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    with office.look("wang") as this:
        state = views.diagram_state(this, case.case_id, "line")["elements"]
    assert {node: each["state"] for node, each in state.items()} == {"start": "done", "受理": "open"}
    assert "秋浦街道" in state["受理"]["text"]
    assert "3月9日" in state["受理"]["text"]

    with office.look("wang", "2026-03-09 12:00") as this:
        assert views.diagram_state(this, case.case_id, "line")["elements"]["受理"]["state"] == "yellow"
    sweep.wake_due(office.runtime, moment("2026-03-10"))
    with office.look("wang", "2026-03-10") as this:
        state = views.diagram_state(this, case.case_id, "line")["elements"]
    assert state["受理"]["state"] == "late"
    assert state["受理超期"]["state"] == state["催办受理"]["state"] == "done"

    office.do(case, "受理", "wang", at="2026-03-11")
    with office.look("wang") as this:
        state = views.diagram_state(this, case.case_id, "line")["elements"]
    assert (state["受理"]["state"], state["审核"]["state"]) == ("done", "open")


def test_only_the_diagrams_of_the_case_can_be_seen(office: Office) -> None:
    case = office.start("line")
    with office.look("wang") as this:
        assert b"isExecutable" in views.diagram_xml(this, case.case_id, "line")
        for view in (views.diagram_xml, views.diagram_state):
            for process in ("both", "nothing"):
                with pytest.raises(CaseNotFound):
                    view(this, case.case_id, process)


# --- follow ---------------------------------------------------------------------------------------------------------


def test_a_family_follows_its_case_by_number_and_code(office: Office) -> None:
    case = office.start("line", at="2026-03-02")
    office.do(case, "受理", "wang", at="2026-03-04")
    with office.look(office.citizen(case.number)) as this:
        page = views.follow(this, f" {case.number.lower()} ", f" {case.follow_code.lower()} ")
    assert (page.number, page.applicant_name, page.stage) == (case.number, "刘桂英", "审核中")
    assert [(step.name, step.state, step.at) for step in page.steps] == [
        ("已提交", "done", moment("2026-03-02")),
        ("受理中", "done", moment("2026-03-02")),
        ("审核中", "open", moment("2026-03-04")),
    ]


def test_a_wrong_code_is_answered_like_a_wrong_number(office: Office) -> None:
    case, other = office.start("line"), office.start("line")
    said = set()
    for number, code in (
        (case.number, other.follow_code),
        (case.number, ""),
        ("341702DB209912310001", case.follow_code),
        ("", ""),
        ("341702DB209912310001", "-" * 8),
        (case.number, "查询码不对吗"),
    ):
        with pytest.raises(CaseNotFound) as refused, office.look(office.citizen()) as this:
            find(this, number, code)
        said.add(refused.value.message)
    assert len(said) == 1


def test_a_family_sees_its_own_tasks_and_not_those_of_the_office(office: Office) -> None:
    case = surveyed(office)
    with office.look(office.citizen(case.number)) as this:
        assert views.follow(this, case.number, case.follow_code).tasks == []
    office.do(case, "入户", "zhang")
    with office.look(office.citizen(case.number)) as this:
        (task,) = views.follow(this, case.number, case.follow_code).tasks
        assert task["name"] == "补正"
        assert views.task(this, task["id"]).may_act
