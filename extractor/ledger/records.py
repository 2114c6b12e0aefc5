"""Documents and tasks as rows of the ledger, and back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from extractor.ledger.events import canonical
from extractor.ledger.names import spoken
from extractor.ledger.plain import plain
from extractor.model import (
    AnyValue,
    Box,
    Citation,
    Deadline,
    Document,
    Fields,
    Frequency,
    Item,
    LeftOut,
    Measure,
    Part,
    Place,
    Source,
    Span,
    UnitMention,
    Warning,
    fields_from_json,
    fields_to_json,
)

Record = dict[str, Any]
Status = Literal["not_started", "in_progress", "done", "suspended", "cancelled"]
STATUSES: tuple[Status, ...] = get_args(Status)
OPEN: tuple[Status, ...] = ("not_started", "in_progress")
"""The statuses of work that is still to be done."""
Standing = Literal["current", "withdrawn", "merged", "split", "dropped"]
"""Why a task is no longer a row: it was judged to be none, became part of another, was taken apart, or the new version of its
circular has it no more."""
ByItem = Mapping[int, list[Record]]
CORRECTED, BY_HAND = "corrected", "by-hand"
"""The rules of values that people gave: those that rest on printed characters all the same, and those that rest on the
correction alone. The quote of the latter is what was typed, their span the whole task."""
TAKEN_IN = "taken-in"
"""The reason of a task that a person took in where none had been read."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document of the ledger without its text: the titles of its parts, how much was read out of it."""

    id: int
    name: str
    title: str | None
    issuer: str | None
    doc_number: str | None
    issued_on: date | None
    kind: str
    year: int | None
    added_at: datetime
    superseded: bool
    parts: tuple[str, ...]
    tasks: int
    units: int
    deadlines: int
    frequencies: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Heading:
    """Number and title of a group above a task, as printed."""

    number: str | None
    heading: str | None


@dataclass(frozen=True, slots=True)
class Organization:
    """A unit of the registry: what names as printed are resolved to; `id` is the number people type."""

    id: int
    name: str
    place: str | None
    level: str | None
    kind: str
    collective: bool


@dataclass(frozen=True, slots=True)
class Tracking:
    """How far a task has come, as it was last reported; `progress` and `remarks` are free text."""

    status: Status = "not_started"
    percent: int | None = None
    progress: str = ""
    completed_on: date | None = None
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the ledger: `id` is the number people type, `ancestors` the groups above it, outermost first.

    `item` has the values that hold, those that people corrected among them; `extracted` has them as they were read, and
    `corrected` names the fields in which the two may differ. `organizations` gives for each unit, by its quote, the unit of
    the registry that it is resolved to, and `names` the number of its name there. `left_out` and `warnings` are those of the document that concern the characters of
    this task. `first_open` is the first of its dates by which something is still to be done. `basis_changed` names the
    corrected fields that a new version of the circular has otherwise than the text on which the correction was made; `seen`
    is a digest of what a person last looked at and found right.
    """

    id: int
    document: DocumentEntry
    item: Item
    ancestors: tuple[Heading, ...]
    place: Place
    left_out: tuple[LeftOut, ...]
    warnings: tuple[Warning, ...]
    extracted: Fields = field(default_factory=Fields)
    corrected: frozenset[str] = frozenset()
    organizations: Mapping[str, Organization] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)
    tracking: Tracking = field(default_factory=Tracking)
    first_open: date | None = None
    standing: Standing = "current"
    basis_changed: frozenset[str] = frozenset()
    seen: str | None = None

    def status_on(self, day: date) -> Status | Literal["overdue"]:
        """The status as it was reported, or overdue where work is open and a date of it has passed by `day`."""
        late = self.first_open is not None and self.first_open < day
        return "overdue" if late and self.tracking.status in OPEN else self.tracking.status


def document_record(document: Document, now: datetime) -> Record:
    """The row of `documents`."""
    source = document.source
    return {
        "sha256": source.sha256,
        "name": source.name,
        "media": source.media,
        "encoding": source.encoding,
        "title": document.title,
        "issuer": document.issuer,
        "doc_number": document.doc_number,
        "issued_on": _iso(document.issued_on),
        "kind": document.kind,
        "year": document.year,
        "added_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "text": source.text,
        "data": source.data,
    }


def records_about(document: Document, document_id: int) -> dict[str, list[Record]]:
    """The rows of the tables that hang on the document itself."""
    text = document.source.text
    rows: dict[str, list[Record]] = {
        "document_evidence": [
            {"field": field, "quote": span.of(text), **_columns(span)}
            for field, spans in document.evidence.items()
            for span in spans
        ],
        "parts": [{"title": p.title, **_columns(p.span)} for p in document.parts],
        "citations": [
            {
                "title": c.title,
                "doc_number": c.doc_number,
                "relation": c.relation,
                "quote": c.quote,
                **_columns(c.span),
            }
            for c in document.citations
        ],
        "left_out": [{"reason": o.reason, "quote": o.quote, **_columns(o.span)} for o in document.left_out],
        "places": records_of_places(document),
        "warnings": [{"code": w.code, "detail": w.detail, **_columns(w.span)} for w in document.warnings],
    }
    return {table: [{"document": document_id, **row} for row in some] for table, some in rows.items()}


@dataclass(frozen=True, slots=True)
class StoredPlaces:
    """The places of a document's spans as they were when it was read: what its source locates with from then on."""

    places: Mapping[Span, Place]

    def locate(self, span: Span) -> Place:
        """The place of a span that something was read from; an empty one for any other."""
        return self.places.get(span, Place())


