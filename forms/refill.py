"""Shows a form again with the values it was given: the inverse of reading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.answers import is_blank
from forms.model import Component, Form


def fill(form: Form, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """The inverse of read: input name -> texts, for showing a form again; a key not in `values` gets its default.

    Files come as their sha256 (send them back to keep them); signatures don't come: what has changed is signed anew.
    """
    filled: dict[str, list[str]] = {}
    for part in form.fields.values():
        rows = values.get(part.list) or [] if part.list else [values]
        for number, row in enumerate(rows):
            if part.type in ("dynamiclist", "expression") or part.kind == "signature":
                continue
            value = row.get(part.key, part.raw.get("defaultValue"))
            if texts := _to_texts(part, value):
                filled[part.input_name(number)] = texts
    return filled


def _to_texts(part: Component, value: Any) -> list[str]:
    if is_blank(value):
        return []
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _to_texts(part, item)]
    if isinstance(value, Mapping):
        return [str(value["sha256"])]
    if value is True:
        return ["on"]
    return [str(value)[:16]] if part.subtype == "datetime" else [str(value)]
