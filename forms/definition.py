"""Reads a form-js definition into components and refuses what could not work, naming the component and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from forms.errors import ExpressionError, FormDefinitionError
from forms.expression import Expression, parse
from forms.model import CHOICES, CONTAINERS, INPUTS, KEYED, MULTIPLE_CHOICES, TYPES, Check, Component
from forms.properties import CHECK_NAMES, find_fault, split
from forms.tokens import GLUED, WORDS

KEY = re.compile(r"[^\W\d_]\w*")
MAX_DEPTH = 8
MAX_COMPONENTS = 600
DATE_SUBTYPES = ("date", "time", "datetime")
REFUSED = {
    "html": "请改用文本（Text view）",
    "iframe": "请改用文本（Text view）并写明网址",
    "button": "提交按钮由系统提供，请删去",
    "documentPreview": "请改用上传（File picker），系统会显示已上传的文件",
}


def read_root(form_id: str, content: Mapping[str, Any]) -> tuple[str, Component]:
    """Title and tree of a whole form; raises FormDefinitionError."""
    return Definition(form_id).read(content)


class Definition:
    """Reads one form; remembers its id and the keys already taken."""

    def __init__(self, form_id: str) -> None:
        self.form_id = form_id
        self.taken: set[str] = set()
        self.count = 0

    def fail(self, key: str, problem: str, remedy: str) -> FormDefinitionError:
        return FormDefinitionError(self.form_id, key, problem, remedy)

    def read(self, content: Mapping[str, Any]) -> tuple[str, Component]:
        if content.get("type") != "default" or not isinstance(content.get("schemaVersion"), int):
            raise self.fail("", "不是表单设计器导出的文件（缺 type 或 schemaVersion）", "请用表单设计器重新导出")
        children = self.read_children(content, "", 1)
        title, children = take_title(children)
        if not any(part.key for child in children for part in child.walk()):
            raise self.fail("", "表单里没有可填写的字段", "请至少添加一个字段")
        root = Component("default", children=children, raw=content)
        for part in root.walk():
            self.check_references(part, root)
        return title or self.form_id, root

    def read_children(self, raw: Mapping[str, Any], list_key: str, depth: int) -> tuple[Component, ...]:
        components = raw.get("components", [])
        if not isinstance(components, list) or not all(isinstance(item, dict) for item in components):
            raise self.fail("", "components 不是组件的列表", "请用表单设计器重新导出")
        self.count += len(components)
        if depth > MAX_DEPTH or self.count > MAX_COMPONENTS:
            raise self.fail("", f"分组超过 {MAX_DEPTH} 层或组件超过 {MAX_COMPONENTS} 个", "请拆成几个表单")
        return tuple(self.read_component(item, list_key, depth) for item in components)

    def read_component(self, raw: Mapping[str, Any], list_key: str, depth: int) -> Component:
        kind = str(raw.get("type"))
        if kind in REFUSED or kind not in TYPES or kind == "default":
            name = str(raw.get("key") or raw.get("id") or kind)
            raise self.fail(name, f"不能使用“{kind}”组件", REFUSED.get(kind, "请改用设计器左侧的其他组件"))
        key = self.read_key(raw, kind, list_key)
        name = key or str(raw.get("id") or kind)
        properties = self.read_properties(raw, name, kind)
        validate = raw.get("validate") or {}
        inner_list = key if kind == "dynamiclist" else list_key
        component = Component(
            type=kind,
            key=key,
            label=str(raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel") or raw.get("text") or ""),
            description=str(raw.get("description") or ""),
            list=list_key,
            properties=properties,
            children=self.read_children(raw, inner_list, depth + 1) if kind in CONTAINERS else (),
            hide=self.read_expression(name, (raw.get("conditional") or {}).get("hide"), "隐藏条件"),
            compute=self.read_compute(raw, name, kind),
            checks=self.read_checks(name, properties),
            required=validate.get("required") is True,
            readonly=any(raw.get(flag) is True for flag in ("readonly", "disabled"))
            or properties.get("readonly") == "true",
            multiple=raw.get("multiple") is True,
            subtype=self.read_subtype(raw, name, kind),
            min_length=self.read_length(validate, name, "minLength"),
            max_length=self.read_length(validate, name, "maxLength"),
            minimum=self.read_bound(validate, name, "min"),
            maximum=self.read_bound(validate, name, "max"),
            pattern=self.read_pattern(validate, name),
            pattern_message=str(validate.get("patternErrorMessage") or ""),
            decimal_digits=self.read_length(raw, name, "decimalDigits"),
            not_past=raw.get("disallowPassedDates") is True,
            static_options=self.read_options(raw, name, kind, properties),
            options_key=str(raw.get("valuesKey") or ""),
            raw=raw,
        )
        self.check_label(component, name)
        return component

    def read_key(self, raw: Mapping[str, Any], kind: str, list_key: str) -> str:
        key = raw.get("path" if kind == "dynamiclist" else "key") or ""
        if kind == "group" and raw.get("path"):
            raise self.fail(str(raw["path"]), "分组填写了 Path", "请清空分组的 Path，字段的名称在整张表里各不相同即可")
        if kind not in KEYED and kind != "dynamiclist":
            return ""
        name = str(key or raw.get("label") or raw.get("id") or kind)
        if not isinstance(key, str) or not KEY.fullmatch(key) or "__" in key:
            raise self.fail(name, "名称（Key）为空，或含有字母、汉字、数字、下划线以外的符号", "请填写一个简短的名称")
        if key.lower() in WORDS or GLUED.search(key):
            raise self.fail(name, "名称（Key）含有条件里的连接词（且、或、是、空……）", "请换一个名称")
        path = f"{list_key}.{key}" if list_key else key
        if path in self.taken:
            raise self.fail(key, "这个名称（Key）用了两次", "请给其中一个字段改名")
        if kind == "dynamiclist" and list_key:
            raise self.fail(key, "列表里面又放了列表", "请把里面的列表移到外面")
        self.taken.add(path)
        return key

    def read_properties(self, raw: Mapping[str, Any], name: str, kind: str) -> Mapping[str, str]:
        properties = raw.get("properties") or {}
        if not isinstance(properties, dict):
            raise self.fail(name, "自定义属性（properties）格式不对", "请在设计器的 Custom properties 中重新填写")
        if fault := find_fault(kind, properties):
            raise self.fail(name, *fault)
        return properties

    def read_expression(self, name: str, text: object, what: str) -> Expression | None:
        if text is None or text == "":
            return None
        try:
            return parse(str(text))
        except ExpressionError as error:
            raise self.fail(name, f"{what}看不懂：{error.message}", "请改写条件") from None

    def read_compute(self, raw: Mapping[str, Any], name: str, kind: str) -> Expression | None:
        if kind != "expression":
            return None
        found = self.read_expression(name, raw.get("expression"), "计算公式")
        if found is None:
            raise self.fail(name, "没有填写计算公式", "请填写 Expression")
        return found

    def read_checks(self, name: str, properties: Mapping[str, str]) -> tuple[Check, ...]:
        checks = []
        for kind in CHECK_NAMES:
            condition = self.read_expression(name, properties.get(kind), f"“{kind}”的条件")
            message = properties.get(f"{kind}Message", "")
            if (condition is None) != (not message):
                raise self.fail(name, f"“{kind}”与“{kind}Message”要成对填写", "请补上条件或提示语")
            if condition is not None:
                checks.append(Check(condition, message, blocking=kind != "warn"))
        return tuple(checks)

    def read_subtype(self, raw: Mapping[str, Any], name: str, kind: str) -> str:
        if kind != "datetime":
            return ""
        subtype = str(raw.get("subtype") or "date")
        if subtype not in DATE_SUBTYPES:
            raise self.fail(name, f"日期组件没有“{subtype}”这种类型", "请选择 Date、Time 或 Date & Time")
        return subtype

    def read_length(self, raw: Mapping[str, Any], name: str, what: str) -> int | None:
        value = raw.get(what)
        if value is None or value == "":
            return None
        if not str(value).isdecimal():
            raise self.fail(name, f"{what} 应为不小于 0 的整数", "请改成数字")
        return int(value)

    def read_bound(self, raw: Mapping[str, Any], name: str, what: str) -> Decimal | Expression | None:
        value = raw.get(what)
        if value is None or value == "":
            return None
        if str(value).lstrip().startswith("="):
            return self.read_expression(name, value, f"{what} 的条件")
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,10})?", str(value)):
            raise self.fail(name, f"{what} 不是数字", "请改成数字，或以 = 开头的公式")
        return Decimal(str(value))

    def read_pattern(self, validate: Mapping[str, Any], name: str) -> str:
        pattern = str(validate.get("pattern") or "")
        try:
            re.compile(pattern)
        except re.error:
            raise self.fail(name, f"正则表达式“{pattern}”写错了", "请改正，或删去 Pattern") from None
        return pattern

    def read_options(
        self, raw: Mapping[str, Any], name: str, kind: str, properties: Mapping[str, str]
    ) -> Mapping[str, str]:
        if kind not in CHOICES | MULTIPLE_CHOICES:
            return {}
        if raw.get("valuesExpression"):
            raise self.fail(name, "选项用了公式（valuesExpression）", "请改用 codes 属性、固定选项或 Input data")
        options = raw.get("values") or []
        if not isinstance(options, list) or not all(isinstance(item, dict) and item.get("value") for item in options):
            raise self.fail(name, "选项不完整", "每个选项都要有 Label 和 Value")
        found = {str(item["value"]): str(item.get("label") or item["value"]) for item in options}
        if len(found) != len(options):
            raise self.fail(name, "有两个选项的 Value 相同", "请改成不同的值")
        if properties.get("kind") and not raw.get("valuesKey"):
            raise self.fail(name, "单位、人员的选项要由系统提供", "请把 Options source 选为 Input data 并填写名称")
        if not found and "codes" not in properties and not raw.get("valuesKey"):
            raise self.fail(name, "没有选项", "请填写选项，或在自定义属性里写 codes")
        return found

    def check_label(self, component: Component, name: str) -> None:
        if component.type in INPUTS | {"dynamiclist", "group"} and not component.label.strip():
            raise self.fail(name, "没有标题（Label）", "请填写标题，出错时要靠它指明是哪一项")

    # -- references between fields

    def check_references(self, part: Component, root: Component) -> None:
        near = {other.key: other for other in root.walk() if other.key and other.list == part.list}
        for name, types in (("birthOf", ("datetime",)), ("sexOf", ("select", "radio"))):
            self.check_reference(part, name, near, types)
        if part.properties.get("signer", "account") != "account":
            self.check_reference(part, "signer", near, ("textfield", "select"))
        columns = (
            {child.key for child in part.walk() if child.list == part.key} if part.type == "dynamiclist" else set()
        )
        wanted: Sequence[str] = [
            *split(part.properties.get("exactlyOne", "="), "=")[:1],
            *split(part.properties.get("unique", "")),
        ]
        for column in filter(None, wanted):
            if column not in columns:
                raise self.fail(part.key, f"exactlyOne 或 unique 写的“{column}”不是这个列表里的字段", "请核对名称")

    def check_reference(
        self, part: Component, name: str, near: Mapping[str, Component], types: tuple[str, ...]
    ) -> None:
        other = part.properties.get(name)
        if other is None:
            return
        if other not in near or near[other].type not in types:
            raise self.fail(part.key, f"{name} 写的“{other}”不存在，或不是 {'、'.join(types)}", "请核对名称")


def take_title(children: tuple[Component, ...]) -> tuple[str, tuple[Component, ...]]:
    """The title is the first text when it is one line that starts with `# `; it is taken off the page."""
    if children and children[0].type == "text":
        text = children[0].label.strip()
        if text.startswith("# ") and "\n" not in text:
            return text[2:].strip(), children[1:]
    return "", children
