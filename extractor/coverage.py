"""What became of every sentence of a source, for an auditor who must not miss a task: coverage, and what to look at.

It stands beside `evaluation` and not in `outline`: it judges a finished `Document`, whether that was just read, comes from a
ledger or from JSON, and speaks of printed text. Of the rest of the house it asks only what a sentence looks like, in clean
text: where it ends (`text`), whether it obliges (`outline`), whether a time or an answerable unit stands in it (`fields`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal, get_args

from extractor.fields.context import FieldContext
from extractor.fields.passages import SENTENCE
from extractor.fields.reader import FieldReader
from extractor.fields.unit_subjects import MODAL
from extractor.model import Document, DocumentKind, Item, LeftOut, Span
from extractor.outline.directives import EXHORTATION, REPORTING, TIME
from extractor.text.aligned import AlignedText
from extractor.text.cleaning import clean
from extractor.text.page_data import labels as page_data_labels

Standing = Literal["task", "goal", "context", "group", "left_out", "blank"]
Cue = Literal["modal", "deadline", "frequency", "unit"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)
CUES: tuple[Cue, ...] = get_args(Cue)

FURNITURE = {
    "addressee",
    "attachment",
    "blank",
    "chrome",
    "contact",
    "contents",
    "date",
    "doc_number",
    "invisible",
    "letterhead",
    "line_number",
    "metadata",
    "page_footer",
    "page_header",
    "page_mark",
    "page_number",
    "part_title",
    "pinyin",
    "related_links",
    "repeated_header",
    "signature",
    "title",
    "vertical_text",
    "watermark",
}
"""Reasons for leaving out what directs nobody, whatever dates and names it prints."""

TOLD_BY_KIND: dict[DocumentKind, tuple[Cue, ...]] = {"regulation": (), "report": ("modal",)}
"""In these documents only such cues tell something of an item: every article of a regulation obliges and is no work to
track; what a report dates and names was done already.
"""

WITHIN_WORDS = {"invisible", "pinyin"}
"""Reasons of what stands between the characters of a sentence and does not end it."""

TELLING: dict[Standing, tuple[Cue, ...]] = {
    "goal": ("modal", "unit", "frequency"),
    "context": CUES,
    "group": ("modal", "deadline", "frequency"),
    "left_out": CUES,
}
"""Which cues make a sentence suspicious that stands in no task: a goal has its year, a group names who does its tasks."""

STOPS = tuple("。！？；：!?;:")

OBLIGES = re.compile(
    rf"(?<![重主需紧纪概摘纲提首简扼必只若响反效相适对供感顺呼])(?![需将可])(?:{MODAL})|请[各市县区有省]|禁止"
)
"""A word of duty anywhere in a sentence: MODAL itself expects to stand behind a subject, where no 主要 or 响应 can."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of the source that became one thing.

    `item` is the outline id of the item it stands in, None where it stands in none; `reason` why it stands there: the
    item's reason or that of what was left out. `cues` tell why it looks as if it directed work.
    """

    span: Span
    quote: str
    standing: Standing
    item: str | None
    reason: str
    cues: tuple[Cue, ...] = ()

    @property
    def is_suspicious(self) -> bool:
        """Whether it looks like a task and is in none; the heading of a group never does."""
        if self.standing == "group" and not self.quote.endswith(STOPS):
            return False
        return any(cue in TELLING.get(self.standing, ()) for cue in self.cues)


Holder = Item | LeftOut | None
"""What a stretch of the source stands in; None for what no reader has accounted for."""


def coverage(document: Document) -> tuple[Sentence, ...]:
    """The sentences of the source in reading order; put together they are its text, each character in one of them.

    White space between sentences stands by itself as `blank`, so that the others begin and end with what can be read. What
    interrupts a sentence (a page number) parts it in two.
    """
    text = document.source.text
    aligned = clean(text)
    cues = _Cues(document, aligned)
    return tuple(
        _sentence(span, span.of(text), holder, cues)
        for span, holder in _trimmed(text, _cut(document, aligned))
    )


def suspicious(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Those that look as if they directed work and stand in no task: what an auditor must look at."""
    return tuple(sentence for sentence in sentences if sentence.is_suspicious)


# ---------------------------------------- tiles

Tile = tuple[Span, Holder]


