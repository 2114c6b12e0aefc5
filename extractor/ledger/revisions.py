"""Versions of a circular: a new one supersedes the old, and what people did with the tasks of the old holds for the new.

A task that is still in the new version keeps its number and moves to its text there, with all that hangs on the number:
progress, dates, corrections, files. Where people had split or merged tasks, that is kept too if their texts are found again;
else the tasks are again as they were read, for no text of the new version may be lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from extractor.ledger import derived
from extractor.ledger.corrections import VALUES, enter_names, look, occurrences, of_piece, united
from extractor.ledger.events import Change, canonical, kept_row
from extractor.ledger.matching import pairs
from extractor.ledger.names import spoken
from extractor.ledger.plain import plain
from extractor.ledger.records import BY_HAND, CORRECTED, DocumentEntry, Record, Task, gist
from extractor.ledger.titles import compared_forms, plain_number, plain_title
from extractor.model import (
    AnyValue,
    Deadline,
    Document,
    Fields,
    Item,
    Measure,
    Span,
    UnitMention,
    Value,
    fields_from_json,
    fields_to_json,
)

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

LEAST_TITLE = 8
"""A title of fewer characters (工作通知) is that of many circulars."""
TITLES_ALIKE = 50.0
"""Below this similarity of 100 two titles are not those of one circular, whatever number both print: an annex in a file of
its own bears the number of its circular."""

ALIKE = """SELECT documents.id, documents.title, issuer, doc_number, year FROM document_forms AS forms
    JOIN documents ON documents.id = forms.document
    JOIN document_states AS state ON state.id = forms.document
    WHERE standing = 'current' AND documents.id != :own AND (forms.number = :number OR forms.title = :title)
    ORDER BY documents.id DESC"""
"""The current documents of the same number or the same title: no others can be versions of one circular."""


@dataclass(frozen=True, slots=True)
class Revised:
    """The document is a new version of `earlier`.

    The tasks, by number: those that stayed as they were, are in it with changes, are new in it, and are in it no more.
    """

    entry: DocumentEntry
    earlier: DocumentEntry
    kept: tuple[int, ...]
    changed: tuple[int, ...]
    added: tuple[int, ...]
    dropped: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outdated:
    """The document is an older version of `current`, kept beside it; its tasks are not rows of the ledger."""

    entry: DocumentEntry
    current: DocumentEntry


@dataclass(frozen=True, slots=True)
class Called:
    """How a document is called; `year` is the one its tasks are for."""

    title: str | None
    issuer: str | None
    doc_number: str | None
    year: int | None


def other_version(ledger: Ledger, entry: DocumentEntry) -> DocumentEntry | None:
    """The current document of the ledger that `entry` is another version of."""
    wanted = Called(entry.title, entry.issuer, entry.doc_number, entry.year)
    number, title = compared_forms(wanted.doc_number, wanted.title, wanted.issuer)
    alike = ledger.db.execute(ALIKE, {"own": entry.id, "number": number, "title": title})
    for document_id, *called in alike.fetchall():
        if same_circular(Called(*called), wanted):
            return ledger.entry(document_id)
    return None


def same_circular(one: Called, other: Called) -> bool:
    """Whether two documents are versions of one circular: the same 发文字号, or where one has none the same title.

    Circulars of two years that bear the same title are two, as are those of two issuers.
    """
    if one.doc_number and other.doc_number:
        return plain_number(one.doc_number) == plain_number(other.doc_number) and _titles_alike(one, other)
    if not (one.title and other.title):
        return False
    title = plain_title(one.title, one.issuer)
    return (
        len(title) >= LEAST_TITLE
        and title == plain_title(other.title, other.issuer)
        and _same_if_known(one.issuer and plain(one.issuer), other.issuer and plain(other.issuer))
        and _same_if_known(one.year, other.year)
    )


def _titles_alike(one: Called, other: Called) -> bool:
    from rapidfuzz.fuzz import partial_ratio

    titles = [plain_title(called.title, called.issuer) for called in (one, other) if called.title]
    return len(titles) < 2 or partial_ratio(*titles) >= TITLES_ALIKE


def _same_if_known(one: object, other: object) -> bool:
    return not one or not other or one == other


def is_older(entry: DocumentEntry, current: DocumentEntry) -> bool:
    """Whether a version that comes in was issued before the one that is there."""
    return bool(entry.issued_on and current.issued_on and entry.issued_on < current.issued_on)


def versions(ledger: Ledger, document_id: int) -> list[DocumentEntry]:
    """All versions of the document that the ledger has, the current one first.

    Raises:
        NoSuchDocumentError: if there is no such document.
    """
    earlier = dict(ledger.db.execute("SELECT id, supersedes FROM document_states").fetchall())
    later = {old: new for new, old in earlier.items() if old is not None}
    at: int | None = ledger.entry(document_id).id
    while at in later:
        at = later[at]
    chain = []
    while at is not None:
        chain.append(ledger.entry(at))
        at = earlier.get(at)
    return chain


def put_behind(change: Change, ledger: Ledger, entry: DocumentEntry, current: DocumentEntry) -> int | None:
    """Make room for an older version in the row of versions; returns the next older one."""
    newer = current
    for one in versions(ledger, current.id):
        if one.id != current.id and one.issued_on and entry.issued_on and one.issued_on <= entry.issued_on:
            break
        newer = one
    state = kept_row(ledger.db, "document_states", newer.id)
    change.put("document_states", newer.id, supersedes=entry.id)
    return state["supersedes"] if state else None


def carry_over(ledger: Ledger, change: Change, earlier: DocumentEntry, entry: DocumentEntry) -> Revised:
    """Let the tasks of `earlier` go on in `entry`, whose tasks are not entered yet, as far as they are in it."""
    moves = _moves(ledger, earlier.id, entry.id)
    before = {task.id: task for task in ledger.numbered(list(moves.to))}
    added = moves.write(change)
    for task_id, target in moves.to.items():
        _carry_corrections(change, ledger, before[task_id], target, moves)
    for (occasion,) in ledger.db.execute(
        "SELECT id FROM occasions WHERE document = ?", [earlier.id]
    ).fetchall():
        change.put("occasions", occasion, document=entry.id)
    derived.refresh(ledger, [*moves.to, *added, *moves.dropped])
    rows = [task for task in ledger.numbered(list(moves.to)) if task.standing == "current"]
    same = {task.id for task in rows if look(task) == look(before[task.id])}
    return Revised(
        entry,
        earlier,
        kept=tuple(task.id for task in rows if task.id in same),
        changed=tuple(task.id for task in rows if task.id not in same),
        added=tuple(added),
        dropped=tuple(moves.dropped),
    )


# ---------------------------------------- which task goes where


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a task goes: the item of the new version, its own characters if it is not about the whole item, how it stands."""

    item: Item | None
    span: Span | None
    standing: str


