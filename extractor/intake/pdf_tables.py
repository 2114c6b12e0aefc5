"""Ruled tables: from the rules drawn on a page to cells with the lines in them, joined where a table runs over pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Literal

from extractor.intake.page_lines import (
    SENTENCE_END,
    Line,
    PrintedCell,
    PrintedTable,
    first_word_width,
    part_of,
    rows_of,
)

MIN_RULE = 4.0
"""Points: shorter strokes are dots, ticks or pieces of letters."""
SNAP = 3.0
"""Points within which rules count as one: the two edges of a drawn rule, neighbours that do not quite meet."""
MAX_RULES = 3000
"""A page with more is a drawing; finding cells takes time with the square of the crossings."""
MAX_CROSSINGS = 3000
MIN_IN_LINE = 3
USUAL_PADDING = 6.0
"""Points between rule and text where centred text does not show it: Word's 5.4, rounded up."""
FIT_TOLERANCE = 0.1
"""Ems by which the room in a cell may be wrong."""
NEARLY_FULL, MANY_EMS = 0.9, 8
"""In wide cells a line in mid sentence that fills so much of the room goes on: edges on scans are not sharper."""
NAME_ENDS = re.compile("(?:[局委办厅院部会府司队处]|中心)$")
NAME_BEGINS = re.compile("[市县区省州旗各]")
"""Offices one below the other in a narrow cell: each fills its line, so that its width says nothing."""
IN_DATE, DATE_ON = re.compile(r"[年月\d]$"), re.compile(r"[\d年月日]")
UNFINISHED = ("、", "，", ",", "（", "(", "《", "“", "/")


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight stroke, level or upright, in points in the frame of the page's lines."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def direction(self) -> Literal["h", "v"] | None:
        """Level, upright, or neither."""
        width, height = self.right - self.left, self.bottom - self.top
        if width >= MIN_RULE and height < SNAP:
            return "h"
        return "v" if height >= MIN_RULE and width < SNAP else None


def ruled_tables(
    rules: Iterable[Rule], lines: Sequence[Line]
) -> tuple[tuple[PrintedTable, ...], tuple[Line, ...]]:
    """The tables that `rules` draw, with the lines inside them, and the lines that are left outside."""
    grids = _grids(rules)
    tables = []
    for grid in grids:
        inside, lines = _parted_by_cells(grid, lines)
        tables.append(_table(grid, inside))
    return tuple(tables), tuple(lines)


_Cell = tuple[float, float, float, float]
_Edge = dict[str, Any]


def _grids(rules: Iterable[Rule]) -> list[list[_Cell]]:
    """The cells of each table that has more than one column, as left, top, right, bottom."""
    drawn = [rule for rule in rules if rule.direction]
    level = sum(rule.direction == "h" for rule in drawn)
    if level < 2 or level == len(drawn) or len(drawn) > MAX_RULES:
        return []
    from pdfplumber import table as plumber

    edges = plumber.merge_edges([_edge(rule) for rule in drawn], SNAP, SNAP, SNAP, SNAP)
    edges = plumber.merge_edges([*edges, *_closing(edges)], SNAP, SNAP, SNAP, SNAP)
    crossings = plumber.edges_to_intersections(edges, SNAP, SNAP)
    if len(crossings) > MAX_CROSSINGS:
        return []
    grids = plumber.cells_to_tables(plumber.intersections_to_cells(crossings))
    return [grid for grid in grids if len(_steps(cell[0] for cell in grid)) > 1]


def _closing(edges: Sequence[_Edge]) -> Iterator[_Edge]:
    """Rules that are not drawn but seen: at the open sides of a table, where its rules end in line.

    Tables are left open to the left and right by custom, to the top and bottom where the page breaks a row.
    """
    upright = [edge for edge in edges if edge["orientation"] == "v"]
    level = [edge for edge in edges if edge["orientation"] == "h"]
    for end in ("top", "bottom"):
        for y in _shared(upright, end):
            ending = [edge["x0"] for edge in upright if abs(edge[end] - y) <= SNAP]
            yield _edge(Rule(min(ending), y, max(ending), y))
    for end in ("x0", "x1"):
        for x in _shared(level, end):
            ending = [edge["top"] for edge in level if abs(edge[end] - x) <= SNAP]
            yield _edge(Rule(x, min(ending), x, max(ending)))


