"""Rules about lines and gateways: nothing dangles, every choice is decided, no fork is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.diagram import Flow, Node
from engine.bpmn.lint import graph
from engine.bpmn.lint.choices import is_complete
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope, named


def starts_and_ends(scope: Scope) -> Iterator[Finding]:
    """One start, at least one end; a start has nothing before it and an end nothing behind."""
    what = "子流程" if scope.is_inner else "流程"
    nodes = scope.process.nodes
    starts, ends = graph.starts(scope.process), graph.ends(scope.process)
    if not starts:
        yield scope.error(None, "start-missing", f"{what}没有开始事件", "请画一个开始事件并连到第一个环节")
    yield from _extra_starts(scope, what, [nodes[node_id] for node_id in starts])
    if not ends:
        yield scope.error(None, "end-missing", f"{what}没有结束事件，永远不会办结", "请在每条线的末尾画结束事件")
    for node_id in starts:
        if scope.process.arriving(node_id):
            hint = "请把连线改接到第一个环节之前的排他网关"
            yield scope.error(nodes[node_id], "start-arriving", "有连线回到开始事件", hint)
    for node_id in ends:
        if scope.process.leaving(node_id):
            yield scope.error(nodes[node_id], "end-leaving", "结束事件后面还有连线", "请删去连线，或改成中间事件")


def _extra_starts(scope: Scope, what: str, starts: list[Node]) -> Iterator[Finding]:
    """A case is begun by a form, by the clock or by another case: one start for each, and several for other cases."""
    plain = [node for node in starts if node.event.kind == "none"]
    timed = [node for node in starts if node.event.kind == "timer"]
    told = [node for node in starts if node.event.kind == "message"]
    if scope.is_inner and (timed or told):
        hint = "请把开始事件的定义去掉；定时或由其他办件启动的放在子流程外面"
        yield scope.error((timed + told)[0], "start-inner", "子流程只能由到达它的流程启动", hint)
    for extra in plain[1:] + timed[1:] + (starts[1:] if scope.is_inner else []):
        message = f"{what}有多个同类的开始事件，只能有一个"
        yield scope.error(extra, "start-twice", message, "请保留一个，其余改成排他网关后的分支或另一个流程")


def dangling(scope: Scope) -> Iterator[Finding]:
    """Every line joins two nodes of the same process; every node but an end leads on."""
    nodes = scope.process.nodes
    for flow in scope.process.flows:
        missing = [end for end in (flow.source, flow.target) if end not in nodes]
        if missing:
            message = f"连线「{flow.name or flow.id}」的一端「{missing[0] or '空'}」不在同一个流程里"
            yield scope.error(
                nodes.get(flow.source), "dangling", message, "请重新连接；不能穿过子流程的边框，请从子流程本身引出"
            )
    for node in nodes.values():
        if node.kind not in ("end", "boundary") and not scope.process.leaving(node.id):
            yield scope.error(node, "dangling", "后面没有连线，办到这里就断了", "请连到下一个环节或结束事件")


def unreachable(scope: Scope) -> Iterator[Finding]:
    """Every node can be reached from the start, and from every node an end."""
    after = graph.edges(scope.process)
    from_start = graph.reached(after, graph.starts(scope.process))
    to_end = graph.reached(graph.backwards(after), graph.ends(scope.process))
    for node in scope.process.nodes.values():
        if graph.starts(scope.process) and node.id not in from_start and node.kind != "start":
            yield scope.error(node, "unreachable", "从开始事件走不到这里", "请补上通向它的连线，或删去它")
        elif graph.ends(scope.process) and node.id not in to_end and scope.process.leaving(node.id):
            yield scope.error(node, "no-way-out", "从这里走不到任何结束事件", "请给这个循环加一个出口")


def hidden_forks(scope: Scope) -> Iterator[Finding]:
    """Only gateways split; conditions stand only behind an exclusive gateway."""
    for node in scope.process.nodes.values():
        leaving = scope.process.leaving(node.id)
        if node.kind not in ("exclusive", "parallel", "event_gateway", "unsupported") and len(leaving) > 1:
            hint = "同时办理的请加并行网关，只走一条的请加排他网关"
            yield scope.error(node, "hidden-fork", f"后面有 {len(leaving)} 条连线，看不出是同时办还是选一条", hint)
        if node.kind == "exclusive":
            continue
        for flow in leaving:
            if flow.condition:
                message = f"连线「{flow.name or flow.id}」上的条件不起作用"
                yield scope.error(
                    node, "condition-ignored", message, "请在这个环节后面加一个排他网关，条件写在它的连线上"
                )
        if node.default:
            hint = "默认流向只用于排他网关，请去掉"
            yield scope.error(node, "condition-ignored", "默认流向在这里不起作用", hint)


def exclusive_gateways(scope: Scope) -> Iterator[Finding]:
    """Each way out has a condition or is the default; the conditions leave no case out."""
    for node in scope.process.nodes.values():
        if node.kind == "exclusive":
            leaving = scope.process.leaving(node.id)
            yield from _single(scope, node, leaving) if len(leaving) == 1 else _several(scope, node, leaving)


def _single(scope: Scope, node: Node, leaving: list[Flow]) -> Iterator[Finding]:
    if leaving[0].condition and leaving[0].id != node.default:
        hint = "请补画条件不成立时的去向，或去掉条件"
        yield scope.error(node, "choice-incomplete", "只有一条去向却带条件，条件不成立时流程会停住", hint)


def _several(scope: Scope, node: Node, leaving: list[Flow]) -> Iterator[Finding]:
    if node.default and node.default not in [flow.id for flow in leaving]:
        yield scope.error(node, "default-missing", f"默认流向「{node.default}」不从这个网关出发", "请重新设置默认流向")
    for flow in leaving:
        if not flow.condition and flow.id != node.default:
            message = f"流向{_flow(scope, flow)}没有条件，也不是默认流向"
            yield scope.error(node, "condition-missing", message, "请写上条件，或把它设为默认流向")
        if flow.condition and flow.id == node.default:
            message = f"默认流向{_flow(scope, flow)}上的条件不起作用"
            yield scope.warning(node, "condition-ignored", message, "请去掉条件，或不把它设为默认流向")
    if not node.default and not is_complete(leaving, scope.world):
        hint = "请把其中一条设为默认流向"
        yield scope.warning(node, "choice-incomplete", "看不出条件是否包括了所有情形；都不成立时流程会停住", hint)
    if leaving and not node.name:
        yield scope.warning(node, "gateway-name", "排他网关没有写判断什么", "请起一个问句作名称，如“材料齐全？”")


def _flow(scope: Scope, flow: Flow) -> str:
    target = scope.process.nodes.get(flow.target)
    return f"「{flow.name or flow.id}」" + (f"（通向{named(target)}）" if target else "")
