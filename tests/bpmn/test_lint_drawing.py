"""Each drawing that the engine would misread is refused, naming the element, and a sound one is not."""

from __future__ import annotations

import pytest

from engine.bpmn.lint import Finding, lint
from tests.support.diagrams import chain, definitions, end, flow, line, message_boundary, process, start, timer, user

CLAUSE = (
    '<bpmn:extensionElements><camunda:properties><camunda:property name="clause" value="S0-12"/>'
    "</camunda:properties></bpmn:extensionElements>"
)


def task(node_id: str) -> str:
    return user(node_id, inner=CLAUSE)


def gateway(node_id: str, kind: str = "exclusive", **attributes: str) -> str:
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<bpmn:{kind}Gateway id="{node_id}" name="{node_id}？"{more}/>'


def event(tag: str, node_id: str, inner: str) -> str:
    return f'<bpmn:{tag} id="{node_id}" name="{node_id}名">{inner}</bpmn:{tag}>'


def findings(body: str, before: str = "") -> list[Finding]:
    return lint({"p.bpmn": definitions(before + process("p", body))})


def errors(body: str, before: str = "") -> set[tuple[str, str]]:
    return {(found.rule, found.element_id) for found in findings(body, before) if found.is_error}


IN_LINE = start() + end() + chain("start", "x", "end")
UNSUPPORTED = {
    "scriptTask": "业务规则任务",
    "manualTask": "用户任务",
    "task": "用户任务",
    "inclusiveGateway": "并行网关",
    "complexGateway": "排他网关",
    "adHocSubProcess": "普通子流程",
    "transaction": "普通子流程",
}


@pytest.mark.parametrize("tag", UNSUPPORTED)
def test_an_element_outside_of_the_dialect_is_refused_with_what_to_draw_instead(tag: str) -> None:
    found = next(f for f in findings(IN_LINE + f'<bpmn:{tag} id="x" name="核实"/>') if f.rule == "unsupported-element")
    assert (found.element_id, found.element_name, found.is_error) == ("x", "核实", True)
    assert UNSUPPORTED[tag] in found.hint


def test_an_event_subprocess_is_refused() -> None:
    inner = start("s") + end("e") + flow("s", "e")
    inner = f'<bpmn:subProcess id="x" name="撤回" triggeredByEvent="true">{inner}</bpmn:subProcess>'
    assert ("unsupported-element", "x") in errors(start() + end() + chain("start", "end") + inner)


@pytest.mark.parametrize("kind", ["link", "compensate", "signal", "error", "escalation", "conditional", "cancel"])
@pytest.mark.parametrize("tag", ["intermediateCatchEvent", "intermediateThrowEvent"])
def test_an_event_that_would_never_fire_is_refused(tag: str, kind: str) -> None:
    body = IN_LINE + event(tag, "x", f"<bpmn:{kind}EventDefinition/>")
    assert ("unsupported-event", "x") in errors(body)


def test_a_signal_at_the_end_is_refused() -> None:
    body = start() + event("endEvent", "x", "<bpmn:signalEventDefinition/>") + flow("start", "x")
    assert errors(body) == {("unsupported-event", "x")}


def test_an_event_with_two_definitions_is_refused() -> None:
    two = '<bpmn:timerEventDefinition/><bpmn:messageEventDefinition messageRef="m"/>'
    assert ("unsupported-event", "x") in errors(IN_LINE + event("intermediateCatchEvent", "x", two))


def test_a_loop_marker_is_refused() -> None:
    body = IN_LINE + user("x", inner="<bpmn:standardLoopCharacteristics/>")
    assert ("standard-loop", "x") in errors(body)


def test_an_event_that_waits_for_nothing_is_refused() -> None:
    assert ("event-misplaced", "x") in errors(IN_LINE + event("intermediateCatchEvent", "x", ""))


@pytest.mark.parametrize("reference", ["", "nobody", "unnamed"])
def test_a_message_must_exist_and_have_a_name(reference: str) -> None:
    body = IN_LINE + task("x") + message_boundary("m", "x", reference) + end("e2") + flow("m", "e2")
    assert ("message-missing", "m") in errors(body, '<bpmn:message id="unnamed" name=""/>')


def test_a_message_that_is_sent_says_by_what() -> None:
    body = start() + event("endEvent", "x", "<bpmn:messageEventDefinition/>") + flow("start", "x")
    assert errors(body) == {("topic-missing", "x")}


@pytest.mark.parametrize("what", [gateway("x"), event("intermediateCatchEvent", "x", "<bpmn:timerEventDefinition/>")])
def test_a_boundary_event_hangs_on_something_that_waits(what: str) -> None:
    body = IN_LINE + what + timer("late", "x", "5个工作日") + end("e2") + flow("late", "e2")
    assert ("boundary-host", "late") in errors(body)


def test_a_boundary_event_leads_somewhere() -> None:
    assert ("dangling", "late") in errors(IN_LINE + task("x") + timer("late", "x", "5个工作日"))


