"""Writes a list as an .xlsx file, row by row: however long it is, it takes no more memory; and sends it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import IO

import xlsxwriter
from flask import Response, send_file
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from engine.cases.board.lists import Row, Value
from engine.clock.days import local
from webapp.filters import find_light

HEAD_ROWS = 2  # the title, and the headings
WIDTHS = {"number": 20, "case_number": 20, "applicant_id_no": 22, "name": 22, "basis": 40, "procedure": 18, "unit": 16}
LIGHT = ("light", "灯")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(
    file: IO[bytes], title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Row], *, lights: bool
) -> None:
    """One sheet: title, headings, rows. Every text is written as text, whatever it begins with."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    headed = [LIGHT, *columns] if lights else list(columns)
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("清单")
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for number, (key, _) in enumerate(headed):
            sheet.set_column(number, number, WIDTHS.get(key, 14))
        sheet.freeze_panes(HEAD_ROWS, 0)
        sheet.write_string(0, 0, title)
        for number, (_, heading) in enumerate(headed):
            sheet.write_string(1, number, heading, bold)
        for at, row in enumerate(rows, HEAD_ROWS):
            shown = {**row.cells, "light": find_light(row.light, None, row.provisional).word} if lights else row.cells
            for number, (key, _) in enumerate(headed):
                _write(sheet, at, number, shown.get(key), formats)


def spreadsheet(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, Value]]) -> Response:
    """A list that is no list of cases as a file to save, named after its title; the caller gives texts for what must
    not be rounded (amounts, numbers of accounts)."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been sent)
    write(file, title, columns, (Row(0, None, False, False, row) for row in rows), lights=False)
    return download(file, title)


def download(file: IO[bytes], name: str) -> Response:
    """A file that was written, to be saved as `name`.xlsx."""
    file.seek(0)
    return send_file(file, XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def _write(sheet: Worksheet, row: int, column: int, value: Value, formats: Mapping[type[date], Format]) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, local(value).replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats[date])  # noqa: DTZ001
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value)
