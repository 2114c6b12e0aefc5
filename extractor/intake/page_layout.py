"""Pages of printed lines become text: margins set aside, columns read in turn, lines joined to paragraphs.

Shared by every format that knows lines only by where they stand on a page: PDF, scans, OFD.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from extractor.intake.page_lines import (
    SENTENCE_END,
    Line,
    Page,
    PageLocator,
    PrintedCell,
    PrintedTable,
    first_word_width,
    row_groups,
    rows_of,
    side_by_side,
    typical_em,
)
from extractor.intake.pdf_tables import cell_paragraphs, continued
from extractor.model import Cell, Margin, Span, Table

DASH = r"[—一\-－–_·~～]"
NUMBERED_PAGE = re.compile(
    rf"{DASH}{{1,3}}\s*(?:\d{{1,4}}|[IVXivx]{{1,6}})\s*{DASH}{{1,3}}"
    r"|[（(]?第\s*\d{1,4}\s*页[）)]?(?:\s*[,，/／]?\s*[（(]?共\s*\d{1,4}\s*页[）)]?)?|共\s*\d{1,4}\s*页\s*[,，/／]?\s*第\s*\d{1,4}\s*页"
    r"|\d{1,4}\s*[/／]\s*\d{1,4}|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?"
)
BARE_NUMBER = re.compile(r"\d{1,4}")
BROWSER_HEADER = re.compile(r"\d{2,4}/\d{1,2}/\d{1,2}[, ]*(?:上午|下午)?\s*\d{1,2}:\d{2}.*")
BROWSER_FOOTER = re.compile(r"(?:file|https?):/\S*\s+\d{1,4}/\d{1,4}")
"""What a browser prints above and below a page."""

MAY_END = re.compile(r"[。！？；：!?;:”’）)】》]$")
OPENS_PARAGRAPH = re.compile(
    r"第[一二三四五六七八九十百零\d]+[编章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d{1,3}[.．、](?!\d)|[①-⒛]|附件"
)

MARGIN_ZONE = 0.15
"""Page numbers stand in the outer sixth of a page (GB/T 9704: 7 mm below the text); repeated lines too."""
SAME_HEIGHT = 4.0
"""Points that a repeated header may move from page to page: scans are laid down by hand."""
MIN_REPEATED_SHARE = 0.4
"""A header stands on at least this share of pages: of facing pages every second one, and not on the first."""
MIN_NUMBERED_LINES = 5
MIN_COLUMN_LINES = 4
MIN_COLUMN_FILL = 0.6
"""Columns of prose fill their width; lists of labels and values, or a signature beside a line, do not."""
INDENT = 1.2
"""Ems: a first line is indented by two; less than this is the white of a bracket or a skewed scan."""
CENTRED_INDENT = 2.7
SET_APART = 5.0
"""Ems from the left edge: a signature or date, even where it reaches the right edge."""
WIDE_SPACING = 1.35
"""A line so many times the usual distance below the one before begins something new."""
FIT_TOLERANCE = 0.45
"""Ems by which edges may be wrong when asking whether a word would have fitted."""
OTHER_SIZE = 1.15
MIN_LINES_TO_MEASURE = 10


@dataclass(frozen=True)
class Printed:
    """The text of pages, and where everything in it stands."""

    text: str
    locator: PageLocator
    tables: tuple[Table, ...] = ()
    margins: tuple[Margin, ...] = ()
    confidence: tuple[tuple[Span, float], ...] = ()


def lay_out(pages: Sequence[Page]) -> Printed:
    """The text of `pages` in reading order, one paragraph a line.

    Margins are written behind the paragraph or table that runs across them, so that a sentence is never cut by a page number.
    """
    bodies = [_body(page, headers) for page, headers in zip(pages, _headers_and_footers(pages), strict=True)]
    measures = _measures(bodies)
    writer = _Writer()
    for body in bodies:
        writer.begin_page(body)
        for block in body.blocks:
            if isinstance(block, PrintedTable):
                writer.add_table(block)
            else:
                writer.add_lines(block, measures[body.page.number, block.column])
        writer.end_page(body)
    return writer.finished()


# --- margins -----------------------------------------------------------------------------------------------------------


def _headers_and_footers(pages: Sequence[Page]) -> list[dict[int, str]]:
    """For each page: the pieces (by identity) that are headers, footers or page numbers, with the reason."""
    outer = [_outer_rows(page) for page in pages]
    repeated = _repeated(outer, len(pages))
    counting = _counting(outer, pages)
    found: list[dict[int, str]] = []
    for rows in outer:
        reasons: dict[int, str] = {}
        for row in rows:
            reason = _margin_reason(row, repeated, counting)
            if reason:
                reasons |= {id(piece): reason for piece in row.pieces}
        found.append(reasons)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _OuterRow:
    page: int
    pieces: tuple[Line, ...]
    text: str
    top: float
    at_foot: bool
    outermost: bool

    @property
    def key(self) -> tuple[str, bool]:
        return re.sub(r"\d+", "0", re.sub(r"\s+", "", self.text)), self.at_foot


def _outer_rows(page: Page) -> list[_OuterRow]:
    """The first two and last two rows of a page, as far as they stand in its outer parts."""
    head_end, foot_start = page.height * MARGIN_ZONE, page.height * (1 - MARGIN_ZONE)
    free = [line for line in page.lines if line.reason is None]
    head = row_groups(line for line in free if line.bottom <= head_end)[:2]
    foot = row_groups(line for line in free if line.top >= foot_start)[-2:]
    if page.tables:
        head_end = min(table.top for table in page.tables)
        foot_start = max(table.bottom for table in page.tables)
        head = [row for row in head if row[0].bottom <= head_end]
        foot = [row for row in foot if row[0].top >= foot_start]
    marked = [(row, False, i == 0) for i, row in enumerate(head)]
    marked += [(row, True, i == len(foot) - 1) for i, row in enumerate(foot)]
    return [
        _OuterRow(page.number, tuple(row), side_by_side(row).text.strip(), row[0].top, at_foot, outermost)
        for row, at_foot, outermost in marked
    ]


def _repeated(outer: Sequence[Sequence[_OuterRow]], pages: int) -> set[tuple[str, bool]]:
    heights: dict[tuple[str, bool], list[float]] = {}
    for rows in outer:
        for row in rows:
            heights.setdefault(row.key, []).append(row.top)
    return {
        key
        for key, tops in heights.items()
        if len(key[0]) > 1
        and sum(abs(top - median(tops)) <= SAME_HEIGHT for top in tops) >= max(2, MIN_REPEATED_SHARE * pages)
    }


def _counting(outer: Sequence[Sequence[_OuterRow]], pages: Sequence[Page]) -> set[int]:
    """The pages whose outermost row is a bare number that counts with the pages."""
    offsets: dict[int, int] = {}
    for page, rows in zip(pages, outer, strict=True):
        for row in rows:
            if row.outermost and BARE_NUMBER.fullmatch(row.text):
                offsets[page.number] = int(row.text) - page.number
    usual = Counter(offsets.values())
    return {number for number, offset in offsets.items() if offset == 0 or usual[offset] > 1}


def _margin_reason(row: _OuterRow, repeated: set[tuple[str, bool]], counting: set[int]) -> str | None:
    if NUMBERED_PAGE.fullmatch(row.text):
        return "page_number"
    if row.outermost and row.page in counting and BARE_NUMBER.fullmatch(row.text):
        return "page_number"
    if row.key in repeated or (
        row.outermost and (BROWSER_FOOTER if row.at_foot else BROWSER_HEADER).fullmatch(row.text)
    ):
        return "page_footer" if row.at_foot else "page_header"
    return None


def _line_numbers(pieces: Sequence[Line]) -> set[int]:
    """The pieces (by identity) that number the lines of a page: counted by one, all to the left of the text."""
    numbers = [piece for piece in pieces if BARE_NUMBER.fullmatch(piece.text)]
    if len(numbers) < MIN_NUMBERED_LINES:
        return set()
    others = [piece.left for piece in pieces if not BARE_NUMBER.fullmatch(piece.text)]
    edge = min(others, default=0.0)
    column = sorted((piece for piece in numbers if piece.right <= edge), key=lambda piece: piece.top)
    by_one = sum(int(after.text) - int(before.text) == 1 for before, after in pairwise(column))
    if len(column) < MIN_NUMBERED_LINES or by_one < 0.8 * (len(column) - 1):
        return set()
    return {id(piece) for piece in column}


# --- columns -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Lines one below the other in one column: 0 is the whole page, 1 the left column, 2 the right one."""

    column: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    page: Page
    blocks: tuple[_Stretch | PrintedTable, ...]
    above: tuple[Line, ...]
    below: tuple[Line, ...]


