"""Rules about time: the text is understood, the limit is registered, and the number is that of its clause."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.diagram import Node
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope
from engine.bpmn.named import split
from engine.clock.errors import LimitNotUnderstood
from engine.clock.limits import Limit
from engine.clock.recurring import Recurring, parse_timer
from engine.clock.register import Register

SAY = "请写成“5个工作日”“7日”“48小时”或“3个月”"


def timers(scope: Scope) -> Iterator[Finding]:
    """Every timer can be read and stands where it can fire."""
    for node in scope.process.nodes.values():
        if node.event.kind != "timer":
            continue
        if node.kind == "start" and scope.is_inner:
            yield scope.error(node, "timer-start", "子流程不能定时启动", "请把定时放在子流程外面，或放一个中间定时事件")
            continue
        if node.kind in ("end", "throw"):
            yield scope.error(node, "event-misplaced", "这里不能定时", "请改用中间定时事件或边界定时事件")
            continue
        try:
            yield from _fits(scope, node, parse_timer(node.event.text))
        except LimitNotUnderstood as error:
            yield scope.error(node, "timer-text", str(error), SAY)


def _fits(scope: Scope, node: Node, drawn: Limit | Recurring) -> Iterator[Finding]:
    if node.kind == "start":
        if isinstance(drawn, Limit):
            message = f"定时启动「{node.event.text}」不是周期"
            yield scope.error(node, "timer-text", message, "请写成“每月1日 08:00”")
        return
    if isinstance(drawn, Recurring):
        if node.kind == "boundary":
            hint = f"{SAY}；每月每年重复的请用定时开始事件"
            yield scope.error(node, "timer-text", f"边界定时「{node.event.text}」不是一段时间", hint)
        return
    if drawn.iso and (why := _bound_by(scope, node)):
        message = f"「{node.event.text}」没有说明是工作日还是自然日，{why}"
        yield scope.error(node, "timer-iso", message, SAY)


def _bound_by(scope: Scope, node: Node) -> str:
    host = scope.process.nodes.get(node.attached_to)
    for bound in (node, host):
        if bound is not None and bound.clauses:
            return f"而它依据 {'、'.join(bound.clauses)}"
        if bound is not None and bound.properties.get("limit"):
            return f"而它是登记的时限 {bound.properties['limit']}"
    return ""


def limits(scope: Scope) -> Iterator[Finding]:
    """A limit that a node names is in the register; a number that differs from it is said with its clause."""
    register = scope.world.known.limits
    for node in scope.process.nodes.values():
        limit_ids = split(node.properties.get("limit", ""))
        if node.event.kind == "timer" and node.kind == "boundary" and not limit_ids:
            hint = "请加属性 limit，如 D14；时限的依据登记在 processes/policy/limits.toml"
            yield scope.warning(node, "limit-missing", "定时没有写是哪个时限", hint)
        if register is not None:
            for limit_id in limit_ids:
                yield from _registered(scope, node, limit_id, register)


def _registered(scope: Scope, node: Node, limit_id: str, register: Register) -> Iterator[Finding]:
    row = register.rows.get(limit_id)
    if row is None:
        hint = "请核对编号，或在 processes/policy/limits.toml 里登记"
        yield scope.error(node, "limit-unknown", f"时限「{limit_id}」没有登记", hint)
        return
    drawn = _drawn(node)
    if drawn is not None and drawn != row.limit:
        message = f"流程图上是{node.event.text}，而 {limit_id}（{row.name}）按 {row.clause} 是{row.text}"
        yield scope.warning(
            node, "limit-differs", message, f"以流程图为准；依据：{row.source or row.note or row.clause}"
        )


def _drawn(node: Node) -> Limit | Recurring | None:
    try:
        return parse_timer(node.event.text) if node.event.kind == "timer" else None
    except LimitNotUnderstood:
        return None
