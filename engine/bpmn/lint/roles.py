"""Rules about who does it: `role@place` lists, assignees, and who may not do it again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from engine.bpmn.diagram import Node
from engine.bpmn.lint.finding import Finding
from engine.bpmn.lint.world import Scope, World
from engine.bpmn.named import handed_on
from forms import expression
from forms.errors import ExpressionError

POST = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*@\s*([\w.-]+)\s*")
SAY = "请写成“岗位@地点”，如 window_clerk@application_township"


def holders(scope: Scope) -> Iterator[Finding]:
    """A user task has one `role@place`, an assignee that a fact gives, or both: then the account acts in that post."""
    for node in scope.process.nodes.values():
        if node.kind != "user":
            continue
        if node.assignee:
            yield from _assignee(scope, node)
        if not node.groups and not node.assignee:
            yield scope.error(node, "holder", "没有写由谁办理", f"{SAY}，填在候选组（Candidate groups）里")
        elif "," in node.groups or "，" in node.groups or ";" in node.groups:
            message = f"候选组「{node.groups}」写了不止一个岗位"
            yield scope.error(node, "holder", message, "请只留一个；几个岗位都要办的请画成几个任务")
        else:
            yield from _posts(scope, node, node.groups, "候选组")


def senders(scope: Scope) -> Iterator[Finding]:
    """A message that is waited for says who may send it, and with which form."""
    for node in scope.process.nodes.values():
        if node.kind in ("catch", "receive", "boundary") and node.event.kind == "message":
            if not (node.properties.get("sender") or node.properties.get("gives")):  # gives: another case sends it
                hint = "请加属性 sender，如 applicant@case,window_clerk@application_township"
                yield scope.warning(node, "sender", "没有写谁可以发这个消息", hint)
            yield from _posts(scope, node, node.properties.get("sender", ""), "sender")


def told(scope: Scope) -> Iterator[Finding]:
    """A reminder says whom it tells."""
    for node in scope.process.nodes.values():
        if node.works == "deadline.overdue" and not node.properties.get("tell"):
            hint = "请加属性 tell，如 deputy_head@application_township"
            yield scope.error(node, "tell", "到期提醒没有写提醒谁", hint)
        yield from _posts(scope, node, node.properties.get("tell", ""), "tell")


def different_from(scope: Scope) -> Iterator[Finding]:
    """Those whose submitters may not do this one are user tasks, or starts and messages with a form, that exist."""
    everywhere = [node for process in scope.world.processes.values() for node in process.every_node()]
    users = {node.id for node in everywhere if node.kind == "user" or node.form or node.properties.get("form")}
    for node in scope.process.nodes.values():
        for other in _split(node.properties.get("different_from", "")):
            if other not in users:
                message = f"different_from 里的「{other}」不是任何一个用户任务、开始事件或消息的编号"
                yield scope.error(node, "different-from", message, "请填用户任务、带表单的开始事件或消息的编号（Id）")


def starters(scope: Scope) -> Iterator[Finding]:
    """Who may start the process is the public or a known role."""
    roles = scope.world.known.roles
    for starter in _split(scope.process.starters):
        role = starter.partition("@")[0]
        if roles is not None and role != "public" and role not in roles:
            message = f"可启动的岗位「{role}」不在岗位表里"
            yield scope.error(None, "role-unknown", message, _near(role, roles))


def _assignee(scope: Scope, node: Node) -> Iterator[Finding]:
    text = node.assignee
    if not (text.startswith("${") and text.endswith("}")):
        hint = "请写成 ${事实名称}，由前面的环节给出账号；固定岗位请填候选组"
        yield scope.error(node, "holder", f"办理人「{text}」是写死的账号", hint)
        return
    try:
        expression.parse(text)
    except ExpressionError as error:
        yield scope.error(node, "expression", str(error), "请改正办理人的表达式")


def _posts(scope: Scope, node: Node, text: str, where: str) -> Iterator[Finding]:
    for post in _split(text):
        found = POST.fullmatch(post)
        if found is None:
            yield scope.error(node, "holder", f"{where}里的「{post}」看不懂", SAY)
        else:
            yield from _post(scope, node, found[1], found[2])


def _post(scope: Scope, node: Node, role: str, place: str) -> Iterator[Finding]:
    known = scope.world.known
    if known.roles is not None and role not in known.roles:
        yield scope.error(node, "role-unknown", f"岗位「{role}」不在岗位表里", _near(role, known.roles))
    elif not is_place(scope.world, place):
        hint = "请核对拼写；地点由表单里带 place 属性的字段给出，或由它推出（如 hukou_county）"
        yield scope.error(node, "place-unknown", f"地点「{place}」没有任何表单或规则给出", hint)
    elif known.is_held is not None and not known.is_held(role, place):
        hint = "请先在机构与岗位里给账号安排这个岗位"
        yield scope.error(node, "role-unheld", f"没有人担任「{role}@{place}」", hint)


def is_place(world: World, name: str) -> bool:
    """Whether the platform knows the place, or a form, a list of instances or the case that begins it gives it."""
    if world.known.is_place is None:
        return True
    said = ("binds", "each_place")
    every = [node for process in world.processes.values() for node in process.every_node()]
    bound = {place for node in every for name in said for place, _ in handed_on(node.properties.get(name, ""))}
    for form in (world.forms or {}).values():
        bound |= {found.properties["place"] for found in form.fields.values() if found.properties.get("place")}
    return world.known.is_place(name, bound)


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,，;；\s]+(?!@)", text.replace(" @", "@").strip()) if part.strip()]


def _near(name: str, names: Collection[str]) -> str:
    near = sorted(names, key=lambda other: (-len(set(name.split("_")) & set(other.split("_"))), other))[:3]
    return f"请核对拼写，最接近的有：{'、'.join(near) or '（岗位表是空的）'}"