def records_of_places(document: Document) -> list[Record]:
    """The rows of `places`: none for plain text, whose lines can be counted at any time."""
    if document.source.locator is None:
        return []
    spans = {span for found in document.evidence.values() for span in found}
    spans |= {warning.span for warning in document.warnings if warning.span}
    spans |= {left.span for left in document.left_out} | {item.span for item in document.items}
    spans |= {value.span for item in document.items for value in item.fields}
    return [{**_columns(span), "place": _place_json(document.source.locate(span))} for span in sorted(spans)]


def _place_json(place: Place) -> str:
    return json.dumps(place.to_json(), ensure_ascii=False)


def records_of_items(document: Document, document_id: int, first_id: int) -> dict[str, list[Record]]:
    """The rows of the outline and its values, in an order in which they can be inserted."""
    rows: dict[str, list[Record]] = defaultdict(list)
    for item_id, item in enumerate(document.items, first_id):
        place = document.source.locate(item.span)
        rows["items"].append(_item_record(item, place) | {"id": item_id, "document": document_id})
        for table, row in _records_of_fields(item.fields):
            rows[table].append({"item": item_id, **row})
    return {table: rows[table] for table in ("items", "measures", "units", "deadlines", "frequencies")}


def _item_record(item: Item, place: Place) -> Record:
    return {
        "outline_id": item.id,
        "parent": item.parent,
        "part": item.part,
        "number": item.number,
        "heading": item.heading,
        "kind": item.kind,
        "reason": item.reason,
        "place": _place_json(place),
        "quote": item.quote,
        **_columns(item.span),
    }


def _records_of_fields(fields: Fields) -> Iterator[tuple[str, Record]]:
    for measure in fields.measures:
        yield "measures", {"number": measure.id, "quote": measure.quote, **_columns(measure.span)}
    for unit in fields.units:
        yield "units", {"role": unit.role, **_common(unit)}
    for d in fields.deadlines:
        event = d.event_span
        hung = {"event_start": event.start if event else None, "event_end": event.end if event else None}
        yield "deadlines", {"due": _iso(d.due), "event": d.event, "offset": d.offset, **hung, **_common(d)}
    for f in fields.frequencies:
        row = {
            "period": f.period,
            "times": f.times,
            "bound": f.bound,
            "vague": f.vague,
            "recurs_on": f.recurs_on,
        }
        yield "frequencies", row | _common(f)


def _common(value: UnitMention | Deadline | Frequency) -> Record:
    return {
        "quote": value.quote,
        "inherited": int(value.inherited),
        "measure": value.measure,
        "rule": value.rule,
        **_columns(value.span),
    }


def _columns(span: Span | None) -> Record:
    return {"span_start": span.start if span else None, "span_end": span.end if span else None}


def entry_of(row: Record, parts: Iterable[Record]) -> DocumentEntry:
    """The entry that a row of the ledger's list of documents stands for."""
    dates = {"issued_on": _date(row["issued_on"]), "added_at": datetime.fromisoformat(row["added_at"])}
    superseded = {"superseded": bool(row["superseded"])}
    return DocumentEntry(**(row | dates | superseded), parts=tuple(part["title"] for part in parts))


def document_of(row: Record, about: Mapping[str, list[Record]], items: Iterable[Item]) -> Document:
    """The document as it was read, from its row, the rows about it, and its items."""
    evidence: dict[str, tuple[Span, ...]] = {}
    for found in about["document_evidence"]:
        evidence[found["field"]] = (*evidence.get(found["field"], ()), _span(found))
    return Document(
        source=Source(
            row["name"],
            row["text"],
            row["data"],
            row["encoding"],
            row["media"],
            row["sha256"],
            StoredPlaces({_span(p): place_of(p) for p in about["places"]}) if about["places"] else None,
        ),
        title=row["title"],
        issuer=row["issuer"],
        doc_number=row["doc_number"],
        issued_on=_date(row["issued_on"]),
        kind=row["kind"],
        year=row["year"],
        parts=tuple(Part(p["title"], _span(p)) for p in about["parts"]),
        items=tuple(items),
        citations=tuple(map(citation_of, about["citations"])),
        left_out=tuple(map(left_out_of, about["left_out"])),
        warnings=tuple(map(warning_of, about["warnings"])),
        evidence=evidence,
    )


