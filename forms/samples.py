"""Plausible answers for a form: what an example leaves unsaid is filled in, so that it says only what matters."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from forms.model import Component, Form
from forms.submission import fill
from forms.uploads import SIGNATURE_PREFIX, Upload

Options = Mapping[str, Mapping[str, str]]
ID_NUMBER = "11010519491231002X"  # the sample number of GB 11643, nobody's
TEXTS = {
    "cn_id": ID_NUMBER,
    "mobile": "13800000000",
    "phone": "13800000000",
    "bank_account": "6222020000000000000",
    "uscc": "91110000600037341L",
    "month": "2026-01",
}


def entries(
    form: Form, given: Mapping[str, Any], options: Options, today: date
) -> tuple[dict[str, list[str]], dict[str, list[Upload]]]:
    """What a browser would send for `given`: texts and uploads by input name.

    Required fields that `given` doesn't mention get a plausible answer; signatures are drawn, files are small pictures.
    """
    said = {part.key: given[part.key] for part in form.fields.values() if not part.list and part.key in given}
    values = {**_defaults(form, options, today, ""), **said}
    for part in form.fields.values():
        if part.type == "dynamiclist" and values.get(part.key):
            row = _defaults(form, options, today, part.key)
            values[part.key] = [{**row, **each} for each in values[part.key]]
    texts = fill(form, values)
    uploads: dict[str, list[Upload]] = {}
    for name, part in _inputs(form, values):
        wanted = part.required or bool(_value(values, part, name))
        if part.kind == "signature" and wanted:
            texts[name] = [signature(str(_value(values, part, name) or part.label))]
        elif part.type == "filepicker" and isinstance(given_file := _value(values, part, name), Upload):
            uploads[name] = [given_file]
            texts.pop(name, None)
        elif part.type == "filepicker" and wanted:
            uploads[name] = [Upload(f"{part.label}.png", picture(part.label))]
            texts.pop(name, None)
    return texts, uploads


def _inputs(form: Form, values: Mapping[str, Any]) -> list[tuple[str, Component]]:
    found = []
    for part in form.fields.values():
        rows: Sequence[int | None] = range(len(values.get(part.list) or ())) if part.list else (None,)
        found += [(part.input_name(row), part) for row in rows]
    return found


def _value(values: Mapping[str, Any], part: Component, name: str) -> Any:
    if not part.list:
        return values.get(part.key)
    return values[part.list][int(name.split("-")[1])].get(part.key)


def _defaults(form: Form, options: Options, today: date, in_list: str) -> dict[str, Any]:
    """Answers for the required fields of the form, or of one list's rows."""
    answers: dict[str, Any] = {}
    for part in form.fields.values():
        if part.list == in_list and part.required and part.is_input and part.kind != "signature":
            answers[part.key] = part.raw.get("defaultValue") or _answer(part, options, today)
        if part.type == "dynamiclist" and not in_list and int(part.properties.get("minRows", "0")):
            answers[part.key] = [{}]
    return answers


def _answer(part: Component, options: Options, today: date) -> Any:
    choices = list(part.options(options))
    match part.fact_type:
        case "bool":
            return True
        case "number" | "money":
            return str(part.minimum) if part.minimum is not None and not hasattr(part.minimum, "names") else "1"
        case "date":
            return today.isoformat()
        case "time":
            return "09:00"
        case "datetime":
            return f"{today.isoformat()}T09:00"
        case "choice":
            return choices[0] if choices else None
        case "choices":
            return choices[:1]
        case "file" | "files":
            return None
    return TEXTS.get(part.kind, "无" if part.type == "textfield" else "情况属实。")


def signature(seed: str) -> str:
    """A handwritten-looking signature as a data URL; other seeds give other strokes."""
    return SIGNATURE_PREFIX + b64encode(picture(seed, wide=120, high=40)).decode()


def picture(seed: str, *, wide: int = 64, high: int = 48) -> bytes:
    """A small PNG with a line across; other seeds give other pictures."""
    slope = zlib.crc32(seed.encode())
    rows = []
    for y in range(high):
        row = bytearray(b"\xff" * wide)
        for thick in range(3):
            row[(y * (2 + slope % 5) + slope + thick) % wide] = 0x20 + (slope >> 8) % 64
        rows.append(b"\0" + bytes(row))
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, body) for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
