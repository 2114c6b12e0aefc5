"""What is printed on a page: lines of text and ruled tables, measured in points from the page's top left corner."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from extractor.model import Box, Place, Span

Frame = tuple[float, float, float, float, float, float]
"""An affine map `(a, b, c, d, e, f)`: x' = ax + cy + e, y' = bx + dy + f."""

UPRIGHT: Frame = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

FULL_WIDTH = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6“”‘’—…\U00020000-\U0003ffff]"
)
SENTENCE_END = re.compile(r"[。！？；：!?;:][”’）】》]*$")
WORD = re.compile(r"[A-Za-z0-9.,%+\-/:]+")
NEVER_FIRST = "，。、；：？！）》〉」』】〕”’…%％"
NEVER_LAST = "（《〈「『【〔“‘"
LONGEST_WORD = 6.0
"""Ems: a longer run of letters is an address, which may be cut anywhere."""
GAP_SPACE = 0.8
"""Pieces of one line farther apart than this many ems are parted by a space: people see a gap there."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A printed line, or the piece of one that was printed in one go.

    `edges` are the left edges of the characters and the right edge of the last: one more than `text` is long. `em` is the
    width of a full-width character. All measures are in points in a frame in which lines run level from left to right;
    `frame` leads from there to the page as shown. `reason` says why the line is no part of the document, `confidence` how
    sure recognition was of it.
    """

    text: str
    page: int
    edges: Sequence[float]
    top: float
    bottom: float
    em: float
    frame: Frame = UPRIGHT
    reason: str | None = None
    confidence: float | None = None

    @property
    def left(self) -> float:
        """Where the first character begins."""
        return self.edges[0]

    @property
    def right(self) -> float:
        """Where the last character ends."""
        return self.edges[-1]

    @property
    def width(self) -> float:
        """From the first character to the last."""
        return self.edges[-1] - self.edges[0]

    @property
    def middle(self) -> float:
        """Half-way between left and right."""
        return (self.edges[0] + self.edges[-1]) / 2

    def box(self, start: int, end: int) -> Box:
        """The box of the characters `[start, end)` on the page as shown."""
        left, right = self.edges[start], self.edges[end]
        if self.frame == UPRIGHT:
            return Box(self.page, left, self.top, right, self.bottom)
        corners = [mapped(self.frame, x, y) for x in (left, right) for y in (self.top, self.bottom)]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return Box(self.page, min(across), min(down), max(across), max(down))

    def stripped(self) -> Line:
        """The line without the blanks at its ends."""
        start, end = len(self.text) - len(self.text.lstrip()), len(self.text.rstrip())
        return self if (start, end) == (0, len(self.text)) else part_of(self, start, max(start, end))


@dataclass(frozen=True, slots=True, eq=False)
class PrintedCell:
    """A cell of a ruled table with the lines in it; rows and columns count from 0."""

    row: int
    column: int
    rows: int
    columns: int
    left: float
    right: float
    padding: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PrintedTable:
    """A ruled table, or its part on one page: its cells in reading order, the x of its upright rules.

    `asides` are rows that repeat the header, each with the number of the row that it stands before.
    """

    top: float
    bottom: float
    rules: tuple[float, ...]
    cells: tuple[PrintedCell, ...]
    asides: tuple[tuple[int, tuple[PrintedCell, ...]], ...] = ()

    @property
    def row_count(self) -> int:
        """How many rows the table has."""
        return max(cell.row + cell.rows for cell in self.cells)

    def row(self, number: int) -> tuple[PrintedCell, ...]:
        """The cells that begin in a row, from left to right."""
        return tuple(cell for cell in self.cells if cell.row == number)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page: its size in points in the frame of its lines, the lines outside tables in any order, its tables."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...] = ()
    tables: tuple[PrintedTable, ...] = ()
    unread: bool = False
    """Whether there is something printed on the page that could not be read."""


@dataclass(frozen=True, slots=True)
class PageLocator:
    """Finds the boxes of a span: where in the text each printed line begins, and where each table cell lies."""

    starts: tuple[int, ...]
    lines: tuple[Line, ...]
    cell_starts: tuple[int, ...] = ()
    cells: tuple[tuple[int, int, int, int], ...] = field(default=())
    """For each of `cell_starts`: the cell's end, then table, row and cell, all counted from 1."""

    def locate(self, span: Span) -> Place:
        """The page where `span` begins and a box for each printed line that it touches."""
        if not self.lines:
            return Place()
        first = max(bisect_right(self.starts, span.start) - 1, 0)
        boxes = tuple(self._boxes(first, span))
        at = boxes[0].page if boxes else self.lines[first].page
        return replace(self._cell(span.start), page=at, boxes=boxes)

    def _boxes(self, first: int, span: Span) -> Iterable[Box]:
        for index in range(first, len(self.lines)):
            begin, line = self.starts[index], self.lines[index]
            if begin >= span.end:
                return
            start, end = max(span.start - begin, 0), min(span.end - begin, len(line.text))
            if start < end:
                yield line.box(start, end)

    def _cell(self, offset: int) -> Place:
        index = bisect_right(self.cell_starts, offset) - 1
        if index < 0 or offset > self.cells[index][0]:
            return Place()
        _, table, row, cell = self.cells[index]
        return Place(table=table, row=row, cell=cell)


