"""Rules over the whole set of files: no id means two things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope, World


def processes_once(world: World) -> Iterator[Finding]:
    """The id of a process or subprocess is its own in the whole set."""
    found: defaultdict[str, list[Scope]] = defaultdict(list)
    for scope in world.scopes():
        found[scope.process.id].append(scope)
    for process_id, scopes in found.items():
        for scope in scopes[1:]:
            message = f"流程或子流程编号「{process_id}」在 {scopes[0].path} 里已经用过"
            yield scope.error(None, "id-twice", message, "请改掉其中一个编号（Id）")


def tasks_named_once(world: World) -> Iterator[Finding]:
    """A task that `different_from` names is the only one of its id in the whole set; other twins are only said."""
    found: defaultdict[str, list[Scope]] = defaultdict(list)
    wanted: set[str] = set()
    for scope in world.scopes():
        for node in scope.process.nodes.values():
            wanted.update(node.properties.get("different_from", "").replace(",", " ").split())
            if node.kind == "user":
                found[node.id].append(scope)
    for node_id, scopes in found.items():
        for scope in scopes[1:]:
            message = f"用户任务编号「{node_id}」在 {scopes[0].path} 里已经用过"
            say = scope.error if node_id in wanted else scope.warning
            yield say(scope.process.nodes[node_id], "task-id-twice", message, "请改掉其中一个编号（Id）")


def paper_words(world: World) -> Iterator[Finding]:
    """The words before a paper's number (文号字头) stand for one kind of paper.

    Each kind counts by itself: two kinds under the same words would give the same number twice.
    """
    found: dict[str, tuple[str, Scope]] = {}
    for scope in world.scopes():
        for node in scope.process.nodes.values():
            word, kind = node.properties.get("word"), node.properties.get("paper") or node.works
            if not (word and kind and node.works):
                continue
            first, where = found.setdefault(word, (kind, scope))
            if first != kind:
                used = f"文号字头「{word}」在 {where.path} 里已经用于「{first}」"
                message = f"{used}，这里用于「{kind}」，两种文书会编出相同的号"
                yield scope.error(node, "word-twice", message, "请给这种文书换一个字头（属性 word）")


def something_runs(world: World) -> Iterator[Finding]:
    """A file holds a process that can run."""
    for path, drawn in world.diagrams.items():
        if not any(process.executable for process in drawn.processes):
            first = drawn.processes[0]
            hint = "请在流程属性里勾选 Executable"
            yield Finding(path, first.id, first.name, "not-executable", "error", "流程没有设为可执行，不会运行", hint)
