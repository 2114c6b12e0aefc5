"""Word files (.docx, .docm, .dotx; ISO/IEC 29500, Transitional and Strict): their text as Word shows it, in reading order."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractor.intake.errors import UnreadableFile
from extractor.intake.word_numbering import Numbering
from extractor.intake.word_package import looks_like_docx, open_word
from extractor.intake.word_styles import Styles
from extractor.intake.word_symbols import printed, symbol
from extractor.intake.word_visible import DELETED, keep_visible
from extractor.intake.word_xml import W, number, switch, value
from extractor.model import Cell, Margin, Place, Source, Span, Table

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["looks_like_docx", "read_docx"]

NO_TEXT = "Word 文件里没有文字；如果内容是图片，请另存为 PDF 后再试"

TITLE_WITHIN = 400
"""Characters from the top, spaces not counted, among which a title property must be printed to be believed."""
SPACE = re.compile(r"\s+")

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
VML = "{urn:schemas-microsoft-com:vml}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
LINE_ENDS = re.compile(r"[\t\r\n]+")
TEXT = (f"{W}t", f"{MATH}t")
MARKS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
"""Elements of a run that stand for a character; a soft line break begins a new line, what it means is for cleaning."""
DRAWINGS = (f"{W}drawing", f"{W}pict", f"{W}object")
BOX = f"{W}txbxContent"
WORD_ART = f"{VML}textpath"
NOTES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
PROPERTIES = (f"{W}pPr", f"{W}rPr", f"{MATH}rPr", f"{MATH}ctrlPr")


def read_docx(data: bytes, name: str) -> Source:
    """The Word file `data` as a Source: automatic numbers in front of their paragraphs, changes accepted.

    Text boxes follow the paragraph they are anchored in; footnotes and endnotes stand at the end, as margins. Hidden and
    deleted text, comments, page headers and footers are not in the text.

    Raises:
        UnreadableFile: if it is broken, locked with a password, no Word file, too large, or holds no text.
    """
    parts = open_word(data)
    styles = Styles(parts.styles)
    transcript = _Transcript()
    reader = _Reader(styles, Numbering(parts.numbering, styles), transcript)
    keep_visible(parts.document)
    body = parts.document.find(f"{W}body")
    if body is not None:
        reader.blocks(body)
    reader.append_notes({"footnote": parts.footnotes, "endnote": parts.endnotes})
    text = transcript.text()
    if not text.strip():
        raise UnreadableFile(NO_TEXT)
    return Source(
        name,
        text,
        data,
        media=parts.media,
        locator=WordLocator(tuple(transcript.starts), tuple(transcript.places)),
        tables=tuple(transcript.tables),
        margins=tuple(transcript.margins),
        metadata=_metadata(parts.title, text),
    )


def _metadata(title: str, text: str) -> dict[str, str]:
    """The title property where the text prints it too: what Word fills in by itself is often an older document's."""
    wanted = SPACE.sub("", title)
    return {"title": title} if wanted and wanted in SPACE.sub("", text)[:TITLE_WITHIN] else {}


@dataclass(frozen=True, slots=True)
class WordLocator:
    """Where the text of a Word file stands: from each of `starts` on, up to the next, at the place beside it."""

    starts: tuple[int, ...]
    places: tuple[Place, ...]

    def locate(self, span: Span) -> Place:
        """Paragraph of the body, or table with row and cell, in which `span` begins, as Word counts them from 1."""
        return self.places[max(bisect_right(self.starts, span.start) - 1, 0)] if self.places else Place()


