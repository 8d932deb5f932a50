"""What a diagram may say about the case's clock, and that time running out decides nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bpmn.test_lint_saying import (
    IN_LINE,
    KNOWN,
    ending,
    findings,
    late,
    properties,
    reminder,
    said,
    task,
    timed_start,
)
from tests.support.diagrams import chain, end, flow, process, start

PAUSING = replace(KNOWN, pauses=("补正",))
AFTER = "<bpmn:timerEventDefinition><bpmn:timeDuration>5个工作日</bpmn:timeDuration></bpmn:timerEventDefinition>"
CATCH = f'<bpmn:intermediateCatchEvent id="c" name="c">{properties(limit="D01")}{AFTER}</bpmn:intermediateCatchEvent>'


def test_a_pause_names_a_registered_kind() -> None:
    assert findings(IN_LINE + task("x", clock="pause", pause="补正"), known=PAUSING) == []
    assert said(findings(IN_LINE + task("x", clock="pause"), known=PAUSING)) == {("pause-missing", "x")}
    assert said(findings(IN_LINE + task("x", clock="pause", pause="补证"), known=PAUSING)) == {("pause-unknown", "x")}
    assert said(findings(IN_LINE + task("x", pause="补正"), known=PAUSING), "warning") == {("pause-idle", "x")}


def test_a_clock_says_a_word_of_the_dialect_where_it_means_something() -> None:
    assert said(findings(IN_LINE + task("x", clock="stop"))) == {("clock-unknown", "x")}
    assert said(findings(IN_LINE + task("x", clock="master"))) == {("clock-misplaced", "x")}
    assert ("clock-misplaced", "x") in said(findings(IN_LINE + task("x", until="意见")))
    begun = start() + ending("end", clock="pause", pause="补正") + task("x") + chain("start", "x", "end")
    assert said(findings(begun, known=PAUSING)) == {("clock-misplaced", "end")}
    bounded = (
        start() + end() + task("w") + task("x") + chain("start", "w", "x", "end") + reminder("r") + flow("late", "r")
    )
    assert said(findings(bounded + late("1个工作日", clock="master", until="意见"))) == set()


def test_what_ends_a_limit_is_a_fact_that_somebody_gives() -> None:
    bounded = IN_LINE + task("x") + reminder("r") + flow("late", "r")
    assert said(findings(bounded + late("1个工作日", until="意件"))) == {("fact-unknown", "late")}


def test_a_reminder_that_goes_on_to_approve_is_refused_too() -> None:
    body = IN_LINE + task("x") + late("1个工作日") + ending("yes", outcome="确认同意") + flow("late", "yes")
    assert said(findings(body)) == {("decided-by-clock", "late")}


@pytest.mark.parametrize("paper, refused", [("approval", True), ("refusal", True), ("filing", False)])
def test_no_paper_that_decides_is_issued_by_the_clock(paper: str, refused: bool) -> None:
    issue = (
        f'<bpmn:serviceTask id="p" name="p" camunda:topic="notice.refusal">{properties(paper=paper)}</bpmn:serviceTask>'
    )
    body = IN_LINE + task("x") + late("1个工作日") + issue + end("e") + chain("late", "p", "e")
    assert (("decided-by-clock", "late") in said(findings(body))) is refused


def test_a_case_that_only_waits_is_not_approved_in_the_end() -> None:
    waits = start() + CATCH + ending("yes", outcome="确认同意")
    assert said(findings(waits + chain("start", "c", "yes"))) == {("decided-by-clock", "c")}
    assert said(findings(waits + task("x") + chain("start", "x", "c", "yes"))) == set()  # a delay after somebody's work


@pytest.mark.parametrize("outside, refused", [("省高龄津贴管理系统", False), ("", True)])
def test_the_word_of_an_authority_outside_is_not_the_clocks(outside: str, refused: bool) -> None:
    heard = f'<bpmn:intermediateCatchEvent id="m" name="m">{properties(outside=outside) if outside else ""}'
    heard += '<bpmn:messageEventDefinition messageRef="m1"/></bpmn:intermediateCatchEvent>'
    again = ending("yes", outcome="确认同意") + chain("late", "m", "yes")
    body = start() + task("x") + chain("start", "x", "end") + end() + late("1个工作日") + heard + again
    assert (("decided-by-clock", "late") in said(findings(body))) is refused


def test_nobody_is_approved_because_no_objection_came_in_time() -> None:
    gate = '<bpmn:eventBasedGateway id="g" name="g"/><bpmn:intermediateCatchEvent id="m" name="m">'
    gate += f"{properties(sender='window_clerk@application_township')}"
    gate += '<bpmn:messageEventDefinition messageRef="m1"/></bpmn:intermediateCatchEvent>'
    body = (
        start() + task("x") + gate + CATCH + chain("start", "x", "g", "c") + flow("g", "m") + end() + flow("m", "end")
    )
    found = said(findings(body + ending("yes", outcome="确认同意") + flow("c", "yes")))
    assert ("decided-by-clock", "c") in found
    found = said(findings(body + task("y") + ending("yes", outcome="确认同意") + chain("c", "y", "yes")))
    assert ("decided-by-clock", "c") not in found


def test_nothing_begun_by_the_clock_approves_by_itself() -> None:
    body = timed_start("start", "每月1日 08:00") + ending("yes", outcome="确认同意") + flow("start", "yes")
    assert ("decided-by-clock", "start") in said(findings(body))


def test_a_delay_in_a_called_process_is_left_to_the_process_that_calls() -> None:
    call = '<bpmn:callActivity id="q1" name="q1" calledElement="q"/>'
    outside = start() + task("x") + call + ending("yes", outcome="确认同意") + chain("start", "x", "q1", "yes")
    inside = start("s") + CATCH + end("e") + chain("s", "c", "e")
    assert said(findings(outside, process("q", inside))) == set()
