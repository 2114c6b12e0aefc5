"""逐句: what became of every sentence of a document, so that none is missed; and the documents, with how many to look at."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query
from fastapi.responses import Response

from extractor.coverage import Sentence, Standing
from extractor.coverage import coverage as sentences_of
from extractor.export import wording
from extractor.export.page_pictures import has_pages
from extractor.ledger import Ledger
from extractor.ledger.records import DocumentEntry, Task
from extractor.ledger.reviewing import as_it_stands, superseded_by, tasks_in_order
from extractor.model import Document, Span
from extractor.web.marked import in_address
from extractor.web.pages.numbers import Number
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

DOCUMENTS, SENTENCES = 10, 300
"""So many on one page: each document of the list is gone through sentence by sentence."""

Show = Literal["", "suspicious", "task", "goal", "context", "group", "left_out"]
SHOWN: dict[str, str] = {
    "": "全部",
    "suspicious": "可疑",
    **{standing: name for standing, name in wording.STANDINGS.items() if standing in get_args(Show)},
}


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: what became of it and why, why it looks like work, and where it stands.

    `task` is the number of the task that it is in; `about` are its characters, `around` those of what it stands in, both as
    addresses have them.
    """

    number: int
    quote: str
    standing: Standing
    task: int | None
    why: str
    cues: tuple[str, ...]
    suspicious: bool
    place: str
    about: str
    around: str


@dataclass(frozen=True, slots=True)
class Covered:
    """A document of the list, with how many of its sentences became what."""

    entry: DocumentEntry
    sentences: int
    counts: Counter[str]
    versions: bool


@router.get("/audit/coverage")
def documents(
    visit: Annotated[Visit, may("audit")], page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    """The documents that came last first."""
    entries = visit.ledger.documents()[::-1]
    newer = superseded_by(visit.ledger)
    of_versions = newer.keys() | set(newer.values())
    shown = entries[(page - 1) * DOCUMENTS : page * DOCUMENTS]
    return visit.show(
        "audit_documents.html",
        tab="coverage",
        lines=[_covered(visit.ledger, entry, entry.id in of_versions) for entry in shown],
        total=len(entries),
        page=page,
        pages=max(-(-len(entries) // DOCUMENTS), 1),
    )


@router.get("/audit/coverage/{document_id:int}")
def coverage(
    visit: Annotated[Visit, may("audit")],
    document_id: Number,
    show: Show = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """The sentences of one document in reading order."""
    entry = visit.ledger.entry(document_id)
    document, tasks = _as_it_stands(visit.ledger, entry)
    lines = list(_lines(document, tasks))
    chosen = [
        line for line in lines if show in ("", line.standing) or (show == "suspicious" and line.suspicious)
    ]
    counts = Counter[str](line.standing for line in lines)
    counts[""], counts["suspicious"] = len(lines), sum(line.suspicious for line in lines)
    pages = max(-(-len(chosen) // SENTENCES), 1)
    page = min(page, pages)
    return visit.show(
        "audit_coverage.html",
        tab="coverage",
        entry=entry,
        lines=chosen[(page - 1) * SENTENCES : page * SENTENCES],
        counts=counts,
        characters=len(document.source.text),
        shown=SHOWN,
        show=show,
        page=page,
        pages=pages,
        has_pages=has_pages(document.source.media),
    )


def _as_it_stands(ledger: Ledger, entry: DocumentEntry) -> tuple[Document, list[Task]]:
    """The document with what holds by now, and its tasks; one that has a newer version as it was read."""
    tasks, withdrawn = (tasks_in_order(ledger, entry.id, standing) for standing in ("current", "withdrawn"))
    document = ledger.document(entry.id)
    return (document if entry.superseded else as_it_stands(document, tasks, withdrawn)), tasks


def _covered(ledger: Ledger, entry: DocumentEntry, versions: bool) -> Covered:
    document, _ = _as_it_stands(ledger, entry)
    sentences = [one for one in sentences_of(document) if one.standing != "blank"]
    counts = Counter[str](one.standing for one in sentences)
    counts["suspicious"] = sum(one.is_suspicious for one in sentences)
    return Covered(entry, len(sentences), counts, versions)


def _lines(document: Document, tasks: Sequence[Task]) -> Iterator[Line]:
    in_tasks = _Holding((task.item.span, task.id) for task in tasks)
    left_out = _Holding((left.span, None) for left in document.left_out)
    items = {item.id: item.span for item in document.items}
    read = [sentence for sentence in sentences_of(document) if sentence.standing != "blank"]
    for number, sentence in enumerate(read, 1):
        task = in_tasks.around(sentence.span) if sentence.standing == "task" else None
        around = task or left_out.around(sentence.span)
        holder = around[0] if around else items.get(sentence.item or "", sentence.span)
        place = wording.place(document.source.locate(sentence.span)) or wording.place(
            document.source.locate(holder)
        )
        yield Line(
            number,
            wording.tidy(sentence.quote),
            sentence.standing,
            task[1] if task else None,
            _why(sentence),
            tuple(wording.CUES[cue] for cue in sentence.cues),
            sentence.is_suspicious,
            place,
            in_address(sentence.span),
            in_address(holder),
        )


def _why(sentence: Sentence) -> str:
    said = wording.left_out if sentence.standing == "left_out" else wording.rule
    return said(sentence.reason)


class _Holding:
    """Spans of which none overlaps another, to be asked which of them is around something."""

    def __init__(self, held: Iterable[tuple[Span, int | None]]) -> None:
        self._held = sorted(held, key=lambda one: one[0])

    def around(self, span: Span) -> tuple[Span, int | None] | None:
        at = bisect_right(self._held, span.start, key=lambda one: one[0].start) - 1
        found = self._held[at] if at >= 0 else None
        return found if found and found[0].covers(span) else None
