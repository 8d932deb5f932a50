"""Rules about the case's clock: what stops it is a registered kind, and only a timer measures the whole case."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.diagram import Node
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope

CLOCKS = ("pause", "run", "master")
WAITING = ("user", "call", "subprocess", "event_gateway", "catch", "receive")
REGISTER = "processes/policy/pauses.toml"


def clocks(scope: Scope) -> Iterator[Finding]:
    """`clock` is a word of the dialect, and stands where it means something."""
    for node in scope.process.nodes.values():
        clock = node.properties.get("clock", "")
        if clock and clock not in CLOCKS:
            hint = "请写 pause（停在这里时其他时限暂停）、run（不暂停）或 master（定时：整件办件的总时限）"
            yield scope.error(node, "clock-unknown", f"属性 clock 不能写「{clock}」", hint)
        if clock == "master" and not _is_timer(node):
            hint = "请写在边界定时事件上，它挂着的环节就是总时限管的范围"
            yield scope.error(node, "clock-misplaced", "只有边界定时可以是总时限（clock=master）", hint)
        if clock == "pause" and node.kind not in WAITING:
            hint = "请写在用户任务、调用活动、子流程或者等待的事件上"
            yield scope.error(node, "clock-misplaced", "流程不在这里停留，时限无从暂停", hint)
        if node.properties.get("until") and node.event.kind != "timer":
            yield scope.error(node, "clock-misplaced", "属性 until 只能写在定时上", "请写在定时事件上，或去掉")


def pauses(scope: Scope) -> Iterator[Finding]:
    """What stops the clock is a registered kind: with its basis and its own longest length, so that it ends."""
    known = scope.world.known.pauses
    for node in scope.process.nodes.values():
        kind, stops = node.properties.get("pause", ""), node.properties.get("clock") == "pause"
        if stops and not kind:
            hint = f"请加属性 pause，写 {REGISTER} 里登记的一种，如 补正"
            yield scope.error(node, "pause-missing", "写了 clock=pause，没有写是哪一种暂停", hint)
        elif kind and not stops:
            yield scope.warning(node, "pause-idle", f"写了暂停「{kind}」而没有写 clock=pause，不会停算", "请补上或去掉")
        elif kind and known is not None and kind not in known:
            hint = f"请核对名称，或在 {REGISTER} 里登记它的依据和最长期限"
            yield scope.error(node, "pause-unknown", f"暂停「{kind}」没有登记", hint)


def _is_timer(node: Node) -> bool:
    return node.event.kind == "timer" and node.kind == "boundary"