def _shared(edges: Sequence[_Edge], end: str) -> list[float]:
    """Where at least three of `edges` end."""
    steps = _steps(edge[end] for edge in edges)
    return [step for step in steps if sum(abs(edge[end] - step) <= SNAP for edge in edges) >= MIN_IN_LINE]


def _edge(rule: Rule) -> _Edge:
    """A rule as pdfplumber describes one."""
    level = rule.direction == "h"
    left, right = (rule.left, rule.right) if level else ((rule.left + rule.right) / 2,) * 2
    top, bottom = ((rule.top + rule.bottom) / 2,) * 2 if level else (rule.top, rule.bottom)
    return {
        "x0": left,
        "x1": right,
        "top": top,
        "bottom": bottom,
        "width": right - left,
        "height": bottom - top,
        "orientation": rule.direction,
        "object_type": "line",
    }


def _steps(values: Iterable[float]) -> list[float]:
    """The distinct values, those within the snapping distance counted once."""
    steps: list[float] = []
    for value in sorted(values):
        if not steps or value - steps[-1] > SNAP:
            steps.append(value)
    return steps


def _nearest(steps: Sequence[float], value: float) -> int:
    return min(range(len(steps)), key=lambda i: abs(steps[i] - value))


def _parted_by_cells(
    grid: Sequence[_Cell], lines: Iterable[Line]
) -> tuple[dict[int, list[Line]], list[Line]]:
    """The pieces of lines in each cell (by its place in `grid`), and the lines outside: a rule may cut a line in two."""
    left, right = min(cell[0] for cell in grid), max(cell[2] for cell in grid)
    top, bottom = min(cell[1] for cell in grid), max(cell[3] for cell in grid)
    inside: dict[int, list[Line]] = {}
    outside: list[Line] = []
    for line in lines:
        middle = (line.top + line.bottom) / 2
        if not top < middle < bottom or line.right < left or line.left > right or line.reason:
            outside.append(line)
            continue
        row = [(i, cell) for i, cell in enumerate(grid) if cell[1] <= middle < cell[3]]
        homes = [_home(row, (line.edges[k] + line.edges[k + 1]) / 2) for k in range(len(line.text))]
        start = 0
        for end in [k for k in range(1, len(homes)) if homes[k] != homes[k - 1]] + [len(homes)]:
            piece = part_of(line, start, end).stripped()
            home = homes[start]
            if piece.text and home is not None:
                inside.setdefault(home, []).append(piece)
            elif piece.text:
                outside.append(piece)
            start = end
    return inside, outside


def _home(row: Sequence[tuple[int, _Cell]], x: float) -> int | None:
    return next((i for i, cell in row if cell[0] <= x < cell[2]), None)


def _table(grid: Sequence[_Cell], inside: dict[int, list[Line]]) -> PrintedTable:
    rules = _steps(x for cell in grid for x in (cell[0], cell[2]))
    levels = _steps(y for cell in grid for y in (cell[1], cell[3]))
    cells = []
    for i, (left, top, right, bottom) in enumerate(grid):
        row, column = _nearest(levels, top), _nearest(rules, left)
        rows, columns = _nearest(levels, bottom) - row, _nearest(rules, right) - column
        lines = tuple(line.stripped() for line in rows_of(inside.get(i, ())))
        cells.append(
            PrintedCell(row, column, max(rows, 1), max(columns, 1), left, right, USUAL_PADDING, lines)
        )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return PrintedTable(levels[0], levels[-1], tuple(rules), tuple(_with_padding(cells)))


def _with_padding(cells: Sequence[PrintedCell]) -> Iterator[PrintedCell]:
    """The cells with the padding that the lines of their column show: where all begin at one x it is the white before them."""
    for cell in cells:
        column = [other for other in cells if (other.column, other.columns) == (cell.column, cell.columns)]
        before = [line.left - other.left for other in column for line in other.lines]
        widths = {round(line.width) for other in column for line in other.lines}
        flush = len(widths) > 1 and max(before) - min(before) < 1.0
        yield (
            replace(cell, padding=min(before) if flush else min([USUAL_PADDING, *before])) if before else cell
        )


