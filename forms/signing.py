"""What a signature on a form stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from forms.model import Form


def digest(form: Form, values: Mapping[str, Any]) -> str:
    """sha256 (hex) over a form's id, version and all its values but the signatures: what a signature stands for."""
    signatures = {path for path, part in form.fields.items() if part.kind == "signature"}
    content = {"form": form.id, "version": form.version, "values": _without(values, signatures)}
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def _without(values: Mapping[str, Any], paths: set[str], prefix: str = "") -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in values.items():
        if prefix + key in paths:
            continue
        is_rows = not prefix and isinstance(value, list) and all(isinstance(row, dict) for row in value)
        kept[key] = [_without(row, paths, f"{key}.") for row in value] if is_rows else value
    return kept
