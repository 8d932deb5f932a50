"""An office to measure in: the demo people, lines of N user tasks with boundary timers, and full_online."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from engine import cases
from engine.bpmn.deployment import read_folder
from engine.cases import Runtime, demo
from engine.cases.deploy import deploy
from engine.people.actor import Actor

ROOT = Path(__file__).resolve().parents[1]
LINES = (10, 50, 200)
CLERK = "qp_window"
UNIT = "qiupu"
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://jiuzhu/bench">'
)
NOTE = {
    "type": "default",
    "id": "bench_note",
    "schemaVersion": 18,
    "components": [
        {"type": "textfield", "id": "Field_1", "key": "note", "label": "办理意见", "validate": {"required": True}},
        {"type": "number", "id": "Field_2", "key": "amount", "label": "金额", "properties": {"kind": "money"}},
        {"type": "datetime", "id": "Field_3", "key": "day", "subtype": "date", "dateLabel": "日期"},
        {
            "type": "select",
            "id": "Field_4",
            "key": "township",
            "label": "乡镇",
            "valuesKey": "township",
            "properties": {"kind": "unit", "place": "application_township"},
        },
    ],
}
FIELDS = {"note": ["同意"], "amount": ["320.50"], "day": ["2026-03-02"], "township": [UNIT]}


def line(count: int) -> bytes:
    """A straight line of user tasks, each with a non-interrupting boundary timer."""
    names = [f"t{number}" for number in range(1, count + 1)]
    chain = ["begin", *names, "finish"]
    parts = [
        '<bpmn:startEvent id="begin" name="开始" camunda:formKey="bench_note"/><bpmn:endEvent id="finish" name="完"/>'
    ]
    parts += [_task(name) for name in names]
    parts += [_flow(a, b) for a, b in zip(chain, chain[1:], strict=False)]
    body = "".join(parts)
    process = f'<bpmn:process id="line{count}" name="line{count}" isExecutable="true" '
    starters = 'camunda:candidateStarterGroups="window_clerk">'
    return f"{HEAD}{process}{starters}{body}</bpmn:process></bpmn:definitions>".encode()


def _task(name: str) -> str:
    return (
        f'<bpmn:userTask id="{name}" name="{name}" camunda:formKey="bench_note" '
        'camunda:candidateGroups="window_clerk@application_township"/>'
        f'<bpmn:boundaryEvent id="{name}_late" attachedToRef="{name}" cancelActivity="false">'
        "<bpmn:timerEventDefinition><bpmn:timeDuration>5个工作日</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        f'<bpmn:endEvent id="{name}_end" name="催办"/>' + _flow(f"{name}_late", f"{name}_end")
    )


def _flow(source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


@contextmanager
def office(url: str) -> Iterator[Runtime]:
    """A fresh store at `url` with everything deployed."""
    runtime = cases.open_runtime(url, ROOT)
    demo.people_and_places(runtime, ROOT)
    files = read_folder(ROOT) | {f"processes/bench/line{count}.bpmn": line(count) for count in LINES}
    files["forms/definitions/bench_note.form"] = json.dumps(NOTE, ensure_ascii=False).encode()
    with cases.step(runtime, Actor("bench", "测量"), datetime.now(UTC)) as this:
        deploy(this, files)
    yield runtime
    runtime.store.close()
