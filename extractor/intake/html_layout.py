"""A parsed page as the lines a person reads: broken and collapsed as a browser does it, each run with its element."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractor.intake.html_lists import Numbering
from extractor.intake.html_places import ElementPlaces
from extractor.intake.html_style import is_block, is_hidden, white_space
from extractor.intake.html_tables import Position, cells_of, is_data_table, positions, rows_of
from extractor.model import Cell, Span, Table

if TYPE_CHECKING:
    from lxml.etree import _Element

WIDE = "\u2e80-\u2fff\u3001-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60“”‘’…—"
BREAK_INSIDE_WORDS = re.compile(rf"(?<=[{WIDE}])[ \t]*\n[ \t\n]*(?=[{WIDE}])")
"""A line end of the file between two wide characters is no space (CSS Text 3, 4.1.3)."""
COLLAPSIBLE = re.compile(r"[ \t\n\f]+")
BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*")

Frames = Callable[["_Element"], "_Element | None"]
"""Gives the page that a frame element shows, or None where it is not at hand."""


@dataclass(slots=True)
class Element:
    """An element that was drawn: where it is in the tree, and the stretch of the text that it drew (-1, -1: none)."""

    node: _Element
    parent: int
    step: str
    linked: bool
    start: int = -1
    end: int = -1


@dataclass(slots=True)
class Run:
    """Text that one element drew in one line."""

    text: str
    owner: int


@dataclass(slots=True)
class DrawnCell:
    """A cell of a data table: its place in the grid and in its line."""

    position: Position
    start: int
    end: int


@dataclass(slots=True)
class Line:
    """A line as drawn; a row of a data table has cells, and the number of its table."""

    runs: list[Run] = field(default_factory=list)
    cells: list[DrawnCell] = field(default_factory=list)
    table: int | None = None
    length: int = 0

    def add(self, *runs: Run) -> None:
        """Lengthen the line."""
        self.runs += runs
        self.length += sum(len(run.text) for run in runs)


@dataclass
class Page:
    """A page as drawn. `elements` stand behind those they are in, `lines` are without their line breaks."""

    text: str
    lines: list[Span]
    elements: list[Element]
    starts: array[int]
    owners: array[int]
    tables: tuple[Table, ...]

    def places(self, *, with_lines: bool) -> ElementPlaces:
        """The locator of the page; the lines of the file are left out where the page is a part of another file."""
        numbers = (element.node.sourceline if with_lines else 0 for element in self.elements)
        lines = array("i", (number if isinstance(number, int) else 0 for number in numbers))
        return ElementPlaces(
            self.starts,
            self.owners,
            array("i", [element.parent for element in self.elements]),
            tuple(element.step for element in self.elements),
            lines,
        )


def lay_out(root: _Element, frames: Frames) -> Page:
    """Draw the page under `root`, the pages in its frames in their place."""
    drawing = Drawing(frames)
    drawing.page(root, parent=-1, step=str(root.tag))
    return _page(drawing.flow.lines, drawing.elements)


class Flow:
    """Takes text in the order of the file and makes lines of it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._runs: list[Run] = []
        self._space: int | None = None
        self._marker: Run | None = None

    def write(self, text: str | None, owner: int, mode: str) -> None:
        """Add text that `owner` draws, in a mode of CSS `white-space`."""
        if not text:
            return
        if mode not in ("pre", "pre-wrap", "pre-line", "break-spaces"):
            self._write_collapsed(BREAK_INSIDE_WORDS.sub("", text), owner)
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self.end_line()
            if mode == "pre-line":
                self._write_collapsed(line, owner)
            elif line:
                self._add(line, owner)

    def _write_collapsed(self, text: str, owner: int) -> None:
        collapsed = COLLAPSIBLE.sub(" ", text)
        words = collapsed.strip(" ")
        if collapsed.startswith(" ") and self._space is None:
            self._space = owner
        if words:
            self._add(words, owner)
            self._space = owner if collapsed.endswith(" ") else None

    def _add(self, text: str, owner: int) -> None:
        if self._marker and not BLANK.fullmatch(text):
            self._runs.append(self._marker)
            self._marker = None
        elif self._space is not None and self._runs:
            self._runs.append(Run(" ", self._space))
        self._space = None
        self._runs.append(Run(text, owner))

    def mark(self, marker: str, owner: int) -> None:
        """Draw `marker` before the next text."""
        self._marker = Run(marker, owner) if marker else None

    def end_line(self) -> None:
        """Begin a new line, unless this one is blank."""
        if not all(BLANK.fullmatch(run.text) for run in self._runs):
            line = Line()
            line.add(*self._runs)
            self.lines.append(line)
        self._runs, self._space = [], None


