"""What an analyst expects of a diagram that the layout has drawn."""

import random
import re
from argparse import ArgumentParser
from functools import cache
from pathlib import Path

import pytest
import SpiffWorkflow.bpmn.parser
from lxml import etree

from engine.bpmn.errors import DiagramNotReadable
from engine.bpmn.layout import (
    DiagramNotDrawable,
    add_arguments,
    crossings,
    edges_through_shapes,
    label_overlaps,
    layout,
    overlaps,
    run,
)

SAMPLES = Path(__file__).parent / "samples"
DRAWN = ["six_offices.bpmn", "full_online.bpmn", "odd_corners.bpmn"]
SCHEMA = Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema" / "BPMN20.xsd"
MOST_CROSSINGS = {"six_offices.bpmn": 0, "full_online.bpmn": 3, "odd_corners.bpmn": 0}
PROCEDURES = sorted((Path(__file__).resolve().parents[2] / "processes").glob("*/*.bpmn"))
MOST_IN_PROCEDURES = 10  # crossings; confirmation.bpmn has nine: every step of it may be skipped
PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
  <process id="p">{body}</process>
</definitions>
"""


@pytest.fixture(params=DRAWN)
def sample(request: pytest.FixtureRequest) -> Path:
    return SAMPLES / str(request.param)


@cache
def layout_of(name: str) -> bytes:
    """A sample as drawn; kept, because drawing takes a second."""
    return layout(SAMPLES / name)


def boxes(xml: bytes) -> dict[str, tuple[float, float, float, float]]:
    root = etree.XML(xml)
    found = {}
    for shape in root.iter("{*}BPMNShape"):
        bounds = shape.find("{*}Bounds")
        assert bounds is not None
        x, y, width, height = (float(bounds.get(name, "nan")) for name in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement", "")] = (x, y, width, height)
    return found


def lines(xml: bytes) -> dict[str, list[tuple[float, float]]]:
    return {
        edge.get("bpmnElement", ""): [
            (float(p.get("x", "nan")), float(p.get("y", "nan"))) for p in edge.iterfind("{*}waypoint")
        ]
        for edge in etree.XML(xml).iter("{*}BPMNEdge")
    }


def middle(box: tuple[float, float, float, float]) -> float:
    return box[1] + box[3] / 2


def test_no_step_lies_on_another_and_no_flow_runs_through_one(sample: Path) -> None:
    drawn = layout_of(sample.name)
    assert overlaps(drawn) == []
    assert edges_through_shapes(drawn) == []


def test_no_name_covers_a_step_a_flow_or_another_name(sample: Path) -> None:
    assert label_overlaps(layout_of(sample.name)) == []


def test_flows_cross_only_where_the_procedure_makes_them(sample: Path) -> None:
    assert crossings(layout_of(sample.name)) <= MOST_CROSSINGS[sample.name]


def test_every_step_and_every_flow_is_drawn(sample: Path) -> None:
    root = etree.XML(sample.read_bytes())
    drawn = layout_of(sample.name)
    steps = {e.get("id") for e in root.iter("{*}flowNodeRef", "{*}subProcess", "{*}boundaryEvent") if e.get("id")}
    steps |= {e.text for e in root.iter("{*}flowNodeRef")}
    assert steps <= boxes(drawn).keys()
    flows = {e.get("id") for e in root.iter("{*}sequenceFlow", "{*}messageFlow", "{*}association")}
    assert flows == lines(drawn).keys()


def test_flows_are_made_of_level_and_upright_lines_only(sample: Path) -> None:
    for line in lines(layout_of(sample.name)).values():
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in zip(line, line[1:], strict=False))


def test_the_drawn_file_fits_the_schema(sample: Path) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    schema.assertValid(etree.XML(layout_of(sample.name)))


def test_what_the_analyst_wrote_stays_to_the_byte(sample: Path) -> None:
    before = sample.read_bytes()
    drawn = layout_of(sample.name)
    without = re.sub(rb"  <bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>\n", b"", drawn, flags=re.DOTALL)
    assert without == before


def test_drawing_again_changes_nothing(sample: Path) -> None:
    once = layout_of(sample.name)
    assert layout(once) == once


def test_a_diagram_moved_by_hand_is_drawn_anew_but_keeps_its_colours() -> None:
    drawn = layout_of("six_offices.bpmn").decode()
    root_start = "<bpmn:definitions "
    coloured = drawn.replace(root_start, root_start + 'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" ')
    shape = '<bpmndi:BPMNShape id="accept_di" bpmnElement="accept"'
    coloured = coloured.replace(shape + ">", shape + ' bioc:stroke="#831311">')
    by_hand = re.sub(r'x="3\d\d"', 'x="999"', coloured)
    assert by_hand != coloured
    assert layout(by_hand.encode()) == coloured.encode()


def test_a_second_diagram_of_another_tool_is_removed() -> None:
    drawn = layout_of("six_offices.bpmn")
    diagram = re.search(rb"  <bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>\n", drawn, flags=re.DOTALL)
    assert diagram is not None
    twice = drawn.replace(diagram[0], diagram[0] + b"\n  " + diagram[0].replace(b'id="', b'id="x'))
    assert layout(twice) == drawn


def test_lanes_stand_under_each_other_in_the_order_of_the_file_and_hold_their_steps() -> None:
    xml = layout_of("six_offices.bpmn")
    drawn, root = boxes(xml), etree.XML(xml)
    bottom = None
    for lane in root.iter("{*}lane"):
        x, y, width, height = drawn[lane.get("id", "")]
        assert bottom is None or y == bottom
        bottom = y + height
        for ref in lane.iterfind("{*}flowNodeRef"):
            left, top, wide, high = drawn[ref.text or ""]
            assert x + 30 <= left
            assert left + wide <= x + width
            assert y < top
            assert top + high <= bottom


def test_inside_a_subprocess_each_office_keeps_its_own_band() -> None:
    xml = layout_of("full_online.bpmn")
    drawn, root = boxes(xml), etree.XML(xml)
    bands = [[drawn[ref.text or ""] for ref in lane.iterfind("{*}flowNodeRef")] for lane in root.iter("{*}lane")]
    assert len(bands) == 7
    for upper, lower in zip(bands, bands[1:], strict=False):
        assert max(y + height for _, y, _, height in upper) < min(y for _, y, _, _ in lower)
    for index, band in enumerate(bands, 1):
        _, y, _, height = drawn[f"handling_band_{index}"]
        assert all(y <= top and top + high <= y + height for _, top, _, high in band)


def test_the_straight_way_through_stays_in_one_row_and_goes_right() -> None:
    body = "".join(f'<task id="t{i}" name="第{i}步"/>' for i in range(6))
    body += "".join(f'<sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="t{i + 1}"/>' for i in range(5))
    body += '<sequenceFlow id="loop" sourceRef="t4" targetRef="t1"/>'
    xml = layout(PLAIN.format(body=body).encode())
    drawn = boxes(xml)
    assert len({middle(drawn[f"t{i}"]) for i in range(6)}) == 1
    assert [drawn[f"t{i}"][0] for i in range(6)] == sorted(drawn[f"t{i}"][0] for i in range(6))
    assert all(len(lines(xml)[f"f{i}"]) == 2 for i in range(5))
    assert any(abs(y - middle(drawn["t1"])) > 40 for _, y in lines(xml)["loop"])


def test_what_a_deadline_sets_off_stands_straight_below_its_step() -> None:
    xml = layout_of("full_online.bpmn")
    drawn, drawn_lines = boxes(xml), lines(xml)
    for timer, task in (
        ("receive_late", "receive_urge"),
        ("verify_late", "verify_urge"),
        ("withdrawn", "confirm_withdrawal"),
    ):
        start, end = drawn_lines[f"{timer}_to_{task}"]
        assert start == (drawn[timer][0] + 18, drawn[timer][1] + 36)
        assert end == (start[0], drawn[task][1])


REMINDED = """
<userTask id="check"/><sequenceFlow id="f0" sourceRef="check" targetRef="done"/><endEvent id="done"/>
<boundaryEvent id="more" attachedToRef="check"/><sequenceFlow id="f1" sourceRef="more" targetRef="ask"/>
<userTask id="ask"/><sequenceFlow id="f2" sourceRef="ask" targetRef="asked"/><endEvent id="asked"/>
<boundaryEvent id="late" attachedToRef="check"/><sequenceFlow id="f3" sourceRef="late" targetRef="urged"/>
<endEvent id="urged"/>
<boundaryEvent id="later" attachedToRef="check"/><sequenceFlow id="f4" sourceRef="later" targetRef="told"/>
<endEvent id="told"/>
"""


def test_ends_of_several_deadlines_hang_side_by_side_and_other_ways_leave_right_of_them() -> None:
    xml = layout(PLAIN.format(body=REMINDED).encode())
    drawn, drawn_lines = boxes(xml), lines(xml)
    for flow, timer, end in (("f3", "late", "urged"), ("f4", "later", "told")):
        (x1, _), (x2, y2) = drawn_lines[flow]
        assert x1 == x2 == drawn[timer][0] + 18
        assert y2 == drawn[end][1]
    assert drawn["urged"][1] == drawn["told"][1]
    assert drawn["late"][0] < drawn["later"][0] < drawn["more"][0]
    assert crossings(xml) == 0


@pytest.mark.parametrize("file", PROCEDURES, ids=lambda file: str(file.stem))
def test_a_deployed_diagram_can_be_read(file: Path) -> None:
    xml = file.read_bytes()
    assert overlaps(xml) == []
    assert edges_through_shapes(xml) == []
    assert crossings(xml) <= MOST_IN_PROCEDURES


def test_boundary_events_sit_evenly_on_the_lower_border_of_their_step() -> None:
    drawn = boxes(layout_of("odd_corners.bpmn"))
    x, y, width, height = drawn["check"]
    centres = [drawn[event][0] + 18 for event in ("late", "dead", "moved")]
    assert [drawn[event][1] + 18 for event in ("late", "dead", "moved")] == [y + height] * 3
    assert centres[1] - centres[0] == centres[2] - centres[1]
    assert x < centres[0] - 18
    assert centres[2] + 18 < x + width


def test_an_embedded_subprocess_is_as_large_as_what_it_holds() -> None:
    drawn = boxes(layout_of("odd_corners.bpmn"))
    for outer, inner in (("survey", "papers"), ("survey", "survey_end"), ("papers", "collect")):
        x, y, width, height = drawn[outer]
        left, top, wide, high = drawn[inner]
        assert x < left
        assert y < top
        assert left + wide < x + width
        assert top + high < y + height


def random_procedure(seed: int) -> bytes:
    """A procedure of any shape: lanes, gateways, loops, deadlines."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable choice, not a secret
    count = dice.randint(4, 16)
    kinds = dice.choices(["task", "exclusiveGateway", "intermediateThrowEvent", "callActivity"], [5, 3, 1, 2], k=count)
    lanes: list[list[str]] = [[] for _ in range(dice.randint(1, 4))]
    body, flows = [], []
    for index, kind in enumerate(kinds):
        body.append(f'<{kind} id="n{index}" name="{"办理事项" * dice.randint(0, 3)}"/>')
        dice.choice(lanes).append(f"n{index}")
        if index:
            flows.append((f"n{dice.randrange(max(0, index - 4), index)}", f"n{index}"))
        if kind in ("task", "callActivity") and dice.random() < 0.4:
            body.append(f'<boundaryEvent id="b{index}" name="满5个工作日" attachedToRef="n{index}"/>')
            body.append(f'<task id="u{index}" name="催办"/><endEvent id="e{index}"/>')
            flows += [(f"b{index}", f"u{index}"), (f"u{index}", f"e{index}")]
    flows += [(f"n{dice.randrange(count)}", f"n{dice.randrange(1, count)}") for _ in range(dice.randint(0, 4))]
    sets = "".join(
        f'<lane id="l{i}">{"".join(f"<flowNodeRef>{m}</flowNodeRef>" for m in members)}</lane>'
        for i, members in enumerate(lanes)
    )
    arrows = "".join(
        f'<sequenceFlow id="f{i}" name="{dice.choice(["", "同意", "不同意"])}" sourceRef="{a}" targetRef="{b}"/>'
        for i, (a, b) in enumerate(dict.fromkeys(flows))
    )
    return PLAIN.format(body=f'<laneSet id="ls">{sets}</laneSet>{"".join(body)}{arrows}').encode()


