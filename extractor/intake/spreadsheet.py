"""Spreadsheets (.xlsx and .csv): what a person sees of each sheet, as lines and tables."""

from __future__ import annotations

import csv
import io
import re
import warnings
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.intake.errors import UnreadableFile
from extractor.intake.number_formats import CHINESE_BUILT_IN, Value, is_date_format, shown
from extractor.intake.plain_text import decode
from extractor.intake.safe_zip import BROKEN, SafeZip, refuse_doctype
from extractor.model import Cell, Place, Source, Span, Table

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

XLSX_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_MEDIA = "text/csv"

MAX_TAGS = 1_000_000
"""XML elements of all sheets and shared strings: openpyxl takes some 7 s for as many; a task table has 10,000."""
MAX_CELLS = 300_000
"""Cells of all sheets (or of a csv file) with the positions that merged cells cover."""
MAX_COLUMN = 16_384
"""XFD, the last column that there is."""
MIN_HEADER_SHARE = 0.5
"""A row above a table's header that fills less of the table's width than this stands apart from the table."""

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_WORKBOOK_STREAMS = tuple(f"{name}\0".encode("utf-16-le") for name in ("Workbook", "Book"))
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
SNIFFED_CHARACTERS = 100_000
"""How much of a text is looked at to tell a table from prose."""
WORK_COLUMN = re.compile(
    r".{0,6}(?:任务|内容|事项|举措|措施|项目|要求|目标)(?:名称|内容|描述|分解|清单)?|"
    r"(?:牵头|责任|负责|配合|主办|协办|承办|参与|落实|主管).{0,6}|.{0,4}(?:时限|期限|完成时间|时间节点|时间要求)"
)
OTHER_COLUMN = re.compile(
    r"序号|编号|类别|频次|频率|备注|状态|时间|进展.{0,4}|来源.{0,4}|完成.{0,4}|单位|部门"
)
MIN_KNOWN_COLUMNS = 2
FORM_FIELD = re.compile("[：:]")


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
    refuse_hostile_workbook(SafeZip(data))
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
    """Whether `data` is an OLE file with a workbook stream (.xls, .et): `read_xlsx` says what to do with it."""
    return data.startswith(OLE_MAGIC) and any(stream in data for stream in OLD_WORKBOOK_STREAMS)


def refuse_hostile_workbook(package: SafeZip) -> None:
    """Refuse binary workbooks, document types in XML, and more cells than can be meant.

    Raises:
        UnreadableFile: if it is one of these.
    """
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