@dataclass
class _Moves:
    """What becomes of the tasks of an old version: where they go, which are dropped, which items are new tasks.

    Those in `parted` had others merged into them, which are tasks of their own again.
    """

    old: Document
    new: Document
    later: int
    item_ids: Mapping[str, int]
    to: dict[int, _Target] = field(default_factory=dict)
    dropped: list[int] = field(default_factory=list)
    fresh: list[Item] = field(default_factory=list)
    parted: set[int] = field(default_factory=set)

    def write(self, change: Change) -> list[int]:
        """Put it into the ledger; returns the numbers of the tasks that are new."""
        for task_id, target in self.to.items():
            gone = {} if target.standing in ("merged", "split") else {"successor": None}
            change.put("tasks", task_id, **self._columns(target), **gone)
        for task_id in self.dropped:
            change.put("tasks", task_id, standing="dropped")
        return [
            change.put(
                "tasks", **self._columns(_Target(item, None, "current")), origin="read", successor=None
            )
            for item in self.fresh
        ]

    def _columns(self, target: _Target) -> Record:
        return {
            "document": self.later,
            "item": self.item_ids[target.item.id] if target.item else None,
            "standing": target.standing,
            "span_start": target.span.start if target.span else None,
            "span_end": target.span.end if target.span else None,
        }