def _body(page: Page, reasons: dict[int, str]) -> _Body:
    numbers = _line_numbers([line for line in page.lines if line.reason is None])
    reasons = reasons | dict.fromkeys(numbers, "line_number")
    free = [line for line in page.lines if line.reason is None and id(line) not in reasons]
    margins = [
        replace(line, reason=line.reason or reasons[id(line)])
        for line in page.lines
        if line.reason or id(line) in reasons
    ]
    half = page.height / 2
    return _Body(
        page,
        tuple(_blocks(free, page)),
        tuple(_margin_rows(line for line in margins if line.reason != "watermark" and line.bottom <= half)),
        tuple(_margin_rows(line for line in margins if line.reason == "watermark" or line.bottom > half)),
    )


def _margin_rows(pieces: Iterable[Line]) -> Iterator[Line]:
    for row in row_groups(pieces):
        for reason in dict.fromkeys(piece.reason for piece in row):
            yield side_by_side([piece for piece in row if piece.reason == reason])


def _blocks(pieces: Sequence[Line], page: Page) -> Iterator[_Stretch | PrintedTable]:
    """What stands on a page from top to bottom: tables, and between them columns or lines across the page."""
    top = float("-inf")
    for table in sorted(page.tables, key=lambda table: table.top):
        yield from _stretches([piece for piece in pieces if top <= _height(piece) < table.top])
        yield table
        top = table.top
    yield from _stretches([piece for piece in pieces if _height(piece) >= top])


