"""Whether the conditions behind a gateway leave no case out, as far as can be seen without running them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.bpmn.diagram import Flow
from engine.bpmn.lint.world import World
from forms import expression
from forms.errors import ExpressionError
from forms.grammar import Node

OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "!=", "!=": "=", "in": "notin", "notin": "in"}
TRUTHS = frozenset({"true", "false"})


def is_complete(flows: Sequence[Flow], world: World) -> bool:
    """True when two conditions are opposites, or all values of one fact's choice list are named."""
    try:
        trees = [expression.parse(flow.condition).node for flow in flows if flow.condition]
    except ExpressionError:
        return True  # said by another rule
    if any(_opposed(a, b) for number, a in enumerate(trees) for b in trees[number + 1 :]):
        return True
    return _names_every_choice(trees, world)


def _opposed(first: Node, second: Node) -> bool:
    for one, other in ((first, second), (second, first)):
        if one.kind == "not" and _same(one.parts[0], other):
            return True
    if OPPOSITE.get(first.kind) == second.kind and len(first.parts) == 2:
        return all(map(_same, first.parts, second.parts))
    return (
        first.kind == second.kind == "="
        and _same(first.parts[0], second.parts[0])
        and {first.parts[1].kind, second.parts[1].kind} == TRUTHS
    )


def _same(first: Node, second: Node) -> bool:
    return (
        (first.kind, first.text) == (second.kind, second.text)
        and len(first.parts) == len(second.parts)
        and all(map(_same, first.parts, second.parts))
    )


def _names_every_choice(trees: Sequence[Node], world: World) -> bool:
    values: set[str] = set()
    names: set[str] = set()
    for tree in trees:
        found = _chosen(tree)
        if found is None:
            return False
        names.add(found[0])
        values |= found[1]
    if len(names) != 1:
        return False
    fields = [f for form in (world.forms or {}).values() for key, f in form.fields.items() if key in names]
    offered = {value for found in fields for value in found.options()}
    return bool(offered) and offered <= values and all(found.required for found in fields)


def _chosen(tree: Node) -> tuple[str, set[str]] | None:
    """The fact and the values of `x = "a"`, `x 属于 ["a", "b"]` or these joined by 或."""
    if tree.kind == "or":
        found = [_chosen(part) for part in tree.parts]
        parts = [part for part in found if part is not None]
        if len(parts) == len(found) and len({name for name, _ in parts}) == 1:
            return parts[0][0], set().union(*(values for _, values in parts))
        return None
    if tree.kind not in ("=", "in") or tree.parts[0].kind != "name":
        return None
    wanted = tree.parts[1].parts if tree.kind == "in" else tree.parts[1:]
    if tree.kind == "in" and tree.parts[1].kind != "list":
        return None
    return (tree.parts[0].text, {p.text for p in wanted}) if all(p.kind == "str" for p in wanted) else None
