"""A form as the rest of the program sees it; hides the form-js file it was drawn in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from forms import codes
from forms.expression import Expression

# A fact every condition in a form may read: the day it is filled, in Shanghai.
TODAY = "今日"
CHOICES = frozenset({"select", "radio"})
MULTIPLE_CHOICES = frozenset({"checklist", "taglist"})
INPUTS = (
    frozenset({"textfield", "textarea", "number", "datetime", "checkbox", "filepicker"}) | CHOICES | MULTIPLE_CHOICES
)
KEYED = INPUTS | {"expression"}
CONTAINERS = frozenset({"default", "group", "dynamiclist"})
DISPLAYS = frozenset({"text", "separator", "spacer", "table", "image"})
TYPES = KEYED | CONTAINERS | DISPLAYS


@dataclass(frozen=True, slots=True)
class Check:
    """A rule across fields: when `condition` doesn't hold, `message` stands at the field (or is only a warning)."""

    condition: Expression
    message: str
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a form: a field, a container of others, or something to read.

    `list` is the key of the repeated list it stands in ("" outside). `hide`, `compute` are expressions over the form's
    own values (inside a list: of the row first) and the facts of the case. `raw` is the component as drawn.
    """

    type: str
    key: str = ""
    label: str = ""
    description: str = ""
    list: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Component, ...] = ()
    hide: Expression | None = None
    compute: Expression | None = None
    checks: tuple[Check, ...] = ()
    required: bool = False
    readonly: bool = False
    multiple: bool = False
    subtype: str = ""
    min_length: int | None = None
    max_length: int | None = None
    minimum: Decimal | Expression | None = None
    maximum: Decimal | Expression | None = None
    pattern: str = ""
    pattern_message: str = ""
    decimal_digits: int | None = None
    not_past: bool = False
    static_options: Mapping[str, str] = field(default_factory=dict)
    options_key: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """`idNo`, or `members.idNo` for a column of a list."""
        return f"{self.list}.{self.key}" if self.list else self.key

    @property
    def kind(self) -> str:
        """The property `kind`: cn_id, mobile, money, signature…, or ""."""
        return self.properties.get("kind", "")

    @property
    def is_input(self) -> bool:
        """Whether the browser sends something for it."""
        return self.type in INPUTS and not self.readonly

    @property
    def is_multiple(self) -> bool:
        """Whether its value is a list."""
        return self.type in MULTIPLE_CHOICES or (self.type == "filepicker" and self.multiple)

    @property
    def fact_type(self) -> str:
        """text, number, money, date, time, datetime, bool, choice, choices, file, files, signature, rows, computed."""
        if self.kind in ("money", "signature"):
            return self.kind
        if self.type == "filepicker":
            return "files" if self.multiple else "file"
        if self.type == "datetime":
            return self.subtype
        if self.type in CHOICES:
            return "choice"
        if self.type in MULTIPLE_CHOICES:
            return "choices"
        names = {"checkbox": "bool", "number": "number", "expression": "computed", "dynamiclist": "rows"}
        return names.get(self.type, "text")

    def input_name(self, row: int | None = None) -> str:
        """The name of its HTML input: `idNo`, in a list `members-0-idNo`."""
        return f"{self.list}-{row}-{self.key}" if self.list else self.key

    def options(self, offered: Mapping[str, Mapping[str, str]] | None = None) -> Mapping[str, str]:
        """What may be chosen (value -> label): a code list, the drawn values, or what the caller has `offered`."""
        if name := self.properties.get("codes"):
            return codes.find(name).values
        if self.options_key:
            return (offered or {}).get(self.options_key, {})
        return self.static_options

    def expressions(self) -> Iterator[Expression]:
        """Every expression drawn on it."""
        drawn = (self.hide, self.compute, self.minimum, self.maximum, *(check.condition for check in self.checks))
        return (item for item in drawn if isinstance(item, Expression))

    def walk(self) -> Iterator[Component]:
        """This component and all below it, in the order of the page."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Form:
    """A checked form: `id`, `title`, the tree under `root`, and `version` (12 hex digits of its content).

    `fields` maps paths (`idNo`, `members`, `members.idNo`) to components; `facts` maps the same paths to fact types:
    what an expression may read once the form is filled; `needs` are the facts it expects of the case beforehand.
    """

    id: str
    title: str
    version: str
    root: Component
    fields: Mapping[str, Component]
    facts: Mapping[str, str]
    needs: frozenset[str]

    @property
    def components(self) -> tuple[Component, ...]:
        """The top level of the page."""
        return self.root.children
