"""Task tables in plain text whose rows are lines and whose cells are parted by tabs or |, as copying and scraping leave them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from extractor.model import Cell, Span, Table
from extractor.outline.tables import column_of, task_table

LINE = re.compile(r"[^\n]+")
WALLS = ("\t", "|")
MIN_COLUMNS = 3
MIN_NAMED = 2
MAX_HEADERS = 8
"""Rows that name columns and yet head no task table, among lines that stand together."""
MAX_SECTION = 60
"""Characters of a line that stands alone between rows and names those under it."""
RULE = re.compile(r"[\s|:—–\-＋+]+")
"""The line under a header in Markdown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line and its cells, each with the number of its column; one cell where no wall stands in the line."""

    span: Span
    cells: tuple[tuple[int, Span], ...]


def walled_tables(text: str, tables: Sequence[Table] = ()) -> list[Table]:
    """The task tables that `text` prints row by row, outside the `tables` that are known."""
    if not any(wall in text for wall in WALLS):
        return []
    lines = [
        Span(*line.span())
        for line in LINE.finditer(text)
        if not any(table.span.overlaps(Span(*line.span())) for table in tables)
    ]
    found: list[Table] = []
    at = 0
    while at < len(lines):
        wall = next((wall for wall in WALLS if len(_row(text, lines[at], wall).cells) >= MIN_COLUMNS), None)
        rows = list(_rows(text, lines, at, wall)) if wall else []
        found += _table_among(text, rows)
        behind = rows[-1].span.end if rows else lines[at].end
        while at < len(lines) and lines[at].start < behind:
            at += 1
    return found


def _table_among(text: str, rows: Sequence[Row]) -> list[Table]:
    """The task table that begins with one of the `rows`; none or one, for what follows its header belongs to it."""
    headers = (number for number, row in enumerate(rows) if _names_columns(text, row))
    for number in islice(headers, MAX_HEADERS):
        table = _table(rows[number:])
        if table is not None and task_table(text, table):
            return [table]
    return []


def _names_columns(text: str, row: Row) -> bool:
    """Whether it may be the header of a task table: several cells, of which at least what and who or when are known."""
    named = sum(column_of(span.of(text)) is not None for _, span in row.cells)
    return len(row.cells) >= MIN_COLUMNS and named >= MIN_NAMED


def _rows(text: str, lines: Sequence[Span], at: int, wall: str) -> Iterator[Row]:
    """The rows from the line `at` on, with the lines that stand alone between two of them."""
    for number in range(at, len(lines)):
        row = _row(text, lines[number], wall)
        if RULE.fullmatch(row.span.of(text)):
            continue
        following = lines[number + 1] if number + 1 < len(lines) else None
        if len(row.cells) == 1 and wall not in row.span.of(text).strip():
            leads = following is not None and len(_row(text, following, wall).cells) > 1
            if not leads or row.span.end - row.span.start > MAX_SECTION:
                return
        yield row


def _row(text: str, line: Span, wall: str) -> Row:
    """The line cut at its walls; an outer pair of | encloses no cell."""
    inner = line
    if wall == "|" and line.of(text).lstrip().startswith("|"):
        inner = Span(text.index("|", line.start) + 1, line.end)
    cells, start = [], inner.start
    for column, words in enumerate(inner.of(text).split(wall)):
        bare = words.strip()
        if bare:
            begins = start + words.index(bare[0])
            cells.append((column, Span(begins, begins + len(bare))))
        start += len(words) + 1
    return Row(line, tuple(cells))


def _table(rows: Sequence[Row]) -> Table | None:
    """The rows as a table; a line that stands alone goes across all of it."""
    if len(rows) < 2:
        return None
    width = 1 + max(column for row in rows for column, _ in row.cells)
    cells = [
        Cell(span, number, column, columns=width if len(row.cells) == 1 and column == 0 else 1)
        for number, row in enumerate(rows)
        for column, span in row.cells
    ]
    return Table(Span(cells[0].span.start, max(cell.span.end for cell in cells)), tuple(cells))
