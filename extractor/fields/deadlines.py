"""When work is due: 2021年8月底前, 一季度, 到2025年, “十四五”末, 事故结案后一年内, 汛期前.

A time that the text prints is a limit where it says so itself (前, 底, 末, 内, 到, 不迟于) or where work
follows it (一季度，召开…; 2025年，基本建成…). Years in names of plans and reports, starts and the past are
none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from extractor.fields.calendar_limits import CalendarLimits
from extractor.fields.context import FieldContext
from extractor.fields.event_limits import EventLimits
from extractor.fields.limits import NO_LIMIT, Limit, Passage
from extractor.fields.passages import quotations, titles
from extractor.fields.stretches import Stretches
from extractor.model import Deadline, Frequency


def find_deadlines(text: str, context: FieldContext, frequencies: Sequence[Frequency] = ()) -> list[Deadline]:
    """The deadlines that a clean text prints.

    Args:
        text: The clean text of an item.
        context: The document's year, against which relative times are resolved, and its date of issue.
        frequencies: What `find_frequencies` found in the same text: a day inside a recurrence is no deadline.

    Returns:
        The deadlines in the order of the text, none overlapping another.
    """
    passage = Passage(text, context)
    times, events = CalendarLimits(passage), EventLimits(passage)
    recurring = Stretches([frequency.span for frequency in frequencies])
    named, quoted = Stretches(titles(text)), Stretches(quotations(text))
    kept: list[Limit] = []
    # What is read first wins over what would read a part of it.
    for kind in (
        times.runs(),
        chain(events.within(), events.ahead(), events.before()),
        times.plan_periods(),
        times.single(),
        times.unnamed(),
        events.efforts(),
    ):
        read = Stretches([found.span for found in kept])
        for found in kind:
            if named.cover(found.span) or quoted.cover(found.span) or read.touch(found.span):
                continue
            kept.append(found._replace(rule=NO_LIMIT) if recurring.touch(found.span) else found)
        kept = _without_overlaps(kept)
    limits = [found for found in kept if found.rule != NO_LIMIT]
    return [_deadline(text, found) for found in _sharing_events(passage, limits)]


def _without_overlaps(found: list[Limit]) -> list[Limit]:
    """The limits in the order of the text; of two that overlap, the one that begins first, or is longer."""
    kept: list[Limit] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _sharing_events(passage: Passage, limits: list[Limit]) -> Iterator[Limit]:
    """The limits, those of no event of their own with that of the limit before them in their sentence."""
    last: Limit | None = None
    for limit in limits:
        if last and not passage.same_sentence(last.end, limit.start):
            last = None
        if limit.is_open and last:
            yield limit._replace(event=last.event, rule="event-after")
        else:
            yield limit
        if limit.rule == "event-after":
            last = limit


def _deadline(text: str, found: Limit) -> Deadline:
    event = found.event.of(text) if found.event else None
    return Deadline(found.span.of(text), found.span, found.due, event, found.offset, found.rule, found.event)
