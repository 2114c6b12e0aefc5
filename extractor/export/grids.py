"""Every cell of a workbook or a csv file, hidden ones too, by row and column: what a table is read back from."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from extractor.intake import UnreadableFile
from extractor.intake.number_formats import CHINESE_BUILT_IN, is_date_format, shown
from extractor.intake.plain_text import decode
from extractor.intake.safe_zip import BROKEN, SafeZip
from extractor.intake.spreadsheet import (
    DELIMITERS,
    ENCRYPTED,
    ENCRYPTED_STREAM,
    ESCAPED,
    MAX_CELLS,
    OLD_EXCEL,
    OLE_MAGIC,
    SNIFFED_CHARACTERS,
    TOO_MANY_CELLS,
    refuse_hostile_workbook,
)

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

ZIP_MAGIC = b"PK\x03\x04"
NO_WORKBOOK = "不是 Excel 表格或 csv 文件，请交回发出的那份表"
OPEN_DOCUMENT = "是 ODS 表格，请用 WPS 或 LibreOffice 打开，另存为 .xlsx 后再试"
OPEN_DOCUMENT_TYPE = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
"""How such a package begins, behind the head of its first member (OpenDocument 1.3 part 2, 3.3)."""
HEAD_OF_MEMBER = 30
LINE_END = re.compile("\r\n?")
SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character, which no text can hold."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as it shows, and the day that it holds where it holds one; of a formula without a result what it is."""

    text: str
    day: date | None = None
    unreckoned: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells: the rows and columns that they cover, edges included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its cells by row and column, counted from 1, and what of it is merged; a csv file has no name."""

    name: str | None
    cells: dict[tuple[int, int], GridCell]
    merged: tuple[Area, ...] = ()


def grids_of(data: bytes) -> list[Grid]:
    """The sheets of a workbook (.xlsx), or the one that a text of separated values makes; told apart by content.

    Raises:
        UnreadableFile: if it is neither, or encrypted, broken, hostile or too large.
    """
    if data.startswith(OLE_MAGIC):
        raise UnreadableFile(ENCRYPTED if ENCRYPTED_STREAM in data else OLD_EXCEL)
    return _sheets(data) if data.startswith(ZIP_MAGIC) else [_separated(data)]


def _sheets(data: bytes) -> list[Grid]:
    package = SafeZip(data)
    refuse_hostile_workbook(package)
    if data[HEAD_OF_MEMBER:].startswith(OPEN_DOCUMENT_TYPE):
        raise UnreadableFile(OPEN_DOCUMENT)
    if not package.find("xl/workbook.xml"):
        raise UnreadableFile(NO_WORKBOOK)
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl's on extensions that we have no use for
            return list(_read(data))
    except UnreadableFile:
        raise
    except Exception:  # openpyxl raises whatever its parsing stumbles on
        raise UnreadableFile(BROKEN) from None


def _read(data: bytes) -> Iterator[Grid]:
    from openpyxl.cell.text import Text
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    class Reader(ExcelReader):
        """openpyxl's undoes the escape of an escape at once, so that _x005F_x0041_ (_x0041_) could not be told from _x0041_ (A)."""

        def read_strings(self) -> None:
            part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
            if part is None:
                return
            with self.archive.open(part.PartName[1:]) as xml:
                for _, node in iterparse(xml):
                    if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                        text = Text.from_tree(node)
                        self.shared_strings.append(text.content if text else "")
                        node.clear()

    reader = Reader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.read()
    workbook = reader.wb
    budget = MAX_CELLS
    for sheet in workbook.worksheets:
        grid = _grid(workbook, sheet)
        budget -= len(grid.cells)
        if budget < 0:
            raise UnreadableFile(TOO_MANY_CELLS)
        yield grid


def _grid(workbook: Workbook, sheet: ReadOnlyWorksheet) -> Grid:
    # The parser that openpyxl's read-only sheets use is asked itself: it alone yields the merged ranges too, and it neither
    # pads rows nor expands ranges, which makes bombs of both.
    from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

    class Parser(WorkSheetParser):
        """Programs that do not reckon save formulas without results, which would pass for empty cells."""

        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            if cell["value"] is None and element.get("t") != "str":
                formula = element.find(FORMULA_TAG)
                if formula is not None:
                    cell |= {"value": f"={formula.text or ''}", "data_type": "f"}
            return cell

    with sheet._get_source() as xml:  # type: ignore[attr-defined]
        parser = Parser(
            xml,
            sheet._shared_strings,  # type: ignore[attr-defined]
            data_only=True,
            epoch=workbook.epoch,
            date_formats=workbook._date_formats,  # type: ignore[attr-defined]
            timedelta_formats=workbook._timedelta_formats,  # type: ignore[attr-defined]
        )
        cells = {
            (cell["row"], cell["column"]): GridCell(cell["value"], unreckoned=True)
            if cell["data_type"] == "f"
            else _cell(cell["value"], cell["style_id"], workbook)
            for _, row in parser.parse()
            for cell in row
            if cell["value"] is not None
        }
    merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
    areas = tuple(Area(each.min_row, each.min_col, each.max_row, each.max_col) for each in merged)
    return Grid(sheet.title, cells, areas)


def _cell(value: object, style: int, workbook: Workbook) -> GridCell:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
    from openpyxl.utils.datetime import from_excel

    if isinstance(value, str):
        return GridCell(_plain(ESCAPED.sub(_character, value)))
    number = workbook._cell_styles[style].numFmtId  # type: ignore[attr-defined]
    if number >= BUILTIN_FORMATS_MAX_SIZE:
        number_format = workbook._number_formats[number - BUILTIN_FORMATS_MAX_SIZE]  # type: ignore[attr-defined]
    else:
        number_format = CHINESE_BUILT_IN.get(number) or BUILTIN_FORMATS.get(number, "General")
    if isinstance(value, int | float) and not isinstance(value, bool) and is_date_format(number_format):
        with suppress(OverflowError):  # a day beyond the year 9999 stays a number
            value = from_excel(value, workbook.epoch)
    day = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    return GridCell(shown(value, number_format), day)  # type: ignore[arg-type]


def _character(escape: re.Match[str]) -> str:
    char = chr(int(escape[1], 16))
    return "" if SURROGATE.fullmatch(char) else char


def _separated(data: bytes) -> Grid:
    decoded = decode(data)
    if decoded is None:
        raise UnreadableFile(NO_WORKBOOK)
    text, _ = decoded
    delimiter = max(DELIMITERS, key=text[:SNIFFED_CHARACTERS].count)
    cells: dict[tuple[int, int], GridCell] = {}
    try:
        for row, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            cells.update(
                ((row, column), GridCell(_plain(field))) for column, field in enumerate(record, 1) if field
            )
            if len(cells) > MAX_CELLS:
                raise UnreadableFile(TOO_MANY_CELLS)
    except csv.Error:
        raise UnreadableFile(NO_WORKBOOK) from None
    return Grid(None, cells)


def _plain(text: str) -> str:
    return LINE_END.sub("\n", text)