class _Transcript:
    """The text as it is written down, with the places it comes from."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self.starts: list[int] = []
        self.places: list[Place] = []
        self.tables: list[Table] = []
        self.margins: list[Margin] = []

    def new_line(self) -> None:
        if self.starts:
            self._append("\n")

    def write(self, text: str, place: Place) -> Span:
        start = self.length
        self.starts.append(start)
        self.places.append(place)
        self._append(text)
        return Span(start, self.length)

    def tab(self) -> None:
        self._append("\t")

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self.length += len(text)

    def text(self) -> str:
        return "".join(self._pieces)


@dataclass(slots=True)
class _Said:
    """What a paragraph says: its text, and the drawings anchored in it."""

    text: str = ""
    drawings: list[Element] = field(default_factory=list)


NOWHERE = Span(0, 0)


@dataclass(slots=True)
class _Draft:
    """A cell that may still grow downwards, and whose text is not written yet."""

    element: Element
    row: int
    column: int
    columns: int
    order: int
    rows: int = 1
    span: Span = NOWHERE


class _Reader:
    """Reads blocks in document order, so that numbers count as they do in Word."""

    def __init__(self, styles: Styles, numbering: Numbering, transcript: _Transcript) -> None:
        self._styles = styles
        self._numbering = numbering
        self._out = transcript
        self._paragraphs = 0
        self._tables = 0
        self._notes: list[tuple[str, str | None, Place]] = []

    def blocks(self, container: Element, inside: Place | None = None) -> None:
        """Paragraphs and tables of the body, or of something `inside` a place of it (a text box, a frame)."""
        joined = ""
        place = inside or Place()
        for block in container.iterchildren(f"{W}p", f"{W}tbl"):
            if block.tag == f"{W}tbl":
                self._line(joined, place)
                joined = ""
                self._table(block, inside)
                continue
            if inside is None:
                self._paragraphs += 1
            if inside is not None or not joined:
                place = inside or Place(paragraph=self._paragraphs)
            said = self._read(block, place)
            if self._runs_on(block):
                joined += said.text
            else:
                self._line(self._numbered(block, joined + said.text), place)
                joined = ""
            for box in _boxes(said.drawings):
                self._box(box, place)
        self._line(joined, place)

    def _line(self, text: str, place: Place) -> None:
        text = text.strip("\n")
        if text.strip():
            self._out.new_line()
            self._out.write(text, place)

    def _box(self, box: Element, place: Place) -> None:
        if box.tag == WORD_ART:
            self._line(box.get("string", ""), place)
        else:
            self.blocks(box, place)

    def _runs_on(self, paragraph: Element) -> bool:
        """Whether the mark that ends a paragraph is deleted or hidden, so that the next one follows in the same line."""
        mark = paragraph.find(f"{W}pPr/{W}rPr")
        deleted = mark is not None and any(mark.find(change) is not None for change in DELETED)
        return deleted or self._styles.hides(mark, paragraph)

    def _numbered(self, paragraph: Element, text: str) -> str:
        numbered = self._numbering.number(paragraph)
        return numbered.before(text) if numbered else text

    def _read(self, paragraph: Element, place: Place) -> _Said:
        said = _Said()
        said.text = "".join(self._pieces(paragraph, paragraph, None, said, place))
        return said

    def _pieces(
        self, element: Element, paragraph: Element, font: str | None, said: _Said, place: Place
    ) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag == f"{W}r":
                properties = child.find(f"{W}rPr")
                if not self._styles.hides(properties, paragraph):
                    yield from self._pieces(child, paragraph, _font(properties), said, place)
            elif tag in TEXT:
                yield printed(_text(child), font)
            elif tag in MARKS:
                yield MARKS[tag]
            elif tag == f"{W}sym":
                yield _symbol(child)
            elif tag in NOTES:
                self._notes.append((NOTES[tag], child.get(f"{W}id"), place))
            elif tag in DRAWINGS:
                said.drawings.append(child)
            elif tag not in PROPERTIES:
                yield from self._pieces(child, paragraph, font, said, place)

    def _table(self, table: Element, inside: Place | None) -> None:
        cells = _cells(table)
        if inside is None:
            self._tables += 1
        if len(cells) == 1:  # a frame around text, not a table: its paragraphs stay paragraphs
            self.blocks(cells[0].element, inside or Place(table=self._tables, row=1, cell=1))
            return
        row = None
        for cell in cells:
            place = inside or Place(table=self._tables, row=cell.row + 1, cell=cell.order + 1)
            if cell.row == row:
                self._out.tab()
            else:
                self._out.new_line()
            row = cell.row
            cell.span = self._out.write(self._flat(cell.element, place), place)
        if cells:
            described = tuple(
                Cell(each.span, each.row, each.column, each.rows, each.columns) for each in cells
            )
            self._out.tables.append(Table(Span(cells[0].span.start, self._out.length), described))

    def _flat(self, container: Element, place: Place) -> str:
        """The text of a cell, or of a box in it, on one line; tables in it too."""
        texts, joined = [], ""
        for block in container.iterchildren(f"{W}p", f"{W}tbl"):
            if block.tag == f"{W}tbl":
                texts += [joined, *(self._flat(cell.element, place) for cell in _cells(block))]
                joined = ""
                continue
            said = self._read(block, place)
            joined += said.text
            if not self._runs_on(block):
                texts.append(self._numbered(block, joined))
                joined = ""
            for box in _boxes(said.drawings):
                texts.append(box.get("string", "") if box.tag == WORD_ART else self._flat(box, place))
        texts.append(joined)
        return " ".join(LINE_ENDS.sub(" ", text).strip(" ") for text in texts if text.strip())

    def append_notes(self, roots: dict[str, Element | None]) -> None:
        """Footnotes, then endnotes, each a line of its own that is located at its reference."""
        references, self._notes = self._notes, []
        for kind, root in roots.items():
            if root is None:
                continue
            keep_visible(root)
            notes = {note.get(f"{W}id"): note for note in root.iterchildren(f"{W}{kind}")}
            for note, place in (
                (notes.get(note_id), place) for of, note_id, place in references if of == kind
            ):
                text = "" if note is None else self._flat(note, place)
                if text:
                    self._out.new_line()
                    self._out.margins.append(Margin(self._out.write(text, place), "footnote"))


def _boxes(drawings: Iterable[Element]) -> Iterator[Element]:
    """The text boxes and WordArt in drawings; a box in a box is part of the outer one's text."""
    for element in drawings:
        if element.tag in (BOX, WORD_ART):
            yield element
        else:
            yield from _boxes(element)


