"""民主评议 on phones: one vote each, nobody recused or gone, an extract only, and votes that nobody reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.cases import scenario, sweep
from engine.clock.days import SHANGHAI
from engine.store import tables
from engine.store.appraisal import appraisal_seat, representative
from engine.store.supervision import draw
from engine.supervision import published
from tests.support.app import ROOT, World, signature

EXAMPLE = ROOT / "processes" / "paperless" / "scenarios" / "approved_after_appraisal.yaml"
RELIEF = ROOT / "processes" / "relief" / "scenarios" / "appraised_by_phone.yaml"
VOTE = {"回避声明": "没有", "评议真实性": "真实", "评议客观性": "客观", "评议说明": ""}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def voting(world: World) -> int:
    """A case on which seven representatives of 杨家圪堵村 are voting; its id."""
    run = scenario.Run(world.runtime, scenario.read(EXAMPLE), until=scenario.moment("2026-03-06 10:00"))
    report = run.play()
    assert not report.failure, report.failure
    world.clock.now = at("2026-03-06 10:30")
    return report.case_id


@pytest.fixture
def relief(world: World) -> int:
    """A case of 临时救助 on which five representatives of 嘉祥社区 are voting; its id."""
    return played(world, "2026-03-05 11:00")


def played(world: World, until: str) -> int:
    report = scenario.Run(world.runtime, scenario.read(RELIEF), until=scenario.moment(until)).play()
    assert not report.failure, report.failure
    world.clock.now = scenario.moment(until) + timedelta(minutes=30)
    return report.case_id


def rows(world: World, table: Any, *which: Any) -> list[dict[str, Any]]:
    with world.runtime.store.transaction(write=False) as session:
        return [{**row} for row in session.execute(select(table).where(*which)).mappings()]


def votes_of(world: World) -> dict[str, str]:
    """The open votes: account -> task id."""
    t = tables.task
    return {row["assignee"]: row["id"] for row in rows(world, t, t.c.node_id == "vote", t.c.status == "open")}


def cast(world: World, account: str, task_id: str, **said: str) -> Any:
    desk = world.desk(account)
    desk.get(f"/desk/tasks/{task_id}")
    return desk.post(f"/desk/tasks/{task_id}", {**VOTE, "评议签名": signature(), **said})


def recuse(world: World, account: str, case_id: int, name: str) -> None:
    """The host registers on the case page that this representative may not vote."""
    host = world.desk(account)
    page = host.get(f"/desk/cases/{case_id}").text
    link = page.split(f"登记回避、卸任（{name}）")[0].rpartition('href="')[2].partition('"')[0]
    host.get(link)
    answer = host.post(link, {"登记事由": "近亲属", "回避原因": "申请人的妻弟"})
    assert answer.status_code == 302, answer.text


def test_a_representative_votes_once_and_is_told_so_the_second_time(world: World, voting: int) -> None:
    account, task_id = next(iter(votes_of(world).items()))
    assert cast(world, account, task_id).status_code == 302

    again = cast(world, account, task_id, 评议真实性="不真实", 评议说明="改主意了")

    assert again.status_code == 409
    assert "办结" in again.text
    seats = rows(world, appraisal_seat, appraisal_seat.c.state == "已表决")
    assert [seat["truth"] for seat in seats] == ["真实"]


def test_a_representative_sees_the_extract_and_nothing_of_the_file(world: World, voting: int) -> None:
    account, task_id = next(iter(votes_of(world).items()))
    desk = world.desk(account)
    (case,) = rows(world, tables.case, tables.case.c.id == voting)

    pages = [desk.get(address).text for address in (f"/desk/tasks/{task_id}", "/desk/", f"/desk/cases/{voting}")]

    assert "种地12亩，农闲打零工" in pages[0]
    assert '<details class="fold" open>' in pages[0]  # on a phone it stays open, before the dates
    assert pages[0].index("种地12亩") < pages[0].index("<h3>期限</h3>")
    for page in pages:
        for secret in (
            case["applicant_id_no"],
            case["applicant_id_no"][:6],
            case["applicant_phone"],
            "达拉特农村商业银行",
        ):
            assert secret not in page
        assert "核对家庭月收入" not in page


def test_nobody_reads_how_somebody_voted_only_how_many(world: World, voting: int) -> None:
    for account, task_id in votes_of(world).items():
        assert cast(world, account, task_id, 评议客观性="不客观", 评议说明="他家有拉货车").status_code == 302

    for reader in ("wz_host", "wz_clerk", "wz_county", "wz_head"):
        page = world.desk(reader).get(f"/desk/cases/{voting}").text
        assert "他家有拉货车" not in page or reader == "wz_host"
        assert "评议客观性" not in page
    host = world.desk("wz_host")
    (task,) = rows(world, tables.task, tables.task.c.node_id == "conclude_appraisal")
    shown = host.get(f"/desk/tasks/{task['id']}").text
    assert "有分歧" in shown
    assert "折桂莲" not in shown


def test_who_is_not_drawn_or_has_left_cannot_vote(world: World, voting: int) -> None:
    open_votes = votes_of(world)
    account, task_id = next(iter(open_votes.items()))
    outsider = next(f"wz_rep{n}" for n in range(1, 10) if f"wz_rep{n}" not in open_votes)
    assert world.desk(outsider).get(f"/desk/tasks/{task_id}").status_code == 404
    (one,) = rows(world, representative, representative.c.account_id == account)
    clerk = world.desk("wz_clerk")
    clerk.get("/desk/representatives/")
    clerk.post(f"/desk/representatives/{one['id']}/end", {"until": "2026-03-06", "reason": "迁往包头"})

    world.clock.now = at("2026-03-07 09:00")

    assert world.desk(account).get(f"/desk/tasks/{task_id}").status_code == 404
    assert rows(world, appraisal_seat, appraisal_seat.c.state == "已表决") == []


def test_who_was_recused_meanwhile_is_told_that_the_vote_is_no_longer_theirs(world: World, voting: int) -> None:
    account, task_id = next(iter(votes_of(world).items()))
    (task,) = rows(world, tables.task, tables.task.c.id == task_id)
    recuse(world, "wz_host", voting, task["name"].partition("（")[2].rstrip("）"))

    refused = cast(world, account, task_id)

    assert refused.status_code == 409
    assert "不需要办理" in refused.text
    assert [seat["remark"] for seat in rows(world, appraisal_seat, appraisal_seat.c.state == "已回避")] == [
        "申请人的妻弟"
    ]


def test_a_vote_on_relief_counts_once_and_the_second_is_told_so(world: World, relief: int) -> None:
    account, task_id = next(iter(votes_of(world).items()))
    assert cast(world, account, task_id).status_code == 302

    again = cast(world, account, task_id, 评议真实性="弃权")

    assert again.status_code == 409
    assert "办结" in again.text
    assert [seat["truth"] for seat in rows(world, appraisal_seat, appraisal_seat.c.state == "已表决")] == ["真实"]


def test_a_vote_on_relief_after_the_window_has_closed_is_told_so(world: World, relief: int) -> None:
    account, task_id = next(iter(votes_of(world).items()))
    world.clock.now = at("2026-03-10 08:00")
    sweep.wake_due(world.runtime, world.clock.now)

    late = cast(world, account, task_id)

    assert late.status_code == 409
    assert "期限已过" in late.text
    assert rows(world, appraisal_seat, appraisal_seat.c.state == "已表决") == []


def test_who_was_recused_from_relief_is_told_that_the_vote_is_no_longer_theirs(world: World, relief: int) -> None:
    account, task_id = next(iter(votes_of(world).items()))
    (task,) = rows(world, tables.task, tables.task.c.id == task_id)
    recuse(world, "jj_host", relief, task["name"].partition("（")[2].rstrip("）"))

    refused = cast(world, account, task_id)

    assert refused.status_code == 409
    assert "不需要办理" in refused.text


def test_of_relief_a_representative_reads_what_happened_and_no_amount(world: World, relief: int) -> None:
    account, task_id = next(iter(votes_of(world).items()))

    page = world.desk(account).get(f"/desk/tasks/{task_id}").text

    assert "报销以后自己付的部分靠借钱" in page
    assert "嘉祥社区二组" in page
    assert "公示期间反映的情况" not in page
    for secret in ("3000", "440524188001010014", "440524", "13900000003", "符小海"):
        assert secret not in page


def test_the_office_reads_names_of_people_and_not_their_sign_in_names(world: World, relief: int) -> None:
    page = world.desk("jj_clerk").get(f"/desk/cases/{relief}").text

    for name, account in (("王业雄", "jx_rep1"), ("陈海英", "jj_survey1")):  # recused; who visited
        assert name in page
        assert account not in page


def test_after_an_objection_others_read_what_was_objected_and_nowhere_by_whom(world: World) -> None:
    case_id = played(world, "2026-03-10 09:30")
    account, task_id = next(iter(votes_of(world).items()))
    desk = world.desk(account)

    pages = [desk.get(address).text for address in (f"/desk/tasks/{task_id}", "/desk/", f"/desk/cases/{case_id}")]

    assert "反映该户另有收入来源" in pages[0]
    assert not any("王业雄" in page for page in pages)
    first, second = rows(world, draw)
    assert "jx_rep1" not in votes_of(world)  # it was he who objected
    assert second["document"]["recused"].count("在本件以前的评议里表决过") == 4
    assert "申请家庭成员、近亲属或者利害关系人" in second["document"]["recused"]
    marks = {one["mark"] for one in second["document"]["population"]}
    voted = set(first["document"]["result"]) & marks
    assert not voted
    assert "王业雄" not in world.visitor().get("/draws").text


@pytest.mark.parametrize(
    "example, until, host, why",
    [
        ("relief/scenarios/spending_by_township.yaml", "2026-03-05 09:05", "jj_host", "村（社区）没有登记评议代表"),
        (
            "paperless/scenarios/appraisal_quorum_missed_twice.yaml",
            "2026-03-13 09:00",
            "wz_host",
            "手机表决两次没有达到人数",
        ),
        (
            "paperless/scenarios/appraisal_too_few_representatives.yaml",
            "2026-03-06 15:00",
            "wz_host",
            "可以评议的代表不够，补充不了",
        ),
    ],
)
def test_a_meeting_says_why_it_is_held(world: World, example: str, until: str, host: str, why: str) -> None:
    moment = scenario.moment(until)
    report = scenario.Run(world.runtime, scenario.read(ROOT / "processes" / example), until=moment).play()
    assert not report.failure, report.failure
    world.clock.now = moment + timedelta(minutes=1)
    sweep.wake_due(world.runtime, world.clock.now)
    (task,) = rows(world, tables.task, tables.task.c.node_id == "appraisal_meeting", tables.task.c.status == "open")

    assert why in world.desk(host).get(f"/desk/tasks/{task['id']}").text


def test_the_draw_is_published_with_its_seed_and_comes_out_again(world: World, voting: int) -> None:
    (drawn,) = rows(world, draw)

    assert drawn["number"] in world.visitor().get("/draws").text
    assert drawn["seed"] in world.visitor().get("/draws").text
    assert "wz_rep" not in str(drawn["document"])
    assert published.verify(drawn["document"]) == []
    assert published.verify({**drawn["document"], "seed": "另一个种子"}) != []


def test_the_clerk_keeps_the_list_and_a_newcomer_can_sign_in(world: World) -> None:
    clerk = world.desk("wz_clerk")
    clerk.get("/desk/representatives/")
    newcomer = {
        "village": "wangaizhao_shengchengyong",
        "name": "刘满仓",
        "phone": "13847700001",
        "kind": "党员代表",
        "since": "2026-03-02",
    }
    assert clerk.post("/desk/representatives/add", newcomer).status_code == 302
    page = clerk.get("/desk/representatives/").text

    assert "刘满仓" in page
    assert "初始密码" in page
    again = clerk.post("/desk/representatives/add", newcomer)
    assert again.status_code == 422
    assert "已经是本村（社区）的评议代表" in again.text
    wrong = clerk.post("/desk/representatives/add", {**newcomer, "phone": "123"})
    assert "手机号码应为" in wrong.text
    assert 'value="刘满仓"' in wrong.text  # nothing typed is lost


def test_a_list_is_kept_by_its_own_township_only(world: World) -> None:
    stranger = world.desk("qp_clerk")
    stranger.get("/desk/representatives/")
    entry = {"village": "wangaizhao_yangjiagedu", "name": "外人", "kind": "党员代表", "since": "2026-03-02"}

    assert stranger.post("/desk/representatives/add", entry).status_code == 422
    assert "云三娃" not in stranger.get("/desk/representatives/").text
    assert world.desk("wz_rep1").get("/desk/representatives/").status_code == 404
