"""The task table as an Excel workbook that can be handed out and printed as it is."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from extractor.export.files import replaced
from extractor.export.packages import settle
from extractor.export.rows import COMPLETED_ON, FILLED_IN, OWN_ROLE, PROGRESS, REMARKS, ROW_ID, STATUS, Table
from extractor.export.wording import STATUSES
from extractor.ledger.handouts import LONGEST_CELL

TITLE = "责任分工表"
WIDTHS = {
    "序号": 5.0,
    OWN_ROLE: 9.5,
    "任务": 15,
    "工作内容": 42,
    "牵头单位": 10.5,
    "责任单位": 15,
    "配合单位": 10.5,
    "完成时限": 12.5,
    "频次": 12,
    "来源文件": 21,
    "原文位置": 8.5,
    PROGRESS: 9,
    STATUS: 7,
    COMPLETED_ON: 11,
    REMARKS: 9.5,
    ROW_ID: 26,
}
TO_FILL_IN = {PROGRESS: 26.0, STATUS: 9.0, COMPLETED_ON: 12.5, REMARKS: 14.0}
"""The widths of what is to be filled in."""
AROUND_DAY = re.compile(r"(?<=：)(?=\d{4}-\d\d-\d\d)|(?<=\d{4}-\d\d-\d\d)(?=（)")
CENTRED = frozenset({"序号", OWN_ROLE, "原文位置", STATUS, COMPLETED_ON})
CONTENT = "工作内容"
WIDEST_CONTENT = 120.0

FONT = "宋体"
FONT_SIZE = 10
LINE_HEIGHT = 14.0
ROW_PADDING = 3.0
WIDE, NARROW, CELL_PADDING = 1.9, 1.0, 1.2
"""Widths at 10 points in the unit of column widths, a digit of the default font at 11 points."""
TALLEST_ROW = 409.0
"""Excel shows no row taller than this, in points."""
NO_CHARACTERS = re.compile("[\ufffe\uffff]")
"""What XML cannot hold, beside control characters."""
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""_x0041_ is A in a workbook (ECMA-376 part 1, 22.9.2.19), unless it is itself escaped."""

LINE = Side(style="thin", color="B7BFCA")
BORDER = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")
HEADER_TO_FILL_IN = PatternFill("solid", fgColor="FFE699")
FILL_TO_FILL_IN = PatternFill("solid", fgColor="FFF9E7")
DAY_FORMAT = "yyyy-mm-dd"

A4 = 9
GUIDE_TITLE = "填写说明"
GUIDE = (
    "请只填写黄色的四栏：进展情况、状态、完成日期、备注。其他各栏如有不符，请写在备注中，改动不会被采用。",
    "进展情况：写明做了什么；有百分比的写在最前面，如“60%，已完成招标”。",
    "状态：从下拉列表中选：未开始、进行中、已完成、暂缓、取消。“逾期”由台账按时限算出，不必填写。",
    "完成日期：状态为“已完成”时填写，如 2026-05-01；未完成的不填。",
    "可以排序、筛选、移动列、删除与本单位无关的行；请勿改动隐藏的“行标识”列，收回时凭它找到每一行。",
)
GUIDE_WIDTH = 66
SETTABLE = ("not_started", "in_progress", "done", "suspended", "cancelled")


