"""What the page for checking shows: a document beside its tasks, each with what it says, why it is doubtful, what can be done."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from fastapi.responses import Response

from extractor import typed
from extractor.export import wording
from extractor.export.marks import KIND_NAMES, mark_of, shown_left_out
from extractor.export.page_pictures import PagePictureError, has_pages, page_sizes
from extractor.export.rows import heading_and_content
from extractor.ledger import Ledger
from extractor.ledger.corrections import doubts, is_confirmed, look
from extractor.ledger.events import Event
from extractor.ledger.records import BY_HAND, CORRECTED, DocumentEntry, Task, readable
from extractor.ledger.reviewing import as_it_stands, event_numbered, following, original, tasks_in_order
from extractor.ledger.revisions import versions
from extractor.model import (
    Document,
    Fields,
    Item,
    LeftOut,
    Span,
    UnitMention,
    Value,
    Warning,
)
from extractor.web.correcting import Draft, draft_of
from extractor.web.marked import MarkedSource, PageView, in_address
from extractor.web.visits import Visit

LONGEST_NAME = 60
LONGEST_QUOTE = 160
END_OF_SENTENCE = re.compile(r"[。；;！？!?]+[”’」）)]*\s*|\n\s*")
PRINTED_BEHIND = tuple("、.．")
DONE = {
    "confirm": "任务 {} 已确认无误",
    "correct": "任务 {} 已更正",
    "split": "任务 {} 已拆分",
    "merge": "任务 {} 已与后面的合并",
    "take_in": "已列为任务 {}",
}
"""What was done, told once it is; these actions can be undone here."""
WITHDRAWN = "任务 {} 已从任务中去掉"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the visitor wants to see: the page and what is open on it; `problem` is why the open form was not followed."""

    task: int | None = None
    at: Span | None = None
    take: Span | None = None
    rest: bool = False
    view: str = ""
    done: int | None = None
    form: str = ""
    draft: Draft | None = None
    problem: str = ""
    given: dict[str, str] = field(default_factory=dict)

    def kept(self) -> dict[str, object]:
        """What stays in the address from one page to the next."""
        return {"rest": 1 if self.rest else None, "view": self.view}


@dataclass(frozen=True, slots=True)
class Chip:
    """A value as it is shown: `about` is the span it rests on, empty where it rests on no characters."""

    kind: str
    name: str
    text: str
    about: str
    title: str
    inherited: bool
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A task in the list; `chips` are its values, those of one measure together."""

    task: int
    label: str
    name: str
    about: str
    state: str
    chips: tuple[tuple[Chip, ...], ...]
    doubts: tuple[str, ...]
    corrected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `bare` if there are no tasks below it."""

    name: str
    about: str
    depth: int
    bare: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """Text that is no task: what it is, why, and the number it had if it was one."""

    kind: str
    why: str
    quote: str
    about: str
    task: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a task; at `start` it can be cut."""

    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a field that people corrected, as it would be again."""

    name: str
    words: str
    before: str


