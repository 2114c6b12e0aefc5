"""Spreadsheets (.xlsx and .csv): what a person sees of each sheet, as lines and tables."""

from __future__ import annotations

import csv
import io
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extractor.intake.errors import UnreadableFile
from extractor.intake.number_formats import CHINESE_BUILT_IN, Value, is_date_format, shown
from extractor.intake.plain_text import decode
from extractor.intake.safe_zip import BROKEN, SafeZip, refuse_doctype
from extractor.model import Cell, Place, Source, Span, Table

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

XLSX_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_MEDIA = "text/csv"

MAX_TAGS = 1_000_000
"""XML elements of all sheets and shared strings: openpyxl takes some 7 s for as many; a task table has 10,000."""
MAX_CELLS = 300_000
"""Cells of all sheets (or of a csv file) with the positions that merged cells cover."""
MIN_HEADER_SHARE = 0.5
"""A row above a table's header that fills less of the table's width than this stands apart from the table."""

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_WORKBOOK_STREAMS = tuple(f"\0{name}\0".encode("utf-16-le") for name in ("Workbook", "Book"))
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

OLD_EXCEL = "旧版 Excel 文件（.xls），请用 Excel 或 WPS 另存为 .xlsx 后再试"
BINARY_EXCEL = "二进制 Excel 文件（.xlsb），请用 Excel 另存为 .xlsx 后再试"
ENCRYPTED = "表格有打开密码，请取消密码后另存再试"
NOTHING_SHOWN = "表格里没有可见的内容，请确认后重新保存"
TOO_MANY_CELLS = "表格太大，请删除多余的空白行列、只留需要的工作表后另存再试"
NO_TABLE = "不是逗号、制表符或分号分隔的表格，请另存为 .xlsx 后再试"

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""ST_Xstring (ECMA-376 part 1, 22.9.2.19): characters that XML cannot hold, `_x000D_` above all."""

DELIMITERS = (",", "\t", ";")
MIN_RECORDS = 3
HEADER_WITHIN = 5
"""Records in which a csv file's header must come: a title or two may stand above it."""
MIN_CONSISTENT = 0.9
"""Share of a csv file's records that must have as many fields as most have."""
SNIFFED_RECORDS = 200
WORK_COLUMN = re.compile(
    r".{0,6}(?:任务|内容|事项|举措|措施|项目|要求|目标)(?:名称|内容|描述|分解|清单)?|"
    r"(?:牵头|责任|负责|配合|主办|协办|承办|参与|落实|主管).{0,6}|.{0,4}(?:时限|期限|完成时间|时间节点|时间要求)"
)
OTHER_COLUMN = re.compile(r"序号|编号|类别|频次|频率|备注|状态|时间|进展.{0,4}|来源.{0,4}|完成.{0,4}|单位|部门")
MIN_KNOWN_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class GridCell:
    """A visible cell: its text, where it stands among the visible ones (from 0), and its sheet's own count (from 1)."""

    text: str
    row: int
    column: int
    sheet_row: int
    sheet_column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class GridRow:
    """The cells that begin in one visible row, in order of their columns, at least one of them with text."""

    index: int
    cells: tuple[GridCell, ...]

    @property
    def filled(self) -> list[GridCell]:
        """The cells with text."""
        return [cell for cell in self.cells if cell.text.strip()]

    @property
    def end(self) -> int:
        """The first row below all of its cells with text."""
        return max(cell.row + cell.rows for cell in self.filled)


@dataclass(frozen=True, slots=True)
class CellLocator:
    """Where each cell's text begins, in order, and the place of that cell."""

    starts: tuple[int, ...]
    places: tuple[tuple[str | None, int, int], ...]

    def locate(self, span: Span) -> Place:
        """The sheet (of a workbook), row and cell in which `span` begins."""
        if not self.starts:
            return Place()
        sheet, row, cell = self.places[max(bisect_right(self.starts, span.start) - 1, 0)]
        return Place(sheet=sheet, row=row, cell=cell)


def read_xlsx(data: bytes, name: str) -> Source:
    """The visible cells of the visible sheets; formulas as last computed, numbers and dates as their formats show them.

    Raises:
        UnreadableFile: if it is an older or binary workbook, encrypted, broken, hostile, too large, or shows nothing.
    """
    if data.startswith(OLE_MAGIC):
        raise UnreadableFile(ENCRYPTED if ENCRYPTED_STREAM in data else OLD_EXCEL)
    _refuse_hostile(SafeZip(data))
    writer = SheetWriter()
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl's on extensions that we have no use for
            for sheet, rows in _visible_sheets(data):
                writer.write_sheet(sheet, rows)
    except UnreadableFile:
        raise
    except Exception:  # openpyxl raises whatever its parsing stumbles on
        raise UnreadableFile(BROKEN) from None
    return writer.source(name, data, "utf-8", XLSX_MEDIA)


def is_old_excel(data: bytes) -> bool:
    """Whether `data` is an OLE file with a workbook stream (.xls, .et), or an encrypted package."""
    return data.startswith(OLE_MAGIC) and any(stream in b"\0\0" + data for stream in OLD_WORKBOOK_STREAMS)


