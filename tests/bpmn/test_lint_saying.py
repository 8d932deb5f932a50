"""Each thing that a node must say, and each fact that must be known before it is asked for."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from engine.bpmn.lint import Finding, Known, command, lint
from engine.clock.register import load_register
from forms.schema import Form, load
from tests.support.diagrams import chain, definitions, end, flow, message_boundary, process, start, timer, user
from tests.support.tables import decisions, table

ROOT = Path(__file__).parents[2]


def form(form_id: str, *keys: str, place: str = "") -> Form:
    fields: list[dict[str, object]] = [{"type": "textfield", "key": key, "label": key, "id": key} for key in keys]
    if place:
        fields[0] |= {"type": "select", "valuesKey": "units", "properties": {"kind": "unit", "place": place}}
    return load(json.dumps({"type": "default", "schemaVersion": 16, "id": form_id, "components": fields}), form_id)


FORMS = {
    "note": form("note", "意见"),
    "application": form("application", "户籍乡镇", "收入"),
    "reasons": form("reasons", "不予确认理由"),
}
KNOWN = Known(
    roles=["window_clerk", "surveyor", "deputy_head", "applicant"],
    is_place=lambda name, bound: name in {"application_township", "case", *bound},
    limits=load_register(ROOT / "processes" / "policy" / "limits.toml"),
    topics={"registry.ask": ("核对结果",), "deadline.overdue": (), "notice.refusal": ()},
    facts=("今日",),
)


def properties(**values: str) -> str:
    inner = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in values.items())
    return f"<bpmn:extensionElements><camunda:properties>{inner}</camunda:properties></bpmn:extensionElements>"


def task(node_id: str, *, form: str = "note", group: str = "window_clerk@application_township", **values: str) -> str:
    return user(node_id, group=group, form=form, inner=properties(**{"clause": "S0-12", **values}))


def ending(node_id: str, **values: str) -> str:
    return f'<bpmn:endEvent id="{node_id}" name="{node_id}">{properties(**values)}</bpmn:endEvent>'


def reminder(node_id: str, tell: str = "deputy_head@application_township") -> str:
    return (
        f'<bpmn:endEvent id="{node_id}" name="催办">{properties(tell=tell)}'
        '<bpmn:messageEventDefinition camunda:topic="deadline.overdue"/></bpmn:endEvent>'
    )


def late(text: str, *, interrupting: bool = False, **values: str) -> str:
    drawn = timer("late", "x", text, interrupting=interrupting)
    return drawn.replace("<bpmn:timerEvent", properties(**{"limit": "D01", **values}) + "<bpmn:timerEvent", 1)


def timed_start(node_id: str, text: str) -> str:
    return (
        f'<bpmn:startEvent id="{node_id}" name="s"><bpmn:timerEventDefinition><bpmn:timeCycle>{text}</bpmn:timeCycle>'
        "</bpmn:timerEventDefinition></bpmn:startEvent>"
    )


def findings(body: str, *others: str, known: Known = KNOWN, dmn: str = "") -> list[Finding]:
    files = {"p.bpmn": definitions(process("p", body))}
    files |= {f"q{n}.bpmn": definitions(other) for n, other in enumerate(others)}
    if dmn:
        files["d.dmn"] = decisions(dmn)
    return lint(files, forms=FORMS, known=known)


def said(found: list[Finding], severity: str = "error") -> set[tuple[str, str]]:
    return {(f.rule, f.element_id) for f in found if f.severity == severity}


IN_LINE = start() + end() + chain("start", "x", "end")
SERVICE = '<bpmn:serviceTask id="x" name="x" camunda:topic="{}">{}</bpmn:serviceTask>'
CHOICE = start() + end() + task("a") + flow("a", "end")


def test_a_sound_task_has_nothing_said_about_it() -> None:
    assert findings(IN_LINE + task("x")) == []


# -- who


@pytest.mark.parametrize(
    "group, rule",
    [
        ("", "holder"),
        ("window_clerk", "holder"),
        ("window_clerk@application_township,surveyor@application_township", "holder"),
        ("window_clark@application_township", "role-unknown"),
        ("window_clerk@nowhere", "place-unknown"),
    ],
)
def test_a_task_says_which_post_does_it(group: str, rule: str) -> None:
    assert said(findings(IN_LINE + task("x", group=group))) == {(rule, "x")}


def test_a_misspelt_role_is_answered_with_the_nearest_ones() -> None:
    found = findings(IN_LINE + task("x", group="window_clark@application_township"))
    assert "window_clerk" in found[0].hint


def test_a_role_that_nobody_holds_is_refused() -> None:
    nobody = Known(roles=KNOWN.roles, is_place=KNOWN.is_place, is_held=lambda role, place: role != "window_clerk")
    assert said(findings(IN_LINE + task("x"), known=nobody)) == {("role-unheld", "x")}


def test_an_account_written_into_the_drawing_is_refused() -> None:
    body = IN_LINE + task("x", group="").replace('camunda:candidateGroups=""', 'camunda:assignee="wang"')
    assert said(findings(body)) == {("holder", "x")}


def test_a_place_that_a_form_binds_is_known() -> None:
    forms = FORMS | {"application": form("application", "户籍乡镇", place="hukou_township")}
    files = {"p.bpmn": definitions(process("p", IN_LINE + task("x", group="window_clerk@hukou_township")))}
    assert lint(files, forms=forms, known=KNOWN) == []


def test_a_reminder_says_whom_it_tells() -> None:
    body = IN_LINE + task("x") + late("1个工作日") + reminder("r", tell="") + flow("late", "r")
    assert said(findings(body)) == {("tell", "r")}
    unknown = IN_LINE + task("x") + late("1个工作日") + reminder("r", tell="boss@case") + flow("late", "r")
    assert said(findings(unknown)) == {("role-unknown", "r")}


def test_another_hand_than_a_task_that_does_not_exist_is_refused() -> None:
    assert said(findings(IN_LINE + task("x", different_from="y"))) == {("different-from", "x")}


def test_a_message_without_a_sender_is_said() -> None:
    files = {
        "p.bpmn": definitions(
            '<bpmn:message id="m" name="撤回"/>'
            + process("p", IN_LINE + task("x") + message_boundary("b", "x", "m") + end("e2") + flow("b", "e2"))
        )
    }
    assert said(lint(files, forms=FORMS, known=KNOWN), "warning") == {("sender", "b")}


# -- what


def test_a_task_has_a_name() -> None:
    assert said(findings(IN_LINE + task("x").replace('name="x"', 'name=""'))) == {("name-missing", "x")}


def test_a_task_has_a_form_that_exists() -> None:
    assert said(findings(IN_LINE + task("x", form=""))) == {("form-missing", "x")}
    assert said(findings(IN_LINE + task("x", form="nothing"))) == {("form-unknown", "x")}
    assert said(findings(IN_LINE + task("x", read="nothing"))) == {("form-unknown", "x")}


def test_a_task_without_its_clause_is_said() -> None:
    assert said(findings(IN_LINE + task("x", clause="")), "warning") == {("clause-missing", "x")}


def test_a_service_task_says_what_it_does() -> None:
    assert said(findings(IN_LINE + '<bpmn:serviceTask id="x" name="x"/>')) == {("topic-missing", "x")}


def test_a_topic_for_an_outside_worker_is_said() -> None:
    found = findings(IN_LINE + '<bpmn:serviceTask id="x" name="x" camunda:topic="province.ask"/>')
    assert said(found, "warning") == {("topic-unknown", "x")}


@pytest.mark.parametrize("reference", ["", "nothing"])
def test_a_rule_task_asks_a_table_that_exists(reference: str) -> None:
    body = IN_LINE + f'<bpmn:businessRuleTask id="x" name="x" camunda:decisionRef="{reference}"/>'
    assert said(findings(body)) == {("decision-missing", "x")}


def judging(table_id: str, **asked: str) -> str:
    return SERVICE.format("registry.ask", properties(table=table_id, row="一人", **asked))


def test_a_topic_that_judges_rows_asks_a_table_that_exists() -> None:
    assert said(findings(IN_LINE + judging("nothing", rows="今日"))) == {("decision-missing", "x")}


@pytest.mark.parametrize(
    "column, rows, refused", [("一人.年龄", "今日", False), ("年龄", "今日", True), ("今日", "人", True)]
)
def test_a_table_for_rows_sees_the_row_and_what_is_known(column: str, rows: str, refused: bool) -> None:
    dmn = table("t", [column], ["类别"], [["-", "1"]])
    found = said(findings(IN_LINE + judging("t", rows=rows), dmn=dmn))
    assert found == ({("fact-unknown", "x")} if refused else set())


@pytest.mark.parametrize("called", ["", "nothing"])
def test_a_call_calls_a_process_that_exists(called: str) -> None:
    body = IN_LINE + f'<bpmn:callActivity id="x" name="x" calledElement="{called}"/>'
    assert said(findings(body)) == {("call-missing", "x")}


def test_processes_that_call_each_other_are_refused() -> None:
    call = '<bpmn:callActivity id="{}" name="x" calledElement="{}"/>'
    found = findings(IN_LINE + call.format("x", "q"), process("q", IN_LINE.replace("x", "y") + call.format("y", "p")))
    assert said(found) == {("call-recursion", "x"), ("call-recursion", "y")}
    assert "p → q → p" in found[0].message


def test_a_multi_instance_names_its_list_and_its_element() -> None:
    many = "<bpmn:multiInstanceLoopCharacteristics/>"
    found = findings(IN_LINE + task("x").replace("</bpmn:userTask>", many + "</bpmn:userTask>"))
    assert [f.rule for f in found] == ["instances", "instances"]


def test_a_table_that_cannot_be_read_is_a_finding() -> None:
    found = findings(IN_LINE + task("x"), dmn=table("t", ["收入"], ["类别"], [["<", '"甲"']]))
    assert [(f.path, f.rule) for f in found] == [("d.dmn", "decision")]


def test_a_property_that_nobody_reads_is_said() -> None:
    known = replace(KNOWN, parameters=["paper"])
    assert said(findings(IN_LINE + task("x", paper="受理通知书"), known=known), "warning") == set()
    assert said(findings(IN_LINE + task("x", clasue="S0-12"), known=known), "warning") == {("property-unknown", "x")}


def test_two_tasks_of_one_id_are_said_and_refused_where_one_is_named() -> None:
    other = process("q", start() + end() + chain("start", "x", "end") + task("x"))
    assert said(findings(IN_LINE + task("x"), other), "warning") == {("task-id-twice", "x")}
    named = start() + task("x") + task("y", different_from="x") + end() + chain("start", "x", "y", "end")
    assert said(findings(named, other)) == {("task-id-twice", "x")}


def test_a_decision_in_two_files_is_refused() -> None:
    dmn = decisions(table("t", ["今日"], ["类别"], [["-", "1"]]))
    files = {"p.bpmn": definitions(process("p", IN_LINE + task("x"))), "a.dmn": dmn, "b.dmn": dmn}
    assert said(lint(files, forms=FORMS, known=KNOWN)) == {("decision-twice", "t")}


# -- when


@pytest.mark.parametrize(
    "text, rule",
    [("过几天", "timer-text"), ("", "timer-text"), ("每月1日", "timer-text"), ("P5D", "timer-iso")],
)
def test_a_time_is_written_so_that_everybody_counts_it_alike(text: str, rule: str) -> None:
    body = IN_LINE + task("x") + late(text) + reminder("r") + flow("late", "r")
    assert said(findings(body)) == {(rule, "late")}


def test_a_limit_is_registered() -> None:
    body = IN_LINE + task("x") + late("1个工作日", limit="D99") + reminder("r") + flow("late", "r")
    assert said(findings(body)) == {("limit-unknown", "late")}


def test_a_number_other_than_the_clauses_is_said_with_the_clause() -> None:
    body = IN_LINE + task("x") + late("5个工作日") + reminder("r") + flow("late", "r")
    found = findings(body)
    assert said(found, "warning") == {("limit-differs", "late")}
    assert found[0].message == "流程图上是5个工作日，而 D01（受理审查）按 S0-12 是1个工作日"


def test_only_a_process_starts_by_the_clock_and_again_and_again() -> None:
    body = IN_LINE.replace(start(), "") + task("x")
    assert said(findings(body + timed_start("start", "每月1日 08:00"))) == set()
    assert said(findings(body + timed_start("start", "5个工作日"))) == {("timer-text", "start")}
    inner = timed_start("s", "每月1日") + end("e") + flow("s", "e")
    inner = f'<bpmn:subProcess id="x" name="x">{inner}</bpmn:subProcess>'
    assert ("timer-start", "s") in said(findings(IN_LINE + inner))


# -- how it ends


def test_nobody_is_approved_by_the_clock() -> None:
    body = IN_LINE + task("x") + late("1个工作日", interrupting=True) + ending("yes", outcome="确认同意")
    found = [f for f in findings(body + flow("late", "yes")) if f.is_error]
    assert [(f.rule, f.element_id) for f in found] == [("decided-by-clock", "late")]
    assert "「yes」" in found[0].message


def test_nobody_is_refused_by_the_clock_even_through_a_called_process() -> None:
    call = '<bpmn:callActivity id="x" name="x" calledElement="q"/>'
    inside = start("s") + task("t") + end("e") + chain("s", "t", "e") + end("e2") + flow("late", "e2")
    inside += late("1个工作日", interrupting=True).replace('attachedToRef="x"', 'attachedToRef="t"')
    outside = start() + ending("no", outcome="不予确认", clause="S0-30") + chain("start", "x", "no")
    assert said(findings(outside + call, process("q", inside))) == {("decided-by-clock", "late")}


def test_a_person_who_decides_after_the_timeout_is_no_decision_by_the_clock() -> None:
    body = IN_LINE + task("x") + late("1个工作日", interrupting=True) + task("y") + ending("yes", outcome="确认同意")
    assert said(findings(body + chain("late", "y", "yes"))) == set()


def test_a_result_that_a_person_gave_before_is_no_decision_by_the_clock() -> None:
    body = start() + task("before") + task("x") + chain("start", "before", "x", "g") + end() + flow("g", "end")
    body += late("1个工作日", interrupting=True) + flow("late", "g") + ending("yes", outcome="确认同意")
    body += '<bpmn:exclusiveGateway id="g" name="结果？" default="g_end"/>' + flow("g", "yes", '意见 = "确认同意"')
    assert said(findings(body)) == set()
    assert said(findings(body.replace('意见 = "确认同意"', '意见 = "都到会"'))) == {("decided-by-clock", "late")}


@pytest.mark.parametrize(
    "before, warned",
    [(task("x"), True), (task("x", form="reasons"), False), (task("x", clause="S0-30"), False)],
)
def test_a_refusal_without_reasons_is_said(before: str, warned: bool) -> None:
    body = start() + before + ending("no", outcome="不予确认") + chain("start", "x", "no")
    assert said(findings(body), "warning") == ({("refusal-reasons", "no")} if warned else set())


# -- facts


def gated(condition: str) -> str:
    choice = f'<bpmn:exclusiveGateway id="g" name="问？" default="g_end"/>{flow("g", "end")}'
    return choice + flow("g", "a", condition)


def test_a_fact_that_nothing_gives_is_refused_with_its_name() -> None:
    found = findings(CHOICE + gated("意件 = 1") + flow("start", "g"))
    assert said(found) == {("fact-unknown", "g")}
    assert "「意件」" in found[0].message


def test_a_fact_that_only_a_later_task_gives_is_refused() -> None:
    assert said(findings(CHOICE + gated("意见 = 1") + flow("start", "g"))) == {("fact-unknown", "g")}


@pytest.mark.parametrize(
    "condition, first",
    [
        ("意见 = 1", task("x")),
        ("今日 = 今日", task("x")),
        ("核对结果 = 1", SERVICE.format("registry.ask", "")),
        ("类别 = 1", '<bpmn:businessRuleTask id="x" name="x" camunda:decisionRef="t"/>'),
        ("外部 = 1", SERVICE.format("out", properties(provides="外部"))),
    ],
)
def test_what_forms_tables_topics_and_the_platform_give_is_known_behind_them(condition: str, first: str) -> None:
    dmn = table("t", ["今日"], ["类别"], [["-", "1"]])
    assert said(findings(CHOICE + gated(condition) + first + chain("start", "x", "g"), dmn=dmn)) == set()


def test_the_start_form_is_known_from_the_start() -> None:
    body = CHOICE.replace('<bpmn:startEvent id="start"', '<bpmn:startEvent id="start" camunda:formKey="application"')
    assert said(findings(body + gated("收入 = 1") + flow("start", "g"))) == set()


def some_ways(condition: str) -> str:
    body = CHOICE + gated(condition) + task("x") + '<bpmn:exclusiveGateway id="first" name="问？" default="first_g"/>'
    return body + chain("start", "first", "g") + flow("first", "x", "今日 = 今日") + flow("x", "g")


def test_a_fact_that_is_not_given_on_every_way_is_said() -> None:
    assert said(findings(some_ways("意见 = 1")), "warning") == {("fact-not-always", "g")}


def test_a_fact_that_the_condition_asks_to_be_blank_needs_not_be_given() -> None:
    assert said(findings(some_ways("意见 != 空 且 意见 = 1")), "warning") == set()


@pytest.mark.parametrize(
    "condition, refused", [("核对结果 != 空 且 核对结果 = 1", False), ("核对结果 = 1", True), ("核兑结果 != 空", True)]
)
def test_a_shared_process_may_ask_for_what_only_some_callers_give(condition: str, refused: bool) -> None:
    choice = f'<bpmn:exclusiveGateway id="g" name="问？" default="g_e"/>{flow("g", "e")}{flow("g", "a", condition)}'
    shared = process("q", start("s") + end("e") + task("a") + flow("a", "e") + choice + flow("s", "g"))
    call = '<bpmn:callActivity id="{0}" name="调用" calledElement="q"/>'
    giving = start("b") + end("c") + SERVICE.format("registry.ask", "") + call.format("y") + chain("b", "x", "y", "c")
    found = findings(IN_LINE + call.format("x"), shared, process("r", giving))
    assert said(found) == ({("fact-unknown", "g")} if refused else set())


def test_a_table_asks_only_for_what_is_known() -> None:
    dmn = table("t", ["收入"], ["类别"], [["< 1", "1"]])
    body = IN_LINE + '<bpmn:businessRuleTask id="x" name="x" camunda:decisionRef="t"/>'
    assert said(findings(body, dmn=dmn)) == {("fact-unknown", "x")}


def test_facts_are_followed_into_a_called_process_and_back() -> None:
    call = '<bpmn:callActivity id="x" name="调用" calledElement="q"/>'
    inside = start("s") + task("t") + end("e") + chain("s", "t", "e")
    assert said(findings(CHOICE + gated("意见 = 1") + call + chain("start", "x", "g"), process("q", inside))) == set()
    asking = CHOICE + gated("收入 = 1") + flow("start", "g")
    found = findings(IN_LINE + call, process("q", asking))
    assert said(found) == {("fact-unknown", "g")}
    assert "（由「调用」进入时）" in found[0].message


def test_what_an_instance_learns_is_not_known_outside_of_it() -> None:
    many = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="户籍乡镇" camunda:elementVariable="部门"/>'
    call = (
        f'<bpmn:callActivity id="x" name="调用" calledElement="q">{binds("department=部门")}{many}</bpmn:callActivity>'
    )
    body = CHOICE.replace('<bpmn:startEvent id="start"', '<bpmn:startEvent id="start" camunda:formKey="application"')
    inside = start("s") + task("t", form="reasons", group="window_clerk@department") + end("e") + chain("s", "t", "e")
    found = findings(body + gated("不予确认理由 = 1") + call + chain("start", "x", "g"), process("q", inside))
    assert said(found) == {("fact-unknown", "g")}


def binds(text: str) -> str:
    """The property of a multi-instance activity that says which facts of an instance are its places."""
    return (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="binds" value="{text}"/></camunda:properties></bpmn:extensionElements>'
    )


def test_the_place_of_an_instance_is_said_before_anybody_works_there() -> None:
    many = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="户籍乡镇" camunda:elementVariable="部门"/>'
    call = (
        f'<bpmn:callActivity id="x" name="调用" calledElement="q">{binds("office=承办单位")}{many}</bpmn:callActivity>'
    )
    body = CHOICE.replace('<bpmn:startEvent id="start"', '<bpmn:startEvent id="start" camunda:formKey="application"')
    inside = start("s") + task("t", form="reasons", group="window_clerk@office") + end("e") + chain("s", "t", "e")
    found = findings(body + gated("今日 = 空") + call + chain("start", "x", "g"), process("q", inside))
    assert said(found) >= {("fact-unknown", "t")}
    assert any("地点「office」" in each.message for each in found)


def test_a_fact_of_the_branch_beside_is_said() -> None:
    body = (
        CHOICE
        + gated("不予确认理由 = 1")
        + task("x", form="reasons")
        + chain("start", "f", "x", "end")
        + flow("f", "g")
    )
    body += '<bpmn:parallelGateway id="f" name="f"/>'
    assert said(findings(body), "warning") >= {("fact-beside", "g")}


def test_the_moment_that_a_node_marks_is_known_behind_it() -> None:
    assert (
        said(findings(CHOICE + gated("受理时间 != 空") + task("x", mark="受理时间") + chain("start", "x", "g")))
        == set()
    )


def test_a_form_that_shows_a_fact_which_nothing_gives_is_refused() -> None:
    computed = {"type": "expression", "key": "合计", "expression": "=收入 + 1", "id": "合计", "computeOn": "change"}
    text = json.dumps({"type": "default", "schemaVersion": 16, "id": "sum", "components": [computed]})
    files = {"p.bpmn": definitions(process("p", IN_LINE + task("x", form="sum")))}
    assert said(lint(files, forms=FORMS | {"sum": load(text, "sum")}, known=KNOWN)) == {("fact-unknown", "x")}


def test_a_fact_learnt_in_a_loop_is_known_the_second_time() -> None:
    body = CHOICE.replace(flow("a", "end"), flow("a", "g")) + gated("意见 != 空 且 意见 = 1") + flow("start", "g")
    assert said(findings(body)) == set()


# -- the command


def lint_command(*arguments: str) -> int:
    parser = ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments), KNOWN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "processes").mkdir()
    (tmp_path / "forms" / "definitions").mkdir(parents=True)
    components = [{"type": "textfield", "key": "意见", "label": "意见", "id": "a"}]
    note = json.dumps({"type": "default", "schemaVersion": 16, "id": "note", "components": components})
    (tmp_path / "forms" / "definitions" / "note.form").write_text(note, "utf-8")
    (tmp_path / "processes" / "good.bpmn").write_bytes(definitions(process("p", IN_LINE + task("x"))))
    return tmp_path


def test_the_command_passes_a_sound_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_command(str(folder / "processes")) == 0
    assert capsys.readouterr().out == "没有发现问题\n"


def test_the_command_says_file_line_element_rule_and_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = folder / "processes" / "bad.bpmn"
    bad.write_bytes(definitions(process("q", (IN_LINE + task("x", form="nothing")).replace("x", "y"))))
    assert lint_command(str(bad)) == 1
    assert f"{bad}:1 错误 「y」（y） [form-unknown] 表单「nothing」不存在" in capsys.readouterr().out


def test_the_command_prints_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "processes" / "bad.bpmn").write_bytes(b"<x/>")
    assert lint_command("--json", str(folder)) == 1
    found: list[Mapping[str, object]] = json.loads(capsys.readouterr().out)
    assert (found[0]["rule"], found[0]["severity"]) == ("file", "error")


def test_the_command_says_when_there_is_no_such_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_command("nowhere.bpmn") == 2
    assert "找不到 nowhere.bpmn" in capsys.readouterr().err
