"""What happens between us and a real provincial system, however badly it behaves."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from sqlalchemy import select

from engine.cases.runtime import Step
from engine.delivery.errors import DeliveryNotFound, OperatorsOnly, Permanent
from engine.people.actor import Actor, Post
from engine.province import exchange, operations, signing
from engine.province.messages import A, M
from tests.province.conftest import SECRET, Both, wait_for

ADMINISTRATOR = Actor("cz_admin", "管理员", (Post("administrator", "chizhou", "/chizhou/", "池州市民政局"),))


def test_an_application_is_reported_and_the_result_comes_back_by_itself(both: Both) -> None:
    case_id = both.reported()
    assert both.deliver() == 1
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    assert both.case(case_id)["outcome"] == "确认同意"
    assert both.answers(case_id) == [("受理", "used"), ("同意", "used")]
    (benefit,) = both.benefits(case_id)
    assert (benefit["category"], benefit["amount"], benefit["start_month"]) == (
        "高龄津贴（80—89周岁）",
        5000,
        "2026-04",
    )


def test_a_province_that_answers_everything_twice_begins_one_benefit(both: Both) -> None:
    both.province.moods.duplicate = True
    case_id = both.reported()
    both.deliver()
    wait_for(lambda: sum(row["repeats"] for row in both.rows(answers_of(both, case_id))) == 2)
    assert both.answers(case_id) == [("受理", "used"), ("同意", "used")]
    assert len(both.benefits(case_id)) == 1


def test_a_result_before_its_receipt_counts_and_the_receipt_is_kept_as_late(both: Both) -> None:
    both.province.moods.out_of_order = True
    case_id = both.reported()
    both.deliver()
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    both.later(seconds=1)
    wait_for(lambda: len(both.answers(case_id)) == 2)
    assert both.answers(case_id) == [("同意", "used"), ("受理", "late")]
    assert both.case(case_id)["outcome"] == "确认同意"


def test_a_province_that_takes_too_long_has_taken_it_all_the_same(both: Both) -> None:
    both.province.moods.slow = 2
    case_id = both.reported()
    assert both.deliver() == 0
    (message,) = both.messages(case_id)
    assert (message["status"], message["attempts"]) == ("waiting", 1)
    assert "没有应答" in message["error"]
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    (message,) = both.messages(case_id)
    assert (message["status"], message["error"]) == ("sent", None)  # its answer shows that it has arrived
    both.later(minutes=2)
    assert both.deliver() == 0
    assert len(both.benefits(case_id)) == 1


def test_a_province_that_takes_too_long_and_stays_silent_gets_the_same_number_again(both: Both) -> None:
    both.province.moods.slow, both.province.moods.silent = 2, 1
    case_id = both.reported()
    assert both.deliver() == 0
    both.province.moods.slow = 0
    both.later(minutes=2)
    wait_for(lambda: both.deliver() or both.case(case_id)["status"] == "closed")
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    assert len(both.messages(case_id)) == len(both.benefits(case_id)) == 1


def test_a_province_that_is_down_is_tried_again_with_longer_waits(both: Both) -> None:
    both.province.moods.down = 2
    case_id = both.reported()
    waits = []
    while both.deliver() == 0:
        (message,) = both.messages(case_id)
        waits.append((message["next_at"] - both.now).total_seconds() / 60)
        both.later(minutes=waits[-1])
    assert waits == [1, 5]
    wait_for(lambda: both.case(case_id)["status"] == "closed")


def test_when_all_attempts_have_failed_the_county_is_told_and_the_administrator_sends_it_again(both: Both) -> None:
    both.province.moods.down = 100
    case_id = both.reported()
    while (message := both.messages(case_id)[0])["status"] == "waiting":
        both.now = message["next_at"]
        both.deliver()
    assert message["status"] == "failed"
    with both.runtime.store.transaction(write=False) as session:
        (shown,) = exchange.of_case(Step(both.runtime, session, ADMINISTRATOR, both.now), both.case(case_id))
    assert (shown.state, shown.failed) == ("没有报送成功", True)
    assert f"这次试了{message['attempts']}次" in shown.detail
    assert "没有报送到省系统" in both.told(case_id, "county_clerk")
    both.province.moods.down = 0
    with both.runtime.store.transaction() as session:
        step = Step(both.runtime, session, ADMINISTRATOR, both.now)
        assert [row.key for row in operations.page(step).open] == [message["key"]]
        operations.send_again(step, message["id"])
    assert both.deliver() == 1
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    with both.runtime.store.transaction() as session, pytest.raises(DeliveryNotFound):
        operations.send_again(Step(both.runtime, session, ADMINISTRATOR, both.now), message["id"])


def test_only_an_administrator_sees_how_the_exchange_stands(both: Both) -> None:
    with both.runtime.store.transaction() as session, pytest.raises(OperatorsOnly):
        operations.page(Step(both.runtime, session, Actor("dc_county", "杜克勤"), both.now))


def test_a_silent_province_is_asked_again_and_then_answers(both: Both) -> None:
    both.province.moods.silent = 1
    case_id = both.reported()
    assert both.deliver() == 1
    assert both.inquire() == 0
    both.later(minutes=16)
    both.wake()
    (message,) = both.messages(case_id)
    assert (message["status"], message["asked"]) == ("waiting", 2)
    both.deliver()
    wait_for(lambda: both.case(case_id)["status"] == "closed")


def test_silence_that_lasts_ends_at_a_person_and_never_at_a_result(both: Both) -> None:
    both.province.moods.silent = 100
    both.province.moods.mute = True
    case_id = both.reported()
    for _ in range(3):
        both.deliver()
        both.later(hours=5)
        both.wake()
    assert both.open(case_id) == ["chase"]
    assert both.benefits(case_id) == []


def test_a_province_that_calls_nobody_back_is_inquired(both: Both) -> None:
    both.province.moods.mute = True
    case_id = both.reported()
    both.deliver()
    both.later(minutes=3)
    assert both.inquire() == 2
    assert both.case(case_id)["outcome"] == "确认同意"
    assert both.inquire() == 0


def test_what_was_sent_back_is_corrected_and_reported_as_a_new_version(both: Both) -> None:
    case_id = both.reported(accountNo="621033000000")
    both.deliver()
    wait_for(lambda: both.open(case_id) == ["correct"])
    corrected = {"更正处理": "更正后重新报送", "accountNo": "6210330000000001234", "更正说明": "少抄了几位"}
    both.do(case_id, "correct", "dc_clerk", corrected)
    first, second = both.messages(case_id)
    assert (first["version"], second["version"]) == (1, 2)
    assert second["content"]["account"]["account"] == "6210330000000001234"
    both.deliver()
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    assert both.case(case_id)["outcome"] == "确认同意"
    assert [benefit["account"] for benefit in both.benefits(case_id)] == ["6210330000000001234"]


def test_a_second_result_against_the_first_changes_nothing_and_people_are_asked(both: Both) -> None:
    both.province.moods.contradict = True
    case_id = both.reported()
    both.deliver()
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    both.later(seconds=1)
    wait_for(lambda: len(both.answers(case_id)) == 3)
    assert both.answers(case_id)[-1] == ("不同意", "conflict")
    assert "省系统答复需要核实" in both.told(case_id, "county_clerk")
    assert [benefit["status"] for benefit in both.benefits(case_id)] == ["在享"]


def test_a_door_that_is_shut_for_a_while_is_tried_again(both: Both) -> None:
    door, both.province.callback = both.province.callback, "http://127.0.0.1:9/nobody"
    case_id = both.reported()
    both.deliver()
    wait_for(lambda: both.province.ledger.due(both.now.timestamp(), 8) == [])
    both.province.callback = door
    assert both.answers(case_id) == []
    both.later(seconds=2)
    wait_for(lambda: both.case(case_id)["status"] == "closed")


def test_what_has_been_answered_is_not_sent_any_more(both: Both) -> None:
    case_id = both.reported(until="2026-03-03 10:05")
    assert both.messages(case_id)[0]["status"] == "sent"
    assert both.deliver() == 0


def test_the_province_refuses_who_receives_already(both: Both) -> None:
    case_id = both.reported()
    both.deliver()
    wait_for(lambda: both.case(case_id)["status"] == "closed")
    (message,) = both.messages(case_id)
    other = {**message["content"], "caseNumber": "511703GL209901010001", "digest": "other"}
    both.link.report("511703GL209901010001-N1", other, both.now)
    answers = both.link.inquire(["511703GL209901010001-N1"], both.now)
    assert [(each["kind"], each["reason"]) for each in answers][-1] == ("不同意", "已经享受高龄津贴")


def test_the_same_number_for_other_data_is_refused_for_good(both: Both) -> None:
    content = {"kind": "新增", "digest": "one"}
    both.link.report("K-N1", content, both.now)
    both.link.report("K-N1", content, both.now)
    with pytest.raises(Permanent, match="同一编号的内容不同"):
        both.link.report("K-N1", {**content, "digest": "two"}, both.now)


def test_an_answer_counts_only_with_the_agreed_signature(both: Both) -> None:
    case_id = both.reported()
    both.deliver()
    key = both.messages(case_id)[0]["key"]
    wait_for(lambda: len(both.answers(case_id)) == 2)
    forged = {"id": "forged", "key": key, "kind": "不同意", "reason": "假的"}
    assert bring(both, forged, secret="not the secret of both") == 401
    assert bring(both, forged, late=600) == 401
    assert len(both.answers(case_id)) == 2


@pytest.mark.parametrize(
    "content, status",
    [
        ({"id": "1", "key": "K"}, 422),
        ({"id": "1", "key": "K", "kind": "也许"}, 422),
        ({"id": "1", "key": "K", "kind": "同意", "amount": "50"}, 422),
        ({"id": "1", "key": "K", "kind": "同意", "amount": "五十", "startMonth": "2026-04"}, 422),
        ({"id": "1", "key": "K", "kind": "退回"}, 422),
        ({"id": ["1"], "key": "K", "kind": "受理"}, 422),
        ([1], 422),
        ({"id": "nobody's", "key": "never-sent-N1", "kind": "受理"}, 200),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_the_reason(both: Both, content: object, status: int) -> None:
    assert bring(both, content) == status


def answers_of(both: Both, case_id: int) -> object:
    return select(A).join(M, M.c.id == A.c.message_id).where(M.c.case_id == case_id)


def bring(both: Both, content: object, *, secret: str = SECRET, late: int = 0) -> int:
    """Bring an answer to our door; gives the HTTP status."""
    body = json.dumps(content).encode()
    moment = both.now.fromtimestamp(both.now.timestamp() - late, both.now.tzinfo)
    request = urllib.request.Request(both.address, body, signing.headers(body, secret, moment))
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
