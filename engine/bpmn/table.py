"""One decision table: which of its rules match these facts, and what they give, exactly and explained."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from engine.bpmn.errors import DecisionError
from forms.evaluation import as_day, as_number
from forms.expression import Expression, ExpressionError, FactMissing, UnaryTest
from forms.grammar import Node

Facts = Mapping[str, Any]

SINGLE = ("UNIQUE", "FIRST", "ANY")
MANY = ("COLLECT", "RULE ORDER")
NUMBERS = frozenset({"number", "integer", "long", "double"})
AGGREGATIONS: dict[str, Callable[[list[Decimal]], Decimal | None]] = {
    "SUM": lambda values: sum(values, Decimal(0)),
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
    "COUNT": lambda values: Decimal(len(values)),
}


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: the value that `expression` has must pass a rule's cell."""

    label: str
    expression: Expression
    allowed: UnaryTest | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results: the fact `name` that a rule gives."""

    name: str
    label: str
    type: str = ""
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row; a cell that is None matches anything (input) or gives 空 (output). `number` counts from 1."""

    number: int
    tests: tuple[UnaryTest | None, ...]
    results: tuple[Expression | None, ...]
    annotation: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """Why a decision gave what it gave: the rule (0: no rule, the default or a formula), its note, and what it saw.

    `inputs` maps column labels to the values as a person reads them, `outputs` fact names to values.
    """

    decision: str
    rule: int
    annotation: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. A fact that the case doesn't have counts as blank: it passes `-` and `空`, never `< 100`."""

    title: str
    hit: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    @property
    def names(self) -> frozenset[str]:
        """Facts that any column or cell names."""
        found: set[str] = set().union(*(column.expression.names for column in self.inputs))
        for rule in self.rules:
            found.update(*(test.names for test in rule.tests if test), *(cell.names for cell in rule.results if cell))
        found.update(*(output.default.names for output in self.outputs if output.default))
        return frozenset(found)

    @property
    def may_be_blank(self) -> frozenset[str]:
        """Facts of columns in which some cell expects 空, and those that a formula compares with 空."""
        found: set[str] = set()
        for index, column in enumerate(self.inputs):
            tests = [rule.tests[index] for rule in self.rules]
            if any(test is not None and _expects_blank(test) for test in tests):
                found |= column.expression.names
        for rule in self.rules:
            found.update(*(names_compared_with_blank(cell.node) for cell in rule.results if cell))
        return frozenset(found)

    def matched(self, facts: Facts) -> list[Matched]:
        """The rules that give the answer, in the table's order; `DecisionError` names the inputs when there is none."""
        seen = _Seen(self, facts)
        rules = [rule for rule in self.rules if seen.passes(rule)]
        found = [self._row(rule.number, rule.annotation, rule.results, facts, seen) for rule in rules]
        if self.hit in MANY:
            return found
        if not found:
            return [self._default(facts, seen)]
        if self.hit == "UNIQUE" and len(found) > 1:
            numbers = "、".join(str(row.rule) for row in found)
            raise self._fail(f"第 {numbers} 条规则同时符合，只能有一条符合；当前输入：{seen.shown()}")
        if self.hit == "ANY" and any(row.outputs != found[0].outputs for row in found):
            numbers = "、".join(str(row.rule) for row in found)
            raise self._fail(f"第 {numbers} 条规则同时符合而结果不同；当前输入：{seen.shown()}")
        return found[:1]

    def answer(self, found: Sequence[Matched]) -> dict[str, Any]:
        """The facts that these rows give: a value for each output, or lists where the hit policy gives several."""
        if self.hit not in MANY:
            return dict(found[0].outputs)
        columns = {output.name: [row.outputs[output.name] for row in found] for output in self.outputs}
        if not self.aggregation:
            return columns
        return {name: self._aggregated(name, values) for name, values in columns.items()}

    def _aggregated(self, name: str, values: list[Any]) -> Decimal | None:
        present = [value for value in values if value is not None]
        numbers = [number for number in map(as_number, present) if number is not None]
        if self.aggregation == "COUNT":
            return Decimal(len(present))
        if len(numbers) != len(present):
            raise self._fail(f"输出「{name}」要汇总（{self.aggregation}），每条规则的结果都应是数字")
        return AGGREGATIONS[self.aggregation](numbers)

    def _default(self, facts: Facts, seen: _Seen) -> Matched:
        if not any(output.default for output in self.outputs):
            raise self._fail(f"没有一条规则符合；当前输入：{seen.shown()}。请在表中补一条规则或写明默认结果")
        return self._row(0, "没有规则符合，取默认结果", [output.default for output in self.outputs], facts, seen)

    def _row(
        self, number: int, annotation: str, cells: Sequence[Expression | None], facts: Facts, seen: _Seen
    ) -> Matched:
        given: dict[str, Any] = {}
        for output, cell in zip(self.outputs, cells, strict=True):
            value = None if cell is None else value_of(self.title, f"第 {number} 条规则", cell, facts)
            given[output.name] = typed(self.title, output, value)
        return Matched(self.title, number, annotation, seen.values_shown(), given)

    def _fail(self, reason: str) -> DecisionError:
        return DecisionError(self.title, reason)


