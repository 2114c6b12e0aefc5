"""The progress report as a workbook: a sheet each by document, unit and month, with a chart, that can be printed as it is."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from extractor.export.figures import (
    COLOURS,
    COUNTS,
    RATE,
    TITLE,
    FiguresRow,
    Section,
    sections,
    summary,
)
from extractor.export.files import replaced
from extractor.export.packages import settle
from extractor.export.xlsx import BORDER, FONT, FONT_SIZE, HEADER_FILL
from extractor.ledger.report import CATEGORIES, Report

TITLE_ROW, SUMMARY_ROW, NOTE_ROW, HEADER_ROW = 1, 2, 3, 4
WIDTH_OF_NAMES, WIDTH_OF_COUNTS = 62.0, 9.0
FIRST_PART = COUNTS.index("已完成") + 2
"""The column of the first count that is part of the whole."""
CHART_WIDTH = 32
"""Centimetres: the width of the table."""
HEIGHT_OF_BAR, HEIGHT_AROUND_BARS, HEIGHT_ALONG_TIME = 0.75, 3.0, 10

ROWS_BESIDE_CHART = 12
"""With more rows than these, the chart is printed on a page of its own."""
NOTHING_ELSE = dict.fromkeys(("showSerName", "showCatName", "showLegendKey", "showPercent"), False)


def write_report_xlsx(report: Report, path: Path) -> None:
    """Write the figures of `report`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for section in sections(report):
        sheet = book.create_sheet(section.title)
        _write_lines_above(sheet, section, report)
        _write_table(sheet, section)
        if section.rows:
            sheet.add_chart(_chart(sheet, section), f"A{HEADER_ROW + len(section.rows) + 3}")
            if len(section.rows) > ROWS_BESIDE_CHART:
                sheet.row_breaks.append(Break(HEADER_ROW + len(section.rows) + 2))
        _prepare_for_print(sheet)
    with replaced(path) as draft:
        book.save(draft)
        settle(draft)


def _write_lines_above(sheet: Worksheet, section: Section, report: Report) -> None:
    title = _text(sheet, TITLE_ROW, 1, f"{TITLE}（{section.title}）")
    title.font = Font(name=FONT, size=FONT_SIZE + 4, bold=True)
    _text(sheet, SUMMARY_ROW, 1, f"{summary(report)}。")
    note = _text(sheet, NOTE_ROW, 1, section.note)
    note.font = Font(name=FONT, size=FONT_SIZE - 1, color="666666")
    for at in (TITLE_ROW, SUMMARY_ROW, NOTE_ROW):
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=len(COUNTS) + 2)
    sheet.row_dimensions[TITLE_ROW].height = 26


def _write_table(sheet: Worksheet, section: Section) -> None:
    for at, name in enumerate((section.subject, *COUNTS, RATE), 1):
        cell = _text(sheet, HEADER_ROW, at, name)
        cell.font = Font(name=FONT, size=FONT_SIZE, bold=True)
        cell.fill = HEADER_FILL
        cell.border = BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.column_dimensions[get_column_letter(at)].width = WIDTH_OF_COUNTS if at > 1 else WIDTH_OF_NAMES
    rows = [*section.rows, *filter(None, [section.total])]
    for at, row in enumerate(rows, HEADER_ROW + 1):
        _write_row(sheet, at, row, bold=row is section.total)
    sheet.freeze_panes = f"B{HEADER_ROW + 1}"


def _write_row(sheet: Worksheet, at: int, row: FiguresRow, *, bold: bool) -> None:
    name = _text(sheet, at, 1, row.name)
    name.alignment = Alignment(vertical="center", wrap_text=True)
    counts = [sheet.cell(at, column, count) for column, count in enumerate((row.total, *row.parts), 2)]
    rate = sheet.cell(at, len(COUNTS) + 2, row.rate)
    rate.number_format = "0%"
    for cell in (name, *counts, rate):
        cell.font = Font(name=FONT, size=FONT_SIZE, bold=bold)
        cell.border = BORDER
    for count in counts:
        # Nothing where there are none: what there is stands out.
        count.number_format = "0;-0;;@"


def _text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """A cell that stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    cell.font = Font(name=FONT, size=FONT_SIZE)
    return cell


def _chart(sheet: Worksheet, section: Section) -> BarChart:
    """Stacked bars, one for each row that is charted: upright along time, else lying, for names are long."""
    first, after, _ = section.charted.indices(len(section.rows))
    top, bottom = HEADER_ROW + 1 + first, HEADER_ROW + after
    chart = BarChart()
    chart.type = "col" if section.along_time else "bar"
    chart.grouping, chart.overlap, chart.gapWidth = "stacked", 100, 45
    for column, category in enumerate(CATEGORIES, FIRST_PART):
        chart.add_data(Reference(sheet, column, top, column, bottom))
        series = chart.series[-1]
        series.tx = _title_in(sheet, column)
        series.graphicalProperties = GraphicalProperties(solidFill=COLOURS[category])
        series.dLbls = DataLabelList(showVal=True, numFmt="0;-0;;", **NOTHING_ELSE)
    chart.set_categories(Reference(sheet, 1, top, 1, bottom))
    chart.title = section.chart_title
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format, chart.y_axis.majorGridlines = "0", None
    if not section.along_time:
        # The first row on top, as in the table, and the scale below it.
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"
    bars = after - first
    chart.width = CHART_WIDTH
    chart.height = (
        HEIGHT_ALONG_TIME if section.along_time else round(HEIGHT_AROUND_BARS + HEIGHT_OF_BAR * bars)
    )
    return chart


def _title_in(sheet: Worksheet, column: int) -> SeriesLabel:
    return SeriesLabel(strRef=StrRef(f"'{sheet.title}'!${get_column_letter(column)}${HEADER_ROW}"))


def _prepare_for_print(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    assert sheet.oddFooter is not None
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