@pytest.mark.parametrize("seed", range(12))
def test_a_procedure_of_any_shape_is_drawn_without_overlap(seed: int) -> None:
    drawn = layout(random_procedure(seed))
    assert overlaps(drawn) == []
    assert edges_through_shapes(drawn) == []


def test_the_checks_see_a_badly_drawn_diagram() -> None:
    drawn = layout_of("six_offices.bpmn")
    x, y, _, _ = boxes(drawn)["receipt"]
    assert ("fork", "receipt") in [tuple(sorted(pair)) for pair in overlaps(moved(drawn, "fork", x, y))]
    (x1, y1), (x2, y2) = lines(drawn)["complete_to_number"][:2]
    on_the_way = moved(drawn, "urged", (x1 + x2) / 2 - 18, (y1 + y2) / 2)
    assert ("complete_to_number", "urged") in edges_through_shapes(on_the_way)
    ends = [(f"from{i}", f"to{j}") for i in range(3) for j in range(3)]
    body = "".join(f'<task id="from{i}"/><task id="to{i}"/>' for i in range(3))
    body += "".join(f'<sequenceFlow id="{a}{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in ends)
    assert crossings(layout(PLAIN.format(body=body).encode())) >= 1  # three to three can't be drawn without one
    label_x, label_y, _, _ = boxes(drawn)["opinion"]
    assert ("opinion", "accept") in label_overlaps(moved(drawn, "accept", label_x - 20, label_y - 30))


def moved(xml: bytes, step: str, x: float, y: float) -> bytes:
    """The diagram with one step put elsewhere by a careless hand."""
    place = rb'(bpmnElement="%s"[^>]*>\s*<dc:Bounds) x="\d+" y="\d+"' % step.encode()
    return re.sub(place, rb'\1 x="%d" y="%d"' % (round(x), round(y)), xml)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"<definitions", "XML"),
        (b"<html/>", "definitions"),
        (b'<!DOCTYPE d [<!ENTITY e "x">]>' + PLAIN.format(body="&e;").split("\n", 1)[1].encode(), "DOCTYPE"),
    ],
)
def test_a_file_that_is_no_diagram_is_refused_in_chinese(content: bytes, words: str) -> None:
    with pytest.raises(DiagramNotReadable, match=words):
        layout(content)