def _visible_rows(workbook: Workbook, sheet: ReadOnlyWorksheet, budget: int) -> list[GridRow]:
    """The rows of `sheet` with text.

    The parser that openpyxl's read-only sheets use is asked itself: it alone yields the merged ranges and the hidden
    rows and columns too, and it neither pads rows nor expands ranges, which makes bombs of both.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    with sheet._get_source() as xml:  # type: ignore[attr-defined]
        parser = WorkSheetParser(
            xml,
            sheet._shared_strings,  # type: ignore[attr-defined]
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
    hidden_rows = sorted(
        int(row) for row, its in parser.row_dimensions.items() if _is_true(its.get("hidden"))
    )
    hidden_columns = sorted(
        {
            column
            for its in parser.column_dimensions.values()
            if _is_true(its.get("hidden"))
            for column in range(int(its["min"]), min(int(its["max"]), MAX_COLUMN) + 1)
        }
    )
    merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
    ranges = [Range(cell.min_row, cell.min_col, cell.max_row, cell.max_col) for cell in merged]
    return visible_grid(texts, ranges, hidden_rows, hidden_columns, budget)


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
        with suppress(OverflowError):  # a day beyond the year 9999 stays a number
            value = from_excel(value, workbook.epoch)
    return shown(value, number_format)


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of a sheet, edges included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


class Axis:
    """The rows (or columns) of a sheet of which some are hidden; `hidden` is sorted, all count from 1."""

    def __init__(self, hidden: Sequence[int]) -> None:
        self._hidden = hidden
        self._before = [number - i for i, number in enumerate(hidden)]

    def shows(self, number: int) -> bool:
        """Whether the row is visible."""
        return bool(self.visible(number, number)[1])

    def index(self, number: int) -> int:
        """Where a visible row stands among the visible ones, from 0."""
        return number - bisect_left(self._hidden, number) - 1

    def visible(self, first: int, last: int) -> tuple[int, int]:
        """The first visible row from `first` on, and how many of those up to `last` are visible."""
        i = bisect_left(self._hidden, first)
        count = last - first + 1 - (bisect_right(self._hidden, last) - i)
        hidden_run = bisect_right(self._before, first - i, lo=i) - i
        return first + hidden_run, max(count, 0)


def visible_grid(
    texts: dict[tuple[int, int], str],
    merged: Sequence[Range] = (),
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
    budget: int = MAX_CELLS,
) -> list[GridRow]:
    """The visible rows that have text, of a sheet with `texts` by row and column (from 1).

    A merged cell stands at its first visible position. Positions without text are cells too, as far to the right as the
    sheet has text; those that a merged cell covers are none.

    Raises:
        UnreadableFile: if there are more than `budget` positions.
    """
    down, across = Axis(hidden_rows), Axis(hidden_columns)

    def cell_at(text: str, area: Range) -> GridCell | None:
        row, height = down.visible(area.top, area.bottom)
        column, width = across.visible(area.left, area.right)
        if not height or not width:
            return None
        return GridCell(text, down.index(row), across.index(column), row, column, height, width)

    anchors = [cell_at(texts.get((area.top, area.left), ""), area) for area in merged]
    merged_cells = {(cell.sheet_row, cell.sheet_column): cell for cell in anchors if cell}
    filled = [at for at, text in texts.items() if text.strip()]
    filled += [at for at, cell in merged_cells.items() if cell.text.strip()]
    rows = sorted({row for row, _ in filled})
    right_edge = max((column for _, column in filled), default=0)
    covered = _covered(merged, rows, right_edge, budget)
    if len(rows) * right_edge > budget:
        raise UnreadableFile(TOO_MANY_CELLS)

    grid = []
    columns = [column for column in range(1, right_edge + 1) if across.shows(column)]
    for row in filter(down.shows, rows):
        own = [column for column in columns if (row, column) in merged_cells or (row, column) not in covered]
        cells = [
            merged_cells.get((row, column))
            or cell_at(texts.get((row, column), ""), Range(row, column, row, column))
            for column in own
        ]
        line = GridRow(down.index(row), tuple(cell for cell in cells if cell))
        if line.filled:
            grid.append(line)
    return grid


def _covered(
    merged: Iterable[Range], rows: Sequence[int], right_edge: int, budget: int
) -> set[tuple[int, int]]:
    """The positions in `rows` that merged cells cover."""
    covered: set[tuple[int, int]] = set()
    for area in merged:
        reached = rows[bisect_left(rows, area.top) : bisect_right(rows, area.bottom)]
        columns = range(area.left, min(area.right, right_edge) + 1)
        budget -= len(reached) * len(columns)
        if budget < 0:
            raise UnreadableFile(TOO_MANY_CELLS)
        covered.update((row, column) for row in reached for column in columns)
    return covered


def read_csv(data: bytes, name: str) -> Source:
    """A text of separated values (RFC 4180) in whatever encoding and with whatever separator it was saved.

    Raises:
        UnreadableFile: if it is no text, holds no table, or is too large.
    """
    decoded = decode(data)
    if decoded is None:
        raise UnreadableFile(NO_TABLE)
    text, encoding = decoded
    delimiter = delimiter_of(text) or max(DELIMITERS, key=text.count)
    try:
        records = list(_records(text, delimiter))
    except csv.Error:
        raise UnreadableFile(NO_TABLE) from None
    texts = {
        (row, column): field
        for row, record in enumerate(records, 1)
        for column, field in enumerate(record, 1)
    }
    writer = SheetWriter()
    writer.write_sheet(None, visible_grid(texts))
    return writer.source(name, data, encoding, CSV_MEDIA)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    fields = 0
    for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        fields += len(record)
        if fields > MAX_CELLS:
            raise UnreadableFile(TOO_MANY_CELLS)
        yield record


def delimiter_of(text: str) -> str | None:
    """The separator of `text` if it is a task table in separated values, None if it is prose or anything else.

    It is one where its records have the same number of fields nearly always and one of the first names the columns of
    a task table; a document that only happens to have as many commas on each line does not.
    """
    beginning = text if len(text) <= SNIFFED_CHARACTERS else text[:SNIFFED_CHARACTERS].rpartition("\n")[0]
    for delimiter in DELIMITERS:
        try:
            records = [record for record in _records(beginning, delimiter) if any(record)]
        except csv.Error:
            continue
        widths = Counter(map(len, records))
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        consistent = len(records) >= MIN_RECORDS and width > 1 and count >= MIN_CONSISTENT * len(records)
        if consistent and any(_names_task_columns(record) for record in records[:HEADER_WITHIN]):
            return delimiter
    return None


def _names_task_columns(record: Sequence[str]) -> bool:
    names = ["".join(field.split()) for field in record]
    work = sum(bool(WORK_COLUMN.fullmatch(name)) for name in names)
    other = sum(bool(OTHER_COLUMN.fullmatch(name)) for name in names)
    return work > 0 and work + other >= MIN_KNOWN_COLUMNS


class SheetWriter:
    """Puts sheets one below the other into one text: titles and notes as lines, regions of several columns as tables."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._starts: list[int] = []
        self._places: list[tuple[str | None, int, int]] = []
        self._tables: list[Table] = []

    def write_sheet(self, sheet: str | None, rows: Iterable[GridRow]) -> None:
        """Write one sheet below what is written already."""
        for region in regions(rows):
            if region.is_table:
                self._write_table(sheet, region.rows)
            else:
                for row in region.rows:
                    self._write_line(sheet, row)

    def source(self, name: str, data: bytes, encoding: str, media: str) -> Source:
        """What was written, as the source of the file `data`.

        Raises:
            UnreadableFile: if nothing was.
        """
        if not self._pieces:
            raise UnreadableFile(NOTHING_SHOWN)
        return Source(
            name,
            "".join(self._pieces),
            data,
            encoding,
            media,
            locator=CellLocator(tuple(self._starts), tuple(self._places)),
            tables=tuple(self._tables),
        )

    def _write_line(self, sheet: str | None, row: GridRow) -> None:
        self._begin_line()
        for i, cell in enumerate(row.filled):
            lines = (" ".join(line.split("\t")).strip() for line in cell.text.splitlines())
            self._write_cell(sheet, cell, "\n".join(line for line in lines if line), first=i == 0)

    def _write_table(self, sheet: str | None, rows: Sequence[GridRow]) -> None:
        self._begin_line()
        start, top = self._length, rows[0].index
        left = min(cell.column for row in rows for cell in row.filled)
        right = max(cell.column for row in rows for cell in row.filled)
        cells: list[Cell] = []
        for row in rows:
            if row is not rows[0]:
                self._write("\n")
            for i, cell in enumerate(cell for cell in row.cells if left <= cell.column <= right):
                span = self._write_cell(sheet, cell, " ".join(cell.text.split()), first=i == 0)
                cells.append(Cell(span, cell.row - top, cell.column - left, cell.rows, cell.columns))
        self._tables.append(Table(Span(start, self._length), tuple(cells)))

    def _begin_line(self) -> None:
        if self._pieces:
            self._write("\n")

    def _write_cell(self, sheet: str | None, cell: GridCell, text: str, *, first: bool) -> Span:
        if not first:
            self._write("\t")
        self._starts.append(self._length)
        self._places.append((sheet, cell.sheet_row, cell.sheet_column))
        self._write(text)
        return Span(self._length - len(text), self._length)

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)


