"""Every construct of the dialect: in memory, reloaded after each step and unpruned, a case stands in the same place."""

from __future__ import annotations

import pytest

from engine.bpmn.deployment import Deployment
from engine.bpmn.errors import NoWayOn, ProcedureNotFound, TokenNotFound
from engine.bpmn.run import Live
from tests.support.diagrams import chain, definitions, end, flow, line, message_boundary, process, start, timer, user
from tests.support.tables import decisions, table
from tests.support.walks import Walk

MESSAGE = '<bpmn:message id="m" name="撤回"/>'


def gateway(node_id: str, kind: str = "exclusive", default: str = "") -> str:
    return f'<bpmn:{kind}Gateway id="{node_id}" name="{node_id}" default="{default}"/>'


def many(node: str, *, collection: str, element: str, sequential: bool = False) -> str:
    """`node` (its element text) with one instance for each of the collection."""
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" '
        f'camunda:collection="{collection}" camunda:elementVariable="{element}"/>'
    )
    head, mark, tail = node.rpartition("</bpmn:")
    return head + loop + mark + tail


def call(node_id: str, called: str) -> str:
    return f'<bpmn:callActivity id="{node_id}" name="{node_id}" calledElement="{called}"></bpmn:callActivity>'


def inside(node_id: str, body: str) -> str:
    return f'<bpmn:subProcess id="{node_id}" name="{node_id}">{body}</bpmn:subProcess>'


