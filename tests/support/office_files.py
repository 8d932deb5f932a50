"""A small office as files: units, people, roles, limits, forms and diagrams, each as short as its tests allow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from tests.support.diagrams import chain, definitions, end, flow, timer
from tests.support.ladders import LADDER

# --- places and people ----------------------------------------------------------------------------------------------

UNITS = """
[[unit]]
id = "shi"
name = "池州市民政局"
kind = "prefecture_ca"
region_code = "341700"

[[unit]]
id = "xian"
name = "贵池区民政局"
kind = "county_ca"
parent = "shi"
region_code = "341702"
complaint_phone = "12345"

[[unit]]
id = "linxian"
name = "东至县民政局"
kind = "county_ca"
parent = "shi"
region_code = "341721"

[[township]]
id = "zhen"
name = "秋浦街道"
county = "xian"
contact_phone = "0566-1"
villages = { cun = "湖心社区" }

[[township]]
id = "xiang"
name = "梅街镇"
county = "xian"

[[township]]
id = "waixiang"
name = "尧渡镇"
county = "linxian"
"""

PEOPLE = {
    "wang": ("王晓梅", "window_clerk@zhen"),
    "ding": ("丁玲", "window_clerk@zhen"),
    "li": ("李建国", "civil_affairs_clerk@zhen"),
    "zhang": ("张文静", "surveyor@zhen"),
    "chen": ("陈志强", "surveyor@zhen"),
    "zhao": ("赵明远", "deputy_head@zhen"),
    "hu": ("胡兰", "village_assistant@zhen_cun"),
    "mei": ("梅芳", "window_clerk@xiang"),
    "mei_li": ("梅立", "civil_affairs_clerk@xiang"),
    "yao": ("姚远", "window_clerk@waixiang"),
    "gao": ("高远", "county_clerk@xian"),
    "lin": ("林海", "county_clerk@linxian"),
    "admin": ("管理员", "system_admin@xian"),
}

ROLES: tuple[tuple[str, str, list[str], str], ...] = (
    ("applicant", "申请人", [], "own"),
    ("agent", "代理人", [], "own"),
    ("window_clerk", "窗口受理员", ["township"], "unit"),
    ("civil_affairs_clerk", "民政经办人", ["township"], "unit"),
    ("surveyor", "调查员", ["township"], "tasks"),
    ("deputy_head", "分管负责人", ["township"], "unit"),
    ("village_assistant", "协理员", ["village"], "unit"),
    ("county_clerk", "县级经办人", ["county_ca"], "subtree"),
    ("system_admin", "系统管理员", ["county_ca"], "none"),
)

SIGHTS = """
[[sight]]
role = "applicant"

[[sight]]
role = "agent"

[[sight]]
role = "window_clerk"

[[sight]]
role = "civil_affairs_clerk"

[[sight]]
role = "surveyor"
hide_fields = ["phone"]
mask = ["id"]

[[sight]]
role = "deputy_head"

[[sight]]
role = "village_assistant"
mask = ["id", "phone"]

[[sight]]
role = "county_clerk"
"""

LIMITS = """
[[limit]]
id = "D01"
name = "受理审查"
text = "5个工作日"
starts = "申请进入系统之时"
kind = "statutory"
clause = "S0-12"
on_expiry = "提醒分管负责人"

[[limit]]
id = "OWN"
name = "内部时限"
text = "1个工作日"
starts = "受理"
kind = "internal"
clause = "S0-12"
on_expiry = "提醒分管负责人"

[[override]]
id = "OWN"
place = "341721"
valid_from = 2026-01-01
text = "1个工作日"
basis = "东至县民政局文件"

[[override]]
id = "D01"
place = "341721"
valid_from = 2026-03-01
text = "2个工作日"
basis = "东至县民政局文件"
"""

OUTAGES = """
automatic = true
gap_minutes = 15
lost_minutes = 60
longest_days = 30
basis = "《民法典》第二百零三条"