def _held(document: Document) -> Iterator[Tile]:
    """The whole source, cut where what it stands in changes: the innermost item, or what was left out in it."""
    items: list[Item | LeftOut] = [*document.items]
    inmost_last = sorted(
        [*items, *document.left_out], key=lambda h: (h.span.start, -h.span.end, isinstance(h, LeftOut))
    )
    length = len(document.source.text)
    bounds = sorted({0, length, *(b for h in inmost_last for b in (h.span.start, h.span.end))})
    holding: list[Item | LeftOut] = []
    at = 0
    for start, end in pairwise(bounds):
        while at < len(inmost_last) and inmost_last[at].span.start <= start:
            holder = inmost_last[at]
            if not (isinstance(holder, LeftOut) and holding and holder.reason in WITHIN_WORDS):
                holding.append(holder)
            at += 1
        while holding and holding[-1].span.end <= start:
            holding.pop()
        yield Span(start, end), holding[-1] if holding else None


def _cut(document: Document, aligned: AlignedText) -> Iterator[Tile]:
    """The stretches of one holder, cut where sentences end."""
    ends = [aligned.ends[found.end() - 1] for found in SENTENCE.finditer(aligned.text) if found.group()]
    at = 0
    for _, same in groupby(_held(document), key=lambda tile: id(tile[1])):
        tiles = list(same)
        start, end, holder = tiles[0][0].start, tiles[-1][0].end, tiles[0][1]
        while at < len(ends) and ends[at] < end:
            if ends[at] > start:
                yield Span(start, ends[at]), holder
                start = ends[at]
            at += 1
        yield Span(start, end), holder


def _trimmed(text: str, tiles: Iterable[Tile]) -> Iterator[Tile]:
    """The tiles without the white space around them, which is a tile of its own between two others."""
    at = 0
    for span, holder in tiles:
        words = span.of(text)
        read = words.strip()
        if read:
            start = span.start + words.index(read[0])
            if at < start:
                yield Span(at, start), None
            at = start + len(read)
            yield Span(start, at), holder
    if at < len(text):
        yield Span(at, len(text)), None


def _sentence(span: Span, quote: str, holder: Holder, cues: _Cues) -> Sentence:
    if not quote.strip():
        return Sentence(span, quote, "blank", None, "blank")
    if isinstance(holder, Item):
        return Sentence(span, quote, holder.kind, holder.id, holder.reason, cues.of_item(span))
    # What is printed and stands nowhere is outside the outline, even where it passed for a blank.
    reason = holder.reason if holder and holder.reason != "blank" else "outside_outline"
    found = () if reason in FURNITURE else cues.of_rest(span)
    return Sentence(span, quote, "left_out", None, reason, found)


# ---------------------------------------- cues


class _Cues:
    """What in a stretch of one document's source looks as if it directed work."""

    def __init__(self, document: Document, aligned: AlignedText) -> None:
        self.kind = document.kind
        self.aligned = aligned
        self.reader = FieldReader(FieldContext(document.year, document.issued_on))

    def of(self, span: Span) -> tuple[Cue, ...]:
        """The cues, each once, in the order of `Cue`."""
        words = self.aligned.clean_span(span).of(self.aligned.text)
        fields = self.reader.read(words)
        found: dict[Cue, object] = {
            "modal": OBLIGES.search(words) and not _only_exhorts(words),
            "deadline": fields.deadlines,
            "frequency": fields.frequencies,
            "unit": fields.units,
        }
        return tuple(cue for cue, evidence in found.items() if evidence)

    def of_item(self, span: Span) -> tuple[Cue, ...]:
        """Those that tell something where they stand in an item of such a document."""
        told = TOLD_BY_KIND.get(self.kind)
        return tuple(cue for cue in self.of(span) if told is None or cue in told)

    def of_rest(self, span: Span) -> tuple[Cue, ...]:
        """Those of what is in no item: none where a page's table of data prints a date under its name."""
        name = self.aligned.clean_span(span).of(self.aligned.text).partition("：")[0]
        return () if "".join(name.split()) in page_data_labels() else self.of(span)


def _only_exhorts(words: str) -> bool:
    """Whether a sentence asks for nothing but that the circular be carried out: 请认真贯彻执行."""
    return bool(EXHORTATION.search(words)) and not TIME.search(words) and not REPORTING.search(words)
