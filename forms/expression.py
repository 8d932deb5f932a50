"""The one language for gateway conditions, decision cells and form conditions; nothing ever reaches Python's eval."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from forms.errors import ExpressionError, FactMissing
from forms.evaluation import Compiler
from forms.grammar import CELL, Grammar, Node

__all__ = ["Expression", "ExpressionError", "FactMissing", "UnaryTest", "parse", "parse_unary"]


class Expression:
    """A parsed expression: `source`, the root facts it `names`, the dotted `paths`, and its value over facts."""

    __slots__ = ("_step", "names", "node", "paths", "source")

    def __init__(self, source: str, node: Node) -> None:
        self.source = source
        self.node = node
        self.paths = frozenset(_find_paths(node))
        self.names = frozenset(path.split(".")[0] for path in self.paths)
        self._step = Compiler(source).build(node)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def evaluate(self, facts: Mapping[str, Any]) -> Any:
        """The value: Decimal, str, bool, date, list, dict or None; raises only FactMissing or ExpressionError."""
        return self._step(facts)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """The value of a condition; raises FactMissing when it is blank, ExpressionError when it is no truth."""
        value = self._step(facts)
        if value is True or value is False:
            return value
        if value is None:
            raise FactMissing(self.source)
        raise ExpressionError(self.source, 0, "结果不是“是”或“否”，不能当条件用")

    def to_json(self) -> list[Any]:
        """The tree as nested lists for the evaluator in the browser.

        `["num", "1.50"]`, `["str", s]`, `["bool", b]`, `["null"]`, `["name", n]`, `["get", x, field]`,
        `["list", [x…]]`, `["and", [x…]]`, `["or", [x…]]`, `["not", x]`, `["neg", x]`,
        `["call", function, [x…]]` with the canonical English name,
        and `[sign, x, y]` for + - * / = != < <= > >= in notin.
        """
        return _to_json(self.node)


class UnaryTest:
    """One input cell of a decision table: does a value pass?"""

    __slots__ = ("_expression", "names", "paths", "source")

    def __init__(self, source: str, node: Node) -> None:
        self.source = source
        self._expression = Expression(source, node)
        self.names = self._expression.names - {CELL}
        self.paths = self._expression.paths - {CELL}

    def __repr__(self) -> str:
        return f"UnaryTest({self.source!r})"

    def matches(self, value: Any, facts: Mapping[str, Any] | None = None, label: str = "输入值") -> bool:
        """Whether `value` passes; `facts` for the other names in the cell, `label` names the column in an error."""
        try:
            return self._expression.holds({**(facts or {}), CELL: value})
        except FactMissing as missing:
            if value is None and missing.name not in self.names:
                raise FactMissing(label) from None
            raise

    def to_json(self) -> list[Any]:
        """As Expression.to_json; the value of the cell is the name `?`."""
        return self._expression.to_json()


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Understand one expression (cached by text); raises ExpressionError with the position and what to do."""
    return Expression(text, Grammar(text).read_whole())


@lru_cache(maxsize=4096)
def parse_unary(text: str) -> UnaryTest:
    """Understand one cell: `-`, `"a","b"`, `< 100`, `[1..5]`, `not("a")`, `>= date("2026-01-01")`, `? > 1 且 ? < x`."""
    return UnaryTest(text, Grammar(text, cell=True).read_cell())


def _find_paths(node: Node) -> set[str]:
    if node.kind == "name":
        return {node.text}
    if node.kind == "get":
        names, owner = [node.text], node.parts[0]
        while owner.kind == "get":
            names, owner = [owner.text, *names], owner.parts[0]
        if owner.kind == "name":
            return {".".join([owner.text, *names])}
    return set().union(*map(_find_paths, node.parts))


def _to_json(node: Node) -> list[Any]:
    parts = [_to_json(part) for part in node.parts]
    if node.kind in ("num", "str", "name"):
        return [node.kind, node.text]
    if node.kind in ("true", "false"):
        return ["bool", node.kind == "true"]
    if node.kind == "get":
        return ["get", parts[0], node.text]
    if node.kind == "call":
        return ["call", node.text, parts]
    if node.kind in ("and", "or", "list"):
        return [node.kind, parts]
    return [node.kind, *parts]