@dataclass(frozen=True, slots=True)
class Region:
    """Rows of a sheet that belong together: a table, or lines that stand apart from any."""

    is_table: bool
    rows: tuple[GridRow, ...]


def regions(rows: Iterable[GridRow]) -> Iterator[Region]:
    """The tables of a sheet and the lines above, between and below them.

    A table begins with a row of several filled cells and goes on to the last such row; rows of one cell inside it are
    its sections. A blank row ends it unless a row of several cells follows at once.
    """
    table: list[GridRow] = []
    single: list[GridRow] = []
    end = 0
    for row in rows:
        several = len(row.filled) > 1
        if table and row.index > end and (single or not several):
            yield from _parted(table)
            yield from _lines(single)
            table, single = [], []
        if several or (table and row.index < max(above.end for above in table)):
            table += [*single, row]
            single = []
        elif table:
            single.append(row)
        else:
            yield Region(False, (row,))
        end = max(end, row.end)
    yield from _parted(table)
    yield from _lines(single)


def _lines(rows: Sequence[GridRow]) -> Iterator[Region]:
    if rows:
        yield Region(False, tuple(rows))


def _parted(table: Sequence[GridRow]) -> Iterator[Region]:
    """The rows above a table's header (填报单位：…  日期：…) as lines, the rest as a table."""
    above = 0
    while above < len(table) - 1 and _stands_above(table[above], table[above + 1 :]):
        above += 1
    if above == len(table) - 1:
        above += 1  # a single row of several cells is no table
    yield from _lines(table[:above])
    if above < len(table):
        yield Region(True, tuple(table[above:]))


def _stands_above(row: GridRow, table: Sequence[GridRow]) -> bool:
    width = max(cell.column + cell.columns for each in table for cell in each.filled)
    width -= min(cell.column for each in table for cell in each.filled)
    if all(FORM_FIELD.search(cell.text) for cell in row.filled):
        return True
    return sum(cell.columns for cell in row.filled) < MIN_HEADER_SHARE * width
