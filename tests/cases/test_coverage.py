"""The documents' clauses and what carries them, over small offices and over our own files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cases import coverage
from engine.cases.coverage import ClausesNotReadable, State
from engine.cases.coverage.columns import table, width
from tests.support import diagrams

ROOT = Path(__file__).resolve().parents[2]

CLAUSES = """
[beside]
E = 34

[[document]]
id = "S0"
title = "工作方案"
place = "池州市"
issued = "2023"

[[document]]
id = "S1"
title = "窗口方案"
place = "某市"
issued = "2023"
"""
CLAUSE = '[[clause]]\nid = "{id}"\nrequirement = "{id}的要求"\nquote = "「原文」"\nprocedure = "{procedure}"\n{more}\n'
FORM = {
    "type": "default",
    "schemaVersion": 18,
    "components": [
        {
            "type": "group",
            "label": "告知",
            "components": [{"type": "text", "text": "一次性告知", "properties": {"clause": "S0-13"}}],
        },
        {"type": "textfield", "key": "name", "label": "姓名", "properties": {"clause": "S0-12,S0-13"}},
    ],
}
DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="http://jiuzhu">
  <decision id="suggestion" name="救助建议"><description>依据 S0-23</description>
    <variable name="x" typeRef="number"/><literalExpression><text>1</text></literalExpression></decision>
</definitions>"""
LIMIT = """[[limit]]
id = "D01"
name = "受理审查"
clause = "{clause}"
"""
SCENARIO = "name: 例子\nprocedure: window\nclauses: [{clauses}]\nstart: {{}}\nsteps: []\n"

Write = Callable[[str, str], None]


def clause(clause_id: str, procedure: str = "window", more: str = "") -> str:
    return CLAUSE.format(id=clause_id, procedure=procedure, more=more)


def stating(clauses: str) -> str:
    return (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="clause" value="{clauses}"/></camunda:properties></bpmn:extensionElements>'
    )


def drawing(*tasks: tuple[str, str], inner: str = "") -> str:
    """A process of user tasks (id, clauses) in a row, beside what `inner` draws."""
    body = "".join(diagrams.user(name, inner=stating(clauses) if clauses else "") for name, clauses in tasks)
    line = diagrams.chain("start", *(name for name, _ in tasks), "end")
    whole = diagrams.process("window", diagrams.start() + body + diagrams.end() + line + inner)
    return diagrams.definitions(whole).decode()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "forms" / "definitions").mkdir(parents=True)
    (tmp_path / "processes" / "policy").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def write(office: Path) -> Write:
    def write_file(path: str, text: str) -> None:
        (office / path).parent.mkdir(parents=True, exist_ok=True)
        (office / path).write_text(text, "utf-8")

    return write_file


@pytest.fixture
def listing(write: Write) -> Callable[..., None]:
    """Write the list with these clauses."""
    return lambda *clauses: write("processes/policy/clauses.toml", CLAUSES + "".join(clauses))