def cell_paragraphs(cell: PrintedCell) -> Iterator[list[Line]]:
    """The lines of a cell, those together that are one paragraph: a line goes on if the next word did not fit into it."""
    paragraph: list[Line] = []
    for line in cell.lines:
        if paragraph and not _goes_on(cell, paragraph[-1], line):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _goes_on(cell: PrintedCell, line: Line, following: Line) -> bool:
    if line.text.endswith(UNFINISHED) or (IN_DATE.search(line.text) and DATE_ON.match(following.text)):
        return True
    if NAME_ENDS.search(line.text) and NAME_BEGINS.match(following.text):
        return False
    room = cell.right - cell.left - 2 * cell.padding
    if room > MANY_EMS * line.em and line.width > NEARLY_FULL * room and not SENTENCE_END.search(line.text):
        return True
    return line.width + (first_word_width(following.text) + FIT_TOLERANCE) * line.em > room


def continued(table: PrintedTable, part: PrintedTable) -> PrintedTable | None:
    """`table` with `part` of the next page joined to it, or None where `part` is another table.

    A header that the part repeats is set apart, a row that the page broke in two is put together again, and a merged cell
    that runs on is made longer.
    """
    if not _same_columns(table, part):
        return None
    repeated = _repeated_rows(table, part)
    if repeated >= part.row_count:
        return replace(table, asides=(*table.asides, *_asides(table, part, repeated)), bottom=part.bottom)
    first = part.row(repeated)
    broken = _is_broken(table, first)
    shift = table.row_count - repeated - broken
    cells = list(table.cells)
    for cell in part.cells:
        if cell.row < repeated:
            continue
        above = _last_in_column(cells, cell)
        if broken and cell.row == repeated and above is not None:
            cells[cells.index(above)] = replace(
                above, lines=above.lines + cell.lines, rows=above.rows + cell.rows - 1
            )
        elif cell.row == repeated and above is not None and _runs_on(table, cell):
            cells[cells.index(above)] = replace(above, rows=above.rows + cell.rows)
        else:
            cells.append(replace(cell, row=cell.row + shift))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    asides = (*table.asides, *_asides(table, part, repeated))
    return replace(table, cells=tuple(cells), asides=asides, bottom=part.bottom)


def _same_columns(table: PrintedTable, part: PrintedTable) -> bool:
    if len(table.rules) != len(part.rules):
        return False
    shift = part.rules[0] - table.rules[0]
    return all(abs(there - here - shift) <= SNAP for here, there in zip(table.rules, part.rules, strict=True))


def _repeated_rows(table: PrintedTable, part: PrintedTable) -> int:
    pairs = zip(_row_texts(table), _row_texts(part), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] and any(pair[0]), pairs))


def _row_texts(table: PrintedTable) -> Iterator[list[str]]:
    for number in range(table.row_count):
        yield ["".join("".join(line.text.split()) for line in cell.lines) for cell in table.row(number)]


def _asides(
    table: PrintedTable, part: PrintedTable, repeated: int
) -> Iterator[tuple[int, tuple[PrintedCell, ...]]]:
    for number in range(repeated):
        yield table.row_count, part.row(number)


def _last_in_column(cells: Sequence[PrintedCell], cell: PrintedCell) -> PrintedCell | None:
    same = [other for other in cells if (other.column, other.columns) == (cell.column, cell.columns)]
    return max(same, key=lambda other: other.row, default=None)


def _is_broken(table: PrintedTable, first: Sequence[PrintedCell]) -> bool:
    """Whether the page cut a row: the row's first cell has no more, the next one goes on in mid sentence."""
    filled = [cell for cell in first if cell.lines]
    if not filled or filled[0] is first[0]:
        return False
    above = _last_in_column(table.cells, filled[0])
    if above is None or not above.lines or SENTENCE_END.search(above.lines[-1].text):
        return False
    return _goes_on(above, above.lines[-1], filled[0].lines[0])


def _runs_on(table: PrintedTable, cell: PrintedCell) -> bool:
    """Whether an empty cell at the head of a page belongs to the cell above: its column has merged cells elsewhere."""
    column = [other for other in table.cells if (other.column, other.columns) == (cell.column, cell.columns)]
    return not cell.lines and (cell.rows > 1 or any(other.rows > 1 for other in column))
