"""The task table as an Excel workbook that can be handed out and printed as it is."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from extractor.export.files import replaced
from extractor.export.rows import COLUMNS, Row, row_of
from extractor.ledger.records import Task

TITLE = "责任分工表"
WIDTHS = (5.0, 15, 42, 10.5, 15, 10.5, 12.5, 12, 21, 8.5, 9, 6, 9.5)
PLACE = COLUMNS.index("原文位置")
DUE = COLUMNS.index("完成时限")
AROUND_DAY = re.compile(r"(?<=：)(?=\d{4}-\d\d-\d\d)|(?<=\d{4}-\d\d-\d\d)(?=（)")
CENTRED = frozenset({"序号", "原文位置", "状态"})
CONTENT = COLUMNS.index("工作内容")
WIDEST_CONTENT = 120.0

FONT = "宋体"
FONT_SIZE = 10
LINE_HEIGHT = 14.0
ROW_PADDING = 3.0
WIDE, NARROW, CELL_PADDING = 1.9, 1.0, 1.2
"""Widths at 10 points in the unit of column widths, a digit of the default font at 11 points."""
TALLEST_ROW = 409.0
"""Excel shows no row taller than this, in points."""
LONGEST_CELL = 32767
"""Excel opens no cell with more characters than this."""

LINE = Side(style="thin", color="B7BFCA")
BORDER = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")


def write_xlsx(tasks: Iterable[Task], path: Path) -> None:
    """Write the rows of `tasks` as one sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = TITLE
    rows = [row_of(task) for task in tasks]
    widths = _widths(rows)
    _write_header(sheet, widths)
    for at, row in enumerate(rows, 2):
        _write_row(sheet, at, row, widths)
    _prepare_for_screen(sheet, len(rows) + 1)
    _prepare_for_print(sheet)
    with replaced(path) as draft:
        book.save(draft)


def _write_header(sheet: Worksheet, widths: Sequence[float]) -> None:
    for at, (title, width) in enumerate(zip(COLUMNS, widths, strict=True), 1):
        cell = _text_cell(sheet, 1, at, title)
        cell.font = Font(name=FONT, size=FONT_SIZE, bold=True)
        cell.fill = HEADER_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.row_dimensions[1].height = 26


def _write_row(sheet: Worksheet, at: int, row: Row, widths: Sequence[float]) -> None:
    for column, (title, text) in enumerate(zip(COLUMNS, _cells(row), strict=True), 1):
        cell = _text_cell(sheet, at, column, text)
        cell.font = Font(name=FONT, size=FONT_SIZE)
        cell.alignment = Alignment(
            horizontal="center" if title in CENTRED else "left", vertical="top", wrap_text=True
        )
    # A number, so that the column sorts as one.
    sheet.cell(at, 1).value = row.number
    sheet.row_dimensions[at].height = min(_height(row, widths), TALLEST_ROW)


def _cells(row: Row) -> list[str]:
    """The row's texts, places and days on lines of their own: their columns are narrow."""
    cells = list(row.cells())
    cells[PLACE] = cells[PLACE].replace(" ", "\n")
    cells[DUE] = AROUND_DAY.sub("\n", cells[DUE])
    return cells


def _text_cell(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """A cell that stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL]
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    cell.border = BORDER
    return cell


def _prepare_for_screen(sheet: Worksheet, last_row: int) -> None:
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{last_row}"


def _prepare_for_print(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.7, 0.6
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    assert sheet.oddHeader is not None and sheet.oddFooter is not None
    sheet.oddHeader.center.text = f"&14&B{TITLE}"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def _widths(rows: Iterable[Row]) -> list[float]:
    """Column widths with which every row can be shown whole: long texts get a wider column, not a cut one."""
    widths = list(WIDTHS)
    for row in rows:
        while _height(row, widths) > TALLEST_ROW and widths[CONTENT] < WIDEST_CONTENT:
            widths[CONTENT] += 4
    return widths


def _height(row: Row, widths: Sequence[float]) -> float:
    """Points that the row needs; Excel and WPS do not work this out themselves when they open a file."""
    lines = max(_lines(cell, width) for cell, width in zip(_cells(row), widths, strict=True))
    return lines * LINE_HEIGHT + ROW_PADDING


def _lines(text: str, width: float) -> int:
    room = width - CELL_PADDING
    return sum(max(1, math.ceil(_columns(line) / room)) for line in text.split("\n"))


def _columns(text: str) -> float:
    return sum(WIDE if unicodedata.east_asian_width(char) in "WFA" else NARROW for char in text)