def ask(office: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    coverage.add_arguments(parser)
    return coverage.run(parser.parse_args(["--root", str(office), *arguments]))


def kinds(found: coverage.Coverage, clause_id: str) -> list[str]:
    return [carrier.kind for carrier in found.carriers(clause_id)]


def test_a_clause_is_traced_to_its_nodes_forms_tables_limits_and_scenarios(
    office: Path, write: Write, listing: Callable[..., None]
) -> None:
    listing(clause("S0-12"), clause("S0-13"), clause("S0-23"))
    write("processes/window/window.bpmn", drawing(("review", "S0-12, S0-13")))
    write("processes/window/suggestion.dmn", DMN)
    write("processes/policy/limits.toml", LIMIT.format(clause="S0-12、F2 §15"))
    write("processes/policy/archive.toml", '[[item]]\nname = "受理通知书"\nclause = "S0-12"\n')
    write("processes/window/scenarios/example.yaml", SCENARIO.format(clauses="S0-12"))
    write("forms/definitions/note.form", json.dumps({"id": "note", **FORM}))

    found = coverage.compute(office)

    assert kinds(found, "S0-12") == ["node", "form", "table", "limit", "scenario"]
    assert kinds(found, "S0-13") == ["node", "form"]
    assert [(c.kind, c.id, c.name) for c in found.carriers("S0-23")] == [("decision", "suggestion", "救助建议")]
    assert found.unknown == []


def test_a_clause_of_the_whole_procedure_may_stand_on_the_process_itself(
    office: Path, write: Write, listing: Callable[..., None]
) -> None:
    listing(clause("S0-05"))
    write("processes/window/window.bpmn", drawing(("review", ""), inner=stating("S0-05")))

    assert kinds(coverage.compute(office), "S0-05") == ["process"]


def test_nodes_inside_a_subprocess_are_traced_too(office: Path, write: Write, listing: Callable[..., None]) -> None:
    listing(clause("S0-18"))
    inside = diagrams.user("sign", inner=stating("S0-18"))
    write(
        "processes/window/window.bpmn",
        drawing(("review", ""), inner=f'<bpmn:subProcess id="part" name="part">{inside}</bpmn:subProcess>'),
    )

    assert [carrier.id for carrier in coverage.compute(office).carriers("S0-18")] == ["sign"]


def test_a_limit_or_an_example_alone_does_not_carry_a_clause(
    office: Path, write: Write, listing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    listing(clause("S0-14"))
    write("processes/window/window.bpmn", drawing(("review", "")))
    write("processes/policy/limits.toml", LIMIT.format(clause="S0-14"))
    write("processes/window/scenarios/example.yaml", SCENARIO.format(clauses="S0-14"))

    assert ask(office) == 1
    shown = capsys.readouterr().out
    assert "未落实的条款" in shown
    assert "只登记在时限 D01 受理审查；情景 例子，没有节点、表单或页面去做" in shown


def test_a_forgotten_clause_fails_until_a_node_carries_it(
    office: Path, write: Write, listing: Callable[..., None]
) -> None:
    listing(clause("S0-12"), clause("S0-13"))
    write("processes/window/window.bpmn", drawing(("review", "S0-12")))

    assert [each.id for each in coverage.compute(office).missing()] == ["S0-13"]
    assert ask(office) == 1

    write("processes/window/window.bpmn", drawing(("review", "S0-12，S0-13")))

    assert ask(office) == 0


def test_what_software_cannot_do_is_listed_with_its_reason_and_does_not_fail(
    office: Path, listing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    listing(clause("S0-42", more='software = false\nreason = "培训由市民政局组织"'))

    assert ask(office) == 0
    assert "软件之外" in (shown := capsys.readouterr().out)
    assert "培训由市民政局组织" in shown


def test_a_clause_waits_only_as_long_as_its_procedure_has_no_diagram(
    office: Path, write: Write, listing: Callable[..., None]
) -> None:
    listing(clause("S0-37", "citywide"))
    write("processes/window/window.bpmn", drawing(("review", "E-08")))
    assert coverage.compute(office).state("S0-37") is State.AWAITS

    write("processes/citywide/citywide.bpmn", drawing(("review", "E-08")).replace('"window"', '"citywide"'))

    assert coverage.compute(office).state("S0-37") is State.MISSING


@pytest.mark.parametrize("slip", ["S0-99", "S9-01", "S012", "E-35"])
def test_a_mistyped_clause_is_an_error_that_names_the_node(
    office: Path, write: Write, listing: Callable[..., None], capsys: pytest.CaptureFixture[str], slip: str
) -> None:
    listing(clause("S0-12"))
    write("processes/window/window.bpmn", drawing(("review", f"S0-12, {slip}")))

    assert ask(office) == 1
    assert f"processes/window/window.bpmn：节点 review（review）写了 {slip}，条款表里没有" in capsys.readouterr().out


def test_a_mistyped_clause_in_a_limit_or_an_example_is_an_error(
    office: Path, write: Write, listing: Callable[..., None]
) -> None:
    listing(clause("S0-12"))
    write("processes/policy/limits.toml", LIMIT.format(clause="S0-21"))
    write("processes/window/scenarios/example.yaml", SCENARIO.format(clauses="S0-12, S0-22"))

    assert [(c.kind, each) for c, each in coverage.compute(office).unknown] == [
        ("limit", "S0-21"),
        ("scenario", "S0-22"),
    ]


def test_special_cases_and_rules_above_the_documents_may_be_named(
    office: Path, write: Write, listing: Callable[..., None]
) -> None:
    listing(clause("S0-12"))
    write("processes/window/window.bpmn", drawing(("review", "S0-12, E-34, F2-15")))

    assert ask(office) == 0


def test_a_page_carries_a_clause_only_while_it_exists(
    office: Path, write: Write, listing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    listing(clause("S0-45", more='carried_by = ["page:register.start", "topic:notice.publish", "table:items"]'))
    write("webapp/register.py", "def start() -> None:\n    ...\n")
    write("processes/policy/items.toml", "")
    found = coverage.compute(office)
    assert [carrier.file for carrier in found.carriers("S0-45")] == [
        "webapp/register.py",
        "engine/topics/notices.py",
        "processes/policy/items.toml",
    ]

    write("webapp/register.py", "def begin() -> None:\n    ...\n")

    assert ask(office) == 1
    assert "S0-45 的 carried_by 写了 page:register.start，但找不到它" in capsys.readouterr().out


def test_tasks_without_a_clause_are_listed_and_gateways_are_not(
    office: Path, write: Write, listing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    listing(clause("S0-12"))
    gateway = '<bpmn:exclusiveGateway id="which" name="哪一路"/>'
    write("processes/window/window.bpmn", drawing(("review", "S0-12"), ("silent", ""), inner=gateway))

    assert [carrier.id for carrier in coverage.compute(office).nodes_without_clause()] == ["silent"]
    ask(office)
    assert "没有写依据的节点\n  processes/window/window.bpmn：silent（silent）" in capsys.readouterr().out


def test_a_clause_that_no_example_tries_is_pointed_out(
    office: Path, write: Write, listing: Callable[..., None]
) -> None:
    listing(clause("S0-12"), clause("S0-13"))
    write("processes/window/window.bpmn", drawing(("review", "S0-12, S0-13")))
    write("processes/window/scenarios/example.yaml", SCENARIO.format(clauses="S0-12"))

    assert [each.id for each in coverage.compute(office).untried()] == ["S0-13"]


def test_one_document_can_be_asked_about_alone(
    office: Path, write: Write, listing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    listing(clause("S0-12"), clause("S1-42"))
    write("processes/window/window.bpmn", drawing(("review", "S0-12")))

    assert ask(office, "--seed", "s0") == 0
    assert "S1-42" not in capsys.readouterr().out
    assert ask(office, "--seed", "S1") == 1
    assert ask(office, "--seed", "S7") == 2
    assert "没有文件 S7，可选：S0、S1" in capsys.readouterr().err


def test_the_data_says_both_ways(
    office: Path, write: Write, listing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    listing(clause("S0-12"))
    write("processes/window/window.bpmn", drawing(("review", "S0-12")))

    assert ask(office, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["clauses"][0]["state"] == "carried"
    assert data["clauses"][0]["carriers"]["node"][0]["id"] == "review"
    assert {node["id"]: node["clauses"] for node in data["nodes"]} == {"start": [], "review": ["S0-12"], "end": []}
    assert data["missing"] == []


@pytest.mark.parametrize(
    "more, said",
    [
        (clause("S0-12"), "S0-12：编号重复"),
        (clause("S7-01"), "S7-01：没有登记文件 S7"),
        (clause("S0-13", more="software = false"), "S0-13：写了 software = false，还要写 reason"),
        (clause("S0-13", more='carriedby = ["page:x.y"]'), "S0-13：不认识 carriedby"),
        (clause("S0-13", more='carried_by = "page:x.y"'), "S0-13：carried_by 的写法不对"),
        (clause("S0-13").replace("requirement", "actor"), "S0-13：requirement 没有写"),
        ("[[clause", "无法读取"),
    ],
)
def test_a_faulty_list_says_which_row_is_wrong(
    office: Path, listing: Callable[..., None], more: str, said: str
) -> None:
    listing(clause("S0-12"), more)

    with pytest.raises(ClausesNotReadable, match=said):
        coverage.compute(office)


def test_a_form_or_table_that_cannot_be_read_is_said_without_a_crash(
    office: Path, write: Write, listing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    listing(clause("S0-12"))
    write("forms/definitions/note.form", "{")
    assert ask(office) == 1
    assert "表单「note」：不是有效的 JSON" in capsys.readouterr().err

    write("forms/definitions/note.form", json.dumps({"id": "note", **FORM}))
    write("processes/policy/items.toml", "[[item")
    assert ask(office) == 1
    assert "processes/policy/items.toml：无法读取" in capsys.readouterr().err


def test_a_folder_without_the_list_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ClausesNotReadable, match="没有这个文件，请用 --root"):
        coverage.compute(tmp_path)


def test_columns_line_up_although_chinese_is_twice_as_wide() -> None:
    lines = table([("条款", "要求", "落实"), ("S0-12", "1个工作日内受理", "节点")])

    assert {width(line[: line.index(last)]) for line, last in zip(lines, ("落实", "节点"), strict=True)} == {24}


@pytest.fixture(scope="module")
def ours() -> coverage.Coverage:
    return coverage.compute(ROOT)


def test_every_clause_of_the_five_documents_is_registered(ours: coverage.Coverage) -> None:
    counts = {document: len(ours.of(document)) for document in ours.documents}
    assert counts == {"S0": 49, "S1": 69, "S2": 50, "S3": 20, "S4": 24}
    for document, last in counts.items():
        assert [each.id for each in ours.of(document)] == [f"{document}-{n:02d}" for n in range(1, last + 1)]


def test_every_clause_of_full_online_that_software_can_do_is_carried(ours: coverage.Coverage) -> None:
    mine = [each for each in ours.of("S0") if each.software and each.procedure == "full_online"]
    assert len(mine) >= 37
    assert [each.id for each in mine if ours.state(each.id) is not State.CARRIED] == []


def test_no_clause_that_could_be_carried_is_forgotten(ours: coverage.Coverage) -> None:
    assert [each.id for each in ours.missing()] == []


def test_our_files_name_only_clauses_and_pages_that_exist(ours: coverage.Coverage) -> None:
    assert [(carrier.file, carrier.id, each) for carrier, each in ours.unknown] == []
    assert ours.absent == {}


def test_every_node_of_ours_that_acts_says_on_which_clause(ours: coverage.Coverage) -> None:
    assert [(carrier.file, carrier.id) for carrier in ours.nodes_without_clause()] == []


# --- what the documents leave open ---------------------------------------------------------------------------------

SWITCH = """[[switch]]
id = "A-02"
question = "公示多少天"
value = "7日"
choices = ["7日", "7个工作日"]
where = "window/window.bpmn：公示；{file}"
ground = "《最低生活保障审核确认办法》第十九条"
valid_from = 2022-01-01
"""


@pytest.fixture
def open_question(write: Write, listing: Callable[..., None]) -> None:
    """A diagram that settles A-02, and its row."""
    listing(clause("S0-12"))
    write("processes/window/window.bpmn", drawing(("review", "S0-12, A-02")))
    write("processes/policy/switches.toml", SWITCH.format(file="limits.toml：D13"))
    write("processes/policy/limits.toml", LIMIT.format(clause="S0-12"))


@pytest.mark.usefixtures("open_question")
def test_an_open_question_is_traced_to_what_settles_it(office: Path) -> None:
    found = coverage.compute(office)
    assert found.switches["A-02"].value == "7日"
    assert kinds(found, "A-02") == ["node"]
    assert found.unknown == []
    assert ask(office) == 0


@pytest.mark.usefixtures("open_question")
def test_a_node_that_settles_a_question_nobody_listed_is_a_slip(office: Path, write: Write) -> None:
    write("processes/policy/switches.toml", "")
    assert [each for _, each in coverage.compute(office).unknown] == ["A-02"]
    assert ask(office) == 1


@pytest.mark.usefixtures("open_question")
def test_a_switch_names_files_that_are_there(office: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("processes/policy/switches.toml", SWITCH.format(file="window/gone.dmn：公示期限"))
    assert ask(office) == 1
    assert "A-02 的 where 写了window/gone.dmn，没有这个文件" in capsys.readouterr().out


@pytest.mark.parametrize(
    "row, fault",
    [
        (SWITCH.replace("ground", "because"), "ground 没有写"),
        (SWITCH + 'mood = "good"\n', "不认识 mood"),
        (SWITCH + SWITCH, "编号重复"),
        ("[[switch]\n", "无法读取"),
    ],
    ids=["missing", "strange", "twice", "no toml"],
)
def test_a_switch_that_cannot_be_read_says_where(
    office: Path, write: Write, listing: Callable[..., None], row: str, fault: str
) -> None:
    listing(clause("S0-12"))
    write("processes/policy/switches.toml", row.format(file=""))
    with pytest.raises(coverage.ClausesNotReadable, match=fault):
        coverage.compute(office)


def test_every_question_that_the_documents_leave_open_has_its_answer() -> None:
    listed = coverage.compute(ROOT).switches
    assert {f"A-{number:02d}" for number in range(1, 34)} <= listed.keys()
