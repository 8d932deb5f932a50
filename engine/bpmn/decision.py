"""Reads DMN files as dmn-js and Camunda Modeler write them, and asks their decisions; hides DMN's XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn.errors import DecisionError, DiagramNotReadable
from engine.bpmn.table import (
    AGGREGATIONS,
    MANY,
    SINGLE,
    Input,
    Matched,
    Output,
    Rule,
    Table,
    names_compared_with_blank,
    over,
    show,
    typed,
    value_of,
)
from engine.bpmn.xml import local, namespace, parse
from forms import expression
from forms.expression import Expression, ExpressionError, UnaryTest

__all__ = ["Decision", "Matched", "read"]

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/MODEL/",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
    }
)
OTHER_LOGIC = frozenset({"context", "invocation", "relation", "list", "functionDefinition", "conditional", "for"})
OTHER_LANGUAGES = frozenset({"javascript", "groovy", "python", "jruby", "ruby"})


@dataclass(frozen=True)
class Decision:
    """A decision with those it requires: `names` are the facts it needs of the case, `outputs` those it gives."""

    id: str
    name: str
    logic: Table | Formula
    requires: tuple[Decision, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Facts of the case that it and the decisions it requires name."""
        given = {name for required in self.requires for name in required.outputs}
        return (self.logic.names - given).union(*(required.names for required in self.requires))

    @property
    def may_be_blank(self) -> frozenset[str]:
        """Those of `names` that needn't be known: a cell or formula asks whether they are 空."""
        return self.logic.may_be_blank.union(*(required.may_be_blank for required in self.requires))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the facts that `decide` gives."""
        return tuple(output.name for output in self.logic.outputs)

    def decide(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """A value for each output (a list under COLLECT and RULE ORDER); `DecisionError` when there's no one answer."""
        seen = self._seen(facts)
        return self.logic.answer(self.logic.matched(seen))

    def explain(self, facts: Mapping[str, Any]) -> list[Matched]:
        """The rules that made the answer, those of required decisions first; fails as `decide` does."""
        earlier = [row for required in self.requires for row in required.explain(facts)]
        return earlier + self.logic.matched(self._seen(facts))

    def _seen(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        given: dict[str, Any] = {}
        for required in self.requires:
            given.update(required.decide(facts))
        return over(given, facts)


@dataclass(frozen=True, slots=True)
class Formula:
    """A decision that is one expression (DMN: literal expression)."""

    title: str
    expression: Expression
    output: Output
    annotation: str

    @property
    def names(self) -> frozenset[str]:
        return self.expression.names

    @property
    def may_be_blank(self) -> frozenset[str]:
        return names_compared_with_blank(self.expression.node)

    @property
    def outputs(self) -> tuple[Output, ...]:
        return (self.output,)

    def matched(self, facts: Mapping[str, Any]) -> list[Matched]:
        value = typed(self.title, self.output, value_of(self.title, "表达式", self.expression, facts))
        inputs = {name: show(facts.get(name)) for name in sorted(self.names)}
        return [Matched(self.title, 0, self.annotation or self.expression.source, inputs, {self.output.name: value})]

    def answer(self, found: list[Matched]) -> dict[str, Any]:
        return dict(found[0].outputs)


def read(content: bytes, path: str) -> dict[str, Decision]:
    """All decisions of a file by id; `DiagramNotReadable` when it is no DMN, `DecisionError` for a decision in it."""
    root = parse(content, path)
    if local(root) != "definitions" or namespace(root) not in NAMESPACES:
        raise DiagramNotReadable(path, "不是 DMN 1.1–1.4 决策文件，请用建模器重新保存")
    elements = {e.get("id", ""): e for e in _children(root, "decision")}
    if not elements:
        raise DiagramNotReadable(path, "文件里没有决策（decision）")
    if "" in elements:
        raise DiagramNotReadable(path, f"第 {elements[''].sourceline} 行的决策没有编号（id）")
    found: dict[str, Decision] = {}
    for decision_id in elements:
        _assemble(decision_id, elements, found, ())
    return found


def _assemble(
    decision_id: str, elements: Mapping[str, etree._Element], found: dict[str, Decision], above: tuple[str, ...]
) -> Decision:
    if decision_id in above:
        raise DecisionError(decision_id, f"决策互相依赖成了环：{' → '.join([*above, decision_id])}")
    if decision_id not in found:
        element = elements[decision_id]
        requires = []
        for wanted in _required(element):
            if wanted not in elements:
                raise DecisionError(decision_id, f"所依赖的决策「{wanted}」不在同一个文件里")
            requires.append(_assemble(wanted, elements, found, (*above, decision_id)))
        found[decision_id] = _Reader(element).decision(tuple(requires))
    return found[decision_id]


def _required(element: etree._Element) -> Iterator[str]:
    for requirement in _children(element, "informationRequirement"):
        for reference in _children(requirement, "requiredDecision"):
            yield reference.get("href", "").rpartition("#")[2]


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str) and local(child) == name]


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)


def _text(element: etree._Element | None) -> str:
    """The content of an element's `text` child."""
    text = None if element is None else _child(element, "text")
    return "" if text is None else "".join(text.itertext()).strip()