def catch(node_id: str, inner: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{node_id}" name="{node_id}">{inner}</bpmn:intermediateCatchEvent>'


AFTER = "<bpmn:timerEventDefinition><bpmn:timeDuration>{}</bpmn:timeDuration></bpmn:timerEventDefinition>"
RECEIVED = '<bpmn:messageEventDefinition messageRef="m"/>'


def walk(body: str, *others: str, **facts: object) -> Walk:
    return Walk({"p.bpmn": definitions(MESSAGE + process("p", body) + "".join(others))}, facts=facts)


def test_tasks_in_a_line_are_done_one_after_the_other() -> None:
    case = Walk({"p.bpmn": line(3)}, "line")
    assert case.open == ["t1", "t1_late"]
    case.complete("t1", 意见="同意")
    case.complete("t2")
    case.complete("t3")
    assert (case.ended, case.open, case.facts) == (True, [], {"意见": "同意"})


def test_a_reminder_leaves_the_task_open_and_comes_once() -> None:
    case = Walk({"p.bpmn": line(2)}, "line")
    assert case.bounded("t1_late") == "t1"
    case.fire("t1_late")
    assert case.open == ["t1"]
    assert "line/t1_late_end" in case.passed
    case.complete("t1")
    assert case.open == ["t2", "t2_late"]


def test_a_timeout_that_interrupts_takes_the_task_away() -> None:
    body = (
        start() + user("x") + end() + chain("start", "x", "end") + timer("late", "x", "10个工作日", interrupting=True)
    )
    case = walk(body + user("y") + end("e2") + chain("late", "y", "e2"))
    case.fire("late")
    assert case.open == ["y"]
    case.complete("y")
    assert case.ended


def test_a_task_that_is_done_cannot_be_done_again() -> None:
    live = Live.start("line", Deployment({"p.bpmn": line(2)}).specs, {})
    token = next(key for key, waiting in live.waiting().items() if waiting.kind == "user")
    live.complete(token, {})
    with pytest.raises(TokenNotFound, match="请刷新后再看"):
        live.complete(token, {})
    with pytest.raises(TokenNotFound):
        live.fire(token)


def test_a_choice_takes_the_first_way_that_holds_else_the_default() -> None:
    body = start() + user("x") + gateway("g", default="g_b") + user("a") + user("b") + end()
    body += (
        chain("start", "x", "g")
        + flow("g", "a", "收入 &lt;= 标准")
        + flow("g", "b")
        + chain("a", "end")
        + chain("b", "end")
    )
    poor, rich = walk(body, 标准=700), walk(body, 标准=700)
    poor.complete("x", 收入=300)
    rich.complete("x", 收入=800)
    assert (poor.open, rich.open) == (["a"], ["b"])


@pytest.mark.parametrize("value", [1, 2])
def test_two_conditions_may_lead_to_the_same_task(value: int) -> None:
    body = start() + user("x") + gateway("g", default="g_end") + user("a") + end() + chain("start", "x", "g", "end")
    body += flow("g", "a", "意见 = 1", "first") + flow("g", "a", "意见 = 2", "second") + flow("a", "end")
    case = walk(body)
    case.complete("x", 意见=value)
    assert case.open == ["a"]


def test_a_choice_that_nothing_fits_says_which_gateway() -> None:
    body = start() + user("x") + gateway("g") + user("a") + user("b") + end() + chain("start", "x", "g")
    body += flow("g", "a", "意见 = 1") + flow("g", "b", "意见 = 2") + chain("a", "end") + chain("b", "end")
    live = Live.start("p", Deployment({"p.bpmn": definitions(process("p", body))}).specs, {})
    with pytest.raises(NoWayOn, match="网关「g」"):
        live.complete(next(iter(live.waiting())), {"意见": 3})


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_two_branches_wait_for_each_other(order: str) -> None:
    body = start() + gateway("f", "parallel") + user("a") + user("b") + gateway("j", "parallel") + user("z") + end()
    case = walk(body + chain("start", "f", "a", "j", "z", "end") + chain("f", "b", "j"))
    case.complete(order[0])
    assert case.open == [order[1]]
    case.complete(order[1])
    assert case.open == ["z"]


def parallel_in_a_loop(branches: str) -> str:
    body = start() + gateway("again") + gateway("f", "parallel") + gateway("j", "parallel") + user("z") + end()
    body += gateway("more", default="more_end") + chain("start", "again", "f") + chain("j", "z", "more", "end")
    body += flow("more", "again", "再来 = 是")
    for branch in branches:
        body += user(branch) + chain("f", branch, "j")
    return body


@pytest.mark.parametrize("branches", ["ab", "abc"])
def test_branches_inside_a_loop_wait_for_each_other_every_time(branches: str) -> None:
    case = walk(parallel_in_a_loop(branches))
    for turn in range(6):
        for branch in branches[turn % 2 :] + branches[: turn % 2]:
            assert "z" not in case.open
            case.complete(branch)
        assert case.open == ["z"]
        case.complete("z", 再来=turn < 5)
    assert case.ended


def test_a_reminder_inside_parallel_branches_disturbs_no_join() -> None:
    body = parallel_in_a_loop("abc") + timer("late", "a", "1个工作日") + end("told") + flow("late", "told")
    case = walk(body)
    for turn in range(4):
        case.complete("b")
        case.fire("late")
        case.complete("c")
        case.complete("a")
        case.complete("z", 再来=turn < 3)
    assert case.ended


def loop() -> str:
    body = start() + gateway("again") + user("x") + gateway("more", default="more_end") + end()
    body += timer("late", "x", "5个工作日") + end("told") + flow("late", "told")
    return body + chain("start", "again", "x", "more", "end") + flow("more", "again", "再来 = 是")


def test_a_task_can_be_sent_back_fifty_times() -> None:
    case = walk(loop())
    for turn in range(50):
        if turn % 7 == 0:
            case.fire("late")
        case.complete("x", 再来=True)
    case.complete("x", 再来=False)
    assert case.ended
    assert case.passed.count("p/x") == 51


def test_a_thousand_turns_do_not_hang_or_grow() -> None:
    specs = Deployment({"p.bpmn": definitions(process("p", loop()))}).specs
    live = Live.start("p", specs, {})
    sizes = []
    for _ in range(1_000):
        live.complete(next(key for key, token in live.waiting().items() if token.kind == "user"), {"再来": True})
        sizes.append(len(live.dump()))
    assert len(live.waiting()) == 2
    assert max(sizes) <= 1.2 * sizes[9]  # bytes


def test_the_state_after_two_hundred_tasks_is_as_small_as_after_ten() -> None:
    specs = Deployment({"p.bpmn": line(210)}).specs
    live = Live.start("line", specs, {"户数": 3})
    sizes = []
    for _ in range(200):
        live.complete(next(key for key, token in live.waiting().items() if token.kind == "user"), {"意见": "同意"})
        sizes.append(len(live.dump()))
    assert max(sizes[10:]) <= 1.2 * sizes[9]


def test_six_hundred_decisions_in_a_row_need_nobody() -> None:
    names = [f"r{n}" for n in range(600)]
    body = start() + end() + chain("start", *names, "end")
    body += "".join(f'<bpmn:businessRuleTask id="{n}" name="{n}" camunda:decisionRef="t"/>' for n in names)
    files = {
        "p.bpmn": definitions(process("p", body)),
        "d.dmn": decisions(table("t", ["1"], ["类别"], [["-", '"低保"']])),
    }
    live = Live.start("p", Deployment(files).specs, {})
    assert live.ended
    assert live.facts == {"类别": "低保"}


def test_the_table_answers_from_the_facts_of_the_case() -> None:
    body = start() + user("x") + '<bpmn:businessRuleTask id="r" name="r" camunda:decisionRef="t"/>' + user("y") + end()
    rows = [["< 700", '"低保"'], [">= 700", '"不符合"']]
    files = {
        "p.bpmn": definitions(process("p", body + chain("start", "x", "r", "y", "end"))),
        "d.dmn": decisions(table("t", ["收入"], ["类别"], rows)),
    }
    case = Walk(files)
    case.complete("x", 收入=300)
    assert (case.open, case.facts["类别"]) == (["y"], "低保")


def test_a_service_task_waits_for_its_topic_and_keeps_what_it_gives() -> None:
    body = start() + '<bpmn:serviceTask id="s" name="s" camunda:topic="t"/>' + user("y") + end()
    case = walk(body + chain("start", "s", "y", "end"))
    assert case.keys() == [("s", "work", "")]
    case.complete("s", 编号="〔2026〕1号")
    assert (case.open, case.facts) == (["y"], {"编号": "〔2026〕1号"})


# -- the first of several events


def first_event() -> str:
    body = (
        start() + gateway("g", "eventBased") + catch("week", AFTER.format("7日")) + catch("objected", RECEIVED) + end()
    )
    body += (
        user("handle") + user("go_on") + chain("start", "g", "week", "go_on", "end") + chain("g", "objected", "handle")
    )
    return (
        body + gateway("more", default="more_end") + chain("handle", "more", "end") + flow("more", "g", "再公示 = 是")
    )


def test_the_first_event_takes_the_token_and_the_others_go() -> None:
    case = walk(first_event())
    assert case.open == ["objected", "week"]
    case.fire("week")
    assert case.open == ["go_on"]


def test_an_objection_restarts_the_wait() -> None:
    case = walk(first_event())
    for _ in range(3):
        case.fire("objected", 异议="收入不实")
        case.complete("handle", 再公示=True)
        assert case.open == ["objected", "week"]
    case.fire("week")
    case.complete("go_on")
    assert case.ended


def test_an_intermediate_timer_and_a_received_message_wait() -> None:
    body = start() + catch("week", AFTER.format("7日")) + '<bpmn:receiveTask id="r" name="r" messageRef="m"/>' + end()
    case = walk(body + chain("start", "week", "r", "end"))
    assert case.keys() == [("week", "timer", "")]
    case.fire("week")
    assert case.keys() == [("r", "message", "")]
    case.fire("r", 结果="有")
    assert (case.ended, case.facts) == (True, {"结果": "有"})


def test_a_receive_task_with_a_deadline_can_come_late() -> None:
    body = start() + '<bpmn:receiveTask id="r" name="r" messageRef="m"/>' + end() + chain("start", "r", "end")
    case = walk(body + timer("late", "r", "5个工作日", interrupting=True) + user("y") + chain("late", "y", "end"))
    assert case.open == ["late", "r"]
    case.fire("late")
    assert case.open == ["y"]


# -- subprocesses, calls, withdrawal


STEP = (
    start("cs")
    + user("c1")
    + user("c2")
    + end("ce")
    + chain("cs", "c1", "c2", "ce")
    + timer("c1_late", "c1", "5个工作日")
    + end("c1_told")
    + flow("c1_late", "c1_told")
)


def withdrawable() -> str:
    inner = start("s") + gateway("f", "parallel") + call("k", "q") + user("b") + gateway("j", "parallel") + end("e")
    inner += chain("s", "f", "k", "j", "e") + chain("f", "b", "j")
    body = start() + inside("body", inner) + end() + chain("start", "body", "end")
    body += message_boundary("withdraw", "body", "m") + user("note") + end("e2") + chain("withdraw", "note", "e2")
    return body + timer("master", "body", "20个工作日") + end("told") + flow("master", "told")


def test_the_body_runs_to_its_end_with_a_call_inside() -> None:
    case = walk(withdrawable(), process("q", STEP))
    assert case.open == ["b", "c1", "c1_late", "master", "withdraw"]
    case.complete("c1")
    case.complete("b")
    case.complete("c2")
    assert case.ended


@pytest.mark.parametrize("done", [[], ["c1"], ["b"], ["b", "c1"]])
def test_a_withdrawal_ends_everything_inside(done: list[str]) -> None:
    case = walk(withdrawable(), process("q", STEP))
    for node_id in done:
        case.complete(node_id)
    case.fire("withdraw")
    assert case.open == ["note"]
    case.complete("note")
    assert case.ended


def test_the_master_clock_reminds_and_disturbs_nothing() -> None:
    case = walk(withdrawable(), process("q", STEP))
    case.complete("c1")
    case.fire("master")
    assert case.open == ["b", "c2", "withdraw"]
    case.complete("c2")
    case.complete("b")
    assert case.ended


def test_a_called_process_can_be_called_again_and_again() -> None:
    body = start() + gateway("again") + call("k", "q") + gateway("more", default="more_end") + end()
    body += chain("start", "again", "k", "more", "end") + flow("more", "again", "再来 = 是")
    case = walk(body, process("q", STEP))
    for turn in range(12):
        case.complete("c1")
        case.complete("c2", 再来=turn < 11)
    assert case.ended
    assert max(case.sizes[10:]) <= 1.2 * max(case.sizes[:10])


def test_calls_inside_of_calls_give_their_facts_to_the_case() -> None:
    middle = start("ms") + call("mk", "q") + user("m1") + end("me") + chain("ms", "mk", "m1", "me")
    case = walk(
        start() + call("k", "mid") + end() + chain("start", "k", "end"), process("mid", middle), process("q", STEP)
    )
    case.complete("c1", 甲=1)
    case.complete("c2", 乙=2)
    case.complete("m1", 丙=3)
    assert (case.ended, case.facts) == (True, {"甲": 1, "乙": 2, "丙": 3})


def test_a_terminating_end_takes_the_other_branches_away() -> None:
    stop = '<bpmn:endEvent id="stop" name="stop"><bpmn:terminateEventDefinition/></bpmn:endEvent>'
    body = start() + gateway("f", "parallel") + user("a") + call("k", "q") + stop + end()
    case = walk(body + chain("start", "f", "a", "stop") + chain("f", "k", "end"), process("q", STEP))
    case.complete("c1")
    case.complete("a")
    assert (case.ended, case.open) == (True, [])


def test_a_terminating_end_inside_a_body_ends_the_body_alone() -> None:
    stop = '<bpmn:endEvent id="stop" name="stop"><bpmn:terminateEventDefinition/></bpmn:endEvent>'
    inner = start("s") + gateway("f", "parallel") + user("a") + user("b") + stop + end("e")
    inner += chain("s", "f", "a", "stop") + chain("f", "b", "e")
    case = walk(start() + inside("body", inner) + user("z") + end() + chain("start", "body", "z", "end"))
    case.complete("a")
    assert case.open == ["z"]


# -- one for each


def test_one_task_for_each_department_at_once() -> None:
    body = (
        start() + many(user("x"), collection="部门", element="项") + user("z") + end() + chain("start", "x", "z", "end")
    )
    case = walk(body, 部门=["教育", "住建", "医保"])
    assert case.keys() == [("x", "user", "住建"), ("x", "user", "医保"), ("x", "user", "教育")]
    case.complete("x", "医保")
    case.complete("x", "教育")
    assert case.open == ["x"]
    case.complete("x", "住建")
    assert case.open == ["z"]


def test_one_task_for_each_department_in_turn() -> None:
    body = start() + many(user("x"), collection="部门", element="项", sequential=True) + user("z") + end()
    case = walk(body + chain("start", "x", "z", "end"), 部门=["教育", "住建", "医保"])
    for department in ("教育", "住建", "医保"):
        assert case.keys() == [("x", "user", department)]
        case.complete("x", department)
    assert case.open == ["z"]


@pytest.mark.parametrize("sequential", [False, True])
def test_no_departments_means_nothing_to_wait_for(sequential: bool) -> None:
    body = start() + many(user("x"), collection="部门", element="项", sequential=sequential) + user("z") + end()
    assert walk(body + chain("start", "x", "z", "end"), 部门=[]).open == ["z"]


def referral(*, sequential: bool = False) -> str:
    body = start() + many(call("k", "q"), collection="部门", element="项", sequential=sequential) + user("z") + end()
    return body + chain("start", "k", "z", "end")


def test_each_department_has_its_own_reminder_and_its_own_facts() -> None:
    case = walk(referral(), process("q", STEP), 部门=["教育", "住建"])
    case.fire("c1_late", "教育")
    assert case.keys() == [("c1", "user", "住建"), ("c1", "user", "教育"), ("c1_late", "timer", "住建")]
    assert case.bounded("c1_late") == "c1"
    case.complete("c1", "教育", 回执="受理")
    case.complete("c2", "教育")
    case.complete("c1", "住建", 回执="退回")
    assert case.keys() == [("c2", "user", "住建")]
    case.complete("c2", "住建")
    assert (case.open, case.facts) == (["z"], {"部门": ["教育", "住建"]})


def test_each_instance_has_its_own_place_and_a_new_fact_moves_it_elsewhere() -> None:
    properties = "".join(
        f'<camunda:property name="{name}" value="{value}"/>'
        for name, value in {"binds": "office=单位", "subject": "部门名"}.items()
    )
    extension = (
        f"<bpmn:extensionElements><camunda:properties>{properties}</camunda:properties></bpmn:extensionElements>"
    )
    body = referral().replace("<bpmn:multiInstance", f"{extension}<bpmn:multiInstance")
    case = walk(body, process("q", STEP), 部门=["教育", "住建"])
    assert case.places("c1", "教育") == {"office": None}
    case.complete("c1", "教育", 单位="jt", 部门名="教体局")
    case.complete("c1", "住建", 单位="zj", 部门名="住建局")
    assert [case.places("c2", each) for each in ("教育", "住建")] == [{"office": "jt"}, {"office": "zj"}]
    assert case.names("c2") == ["c2（住建局）", "c2（教体局）"]
    assert "office" in case.deployment.processes["p"].nodes["k"].properties["binds"]
    assert {"单位", "部门名"} <= case.deployment.wanted_facts("p")


def test_departments_called_in_turn_come_one_after_the_other() -> None:
    case = walk(referral(sequential=True), process("q", STEP), 部门=["教育", "住建"])
    for department in ("教育", "住建"):
        assert case.open == ["c1", "c1_late"]
        case.fire("c1_late", department)
        case.complete("c1", department)
        case.complete("c2", department)
    assert case.open == ["z"]


def nested() -> tuple[str, str]:
    inner = start("ms") + many(call("mk", "q"), collection="事项", element="项2") + end("me") + chain("ms", "mk", "me")
    body = start("s") + many(call("k", "mid"), collection="部门", element="项1") + end("e") + chain("s", "k", "e")
    outer = start() + inside("body", body) + end() + chain("start", "body", "end")
    outer += message_boundary("withdraw", "body", "m") + user("note") + end("e2") + chain("withdraw", "note", "e2")
    return outer, process("mid", inner)


def test_instances_inside_of_instances_run_to_their_end() -> None:
    outer, middle = nested()
    case = walk(outer, middle, process("q", STEP), 部门=["教育", "住建"], 事项=["一", "二"])
    assert case.open.count("c1") == case.open.count("c1_late") == 4
    for element in ("教育/二", "住建/一", "住建/二", "教育/一"):
        case.fire("c1_late", element)
        case.complete("c1", element)
        case.complete("c2", element)
    assert case.ended


def test_a_withdrawal_ends_instances_inside_of_instances() -> None:
    outer, middle = nested()
    case = walk(outer, middle, process("q", STEP), 部门=["教育", "住建"], 事项=["一", "二"])
    case.complete("c1", "教育/一")
    case.complete("c1", "住建/二")
    case.complete("c2", "住建/二")
    case.fire("withdraw")
    assert case.open == ["note"]
    case.complete("note")
    assert case.ended


def test_a_timeout_of_one_instance_ends_that_instance_alone() -> None:
    body = (
        start() + many(user("x"), collection="部门", element="项") + user("z") + end() + chain("start", "x", "z", "end")
    )
    inner = start("s") + user("y") + end("e") + chain("s", "y", "e") + timer("late", "y", "3日", interrupting=True)
    inner += end("e3") + flow("late", "e3")
    body = start() + many(inside("each", inner), collection="部门", element="项") + user("z") + end()
    case = walk(body + chain("start", "each", "z", "end"), 部门=["教育", "住建"])
    case.fire("late", "教育")
    assert case.keys() == [("late", "timer", "住建"), ("y", "user", "住建")]
    case.complete("y", "住建")
    assert case.open == ["z"]


def test_a_timeout_over_all_instances_ends_them_all() -> None:
    body = (
        start() + many(user("x"), collection="部门", element="项") + user("z") + end() + chain("start", "x", "z", "end")
    )
    case = walk(body + timer("late", "x", "3日", interrupting=True) + flow("late", "z"), 部门=["教育", "住建", "医保"])
    case.complete("x", "住建")
    case.fire("late")
    assert case.open == ["z"]


def test_instances_in_a_loop_start_afresh_each_time() -> None:
    body = start() + gateway("again") + many(user("x"), collection="部门", element="项") + user("z") + end()
    body += gateway("more", default="more_end") + chain("start", "again", "x", "z", "more", "end")
    case = walk(body + flow("more", "again", "再来 = 是"), 部门=["教育", "住建"])
    for turn in range(8):
        case.complete("x", "住建")
        case.complete("x", "教育")
        case.complete("z", 再来=turn < 7)
    assert case.ended


# -- the state


def test_a_state_of_another_version_is_refused() -> None:
    import zlib

    deployment = Deployment({"p.bpmn": line(1)})
    state = zlib.decompress(Live.start("line", deployment.specs, {}).dump())
    with pytest.raises(ValueError, match="version"):
        Live.load(zlib.compress(state.replace(b'"v":1', b'"v":99')), deployment.specs)


def test_a_process_that_does_not_exist_cannot_be_started() -> None:
    with pytest.raises(ProcedureNotFound, match="没有找到流程「nothing」"):
        Live.start("nothing", Deployment({"p.bpmn": line(1)}).specs, {})
