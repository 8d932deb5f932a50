"""Small diagrams for tests, written as BPMN text so that the real reader reads them."""

from __future__ import annotations

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://jiuzhu">'
)


def definitions(body: str) -> bytes:
    """A whole file around `body` (messages and processes)."""
    return f"{HEAD}{body}</bpmn:definitions>".encode()


def process(process_id: str, body: str) -> str:
    return f'<bpmn:process id="{process_id}" name="{process_id}" isExecutable="true">{body}</bpmn:process>'


def flow(source: str, target: str, condition: str = "", flow_id: str = "") -> str:
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    flow_id = flow_id or f"{source}_{target}"
    return f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def chain(*nodes: str) -> str:
    return "".join(flow(a, b) for a, b in zip(nodes, nodes[1:], strict=False))


def start(node_id: str = "start") -> str:
    return f'<bpmn:startEvent id="{node_id}" name="{node_id}"/>'


def end(node_id: str = "end") -> str:
    return f'<bpmn:endEvent id="{node_id}" name="{node_id}"/>'


def user(node_id: str, *, group: str = "window_clerk@application_township", form: str = "note", inner: str = "") -> str:
    return (
        f'<bpmn:userTask id="{node_id}" name="{node_id}" camunda:formKey="{form}" camunda:candidateGroups="{group}">'
        f"{inner}</bpmn:userTask>"
    )


def timer(node_id: str, attached_to: str, text: str, *, interrupting: bool = False) -> str:
    return (
        f'<bpmn:boundaryEvent id="{node_id}" name="{node_id}" attachedToRef="{attached_to}" '
        f'cancelActivity="{str(interrupting).lower()}"><bpmn:timerEventDefinition>'
        f"<bpmn:timeDuration>{text}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def message_boundary(node_id: str, attached_to: str, message_id: str, *, interrupting: bool = True) -> str:
    return (
        f'<bpmn:boundaryEvent id="{node_id}" name="{node_id}" attachedToRef="{attached_to}" '
        f'cancelActivity="{str(interrupting).lower()}"><bpmn:messageEventDefinition messageRef="{message_id}"/>'
        "</bpmn:boundaryEvent>"
    )


def line(count: int, *, timers: bool = True, process_id: str = "line", **options: str) -> bytes:
    """A straight line of user tasks t1 … tN, each with a non-interrupting boundary timer of five working days."""
    names = [f"t{i}" for i in range(1, count + 1)]
    body = start() + end() + "".join(user(n, **options) for n in names) + chain("start", *names, "end")
    if timers:
        for name in names:
            body += (
                timer(f"{name}_late", name, "5个工作日")
                + end(f"{name}_late_end")
                + flow(f"{name}_late", f"{name}_late_end")
            )
    return definitions(process(process_id, body))