def _height(piece: Line) -> float:
    return (piece.top + piece.bottom) / 2


def _stretches(pieces: Sequence[Line]) -> Iterator[_Stretch]:
    gutter = _gutter(pieces)
    if gutter is None:
        if pieces:
            yield _Stretch(0, _tidy(pieces))
        return
    across = rows_of(piece for piece in pieces if piece.left < gutter < piece.right)
    above = float("-inf")
    for crossing in [*across, None]:
        below = _height(crossing) if crossing else float("inf")
        band = [
            piece
            for piece in pieces
            if above < _height(piece) < below and not piece.left < gutter < piece.right
        ]
        left, right = [p for p in band if p.right <= gutter], [p for p in band if p.left >= gutter]
        if left:
            yield _Stretch(1, _tidy(left))
        if right:
            yield _Stretch(2, _tidy(right))
        if crossing:
            yield _Stretch(0, _tidy([crossing]))
            above = below


def _tidy(pieces: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for row in rows_of(pieces) if (line := row.stripped()).text)


def _gutter(pieces: Sequence[Line]) -> float | None:
    """The x of the white between two columns of prose, or None where there is one column."""
    if len(pieces) < 2 * MIN_COLUMN_LINES:
        return None
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    em = typical_em(pieces)
    centre = (left + right) / 2
    candidates = sorted(
        {piece.left - em / 4 for piece in pieces if abs(piece.left - centre) < 0.2 * (right - left)}
    )
    parted = [(x, *_parted(pieces, x)) for x in candidates]
    good = [
        (len(crossing), x)
        for x, before, behind, crossing in parted
        if len(crossing) <= 0.3 * len(pieces) and _fills(before, left, x, em) and _fills(behind, x, right, em)
    ]
    return min(good)[1] if good else None


def _parted(pieces: Sequence[Line], x: float) -> tuple[list[Line], list[Line], list[Line]]:
    before = [piece for piece in pieces if piece.right <= x]
    behind = [piece for piece in pieces if piece.left >= x]
    return before, behind, [piece for piece in pieces if piece.left < x < piece.right]


def _fills(pieces: Sequence[Line], left: float, right: float, em: float) -> bool:
    return (
        len(pieces) >= MIN_COLUMN_LINES
        and right - left > 6 * em
        and median(piece.width for piece in pieces) >= MIN_COLUMN_FILL * (right - left - em)
    )