def _refuse_hostile(package: SafeZip) -> None:
    if package.find("xl/workbook.bin"):
        raise UnreadableFile(BINARY_EXCEL)
    tags = 0
    for member in package.members:
        if member.filename.lower().endswith((".xml", ".rels")):
            xml = package.read(member)
            refuse_doctype(xml)
            tags += xml.count(b"<") - xml.count(b"</")
            if tags > MAX_TAGS:
                raise UnreadableFile(TOO_MANY_CELLS)


def _visible_sheets(data: bytes) -> Iterator[tuple[str, Sequence[GridRow]]]:
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    budget = MAX_CELLS
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            rows = _visible_rows(workbook, sheet, budget)
            budget -= sum(len(row.cells) for row in rows)
            yield sheet.title, rows


def _visible_rows(workbook: Workbook, sheet: Any, budget: int) -> list[GridRow]:
    """The rows of `sheet` with text.

    The parser that openpyxl's read-only sheets use is asked itself: it alone yields the merged ranges and the hidden
    rows and columns too, and it neither pads rows nor expands ranges, which makes bombs of both.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    with sheet._get_source() as xml:
        parser = WorkSheetParser(
            xml,
            sheet._shared_strings,
            data_only=True,
            epoch=workbook.epoch,
            date_formats=workbook._date_formats,  # type: ignore[attr-defined]
            timedelta_formats=workbook._timedelta_formats,  # type: ignore[attr-defined]
        )
        texts: dict[tuple[int, int], str] = {}
        for _, cells in parser.parse():
            for cell in cells:
                if cell["value"] is not None:
                    text = _shown(cell["value"], cell["style_id"], workbook)
                    texts[cell["row"], cell["column"]] = ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    hidden_rows = sorted(int(row) for row, its in parser.row_dimensions.items() if _is_true(its.get("hidden")))
    hidden_columns = sorted(
        {
            column
            for its in parser.column_dimensions.values()
            if _is_true(its.get("hidden"))
            for column in range(int(its["min"]), int(its["max"]) + 1)
        }
    )
    merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
    ranges = [Range(*(int(edge) for edge in _bounds(cell))) for cell in merged]
    return visible_grid(texts, ranges, hidden_rows, hidden_columns, budget)


def _bounds(merged: Any) -> tuple[int, int, int, int]:
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(str(merged.ref))
    return top, left, bottom, right


def _is_true(value: str | None) -> bool:
    return value in ("1", "true")


def _shown(value: Value, style: int, workbook: Workbook) -> str:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
    from openpyxl.utils.datetime import from_excel

    if isinstance(value, str):
        return value
    number = workbook._cell_styles[style].numFmtId  # type: ignore[attr-defined]
    if number >= BUILTIN_FORMATS_MAX_SIZE:
        number_format = workbook._number_formats[number - BUILTIN_FORMATS_MAX_SIZE]  # type: ignore[attr-defined]
    else:
        number_format = CHINESE_BUILT_IN.get(number) or BUILTIN_FORMATS.get(number, "General")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and is_date_format(number_format):
        value = from_excel(value, workbook.epoch)
    return shown(value, number_format)


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of a sheet, edges included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


def visible_grid(
    texts: dict[tuple[int, int], str],
    merged: Iterable[Range] = (),
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
    budget: int = MAX_CELLS,
) -> list[GridRow]:
    """The visible rows that have text, of a sheet with `texts` by row and column (from 1).

    A merged cell stands where its first visible position is. Positions without text are cells too, as far as the
    sheet's texts reach; those that a merged cell covers are none.

    Raises:
        UnreadableFile: if there would be more than `budget` positions.
    """
    texts = {at: text for at, text in texts.items() if text.strip()}
    anchors: dict[tuple[int, int], GridCell] = {}
    covered: set[tuple[int, int]] = set()
    rows = sorted({row for row, _ in texts})
    right_edge = max((column for _, column in texts), default=0)
    hidden_row_set, hidden_column_set = frozenset(hidden_rows), frozenset(hidden_columns)

    def place(text: str, area: Range) -> GridCell | None:
        row, height = _first_visible(area.top, area.bottom, hidden_rows)
        column, width = _first_visible(area.left, area.right, hidden_columns)
        if not height or not width:
            return None
        at = row - bisect_left(hidden_rows, row), column - bisect_left(hidden_columns, column)
        return GridCell(text, at[0] - 1, at[1] - 1, row, column, height, width)

    for area in merged:
        if cell := place(texts.get((area.top, area.left), ""), area):
            anchors[cell.sheet_row, cell.sheet_column] = cell
        reached = rows[bisect_left(rows, area.top) : bisect_right(rows, area.bottom)]
        columns = range(area.left, min(area.right, right_edge) + 1)
        budget -= len(reached) * len(columns)
        if budget < 0:
            raise UnreadableFile(TOO_MANY_CELLS)
        covered.update((row, column) for row in reached for column in columns)

    budget -= len(rows) * right_edge
    if budget < 0:
        raise UnreadableFile(TOO_MANY_CELLS)
    rows = sorted({*rows, *(row for row, _ in anchors if anchors[row, _].text)})
    grid = []
    for row in rows:
        if row in hidden_row_set:
            continue
        cells = []
        for column in range(1, right_edge + 1):
            at = row, column
            if at in anchors:
                cells.append(anchors[at])
            elif at not in covered and column not in hidden_column_set:
                cell = place(texts.get(at, ""), Range(row, column, row, column))
                cells.extend([cell] if cell else [])
        if any(cell.text for cell in cells):
            grid.append(GridRow(cells[0].row, tuple(cells)))
    return grid