class _Seen:
    """The inputs of one evaluation, each computed once and only when a cell asks for it."""

    def __init__(self, table: Table, facts: Facts) -> None:
        self.table = table
        self.facts = facts
        self.values: dict[int, Any] = {}

    def value(self, index: int) -> Any:
        if index not in self.values:
            column = self.table.inputs[index]
            try:
                value = column.expression.evaluate(self.facts)
            except FactMissing:
                value = None
            except ExpressionError as error:
                raise self.table._fail(f"输入「{column.label}」：{error}") from error
            self.values[index] = value
            self._check(column, value)
        return self.values[index]

    def passes(self, rule: Rule) -> bool:
        return all(test is None or self._passes(rule, index, test) for index, test in enumerate(rule.tests))

    def values_shown(self) -> dict[str, str]:
        return {column.label: show(self.value(index)) for index, column in enumerate(self.table.inputs)}

    def shown(self) -> str:
        return "，".join(f"{label} = {value}" for label, value in self.values_shown().items())

    def _check(self, column: Input, value: Any) -> None:
        if column.allowed is None or value is None or column.allowed.matches(value, self.facts):
            return
        raise self.table._fail(f"输入「{column.label}」的值 {show(value)} 不在允许的取值（{column.allowed.source}）内")

    def _passes(self, rule: Rule, index: int, test: UnaryTest) -> bool:
        column, value = self.table.inputs[index], self.value(index)
        where = f"第 {rule.number} 条规则「{column.label}」"
        try:
            return test.matches(value, self.facts, column.label)
        except FactMissing as missing:
            raise self.table._fail(f"{where}：{missing}当前输入：{self.shown()}") from missing
        except ExpressionError as error:
            raise self.table._fail(f"{where}：{error}；当前输入：{self.shown()}") from error


def value_of(title: str, where: str, expression: Expression, facts: Facts) -> Any:
    """An output's value; `DecisionError` says in which row it can't be computed."""
    try:
        return expression.evaluate(facts)
    except (FactMissing, ExpressionError) as error:
        raise DecisionError(title, f"{where}的结果「{expression.source}」算不出来：{error}") from error


def typed(title: str, output: Output, value: Any) -> Any:
    """`value` as the output's declared type, exact; `DecisionError` when it is of another."""
    if value is None or not output.type:
        return value
    found: Any = value
    if output.type in NUMBERS:
        found = as_number(value)
    elif output.type == "date":
        found = as_day(value)
    elif output.type in ("string", "boolean"):
        found = value if isinstance(value, str if output.type == "string" else bool) else None
    if found is None:
        raise DecisionError(title, f"输出「{output.label}」应是 {output.type} 类型，结果却是 {show(value)}")
    return found


def show(value: Any) -> str:
    """A value as a person reads it in a table."""
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(map(show, value)) or "无"
    return str(value)


def over(given: Mapping[str, Any], facts: Facts) -> Facts:
    """Facts with those of required decisions in front."""
    return ChainMap(dict(given), dict(facts)) if given else facts


def names_compared_with_blank(tree: Node) -> frozenset[str]:
    """Facts that an expression somewhere compares with 空."""
    found: set[str] = set()
    for node in tree.walk():
        if node.kind in ("=", "!=") and any(part.kind == "null" for part in node.parts):
            found.update(part.text for part in node.parts if part.kind == "name")
    return frozenset(found)


def _expects_blank(test: UnaryTest) -> bool:
    try:
        return test.matches(None)
    except (FactMissing, ExpressionError):
        return False
