"""Loads forms: from a form-js file or text to a checked Form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forms.definition import read_root
from forms.errors import FormDefinitionError
from forms.model import TODAY, Check, Component, Form

__all__ = ["Check", "Component", "Form", "catalogue", "load"]

SIZE_LIMIT = 1_000_000


def load(source: Path | str, form_id: str = "") -> Form:
    """Read and check a form from a file, or from the text of one with its id; raises FormDefinitionError."""
    if isinstance(source, Path):
        form_id = form_id or source.stem
        source = source.read_text(encoding="utf-8")
    content = _read_json(source, form_id)
    title, root = read_root(form_id, content)
    fields = {part.path: part for part in root.walk() if part.key}
    return Form(
        id=form_id,
        title=title,
        version=hashlib.sha256(_canonical(content)).hexdigest()[:12],
        root=root,
        fields=MappingProxyType(fields),
        facts=MappingProxyType({path: part.fact_type for path, part in fields.items()}),
        needs=frozenset(name for part in root.walk() for name in _needs(part, fields)),
    )


def catalogue(folder: Path) -> dict[str, Form]:
    """All forms of a folder (`*.form`) by id, the file's name without its ending; raises FormDefinitionError."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.form"))}


def _read_json(text: str, form_id: str) -> dict[str, Any]:
    if len(text) > SIZE_LIMIT:
        raise FormDefinitionError(form_id, "", "文件超过 1 MB", "请删去用不到的内容，或拆成两个表单")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise FormDefinitionError(form_id, "", "不是有效的 JSON", "请用表单设计器重新导出") from None
    if not isinstance(content, dict):
        raise FormDefinitionError(form_id, "", "不是表单设计器导出的文件", "请用表单设计器重新导出")
    return content


def _canonical(content: Mapping[str, Any]) -> bytes:
    """The content without who wrote it, in one spelling: the same form has the same version wherever it was saved."""
    kept = {name: value for name, value in content.items() if name not in ("exporter", "schemaVersion")}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _needs(part: Component, fields: Mapping[str, Component]) -> Iterator[str]:
    """Facts of the case that a component reads: names of its expressions that are no fields here, and what it shows."""
    own = {TODAY, *(path for path in fields if "." not in path and not fields[path].readonly)}
    columns = {field.key for field in fields.values() if part.list and field.list == part.list}
    for expression in part.expressions():
        yield from expression.names - own - columns
    for name in ("notBefore", "notAfter", "withoutName"):
        if (other := part.properties.get(name)) and other not in own | columns:
            yield other
    if part.readonly and part.key:
        yield part.key
    if part.type == "table" and (source := str(part.raw.get("dataSource") or "").lstrip("= ")) and source not in own:
        yield source
