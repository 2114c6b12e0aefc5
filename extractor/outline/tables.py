"""Task tables: a table whose header names tasks and who or when is read row by row into tasks.

Values are read from the column they stand in; a cell that is merged over several rows speaks for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from extractor.model import Cell, Span, Table
from extractor.outline.labels import label_at
from extractor.outline.lexicon import rows
from extractor.outline.tree import Node
from extractor.text.numerals import parse_numeral

MAX_HEADER_ROWS = 3
TELLS_WORK = {"task", "content"}
TELLS_WHO_OR_WHEN = {"lead", "responsible", "cooperating", "deadline", "frequency"}


@dataclass
class TaskRow(Node):
    """A row of a task table; `columns` are its cells with what they hold, in clean text."""

    columns: list[tuple[str, Span]] = field(default_factory=list)


@cache
def _columns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), column) for pattern, column in rows("columns.tsv"))


def column_of(heading: str) -> str | None:
    """What a column with this heading holds, None where the words are no heading of a task table."""
    bare = re.sub(r"\s|（[^（）]*）", "", heading)
    return next((column for pattern, column in _columns() if pattern.fullmatch(bare)), None)


@dataclass(frozen=True)
class TaskTable:
    """A table with the columns that its header names and the number of its header rows."""

    table: Table
    columns: dict[int, str]
    header: int


def task_table(text: str, table: Table) -> TaskTable | None:
    """The table with its columns, if its first rows are the header of a task table, a title row above them or not."""
    by_row = _by_row(table)
    for first in range(min(MAX_HEADER_ROWS, len(by_row))):
        columns: dict[int, str] = {}
        for depth in range(first, min(first + 2, len(by_row))):
            named = {cell: column_of(cell.span.of(text)) for cell in by_row[depth]}
            if depth > first and not (any(named.values()) and all(named.values())):
                break
            for cell, column in named.items():
                if column:
                    columns |= dict.fromkeys(range(cell.column, cell.column + cell.columns), column)
            found = set(columns.values())
            below = by_row[depth + 1] if depth + 1 < len(by_row) else []
            splits = any(column_of(cell.span.of(text)) in TELLS_WHO_OR_WHEN for cell in below)
            if found & TELLS_WORK and found & TELLS_WHO_OR_WHEN and not splits:
                return TaskTable(table, columns, depth + 1)
    return None


def _by_row(table: Table) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[] for _ in range(1 + max((cell.row for cell in table.cells), default=-1))]
    for cell in table.cells:
        rows[cell.row].append(cell)
    return rows


def read_rows(text: str, tasks: TaskTable) -> list[Node]:
    """The rows as nodes, those under a full-width row as its children; repeated headers are passed over."""
    width = max(cell.column + cell.columns for cell in tasks.table.cells)
    tops: list[Node] = []
    section: Node | None = None
    merged: list[Cell] = []
    for row, cells in enumerate(_by_row(tasks.table)):
        own = [cell for cell in cells if cell.span.of(text).strip()]
        merged = [cell for cell in merged if row < cell.row + cell.rows]
        if row < tasks.header:
            merged += [cell for cell in own if cell.rows > 1]
            continue
        above, merged = merged, [*merged, *(cell for cell in own if cell.rows > 1)]
        if not own or all(column_of(c.span.of(text)) for c in own):
            continue
        if len(own) == 1 and own[0].columns >= max(2, width - 1):
            section = _section_node(text, own[0].span)
            tops.append(section)
            continue
        node = _row_node(text, tasks, above, own)
        if node is None:
            continue
        if section:
            section.adopt([node])
            section.end = node.end
        else:
            tops.append(node)
    return [node for node in tops if node.children or isinstance(node, TaskRow)]


def _section_node(text: str, span: Span) -> Node:
    """A full-width row: what it names, behind its number where it has one."""
    label = label_at(text, span.start, span.end)
    if label is None:
        return Node(span.start, span.end, "section_row", None, None, span, own_line=True)
    heading = Span(label.end, span.end)
    return Node(span.start, span.end, "section_row", label.value, label.number, heading, own_line=True)


def _row_node(text: str, tasks: TaskTable, above: Sequence[Cell], own: Sequence[Cell]) -> TaskRow | None:
    """The row of its `own` cells and of those that reach down into it from `above`."""
    columns = [(tasks.columns.get(cell.column, "other"), cell.span) for cell in (*above, *own)]
    if not any(column in TELLS_WORK and any(span == c.span for c in own) for column, span in columns):
        return None
    held = dict(reversed(columns))
    number = held.get("number")
    heading = held.get("task") if "content" in held else None
    start, end = min(c.span.start for c in own), max(c.span.end for c in own)
    value = parse_numeral(number.of(text).strip("（）.、 ")) if number else None
    return TaskRow(start, end, "row", value, number, heading, own_line=False, columns=columns)
