"""Lays a form out for a page: what every input is called, shows, asks and has wrong; templates only draw it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from forms.errors import ExpressionError, FactMissing
from forms.model import CHOICES, MULTIPLE_CHOICES, Component, Form
from forms.rows import DEFAULT_MOST, find_rows
from webapp.drafts import Kept

ROW_MARK = "__row__"  # stands for the number of a row in the template of a new one
IMAGES = frozenset({"jpg", "png", "heic", "webp"})
WIDE = frozenset({"textarea", "filepicker", "checklist", "text", "table", "dynamiclist", "group"})
FEW = 3  # choices that fit side by side in a quarter
COLUMNS = 16  # of the form designer's grid
DATE_INPUTS = {"date": "date", "time": "time", "datetime": "datetime-local"}
NUMERIC_KINDS = {"mobile": "tel", "phone": "tel", "bank_account": "numeric", "money": "decimal"}
COMPLETIONS = {"mobile": "tel", "phone": "tel"}

TYPES = {
    **{"pdf": "PDF", "csv": "CSV", "xlsx": ".xlsx 表格", "xls": ".xls 表格", "zip": "压缩包", "mp4": "视频"},
    **dict.fromkeys(("doc", "docx"), "Word 文档"),
    **dict.fromkeys(("mp3", "m4a"), "录音"),
}  # the others are pictures
Choices = Mapping[str, Sequence[tuple[str, Sequence[tuple[str, str]]]]]  # key -> groups of (label, [(value, label)])


@dataclass(frozen=True)
class Filling:
    """What goes into a form: texts by input name, faults, kept files, offered choices, facts, files of the case."""

    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Sequence[Kept]] = field(default_factory=dict)
    choices: Choices = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # sha256 of a file of the case -> its name


@dataclass(frozen=True)
class Part:
    """One thing on the page; `draw` names the macro that draws it."""

    draw: str
    name: str
    id: str
    label: str
    component: Component
    error: str = ""
    warning: str = ""
    texts: Sequence[str] = ()
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    kept: Sequence[Kept] = ()
    stored: Sequence[tuple[str, str]] = ()  # (sha256, name)
    children: Sequence[Part] = ()
    rows: Sequence[Row] = ()
    blank: Row | None = None
    width: str = "w16"
    attributes: Mapping[str, str] = field(default_factory=dict)
    types: str = ""  # of files, in words

    @property
    def text(self) -> str:
        """The text of a single input."""
        return self.texts[-1] if self.texts else ""

    @property
    def hint(self) -> str:
        """What helps to fill it in: the description and the hint."""
        return " ".join(filter(None, (self.component.description, self.component.properties.get("hint", ""))))

    @property
    def described_by(self) -> str:
        """The ids of what a screen reader should read with the input."""
        has = (("hint", self.hint), ("warning", self.warning), ("error", self.error))
        return " ".join(f"{self.id}-{what}" for what, text in has if text)

    @property
    def hide(self) -> str:
        """The condition under which it is hidden, for the browser; "" when it is always shown."""
        return as_text(self.component.hide.to_json()) if self.component.hide else ""

    @property
    def compute(self) -> str:
        """The formula of a computed value, for the browser."""
        return as_text(self.component.compute.to_json()) if self.component.compute else ""

    def walk(self) -> Iterator[Part]:
        """This part and all below it, rows included, in the order of the page."""
        yield self
        for child in (*self.children, *(child for row in self.rows for child in row.parts)):
            yield from child.walk()


@dataclass(frozen=True)
class Row:
    """One row of a repeated list; `number` as sent (or the mark), `spare` for the blank one at the end."""

    number: str
    parts: Sequence[Part]
    spare: bool = False


@dataclass(frozen=True)
class Sheet:
    """A whole form laid out."""

    form: Form
    parts: Sequence[Part]
    faults: Sequence[tuple[str, str, str]]  # (id to jump to, label, message), in the order of the page
    facts: str

    @property
    def sections(self) -> Sequence[Part]:
        """The parts that deserve a line in the table of contents."""
        return [part for part in self.parts if part.draw in ("group", "list") and part.label]

    @property
    def has_files(self) -> bool:
        """Whether it must be sent as multipart."""
        return any(part.type == "filepicker" for part in self.form.fields.values())

    @property
    def sealed(self) -> bool:
        """Whether part of it is kept apart from the case: a report, not an application."""
        return any("sealed" in part.properties for part in self.form.fields.values())

    @property
    def has_signature(self) -> bool:
        """Whether the page needs the script to sign with."""
        return any(part.kind == "signature" for part in self.form.fields.values())


def as_text(value: Any) -> str:
    """Compact JSON for an attribute."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def lay_out(form: Form, filling: Filling) -> Sheet:
    """The page of `form` filled in with `filling`."""
    layer = _Layer(form, filling)
    parts = [layer.part(component, None, "") for component in form.components]
    needed = {name: value for name, value in filling.facts.items() if name in form.needs}
    return Sheet(form, parts, layer.faults(parts), as_text(needed))


