"""What topics leave in a case: notices with four fields and no more, papers with numbers, letters, reminders."""

from __future__ import annotations

import json

from engine.cases import Done, sweep, views
from engine.store import tables
from tests.support.office import FAMILY, Office, moment


def posted(office: Office) -> Done:
    """A case whose notice hangs."""
    case = office.start("papers", at="2026-03-02")
    office.do(case, "公示准备", "wang", at="2026-03-03")
    return case


def test_a_notice_hangs_in_the_village_with_the_listed_fields_and_no_others(office: Office) -> None:
    posted(office)
    row = office.row(tables.notice)
    assert (row["kind"], row["unit_id"], row["status"]) == ("初审公示", "zhen_cun", "公示中")
    assert row["start_at"] == moment("2026-03-03")
    assert set(row["fields"]) == {"姓名", "保障人数", "救助类别"}  # no amount is known in this office: no row for it
    assert (row["fields"]["姓名"], row["fields"]["保障人数"]) == ("刘桂英", "3")


def test_no_number_of_a_person_reaches_the_board_or_its_history(office: Office) -> None:
    posted(office)
    with office.look() as this:
        board = views.notices(this)
    told = json.dumps(
        [office.rows(tables.notice), office.rows(tables.history, act="notice")], default=str, ensure_ascii=False
    ) + str(board)
    for private in ("idNo", "phone", "accountNo"):
        assert FAMILY[private] not in told


def test_a_notice_that_has_hung_its_days_comes_down(office: Office) -> None:
    case = posted(office)
    with office.look() as this:
        assert len(views.notices(this, "zhen")) == 1
        assert views.notices(this, "waixiang") == []
    office.do(case, "公示结束", "wang", at="2026-03-10")
    row = office.row(tables.notice)
    assert (row["status"], row["end_at"], row["removed_at"]) == ("期满", moment("2026-03-10"), moment("2026-03-10"))
    with office.look() as this:
        assert views.notices(this) == []


def test_a_letter_to_the_family_has_its_names_filled(office: Office) -> None:
    case = posted(office)
    number = office.row(tables.notice)["number"]
    letter = office.row(tables.outbox)
    assert letter["text"] == f"刘桂英，公示{number}已张贴"
    assert (letter["to_applicant"], letter["to_role"], letter["case_id"]) == (True, None, case.case_id)
    with office.look(office.citizen(case.number)) as this:
        assert [each.text for each in views.follow(this, case.number, case.follow_code).letters] == [letter["text"]]


def test_a_paper_is_kept_word_for_word_under_its_number(office: Office) -> None:
    case = posted(office)
    office.do(case, "公示结束", "wang", at="2026-03-10")
    paper = office.row(tables.paper)
    assert (paper["number"], paper["title"]) == ("救〔2026〕1号", "救助确认书")
    assert paper["text"] == "刘桂英：编号 救〔2026〕1号，请于2026年3月10日领取。"
    with office.look("wang") as this:
        assert [each.number for each in views.case(this, case.case_id).papers] == ["救〔2026〕1号"]


def test_papers_count_by_year_without_gaps(office: Office) -> None:
    for day in ("2026-03-10", "2026-06-10", "2027-01-04"):
        case = office.start("papers", at=day)
        office.do(case, "公示准备", "wang")
        office.do(case, "公示结束", "wang")
    numbers = [row["number"] for row in office.rows(tables.paper)]
    assert numbers == ["救〔2026〕1号", "救〔2026〕2号", "救〔2027〕1号"]


def test_a_reminder_reaches_each_post_once_even_if_the_diagram_names_it_twice(office: Office) -> None:
    case = office.start("eager", at="2026-03-02")
    assert sweep.wake_due(office.runtime, moment("2026-03-20")) == sweep.Swept(fired=1)
    assert sweep.wake_due(office.runtime, moment("2026-03-21")) == sweep.Swept()
    told = office.rows(tables.outbox)
    assert [(row["to_role"], row["to_unit"], row["case_id"]) for row in told] == [("deputy_head", "zhen", case.case_id)]
    assert len(office.rows(tables.history, act="overdue")) == 1
