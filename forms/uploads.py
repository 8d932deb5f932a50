"""Checks what a browser sends as a file or a handwritten signature by its content, never by its name."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import filetype

from forms.errors import BadValue

DEFAULT_ACCEPT = ("pdf", "jpg", "png")
PHOTO_ACCEPT = ("jpg", "png", "heic", "webp")
KNOWN_TYPES = frozenset(
    {*DEFAULT_ACCEPT, *PHOTO_ACCEPT, "doc", "docx", "xls", "xlsx", "csv", "mp4", "mp3", "m4a", "zip"}
)
TEXT_ENCODINGS = ("utf-8", "gb18030")
DEFAULT_MEGABYTES = 10
SIGNATURE_PREFIX = "data:image/png;base64,"
SIGNATURE_BYTES = 500_000
SIGNATURE_PIXELS = 4_000_000
INKED_ROWS = 5
CSV = {"mime": "text/csv"}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: the name the browser gave it and its bytes."""

    filename: str
    content: bytes


def check_file(upload: Upload, accept: tuple[str, ...], megabytes: float) -> dict[str, Any]:
    """The reference to keep ({name, sha256, size, mime}); raises BadValue when type or size is not allowed."""
    name = clean_filename(upload.filename)
    if not upload.content:
        raise BadValue(f"文件“{name}”是空的，请重新选择")
    if len(upload.content) > megabytes * 1024 * 1024:
        raise BadValue(f"文件“{name}”超过 {megabytes:g} MB，请压缩或拍小一些再上传")
    if "csv" in accept and name.lower().endswith(".csv") and not upload.content.startswith(b"PK"):
        if not is_text(upload.content):
            how = "请在表格软件里另存为“CSV UTF-8”或者 .xlsx 后再上传"
            raise BadValue(f"文件“{name}”不是 UTF-8 或者 GB18030 编码的文字，{how}")
        return {"name": name, "sha256": hashlib.sha256(upload.content).hexdigest(), "size": len(upload.content)} | CSV
    kind = filetype.guess(upload.content)
    if kind is None or kind.extension not in accept:
        raise BadValue(f"文件“{name}”不是允许的类型，请上传 {'、'.join(accept)} 文件（按文件内容识别，改文件名没有用）")
    return {
        "name": name,
        "sha256": hashlib.sha256(upload.content).hexdigest(),
        "size": len(upload.content),
        "mime": str(kind.mime),
    }


def is_text(content: bytes) -> bool:
    """Whether it is a text in UTF-8 or GB 18030; a list in CSV has no other mark of its own."""
    for encoding in TEXT_ENCODINGS:
        try:
            return "\0" not in content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return False


def clean_filename(name: str) -> str:
    """The last part of a path without control signs, at most 120 characters, its extension kept."""
    last = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if len(last) > 120:
        stem, dot, extension = last.rpartition(".")
        last = stem[: 120 - len(extension) - 1] + dot + extension if dot and len(extension) < 10 else last[:120]
    return last or "未命名文件"


def read_signature(data_url: str) -> bytes:
    """The PNG a signature pad sent as a data URL; raises BadValue when it is no picture, too big, or blank."""
    if not data_url.startswith(SIGNATURE_PREFIX):
        raise BadValue("没有收到签名图片，请重新签名")
    if len(data_url) > SIGNATURE_BYTES * 4 // 3 + 100:
        raise BadValue("签名图片太大，请清除后重新签名")
    try:
        content = base64.b64decode(data_url[len(SIGNATURE_PREFIX) :], validate=True)
        inked = count_inked_rows(content)
    except (binascii.Error, zlib.error, struct.error, ValueError):
        raise BadValue("签名图片已损坏，请清除后重新签名") from None
    if inked < INKED_ROWS:
        raise BadValue("签名是空白的，请手写签名后再提交")
    return content


def count_inked_rows(png: bytes) -> int:
    """Rows of a PNG in which something is drawn; raises ValueError when the content is no sound PNG.

    A row of one colour repeats the same bytes under every PNG filter (after the first pixel), so rows
    that don't repeat carry ink. No need to undo the filters.
    """
    chunks = _read_chunks(png)
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != 8 or colour not in CHANNELS or compression or filtering or interlace:
        raise ValueError("unusual PNG")
    if not 0 < width * height <= SIGNATURE_PIXELS:
        raise ValueError("size out of bounds")
    step = CHANNELS[colour]
    line = width * step + 1
    pixels = zlib.decompressobj().decompress(chunks[b"IDAT"], line * height + 1)
    if len(pixels) != line * height:
        raise ValueError("wrong amount of pixels")
    rows = (pixels[start + 1 : start + line] for start in range(0, len(pixels), line))
    return sum(row[2 * step :] != row[step:-step] for row in rows)


def _read_chunks(png: bytes) -> Mapping[bytes, bytes]:
    """The chunks by type with their sums checked; parts of IDAT are joined."""
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("not a PNG")
    chunks: dict[bytes, bytes] = {b"IDAT": b""}
    position = 8
    while b"IEND" not in chunks:
        size, kind = struct.unpack_from(">I4s", png, position)
        body = png[position + 8 : position + 8 + size]
        (expected,) = struct.unpack_from(">I", png, position + 8 + size)
        if zlib.crc32(kind + body) != expected:
            raise ValueError("damaged chunk")
        chunks[kind] = chunks.get(kind, b"") + body
        position += size + 12
    if b"IHDR" not in chunks or len(chunks[b"IHDR"]) != 13:
        raise ValueError("no header")
    return chunks