# --- paragraphs --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Measure:
    """Where the lines of a column begin and end, in points, how far apart they are, and whether first lines are indented."""

    left: float
    right: float
    em: float
    pitch: float
    indenting: bool


def _measures(bodies: Sequence[_Body]) -> dict[tuple[int, int], _Measure]:
    """The measure of each column of each page; of a page with few lines that of all pages together."""
    stretches = [
        (body.page, block.column, block.lines)
        for body in bodies
        for block in body.blocks
        if isinstance(block, _Stretch)
    ]
    together: dict[int, list[Sequence[Line]]] = {}
    apart: dict[tuple[int, int], list[Sequence[Line]]] = {}
    for page, column, lines in stretches:
        together.setdefault(column, []).append(lines)
        apart.setdefault((page.number, column), []).append(lines)
    widths = {page.number: page.width for page, _, _ in stretches}
    whole = {
        column: _measure(runs, max(widths.values()) if column == 0 else None)
        for column, runs in together.items()
    }
    measures = {}
    for (number, column), runs in apart.items():
        usual = whole[column]
        if sum(map(len, runs)) >= MIN_LINES_TO_MEASURE:
            own = _measure(runs, widths[number] if column == 0 else None)
            usual = (
                replace(own, indenting=usual.indenting, pitch=usual.pitch)
                if own.indenting or not usual.indenting
                else usual
            )
        measures[number, column] = usual
    return measures


def _measure(runs: Sequence[Sequence[Line]], page_width: float | None) -> _Measure:
    lines = [line for run in runs for line in run]
    em = typical_em(lines)
    enough = max(2, 0.08 * len(lines))
    rights = sorted((line.right for line in lines), reverse=True)
    right = _first_supported(rights, 0.6 * em, enough)
    returns = [
        after.left
        for run in runs
        for before, after in pairwise(run)
        if before.right >= right - 1.5 * em and after.left <= before.left - INDENT * em
    ]
    lefts = sorted(line.left for line in lines)
    left = median(returns) if returns else _first_supported(lefts, 0.4 * em, enough)
    if page_width is not None and sum(abs(end - right) <= 0.3 * em for end in rights) < 3:
        right = max(right, page_width - left)
    steps = [
        (after.bottom - before.bottom, before.right >= right - 1.5 * em and after.left <= left + INDENT * em)
        for run in runs
        for before, after in pairwise(run)
        if _same_size(before, after) and after.bottom > before.bottom
    ]
    inner = [step for step, inside in steps if inside] or [step for step, _ in steps]
    return _Measure(left, right, em, median(inner) if inner else 0.0, bool(returns))


def _first_supported(values: Sequence[float], near: float, enough: float) -> float:
    """The first of the sorted `values` that enough others are near to."""
    for value in values:
        if sum(abs(value - other) <= near for other in values) >= enough:
            return value
    return values[0] if values else 0.0


def _continues(line: Line, before: _Measure, following: Line, measure: _Measure, same_stretch: bool) -> bool:
    """Whether `following` goes on with the paragraph that `line` is the last line of so far; each with its measure."""
    em = line.em
    if not _same_size(line, following) or _centred(line, before) or _centred(following, measure):
        return False
    if not _is_full(line, following, before) or line.left > before.left + SET_APART * em:
        return False
    step = following.bottom - line.bottom
    if same_stretch and measure.pitch and step > WIDE_SPACING * measure.pitch and step > WIDE_SPACING * em:
        return False
    if following.left > measure.left + INDENT * em:
        return not MAY_END.search(line.text) and not OPENS_PARAGRAPH.match(following.text)
    return (
        measure.indenting or not SENTENCE_END.search(line.text) or not OPENS_PARAGRAPH.match(following.text)
    )


def _same_size(line: Line, following: Line) -> bool:
    return max(line.em, following.em) <= OTHER_SIZE * min(line.em, following.em)


def _centred(line: Line, measure: _Measure) -> bool:
    before, behind = line.left - measure.left, measure.right - line.right
    larger = line.em > OTHER_SIZE * measure.em
    least = 0.5 * measure.em if larger else CENTRED_INDENT * measure.em
    return before >= least and behind >= least and abs(before - behind) <= measure.em


def _is_full(line: Line, following: Line, measure: _Measure) -> bool:
    """Whether the first word of `following` would not have fitted into `line`."""
    return measure.right - line.right < (first_word_width(following.text) + FIT_TOLERANCE) * line.em


