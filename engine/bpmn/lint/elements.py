"""Constructs that the engine would drop, misread or hang on: refused, with what to draw instead."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.diagram import Node
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope

TAGS = {
    "scriptTask": ("脚本任务不会运行", "请改用业务规则任务（决策表）或服务任务（写明 topic）"),
    "manualTask": ("手工任务没有人可以办结", "请改用用户任务，写明表单和岗位"),
    "task": ("没有类型的任务没有人可以办结", "请改用用户任务、服务任务或业务规则任务"),
    "inclusiveGateway": ("不支持包容网关", "请改画成并行网关，每条分支里再用排他网关判断要不要办"),
    "complexGateway": ("不支持复杂网关", "请改用排他网关和并行网关"),
    "adHocSubProcess": ("不支持即席子流程，流程会停住", "请按先后顺序画成普通子流程"),
    "transaction": ("不支持事务子流程", "请改用普通子流程，撤销情形用中断的消息边界事件"),
    "subProcess": ("不支持事件子流程，它永远不会触发", "请把正文画进普通子流程，在子流程边上加边界事件"),
    "callChoreography": ("不支持编排图", "请改画成流程图"),
}
EVENTS = {
    "linkEventDefinition": ("链接事件接不上，后面的环节不会执行", "请直接用连线连接，或拆成调用活动"),
    "compensateEventDefinition": ("补偿事件不起作用", "请把撤销的步骤画成普通环节"),
    "signalEventDefinition": ("信号事件不起作用", "请改用消息事件，按业务编号对应到本件"),
    "errorEventDefinition": ("不支持错误事件", "请用排他网关判断结果，或用消息边界事件"),
    "escalationEventDefinition": (
        "不支持升级事件",
        "请改用不中断的定时边界事件，后接 topic 为 deadline.overdue 的结束事件",
    ),
    "conditionalEventDefinition": ("不支持条件事件", "请改用排他网关，或由消息事件触发"),
    "cancelEventDefinition": ("不支持取消事件", "请改用中断的消息边界事件"),
    "multipleEventDefinition": ("一个事件里有多个定义，只能有一个", "请拆成几个事件"),
}
NOTHING = ("中间事件没有定义（定时或消息），会停在这里", "请选择定时或消息，或删去这个事件")


def unsupported_elements(scope: Scope) -> Iterator[Finding]:
    """Tasks, gateways and subprocesses outside of the dialect."""
    for node in scope.process.nodes.values():
        if node.kind == "unsupported":
            message, hint = TAGS.get(node.tag, (f"不支持 {node.tag}", "请换成流程图说明里列出的元素"))
            yield scope.error(node, "unsupported-element", message, hint)
        if node.loop and node.loop.kind == "standard":
            hint = "请用排他网关画出回到前面的连线，或用多实例（逐个办理）"
            yield scope.error(node, "standard-loop", "不支持循环标记，它会被忽略", hint)


def unsupported_events(scope: Scope) -> Iterator[Finding]:
    """Event definitions outside of the dialect, and events that lack one."""
    for node in scope.process.nodes.values():
        if node.event.kind in EVENTS:
            yield scope.error(node, "unsupported-event", *EVENTS[node.event.kind])
        elif problem := _misplaced(node):
            yield scope.error(node, "event-misplaced", *problem)


def _misplaced(node: Node) -> tuple[str, str] | None:
    kind = node.event.kind
    if node.kind == "catch" and kind not in ("timer", "message"):
        return NOTHING
    if node.kind == "boundary" and kind not in ("timer", "message"):
        return "边界事件没有定义（定时或消息）", "请选择定时或消息"
    if node.kind == "throw" and kind not in ("message", "none"):
        return "抛出事件只能是消息", "请改用消息抛出事件并写明 topic"
    return None


def messages(scope: Scope) -> Iterator[Finding]:
    """Message events: the message exists and has a name; one that is sent has a topic."""
    for node in scope.process.nodes.values():
        if node.event.kind != "message":
            continue
        if node.kind in ("throw", "end"):
            if not node.works:
                hint = "请填写 topic（External / Topic），例如 notice.refusal"
                yield scope.error(node, "topic-missing", "发出的消息没有写 topic，不会办任何事", hint)
        elif not node.event.reference:
            yield scope.error(node, "message-missing", "没有选择消息", "请在属性面板里选择或新建一个消息")
        elif not node.event.text:
            message = f"消息「{node.event.reference}」找不到或没有名称"
            yield scope.error(node, "message-missing", message, "请在属性面板里重新选择消息，并给它一个名称，如“撤回”")


def boundaries(scope: Scope) -> Iterator[Finding]:
    """A boundary event hangs on something that waits, and nothing leads into it."""
    for node in scope.process.nodes.values():
        if node.kind != "boundary":
            continue
        host = scope.process.nodes.get(node.attached_to)
        if host is None or host.kind not in ("user", "service", "receive", "call", "subprocess"):
            hint = "请把它挂在用户任务、服务任务、接收任务、子流程或调用活动上"
            yield scope.error(node, "boundary-host", "边界事件挂在不会等待的元素上，永远不会触发", hint)
        elif scope.process.arriving(host.id) and any(
            scope.process.nodes[flow.source].kind == "event_gateway"
            for flow in scope.process.arriving(host.id)
            if flow.source in scope.process.nodes
        ):
            hint = "请把边界事件改成事件网关后的又一个定时或消息事件"
            yield scope.error(node, "boundary-host", "事件网关后面的任务不能带边界事件", hint)
        if scope.process.arriving(node.id):
            yield scope.error(node, "boundary-arriving", "有连线通向边界事件", "请把连线接到环节本身")
        if not scope.process.leaving(node.id):
            hint = "请画出触发后的去向；只是提醒的，接一个 topic 为 deadline.overdue 的结束事件"
            yield scope.error(node, "dangling", "边界事件后面没有连线", hint)


def event_gateways(scope: Scope) -> Iterator[Finding]:
    """An event gateway is followed by two or more timers or messages, each reached from it alone."""
    for node in scope.process.nodes.values():
        if node.kind != "event_gateway":
            continue
        leaving = scope.process.leaving(node.id)
        if len(leaving) < 2:
            yield scope.error(node, "event-gateway", "事件网关后面不足两个事件", "请改成一个中间事件，或补画另一个事件")
        for target in filter(None, (scope.process.nodes.get(flow.target) for flow in leaving)):
            if target.kind not in ("catch", "receive"):
                message = f"事件网关后面只能接定时或消息中间事件，这里接的是「{target.name or target.id}」"
                yield scope.error(node, "event-gateway", message, "请在网关与它之间加一个定时或消息事件")
            elif len(scope.process.arriving(target.id)) > 1:
                hint = "请为另一条线再画一个事件"
                yield scope.error(target, "event-gateway", "事件网关后面的事件还有别的线通向它", hint)