def test_an_event_gateway_is_followed_by_events_only() -> None:
    body = start() + gateway("x", "eventBased") + task("a") + task("b") + end()
    body += chain("start", "x", "a", "end") + chain("x", "b", "end")
    assert ("event-gateway", "x") in errors(body)


def test_a_process_without_an_end_is_refused() -> None:
    assert ("end-missing", "p") in errors(start() + task("x") + flow("start", "x"))


def test_a_subprocess_without_an_end_is_refused() -> None:
    inner = f'<bpmn:subProcess id="x" name="正文">{start("s")}{task("t")}{flow("s", "t")}</bpmn:subProcess>'
    assert ("end-missing", "x") in errors(IN_LINE + inner)


def test_a_second_start_is_refused() -> None:
    assert ("start-twice", "s2") in errors(IN_LINE + task("x") + start("s2") + flow("s2", "x"))


def test_a_line_through_the_border_of_a_subprocess_is_refused() -> None:
    inner = start("s") + end("e") + flow("s", "end") + flow("s", "e")
    inner = f'<bpmn:subProcess id="x" name="正文">{inner}</bpmn:subProcess>'
    assert ("dangling", "s") in errors(IN_LINE + inner)


def test_a_task_that_leads_nowhere_is_refused() -> None:
    body = start() + gateway("g", default="g_end") + task("x") + end()
    assert ("dangling", "x") in errors(body + flow("start", "g") + flow("g", "x", "甲 = 1") + flow("g", "end"))


def test_a_task_that_nothing_leads_to_is_refused() -> None:
    assert errors(start() + end() + flow("start", "end") + task("x") + flow("x", "end")) == {("unreachable", "x")}


def test_a_loop_without_a_way_out_is_refused() -> None:
    body = start() + task("a") + task("b") + end() + chain("start", "a", "b", "a")
    assert ("no-way-out", "a") in errors(body)


def test_two_lines_out_of_a_task_are_refused() -> None:
    body = (
        start() + task("x") + task("a") + task("b") + end() + chain("start", "x", "a", "end") + chain("x", "b", "end")
    )
    assert ("hidden-fork", "x") in errors(body)


def test_a_condition_behind_a_task_is_refused_because_it_would_be_ignored() -> None:
    body = start() + task("x") + end() + flow("start", "x") + flow("x", "end", "甲 = 1")
    assert errors(body) == {("condition-ignored", "x")}


def test_a_way_out_of_a_choice_needs_a_condition() -> None:
    body = start() + gateway("x") + task("a") + end() + flow("start", "x")
    assert ("condition-missing", "x") in errors(body + flow("x", "a", "甲 = 1") + flow("x", "end") + flow("a", "end"))


@pytest.mark.parametrize(
    "first, second, complete",
    [
        ("甲 = 是", "甲 = 否", True),
        ("收入 &lt;= 标准", "收入 &gt; 标准", True),
        ("齐全", "非 齐全", True),
        ("收入 &lt; 标准", "收入 &gt; 标准", False),
        ('意见 = "同意"', '意见 = "退回"', False),
    ],
)
def test_a_choice_without_a_default_is_said_unless_its_conditions_leave_nothing_out(
    first: str, second: str, complete: bool
) -> None:
    body = start() + gateway("x") + task("a") + task("b") + end() + chain("start", "x") + chain("a", "end")
    body += flow("x", "a", first) + flow("x", "b", second) + flow("b", "end")
    assert ("choice-incomplete" not in {found.rule for found in findings(body)}) is complete


def test_a_condition_that_is_not_understood_is_refused_with_its_place() -> None:
    body = start() + gateway("x", default="x_end") + task("a") + end() + flow("start", "x") + flow("x", "end")
    found = next(f for f in findings(body + flow("x", "a", "甲 乙") + flow("a", "end")) if f.rule == "expression")
    assert found.element_id == "x"
    assert "第 3 个字符" in found.message


def test_code_as_a_condition_is_refused() -> None:
    body = start() + gateway("x", default="x_end") + task("a") + end() + flow("start", "x") + flow("x", "end")
    code = "__import__('os').system('id')"
    assert ("expression", "x") in errors(body + flow("x", "a", code) + flow("a", "end"))


def fork(*branches: str) -> str:
    body = start() + gateway("fork", "parallel") + gateway("join", "parallel") + end() + flow("start", "fork")
    body += "".join(task(b) + flow("fork", b) for b in branches)
    return body + flow("join", "end")


def test_a_sound_fork_and_join_pass() -> None:
    assert errors(fork("a", "b", "c") + flow("a", "join") + flow("b", "join") + flow("c", "join")) == set()


def test_a_join_of_the_branches_of_a_choice_waits_for_ever() -> None:
    body = start() + gateway("x", default="x_b") + task("a") + task("b") + gateway("join", "parallel") + end()
    body += (
        flow("start", "x") + flow("x", "a", "甲 = 1") + flow("x", "b") + chain("a", "join", "end") + chain("b", "join")
    )
    assert errors(body) == {("join-waits", "join")}