[[hours]]
from = 08:30:00
to = 12:00:00

[[hours]]
from = 14:00:00
to = 17:30:00
"""

PAUSES = """
[[pause]]
id = "补正"
name = "受理后补充材料"
basis = "贵池区民政局文件"
limit = "10个工作日"
enabled = false
stops = ["D19", "D01", "D03"]

[[pause]]
id = "评议"
name = "民主评议期间"
basis = "贵池区民政局文件"
limit = "5个工作日"
enabled = true

[[override]]
id = "补正"
place = "341702"
valid_from = 2026-03-01
enabled = true
basis = "贵池区民政局文件"
"""

# --- forms ----------------------------------------------------------------------------------------------------------


def text(key: str, label: str = "", *, required: bool = True, kind: str = "", mask: str = "") -> dict[str, Any]:
    """A line of text; `kind` and `mask` are properties."""
    properties = {name: value for name, value in (("kind", kind), ("mask", mask)) if value}
    validate = {"required": required}
    return {"type": "textfield", "key": key, "label": label or key, "validate": validate, "properties": properties}


def choice(key: str, *values: str, required: bool = False) -> dict[str, Any]:
    """One of some values."""
    options = [{"label": value, "value": value} for value in values]
    return {"type": "radio", "key": key, "label": key, "validate": {"required": required}, "values": options}


def unit(key: str, place: str, *, required: bool = False, unit_kind: str = "township") -> dict[str, Any]:
    """A unit that becomes a place of the case."""
    properties = {"kind": "unit", "place": place, "unitKind": unit_kind}
    validate = {"required": required}
    return {
        "type": "select", "key": key, "label": key, "valuesKey": key, "validate": validate, "properties": properties,
    }  # fmt: skip


def colleague(key: str, role: str, place: str) -> dict[str, Any]:
    """Somebody who holds a role at a place of the case."""
    properties = {"kind": "account", "role": role, "place": place}
    return {
        "type": "select", "key": key, "label": key, "valuesKey": key, "validate": {"required": True},
        "properties": properties,
    }  # fmt: skip


FORMS: dict[str, list[dict[str, Any]]] = {
    "apply": [
        text("applicantName", "申请人姓名", mask="name"),
        text("idNo", "身份证号码", kind="cn_id", mask="id"),
        text("phone", "联系电话", kind="mobile", mask="phone", required=False),
        choice("itemId", "低保", "特困", required=True),
        {"type": "number", "key": "appliedSize", "label": "人数", "decimalDigits": 0, "validate": {"required": False}},
        text("accountNo", "银行账号", kind="bank_account", mask="account", required=False),
        unit("receiving", "application_township", required=True),
        unit("hukou", "hukou_township"),
        unit("village", "hukou_village", unit_kind="village"),
    ],
    "note": [text("意见"), {"type": "number", "key": "次数", "label": "次数", "decimalDigits": 0}],
    "push": [unit("推送至", "hukou_township", required=True)],
    "team": [colleague("调查员", "surveyor", "application_township")],
    "successor": [text("applicantName", "新申请人"), text("idNo", "身份证号码", kind="cn_id")],
    "withdrawal": [text("撤回理由")],
    "decision": [choice("结论", "同意", "不同意")],
}


def form(form_id: str, fields: list[dict[str, Any]]) -> bytes:
    """A form-js file."""
    components = [{"id": f"{form_id}_{number}", **field} for number, field in enumerate(fields)]
    document = {"type": "default", "id": form_id, "schemaVersion": 18, "components": components}
    return json.dumps(document, ensure_ascii=False).encode()


# --- diagrams -------------------------------------------------------------------------------------------------------

WINDOW, CLERK = "window_clerk@application_township", "civil_affairs_clerk@application_township"


def properties(**given: str) -> str:
    """The `camunda:property` list of a node."""
    rows = "".join(f"<camunda:property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in given.items())
    inner = f"<camunda:properties>{rows}</camunda:properties>"
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>" if given else ""


def task(node_id: str, group: str = WINDOW, *, form_id: str = "note", assignee: str = "", **given: str) -> str:
    """A user task of a post, or of the account that `assignee` gives."""
    who = f'camunda:assignee="${{{assignee}}}"' if assignee else f'camunda:candidateGroups="{group}"'
    return (
        f'<bpmn:userTask id="{node_id}" name="{node_id}" camunda:formKey="{form_id}" {who}>'
        f"{properties(**given)}</bpmn:userTask>"
    )


def work(node_id: str, topic: str, **given: str) -> str:
    """A service task."""
    return (
        f'<bpmn:serviceTask id="{node_id}" name="{node_id}" camunda:type="external" camunda:topic="{topic}">'
        f"{properties(**given)}</bpmn:serviceTask>"
    )


def reminder(node_id: str, **given: str) -> str:
    """The message end event behind a timer that only reminds."""
    return (
        f'<bpmn:endEvent id="{node_id}" name="{node_id}">{properties(**given)}'
        f'<bpmn:messageEventDefinition camunda:type="external" camunda:topic="deadline.overdue"/></bpmn:endEvent>'
    )


def bound(node_id: str, attached_to: str, length: str, /, *, interrupting: bool = False, **given: str) -> str:
    """A boundary timer with properties."""
    plain = timer(node_id, attached_to, length, interrupting=interrupting)
    return plain.replace("><bpmn:timerEvent", f">{properties(**given)}<bpmn:timerEvent", 1)


def letter(node_id: str, attached_to: str, message: str, *, interrupting: bool = True, **given: str) -> str:
    """A boundary event that waits for a message."""
    return (
        f'<bpmn:boundaryEvent id="{node_id}" name="{node_id}" attachedToRef="{attached_to}" '
        f'cancelActivity="{str(interrupting).lower()}">{properties(**given)}'
        f'<bpmn:messageEventDefinition messageRef="{message}"/></bpmn:boundaryEvent>'
    )


def catch(node_id: str, definition: str, **given: str) -> str:
    """An event that the token waits at."""
    return (
        f'<bpmn:intermediateCatchEvent id="{node_id}" name="{node_id}">{properties(**given)}'
        f"{definition}</bpmn:intermediateCatchEvent>"
    )


def after(limit: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:timeDuration>{limit}</bpmn:timeDuration></bpmn:timerEventDefinition>"


def of(message: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{message}"/>'


def last(node_id: str = "end", outcome: str = "办结") -> str:
    return f'<bpmn:endEvent id="{node_id}" name="{node_id}">{properties(outcome=outcome)}</bpmn:endEvent>'


def gateway(kind: str, node_id: str) -> str:
    return f'<bpmn:{kind}Gateway id="{node_id}" name="{node_id}"/>'


def procedure(process_id: str, body: str, *, starters: str = "public, window_clerk", messages: str = "") -> bytes:
    """A whole file: a process that begins with the form `apply`."""
    begin = '<bpmn:startEvent id="start" name="提交申请" camunda:formKey="apply"/>'
    return definitions(
        "".join(f'<bpmn:message id="{name}" name="{name}"/>' for name in messages.split())
        + f'<bpmn:process id="{process_id}" name="{process_id}" isExecutable="true" '
        f'camunda:candidateStarterGroups="{starters}">{begin}{body}</bpmn:process>'
    )


def straight(*nodes: str) -> str:
    return chain("start", *nodes, "end") + last()


DIAGRAMS: dict[str, bytes] = {
    # two tasks in a row, the first with a deadline that only reminds
    "line": procedure(
        "line",
        task("受理", stage="受理中")
        + task("审核", CLERK, stage="审核中")
        + straight("受理", "审核")
        + bound("受理超期", "受理", "5个工作日", limit="D01")
        + reminder("催办受理", tell="deputy_head@application_township, county_clerk@county")
        + flow("受理超期", "催办受理"),
    ),
    # the family's own task, with a limit that only reminds
    "family": procedure(
        "family",
        task("补正", "applicant@case")
        + straight("补正")
        + bound("补正超期", "补正", "5个工作日")
        + reminder("催补正", tell="window_clerk@application_township")
        + flow("补正超期", "催补正"),
    ),
    # two tasks at once
    "both": procedure(
        "both",
        gateway("parallel", "分")
        + gateway("parallel", "合")
        + task("调查")
        + task("核对", CLERK)
        + task("汇总")
        + flow("start", "分")
        + flow("分", "调查")
        + flow("分", "核对")
        + flow("调查", "合")
        + flow("核对", "合")
        + chain("合", "汇总", "end")
        + last(),
    ),
    # two branches, of which the second goes on while the first still waits
    "stages": procedure(
        "stages",
        gateway("parallel", "分")
        + gateway("parallel", "合")
        + task("复核", CLERK)
        + task("初审员", stage="初审中")
        + task("签字", CLERK, stage="待签")
        + flow("start", "分")
        + flow("分", "复核")
        + flow("分", "初审员")
        + chain("复核", "签字", "合")
        + flow("初审员", "合")
        + chain("合", "end")
        + last()
        + letter("叫停", "签字", "halt", sender=CLERK, stage="已叫停")
        + flow("叫停", "end"),
        messages="halt",
    ),
    # the four ways of saying who may not: other hands, one account, everything else waits, only the applicant
    "hands": procedure(
        "hands",
        task("初审")
        + task("复审", different_from="初审")
        + task("组队", CLERK, form_id="team")
        + task("入户", assignee="调查员")
        + task("补正", "applicant@case")
        + straight("初审", "复审", "组队", "入户", "补正"),
    ),
    "own_hand": procedure("own_hand", task("签名", personal="true") + straight("签名")),
    "stop": procedure(
        "stop",
        gateway("parallel", "分")
        + gateway("parallel", "合")
        + task("换人", CLERK, form_id="successor", suspends="true")
        + task("走访")
        + flow("start", "分")
        + flow("分", "换人")
        + flow("分", "走访")
        + flow("换人", "合")
        + flow("走访", "合")
        + chain("合", "end")
        + last(),
    ),
    "choice": procedure(
        "choice",
        task("定", form_id="decision")
        + gateway("exclusive", "去向")
        + chain("start", "定", "去向")
        + last("end")
        + last("不予", "不予同意")
        + flow("去向", "end", "结论 = &quot;同意&quot;")
        + flow("去向", "不予", "结论 = 空"),
    ),
    "rounds": procedure(
        "rounds",
        task("一轮", form_id="decision")
        + gateway("exclusive", "够")
        + bound("一轮超期", "一轮", "3个工作日")
        + reminder("催一轮", tell="deputy_head@application_township")
        + flow("一轮超期", "催一轮")
        + chain("start", "一轮", "够")
        + last()
        + flow("够", "end", "结论 = &quot;同意&quot;")
        + flow("够", "一轮", "结论 != &quot;同意&quot;"),
    ),
    # the receiving township hands the case to that of the household register
    "moved": procedure(
        "moved",
        task("推送", form_id="push") + task("接收", "civil_affairs_clerk@hukou_township") + straight("推送", "接收"),
    ),
    # a place that the application didn't name
    "lost": procedure("lost", task("办", "window_clerk@hukou_village") + straight("办")),
    # messages: who may send, and when
    "letters": procedure(
        "letters",
        task("登记", form_id="decision")
        + task("办理")
        + straight("登记", "办理")
        + letter("撤回", "办理", "withdraw", sender=f"applicant@case, {WINDOW}", when="结论 = 空", form="withdrawal")
        + letter("终止", "办理", "stop", sender=CLERK, when='结论 = "同意"')
        + last("撤回结束", "已撤回")
        + last("终止结束", "已终止")
        + flow("撤回", "撤回结束")
        + flow("终止", "终止结束"),
        messages="withdraw stop",
    ),
    # timers: from a mark, interrupting, in the flow, and against a message
    "clocks": procedure(
        "clocks",
        task("收件", mark="收件时间")
        + task("决定")
        + catch("公示", after("7日"), stage="公示中")
        + gateway("eventBased", "等")
        + catch("回执", of("receipt"), sender=WINDOW)
        + catch("逾期", after("2日"))
        + task("存档")
        + chain("start", "收件", "决定", "公示", "等", "回执", "存档", "end")
        + flow("等", "逾期")
        + flow("逾期", "存档")
        + last()
        + bound("总时限", "决定", "20个工作日", interrupting=False, **{"from": "收件时间"})
        + bound("作废", "决定", "48小时", interrupting=True)
        + reminder("催总", tell="deputy_head@application_township")
        + last("作废结束", "视为撤回")
        + flow("总时限", "催总")
        + flow("作废", "作废结束"),
        messages="receipt",
    ),
    # what topics do
    "papers": procedure(
        "papers",
        task("公示准备")
        + work("张贴", "notice.publish")
        + work("告知", "notice.applicant", text="{applicantName}，公示{公示编号}已张贴")
        + task("公示结束")
        + work("撤下", "notice.end")
        + work("出文", "paper.issue", paper="approval", word="救")
        + straight("公示准备", "张贴", "告知", "公示结束", "撤下", "出文"),
    ),
    "eager": procedure(
        "eager",
        task("办结")
        + straight("办结")
        + bound("办结超期", "办结", "3个工作日")
        + reminder("催办结", tell="deputy_head@application_township, deputy_head@application_township")
        + flow("办结超期", "催办结"),
    ),
    "beside": procedure(
        "beside",
        gateway("parallel", "分")
        + gateway("parallel", "合")
        + work("同时对接", "test.shaky")
        + task("同时办")
        + flow("start", "分")
        + flow("分", "同时对接")
        + flow("分", "同时办")
        + flow("同时对接", "合")
        + flow("同时办", "合")
        + chain("合", "end")
        + last(),
    ),
    "outside": procedure(
        "outside",
        task("申请核对")
        + work("省级核对", "province.check")
        + task("看结果")
        + straight("申请核对", "省级核对", "看结果"),
    ),
    # a clock over the whole, that a supplement and an appraisal stop and an approval prolongs
    "pauses": procedure(
        "pauses",
        '<bpmn:subProcess id="办理" name="办理"><bpmn:startEvent id="收到" name="收到"/>'
        + task("甲")
        + task("乙", CLERK)
        + chain("收到", "甲", "乙", "办完")
        + '<bpmn:endEvent id="办完" name="办完"/>'
        + bound("甲超期", "甲", "5个工作日", limit="D01")
        + reminder("催办甲", tell="deputy_head@application_township")
        + flow("甲超期", "催办甲")
        + bound("乙超期", "乙", "5个工作日", limit="D01")
        + reminder("催办乙", tell="deputy_head@application_township")
        + flow("乙超期", "催办乙")
        + "</bpmn:subProcess>"
        + bound("总时限", "办理", "20个工作日", limit="D19", clock="master")
        + reminder("催办全件", tell="deputy_head@application_township")
        + flow("总时限", "催办全件")
        + letter("要求补正", "办理", "more", interrupting=False, sender=CLERK)
        + task("补材料", "applicant@case", clock="pause", pause="补正")
        + bound("没有补", "补材料", "10个工作日", limit="D03", interrupting=True)
        + chain("要求补正", "补材料", "补了")
        + flow("没有补", "补了")
        + '<bpmn:endEvent id="补了" name="补了"/>'
        + letter("要求评议", "办理", "vote", interrupting=False, sender=CLERK)
        + task("评议", CLERK, clock="pause", pause="评议")
        + chain("要求评议", "评议", "评了")
        + '<bpmn:endEvent id="评了" name="评了"/>'
        + letter("要求延长", "办理", "longer", interrupting=False, sender=CLERK)
        + task("批延长", "deputy_head@application_township")
        + work("延长", "clock.extend", limit="D19", to="45个工作日", reason="{意见}")
        + chain("要求延长", "批延长", "延长", "延了")
        + '<bpmn:endEvent id="延了" name="延了"/>'
        + task("归档", CLERK)
        + straight("办理", "归档"),
        messages="more vote longer",
    ),
    # a case that asks another township, and waits for its answer
    "asks": procedure(
        "asks",
        task("登记", form_id="push")
        + work(
            "发函",
            "case.start",
            procedure="answers",
            facts="来函理由=意见, 人数=appliedSize",
            places="application_township=hukou_township",
            file="apply",
        )
        + catch("答复", of("answered"), gives="结论", same="")
        + task("看答复")
        + task("先写", form_id="note")
        + straight("先写", "登记", "发函", "答复", "看答复"),
        messages="answered",
    ),
    "answers": definitions(
        '<bpmn:message id="asked" name="来函"/>'
        '<bpmn:process id="answers" name="协查" isExecutable="true">'
        f'<bpmn:startEvent id="start" name="收到来函">{of("asked")}</bpmn:startEvent>'
        + task("回答", form_id="decision")
        + work("回函", "case.tell", message="answered", to="parent", facts="结论")
        + straight("回答", "回函")
        + "</bpmn:process>"
    ),
    # begun by the clock for each township
    "monthly": definitions(
        '<bpmn:process id="monthly" name="档案审查" isExecutable="true">'
        f'<bpmn:startEvent id="start" name="每月1日">{properties(each="township", place="application_township")}'
        "<bpmn:timerEventDefinition><bpmn:timeCycle>每月1日 08:00</bpmn:timeCycle></bpmn:timerEventDefinition>"
        "</bpmn:startEvent>" + task("审查") + straight("审查") + "</bpmn:process>"
    ),
    "shaky": procedure(
        "shaky",
        task("录入") + work("对接", "test.shaky", stage="对接中") + task("后续") + straight("录入", "对接", "后续"),
    ),
}

PAPERS = {"approval": "救助确认书\n{applicantName}：编号 {paper_number}，请于{today}领取。"}


def files() -> dict[str, bytes]:
    """What is deployed, by path."""
    return {
        **{f"processes/office/{name}.bpmn": body for name, body in DIAGRAMS.items()},
        **{f"forms/definitions/{name}.form": form(name, fields) for name, fields in FORMS.items()},
        **{f"forms/papers/{name}.txt": body.encode() for name, body in PAPERS.items()},
    }


def policy() -> Mapping[str, str]:
    """What the installation reads from its folder, by path."""
    roles = "".join(
        f'[[role]]\nid = "{role}"\nname = "{name}"\ncode = "{role}"\nkinds = {json.dumps(kinds)}\nrows = "{rows}"\n'
        + ("public = true\n" if rows == "own" else "")
        + ("board = true\n" if role in ("county_clerk", "deputy_head") else "")
        + ("assign = true\n" if role == "deputy_head" else "")
        for role, name, kinds, rows in ROLES
    )
    people = "".join(
        f'[[person]]\nid = "{key}"\nname = "{n}"\nposts = ["{post}"]\n' for key, (n, post) in PEOPLE.items()
    )
    return {
        "processes/policy/roles.toml": roles,
        "processes/policy/visibility.toml": SIGHTS,
        "processes/policy/limits.toml": LIMITS,
        "processes/policy/outages.toml": OUTAGES,
        "processes/policy/pauses.toml": PAUSES,
        "processes/policy/ladder.toml": LADDER,
        "processes/places/office.toml": UNITS,
        "processes/places/demo.toml": f'demo_password = "office-2026"\n{people}',
    }


__all__ = ["DIAGRAMS", "FORMS", "PEOPLE", "end", "files", "form", "policy", "procedure", "straight", "task", "work"]