def _moves(ledger: Ledger, earlier: int, later: int) -> _Moves:
    old, new = ledger.document(earlier), ledger.document(later)
    query = "SELECT * FROM tasks WHERE document = ? AND standing != 'dropped' ORDER BY id"
    tasks: dict[int, Record] = {row["id"]: row for row in ledger.db.query(query, [earlier])}
    became = _counterparts(ledger, old, earlier, new)
    items = {task_id: became.get(row["item"]) for task_id, row in tasks.items()}
    placed = _placed(tasks, items, old, new)
    revived = _revived(tasks, items, placed, new.source.text)
    whole = {
        task_id: item
        for task_id, row in tasks.items()
        if (item := items[task_id]) and task_id not in placed and _goes_whole(row, item, revived)
    }
    rows = [item.span for task_id, item in whole.items() if tasks[task_id]["standing"] != "withdrawn"]
    placed = {task_id: span for task_id, span in placed.items() if not any(map(span.overlaps, rows))}
    known = {item.id for item in whole.values()}
    covers = list(placed.values())
    fresh = [i for i in new.tasks if i.id not in known and not _covered(i.span, covers, new.source.text)]
    placed = {n: span for n, span in placed.items() if not any(span.overlaps(i.span) for i in fresh)}

    moves = _Moves(old, new, later, _item_ids(ledger, later), fresh=fresh)
    for task_id, row in tasks.items():
        standing = "current" if task_id in revived else row["standing"]
        item = items[task_id]
        if span := placed.get(task_id):
            around = item if item and item.span.overlaps(span) else _item_around(new.items, span)
            moves.to[task_id] = _Target(around, span, standing)
        elif task_id in whole or (item and standing in ("merged", "split") and row["origin"] == "read"):
            moves.to[task_id] = _Target(item, None, standing)
            if row["span_start"] is not None:
                moves.parted.add(task_id)
        elif standing == "current":
            moves.dropped.append(task_id)
    return moves


def _counterparts(ledger: Ledger, old: Document, earlier: int, new: Document) -> dict[int | None, Item]:
    """The items of the new version by the rows of the old items that they were."""
    ids = _item_ids(ledger, earlier)
    return {ids[old.items[pair.old].id]: new.items[pair.new] for pair in pairs(old.items, new.items)}


def _item_ids(ledger: Ledger, document_id: int) -> dict[str, int]:
    rows = ledger.db.execute("SELECT outline_id, id FROM items WHERE document = ?", [document_id])
    return dict(rows.fetchall())


def _goes_whole(row: Record, item: Item, revived: set[int]) -> bool:
    """Whether the task goes on as one about the whole of that item."""
    if row["origin"] == "split" or (row["origin"] == "taken_in" and row["span_start"] is not None):
        return False
    if row["standing"] == "withdrawn":
        return True
    is_row = row["standing"] == "current" or row["id"] in revived
    return is_row and (item.kind == "task" or row["origin"] == "taken_in")


def _placed(
    tasks: Mapping[int, Record], items: Mapping[int, Item | None], old: Document, new: Document
) -> dict[int, Span]:
    """Where the texts that people marked off as tasks are in the new version."""
    printed = _Printed(new.source.text)
    found: dict[int, Span] = {}
    for task_id, row in tasks.items():
        if row["span_start"] is None or row["standing"] not in ("current", "withdrawn"):
            continue
        item = items[task_id]
        words = old.source.text[row["span_start"] : row["span_end"]]
        span = printed.find(words, item.span if item else None, found.values())
        if span is None and row["origin"] == "read":
            span = _span_of_merged(task_id, tasks, items, new)
        if span is not None:
            found[task_id] = span
    return found


