"""The list of what a notice would move as a spreadsheet; hides xlsxwriter."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

from engine.cases.outlook import Mover, case_numbers, unit_name
from engine.cases.runtime import Step
from engine.clock.text import show_due_at

HEADINGS = ("办件编号", "期限", "时限", "单位", "原到期", "新到期", "移动天数", "说明")
WIDTHS = (24, 22, 14, 20, 18, 18, 10, 14)


def explained(mover: Mover) -> str:
    """What happens to the date, in a word or two."""
    if mover.days:
        return "推后" if mover.days > 0 else "提前"
    return "仍为暂定" if mover.provisional else "不再是暂定"


def sentence(mover: Mover) -> str:
    """`「受理审查」（5个工作日）2020-01-31 → 2020-02-03，推后 3 日`."""
    by = f" {abs(mover.days)} 日" if mover.days else ""
    dates = f"{show_due_at(mover.before)} → {show_due_at(mover.after)}"
    return f"「{mover.name}」（{mover.limit_text}）{dates}，{explained(mover)}{by}"


def workbook(this: Step, movers: Sequence[Mover]) -> bytes:
    """An .xlsx file with one row a deadline. Texts are written as texts: nothing in them becomes a formula."""
    numbers = case_numbers(this, movers)
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page, bold = book.add_worksheet("移动的期限"), book.add_format({"bold": True})
        for column, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, heading, bold)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, len(movers), len(HEADINGS) - 1)
        for row, each in enumerate(movers, 1):
            unit = unit_name(this.runtime, each.unit_id)
            before, after = show_due_at(each.before), show_due_at(each.after)
            texts = (numbers.get(each.case_id, ""), each.name, each.limit_text, unit, before, after)
            for column, text in enumerate(texts):
                page.write_string(row, column, text)
            page.write_number(row, 6, each.days)
            page.write_string(row, 7, explained(each))
    return target.getvalue()
