"""Rules about what a node says: its name, form, clause, table, topic, called process, list of instances."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.diagram import Node
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope, named
from engine.bpmn.named import asks_table, handed_on
from forms import expression
from forms.errors import ExpressionError

CLAUSE = re.compile(r"[A-Z]+\d*-\d+[a-z]?")
DIALECT = frozenset(
    {
        *(
            "clause",
            "limit",
            "clock",
            "different_from",
            "different_when",
            "stage",
            "outcome",
            "sender",
            "form",
            "read",
            "tell",
            "provides",
        ),
        *("mark", "when", "from", "until", "suspends", "pause"),
        *("gives", "outside", "same", "each", "place", "occasion", "binds", "subject", "personal", "prefill"),
    }
)
MANY_KINDS = ("user", "service", "call", "subprocess")


def names_and_forms(scope: Scope) -> Iterator[Finding]:
    """A user task has a name that people read, and a form that exists."""
    for node in scope.process.nodes.values():
        if node.kind == "user":
            if not node.name:
                yield scope.error(node, "name-missing", "用户任务没有名称", "请起一个动宾短语作名称，如“审查申请材料”")
            if not node.form:
                yield scope.error(node, "form-missing", "用户任务没有表单", "请在表单（Form key）里填表单编号")
        for where, form_id in _form_ids(node):
            if scope.world.forms is not None and scope.world.form(form_id) is None:
                message = f"{where}「{form_id}」不存在"
                yield scope.error(node, "form-unknown", message, "请核对编号，或在 forms/definitions 里新建这个表单")


def _form_ids(node: Node) -> Iterator[tuple[str, str]]:
    if node.form:
        yield "表单", node.form
    if node.properties.get("form"):
        yield "消息表单", node.properties["form"]
    for form_id in node.properties.get("read", "").replace("，", ",").replace(",", " ").split():
        yield "对照表单", form_id


def prefilled(scope: Scope) -> Iterator[Finding]:
    """What is filled in beforehand (property `prefill`: field=fact) are fields of the task's form."""
    for node in scope.process.nodes.values():
        form = scope.world.form(node.form) if node.kind == "user" else None
        for field, _fact in handed_on(node.properties.get("prefill", "")) if form else ():
            if form and field not in form.fields:
                message = f"先填好的「{field}」不是表单「{form.title}」里的一项"
                yield scope.error(
                    node, "prefill-unknown", message, "请核对属性 prefill，写法：表单里的名称=案卷里的名称"
                )


def clauses(scope: Scope) -> Iterator[Finding]:
    """A user task names the clause that it carries out."""
    for node in scope.process.nodes.values():
        if node.kind == "user" and not node.clauses:
            hint = "请加属性 clause，如 S0-12；几个条目用逗号隔开"
            yield scope.warning(node, "clause-missing", "没有写依据哪一条", hint)
        for clause in node.clauses:
            if not CLAUSE.fullmatch(clause):
                yield scope.warning(node, "clause-format", f"依据「{clause}」不像条目编号", "请写成 S0-12 的样子")


def topics(scope: Scope) -> Iterator[Finding]:
    """A service task says what it does."""
    for node in scope.process.nodes.values():
        if node.kind == "service" and not node.works:
            hint = "请把实现方式选为 External 并填写 topic，如 notice.refusal"
            yield scope.error(node, "topic-missing", "服务任务没有写 topic，不会办任何事", hint)


def decisions(scope: Scope) -> Iterator[Finding]:
    """A business rule task asks a table that exists, and so does a topic that names one."""
    for node in scope.process.nodes.values():
        if node.kind == "rule" and not node.decision:
            hint = "请把实现方式选为 DMN 并填写决策编号（Decision reference）"
            yield scope.error(node, "decision-missing", "业务规则任务没有写用哪个决策表", hint)
        elif (table := asks_table(node)) and table not in scope.world.decisions:
            message = f"决策表「{table}」不存在"
            yield scope.error(node, "decision-missing", message, "请核对决策编号，或在 processes 里新建这个决策表")


