"""Which tables of a page hold data and which only hold it in place, and where the cells of a data table stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

SECTIONS = ("thead", "tbody", "tfoot")
BREAKS = ("p", "br", "div", "li")
SHORT_CELL = 120
"""Characters (and one paragraph) that a cell of a small table of data has at most: 索引号, a number, a title."""
PROSE_PARAGRAPHS = 4
"""A cell with so many paragraphs and most of the table's text is the page's middle, not a cell of a task table."""
MAX_COLUMNS = 200
"""Columns that are kept apart: wider than any table on paper, narrow enough that hostile spans cost little."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a cell begins in the grid (from 0), and how many rows and columns it takes up."""

    row: int
    column: int
    rows: int
    columns: int


def rows_of(table: _Element) -> list[_Element]:
    """The rows of a table itself, not of tables inside it."""
    rows: list[_Element] = []
    for child in table:
        if child.tag == "tr":
            rows.append(child)
        elif child.tag in SECTIONS:
            rows.extend(row for row in child if row.tag == "tr")
    return rows


def cells_of(row: _Element) -> list[_Element]:
    """The cells of a row."""
    return [cell for cell in row if cell.tag in ("td", "th")]


def is_data_table(table: _Element) -> bool:
    """Whether a table says something by its rows and columns.

    One that holds tables, or has no row with two filled cells, or is filled by a single cell of running text, is layout.
    """
    if table.get("role") in ("presentation", "none") or any(True for _ in table.iterdescendants("table")):
        return False
    rows = [[_length(cell) for cell in cells_of(row)] for row in rows_of(table)]
    side_by_side = [row for row in rows if sum(length > 0 for length in row) > 1]
    if not side_by_side:
        return False
    cells = [cell for row in rows_of(table) for cell in cells_of(row)]
    largest = max(cells, key=_length)
    if _length(largest) <= SHORT_CELL and _paragraphs(largest) <= 2:
        return True
    dominates = 2 * _length(largest) > sum(map(sum, rows))
    return len(side_by_side) > 1 and not (dominates and _paragraphs(largest) >= PROSE_PARAGRAPHS)


def _length(cell: _Element) -> int:
    return len("".join(map(str, cell.itertext())).strip())


def _paragraphs(cell: _Element) -> int:
    return sum(1 for _ in cell.iterdescendants(*BREAKS))


def positions(rows: Sequence[Sequence[_Element]]) -> Iterator[tuple[_Element, Position]]:
    """Each cell with its position in the grid (HTML Standard, 4.9.12.1, forming a table)."""
    taken_below: dict[int, int] = {}
    for number, cells in enumerate(rows):
        taken = set(taken_below)
        taken_below = {column: left - 1 for column, left in taken_below.items() if left > 1}
        column = 0
        for cell in cells:
            while column in taken and column < MAX_COLUMNS:
                column += 1
            high = _span(cell, "rowspan", len(rows) - number)
            wide = _span(cell, "colspan", max(MAX_COLUMNS - column, 1))
            yield cell, Position(number, column, high, wide)
            for covered in range(column, column + wide):
                taken.add(covered)
                if high > 1:
                    taken_below[covered] = high - 1
            column += wide


def _span(cell: _Element, name: str, largest: int) -> int:
    """The value of rowspan or colspan; 0 means all the rows that are left."""
    value = cell.get(name, "1").strip()
    if not value.isdecimal():
        return 1
    count = int(value[:6])
    if count == 0:
        return largest if name == "rowspan" else 1
    return min(count, largest)
