"""The custom properties an analyst may give a component: which there are, where they fit, and what they may say."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping

from forms import codes
from forms.errors import CodeListUnknown
from forms.kinds import CLEANERS
from forms.mask import MASKS
from forms.model import CHOICES, INPUTS, KEYED, MULTIPLE_CHOICES
from forms.uploads import KNOWN_TYPES

TEXTS = frozenset({"textfield"})
DATES = frozenset({"datetime"})
FILES = frozenset({"filepicker"})
LISTS = frozenset({"dynamiclist"})
ANYWHERE = KEYED | LISTS | {"group", "text", "separator", "spacer", "table", "image"}
KINDS: dict[str, frozenset[str]] = {
    "textfield": frozenset(CLEANERS) | {"signature"},
    "number": frozenset({"money"}),
    "filepicker": frozenset({"photo"}),
    "select": frozenset({"unit", "account"}),
    "checklist": frozenset({"accounts"}),
    "taglist": frozenset({"accounts"}),
}
SEALED = ("name", "phone", "address")
CHECK_NAMES = ("check", "check2", "check3", "warn")


def _any_text(value: str) -> str:
    return "" if value.strip() else "没有填写内容"


def _truth(value: str) -> str:
    return "" if value in ("true", "false") else "只能填 true 或 false"


def _count(value: str) -> str:
    return "" if value.isdecimal() and 0 < int(value) <= 500 else "应为 1 到 500 的整数"


def _mask(value: str) -> str:
    return "" if value in MASKS else f"只能填 {'、'.join(MASKS)}"


def _sealed(value: str) -> str:
    return "" if value in SEALED else f"只能填 {'、'.join(SEALED)}"


def _codes(value: str) -> str:
    try:
        codes.find(value)
    except CodeListUnknown as unknown:
        return unknown.message.rstrip("。")
    return ""


def _accept(value: str) -> str:
    unknown = [part for part in split(value) if part not in KNOWN_TYPES]
    return f"不认识文件类型 {'、'.join(unknown)}，可以用 {'、'.join(sorted(KNOWN_TYPES))}" if unknown else ""


def _exactly_one(value: str) -> str:
    return "" if value.count("=") == 1 and all(split(value, "=")) else "应写成“字段=值”，例如 relation=01"


def split(value: str, separator: str = ",") -> list[str]:
    """The parts of a property that lists several, spaces dropped."""
    return [part.strip() for part in value.split(separator)]


RULES: Mapping[str, tuple[frozenset[str], Callable[[str], str]]] = {
    "kind": (frozenset(KINDS), _any_text),
    "codes": (CHOICES | MULTIPLE_CHOICES, _codes),
    "place": (CHOICES | MULTIPLE_CHOICES, _any_text),
    "role": (CHOICES | MULTIPLE_CHOICES, _any_text),
    "below": (CHOICES | MULTIPLE_CHOICES, _truth),
    "unitKind": (CHOICES, _any_text),
    "within": (CHOICES, _any_text),
    "clause": (ANYWHERE, _any_text),
    "hint": (INPUTS, _any_text),
    "unit": (INPUTS, _any_text),
    "readonly": (INPUTS, _truth),
    "private": (ANYWHERE, _truth),
    "sealed": (frozenset({"textfield", "textarea"}), _sealed),
    "mask": (frozenset({"textfield", "textarea"}), _mask),
    "noNumbers": (frozenset({"textfield", "textarea"}), _truth),
    "withoutName": (frozenset({"textfield", "textarea"}), _any_text),
    "archive": (FILES | TEXTS, _any_text),
    "birthOf": (TEXTS, _any_text),
    "sexOf": (TEXTS, _any_text),
    "signer": (TEXTS, _any_text),
    "notFuture": (DATES, _truth),
    "notBefore": (DATES, _any_text),
    "notAfter": (DATES, _any_text),
    "accept": (FILES, _accept),
    "maxMB": (FILES, _count),
    "maxFiles": (FILES, _count),
    "earlier": (FILES, _truth),
    "exactlyOne": (LISTS, _exactly_one),
    "unique": (LISTS, _any_text),
    "minRows": (LISTS, _count),
    "maxRows": (LISTS, _count),
    "show": (frozenset({"expression"}), _truth),
    "addLabel": (LISTS, _any_text),
    "rowLabel": (LISTS, _any_text),
    **dict.fromkeys(CHECK_NAMES, (KEYED | LISTS, _any_text)),
    **{f"{name}Message": (KEYED | LISTS, _any_text) for name in CHECK_NAMES},
}


def find_fault(component_type: str, properties: Mapping[str, object]) -> tuple[str, str] | None:
    """The first fault in a component's properties as (problem, remedy), or None."""
    for name, value in properties.items():
        if name not in RULES:
            near = difflib.get_close_matches(name, RULES, 1)
            return f"不认识自定义属性“{name}”", f"是不是“{near[0]}”？" if near else "请对照 forms/README.md 改正或删去"
        if not isinstance(value, str):
            return f"自定义属性“{name}”的值不是文字", "请在表单设计器的 Custom properties 中重新填写"
        types, rule = RULES[name]
        if component_type not in types:
            return f"自定义属性“{name}”不能用在 {component_type} 上", f"它只用于 {'、'.join(sorted(types))}"
        if problem := rule(value):
            return f"自定义属性“{name}”的值“{value}”有误：{problem}", "请改正"
    return _find_kind_fault(component_type, properties)


def _find_role_fault(kind: object, properties: Mapping[str, object]) -> tuple[str, str] | None:
    if kind in ("account", "accounts") and not ("role" in properties and "place" in properties):
        return f"“{kind}”没有写明选哪个岗位的人", "请补上自定义属性 role（岗位）和 place（地点）"
    return None


def _find_kind_fault(component_type: str, properties: Mapping[str, object]) -> tuple[str, str] | None:
    kind = properties.get("kind")
    if kind is not None and kind not in KINDS[component_type]:
        known = "、".join(sorted(KINDS[component_type]))
        return f"{component_type} 没有“{kind}”这种 kind", f"可以用 {known}"
    return _find_role_fault(kind, properties)
