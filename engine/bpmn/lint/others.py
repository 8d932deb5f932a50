"""Rules about other cases: what one begins or tells must be there to be begun or told."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.diagram import Node
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope
from engine.bpmn.named import begins_what

START, TELL = "case.start", "case.tell"


def begun(scope: Scope) -> Iterator[Finding]:
    """A process that a case begins exists, and has one start event for it; so do all that the catalogue may ask for."""
    for node in scope.process.nodes.values():
        if node.works != START:
            continue
        called = node.properties.get("procedure", "")
        if not called:
            hint = "请在属性 procedure 里填流程的编号"
            yield scope.error(node, "begun-unknown", "没有写发起哪个流程", hint)
        for procedure in sorted(scope.world.known.begun) if begins_what(node) else filter(None, [called]):
            yield from _can_begin(scope, node, procedure)


def _can_begin(scope: Scope, node: Node, called: str) -> Iterator[Finding]:
    process = scope.world.processes.get(called)
    if process is None:
        where = "救助事项目录里" if begins_what(node) else "属性 procedure 里"
        message, hint = f"要发起的流程「{called}」不存在", f"请核对{where}流程的编号"
        yield scope.error(node, "begun-unknown", message, hint)
        return
    begins, wanted = list(process.begin("message")), node.properties.get("start", "")
    starts = [each.event.text for each in begins]
    if not starts:
        hint = f"请在「{process.name}」里画一个消息开始事件"
        yield scope.error(node, "begun-unknown", f"「{process.name}」不能由其他办件发起", hint)
    elif wanted not in (*starts, *(each.id for each in begins)) and (wanted or len(starts) > 1):
        hint = f"请在属性 start 里填其中一个：{'、'.join(starts)}"
        yield scope.error(node, "begun-unknown", f"「{process.name}」没有消息开始事件「{wanted}」", hint)


def told(scope: Scope) -> Iterator[Finding]:
    """A message to another case is one that some process waits for."""
    heard = {node.event.text for node in _everywhere(scope) if node.event.kind == "message" and not node.works}
    for node in scope.process.nodes.values():
        if node.works == TELL and node.properties.get("message", "") not in heard:
            message = f"没有哪个流程在等消息「{node.properties.get('message', '')}」"
            yield scope.error(node, "told-nobody", message, "请在属性 message 里填对方等的消息的名称")


def timed(scope: Scope) -> Iterator[Finding]:
    """A start by the clock for each unit of a kind says which place of the case that unit is."""
    for node in scope.process.begin("timer"):
        if node.properties.get("each") and not node.properties.get("place"):
            hint = "请加属性 place，例如 hukou_township，表示单位是新办件的哪个地点"
            yield scope.error(node, "timed-place", "为每个单位各开始一件，却没有写单位是办件的哪个地点", hint)


def occasioned(scope: Scope) -> Iterator[Finding]:
    """What a start by the clock waits for is an occasion that the platform knows."""
    known = scope.world.known.occasions
    for node in scope.process.begin("timer"):
        occasion = node.properties.get("occasion")
        if occasion and known is not None and occasion not in known:
            hint = f"请在属性 occasion 里填其中一个：{'、'.join(sorted(known))}"
            yield scope.error(node, "occasion-unknown", f"系统不知道「{occasion}」是什么时候", hint)


def _everywhere(scope: Scope) -> Iterator[Node]:
    for process in scope.world.processes.values():
        yield from process.every_node()