def _span_of_merged(
    task_id: int, tasks: Mapping[int, Record], items: Mapping[int, Item | None], new: Document
) -> Span | None:
    """The text of all tasks that were merged into one, where they are neighbours in the new version too."""
    members = {task_id}
    for number, row in sorted(tasks.items()):
        if row["standing"] == "merged" and row["successor"] in members:
            members.add(number)
    found = [items[number] for number in members]
    known = [item for item in found if item and item.kind == "task"]
    if len(known) < len(found) or len(found) < 2:
        return None
    span = Span(min(item.span.start for item in known), max(item.span.end for item in known))
    between = [item for item in new.tasks if item.span.overlaps(span) and item not in known]
    return None if between else span


def _revived(
    tasks: Mapping[int, Record], items: Mapping[int, Item | None], placed: dict[int, Span], text: str
) -> set[int]:
    """The tasks that were split or merged, but are again as they were read: else text of the new version were in no task.

    What was made of them is taken out of `placed`.
    """
    revived: set[int] = set()
    waiting = {
        task_id: item
        for task_id, row in tasks.items()
        if row["standing"] in ("split", "merged") and row["origin"] == "read"
        if (item := items[task_id]) and item.kind == "task"
    }
    while lost := [n for n, item in waiting.items() if not _covered(item.span, placed.values(), text)]:
        for number in lost:
            item = waiting.pop(number)
            revived.add(number)
            for other in [n for n, span in placed.items() if span.overlaps(item.span)]:
                del placed[other]
    return revived


def _covered(span: Span, by: Iterable[Span], text: str) -> bool:
    """Whether all that is printed at `span` lies in one of the spans `by`."""
    at = span.start
    for other in sorted(by):
        if other.start > at and text[at : min(other.start, span.end)].strip():
            return False
        at = max(at, other.end)
    return not text[at : span.end].strip()


def _item_around(items: Iterable[Item], span: Span) -> Item | None:
    """The innermost item whose text holds these characters."""
    around = [item for item in items if item.span.covers(span)]
    return min(around, key=lambda item: item.span.end - item.span.start, default=None)


class _Printed:
    """A text in which words are found whatever the white space and the form of its characters."""

    def __init__(self, text: str) -> None:
        self._at: list[int] = []
        pieces = []
        for at, character in enumerate(text):
            form = plain(character)
            pieces.append(form)
            self._at += [at] * len(form)
        self._plain = "".join(pieces)

    def find(self, words: str, near: Span | None, taken: Iterable[Span]) -> Span | None:
        """Where the words are, first of all in `near`, and not in what is `taken` already."""
        wanted, others, found = "".join(map(plain, words)), list(taken), []
        at = self._plain.find(wanted) if wanted else -1
        while at >= 0:
            found.append(Span(self._at[at], self._at[at + len(wanted) - 1] + 1))
            at = self._plain.find(wanted, at + len(wanted))
        free = [span for span in found if not any(map(span.overlaps, others))]
        close = [span for span in free if near and near.overlaps(span)]
        if len(wanted) < LEAST_TITLE:
            return next(iter(close), None)
        return next(iter(close or free), None)


# ---------------------------------------- corrections


