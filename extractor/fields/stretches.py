"""Stretches of a text that are asked many times what they hold: titles, quotations, what has been read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from extractor.model import Span


class Stretches:
    """Stretches of a text, in its order and none overlapping another, to be asked what they hold."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]

    def cover(self, span: Span) -> bool:
        """Whether `span` lies within one of the stretches."""
        i = bisect_right(self._starts, span.start) - 1
        return i >= 0 and self._spans[i].covers(span)

    def touch(self, span: Span) -> bool:
        """Whether one of the stretches shares a character with `span`."""
        i = bisect_right(self._starts, span.end - 1) - 1
        return i >= 0 and self._spans[i].overlaps(span)
