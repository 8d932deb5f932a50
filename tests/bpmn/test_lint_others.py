"""What one case begins or tells must be there to be begun or told; and how a case may begin."""

from __future__ import annotations

import pytest

from engine.bpmn.lint import Known, lint
from tests.support.diagrams import chain, definitions, end, process, start, user
from tests.support.office_files import of, properties, work

ASKED = '<bpmn:message id="asked" name="来函"/>'


def begun(inner: str, node_id: str = "begun") -> str:
    return f'<bpmn:startEvent id="{node_id}" name="{node_id}">{inner}</bpmn:startEvent>'


def every(text: str, **given: str) -> str:
    timer = f"<bpmn:timerEventDefinition><bpmn:timeCycle>{text}</bpmn:timeCycle></bpmn:timerEventDefinition>"
    return begun(properties(**given) + timer)


def asks(**given: str) -> str:
    return process("asks", start() + work("发函", "case.start", **given) + end() + chain("start", "发函", "end"))


def answers(*beginnings: str, names: str = "begun") -> str:
    body = "".join(beginnings) + user("答", form="") + end() + chain("答", "end")
    return process("answers", body + "".join(chain(name, "答") for name in names.split()))


def found(*processes: str, begun: tuple[str, ...] = ()) -> set[str]:
    known = Known(topics={"case.start": (), "case.tell": ()}, begun=begun, occasions={"power.passes"})
    return {each.rule for each in lint({"a.bpmn": definitions(ASKED + "".join(processes))}, known=known)}


RULES = {
    "begun-unknown",
    "told-nobody",
    "timed-place",
    "occasion-unknown",
    "start-twice",
    "start-inner",
    "event-misplaced",
}


TWO = answers(begun(of("asked")), begun(of("asked"), "b2"), names="begun b2")
BY_ALL = answers(every("每月1日", place="county"), start(), begun(of("asked"), "b2"), names="begun start b2")
TELLS = process("tells", start() + work("函", "case.tell", message="没有人等") + end() + chain("start", "函", "end"))


@pytest.mark.parametrize(
    "drawn, wrong",
    [
        ((asks(procedure="answers"), answers(begun(of("asked")))), set()),
        ((asks(procedure="answers"), answers(start(), names="start")), {"begun-unknown"}),
        ((asks(procedure="nowhere"),), {"begun-unknown"}),
        ((asks(),), {"begun-unknown"}),
        ((asks(procedure="answers"), TWO), {"begun-unknown"}),
        ((asks(procedure="answers", start="b2"), TWO), set()),
        ((answers(every("每月1日", place="county")),), set()),
        ((answers(every("每月1日")),), set()),
        ((answers(every("每月1日", each="township")),), {"timed-place"}),
        ((answers(every("每日", each="county", place="county", occasion="power.passes")),), set()),
        ((answers(every("每日", each="county", place="county", occasion="full.moon")),), {"occasion-unknown"}),
        ((BY_ALL,), set()),
        ((answers(start(), start("s2"), names="start s2"),), {"start-twice"}),
        ((TELLS,), {"told-nobody"}),
    ],
)
def test_what_is_begun_or_told_is_there(drawn: tuple[str, ...], wrong: set[str]) -> None:
    assert found(*drawn) & RULES == wrong


@pytest.mark.parametrize(
    "catalogue, wrong", [(("answers",), set()), (("answers", "nowhere"), {"begun-unknown"}), ((), set())]
)
def test_every_procedure_that_the_catalogue_names_can_be_begun(catalogue: tuple[str, ...], wrong: set[str]) -> None:
    drawn = (asks(procedure="{流程编号}"), answers(begun(of("asked"))))
    assert found(*drawn, begun=catalogue) & RULES == wrong


@pytest.mark.parametrize("kind, wrong", [("refusal", {"word-twice"}), ("slip", set())])
def test_the_words_before_a_number_stand_for_one_kind_of_paper(kind: str, wrong: set[str]) -> None:
    papers = [
        process(
            f"p{n}",
            start() + work(f"出{n}", "paper.issue", paper=paper, word="窗转") + end() + chain("start", f"出{n}", "end"),
        )
        for n, paper in enumerate(("slip", kind))
    ]
    assert found(*papers) & {"word-twice"} == wrong
