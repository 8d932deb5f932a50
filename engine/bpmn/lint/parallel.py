"""Rules about what runs at the same time and what runs again: joins that wait for ever, loops that never rest."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.diagram import Node
from engine.bpmn.lint import graph
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.play import play
from engine.bpmn.lint.world import Scope, named


def joins(scope: Scope) -> Iterator[Finding]:
    """Every parallel gateway gets a token on each of its lines, whatever is chosen before it."""
    process = scope.process
    loops = {node.id: flow for node in process.nodes.values() for flow in _loop_back(scope, node)}
    for node_id, line in loops.items():
        message = f"汇合的并行网关有一条线是从它后面回来的（「{line}」），会永远等下去"
        yield scope.error(process.nodes[node_id], "join-loop", message, "请先用排他网关把回来的线并进去，再接并行网关")
    if loops:
        return
    result = play(process)
    for node_id, missing in sorted(result.stuck.items()):
        sources = "、".join(named(process.nodes[f.source]) for f in process.flows if f.id in missing)
        message = f"并行网关要等每条线都到，但从{sources}来的线可能不到，会永远等下去"
        hint = "只走一条的分支请用排他网关汇合；并行的分支中途离开的，请也画到这个网关"
        yield scope.error(process.nodes[node_id], "join-waits", message, hint)
    for flow in process.flows:
        if flow.id in result.crowded:
            message = "并行的分支没有汇合就合到一条线上，后面的环节会办两次"
            hint = "请先用并行网关汇合"
            yield scope.error(process.nodes[flow.source], "merge-twice", message, hint)
            return


def double_lines(scope: Scope) -> Iterator[Finding]:
    """No two lines go from a node straight to the same parallel gateway: the second would never count."""
    for node in scope.process.nodes.values():
        sources = [flow.source for flow in scope.process.arriving(node.id)] if node.kind == "parallel" else []
        if len(sources) != len(set(sources)):
            hint = "请删去一条；两种情形都继续的，请先用排他网关汇合"
            yield scope.error(node, "double-line", "同一个元素有两条线直接通向这个并行网关", hint)


def _loop_back(scope: Scope, node: Node) -> Iterator[str]:
    arriving = [flow for flow in scope.process.arriving(node.id) if flow.source in scope.process.nodes]
    if node.kind == "parallel" and len(arriving) > 1:
        for flow in arriving:
            if graph.dominates(scope.process, node.id, flow.source):
                yield flow.name or flow.id
                return


def restless_loops(scope: Scope) -> Iterator[Finding]:
    """Every loop holds something that waits: a person, a time or a message."""
    nodes, processes = scope.process.nodes, scope.world.processes
    restless = [node.id for node in nodes.values() if not graph.waits(node, processes)]
    for group in graph.cycles(restless, graph.edges(scope.process)):
        ways = "、".join(named(nodes[node_id]) for node_id in group)
        hint = "请在循环里放一个用户任务或定时事件；每月每年重复的，请用定时开始事件另起一件"
        yield scope.error(nodes[group[0]], "restless-loop", f"循环（{ways}）里没有人办理也不等待，会一直转下去", hint)