def _carry_corrections(change: Change, ledger: Ledger, task: Task, target: _Target, moves: _Moves) -> None:
    """Let what people put in place of what was read hold for the new version.

    A value that a person gave rests on the same characters there, else on the correction alone. Where people only brought
    together or parted what was read, that is what was read in the new version.
    """
    rows = [row for row in _corrections(ledger, task.id) if row["field"] in VALUES]
    span = target.span or (target.item.span if target.item else None)
    if not rows or span is None:
        return
    given = fields_from_json(
        {name: [] for name in VALUES} | {r["field"]: json.loads(r["value"]) for r in rows}
    )
    before, after = _read_in(moves.old, task.item.span), _read_in(moves.new, span)
    renumbered = any(row["field"] == "measures" for row in rows)
    measures = target.item.fields.measures if target.item and not renumbered else after.measures
    carrier = _Carrier(task.item.span, span, moves.old.source.text, moves.new.source.text, measures)
    parted = task.id in moves.parted

    def carried(
        values: tuple[AnyValue, ...], old: tuple[AnyValue, ...], new: tuple[AnyValue, ...]
    ) -> tuple[AnyValue, ...]:
        if {_said(value) for value in values} == {_said(value) for value in old}:
            return tuple(map(carrier.measured, new))
        held = [(value, carrier.value(value)) for value in values]
        return tuple(
            now for was, now in held if now.rule == was.rule or (was.rule == CORRECTED and not parted)
        )

    fields = Fields(
        carried(given.units, before.units, after.units),
        carried(given.deadlines, before.deadlines, after.deadlines),
        carried(given.frequencies, before.frequencies, after.frequencies),
        measures,
    )
    wanted = replace(target.item or task.item, fields=fields)
    for row in rows:
        field_name = row["field"]
        if target.item and not target.span and gist(wanted, field_name) == gist(target.item, field_name):
            change.drop("corrections", row["id"])
        else:
            change.put("corrections", row["id"], value=canonical(fields_to_json(fields)[field_name]))
    enter_names(change, ledger, moves.later, fields.units)


def _said(value: Value) -> tuple[object, ...]:
    """What a value says, and whether a person gave it."""
    role = value.role if isinstance(value, UnitMention) else None
    return type(value), plain(spoken(value.quote)), role, value.rule in (CORRECTED, BY_HAND)


def _corrections(ledger: Ledger, task_id: int) -> list[Record]:
    return list(ledger.db.query("SELECT * FROM corrections WHERE task = ?", [task_id]))


def _read_in(document: Document, span: Span) -> Fields:
    """The values that were read in a text or hold for it."""
    leaves = [item for item in document.items if item.kind != "group" and item.span.overlaps(span)]
    return united((replace(item, fields=of_piece(item.fields, span)) for item in leaves), span)


@dataclass(frozen=True, slots=True)
class _Carrier:
    """Carries values from the text of a task in one version to its text in the next."""

    old: Span
    new: Span
    old_text: str
    new_text: str
    measures: tuple[Measure, ...]

    def value(self, value: AnyValue) -> AnyValue:
        """The value on the same characters; where they are gone, on the correction alone."""
        where = None if value.rule == BY_HAND else self._same(value.span)
        if where is None:
            placed = replace(value, span=self.new, rule=BY_HAND, measure=None, inherited=False)
            return replace(placed, event_span=None) if isinstance(placed, Deadline) else placed
        placed = self.measured(replace(value, span=where, quote=where.of(self.new_text)))
        if isinstance(placed, Deadline) and placed.event:
            at = placed.quote.find(placed.event)
            event = Span(where.start + at, where.start + at + len(placed.event)) if at >= 0 else None
            return replace(placed, event_span=event)
        return placed

    def measured(self, value: AnyValue) -> AnyValue:
        """The value with the number of the measure it stands in, if it belongs to one."""
        measure = next((m.id for m in self.measures if m.span.covers(value.span)), None)
        return replace(value, measure=measure if value.measure is not None else None)

    def _same(self, span: Span) -> Span | None:
        """Where the characters at `span` are now: in the task, the same one of several; above it, the last before it."""
        words = span.of(self.old_text)
        if not self.old.covers(span):
            above = occurrences(words, self.new_text, Span(0, self.new.start))
            return above[-1] if above else None
        nth = sum(one.start < span.start for one in occurrences(words, self.old_text, self.old))
        now = occurrences(words, self.new_text, self.new)
        return now[min(nth, len(now) - 1)] if now else None
