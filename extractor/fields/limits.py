"""What the rules for deadlines share: a limit as it is found, and the passage in which it is judged."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from extractor.fields.context import FieldContext
from extractor.fields.moments import Moment, last_day
from extractor.model import Span

NO_LIMIT = "no-limit"
"""The rule of what is read as a time and found to be no limit: then nothing inside it is one either."""

NOT_BEFORE = r"(?![后期列景沿述瞻端线夕身往置])"
"""What 前 is not followed by where it says before: no 前期, no 前列."""

_STOP = re.compile(r"[，。；：！？\n]")
_SENTENCE_END = re.compile(r"[。！？\n]")
_CLAUSES_END = re.compile(r"[。；！？\n]")


class Limit(NamedTuple):
    """A limit before its neighbours are known; `is_open` where it is a length of time without a start."""

    start: int
    end: int
    due: date | None
    rule: str
    event: Span | None = None
    offset: str | None = None
    is_open: bool = False

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


class Passage:
    """A text with its context: what stands around a place in it, and which day a moment is."""

    def __init__(self, text: str, context: FieldContext) -> None:
        self.text = text
        self.issued_on = context.issued_on
        self.year = context.year or (context.issued_on.year if context.issued_on else None)

    def left(self, start: int) -> str:
        """What stands before `start` in its clause, up to 60 characters."""
        return _STOP.split(self.text[max(0, start - 60) : start])[-1]

    def right(self, end: int) -> str:
        """What follows `end` in its sentence, up to 40 characters."""
        return _CLAUSES_END.split(self.text[end : end + 40], maxsplit=1)[0]

    def same_sentence(self, start: int, end: int) -> bool:
        """Whether no sentence ends between two places near each other."""
        return end - start <= 120 and not _SENTENCE_END.search(self.text, start, end)

    def resolve(self, moment: Moment, year: int | None = None) -> date | None:
        """The last day of a moment, `year` being its year where it prints none."""
        if moment.month_shift is not None:
            if self.issued_on is None:
                return None
            months = self.issued_on.year * 12 + self.issued_on.month - 1 + moment.month_shift
            return last_day(months // 12, months % 12 + 1, moment.day)
        if moment.year is not None:
            year = moment.year
        elif moment.shift is not None:
            year = self.year + moment.shift if self.year is not None else None
        elif year is None:
            year = self.year
        return last_day(year, moment.month, moment.day)

    def is_over(self, moment: Moment, due: date | None, is_said: bool = False) -> bool:
        """Whether a day with a printed year lies before the document.

        A limit that is said as one (`is_said`) may lie in the year of issue: plans come out late.
        """
        if moment.year is None or due is None:
            return False
        if self.issued_on is None:
            return self.year is not None and due.year < self.year
        return due < self.issued_on and not (is_said and due.year == self.issued_on.year)
