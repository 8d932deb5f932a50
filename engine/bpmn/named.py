"""Which facts a diagram's expressions name, and at which element: conditions, collections, assignees, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.decision import Decision
from engine.bpmn.diagram import Node, Process
from engine.bpmn.table import names_compared_with_blank
from forms import expression
from forms.expression import Expression


@dataclass(frozen=True, slots=True)
class Named:
    """`names` are facts that must be known when a token stands at `node`; `what` says in which place they are named.

    `may_be_blank` are those that the text itself compares with 空, so that they needn't be known.
    """

    node: Node
    element_id: str
    what: str
    names: frozenset[str]
    may_be_blank: frozenset[str] = frozenset()


def named_by(process: Process, node: Node, decisions: Mapping[str, Decision]) -> Iterator[Named]:
    """What the node and the conditions behind it name; raises ExpressionError for text that isn't understood."""
    for flow in process.leaving(node.id):
        if node.kind == "exclusive" and flow.condition and flow.id != node.default:
            what = f"流向「{flow.name or flow.id}」的条件「{flow.condition}」"
            yield _of(node, flow.id, what, expression.parse(flow.condition))
    if node.loop and node.loop.collection:
        yield Named(node, node.id, "逐个办理的清单（collection）", frozenset({node.loop.collection}))
    if node.assignee.startswith("${"):
        yield _of(node, node.id, f"办理人「{node.assignee}」", expression.parse(node.assignee))
    for name in ("when", "different_when"):
        if condition := node.properties.get(name):
            yield _of(node, node.id, f"属性 {name}「{condition}」", expression.parse(condition))
    if until := split(node.properties.get("until", "")):
        yield Named(node, node.id, "计时到何时为止（属性 until）", frozenset(until), frozenset(until))
    if begins := node.properties.get("from"):
        yield Named(node, node.id, "起算时间（属性 from）", frozenset({begins}), frozenset({begins}))
    if handed := frozenset(ours for _, ours in handed_on(node.properties.get("facts", ""))):
        yield Named(node, node.id, "交给另一件的内容（属性 facts）", handed, handed)
    if shown := frozenset(ours for _, ours in handed_on(node.properties.get("prefill", ""))):
        yield Named(node, node.id, "先填好的内容（属性 prefill）", shown, shown)
    if asked := begins_what(node):
        yield Named(node, node.id, "发起哪个流程（属性 procedure）", frozenset({asked}))
    if each := node.properties.get("each") if node.works else None:
        yield Named(node, node.id, "逐项发起的清单（属性 each）", frozenset({each}), frozenset({each}))
    if same := split(node.properties.get("same", "")):
        yield Named(node, node.id, "与来件核对的内容（属性 same）", frozenset(same), frozenset(same))
    if (table := asks_table(node)) in decisions:
        row, rows = (split(node.properties.get(key, "")) for key in ("row", "rows"))
        names = decisions[table].names.difference(row).union(rows)
        yield Named(node, node.id, f"决策表「{table}」", names, decisions[table].may_be_blank)


def asks_table(node: Node) -> str:
    """The decision that a business rule task asks, or a topic for each of its `rows` (`table`, which sees a `row`)."""
    return node.decision if node.kind == "rule" else node.properties.get("table", "") if node.works else ""


def named_by_instances(node: Node) -> Iterator[str]:
    """Facts of an instance that say where and about what it is (`binds`, `subject`); they come to be known inside."""
    yield from (fact for _, fact in handed_on(node.properties.get("binds", "")))
    yield from split(node.properties.get("subject", ""))


def begins_what(node: Node) -> str:
    """The fact that says which procedure a node begins, as in `{流程编号}`; empty where the procedure is written."""
    text = node.properties.get("procedure", "") if node.works else ""
    return text[1:-1].strip() if text.startswith("{") and text.endswith("}") else ""


def split(text: str) -> tuple[str, ...]:
    """The names in `初审意见时间, 结论时间`."""
    return tuple(text.replace("，", ",").replace(",", " ").split())


def handed_on(text: str) -> list[tuple[str, str]]:
    """(theirs, ours) of `对方的名称=本案的名称, 两边相同的名称`."""
    found = []
    for each in text.replace("，", ",").split(","):
        theirs, _, ours = (part.strip() for part in each.partition("="))
        if theirs:
            found.append((theirs, ours or theirs))
    return found


def _of(node: Node, element_id: str, what: str, parsed: Expression) -> Named:
    return Named(node, element_id, what, parsed.names, names_compared_with_blank(parsed.node))
