"""What is read out of a circular, as frozen values that know where they stand in the source.

Everything found carries a `span` (half-open, in code points of the source text as printed) and a `quote`, and
`source.text[span.start:span.end] == quote` holds for each. The JSON form is the one that `taizhang extract` prints.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar

DocumentKind = Literal["work_points", "plan", "opinion", "notice", "report", "regulation", "reply", "other"]
ItemKind = Literal["group", "task", "goal", "context"]
Role = Literal["lead", "responsible", "cooperating"]
Bound = Literal["min", "max", "exact"]
Vague = Literal["regular", "continuous"]
Relation = Literal["carries_out", "based_on", "repeals", "mentions"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range `[start, end)` of code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of `text` that this span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        """Whether `other` lies inside this span."""
        return self.start <= other.start and other.end <= self.end

    def to_json(self) -> list[int]:
        """`[start, end]`."""
        return [self.start, self.end]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: page number from 1, edges in points (1/72 inch) from the page's top left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float

    def to_json(self) -> list[float]:
        """`[page, left, top, right, bottom]`."""
        return [self.page, *(round(edge, 2) for edge in (self.left, self.top, self.right, self.bottom))]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span begins in the file as a person opens it; formats fill in what they have. All counts are from 1.

    Plain text has line and column; a page format page and boxes (one a line of the span); Word paragraph, or table,
    row and cell; HTML element, the path from the root; a spreadsheet sheet, row and cell.
    """

    line: int | None = None
    column: int | None = None
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    paragraph: int | None = None
    sheet: str | None = None
    table: int | None = None
    row: int | None = None
    cell: int | None = None
    element: str | None = None

    def to_json(self) -> Json:
        """A mapping of the parts that are known."""
        known: Json = {name: value for name in PLACE_COUNTS if (value := getattr(self, name)) is not None}
        return known | {"boxes": [box.to_json() for box in self.boxes]} if self.boxes else known


PLACE_COUNTS = ("line", "column", "page", "paragraph", "sheet", "table", "row", "cell", "element")


class Locator(Protocol):
    """Knows where in a file its text stands: each format has its own."""

    def locate(self, span: Span) -> Place:
        """The place where `span` of the source text begins."""
        ...


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: where its text is, which row and column it begins in (from 0), how many it takes up."""

    span: Span
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the source: its cells in reading order. The text of a row is one line, its cells apart by tabs."""

    span: Span
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Margin:
    """Text that intake knows to be no part of the document proper: site chrome, page headers, page and line numbers."""

    span: Span
    reason: str