class _Reader:
    """Reads one decision; holds its title for messages."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self.id = element.get("id", "")
        self.name = element.get("name") or self.id
        self.title = self.name if self.name == self.id else f"{self.name}（{self.id}）"

    def fail(self, reason: str) -> DecisionError:
        return DecisionError(self.title, reason)

    def decision(self, requires: tuple[Decision, ...]) -> Decision:
        table, formula = _child(self.element, "decisionTable"), _child(self.element, "literalExpression")
        if table is not None:
            return Decision(self.id, self.name, self.table(table), requires)
        if formula is not None:
            return Decision(self.id, self.name, self.formula(formula), requires)
        other = next((local(e) for e in self.element if isinstance(e.tag, str) and local(e) in OTHER_LOGIC), "")
        raise self.fail(f"只支持决策表和表达式，不支持 {other}" if other else "是空的，请画成决策表或写一个表达式")

    def table(self, element: etree._Element) -> Table:
        hit, aggregation = element.get("hitPolicy", "UNIQUE"), element.get("aggregation", "")
        inputs = tuple(self.input(n, e) for n, e in enumerate(_children(element, "input"), 1))
        outputs = self.outputs(element)
        if hit not in SINGLE + MANY:
            raise self.fail(f"不支持命中策略 {hit}，请改用 UNIQUE、FIRST、ANY、COLLECT 或 RULE ORDER")
        if aggregation and (aggregation not in AGGREGATIONS or len(outputs) > 1):
            raise self.fail(f"汇总方式 {aggregation} 只用于一个输出，且只能是 SUM、MIN、MAX、COUNT")
        rules = tuple(self.rule(n, e, inputs, outputs) for n, e in enumerate(_children(element, "rule"), 1))
        return Table(self.title, hit, aggregation, inputs, outputs, rules)

    def input(self, number: int, element: etree._Element) -> Input:
        inner = _child(element, "inputExpression")
        text = _text(inner)
        label = element.get("label") or text or f"第 {number} 列"
        if inner is None or not text:
            raise self.fail(f"输入「{label}」没有写取哪一项（表达式是空的）")
        allowed = _child(element, "inputValues")
        return Input(
            label,
            self.expression(text, f"输入「{label}」", inner),
            None
            if allowed is None or not _text(allowed)
            else self.test(_text(allowed), f"输入「{label}」的取值", allowed),
        )

    def outputs(self, table: etree._Element) -> tuple[Output, ...]:
        elements = _children(table, "output")
        outputs = tuple(self.output(n, e, len(elements)) for n, e in enumerate(elements, 1))
        names = [output.name for output in outputs]
        if not outputs:
            raise self.fail("没有输出列")
        if twice := {name for name in names if names.count(name) > 1}:
            raise self.fail(f"输出名称重复：{'、'.join(sorted(twice))}")
        return outputs

    def output(self, number: int, element: etree._Element, count: int) -> Output:
        name = element.get("name") or (self.variable() if count == 1 else "")
        if not name:
            raise self.fail(f"第 {number} 个输出没有名称，请填写输出名（Output Name）")
        label = element.get("label") or name
        default = _text(_child(element, "defaultOutputEntry"))
        parsed = self.expression(default, f"输出「{label}」的默认结果", element) if default else None
        return Output(name, label, element.get("typeRef", "").rpartition(":")[2].lower(), parsed)

    def rule(
        self, number: int, element: etree._Element, inputs: tuple[Input, ...], outputs: tuple[Output, ...]
    ) -> Rule:
        tests, results = _children(element, "inputEntry"), _children(element, "outputEntry")
        if (len(tests), len(results)) != (len(inputs), len(outputs)):
            raise self.fail(f"第 {number} 条规则的单元格数与列数不符，请用建模器重新保存")
        notes = [_text(note) for note in _children(element, "annotationEntry")]
        description = _child(element, "description")
        notes.append("" if description is None else "".join(description.itertext()).strip())
        return Rule(
            number,
            tuple(self.cell(number, column, e) for column, e in zip(inputs, tests, strict=True)),
            tuple(self.result(number, column, e) for column, e in zip(outputs, results, strict=True)),
            "；".join(note for note in notes if note),
        )

    def cell(self, number: int, column: Input, element: etree._Element) -> UnaryTest | None:
        text = _text(element)
        return None if text in ("", "-") else self.test(text, f"第 {number} 条规则「{column.label}」", element)

    def result(self, number: int, column: Output, element: etree._Element) -> Expression | None:
        text = _text(element)
        return (
            self.expression(text, f"第 {number} 条规则「{column.label}」", element) if text not in ("", "-") else None
        )

    def formula(self, element: etree._Element) -> Formula:
        text, name = _text(element), self.variable()
        if not text or not name:
            raise self.fail("表达式是空的" if not text else "没有变量名，请填写表达式的变量名（Variable Name）")
        variable = _child(self.element, "variable")
        kind = "" if variable is None else variable.get("typeRef", "")
        description = _child(self.element, "description")
        note = "" if description is None else "".join(description.itertext()).strip()
        output = Output(name, name, kind.rpartition(":")[2].lower())
        return Formula(self.title, self.expression(text, "表达式", element), output, note)

    def variable(self) -> str:
        variable = _child(self.element, "variable")
        return "" if variable is None else variable.get("name", "")

    def expression(self, text: str, where: str, element: etree._Element) -> Expression:
        self.check_language(where, element)
        try:
            return expression.parse(text)
        except ExpressionError as error:
            raise self.fail(f"{where}：{error}") from error

    def test(self, text: str, where: str, element: etree._Element) -> UnaryTest:
        self.check_language(where, element)
        try:
            return expression.parse_unary(text)
        except ExpressionError as error:
            raise self.fail(f"{where}：{error}") from error

    def check_language(self, where: str, element: etree._Element) -> None:
        language = element.get("expressionLanguage", "").lower()
        if language in OTHER_LANGUAGES:
            raise self.fail(f"{where}用了 {language} 脚本，请改写成普通表达式")