# --- writing -----------------------------------------------------------------------------------------------------------


@dataclass
class _Writer:
    """Writes paragraphs, tables and margins one after the other and notes where each printed line begins."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    starts: list[int] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    margins: list[Margin] = field(default_factory=list)
    confidence: list[tuple[Span, float]] = field(default_factory=list)
    cells: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    paragraph: list[Line] = field(default_factory=list)
    table: PrintedTable | None = None
    aside: list[Line | None] = field(default_factory=list)
    """Margins that wait for the end of the paragraph or table; None stands for a page that could not be read."""
    measure: _Measure | None = None
    """Of the last line of the open paragraph."""

    def begin_page(self, body: _Body) -> None:
        self.aside.extend(body.above)
        if body.page.unread:
            self.aside.append(None)
            self._close()

    def end_page(self, body: _Body) -> None:
        self.aside.extend(body.below)

    def add_lines(self, stretch: _Stretch, measure: _Measure) -> None:
        for place, line in enumerate(stretch.lines):
            last = self.paragraph[-1] if self.paragraph and not self.table else None
            if last is None or not _continues(last, self.measure or measure, line, measure, place > 0):
                self._close()
            self.paragraph.append(line)
            self.measure = measure

    def add_table(self, table: PrintedTable) -> None:
        joined = continued(self.table, table) if self.table and not self.paragraph else None
        if joined is None:
            self._close()
        self.table = joined or table

    def finished(self) -> Printed:
        self._close()
        locator = PageLocator(
            tuple(self.starts),
            tuple(self.lines),
            tuple(cell[0] for cell in self.cells),
            tuple(cell[1:] for cell in self.cells),
        )
        text = "".join(self.parts)
        return Printed(text, locator, tuple(self.tables), tuple(self.margins), tuple(self.confidence))

    def _close(self) -> None:
        if self.paragraph:
            self._begin_line()
            self._print(self.paragraph)
            self.paragraph = []
        if self.table:
            self._print_table(self.table)
            self.table = None
        for line in self.aside:
            self._begin_line()
            if line is None:
                self.confidence.append((Span(self.length, self.length), 0.0))
            else:
                start = self.length
                self._print([line])
                self.margins.append(Margin(Span(start, self.length), line.reason or "page_header"))
        self.aside = []

    def _begin_line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self._write("\n")

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _print(self, lines: Sequence[Line]) -> None:
        before = ""
        for line in lines:
            if before and parts_words(before, line.text):
                self._write(" ")
            start = self.length
            self.starts.append(start)
            self.lines.append(line)
            self._write(line.text)
            if line.confidence is not None:
                self.confidence.append((Span(start, self.length), line.confidence))
            before = line.text

    def _print_table(self, table: PrintedTable) -> None:
        self._begin_line()
        start, cells = self.length, []
        for number in range(table.row_count + 1):
            for aside in (row for before, row in table.asides if before == number):
                row_start = self.length
                self._print_row(aside, number)
                self.margins.append(Margin(Span(row_start, self.length - 1), "repeated_header"))
            if number < table.row_count:
                cells.extend(self._print_row(table.row(number), number))
        self.tables.append(Table(Span(start, self.length - 1), tuple(cells)))

    def _print_row(self, row: Sequence[PrintedCell], number: int) -> list[Cell]:
        printed = []
        for place, cell in enumerate(row):
            if place:
                self._write("\t")
            start = self.length
            self._print_cell(cell_paragraphs(cell))
            printed.append(Cell(Span(start, self.length), number, cell.column, cell.rows, cell.columns))
            self.cells.append((start, self.length, len(self.tables) + 1, number + 1, cell.column + 1))
        self._write("\n")
        return printed

    def _print_cell(self, paragraphs: Iterable[Sequence[Line]]) -> None:
        for number, lines in enumerate(paragraphs):
            if number:
                self._write(" ")
            self._print(lines)


def parts_words(before: str, after: str) -> bool:
    """Whether a line break between the two stood for a space: between western words."""
    return (
        before[-1:].isascii()
        and after[:1].isascii()
        and after[:1].isalnum()
        and before[-1:] not in "-/("
        and bool(before)
    )