@dataclass(frozen=True)
class _Layer:
    form: Form
    filling: Filling

    def part(self, component: Component, row: str | None, prefix: str) -> Part:
        name = self.input_name(component, row)
        part = Part(
            draw=drawing(component),
            name=name,
            id=f"f-{name}" if name else f"g-{component.raw.get('id', '')}",
            label=component.label,
            component=component,
            error=self.filling.errors.get(name, "") if name else "",
            warning=self.filling.warnings.get(name, "") if name else "",
            texts=self.filling.texts.get(name, self.default(component)) if name else (),
            width=width(component),
        )
        match part.draw:
            case "list":
                return self.list_part(part)
            case "group":
                return replace(part, children=[self.part(child, row, prefix) for child in component.children])
            case "select" | "radio" | "checklist":
                return replace(part, groups=self.groups(component))
            case "file":
                return self.file_part(part)
            case "readonly" | "computed":
                return replace(part, texts=self.known(component) or part.texts)
        return replace(part, attributes=attributes(component))

    def input_name(self, component: Component, row: str | None) -> str:
        if not component.key:
            return ""
        return f"{component.list}-{row}-{component.key}" if component.list else component.key

    def default(self, component: Component) -> Sequence[str]:
        value = component.raw.get("defaultValue")
        if value in (None, "", False) or component.type == "dynamiclist":
            return ()
        if value is True:
            return ("on",)
        return [str(item) for item in value] if isinstance(value, list) else (str(value),)

    def list_part(self, part: Part) -> Part:
        component = part.component
        names = {*self.filling.texts, *self.filling.kept, *self.filling.errors}
        numbers = find_rows(component.key, names)
        spare = (numbers[-1] + 1) if numbers else 0
        rows = [self.row(component, str(number)) for number in numbers]
        if len(rows) < int(component.properties.get("maxRows", DEFAULT_MOST)):
            rows.append(replace(self.row(component, str(spare)), spare=bool(numbers) or not self.asks_row(component)))
        return replace(part, rows=rows, blank=self.row(component, ROW_MARK))

    def asks_row(self, component: Component) -> bool:
        return int(component.properties.get("minRows", 0)) > 0 or "exactlyOne" in component.properties

    def row(self, component: Component, number: str) -> Row:
        return Row(number, [self.part(child, number, component.key) for child in component.children])

    def known(self, component: Component) -> Sequence[str]:
        """What the case knows for a field that is only read, or what can be computed from that alone."""
        try:
            source = component.compute
            value = source.evaluate(self.filling.facts) if source else self.filling.facts.get(component.key)
        except (FactMissing, ExpressionError):
            return ()
        return show_value(component, value)

    def groups(self, component: Component) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
        if component.options_key:
            return self.filling.choices.get(component.options_key, ())
        return [("", list(component.options().items()))]

    def file_part(self, part: Part) -> Part:
        digests = [text for text in part.texts if re.fullmatch(r"[0-9a-f]{64}", text)]
        return replace(
            part,
            kept=self.filling.kept.get(part.name, ()),
            stored=[(digest, self.filling.files.get(digest, "已上传的文件")) for digest in digests],
            attributes=attributes(part.component),
            types=said_types(part.component),
        )

    def faults(self, parts: Sequence[Part]) -> Sequence[tuple[str, str, str]]:
        places = {part.name: part for top in parts for part in top.walk() if part.name}
        wrong = [(part, self.filling.errors[name]) for name, part in places.items() if name in self.filling.errors]
        found = [(part.id, title(part, message, places), message) for part, message in wrong]
        lost = [("", "", message) for name, message in self.filling.errors.items() if name not in places]
        return found + lost