@dataclass(frozen=True, slots=True)
class Editor:
    """What can be done with a task."""

    task: Task
    seen: str
    confirmed: bool
    draft: Draft
    read: tuple[Read, ...]
    sentences: tuple[Sentence, ...]
    following: int | None
    following_name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taking:
    """Text that may become a task, with what would be read of it."""

    span: Span
    quote: str
    chips: tuple[tuple[Chip, ...], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What to look at in the document, and where."""

    said: str
    where: str
    about: str


@dataclass(frozen=True, slots=True)
class Done:
    """What has just been done: the words for it, and the event by which it is undone."""

    said: str
    sequence: int


def document_page(visit: Visit, document_id: int, asked: Asked, *, status: int = 200) -> Response:
    """The whole page."""
    ledger = visit.ledger
    entry = ledger.entry(document_id)
    tasks, withdrawn = (tasks_in_order(ledger, document_id, s) for s in ("current", "withdrawn"))
    document = ledger.document(document_id)
    # The tasks of an older version have gone on to the next one: it is shown as it was read.
    if not entry.superseded:
        document = as_it_stands(document, tasks, withdrawn)
    marked = MarkedSource(document, tasks, asked.at)
    paged, pages = _pages(ledger, document_id, document.source.media, marked, asked.view)
    open_task = _opened(tasks, asked)
    cards = {task.id: card_of(task) for task in tasks}
    states = [card.state for card in cards.values()]
    return visit.show(
        "review.html",
        status=status,
        entry=entry,
        newest=versions(ledger, document_id)[0] if entry.superseded else None,
        documents=[one for one in ledger.documents() if not one.superseded or one.id == document_id],
        entries=list(_entries(document, tasks, withdrawn, cards)),
        chunks=() if pages else tuple(marked.chunks()),
        pages=pages,
        has_pages=paged,
        open_task=open_task.id if open_task else None,
        editor=editor_of(ledger, open_task, asked.draft) if open_task and visit.may("correct") else None,
        taking=_taking(document, withdrawn, asked.take) if visit.may("correct") else None,
        at=in_address(asked.at) if asked.at else "",
        notices=[_notice(document, warning) for warning in document.warnings],
        doubtful=states.count("doubtful"),
        confirmed=states.count("confirmed"),
        total=len(tasks),
        done=outcome_of(ledger, asked.done, document_id) if visit.may("correct") else None,
        asked=asked,
    )


def _pages(
    ledger: Ledger, document_id: int, media: str, marked: MarkedSource, view: str
) -> tuple[bool, list[PageView]]:
    """Whether the original can be shown page by page, and its pages if they are wanted rather than the text."""
    if not has_pages(media):
        return False, []
    if view == "text":
        return True, []
    try:
        return True, marked.pages(page_sizes(original(ledger, document_id).data, media))
    except PagePictureError:
        return False, []


def _opened(tasks: Sequence[Task], asked: Asked) -> Task | None:
    """The task that is asked for, or the one around the characters that are."""
    if asked.at:
        return next((task for task in tasks if task.item.span.overlaps(asked.at)), None)
    return next((task for task in tasks if task.id == asked.task), None)


def _entries(
    document: Document, tasks: Sequence[Task], withdrawn: Sequence[Task], cards: dict[int, Card]
) -> Iterator[tuple[str, Card | Heading | Rest]]:
    """The right side in the order of the text, each entry with what it is."""
    by_span = {task.item.span: task for task in tasks}
    starts = [span.start for span in by_span]
    was_task = {task.item.span: task.id for task in withdrawn}
    depths: dict[str | None, int] = {None: 0}
    left_out = [left for left in shown_left_out(document) if not _in_one(left.span, by_span)]
    printed: list[Item | LeftOut] = [*document.items, *left_out]
    for one in sorted(printed, key=lambda one: (one.span.start, -one.span.end)):
        about = in_address(one.span)
        if not isinstance(one, Item):
            yield "rest", Rest("未采用", wording.left_out(one.reason), _quote(one.quote), about)
        elif one.kind == "group":
            depths[one.id] = depth = depths.get(one.parent, 0) + 1
            bare = bisect_left(starts, one.span.start) == bisect_left(starts, one.span.end)
            yield "heading", Heading(_name(one), about, depth, bare)
        elif task := by_span.get(one.span):
            yield "task", cards[task.id]
        else:
            kind, why = wording.ITEM_KINDS[one.kind], wording.rule(one.reason)
            number = was_task.get(one.span)
            why = f"原任务 {number}，已判定不是任务" if number else why
            yield "rest", Rest(kind, why, _quote(one.quote), about, number)


def _in_one(span: Span, tasks: Iterable[Span]) -> bool:
    return any(task.covers(span) for task in tasks)


def _name(item: Item) -> str:
    return wording.shortened(_label(item) + wording.tidy(item.heading or ""), LONGEST_NAME)


def _label(item: Item) -> str:
    """The number with the mark that is printed behind it: 一、 or 1."""
    number = wording.tidy(item.number or "")
    behind = item.quote.partition(item.number)[2][:1] if item.number else ""
    return number + (behind if behind and behind in PRINTED_BEHIND else "")


def _quote(text: str) -> str:
    return wording.shortened(wording.tidy(text), LONGEST_QUOTE)


def card_of(task: Task) -> Card:
    """The task as the list shows it."""
    found = doubts(task)
    return Card(
        task.id,
        _label(task.item),
        heading_and_content(task)[0],
        in_address(task.item.span),
        "confirmed" if is_confirmed(task) else "doubtful" if found else "open",
        chips_of(task.item.fields, task),
        tuple(wording.DOUBTS[doubt] for doubt in found),
        tuple(wording.CORRECTED_FIELDS[name] for name in wording.CORRECTED_FIELDS if name in task.corrected),
    )


def chips_of(fields: Fields, task: Task | None = None) -> tuple[tuple[Chip, ...], ...]:
    """The values as they are shown: what holds for the whole first, then those of each measure."""
    rows: dict[int | None, list[Chip]] = {None: []}
    for value in fields:
        rows.setdefault(value.measure, []).append(_chip(value, task))
    return tuple(tuple(row) for row in rows.values() if row)


def _chip(value: Value, task: Task | None) -> Chip:
    kind = mark_of(value).kind
    title = wording.rule(value.rule) if value.rule in (BY_HAND, CORRECTED) else ""
    if isinstance(value, UnitMention):
        name = wording.ROLES[value.role]
        text = wording.tidy(readable(value, task.left_out if task else ()).quote)
        organization = task.organizations.get(value.quote) if task else None
        if organization and organization.name != text:
            title = f"{title}；单位名录：{wording.organization(organization)}".lstrip("；")
    else:
        name, text = KIND_NAMES[kind], wording.value(value)
    by_hand = value.rule == BY_HAND
    about = "" if by_hand else in_address(value.span)
    return Chip(kind, name, text, about, title, value.inherited, by_hand)


def editor_of(ledger: Ledger, task: Task, draft: Draft | None = None) -> Editor:
    """What can be done with the task; `draft` is its form as it was filled in, if it was."""
    after = following(ledger, task)
    return Editor(
        task,
        look(task),
        is_confirmed(task),
        draft or draft_of(task),
        tuple(_read(task)),
        tuple(sentences_of(task)),
        after,
        heading_and_content(ledger.task(after))[0] if after else "",
        tuple(dict.fromkeys(org.name for org in task.organizations.values())),
    )


def _read(task: Task) -> Iterator[Read]:
    """What was read in the fields that are corrected now."""
    for name, words in wording.CORRECTED_FIELDS.items():
        if name not in task.corrected:
            continue
        if name in ("heading", "kind"):
            yield Read(name, words, "")
            continue
        values = getattr(task.extracted, name)
        rows = chips_of(Fields(**{name: values}), task)
        told = "、".join(
            f"{chip.text}（{chip.name}）" if name == "units" else chip.text for row in rows for chip in row
        )
        yield Read(name, words, told or "没有")


def sentences_of(task: Task) -> Iterator[Sentence]:
    """The sentences of a task, at which it can be cut; its heading goes with the first."""
    text, start = task.item.quote, task.item.span.start
    named = text.find(task.item.heading) + len(task.item.heading) if task.item.heading else 0
    ends = (found.end() for found in END_OF_SENTENCE.finditer(text, named))
    after_heading = [end for end in ends if text[named:end].strip("。；;！？!?” \n\t\u3000")]
    cuts = [0, *(end for end in after_heading if text[end:].strip()), len(text)]
    for first, last in pairwise(cuts):
        yield Sentence(start + first, wording.tidy(text[first:last]))


def _taking(document: Document, withdrawn: Sequence[Task], span: Span | None) -> Taking | None:
    """The text of `span`, if it is some, and what would be read of it."""
    text = document.source.text
    if span is None or not 0 <= span.start < span.end <= len(text):
        return None
    known = next((task for task in withdrawn if task.item.span == span), None)
    fields = known.item.fields if known else fields_at(document.source.text, span, document)
    return Taking(span, _quote(span.of(text)), chips_of(fields, known))


def fields_at(text: str, span: Span, about: Document | DocumentEntry) -> Fields:
    """What the reader finds in the characters of `span`, placed in the whole `text`."""
    return typed.fields_at(text, span, year=about.year, issued_on=about.issued_on)


def _notice(document: Document, warning: Warning) -> Notice:
    said = wording.warning(warning)
    if warning.span is None:
        return Notice(said, "", "")
    where = wording.place(document.source.locate(warning.span))
    return Notice(said, where, in_address(warning.span))


def outcome_of(ledger: Ledger, sequence: int | None, document_id: int) -> Done | None:
    """The words for an event that was made on this page."""
    event = event_numbered(ledger, sequence) if sequence else None
    task = task_of(event) if event else None
    if event is None or task is None or ledger.task(task).document.id != document_id:
        return None
    withdrawn = any(row and row["standing"] == "withdrawn" for row in event.after.get("tasks", {}).values())
    return Done((WITHDRAWN if withdrawn else DONE[event.action]).format(task), event.sequence)


def task_of(event: Event) -> int | None:
    """The task that an event of this page was about; None for events of other pages."""
    if event.action not in DONE:
        return None
    if event.action == "take_in":
        numbers: list[Any] = list(event.after.get("tasks", ()))
        return int(numbers[0]) if numbers else None
    kind, _, number = event.subject.partition(":")
    return int(number) if kind == "task" else None