def write_xlsx(table: Table, path: Path, recipient: str | None = None) -> None:
    """Write `table` as one sheet.

    A table whose rows have ids is one to be filled in: the columns for that stand out, and a second sheet says how;
    `recipient` is who fills it in.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = TITLE
    handed_out = ROW_ID in table.titles
    widths = _widths(table, handed_out)
    _write_header(sheet, widths, handed_out)
    for at, row in enumerate(table.rows, 2):
        _write_row(sheet, at, dict(zip(table.titles, row, strict=True)), widths)
    _prepare_for_screen(sheet, len(table.titles), len(table.rows) + 1)
    _prepare_for_print(sheet)
    if handed_out:
        _prepare_for_filling_in(sheet, table)
        _write_guide(book, recipient)
    with replaced(path) as draft:
        book.save(draft)
        settle(draft)


def _write_header(sheet: Worksheet, widths: Mapping[str, float], handed_out: bool) -> None:
    for at, (title, width) in enumerate(widths.items(), 1):
        cell = _text_cell(sheet, 1, at, title)
        cell.font = Font(name=FONT, size=FONT_SIZE, bold=True)
        cell.fill = HEADER_TO_FILL_IN if handed_out and title in FILLED_IN else HEADER_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.row_dimensions[1].height = 26


def _write_row(sheet: Worksheet, at: int, row: Mapping[str, str], widths: Mapping[str, float]) -> None:
    cells = _cells(row)
    for column, (title, text) in enumerate(cells.items(), 1):
        cell = _text_cell(sheet, at, column, text)
        cell.font = Font(name=FONT, size=FONT_SIZE)
        cell.alignment = Alignment(
            horizontal="center" if title in CENTRED else "left", vertical="top", wrap_text=True
        )
    # Numbers and days, so that the columns sort as such.
    sheet.cell(at, 1).value = int(cells["序号"])
    done = sheet.cell(at, [*cells].index(COMPLETED_ON) + 1)
    done.value = date.fromisoformat(cells[COMPLETED_ON]) if cells[COMPLETED_ON] else None
    done.number_format = DAY_FORMAT
    sheet.row_dimensions[at].height = min(_height(cells, widths), TALLEST_ROW)


def _prepare_for_filling_in(sheet: Worksheet, table: Table) -> None:
    """Colour what is to be filled in, offer the words of the statuses, hide the ids."""
    letters = {title: get_column_letter(at) for at, title in enumerate(table.titles, 1)}
    rows = range(2, len(table.rows) + 2)
    for title in FILLED_IN:
        for at in rows:
            sheet[f"{letters[title]}{at}"].fill = FILL_TO_FILL_IN
    words = ",".join(STATUSES[status] for status in SETTABLE)
    choice = DataValidation("list", formula1=f'"{words}"', allow_blank=True)
    choice.errorTitle, choice.error = STATUS, f"请从下拉列表中选择：{words.replace(',', '、')}。"
    day = DataValidation("date", operator="greaterThan", formula1="1", allow_blank=True)
    day.errorStyle = "warning"
    day.errorTitle, day.error = COMPLETED_ON, "这不像是日期，请写成 2026-05-01 的样子。"
    day.promptTitle, day.prompt = COMPLETED_ON, "状态为“已完成”时填写，如 2026-05-01。"
    for title, validation in ((STATUS, choice), (COMPLETED_ON, day)):
        validation.showErrorMessage = validation.showInputMessage = True
        validation.add(f"{letters[title]}{rows.start}:{letters[title]}{rows.stop - 1}")
        sheet.add_data_validation(validation)
    sheet.column_dimensions[letters[ROW_ID]].hidden = True


def _write_guide(book: Workbook, recipient: str | None) -> None:
    """How to fill in, on a sheet of its own: a line above the header would be in the way of sorting."""
    sheet = book.create_sheet(GUIDE_TITLE)
    sheet.column_dimensions["A"].width = GUIDE_WIDTH
    sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = A4, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for_whom = (f"填报单位：{recipient}",) if recipient else ()
    for at, line in enumerate([*for_whom, *GUIDE], 1):
        cell = _text_cell(sheet, at, 1, line)
        cell.font = Font(name=FONT, size=FONT_SIZE + 1, bold=line in for_whom)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.row_dimensions[at].height = _lines(line, GUIDE_WIDTH - 8) * 16 + 6


def _cells(row: Mapping[str, str]) -> dict[str, str]:
    """The row's texts, places and days on lines of their own: their columns are narrow."""
    places = {"原文位置": row["原文位置"].replace(" ", "\n")}
    return {**row, **places, "完成时限": AROUND_DAY.sub("\n", row["完成时限"])}


def _text_cell(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """A cell that stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    legal = NO_CHARACTERS.sub("", ILLEGAL_CHARACTERS_RE.sub("", text[:LONGEST_CELL]))
    cell.value = legal or None
    if ESCAPE.search(legal):
        # Put past openpyxl, which would count, and cut, the escapes as if they were shown.
        cell._value = ESCAPE.sub("_x005F_", legal)  # type: ignore[attr-defined]
    if text:
        cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    cell.border = BORDER
    return cell


def _prepare_for_screen(sheet: Worksheet, columns: int, last_row: int) -> None:
    sheet.freeze_panes = "A2"
    # The hidden ids, too: what is outside of the filter does not move when the rows are sorted.
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{last_row}"


def _prepare_for_print(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
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


def _widths(table: Table, handed_out: bool) -> dict[str, float]:
    """Column widths with which every row can be shown whole: long texts get a wider column, not a cut one."""
    widths = {title: WIDTHS[title] for title in table.titles} | (TO_FILL_IN if handed_out else {})
    for row in table.rows:
        cells = _cells(dict(zip(table.titles, row, strict=True)))
        while _height(cells, widths) > TALLEST_ROW and widths[CONTENT] < WIDEST_CONTENT:
            widths[CONTENT] += 4
    return widths


def _height(cells: Mapping[str, str], widths: Mapping[str, float]) -> float:
    """Points that the row needs; Excel and WPS do not work this out themselves when they open a file."""
    lines = max(_lines(text, widths[title]) for title, text in cells.items())
    return lines * LINE_HEIGHT + ROW_PADDING


def _lines(text: str, width: float) -> int:
    room = width - CELL_PADDING
    return sum(max(1, math.ceil(_columns(line) / room)) for line in text.split("\n"))


def _columns(text: str) -> float:
    return sum(WIDE if unicodedata.east_asian_width(char) in "WFA" else NARROW for char in text)