def calls(scope: Scope) -> Iterator[Finding]:
    """A call activity calls a process that exists, and never, at any depth, its own."""
    for node in scope.process.nodes.values():
        if node.kind != "call":
            continue
        if not node.called:
            yield scope.error(
                node, "call-missing", "调用活动没有写调用哪个流程", "请填写被调用流程的编号（Called element）"
            )
        elif node.called not in scope.world.processes:
            message = f"被调用的流程「{node.called}」不存在或没有设为可执行"
            yield scope.error(node, "call-missing", message, "请核对流程编号，并在流程属性里勾选 Executable")
        elif way := _way_back(scope, node.called, (scope.outer.id,)):
            message = f"流程互相调用成了环：{' → '.join(way)}"
            yield scope.error(node, "call-recursion", message, "请改成循环，或把公共部分拆成另一个流程")


def _way_back(scope: Scope, called: str, way: tuple[str, ...]) -> tuple[str, ...]:
    if called in way:
        return (*way, called) if called == way[0] else ()
    for node in scope.world.processes[called].every_node() if called in scope.world.processes else ():
        if node.kind == "call" and (found := _way_back(scope, node.called, (*way, called))):
            return found
    return ()


def instances(scope: Scope) -> Iterator[Finding]:
    """A multi-instance activity names its list and what each instance calls its element."""
    for node in scope.process.nodes.values():
        if node.loop is None or node.loop.kind == "standard":
            continue
        if node.kind not in MANY_KINDS:
            yield scope.error(node, "instances", "这种元素不能逐个办理", "请放进子流程，在子流程上设多实例")
        if not node.loop.collection:
            hint = "请在多实例的 Collection 里填一个清单事实的名称"
            yield scope.error(node, "instances", "多实例没有写按哪个清单逐个办理", hint)
        if not node.loop.element:
            hint = "请在 Element variable 里填每一项的名称，如“部门”"
            yield scope.error(node, "instances", "多实例没有写每一项叫什么", hint)


def expressions(scope: Scope) -> Iterator[Finding]:
    """Every condition, and every `when`, can be understood. (Assignees: see roles.)"""
    for node in scope.process.nodes.values():
        texts = (
            {f"属性 when「{node.properties['when']}」": node.properties["when"]} if "when" in node.properties else {}
        )
        if node.kind == "exclusive":
            leaving = [f for f in scope.process.leaving(node.id) if f.condition and f.id != node.default]
            texts |= {f"流向「{flow.name or flow.id}」": flow.condition for flow in leaving}
        for where, text in texts.items():
            try:
                expression.parse(text)
            except ExpressionError as error:
                yield scope.error(node, "expression", f"{where}：{error}", "请改正条件，如 人均月收入 <= 低保标准")


def properties(scope: Scope) -> Iterator[Finding]:
    """A property that nobody reads is most likely a slip."""
    parameters = scope.world.known.parameters
    for node in scope.process.nodes.values():
        for name in sorted(node.properties.keys() - DIALECT - set(parameters or ())):
            if parameters is not None:
                hint = "请核对拼写，或去掉"
                yield scope.warning(node, "property-unknown", f"属性「{name}」没有人读，不起作用", hint)


def outside_doors(scope: Scope) -> Iterator[Finding]:
    """A topic that this platform doesn't know waits for an outside worker: it is said, so that a slip is seen."""
    known = scope.world.known.topics
    for node in scope.process.nodes.values():
        if known is not None and node.works and node.works not in known:
            message = f"平台没有名为「{node.works}」的 topic，这里会等外部系统办理"
            yield scope.warning(
                node, "topic-unknown", message, f"若是笔误请改正；外部给出的事实请写在 {named(node)} 的属性 provides 里"
            )