def title(part: Part, message: str, places: Mapping[str, Part]) -> str:
    """What stands before a fault in the summary: its label unless the message names it, in a list with the row."""
    label = "" if f"“{part.label}”" in message else part.label
    if not part.component.list:
        return label
    owner = places[part.component.list]
    number = part.name.removeprefix(f"{owner.name}-").partition("-")[0]
    position = [row.number for row in owner.rows].index(number) + 1
    return "，".join(filter(None, (f"{row_label(owner.component)} {position}", label)))


def show_value(component: Component, value: Any) -> Sequence[str]:
    """A fact of the case in words: labels for codes, 是 and 否, amounts with their unit."""
    if value in (None, "", []):
        return ()
    if isinstance(value, bool):
        return ("是" if value else "否",)
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in show_value(component, item)]
    unit = component.properties.get("unit", "元" if component.kind == "money" else "")
    return (" ".join(filter(None, (component.options().get(str(value), str(value)), unit))),)


def row_label(component: Component) -> str:
    """What one row of a list is called: 成员."""
    return component.properties.get("rowLabel") or component.label


def drawing(component: Component) -> str:
    """The macro for a component."""
    if component.kind == "signature":
        return "signature"
    if component.type == "expression":
        return "computed"
    if component.readonly:
        return "readonly"
    if component.type in MULTIPLE_CHOICES:
        return "checklist"
    if component.type in CHOICES:
        return component.type
    names = {"dynamiclist": "list", "filepicker": "file", "text": "note", "checkbox": "checkbox",
             "textarea": "textarea", "group": "group"}  # fmt: skip
    if component.type in ("separator", "spacer", "table", "image"):
        return "separator"
    return names.get(component.type, "input")


def width(component: Component) -> str:
    """The class that gives it its share of 16 columns: as drawn, else a half, or a quarter where there is much room."""
    drawn = (component.raw.get("layout") or {}).get("columns")
    if isinstance(drawn, int) and 1 <= drawn <= COLUMNS:
        return f"w{drawn}"
    if component.type in WIDE or component.kind == "signature":
        return f"w{COLUMNS}"
    return "w8" if component.type == "radio" and len(component.options()) > FEW else "wide-auto"


def attributes(component: Component) -> Mapping[str, str]:
    """The attributes of an input beyond its name."""
    found: dict[str, str] = {}
    if component.type == "datetime":
        return {"type": DATE_INPUTS[component.subtype]}
    if component.type == "filepicker":
        found["accept"] = accepted(component)
        if component.multiple:
            found["multiple"] = "multiple"
        return found
    if component.type == "textfield":
        found = {"type": "text", "maxlength": str(component.max_length or 200)}
    if component.type == "number":
        found = {"type": "text", "inputmode": "numeric" if component.decimal_digits == 0 else "decimal"}
    if mode := NUMERIC_KINDS.get(component.kind):
        found["inputmode"] = mode
    if completion := COMPLETIONS.get(component.kind):
        found["autocomplete"] = completion
    if component.kind == "cn_id":
        found |= {"autocapitalize": "characters", "maxlength": "24", "spellcheck": "false"}
    return found


def said_types(component: Component) -> str:
    """What may be uploaded, in words: `PDF 或照片`."""
    kinds = ["jpg"] if component.kind == "photo" else _drawn(component) or ["pdf", "jpg"]
    words = list(dict.fromkeys(TYPES.get(kind, "照片") for kind in kinds))
    return " 或".join(filter(None, ("、".join(words[:-1]), words[-1])))


def _drawn(component: Component) -> list[str]:
    return [kind.strip() for kind in component.properties.get("accept", "").split(",") if kind.strip()]


def accepted(component: Component) -> str:
    """The `accept` of a file input; a phone offers its camera when only pictures are asked for."""
    drawn = _drawn(component)
    if component.kind == "photo" or (drawn and set(drawn) <= IMAGES):
        return "image/*"
    kinds = drawn or ["pdf", "jpg", "png"]
    return ",".join(f".{kind}" for kind in (*kinds, "jpeg") if kind != "jpeg" or "jpg" in kinds)
