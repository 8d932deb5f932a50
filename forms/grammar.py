"""Builds the tree of an expression from its tokens; hides precedence, the bounds on depth, and DMN cell shorthand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from forms.errors import ExpressionError
from forms.tokens import Token, read_tokens

MAX_DEPTH = 50
CELL = "?"
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "in", "notin"})
POWER = {"or": 1, "and": 2, **dict.fromkeys(COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6}
NOT_POWER, COMPARE_POWER, SIGN_POWER = 3, 4, 7

# Surface name -> (canonical name, fewest arguments, most arguments)
FUNCTIONS: dict[str, tuple[str, int, int]] = {
    name: signature
    for names, signature in (
        (("最大", "max"), ("max", 1, 20)),
        (("最小", "min"), ("min", 1, 20)),
        (("取整", "四舍五入", "round"), ("round", 1, 2)),
        (("向上取整", "ceiling", "ceil"), ("ceiling", 1, 2)),
        (("向下取整", "floor"), ("floor", 1, 2)),
        (("长度", "计数", "count", "len"), ("count", 1, 1)),
        (("求和", "合计", "sum"), ("sum", 1, 20)),
        (("任一", "any"), ("any", 1, 20)),
        (("全部", "all"), ("all", 1, 20)),
        (("如果", "if"), ("if", 3, 3)),
        (("日期", "date"), ("date", 1, 1)),
        (("年龄", "age"), ("age", 2, 2)),
    )
    for name in names
}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree: `kind` (operator, or name, num, str, true, false, null, list, get, call), text, parts."""

    kind: str
    position: int
    text: str = ""
    parts: tuple[Node, ...] = ()
    depth: int = field(default=1, compare=False)
    bracketed: bool = field(default=False, compare=False)

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Grammar:
    """A reader over the tokens of one text; used once."""

    def __init__(self, text: str, cell: bool = False) -> None:
        self.text = text
        self.tokens = read_tokens(text)
        self.at = 0
        self.level = 0
        self.cell = cell

    # -- reading tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self, *kinds: str) -> Token | None:
        token = self.token
        if token.kind not in kinds:
            return None
        self.at += 1
        return token

    def expect(self, kind: str, problem: str) -> Token:
        token = self.take(kind)
        if token is None:
            raise self.wrong(self.token, problem)
        return token

    def wrong(self, token: Token, problem: str) -> ExpressionError:
        return ExpressionError(self.text, token.position, problem)

    def build(self, kind: str, token: Token, *parts: Node, text: str = "") -> Node:
        depth = 1 + max((part.depth for part in parts), default=0)
        if depth > MAX_DEPTH:
            raise self.wrong(token, f"嵌套太深（最多 {MAX_DEPTH} 层），请拆成几个条件")
        return Node(kind, token.position, text, parts, depth)

    # -- whole texts

    def read_whole(self) -> Node:
        if self.token.kind == "end":
            raise self.wrong(self.token, "表达式是空的，请填写条件")
        node = self.read(0)
        if self.token.kind != "end":
            raise self.wrong(self.token, f"「{self.token.text}」前面缺少“且”“或”或比较符号")
        return node

    def read_cell(self) -> Node:
        """A cell of a decision table: a test of the value `?`."""
        if self.token.kind == "end" or (self.token.kind == "-" and self.tokens[1].kind == "end"):
            return Node("true", 0)
        start = self.token
        if self.token.kind == "not" and self.tokens[1].kind == "(":
            self.at += 2
            node = self.read_tests()
            if self.take(")") and self.token.kind == "end":
                return self.build("not", start, node)
            self.at = 0
        node = self.read_tests()
        if self.token.kind != "end":
            raise self.wrong(self.token, f"看不懂「{self.token.text}」，几个值之间请用逗号隔开")
        return node

    def read_tests(self) -> Node:
        start = self.token
        tests = [self.read_test()]
        while self.take(","):
            tests.append(self.read_test())
        return tests[0] if len(tests) == 1 else self.build("or", start, *tests)

    def read_test(self) -> Node:
        start = self.token
        value = Node("name", start.position, CELL)
        if sign := self.take("=", "!=", "<", "<=", ">", ">="):
            return self.build(sign.kind, sign, value, self.read(COMPARE_POWER))
        interval = self.read_interval(value)
        if interval is not None:
            return interval
        node = self.read(0)
        if any(part.kind == "name" and part.text == CELL for part in node.walk()):
            return node
        return self.build("in" if node.kind == "list" else "=", start, value, node)

    def read_interval(self, value: Node) -> Node | None:
        """`[1..5]`, `(1..5]`, `]1..5[`; None (nothing consumed) when it is something else."""
        start, mark = self.token, self.at
        if start.kind not in ("[", "(", "]"):
            return None
        self.at += 1
        if self.token.kind == "]" or (low := self.read_quietly()) is None or not self.take(".."):
            self.at = mark
            return None
        high = self.read(COMPARE_POWER)
        close = self.take("]", ")", "[")
        if close is None:
            raise self.wrong(self.token, "区间没有结束，请补上 ] 或 )")
        above = self.build(">=" if start.kind == "[" else ">", start, value, low)
        below = self.build("<=" if close.kind == "]" else "<", close, value, high)
        return self.build("and", start, above, below)

    def read_quietly(self) -> Node | None:
        level = self.level
        try:
            return self.read(COMPARE_POWER)
        except ExpressionError:
            self.level = level
            return None

    # -- precedence climbing

    def read(self, power: int) -> Node:
        self.level += 1
        if self.level > MAX_DEPTH:
            raise self.wrong(self.token, f"嵌套太深（最多 {MAX_DEPTH} 层），请拆成几个条件")
        node = self.read_operand()
        while True:
            sign = self.token
            kind = "notin" if sign.kind == "not" and self.tokens[self.at + 1].kind == "in" else sign.kind
            binding = POWER.get(kind, 0)
            if binding <= power:
                break
            self.at += 2 if kind != sign.kind else 1
            node = self.join(kind, sign, node, self.read(binding))
        self.level -= 1
        return node

    def join(self, kind: str, sign: Token, left: Node, right: Node) -> Node:
        if kind in ("and", "or") and left.kind == kind:
            return self.build(kind, sign, *left.parts, right)
        if kind in COMPARISONS and left.kind in COMPARISONS and not left.bracketed:
            raise self.wrong(sign, "一次只能比较两个值，请用“且”分开写，或加括号")
        return self.build(kind, sign, left, right)

    def read_operand(self) -> Node:
        token = self.token
        self.at += 1
        match token.kind:
            case "num" | "str" | "true" | "false" | "null":
                return self.build(token.kind, token, text=token.text)
            case "not":
                return self.build("not", token, self.read(NOT_POWER))
            case "-":
                return self.build("neg", token, self.read(SIGN_POWER))
            case "(":
                node = self.read(0)
                self.expect(")", "括号没有配对，请补上右括号")
                return self.read_fields(replace(node, bracketed=True))
            case "[":
                return self.build("list", token, *self.read_items("]", "方括号没有配对，请补上 ]"))
            case "name":
                return self.read_fields(self.read_named(token))
            case "?" if self.cell:
                return self.read_fields(self.build("name", token, text=CELL))
        self.at -= 1
        raise self.wrong(token, "这里缺少一个值" if token.kind == "end" else f"「{token.text}」前面缺少一个值")

    def read_named(self, token: Token) -> Node:
        if not self.take("("):
            return self.build("name", token, text=token.text)
        signature = FUNCTIONS.get(token.text) or FUNCTIONS.get(token.text.lower())
        if signature is None:
            allowed = "、".join(name for name in FUNCTIONS if not name.isascii())
            raise self.wrong(token, f"没有「{token.text}」这个函数，可以用的有：{allowed}")
        name, fewest, most = signature
        arguments = self.read_items(")", "括号没有配对，请补上右括号")
        if not fewest <= len(arguments) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} 到 {most}"
            raise self.wrong(token, f"「{token.text}」要写 {wanted} 个值，这里写了 {len(arguments)} 个")
        if name == "date" and arguments[0].kind == "str":
            self.check_date(token, arguments[0].text)
        return self.build("call", token, *arguments, text=name)

    def check_date(self, token: Token, text: str) -> None:
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            raise self.wrong(token, f"「{text}」不是有效日期，请写成 2026-01-31 的样子") from None

    def read_items(self, closing: str, problem: str) -> list[Node]:
        items: list[Node] = []
        while not self.take(closing):
            if items:
                self.expect(",", problem)
            items.append(self.read(0))
        return items

    def read_fields(self, node: Node) -> Node:
        while dot := self.take("."):
            node = self.build("get", dot, node, text=self.expect("name", "小数点后面应是字段名称").text)
        return node