def test_a_join_that_one_branch_can_leave_waits_for_ever() -> None:
    body = fork("a", "b") + gateway("x", default="x_join") + end("away") + flow("a", "join")
    found = [f for f in findings(body + flow("b", "x") + flow("x", "join") + flow("x", "away", "甲 = 1")) if f.is_error]
    assert [(f.rule, f.element_id) for f in found] == [("join-waits", "join")]
    assert "「x？」（x）" in found[0].message


def test_a_join_that_a_timeout_can_leave_waits_for_ever() -> None:
    body = fork("a", "b") + flow("a", "join") + flow("b", "join")
    body += timer("late", "a", "5个工作日", interrupting=True) + end("e2") + flow("late", "e2")
    assert errors(body) == {("join-waits", "join")}


def test_a_line_back_into_a_join_waits_for_ever() -> None:
    body = fork("a", "b") + flow("a", "join") + flow("b", "join")
    body = body.replace(flow("join", "end"), "") + task("c") + gateway("x", default="x_end")
    body += chain("join", "c", "x", "end") + flow("x", "join", "甲 = 1")
    assert errors(body) == {("join-loop", "join")}


def test_a_fork_and_join_inside_a_loop_pass() -> None:
    body = fork("a", "b") + flow("a", "join") + flow("b", "join")
    body = body.replace(flow("join", "end"), "").replace(flow("start", "fork"), "") + task("c")
    body += (
        gateway("into")
        + gateway("x", default="x_end")
        + chain("start", "into", "fork")
        + chain("join", "c", "x", "end")
    )
    assert errors(body + flow("x", "into", "甲 = 1")) == set()


def test_two_lines_from_one_element_into_a_join_are_refused() -> None:
    body = fork("a") + flow("a", "join") + flow("fork", "join") + flow("fork", "join", flow_id="again")
    assert errors(body) == {("double-line", "join")}


def test_branches_that_meet_without_a_join_are_refused() -> None:
    body = fork("a", "b").replace(gateway("join", "parallel"), gateway("join")) + flow("a", "join") + flow("b", "join")
    assert ("merge-twice", "join") in errors(body)


def test_a_loop_in_which_nobody_works_is_refused() -> None:
    body = start() + gateway("x", default="x_end") + end() + flow("start", "x") + flow("x", "end")
    body += (
        '<bpmn:serviceTask id="again" name="再查" camunda:topic="t"/>'
        + flow("x", "again", "甲 = 1")
        + flow("again", "x")
    )
    assert ("restless-loop", "again") in errors(body)


def test_a_loop_through_a_persons_task_passes() -> None:
    body = start() + gateway("x", default="x_end") + end() + flow("start", "x") + flow("x", "end")
    assert errors(body + task("again") + flow("x", "again", "甲 = 1") + flow("again", "x")) == set()


def test_a_plain_line_of_tasks_with_reminders_passes() -> None:
    assert [f for f in lint({"p.bpmn": line(5)}) if f.is_error] == []


@pytest.mark.parametrize("name", ["completionCondition", "loopCardinality"])
def test_bounds_of_a_multi_instance_are_refused_because_they_would_be_ignored(name: str) -> None:
    many = (
        f'<bpmn:multiInstanceLoopCharacteristics camunda:collection="部门清单" camunda:elementVariable="部门">'
        f"<bpmn:{name}>1</bpmn:{name}></bpmn:multiInstanceLoopCharacteristics>"
    )
    assert ("unread", "x") in errors(IN_LINE + user("x", inner=many))


def test_a_listener_is_said_to_do_nothing() -> None:
    inner = '<bpmn:extensionElements><camunda:executionListener class="X" event="end"/></bpmn:extensionElements>'
    found = [f for f in findings(IN_LINE + user("x", inner=inner)) if f.rule == "unread"]
    assert [(f.element_id, f.severity) for f in found] == [("x", "warning")]


def test_a_file_that_is_no_diagram_is_a_finding_and_the_others_are_still_read() -> None:
    found = lint({"a.bpmn": b"<x/>", "b.bpmn": definitions(process("p", start()))})
    assert {(f.path, f.rule) for f in found} >= {("a.bpmn", "file"), ("b.bpmn", "end-missing")}


def test_an_entity_in_a_diagram_is_refused() -> None:
    found = lint({"a.bpmn": b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>'})
    assert "DOCTYPE" in found[0].message


def test_a_process_id_in_two_files_is_refused() -> None:
    found = lint({"a.bpmn": line(1), "b.bpmn": line(1)})
    assert {(f.path, f.rule) for f in found if f.is_error} == {("b.bpmn", "id-twice")}


def test_a_process_that_is_not_executable_is_refused() -> None:
    found = lint({"a.bpmn": line(1).replace(b'isExecutable="true"', b"")})
    assert [(f.rule, f.element_id) for f in found] == [("not-executable", "line")]
