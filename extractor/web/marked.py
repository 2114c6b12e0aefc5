"""The source of a document as a page shows it: its text in chunks of lines, its pages with boxes, each mark tied to its task."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from extractor.export import wording
from extractor.export.marks import Mark, MarkKind, marks_of, stretches
from extractor.export.page_pictures import PageSize
from extractor.ledger.records import StoredPlaces, Task
from extractor.model import Box, Document, Span

LINES_OF_CHUNK, CHARACTERS_OF_CHUNK = 40, 2500
"""A browser lays out only the chunks that are near what is seen: about one screen each."""
VALUES: frozenset[MarkKind] = frozenset({"unit", "deadline", "frequency"})
SHOWN_AS_THEY_ARE = str.maketrans({"\r": "&#13;", "\x00": "\ufffd"})
"""What a browser would turn into something else, or drop, and so count otherwise than we do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters with the same marks, from the character `start` of the document; `about` is the span that a click on them means.

    `kinds` are names of classes: the innermost kind of mark, and whether they stand in a task; `task` is its number.
    """

    text: str
    start: int
    kinds: str = ""
    about: str = ""
    task: int | None = None
    title: str = ""

    def markup(self) -> str:
        """The characters escaped, so that a browser has exactly as many, and marked."""
        text = escape(self.text)
        if "\r" in text or "\x00" in text:
            text = text.translate(SHOWN_AS_THEY_ARE)
        if not self.kinds:
            return text
        task = f' data-task="{self.task}"' if self.task else ""
        title = f' title="{escape(self.title)}"' if self.title else ""
        return (
            f'<span class="m {self.kinds}" data-start="{self.start}" data-about="{self.about}"{task}{title}>'
            f"{text}</span>"
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text."""

    number: int
    start: int
    pieces: tuple[Piece, ...]

    @property
    def markup(self) -> Markup:
        """The line for a page; made here, for a long document has tens of thousands of pieces."""
        return Markup("".join(piece.markup() for piece in self.pieces))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark on the picture of a page: `path` is an SVG path around its boxes."""

    kinds: str
    about: str
    task: int | None
    path: str


@dataclass(frozen=True, slots=True)
class PageView:
    """A page with what is drawn on it, the larger marks first, so that clicks reach the smaller ones."""

    number: int
    size: PageSize
    marks: tuple[Drawn, ...]


def in_address(span: Span) -> str:
    """A span as pages write it: "12-40"."""
    return f"{span.start}-{span.end}"


class MarkedSource:
    """The marks of a document as it stands, each with the task that it belongs to."""

    def __init__(self, document: Document, tasks: Iterable[Task], asked: Span | None = None) -> None:
        """`asked` are characters that are to be pointed out: no piece of the text lies in them only in part."""
        self.document = document
        self._marks = marks_of(document)
        if asked:
            self._marks = sorted({*self._marks, Mark(asked, "other")})
        self._tasks = {Mark(task.item.span, "task"): task.id for task in tasks}
        self._reasons = {left.span: wording.left_out(left.reason) for left in document.left_out}

    def chunks(self) -> Iterator[list[Line]]:
        """The whole text, so many lines at once as are laid out together."""
        chunk: list[Line] = []
        length = 0
        for line in self._lines():
            chunk.append(line)
            length += sum(len(piece.text) for piece in line.pieces)
            if len(chunk) >= LINES_OF_CHUNK or length >= CHARACTERS_OF_CHUNK:
                yield chunk
                chunk, length = [], 0
        if chunk:
            yield chunk

    def _lines(self) -> Iterator[Line]:
        text = self.document.source.text
        number, start, at = 1, 0, 0
        pieces: list[Piece] = []
        for stretch in stretches(text, Span(0, len(text)), self._marks):
            first, *rest = stretch.text.split("\n")
            if first:
                pieces.append(self._piece(first, at, stretch.marks))
            at += len(first)
            for more in rest:
                yield Line(number, start, tuple(pieces))
                at += 1
                number, start = number + 1, at
                pieces = [self._piece(more, at, stretch.marks)] if more else []
                at += len(more)
        yield Line(number, start, tuple(pieces))

    def _piece(self, text: str, start: int, marks: tuple[Mark, ...]) -> Piece:
        if not marks:
            return Piece(text, start)
        task = next((self._tasks[mark] for mark in marks if mark in self._tasks), None)
        kinds = dict.fromkeys([marks[0].kind, *(["task"] if task is not None else [])])
        reason = next((self._reasons[m.span] for m in marks if m.kind == "left_out"), None)
        title = f"未采用：{reason}" if reason else ""
        return Piece(text, start, " ".join(kinds), in_address(marks[0].span), task, title)

    def pages(self, sizes: Sequence[PageSize]) -> list[PageView]:
        """The pages with the boxes on them; no mark has one on more than it was read from."""
        drawn = self._drawn()
        return [PageView(n, size, tuple(drawn[n])) for n, size in enumerate(sizes, 1)]

    def _drawn(self) -> Mapping[int, list[Drawn]]:
        places = _Boxes(self.document)
        found: defaultdict[int, list[Drawn]] = defaultdict(list)
        around = _TasksAround(self._tasks)
        for mark in sorted(self._marks, key=lambda mark: mark.span.start - mark.span.end):
            task = self._tasks.get(mark)
            if task is None and mark.kind in VALUES:
                task = around.of(mark.span)
            by_page: defaultdict[int, list[Box]] = defaultdict(list)
            for box in places.of(mark.span):
                by_page[box.page].append(box)
            for page, boxes in by_page.items():
                path = "".join(map(_around, boxes))
                found[page].append(Drawn(mark.kind, in_address(mark.span), task, path))
        return found


def _around(box: Box) -> str:
    width, height = box.right - box.left, box.bottom - box.top
    return f"M{box.left:.1f} {box.top:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z"


class _TasksAround:
    """Which task a span lies in."""

    def __init__(self, tasks: Mapping[Mark, int]) -> None:
        self._spans = sorted((mark.span, number) for mark, number in tasks.items())

    def of(self, span: Span) -> int | None:
        at = bisect_right(self._spans, (Span(span.start, 1 << 62), 0)) - 1
        return self._spans[at][1] if at >= 0 and self._spans[at][0].covers(span) else None


class _Boxes:
    """The boxes of spans: those that were kept when the document was read, of other spans those of what lies in or around them."""

    def __init__(self, document: Document) -> None:
        locator = document.source.locator
        self._known = dict(locator.places) if isinstance(locator, StoredPlaces) else {}

    def of(self, span: Span) -> tuple[Box, ...]:
        if span in self._known:
            return self._known[span].boxes
        inside = [known for known in self._known if span.covers(known)]
        if inside:
            return tuple(dict.fromkeys(box for known in sorted(inside) for box in self._known[known].boxes))
        around = [known for known in self._known if known.covers(span)]
        nearest = min(around, key=lambda known: known.end - known.start, default=None)
        return self._known[nearest].boxes if nearest else ()