def mapped(frame: Frame, x: float, y: float) -> tuple[float, float]:
    """The point that `frame` leads `(x, y)` to."""
    a, b, c, d, e, f = frame
    return a * x + c * y + e, b * x + d * y + f


def after(first: Frame, then: Frame) -> Frame:
    """The map that leads through `first` and on through `then`."""
    a, b, c, d, e, f = first
    (p, q), (r, s), (x, y) = (
        (then[0] * u + then[2] * v, then[1] * u + then[3] * v) for u, v in ((a, b), (c, d), (e, f))
    )
    return p, q, r, s, x + then[4], y + then[5]


def inverse(frame: Frame) -> Frame:
    """The map back.

    Raises:
        ZeroDivisionError: if `frame` folds the page to a line.
    """
    a, b, c, d, e, f = frame
    area = a * d - b * c
    return d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area


def turned(quarters: int, width: float, height: float) -> Frame:
    """The map that levels lines which run clockwise by so many quarter turns on a page of `width` × `height`."""
    return (
        UPRIGHT,
        (0.0, -1.0, 1.0, 0.0, 0.0, width),
        (-1.0, 0.0, 0.0, -1.0, width, height),
        (0.0, 1.0, -1.0, 0.0, height, 0.0),
    )[quarters % 4]


def printed_width(text: str) -> float:
    """The width of `text` in ems: full-width characters count one, others a half."""
    full = len(FULL_WIDTH.findall(text))
    return full + (len(text) - full) / 2


def evenly_spaced(text: str, left: float, right: float) -> list[float]:
    """The edges of characters of which only the line's ends are known."""
    widths = [printed_width(char) for char in text]
    unit = (right - left) / (sum(widths) or 1.0)
    edges = [left]
    for width in widths:
        edges.append(edges[-1] + width * unit)
    edges[-1] = right
    return edges


def part_of(line: Line, start: int, end: int) -> Line:
    """The characters `[start, end)` of a line as a line of their own."""
    return replace(line, text=line.text[start:end], edges=line.edges[start : end + 1])


def first_word_width(text: str) -> float:
    """The ems that a line must have left to take in what cannot be parted at the beginning of `text`."""
    end = 0
    while end < len(text) and text[end] in NEVER_LAST:
        end += 1
    word = WORD.match(text, end)
    end = word.end() if word else end + 1
    while end < len(text) and text[end] in NEVER_FIRST:
        end += 1
    return min(printed_width(text[:end]), LONGEST_WORD)


def rows_of(pieces: Iterable[Line]) -> list[Line]:
    """The pieces put together to lines: those that stand beside each other become one. From top to bottom."""
    return [side_by_side(row) for row in row_groups(pieces)]


def row_groups(pieces: Iterable[Line]) -> list[list[Line]]:
    """The pieces of each line from left to right, the lines from top to bottom."""
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda line: (line.top + line.bottom, line.left)):
        home = next((row for row in reversed(rows[-3:]) if _beside(row, piece)), None)
        if home is None:
            rows.append([piece])
        else:
            home.append(piece)
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _beside(row: Sequence[Line], piece: Line) -> bool:
    tallest = max(row, key=lambda line: line.em)
    shared = min(tallest.bottom, piece.bottom) - max(tallest.top, piece.top)
    lower = min(tallest.bottom - tallest.top, piece.bottom - piece.top)
    return shared > 0.5 * lower and not any(_on_top_of_each_other(other, piece) for other in row)


def _on_top_of_each_other(one: Line, other: Line) -> bool:
    shared = min(one.right, other.right) - max(one.left, other.left)
    return shared > max(0.5 * min(one.width, other.width), 0.3 * min(one.em, other.em))


def side_by_side(pieces: Sequence[Line]) -> Line:
    """One line of pieces that stand beside each other, a space where there is a gap between them."""
    if len(pieces) == 1:
        return pieces[0]
    em = max(pieces, key=lambda piece: piece.width).em
    text, edges = pieces[0].text, list(pieces[0].edges)
    for piece in pieces[1:]:
        gap = piece.left - edges[-1]
        if gap > GAP_SPACE * em or (gap > 0.15 * em and _both_western(text[-1:], piece.text[:1])):
            text, edges = text + " ", [*edges, piece.left]
        text, edges = text + piece.text, [*edges[:-1], *piece.edges]
    sure = [piece.confidence for piece in pieces if piece.confidence is not None]
    return replace(
        pieces[0],
        text=text,
        edges=edges,
        top=min(piece.top for piece in pieces),
        bottom=max(piece.bottom for piece in pieces),
        em=em,
        confidence=min(sure) if sure else None,
    )


def _both_western(before: str, after: str) -> bool:
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


def typical_em(lines: Iterable[Line]) -> float:
    """The em that most characters are printed in; 0 where nothing is printed."""
    weighted = [line.em for line in lines for _ in range(1 + len(line.text) // 4)]
    return median(weighted) if weighted else 0.0
