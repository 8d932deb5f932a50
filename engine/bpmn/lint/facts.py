"""The data-flow gate: whatever an expression, table or list names has been given before by a form, table or topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.knowledge import Visit
from engine.bpmn.lint.world import Scope, World
from engine.bpmn.named import Named, handed_on, named_by
from forms.errors import ExpressionError


def facts_known(world: World, visits: Sequence[Visit]) -> Iterator[Finding]:
    """An error for a fact that can't be known yet; a warning for one that is known on some ways only.

    A shared node may ask whether a fact is 空 that only some of its callers give.
    """
    if world.forms is None:
        return
    scopes = {id(scope.process): scope for scope in world.scopes()}
    elsewhere = _known_of_some_caller(visits)
    said: set[tuple[str, str, str]] = set()
    for visit in visits:
        scope = scopes.get(id(visit.process))
        for wanted in _named(world, visit) if scope else ():
            for name in sorted(wanted.names - visit.facts.must):
                asked = name in wanted.may_be_blank and name in elsewhere[id(visit.node)]
                found = _judged(scope, visit, wanted, name) if scope and not asked else None
                if found and (found.severity, wanted.element_id, name) not in said:
                    said.add((found.severity, wanted.element_id, name))
                    yield found


def _known_of_some_caller(visits: Sequence[Visit]) -> Mapping[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for visit in visits:
        found[id(visit.node)] |= visit.facts.may
    return found


def _named(world: World, visit: Visit) -> list[Named]:
    node = visit.node
    forms = [form for key in (node.form, node.properties.get("form", "")) if key and (form := world.form(key))]
    found = [
        Named(node, node.id, f"表单「{form.title}」", form.needs, form.needs)
        for form in forms
        if form.needs and node.kind != "start"
    ]
    if node.place in (binding := _bindings(world)):
        found.append(Named(node, node.id, f"地点「{node.place}」", frozenset({binding[node.place]})))
    try:
        return found + list(named_by(visit.process, node, world.decisions))
    except ExpressionError:
        return found  # said by another rule


def _bindings(world: World) -> dict[str, str]:
    """The places of instances, with the fact that says which unit each is."""
    nodes = (node for process in world.processes.values() for node in process.every_node() if node.loop)
    return dict(pair for node in nodes for pair in handed_on(node.properties.get("binds", "")))


def _judged(scope: Scope, visit: Visit, wanted: Named, name: str) -> Finding | None:
    by = f"（由「{visit.way[-1].name or visit.way[-1].id}」进入时）" if visit.way else ""
    what = f"{wanted.what}用到「{name}」{by}"
    if name in visit.facts.may:
        hint = f"没有经过那些环节时会停住：请先判断“{name} = 空”，或在每条路上都给出它"
        return scope.warning(visit.node, "fact-not-always", f"{what}，但不是每条路到这里都已有它", hint)
    if name in visit.facts.beside:
        hint = "请先用并行网关等那条分支办完"
        return scope.warning(visit.node, "fact-beside", f"{what}，但它由同时进行的另一条分支给出，可能还没有", hint)
    hint = "请核对名称，或在前面的表单、决策表、服务任务里给出它"
    return scope.error(visit.node, "fact-unknown", f"{what}，但在此之前没有任何环节给出它", hint)
