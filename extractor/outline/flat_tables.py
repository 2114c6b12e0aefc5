"""Task tables that have lost their lines: a header of column names, then numbered rows, cells apart by breaks or spaces.

What a page or a form prints as a table often arrives as plain lines, one a cell or one a row. The header says which
columns there are; which cell stands under which is found by their order and by what each column can hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from extractor.model import Cell, Span, Table
from extractor.outline.lines import DATE_LINE, Line, is_organisation, lines_of
from extractor.outline.tables import TELLS_WHO_OR_WHEN, TELLS_WORK, column_of

MIN_COLUMNS = 3
MAX_HEADER_LINES = 12
MAX_CELLS = 40
"""More pieces are no row of a table; what follows it has been caught."""
UNITS = ("lead", "responsible", "cooperating")
TIMES = ("deadline", "frequency")
PIECE = re.compile(r"\S+")
ROW_NUMBER = re.compile(r"\d{1,3}")
TIME = re.compile(
    r"\d\s?[月日]|20\d\d|[年月]底|季度|年内|长期|全年|持续|常态|适时|每[年半月周季日天]|前$|^即"
)
NAMES = re.compile(
    r"(?:各?[^。；：、，\d]{1,20}(?:[局委办部厅署院会团行站所队股科室处社校镇乡村区县市]|政府|部门|单位|中心|公司|街道|集团|银行|机构|幼儿园|企业)(?:（[^（）]{1,16}）)?(?:[、，]|等)?)+"
)
SENTENCE = re.compile(r"[。；]")
SHORT = 16
ENDS_TABLE = re.compile(r"(?:附件|附表|备注|说明|注|填表|联系人|抄送|（联系|—|第 ?\d+ ?页).*")


class Piece(NamedTuple):
    """Characters without a space inside a line, and which line that is."""

    span: Span
    text: str
    line: int


def flat_tables(text: str, tables: Sequence[Table] = ()) -> list[Table]:
    """The task tables that `text` prints without their lines, outside the `tables` that are known."""
    lines = [line for line in lines_of(text) if not any(table.span.overlaps(line.span) for table in tables)]
    found: list[Table] = []
    at = 0
    while at < len(lines):
        header = _header_at(lines, at)
        table = _table_behind(lines, at, *header) if header else None
        if table is None:
            at += 1
            continue
        found.append(table)
        while at < len(lines) and lines[at].span.start < table.span.end:
            at += 1
    return found


def _pieces(lines: Sequence[Line], first: int, last: int) -> Iterator[Piece]:
    for number in range(first, min(last, len(lines))):
        start = lines[number].span.start
        for match in PIECE.finditer(lines[number].text):
            yield Piece(Span(start + match.start(), start + match.end()), match.group(), number)


def _header_at(lines: Sequence[Line], at: int) -> tuple[list[Piece], list[str]] | None:
    """The names of columns that begin with the line `at` and what each holds, if they head a numbered task table."""
    if column_of(next(_pieces(lines, at, at + 1)).text) != "number":
        return None
    names: list[Piece] = []
    columns: list[str] = []
    for piece in _pieces(lines, at, at + MAX_HEADER_LINES):
        column = column_of(piece.text)
        if column is None:
            break
        names.append(piece)
        columns.append(column)
    whole = len(names) >= MIN_COLUMNS and set(columns) & TELLS_WORK and set(columns) & TELLS_WHO_OR_WHEN
    return (names, columns) if whole else None


def _table_behind(
    lines: Sequence[Line], at: int, names: Sequence[Piece], columns: Sequence[str]
) -> Table | None:
    """The table under a header: its rows are numbered 1, 2, 3 …."""
    cells = [Cell(name.span, 0, column) for column, name in enumerate(names)]
    headings = {name.text for name in names}
    # A header that comes again on the next page is no row.
    pieces = (piece for piece in _pieces(lines, names[-1].line, len(lines)) if piece.text not in headings)
    rows = _rows(pieces, lines, len(columns))
    if not rows or (len(rows) == 1 and len(rows[0]) != len(columns)):
        return None
    for number, row in enumerate(rows, 1):
        cells += [Cell(span, number, column) for column, span in _aligned(row, columns)]
    return Table(Span(lines[at].span.start, cells[-1].span.end), tuple(cells))


def _rows(pieces: Iterator[Piece], lines: Sequence[Line], width: int) -> list[list[Piece]]:
    """The pieces of each row; a row begins with the next number at the head of a line."""
    rows: list[list[Piece]] = []
    line = -1
    for piece in pieces:
        opens, line = piece.line != line, piece.line
        if opens and ROW_NUMBER.fullmatch(piece.text) and int(piece.text) == len(rows) + 1:
            rows.append([piece])
        elif not rows or len(rows[-1]) >= MAX_CELLS or (opens and _ends_table(lines, piece.line)):
            break
        else:
            rows[-1].append(piece)
    if rows:
        rows[-1] = _last_row(rows, width)
    return rows


def _ends_table(lines: Sequence[Line], at: int) -> bool:
    """Whether the line belongs to what follows a table: a heading, a date, a signature over its date, a note."""
    line = lines[at]
    signed = at + 1 < len(lines) and DATE_LINE.fullmatch(lines[at + 1].text) and is_organisation(line.text)
    titled = line.label is not None and line.label.style in ("chapter", "section", "han", "han_paren")
    return bool(signed or titled or DATE_LINE.fullmatch(line.text) or ENDS_TABLE.fullmatch(line.text))


def _last_row(rows: list[list[Piece]], width: int) -> list[Piece]:
    """The last row has no next number to end it: it is as long as the others, in lines and in pieces."""
    *others, last = rows
    if others and all(row[0].line == row[-1].line for row in others):
        return [piece for piece in last if piece.line == last[0].line]
    return last[: max([width, *(len(row) for row in others)])]


def _aligned(row: Sequence[Piece], columns: Sequence[str]) -> Iterator[tuple[int, Span]]:
    """Each filled column with the span of its cell: the assignment, in order, that fits what the columns can hold best."""
    best: list[tuple[float, list[int]]] = [
        (_fit(row[0], column) if index == 0 else -9.0 - index, [index])
        for index, column in enumerate(columns)
    ]
    for before, piece in pairwise(row):
        best = [
            max(
                (score + _fit(piece, column) - _step(before, last, index, column), [*path, index])
                for last, (score, path) in enumerate(best[: index + 1])
            )
            for index, column in enumerate(columns)
        ]
    _, path = max((score - (len(columns) - 1 - last), path) for last, (score, path) in enumerate(best))
    for column in sorted(set(path)):
        own = [piece.span for piece, place in zip(row, path, strict=True) if place == column]
        yield column, Span(own[0].start, own[-1].end)


def _step(before: Piece, last: int, index: int, column: str) -> float:
    """What it costs to go on from column `last` to `index`: an empty column between, or one more piece in a cell."""
    if index > last:
        return index - last - 1
    broken = not SENTENCE.search(before.text[-1])
    return 0.5 if column in ("content", "other") or (column == "task" and broken) else 1.0


def _fit(piece: Piece, column: str) -> float:
    """How well a piece fits a column."""
    words = piece.text
    is_time, is_names = bool(TIME.search(words)), bool(NAMES.fullmatch(words))
    is_prose = bool(SENTENCE.search(words)) or len(words) > 2 * SHORT
    if column == "number":
        return 3.0 if ROW_NUMBER.fullmatch(words) else -9.0
    if column in TIMES:
        return -2.0 if is_prose else 2.0 if is_time and len(words) <= 2 * SHORT else 0.0
    if column in UNITS:
        # Of two columns of units the one that helps is left empty first.
        likely = 1.9 if column == "cooperating" else 2.0
        return likely if is_names and not is_prose else -2.0 if is_prose or is_time else -0.5
    if column == "content":
        return 1.5 if is_prose else 0.0
    if column == "task":
        return 1.0 if not is_names else 0.0
    return 0.0
