"""Clean text that remembers where every character came from.

An `AlignedText` is made from a source text by edits. Each of its characters keeps the range of source characters that
it stands for, so a span found in clean text maps to the printed characters it rests on, however many edits lie between.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from extractor.model import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of `[start, end)`.

    An edit that keeps the length maps character by character; any other maps every new character to the whole range.
    `reason`, where given, is recorded with what was taken out. `attach` makes the character before the range stand for
    the range as well, so that a quote which ends there shows what was printed behind it.
    """

    start: int
    end: int
    text: str = ""
    reason: str = ""
    attach: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """Source characters that cleaning took out, and why."""

    span: Span
    reason: str


@dataclass(frozen=True)
class AlignedText:
    """`text`, and for each of its characters the source range `[starts[i], ends[i])` that it stands for."""

    text: str
    starts: list[int]
    ends: list[int]
    source_length: int
    removals: tuple[Removal, ...] = ()

    @classmethod
    def of(cls, source: str) -> AlignedText:
        """The identity: every character stands for itself."""
        return cls(source, list(range(len(source))), list(range(1, len(source) + 1)), len(source))

    def edit(self, edits: Iterable[Edit]) -> AlignedText:
        """The text after `edits`, whose ranges are in this text, in order and do not overlap.

        Raises:
            ValueError: if the edits overlap, are out of order or reach outside the text.
        """
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        removals = list(self.removals)
        at = 0
        for edit in edits:
            if not at <= edit.start <= edit.end <= len(self.text):
                raise ValueError(f"edit {edit} is out of order in a text of {len(self.text)} characters")
            pieces.append(self.text[at : edit.start])
            starts += self.starts[at : edit.start]
            ends += self.ends[at : edit.start]
            covered = self.source_span(Span(edit.start, edit.end))
            if len(edit.text) == edit.end - edit.start:
                starts += self.starts[edit.start : edit.end]
                ends += self.ends[edit.start : edit.end]
            else:
                starts += [covered.start] * len(edit.text)
                ends += [covered.end] * len(edit.text)
            if edit.attach and ends:
                ends[-1] = max(ends[-1], covered.end)
            if edit.reason and covered.start < covered.end:
                removals.append(Removal(covered, edit.reason))
            pieces.append(edit.text)
            at = edit.end
        if at == 0 and not pieces:
            return self
        pieces.append(self.text[at:])
        starts += self.starts[at:]
        ends += self.ends[at:]
        return AlignedText("".join(pieces), starts, ends, self.source_length, tuple(removals))

    def clean_span(self, span: Span) -> Span:
        """The characters of this text that stand for source characters within `span`."""
        start = bisect_left(self.starts, span.start)
        end = bisect_right(self.starts, max(span.end - 1, span.start), lo=start)
        return Span(start, end if span.end > span.start else start)

    def source_span(self, span: Span) -> Span:
        """The printed characters that `span` of this text rests on; an empty span maps to an empty one."""
        if span.start >= span.end:
            at = self.starts[span.start] if span.start < len(self.starts) else self.source_length
            return Span(at, at)
        return Span(self.starts[span.start], self.ends[span.end - 1])
