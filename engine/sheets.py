"""Reads a list handed in as CSV or .xlsx, strictly: its headings, and each row with the number it has in the file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from engine.registers import amounts

MOST_ROWS = 50_000
MOST_UNPACKED = 100_000_000  # bytes of an .xlsx when unpacked
MOST_PROBLEMS = 20
XLSX = b"PK\x03\x04"
ENCODINGS = ("utf-8-sig", "gb18030")
AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")
HEADING_ROWS = 5  # a title and notes may stand above the headings
Row = tuple[int, dict[str, str]]


class SheetInvalid(Exception):
    """A file that can't be read, or lacks what it must say; `problems` are Chinese, the first ones first."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("；".join(problems))


def read(content: bytes, headings: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """(number in the file, text by heading) of each row that isn't blank; `SheetInvalid` says what is wrong.

    All `headings` must stand in one of the first rows, each once, in any order; others but `optional` are refused.
    """
    table = list(_xlsx(content) if content.startswith(XLSX) else _csv(content))
    at, found = _find_headings(table, headings)
    strange = [name for name in found.values() if name not in (*headings, *optional)]
    if strange:
        raise SheetInvalid([f"表里多了 {'、'.join(strange)} 这些列，请用下载的表格填写，不要增加列"])
    rows: list[Row] = []
    for number, cells in enumerate(table[at + 1 :], at + 2):
        row = {name: cells[column].strip() if column < len(cells) else "" for column, name in found.items()}
        if any(row.values()):
            rows.append((number, row))
    if not rows:
        raise SheetInvalid(["表里一行数据也没有，请核对是否选错了文件"])
    return rows


def cents(text: str) -> int:
    """分 of `864.00` or `1,864.00`, full-width digits too; `ValueError` for anything that isn't a plain amount in yuan:
    below nothing, with an exponent, with parts of a 分, or blank."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").removesuffix("元").strip()
    if not AMOUNT.fullmatch(plain):
        raise ValueError(text)
    return amounts.cents(plain)


def day(text: str) -> date:
    """The day of `2026-05-08`, `2026/5/8` or `20260508`; `ValueError`."""
    plain = text.strip().replace("/", "-").replace(".", "-")
    if "-" in plain:
        year, month, number = plain.split("-")
        return date(int(year), int(month), int(number))
    return date.fromisoformat(plain)


def shorten(problems: Sequence[str]) -> list[str]:
    """The first problems, and how many more there are."""
    if len(problems) <= MOST_PROBLEMS:
        return list(problems)
    return [*problems[:MOST_PROBLEMS], f"还有 {len(problems) - MOST_PROBLEMS} 处，改好以上各处后再导入时会继续指出"]


def to_csv(headings: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The same as a CSV that office programs open with the right characters."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([[_guarded(row.get(name)) for name in headings] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _guarded(value: Any) -> str:
    """A text that no office program takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") else text


def _csv(content: bytes) -> Iterator[list[str]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        try:
            yield from _bounded(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            raise SheetInvalid([f"文件不是完整的 CSV（{error}），请重新导出"]) from None
        return
    raise SheetInvalid(["文件不是 UTF-8 或者 GB18030 编码的 CSV，也不是 .xlsx，请重新导出后再上传"])


def _xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise SheetInvalid(["表格展开后太大，请分开导出"])
        book = load_workbook(io.BytesIO(content), read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise SheetInvalid(["表格打不开，可能已经损坏，请重新导出为 .xlsx 或者 CSV"]) from None
    try:
        yield from _bounded(_values(row) for row in book.worksheets[0].iter_rows())
    finally:
        book.close()


def _values(row: Sequence[Any]) -> list[str]:
    """The texts of a row; a formula says what it likes whenever it is opened, so there may be none."""
    for cell in row:
        if cell.data_type == "f":
            said = f"第 {cell.row} 行第 {cell.column_letter} 列是公式，请复制整张表、选择性粘贴为“数值”后再上传"
            raise SheetInvalid([said])
    return [_text(cell.value) for cell in row]


def _bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise SheetInvalid([f"表里超过 {MOST_ROWS} 行，请分开导入"])
        yield row


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value)


def _find_headings(table: Sequence[Sequence[str]], headings: Sequence[str]) -> tuple[int, dict[int, str]]:
    best: set[str] = set()
    for number, cells in enumerate(table[:HEADING_ROWS]):
        named = {column: cell.strip() for column, cell in enumerate(cells) if cell.strip()}
        if len(set(named.values()) & set(headings)) > len(best):
            best = set(named.values())
        if set(headings) <= set(named.values()):
            twice = sorted({name for name in named.values() if list(named.values()).count(name) > 1})
            if twice:
                raise SheetInvalid([f"表头「{'、'.join(twice)}」出现了两次，请删去一列"])
            return number, named
    missing = [name for name in headings if name not in best]
    raise SheetInvalid([f"表头缺少 {'、'.join(missing)}；应当有：{'、'.join(headings)}"])
