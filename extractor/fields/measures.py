"""Which values of an item belong together: those of one sentence, or of one clause where a sentence has several subjects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from extractor.fields.passages import sentences
from extractor.model import AnyValue, Fields, Measure, Span, UnitMention, Value


def with_measures(text: str, fields: Fields, whole: Iterable[Span] = ()) -> Fields:
    """`fields` with their measures, and each value naming its own; units at `whole` answer for all of them."""
    for_all = set(whole)
    values = sorted((v for v in fields if v.span not in for_all), key=lambda v: v.span)
    measures: list[Measure] = []
    belongs: dict[Span, int] = {}
    for span, held in _stretches(text, values):
        measures.append(Measure(len(measures) + 1, span.of(text), span))
        belongs |= {value.span: len(measures) for value in held}

    def named(found: tuple[AnyValue, ...]) -> tuple[AnyValue, ...]:
        return tuple(replace(v, measure=belongs.get(v.span)) for v in found)

    return Fields(named(fields.units), named(fields.deadlines), named(fields.frequencies), tuple(measures))


def _stretches(text: str, values: list[Value]) -> Iterator[tuple[Span, list[Value]]]:
    """The sentences that hold values, cut before each new subject that follows a time of the one before."""
    for sentence in sentences(text):
        held = [v for v in values if sentence.covers(v.span)]
        start, group = sentence.start, list[Value]()
        for value in held:
            if (
                isinstance(value, UnitMention)
                and group
                and (_is_settled(group) or _is_apart(text, group, value))
            ):
                cut = _clause_start(text, sentence.start, value.span.start)
                if cut > max(v.span.end for v in group):
                    yield Span(start, cut), group
                    start, group = cut, []
            group.append(value)
        if group:
            yield Span(start, sentence.end), group


def _is_settled(group: list[Value]) -> bool:
    """Whether a subject has been given its time."""
    first_unit = next((i for i, v in enumerate(group) if isinstance(v, UnitMention)), None)
    return first_unit is not None and any(not isinstance(v, UnitMention) for v in group[first_unit:])


def _is_apart(text: str, group: list[Value], unit: UnitMention) -> bool:
    """Whether a semicolon parts the unit from the values before it."""
    return text.find("；", max(value.span.end for value in group), unit.span.start) >= 0


def _clause_start(text: str, start: int, before: int) -> int:
    """The beginning of the clause that holds the character at `before`."""
    return max(start, text.rfind("，", start, before) + 1, text.rfind("；", start, before) + 1)
