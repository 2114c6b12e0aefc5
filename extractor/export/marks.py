"""Which characters of a document mean what, cut into the stretches that a page or terminal paints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from extractor.ledger.records import BY_HAND
from extractor.model import Deadline, Document, Fields, Item, LeftOut, Span, UnitMention, Value

MarkKind = Literal["task", "other", "field", "unit", "deadline", "frequency", "left_out", "warning"]

KIND_NAMES: dict[MarkKind, str] = {
    "task": "任务",
    "unit": "单位",
    "deadline": "时限",
    "frequency": "频次",
    "field": "文件信息",
    "other": "非任务条目",
    "left_out": "未采用",
    "warning": "提醒",
}


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A span with the kind of thing that it is evidence of."""

    span: Span
    kind: MarkKind


def mark_of(value: Value) -> Mark:
    """The mark of a unit, deadline or frequency."""
    if isinstance(value, UnitMention):
        return Mark(value.span, "unit")
    return Mark(value.span, "deadline" if isinstance(value, Deadline) else "frequency")


def marks_of_values(fields: Fields) -> set[Mark]:
    """The marks of all values that rest on characters; what several tasks inherit from one place is one mark."""
    return {mark_of(value) for value in fields if value.rule != BY_HAND}


def mark_of_item(item: Item) -> Mark | None:
    """The mark of a leaf; a group is seen in its children."""
    if item.kind == "group":
        return None
    return Mark(item.span, "task" if item.kind == "task" else "other")


def marks_of(document: Document) -> list[Mark]:
    """All marks of a document, in reading order."""
    marks = {Mark(span, "field") for spans in document.evidence.values() for span in spans}
    for item in document.items:
        marks |= marks_of_values(item.fields)
        marks |= {mark for mark in [mark_of_item(item)] if mark}
    marks |= {Mark(left.span, "left_out") for left in shown_left_out(document)}
    marks |= {Mark(warning.span, "warning") for warning in document.warnings if warning.span}
    return sorted(marks)


def shown_left_out(document: Document) -> list[LeftOut]:
    """What was left out and can be seen: blank lines cannot."""
    return [left for left in document.left_out if left.quote.strip()]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters that all have the same marks, the shortest mark first."""

    text: str
    marks: tuple[Mark, ...]


def stretches(text: str, within: Span, marks: Iterable[Mark]) -> Iterator[Stretch]:
    """The characters of `text` in `within`, cut wherever a mark begins or ends."""
    waiting = sorted((mark for mark in marks if mark.span.overlaps(within)), reverse=True)
    cuts = {within.start, within.end}
    for mark in waiting:
        cuts |= {max(mark.span.start, within.start), min(mark.span.end, within.end)}
    open_marks: list[Mark] = []
    bounds = sorted(cuts)
    for start, end in pairwise(bounds):
        while waiting and waiting[-1].span.start <= start:
            open_marks.append(waiting.pop())
        open_marks = [mark for mark in open_marks if mark.span.end > start]
        shortest_first = sorted(open_marks, key=lambda mark: (mark.span.end - mark.span.start, mark))
        yield Stretch(text[start:end], tuple(shortest_first))