@dataclass(slots=True)
class Style:
    """What an element hands down to what is in it."""

    white_space: str = "normal"
    linked: bool = False


@dataclass(slots=True)
class Box:
    """An element being drawn."""

    node: _Element
    index: int
    style: Style
    block: bool
    children: Iterator[tuple[_Element, str]]
    numbering: Numbering | None


class Drawing:
    """Walks a page without recursion: hostile pages nest as deeply as the parser lets them."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.elements: list[Element] = []
        self.flow = Flow()
        self._tables = 0

    def page(self, root: _Element, parent: int, step: str) -> None:
        """Draw a whole page."""
        self._draw(root, self._register(root, parent, step, False), Style())

    def _register(self, node: _Element, parent: int, step: str, linked: bool) -> int:
        self.elements.append(Element(node, parent, step, linked))
        return len(self.elements) - 1

    def _draw(self, root: _Element, index: int, style: Style) -> None:
        """Draw `root` and what is in it, as a block."""
        stack = [self._open(root, index, style, block=True)]
        while stack:
            box = stack[-1]
            child, step = next(box.children, (None, ""))
            if child is None:
                self._close(stack.pop())
                if stack:
                    self.flow.write(box.node.tail, stack[-1].index, stack[-1].style.white_space)
                continue
            opened = self._child(child, step, box)
            if opened:
                stack.append(opened)
            else:
                self.flow.write(child.tail, box.index, box.style.white_space)

    def _child(self, node: _Element, step: str, parent: Box) -> Box | None:
        """Begin to draw an element; None where that is already all of it."""
        if is_hidden(node):
            return None
        if node.tag == "br":
            self.flow.end_line()
            return None
        linked = parent.style.linked or (node.tag == "a" and node.get("href") is not None)
        index = self._register(node, parent.index, step, linked)
        style = Style(white_space(node, parent.style.white_space), linked)
        if node.tag in ("iframe", "frame"):
            self._frame(node, index)
            return None
        if node.tag in ("input", "select"):
            self.flow.write(_shown_value(node), index, "normal")
            return None
        if node.tag == "table" and is_data_table(node):
            self._table(node, index, style)
            return None
        marker = parent.numbering.marker(node) if node.tag == "li" and parent.numbering else ""
        return self._open(node, index, style, block=is_block(node), marker=marker)

    def _open(self, node: _Element, index: int, style: Style, *, block: bool, marker: str = "") -> Box:
        if block:
            self.flow.end_line()
        if marker:
            self.flow.mark(marker, index)
        self.flow.write(node.text, index, style.white_space)
        numbering = Numbering.of(node) if node.tag == "ol" else None
        return Box(node, index, style, block, _steps(node), numbering)

    def _close(self, box: Box) -> None:
        if box.block:
            self.flow.end_line()
        if box.node.tag == "li":
            self.flow.mark("", box.index)

    def _frame(self, node: _Element, index: int) -> None:
        shown = self.frames(node)
        if shown is not None:
            self.flow.end_line()
            self.page(shown, index, f"#document/{shown.tag}")

    def _table(self, table: _Element, index: int, style: Style) -> None:
        """Draw a data table: a line a row, the cells apart by tabs."""
        self.flow.end_line()
        self._tables += 1
        owners = self._register_rows(table, index)
        for caption, _ in _steps(table):
            if caption.tag == "caption":
                self._draw(caption, owners[caption], style)
        rows = [row for row in rows_of(table) if not is_hidden(row)]
        cells = [[cell for cell in cells_of(row) if not is_hidden(cell)] for row in rows]
        lines = [Line(table=self._tables) for _ in rows]
        for cell, position in positions(cells):
            line = lines[position.row]
            if line.cells:
                line.add(Run("\t", owners[rows[position.row]]))
            self._cell(cell, owners[cell], position, line, style)
        self.flow.lines += [line for line in lines if any(cell.end > cell.start for cell in line.cells)]

    def _register_rows(self, table: _Element, index: int) -> dict[_Element, int]:
        """The numbers of the table's captions, sections, rows and cells."""
        owners = {table: index}
        around = [table]
        while around:
            node = around.pop()
            for child, step in _steps(node):
                if child.tag in ("caption", "thead", "tbody", "tfoot", "tr", "td", "th"):
                    owners[child] = self._register(child, owners[node], step, False)
                    if child.tag not in ("caption", "td", "th"):
                        around.append(child)
        return owners

    def _cell(self, cell: _Element, owner: int, position: Position, line: Line, style: Style) -> None:
        """Draw a cell at the end of `line`; a line break in it becomes a space."""
        around, self.flow = self.flow, Flow()
        self._draw(cell, owner, Style(white_space(cell, style.white_space), style.linked))
        drawn, self.flow = self.flow.lines, around
        before, first = line.length, len(line.runs)
        for number, inner in enumerate(drawn):
            if number:
                line.add(Run(" ", owner))
            line.add(*inner.runs)
        text = "".join(run.text for run in line.runs[first:])
        leading, trailing = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
        end = line.length - trailing
        line.cells.append(DrawnCell(position, min(before + leading, end), end))


