"""Reads what the browser sent for one field into a value fit for JSON, or says what is wrong with it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from forms.errors import BadValue
from forms.kinds import CLEANERS, read_number
from forms.model import CHOICES, MULTIPLE_CHOICES, Component
from forms.properties import split
from forms.uploads import DEFAULT_ACCEPT, DEFAULT_MEGABYTES, PHOTO_ACCEPT, Upload, check_file, read_signature
from forms.values import SHANGHAI

TICKED = frozenset({"on", "true", "1", "是"})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
LENGTHS = {"textfield": 200, "textarea": 5000}
YEARS = range(1850, 2201)


@dataclass(frozen=True)
class Context:
    """Who fills a form, when (`now`, aware), and what the case offers.

    `facts` of the case so far; `stored` the references of files already kept (sha256 -> {name, sha256, size, mime});
    `options` the choices for fields with a `valuesKey` (key -> value -> label).
    """

    account_id: str
    name: str
    now: dt.datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(SHANGHAI).date()


@dataclass
class Answer:
    """One field as read: `value` (None when blank or faulty), `fault`, `warning`, and the bytes of new files."""

    value: Any = None
    fault: str = ""
    warning: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def read_answer(part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context) -> Answer:
    """Read one field; texts and uploads are all that came under its input name. Never raises."""
    answer = Answer()
    try:
        _reader(part)(part, texts, uploads, context, answer)
    except BadValue as bad:
        answer.value, answer.fault, answer.files = None, bad.message, {}
    return answer


def blank(part: Component) -> Any:
    """The value of a field without an answer: [] for many, False for a checkbox, else None."""
    return [] if part.is_multiple else False if part.type == "checkbox" else None


def is_blank(value: Any) -> bool:
    """Whether a value is no answer."""
    return value is None or value is False or value in ("", [])


Reader = Callable[[Component, Sequence[str], Sequence[Upload], Context, Answer], None]


def _reader(part: Component) -> Reader:
    if part.kind == "signature":
        return _read_signature
    if part.type in CHOICES | MULTIPLE_CHOICES:
        return _read_choice
    readers: dict[str, Reader] = {
        "checkbox": _read_tick,
        "number": _read_number,
        "datetime": _read_moment,
        "filepicker": _read_files,
    }
    return readers.get(part.type, _read_text)


def _only(texts: Sequence[str]) -> str:
    """The text of a single field, without control signs and outer spaces."""
    text = texts[-1] if texts else ""
    return CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def _read_text(
    part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context, answer: Answer
) -> None:
    text = _only(texts)
    if part.type == "textfield":
        text = " ".join(text.split())
    if not text:
        return
    if part.kind in CLEANERS:
        text, answer.warning = CLEANERS[part.kind](text, context.today)
    _check_length(part, text)
    if part.pattern and not re.search(part.pattern, text):
        raise BadValue(part.pattern_message or "填写的格式不对，请按说明修改")
    answer.value = text


def _check_length(part: Component, text: str) -> None:
    longest = min(part.max_length or 10**6, LENGTHS.get(part.type, 200) if part.max_length is None else 20_000)
    if len(text) > longest:
        raise BadValue(f"最多 {longest} 个字，现在有 {len(text)} 个字，请删减")
    if part.min_length and len(text) < part.min_length:
        raise BadValue(f"至少 {part.min_length} 个字，请补充")


def _read_number(
    part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context, answer: Answer
) -> None:
    text = _only(texts)
    if not text:
        return
    if part.kind == "money":
        answer.value = CLEANERS["money"](text, context.today).text
        return
    number = read_number(text)
    if part.decimal_digits is not None and number != round(number, part.decimal_digits):
        wanted = "整数" if part.decimal_digits == 0 else f"最多 {part.decimal_digits} 位小数"
        raise BadValue(f"请填写{wanted}")
    whole = part.decimal_digits == 0 or number == number.to_integral_value()
    answer.value = int(number) if whole else f"{number.normalize():f}"


def _read_tick(
    part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context, answer: Answer
) -> None:
    answer.value = any(text in TICKED for text in texts)


def _read_choice(
    part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context, answer: Answer
) -> None:
    options = part.options(context.options)
    chosen = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    for value in chosen:
        if value not in options:
            raise BadValue(f"选项“{value[:30]}”不在可选范围内，请重新选择")
    if part.is_multiple:
        answer.value = chosen
    elif len(chosen) > 1:
        raise BadValue("只能选择一项")
    else:
        answer.value = chosen[0] if chosen else None


def _read_moment(
    part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context, answer: Answer
) -> None:
    text = _only(texts)
    if not text:
        return
    try:
        answer.value = _normalise_moment(part.subtype, text)
    except ValueError:
        shape = {"date": "2026-01-31", "time": "09:30"}.get(part.subtype, "2026-01-31T09:30")
        raise BadValue(f"请写成 {shape} 的样子，并核对是否存在这一天") from None
    _check_moment(part, answer.value, context)


def _normalise_moment(subtype: str, text: str) -> str:
    if subtype == "time":
        return dt.time.fromisoformat(text).strftime("%H:%M")
    if subtype == "date":
        day = dt.date.fromisoformat(re.sub(r"[/.年月]", "-", text).rstrip("日"))
        if day.year not in YEARS:
            raise ValueError("year")
        return day.isoformat()
    moment = dt.datetime.fromisoformat(text)
    if moment.year not in YEARS:
        raise ValueError("year")
    local = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    return local.isoformat(timespec="seconds")


def _check_moment(part: Component, value: str, context: Context) -> None:
    if part.subtype == "time":
        return
    day = dt.date.fromisoformat(value[:10])
    if part.properties.get("notFuture") == "true" and (
        day > context.today or (part.subtype == "datetime" and dt.datetime.fromisoformat(value) > context.now)
    ):
        raise BadValue("不能晚于现在，请核对")
    if part.not_past and day < context.today:
        raise BadValue("不能早于今天，请核对")


def _read_files(
    part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context, answer: Answer
) -> None:
    default = PHOTO_ACCEPT if part.kind == "photo" else DEFAULT_ACCEPT
    accept = tuple(split(part.properties["accept"])) if "accept" in part.properties else default
    megabytes = int(part.properties.get("maxMB", DEFAULT_MEGABYTES))
    references: dict[str, dict[str, Any]] = {}
    for digest in filter(None, texts):
        if digest not in context.stored:
            raise BadValue("先前上传的文件找不到了，请重新上传")
        references[digest] = dict(context.stored[digest])
    for upload in uploads:
        if upload.filename or upload.content:
            reference = check_file(upload, accept, megabytes)
            references[reference["sha256"]] = reference
            answer.files[reference["sha256"]] = upload.content
    _finish_files(part, list(references.values()), answer)


def _finish_files(part: Component, references: list[dict[str, Any]], answer: Answer) -> None:
    if not part.multiple:
        # A new file takes the place of the one kept before.
        answer.value = references[-1] if references else None
        answer.files = {name: body for name, body in answer.files.items() if name == (answer.value or {}).get("sha256")}
        return
    most = int(part.properties.get("maxFiles", 20))
    if len(references) > most:
        raise BadValue(f"最多上传 {most} 个文件，现在有 {len(references)} 个，请删减")
    answer.value = references


def _read_signature(
    part: Component, texts: Sequence[str], uploads: Sequence[Upload], context: Context, answer: Answer
) -> None:
    text = texts[-1].strip() if texts else ""
    if not text:
        return
    content = read_signature(text)
    digest = hashlib.sha256(content).hexdigest()
    answer.value = {"name": f"{part.label}.png", "sha256": digest, "size": len(content), "mime": "image/png"}
    answer.files[digest] = content


def ask_for(part: Component) -> str:
    """The words for a required field left blank."""
    if part.kind == "signature":
        return f"请在“{part.label}”处手写签名"
    if part.type == "filepicker":
        return f"请上传“{part.label}”"
    if part.type == "checkbox":
        return f"请阅读后勾选“{part.label}”"
    return f"请选择“{part.label}”" if part.type in CHOICES | MULTIPLE_CHOICES else f"请填写“{part.label}”"


def out_of_bounds(value: Any, low: Decimal | None, high: Decimal | None) -> str:
    """What is wrong with a number outside its bounds, or ""."""
    number = Decimal(str(value))
    if low is not None and number < low:
        return f"不能小于 {low:f}"
    return f"不能大于 {high:f}" if high is not None and number > high else ""