@dataclass(frozen=True)
class Source:
    """One file as received: its bytes, and its text as printed, in reading order, paragraphs apart by line breaks.

    `margins` are the stretches of `text` to leave out with their reasons; `tables` say where tables stand in it;
    `metadata` is what the file says of itself beside its text (title, issuer, doc_number, issued_on); `confidence` is how
    sure recognition is of stretches that it read from a picture, from 0 to 1.
    """

    name: str
    text: str
    data: bytes = b""
    encoding: str = "utf-8"
    media: str = "text/plain"
    sha256: str = ""
    locator: Locator | None = field(default=None, compare=False, repr=False)
    tables: tuple[Table, ...] = ()
    margins: tuple[Margin, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    confidence: tuple[tuple[Span, float], ...] = ()

    def __post_init__(self) -> None:
        """Fill in the hash of the bytes as received, in hexadecimal, where it was not given."""
        if not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(self.data).hexdigest())

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(i + 1 for i, char in enumerate(self.text) if char == "\n")]

    def locate(self, span: Span) -> Place:
        """The place where `span` begins: as the format tells it, else its line and column in the text."""
        if self.locator is not None:
            return self.locator.locate(span)
        line = bisect_right(self._line_starts, span.start)
        return Place(line, span.start - self._line_starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class UnitMention:
    """An organisation that the text makes answerable, with the role it is given.

    `measure` is the id of the measure of the item that it belongs to, None where it answers for the whole item.
    `inherited` marks what a group hands down to its tasks: the span is then the group's.
    """

    quote: str
    span: Span
    role: Role
    rule: str
    measure: int | None = None
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """When work must be finished.

    `due` is the last day allowed. A deadline that hangs on an event has `event` (as printed, at `event_span`) and
    `offset`, a signed ISO 8601 duration from it. All three are None where the text names no day ("月底前").
    """

    quote: str
    span: Span
    due: date | None
    event: str | None
    offset: str | None
    rule: str
    event_span: Span | None = None
    measure: int | None = None
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often work recurs: `times` per `period` (ISO 8601 duration) with a bound, or only vaguely.

    `recurs_on` is the last day allowed of each occurrence, where the text states it, in one of two forms:

    - The BY-parts of an RFC 5545 recurrence rule, for FREQ=WEEKLY where the period counts weeks and FREQ=MONTHLY in all
      other cases: `BYMONTHDAY=5` (每月5日前), `BYMONTHDAY=-1` (每月底前), `BYMONTH=2;BYMONTHDAY=-1` (每年2月底前),
      `BYMONTH=3,6,9,12;BYMONTHDAY=25` (每季度末月25日前), `BYDAY=FR` (每周五前), `BYDAY=-1FR` (每月最后一个周五),
      `BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1` (每月最后一个工作日, public holidays not counted out). A day that a month has not
      got means its last (SKIP=BACKWARD of RFC 7529). Days that no one rule gives stand apart by a blank, one rule each:
      `BYMONTH=6;BYMONTHDAY=20 BYMONTH=12;BYMONTHDAY=10`.
    - `+` and an ISO 8601 duration, counted from the end of the period: `+P10D` (每季度结束后10日内).
    """

    quote: str
    span: Span
    period: str | None
    times: int | None
    bound: Bound | None
    vague: Vague | None
    rule: str
    measure: int | None = None
    inherited: bool = False
    recurs_on: str | None = None


Value = UnitMention | Deadline | Frequency
AnyValue = TypeVar("AnyValue", UnitMention, Deadline, Frequency)


@dataclass(frozen=True, slots=True)
class Measure:
    """A sentence or clause of an item with values of its own; its values name its `id`."""

    id: int
    quote: str
    span: Span


@dataclass(frozen=True, slots=True)
class Fields:
    """The units, deadlines and frequencies of one piece of text, and the measures they belong to."""

    units: tuple[UnitMention, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    frequencies: tuple[Frequency, ...] = ()
    measures: tuple[Measure, ...] = ()

    def __iter__(self) -> Iterator[Value]:
        yield from self.units
        yield from self.deadlines
        yield from self.frequencies

    def handed_down(self) -> tuple[UnitMention, ...]:
        """The units as a group hands them to its tasks; its times are those of the group as a whole and stay with it."""
        return tuple(replace(unit, inherited=True, measure=None) for unit in self.units)


@dataclass(frozen=True, slots=True)
class Item:
    """A node of the outline. A leaf of kind `task` is one row of the ledger.

    `number` and `heading` are as printed; `reason` is the id of the rule that judged the kind.
    """

    id: str
    parent: str | None
    part: int
    number: str | None
    heading: str | None
    kind: ItemKind
    reason: str
    span: Span
    quote: str
    fields: Fields = field(default_factory=Fields)


@dataclass(frozen=True, slots=True)
class Part:
    """A text that carries content: an enclosed plan, or the circular itself."""

    title: str
    span: Span


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A stretch of the source that is in no item, or inside one but not read, with the reason."""

    span: Span
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Another document that the text refers to, by `title`, by number (`doc_number`, as printed) or by both.

    `relation` is what the circular says of it: that it carries it out, is based on it, repeals it, or only mentions it.
    Where the text prints a short name that it has introduced (以下简称《办法》), title and number are those it stands for.
    """

    quote: str
    span: Span
    title: str | None
    doc_number: str | None
    relation: Relation


@dataclass(frozen=True, slots=True)
class Warning:
    """Something about the document that a person should look at: `code` says what, `detail` which."""

    code: str
    span: Span | None
    detail: str = ""


@dataclass(frozen=True)
class Document:
    """A circular as read: its own data, parts, outline with fields, what was left out, and warnings.

    `evidence` gives, for each of title, issuer, doc_number and issued_on that was found, the spans it rests on.
    """

    source: Source
    title: str | None
    issuer: str | None
    doc_number: str | None
    issued_on: date | None
    kind: DocumentKind
    year: int | None
    parts: tuple[Part, ...] = ()
    items: tuple[Item, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Warning, ...] = ()
    evidence: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()

    @property
    def tasks(self) -> tuple[Item, ...]:
        """The leaves that direct work, in reading order."""
        return tuple(item for item in self.items if item.kind == "task")

    def to_json(self) -> Json:
        """The shape that `taizhang extract` prints; `from_json` reads it back."""
        return {
            "document": {
                "title": self.title,
                "issuer": self.issuer,
                "doc_number": self.doc_number,
                "issued_on": _iso(self.issued_on),
                "kind": self.kind,
                "year": self.year,
                "evidence": {name: [s.to_json() for s in spans] for name, spans in self.evidence.items()},
            },
            "source": {
                "name": self.source.name,
                "sha256": self.source.sha256,
                "encoding": self.source.encoding,
                "media": self.source.media,
            },
            "parts": [{"title": p.title, "span": p.span.to_json()} for p in self.parts],
            "items": [_item_to_json(item, self.source) for item in self.items],
            "left_out": [
                {"span": o.span.to_json(), "quote": o.quote, "reason": o.reason} for o in self.left_out
            ],
            "warnings": [
                {"code": w.code, "span": w.span.to_json() if w.span else None, "detail": w.detail}
                for w in self.warnings
            ],
            "citations": [
                {
                    "quote": c.quote,
                    "span": c.span.to_json(),
                    "title": c.title,
                    "doc_number": c.doc_number,
                    "relation": c.relation,
                }
                for c in self.citations
            ],
            "text": self.source.text,
        }

    @classmethod
    def from_json(cls, data: Json) -> Document:
        """The document that `to_json` wrote; the original bytes are not part of it."""
        about, source = data["document"], data["source"]
        return cls(
            source=Source(
                source["name"], data["text"], b"", source["encoding"], source["media"], source["sha256"]
            ),
            title=about["title"],
            issuer=about["issuer"],
            doc_number=about["doc_number"],
            issued_on=_date(about["issued_on"]),
            kind=about["kind"],
            year=about["year"],
            parts=tuple(Part(p["title"], Span(*p["span"])) for p in data["parts"]),
            items=tuple(_item_from_json(i) for i in data["items"]),
            left_out=tuple(LeftOut(Span(*o["span"]), o["quote"], o["reason"]) for o in data["left_out"]),
            warnings=tuple(Warning(w["code"], _span(w["span"]), w["detail"]) for w in data["warnings"]),
            evidence={name: tuple(Span(*s) for s in spans) for name, spans in about["evidence"].items()},
            citations=tuple(
                Citation(c["quote"], Span(*c["span"]), c["title"], c["doc_number"], c["relation"])
                for c in data.get("citations", ())  # absent from what earlier versions wrote
            ),
        )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _span(pair: list[int] | None) -> Span | None:
    return Span(*pair) if pair else None


def _item_to_json(item: Item, source: Source) -> Json:
    return {
        "id": item.id,
        "parent": item.parent,
        "part": item.part,
        "number": item.number,
        "heading": item.heading,
        "kind": item.kind,
        "reason": item.reason,
        "span": item.span.to_json(),
        "quote": item.quote,
        "place": source.locate(item.span).to_json(),
        **fields_to_json(item.fields),
    }


def fields_to_json(fields: Fields) -> Json:
    """Units, deadlines, frequencies and measures under the names of the gold file."""
    return {
        "units": [{"role": u.role, **_common(u)} for u in fields.units],
        "deadlines": [
            {
                "due": _iso(d.due),
                "event": d.event,
                "offset": d.offset,
                "event_span": d.event_span.to_json() if d.event_span else None,
                **_common(d),
            }
            for d in fields.deadlines
        ],
        "frequencies": [
            {
                "period": f.period,
                "times": f.times,
                "bound": f.bound,
                "vague": f.vague,
                "recurs_on": f.recurs_on,
                **_common(f),
            }
            for f in fields.frequencies
        ],
        "measures": [{"id": m.id, "span": m.span.to_json(), "quote": m.quote} for m in fields.measures],
    }


def _common(value: Value) -> Json:
    return {
        "quote": value.quote,
        "span": value.span.to_json(),
        "rule": value.rule,
        "measure": value.measure,
        "inherited": value.inherited,
    }


def _item_from_json(data: Json) -> Item:
    return Item(
        id=data["id"],
        parent=data["parent"],
        part=data["part"],
        number=data["number"],
        heading=data["heading"],
        kind=data["kind"],
        reason=data["reason"],
        span=Span(*data["span"]),
        quote=data["quote"],
        fields=fields_from_json(data),
    )


def fields_from_json(data: Json) -> Fields:
    """What `fields_to_json` wrote."""
    return Fields(
        units=tuple(UnitMention(role=u["role"], **_common_from(u)) for u in data["units"]),
        deadlines=tuple(
            Deadline(
                due=_date(d["due"]),
                event=d["event"],
                offset=d["offset"],
                event_span=_span(d["event_span"]),
                **_common_from(d),
            )
            for d in data["deadlines"]
        ),
        frequencies=tuple(
            Frequency(
                period=f["period"],
                times=f["times"],
                bound=f["bound"],
                vague=f["vague"],
                recurs_on=f.get("recurs_on"),  # absent from what earlier versions wrote
                **_common_from(f),
            )
            for f in data["frequencies"]
        ),
        measures=tuple(Measure(m["id"], m["quote"], Span(*m["span"])) for m in data["measures"]),
    )


def _common_from(data: Json) -> Json:
    return {
        "quote": data["quote"],
        "span": Span(*data["span"]),
        "rule": data["rule"],
        "measure": data["measure"],
        "inherited": data["inherited"],
    }