@pytest.mark.parametrize(
    "body, words",
    [
        (
            '<task id="a" name="审查"/><sequenceFlow id="f" name="同意" sourceRef="a" targetRef="z"/>',
            "连线 f（同意）的终点 z",
        ),
        ('<boundaryEvent id="b" name="超期" attachedToRef="z"/>', "边界事件 b（超期）挂在不存在的节点 z"),
        ('<task name="审查"/>', "没有 id"),
    ],
)
def test_a_diagram_that_contradicts_itself_is_refused_by_element(body: str, words: str) -> None:
    with pytest.raises(DiagramNotDrawable, match=words):
        layout(PLAIN.format(body=body).encode())


def test_the_command_draws_every_file_of_a_folder_and_check_tells_which_are_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = ArgumentParser()
    add_arguments(parser)
    file = tmp_path / "shared" / "odd.bpmn"
    file.parent.mkdir()
    file.write_bytes((SAMPLES / "odd_corners.bpmn").read_bytes())
    assert run(parser.parse_args([str(tmp_path), "--check"])) == 1
    assert "重新排版" in capsys.readouterr().out
    assert run(parser.parse_args([str(tmp_path)])) == 0
    assert run(parser.parse_args([str(tmp_path), "--check"])) == 0
    (tmp_path / "broken.bpmn").write_bytes(b"no")
    assert run(parser.parse_args([str(tmp_path)])) == 1
    assert "broken.bpmn" in capsys.readouterr().out