def _steps(node: _Element) -> Iterator[tuple[_Element, str]]:
    """The elements in `node`, each with its step of the path: counted where its kind occurs more than once."""
    if not len(node):
        return
    total = Counter(child.tag for child in node)
    seen: Counter[object] = Counter()
    for child in node:
        seen[child.tag] += 1
        yield child, f"{child.tag}[{seen[child.tag]}]" if total[child.tag] > 1 else str(child.tag)


def _shown_value(node: _Element) -> str:
    """What a field of a form shows: its value, or the option chosen."""
    if node.tag == "input":
        return node.get("value", "")
    options = list(node.iter("option"))
    chosen = next((option for option in options if option.get("selected") is not None), None)
    shown = chosen if chosen is not None else next(iter(options), None)
    return "" if shown is None else "".join(map(str, shown.itertext()))


def _page(drawn: list[Line], elements: list[Element]) -> Page:
    """Put the lines together, and tell each element what it drew."""
    pieces: list[str] = []
    lines: list[Span] = []
    starts, owners = array("i"), array("i")
    cells: dict[int, list[Cell]] = {}
    extents: dict[int, Span] = {}
    at = 0
    for line in drawn:
        begin = at
        for run in line.runs:
            starts.append(at)
            owners.append(run.owner)
            _extend(elements[run.owner], at, at + len(run.text))
            pieces.append(run.text)
            at += len(run.text)
        lines.append(Span(begin, at))
        if line.table is not None:
            extents[line.table] = Span(extents.get(line.table, lines[-1]).start, at)
            cells.setdefault(line.table, []).extend(_placed(cell, begin) for cell in line.cells)
        pieces.append("\n")
        at += 1
    for element in reversed(elements):
        if element.parent >= 0 and element.end >= 0:
            _extend(elements[element.parent], element.start, element.end)
    tables = tuple(Table(extents[number], tuple(found)) for number, found in cells.items())
    return Page("".join(pieces[:-1]), lines, elements, starts, owners, tables)


def _placed(cell: DrawnCell, line_start: int) -> Cell:
    where = cell.position
    span = Span(line_start + cell.start, line_start + cell.end)
    return Cell(span, where.row, where.column, where.rows, where.columns)


def _extend(element: Element, start: int, end: int) -> None:
    element.start = start if element.start < 0 else min(element.start, start)
    element.end = max(element.end, end)
