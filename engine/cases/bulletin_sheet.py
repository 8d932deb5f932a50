"""The bulletin as a spreadsheet; hides xlsxwriter."""

from __future__ import annotations

import io
from collections.abc import Iterator

import xlsxwriter

from engine.cases.views.bulletin import Bulletin, Row

HEADINGS = (
    "单位", "办结件数", "按期办结", "超期办结", "按期率", "在办件数", "超期未结",
    "办结环节", "超期环节", "催办", "督办", "督办单", "最长在办（工作日）", "最长在办的编号",
)  # fmt: skip
WIDTHS = (24, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 18, 26)


def workbook(bulletin: Bulletin, title: str) -> bytes:
    """An .xlsx file: title, headings, a row a unit, the sum. Texts are written as texts, never as formulas."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page = book.add_worksheet("通报")
        bold, percent = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
        page.write_string(0, 0, title, bold)
        page.write_string(1, 0, f"统计截至 {bulletin.until_words}")
        for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
            page.set_column(column, column, width, percent if heading == "按期率" else None)
            page.write_string(2, column, heading, bold)
        page.freeze_panes(3, 1)
        for number, row in enumerate([*bulletin.rows, bulletin.total], 3):
            for column, value in enumerate(cells(row)):
                if value is not None:
                    page.write(number, column, value)
        page.set_landscape()
        page.fit_to_pages(1, 0)
    return target.getvalue()


def cells(row: Row) -> Iterator[str | float | None]:
    """What stands in the columns of HEADINGS."""
    yield row.unit.name if row.unit else "合计"
    yield from (row.done, row.on_time, row.late, row.rate, row.open, row.overdue, row.steps, row.steps_late)
    yield from (row.urged, row.pressed, row.overseen)
    yield row.longest.days if row.longest else None
    yield row.longest.number if row.longest else None