def _text(element: Element) -> str:
    """The characters of `w:t`; spaces at its edges count only where it says so (2.10 of XML 1.0), line ends never."""
    text = element.text or ""
    return LINE_ENDS.sub(" ", text if element.get(XML_SPACE) == "preserve" else text.strip(" \t\r\n"))


def _font(properties: Element | None) -> str | None:
    fonts = None if properties is None else properties.find(f"{W}rFonts")
    return None if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi")


def _symbol(element: Element) -> str:
    try:
        return symbol(int(element.get(f"{W}char", ""), 16), element.get(f"{W}font"))
    except ValueError:
        return ""


def _cells(table: Element) -> list[_Draft]:
    """The cells of a table in reading order, those merged downwards once, at the top (17.4.84 vMerge, 17.4.17 gridSpan)."""
    cells: list[_Draft] = []
    rows = [row for row in table.iterchildren(f"{W}tr") if not _is_gone(row.find(f"{W}trPr"))]
    above: dict[int, _Draft] = {}
    for row, element in enumerate(rows):
        column = max(number(element.find(f"{W}trPr"), "gridBefore") or 0, 0)
        growing: dict[int, _Draft] = {}
        beside: _Draft | None = None
        for order, cell in enumerate(element.iterchildren(f"{W}tc")):
            properties = cell.find(f"{W}tcPr")
            columns = max(number(properties, "gridSpan") or 1, 1)
            if properties is not None and properties.find(f"{W}cellDel") is not None:
                continue
            if beside is not None and _merged(properties, "hMerge") == "continue":
                beside.columns += columns
            elif _merged(properties, "vMerge") == "continue" and column in above:
                above[column].rows += 1
                growing[column] = above[column]
            else:
                beside = _Draft(cell, row, column, columns, order)
                cells.append(beside)
                if _merged(properties, "vMerge"):
                    growing[column] = beside
            column += columns
        above = growing
    return cells


def _is_gone(row: Element | None) -> bool:
    """Whether a row with these properties is deleted or hidden."""
    return row is not None and (row.find(f"{W}del") is not None or switch(row, "hidden") is True)


def _merged(properties: Element | None, direction: str) -> str | None:
    """`restart`, `continue` (which is also meant where nothing is said), or None for a cell that is not merged."""
    if properties is None or properties.find(W + direction) is None:
        return None
    return value(properties, direction) or "continue"