def item_of(row: Record, fields: Fields) -> Item:
    """The item of a row of `items`."""
    return Item(
        id=row["outline_id"],
        parent=row["parent"],
        part=row["part"],
        number=row["number"],
        heading=row["heading"],
        kind=row["kind"],
        reason=row["reason"],
        span=_span(row),
        quote=row["quote"],
        fields=fields,
    )


def fields_of(item: int, values: Mapping[str, ByItem]) -> Fields:
    """The values of one item, from the rows of the value tables by item."""
    return Fields(
        units=tuple(map(unit_of, values["units"].get(item, ()))),
        deadlines=tuple(map(deadline_of, values["deadlines"].get(item, ()))),
        frequencies=tuple(
            Frequency(
                period=r["period"],
                times=r["times"],
                bound=r["bound"],
                vague=r["vague"],
                recurs_on=r["recurs_on"],
                **_common_of(r),
            )
            for r in values["frequencies"].get(item, ())
        ),
        measures=tuple(Measure(r["number"], r["quote"], _span(r)) for r in values["measures"].get(item, ())),
    )


def unit_of(row: Record) -> UnitMention:
    """The unit of a row of `units`."""
    return UnitMention(role=row["role"], **_common_of(row))


def deadline_of(row: Record) -> Deadline:
    """The deadline of a row of `deadlines`."""
    return Deadline(
        due=_date(row["due"]),
        event=row["event"],
        offset=row["offset"],
        event_span=Span(row["event_start"], row["event_end"]) if row["event_start"] is not None else None,
        **_common_of(row),
    )


def corrected(item: Item, corrections: Mapping[str, Any]) -> Item:
    """The item with what people put in place of what was read, by field."""
    if not corrections:
        return item
    values = {name: value for name, value in corrections.items() if name not in ("heading", "kind")}
    return replace(
        item,
        heading=corrections.get("heading", item.heading),
        kind=corrections.get("kind", item.kind),
        fields=fields_from_json({**fields_to_json(item.fields), **values}),
    )


def gist(item: Item, field: str) -> str:
    """What `field` of the item says, wherever it is printed: two texts that say the same there give the same."""
    if field in ("heading", "kind"):
        return canonical(getattr(item, field))
    listed = fields_to_json(item.fields)[field]
    bare = [
        {k: v for k, v in one.items() if k not in ("span", "event_span", "rule", "measure", "id")}
        for one in listed
    ]
    return canonical([one | {"quote": plain(spoken(one["quote"]))} for one in bare])


def place_of(row: Record) -> Place:
    """Where in the file as received the span of a row of `items` or `places` begins."""
    known = json.loads(row["place"])
    boxes = known.pop("boxes", ())
    return Place(**known, boxes=tuple(Box(int(page), *edges) for page, *edges in boxes))


def left_out_of(row: Record) -> LeftOut:
    """What a row of `left_out` stands for."""
    return LeftOut(_span(row), row["quote"], row["reason"])


def citation_of(row: Record) -> Citation:
    """What a row of `citations` stands for."""
    return Citation(row["quote"], _span(row), row["title"], row["doc_number"], row["relation"])


def warning_of(row: Record) -> Warning:
    """What a row of `warnings` stands for."""
    return Warning(row["code"], _span(row) if row["span_start"] is not None else None, row["detail"])


def _common_of(row: Record) -> Record:
    return {
        "quote": row["quote"],
        "span": _span(row),
        "rule": row["rule"],
        "measure": row["measure"],
        "inherited": bool(row["inherited"]),
    }


def _span(row: Record) -> Span:
    return Span(row["span_start"], row["span_end"])


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def organization_of(row: Record) -> Organization:
    """What a row of `organizations` stands for."""
    return Organization(**(row | {"collective": bool(row["collective"])}))


def tracking_of(row: Record) -> Tracking:
    """What a row of `tracking` stands for."""
    columns = {name: value for name, value in row.items() if name != "id"}
    return Tracking(**(columns | {"completed_on": _date(row["completed_on"])}))


def readable(value: AnyValue, left_out: Iterable[LeftOut]) -> AnyValue:
    """The value with a quote that lacks what cleaning left out inside it (縣(xiàn) → 縣)."""
    if value.rule == BY_HAND:
        return value
    inside = [part_of(value.span, out.span) for out in left_out if value.span.covers(out.span)]
    return replace(value, quote=without(value.quote, inside)) if inside else value


def part_of(whole: Span, part: Span) -> Span:
    """Where `part` lies in `whole`, counted from its beginning and cut to it."""
    return Span(max(part.start - whole.start, 0), min(part.end, whole.end) - whole.start)


def without(text: str, spans: Iterable[Span]) -> str:
    """`text` without the characters at `spans`."""
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + text[span.end :]
    return text


def grouped(rows: Iterable[Record], key: str) -> defaultdict[Any, list[Record]]:
    """Rows by what they have in column `key`; an empty list for what none has."""
    found: defaultdict[Any, list[Record]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found
