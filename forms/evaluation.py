"""Turns a tree into one Python closure; hides how numbers, dates, blanks and lists of rows are compared and counted.

The rules, for everyone who writes a condition:

- numbers are exact decimals; a text that is a plain number ("320.50") counts as one beside a number or in arithmetic;
- dates compare with dates; a text 2026-01-31 (or a moment, taken at its day in Shanghai) counts as a date; months
  (2026-01) compare with months;
- a fact that is not in the case at all raises FactMissing, except in `x = 空` / `x != 空`, where it is blank;
- a blank fact equals only 空; in <, arithmetic, 且/或/非 it raises FactMissing (a blank income is not an income of 0);
- 求和, 最大, 最小, 任一 and 全部 skip blanks in lists; 长度 counts rows, blank ones too;
- `members.income` over rows is the list of that column.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

from forms.errors import ExpressionError, FactMissing
from forms.grammar import Node
from forms.values import MONTH, as_day, as_number, as_truth, equals, flatten, whole_years

__all__ = ["Compiler", "Facts", "as_day", "as_number", "describe"]

Facts = Mapping[str, Any]
Step = Callable[[Facts], Any]

ROUNDING = {"round": ROUND_HALF_UP, "ceiling": ROUND_CEILING, "floor": ROUND_FLOOR}
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class Compiler:
    """Builds the closure for one text; keeps the text for error messages."""

    def __init__(self, text: str) -> None:
        self.text = text

    def build(self, node: Node) -> Step:
        kind = node.kind
        if kind in ("num", "str", "true", "false", "null"):
            constant = self.constant(node)
            return lambda facts: constant
        if kind in ("and", "or"):
            return self.connective(node)
        if kind in ("=", "!="):
            return self.equality(node)
        if kind in ORDERINGS:
            return self.ordering(node)
        if kind in ARITHMETIC:
            return self.arithmetic(node)
        builders: dict[str, Callable[[Node], Step]] = {
            "name": self.name, "get": self.get, "list": self.group, "not": self.negation, "neg": self.minus,
            "in": self.membership, "notin": self.membership, "call": self.call,
        }  # fmt: skip
        return builders[kind](node)

    def fail(self, node: Node, problem: str) -> ExpressionError:
        return ExpressionError(self.text, node.position, problem)

    def constant(self, node: Node) -> Decimal | str | bool | None:
        if node.kind == "num":
            return Decimal(node.text)
        if node.kind == "str":
            return node.text
        return {"true": True, "false": False, "null": None}[node.kind]

    # -- facts

    def name(self, node: Node) -> Step:
        name = node.text

        def read(facts: Facts) -> Any:
            try:
                return facts[name]
            except KeyError:
                raise FactMissing(name) from None

        return read

    def get(self, node: Node) -> Step:
        owner, field = self.build(node.parts[0]), node.text

        def read(facts: Facts) -> Any:
            return self.field(node, owner(facts), field)

        return read

    def field(self, node: Node, value: object, field: str) -> Any:
        if value is None:
            return None
        if isinstance(value, Mapping):
            return value.get(field)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self.field(node, row, field) for row in value]
        raise self.fail(node, f"「{describe(node.parts[0])}」不是一组字段，取不到「{field}」")

    def group(self, node: Node) -> Step:
        items = [self.build(part) for part in node.parts]
        return lambda facts: [item(facts) for item in items]

    # -- truth

    def truth(self, node: Node) -> Callable[[Facts], bool]:
        step = self.build(node)

        def read(facts: Facts) -> bool:
            value = step(facts)
            if value is True or value is False:
                return value
            if value is None:
                raise FactMissing(describe(node))
            truth = as_truth(value)
            if isinstance(truth, bool):
                return truth
            raise self.fail(node, f"「{describe(node)}」不是“是”或“否”，不能用在这里")

        return read

    def connective(self, node: Node) -> Step:
        tests = [self.truth(part) for part in node.parts]
        if len(tests) == 2:
            first, second = tests
            if node.kind == "and":
                return lambda facts: first(facts) and second(facts)
            return lambda facts: first(facts) or second(facts)
        join: Callable[[Iterable[bool]], bool] = all if node.kind == "and" else any
        return lambda facts: join(test(facts) for test in tests)

    def negation(self, node: Node) -> Step:
        test = self.truth(node.parts[0])
        return lambda facts: not test(facts)

    # -- comparison

    def equality(self, node: Node) -> Step:
        blank = any(part.kind == "null" for part in node.parts)
        left, right = (self.lenient(part) if blank else self.build(part) for part in node.parts)
        if node.kind == "=":
            return lambda facts: equals(left(facts), right(facts))
        return lambda facts: not equals(left(facts), right(facts))

    def lenient(self, node: Node) -> Step:
        """Like build, but a fact that the case does not have is blank."""
        step = self.build(node)

        def read(facts: Facts) -> Any:
            try:
                return step(facts)
            except FactMissing:
                return None

        return read

    def ordering(self, node: Node) -> Step:
        compare = ORDERINGS[node.kind]
        left, right = (self.build(part) for part in node.parts)

        def read(facts: Facts) -> bool:
            first, second = left(facts), right(facts)
            if type(first) is Decimal and type(second) is Decimal:
                return compare(first, second)
            return compare(*self.comparable(node, first, second))

        return read

    def comparable(self, node: Node, first: object, second: object) -> tuple[Any, Any]:
        for part, value in zip(node.parts, (first, second), strict=True):
            if value is None:
                raise FactMissing(describe(part))
        numbers = as_number(first), as_number(second)
        if None not in numbers:
            return numbers
        days = as_day(first), as_day(second)
        if None not in days:
            return days
        if isinstance(first, str) and isinstance(second, str) and MONTH.fullmatch(first) and MONTH.fullmatch(second):
            return first, second
        left, right = map(describe, node.parts)
        raise self.fail(node, f"「{left}」与「{right}」不能比较大小：要都是数字、都是日期或都是月份")

    def membership(self, node: Node) -> Step:
        item, group = (self.build(part) for part in node.parts)
        wanted = node.kind == "in"

        def read(facts: Facts) -> bool:
            members = group(facts)
            if members is None:
                return not wanted
            if not isinstance(members, (list, tuple)):
                raise self.fail(node, '“属于”后面应是一组值，例如 ["甲", "乙"]')
            value = item(facts)
            return any(equals(value, member) for member in members) is wanted

        return read

    # -- arithmetic

    def number(self, node: Node, value: object) -> Decimal:
        if type(value) is Decimal and value.is_finite():
            return value
        if value is None:
            raise FactMissing(describe(node))
        number = as_number(value)
        if number is None:
            raise self.fail(node, f"「{describe(node)}」不是数字，不能计算")
        return number

    def arithmetic(self, node: Node) -> Step:
        compute = ARITHMETIC[node.kind]
        left, right = (self.build(part) for part in node.parts)
        first_node, second_node = node.parts

        def read(facts: Facts) -> Decimal:
            first, second = left(facts), right(facts)
            if node.kind == "-" and (days := as_day(first)) and (other := as_day(second)):
                return Decimal((days - other).days)
            return self.exactly(node, lambda: compute(self.number(first_node, first), self.number(second_node, second)))

        return read

    def exactly(self, node: Node, compute: Callable[[], Decimal]) -> Decimal:
        try:
            return compute()
        except DecimalException:
            raise self.fail(node, "算不出结果：除数是零，或数字太大") from None

    def minus(self, node: Node) -> Step:
        inner = self.build(node.parts[0])
        return lambda facts: -self.number(node.parts[0], inner(facts))

    # -- functions

    def call(self, node: Node) -> Step:
        name = node.text
        if name == "if":
            return self.choice(node)
        arguments = [self.build(part) for part in node.parts]
        functions: dict[str, Callable[[Node, list[Any]], Any]] = {
            "max": self.extreme, "min": self.extreme, "sum": self.total, "count": self.count, "any": self.some,
            "all": self.some, "date": self.date, "age": self.age,
        }  # fmt: skip
        function: Callable[[Node, list[Any]], Any] = functions.get(name, self.rounded)
        return lambda facts: function(node, [argument(facts) for argument in arguments])

    def choice(self, node: Node) -> Step:
        test, yes, no = self.truth(node.parts[0]), self.build(node.parts[1]), self.build(node.parts[2])

        def read(facts: Facts) -> Any:
            return yes(facts) if test(facts) else no(facts)

        return read

    def extreme(self, node: Node, values: list[Any]) -> Any:
        rows = flatten(values)
        choose: Callable[[Iterable[Any]], Any] = max if node.text == "max" else min
        if not rows:
            return None
        numbers = [as_number(row) for row in rows]
        if None not in numbers:
            return choose(numbers)
        days = [as_day(row) for row in rows]
        if None not in days:
            return choose(days)
        raise self.fail(node, "求最大、最小的值要都是数字或都是日期")

    def total(self, node: Node, values: list[Any]) -> Decimal:
        return self.exactly(node, lambda: sum((self.number(node, row) for row in flatten(values)), Decimal(0)))

    def count(self, node: Node, values: list[Any]) -> Decimal:
        value = values[0]
        if value is None:
            return Decimal(0)
        if isinstance(value, (list, tuple, str)):
            return Decimal(len(value))
        raise self.fail(node, f"「{describe(node.parts[0])}」不是一组值，数不出个数")

    def some(self, node: Node, values: list[Any]) -> bool:
        truths = [as_truth(row) for row in flatten(values)]
        if not all(isinstance(truth, bool) for truth in truths):
            raise self.fail(node, "任一、全部里面的值要都是“是”或“否”")
        return any(truths) if node.text == "any" else all(truths)

    def rounded(self, node: Node, values: list[Any]) -> Decimal:
        value = self.number(node.parts[0], values[0])
        default = 2 if node.text == "round" else 0
        digits = self.number(node.parts[1], values[1]) if len(values) == 2 else Decimal(default)
        if digits != int(digits) or not 0 <= digits <= 10:
            raise self.fail(node, "保留的小数位数要是 0 到 10 的整数")
        return self.exactly(node, lambda: value.quantize(Decimal(1).scaleb(-int(digits)), rounding=ROUNDING[node.text]))

    def day(self, node: Node, value: object) -> dt.date:
        if value is None:
            raise FactMissing(describe(node))
        day = as_day(value)
        if day is None:
            raise self.fail(node, f"「{describe(node)}」不是日期，应像 2026-01-31 这样")
        return day

    def date(self, node: Node, values: list[Any]) -> dt.date:
        return self.day(node.parts[0], values[0])

    def age(self, node: Node, values: list[Any]) -> Decimal:
        birth, day = (self.day(part, value) for part, value in zip(node.parts, values, strict=True))
        return Decimal(whole_years(birth, day))


def describe(node: Node) -> str:
    """A node in the words of a message: the dotted name, else what it is."""
    if node.kind == "name":
        return "要判断的值" if node.text == "?" else node.text
    if node.kind == "get":
        return f"{describe(node.parts[0])}.{node.text}"
    return node.text or {"list": "一组值", "null": "空", "true": "是", "false": "否"}.get(node.kind, "计算结果")
