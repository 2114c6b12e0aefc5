"""The whole program on one page: intake → text → outline → fields → Document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from extractor.fields.context import FieldContext
from extractor.fields.reader import FieldReader
from extractor.intake import UnreadableFile, read_source, read_sources
from extractor.model import (
    AnyValue,
    Citation,
    Deadline,
    Document,
    Fields,
    Frequency,
    Item,
    LeftOut,
    Measure,
    Part,
    Source,
    Span,
    Table,
    UnitMention,
    Warning,
)
from extractor.outline.citations import find_citations
from extractor.outline.outline import Outline, read_outline
from extractor.text.aligned import AlignedText
from extractor.text.cleaning import clean

SURE = 0.85
"""Below this a line that was recognised from a picture is to be checked: recognition of clean print stays above 0.95."""

AnyPlaced = TypeVar("AnyPlaced", UnitMention, Deadline, Frequency, Measure)


def extract(path: str | Path, *, lexicon: str | Path | None = None) -> Document:
    """Read the circular at `path`.

    Args:
        path: a file in any format that intake can read.
        lexicon: a file of unit names of the user's own, one a line.

    Raises:
        extractor.intake.UnreadableFile: if the file cannot be read; the message is one line of Chinese.
    """
    return read_document(read_source(Path(path)), lexicon=lexicon)


def extract_each(
    path: str | Path, *, lexicon: str | Path | None = None
) -> Iterator[tuple[str, Document | UnreadableFile]]:
    """The circulars at `path`, several where it is an archive: each with its name, or why it cannot be read."""
    try:
        for name, source in read_sources(Path(path)):
            yield (
                name,
                source if isinstance(source, UnreadableFile) else read_document(source, lexicon=lexicon),
            )
    except UnreadableFile as error:
        yield str(path), error


def extract_text(text: str, *, name: str = "", lexicon: str | Path | None = None) -> Document:
    """Read a circular whose text is at hand; `name` is what it is called in tables."""
    return read_document(Source(name, text, text.encode()), lexicon=lexicon)


def read_document(source: Source, *, lexicon: str | Path | None = None) -> Document:
    """Everything that the text of `source` says."""
    aligned = clean(source.text, source.margins)
    outline = read_outline(
        aligned.text, [_clean_table(table, aligned) for table in source.tables], source.metadata
    )
    printed = Printed(source.text, aligned)
    items = tuple(_with_inherited(list(_items(outline, printed, lexicon))))
    facts = outline.facts
    return Document(
        source=source,
        title=printed.joined(facts.title, "") or facts.told.get("title"),
        issuer=printed.joined(facts.issuer, " ") or facts.told.get("issuer"),
        doc_number=printed.joined(facts.doc_number, "") or facts.told.get("doc_number"),
        issued_on=facts.issued_on,
        kind=facts.kind,
        year=facts.year,
        parts=tuple(_parts(outline, printed)),
        items=items,
        left_out=tuple(_left_out(outline, printed, items)),
        warnings=tuple(_warnings(outline, printed, source)),
        evidence={name: tuple(map(printed.span, spans)) for name, spans in facts.evidence().items() if spans},
        citations=tuple(_citations(outline, printed)),
    )


def find_fields(
    text: str,
    *,
    year: int | None = None,
    issued_on: date | None = None,
    first_named_leads: bool = False,
    lexicon: str | Path | None = None,
) -> Fields:
    """The units, deadlines and frequencies of one sentence or paragraph, with spans in `text` as given.

    Args:
        text: the passage as printed.
        year: the year the tasks are for; relative dates are resolved against it.
        issued_on: the circular's date of issue; gives the year where none is given.
        first_named_leads: whether the circular has declared that the first named unit leads.
        lexicon: a file of unit names of the user's own, one a line.
    """
    aligned = clean(text)
    context = FieldContext(year, issued_on, first_named_leads)
    fields = FieldReader(context, Path(lexicon) if lexicon else None).read(aligned.text)
    return Printed(text, aligned).fields(fields)


class Printed:
    """Carries what was found in clean text back to the text as printed."""

    def __init__(self, source: str, aligned: AlignedText) -> None:
        self.source = source
        self.aligned = aligned

    def span(self, clean_span: Span) -> Span:
        """The printed characters that a clean span rests on."""
        return self.aligned.source_span(clean_span)

    def quote(self, clean_span: Span) -> str:
        """What is printed there."""
        return self.span(clean_span).of(self.source)

    def joined(self, spans: Sequence[Span], glue: str) -> str | None:
        """What is printed at `spans`, put together; None where there are none."""
        return glue.join(self.quote(span) for span in spans) or None

    def fields(self, fields: Fields, offset: int = 0) -> Fields:
        """`fields`, whose spans count from `offset` of the clean text, with printed spans and quotes."""

        def moved(span: Span) -> Span:
            return Span(span.start + offset, span.end + offset)

        def placed(value: AnyPlaced) -> AnyPlaced:
            where = moved(value.span)
            return replace(value, span=self.span(where), quote=self.quote(where))

        def dated(deadline: Deadline) -> Deadline:
            event = moved(deadline.event_span) if deadline.event_span else None
            if event is None:
                return placed(deadline)
            return replace(placed(deadline), event_span=self.span(event), event=self.quote(event))

        return Fields(
            tuple(map(placed, fields.units)),
            tuple(map(dated, fields.deadlines)),
            tuple(map(placed, fields.frequencies)),
            tuple(map(placed, fields.measures)),
        )


def _clean_table(table: Table, aligned: AlignedText) -> Table:
    """The table with its spans in clean text."""
    cells = (replace(cell, span=aligned.clean_span(cell.span)) for cell in table.cells)
    return Table(aligned.clean_span(table.span), tuple(cells))


def _items(outline: Outline, printed: Printed, lexicon: str | Path | None) -> Iterator[Item]:
    """The items of the outline with the fields of what stands in them and in no child."""
    context = FieldContext(outline.facts.year, outline.facts.issued_on)
    reader = FieldReader(context, Path(lexicon) if lexicon else None)
    text = printed.aligned.text
    for item in outline.items:
        cells = [
            printed.fields(reader.read_cell(column, span.of(text)), span.start)
            for column, span in item.columns
        ]
        prose = item.own if item.is_read and not cells else []
        found = cells + [printed.fields(reader.read(span.of(text)), span.start) for span in prose]
        node = item.node
        where = Span(node.start, node.end)
        yield Item(
            id=item.id,
            parent=item.parent,
            part=item.part,
            number=printed.quote(node.number) if node.number else None,
            heading=printed.quote(node.heading) if node.heading else None,
            kind=item.kind,
            reason=item.reason,
            span=printed.span(where),
            quote=printed.quote(where),
            fields=merged(found),
        )


def merged(pieces: Sequence[Fields]) -> Fields:
    """The fields of several stretches of one item as those of one, measures counted through."""
    whole = Fields()
    for piece in pieces:
        at = len(whole.measures)
        known = {(unit.quote, unit.role) for unit in whole.units}
        new_units = (unit for unit in piece.units if (unit.quote, unit.role) not in known)
        whole = Fields(
            (*whole.units, *(_counted_from(at, unit) for unit in new_units)),
            (*whole.deadlines, *(_counted_from(at, deadline) for deadline in piece.deadlines)),
            (*whole.frequencies, *(_counted_from(at, frequency) for frequency in piece.frequencies)),
            (*whole.measures, *(replace(measure, id=measure.id + at) for measure in piece.measures)),
        )
    return whole


def _counted_from(at: int, value: AnyValue) -> AnyValue:
    return replace(value, measure=value.measure + at) if value.measure else value


def _with_inherited(items: Sequence[Item]) -> Iterator[Item]:
    """Tasks that name no unit of their own take those of the nearest group above that does."""
    known = {item.id: item for item in items}
    for item in items:
        above = known.get(item.parent or "")
        while item.kind == "task" and not item.fields.units and above:
            item = replace(item, fields=replace(item.fields, units=above.fields.handed_down()))
            above = known.get(above.parent or "")
        yield item


def _parts(outline: Outline, printed: Printed) -> Iterator[Part]:
    for title in outline.parts:
        if title:
            whole = Span(title[0].start, title[-1].end)
            yield Part(printed.joined(title, "") or "", printed.span(whole))


def _citations(outline: Outline, printed: Printed) -> Iterator[Citation]:
    for found in find_citations(printed.aligned.text, outline):
        number = printed.quote(found.number) if found.number else None
        span = printed.span(found.span)
        yield Citation(span.of(printed.source), span, found.title, number, found.relation)


def _left_out(outline: Outline, printed: Printed, items: Iterable[Item]) -> list[LeftOut]:
    """What is in no item, and what cleaning took out of items; with the items it covers the whole text."""
    spans = [(printed.span(span), reason) for span, reason in outline.left_out]
    spans += [(removal.span, removal.reason) for removal in printed.aligned.removals]
    covered = sorted([span for span, _ in spans] + [item.span for item in items])
    at = 0
    for span in [*covered, Span(len(printed.source), len(printed.source))]:
        if span.start > at:
            spans.append((Span(at, span.start), "blank"))
        at = max(at, span.end)
    return [LeftOut(span, span.of(printed.source), reason) for span, reason in sorted(spans)]


def _warnings(outline: Outline, printed: Printed, source: Source) -> Iterator[Warning]:
    for span, confidence in source.confidence:
        if span.start == span.end:
            yield Warning("page_unread", None)
        elif confidence < SURE:
            yield Warning("low_confidence", span, f"{confidence:.0%}")
    for fault in outline.faults:
        yield Warning(fault.code, printed.span(fault.span), str(fault.expected or ""))
    if not outline.items:
        yield Warning("no_outline", None)
