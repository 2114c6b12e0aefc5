"""What people type as a value of a task ("6月底前", "每季度1次") becomes a value of the model, by the rules that read circulars.

Such a value stands nowhere in a text yet: its span is empty. `extractor.ledger.corrections` finds the characters of the task
that say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from extractor.model import AnyValue, Deadline, Fields, Frequency, Role, Span, UnitMention

NOWHERE = Span(0, 0)
TYPED = "typed"
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
FIRST_YEAR, LAST_YEAR = 1949, 2200
"""No task has been due before the State there is, nor is one due so late: such a year is a slip of the fingers."""
ABOUT_TIMES = ("{}", "{}完成工作。")
ABOUT_CYCLES = ("{}", "{}开展工作。")
"""Sentences in which the words are tried: some mean a time only where there is work to do by it."""


class NotUnderstoodError(ValueError):
    """The words name no such value; `str()` is one line in Chinese."""


def unit(name: str, role: Role) -> UnitMention:
    """The unit of that name in that role.

    Raises:
        NotUnderstoodError: if the name is empty.
    """
    if not name.strip():
        raise NotUnderstoodError("单位名称是空的：请写出名称")
    return UnitMention(name.strip(), NOWHERE, role, TYPED)


def deadline(words: str, *, year: int | None = None, issued_on: date | None = None) -> Deadline:
    """The deadline that `words` name: a day, or a time as circulars print it; `year` is the one the tasks are for.

    Raises:
        NotUnderstoodError: if they name none, or one in a year that cannot be meant.
    """
    found = _deadline("".join(words.split()), year, issued_on)
    if found.due and not FIRST_YEAR <= found.due.year <= LAST_YEAR:
        raise NotUnderstoodError(
            f"“{words.strip()}”的年份不对：请写 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间的日期"
        )
    return found


def _deadline(words: str, year: int | None, issued_on: date | None) -> Deadline:
    if day := DAY.fullmatch(words):
        try:
            return Deadline(words, NOWHERE, date(*map(int, day.groups())), None, None, TYPED)
        except ValueError:
            raise NotUnderstoodError(f"“{words}”不是日历上的日子：请核对月份和日期") from None
    for fields in _read(words, ABOUT_TIMES, year, issued_on):
        for found in fields.deadlines:
            if words in found.quote:
                return replace(found, quote=words, span=NOWHERE, rule=TYPED, event_span=None, measure=None)
    raise NotUnderstoodError(f"看不懂时限“{words}”：请写成 2023-06-30、6月底前、汛期前 的样子")


def frequency(words: str) -> Frequency:
    """The frequency that `words` name, as circulars print it.

    Raises:
        NotUnderstoodError: if they name none.
    """
    words = "".join(words.split())
    for fields in _read(words, ABOUT_CYCLES, None, None):
        for found in fields.frequencies:
            if words in found.quote:
                return replace(found, quote=words, span=NOWHERE, rule=TYPED, measure=None)
    raise NotUnderstoodError(f"看不懂频次“{words}”：请写成 每季度1次、每半年至少1次、每月5日前 的样子")


def fields_at(text: str, span: Span, *, year: int | None = None, issued_on: date | None = None) -> Fields:
    """What can be read in the characters of `span`, placed in the whole `text`."""
    from extractor.pipeline import find_fields

    found = find_fields(span.of(text), year=year, issued_on=issued_on)

    def moved(where: Span) -> Span:
        return Span(where.start + span.start, where.end + span.start)

    def placed(values: Iterable[AnyValue]) -> tuple[AnyValue, ...]:
        return tuple(replace(value, span=moved(value.span)) for value in values)

    deadlines = tuple(
        replace(d, event_span=moved(d.event_span)) if d.event_span else d for d in placed(found.deadlines)
    )
    measures = tuple(replace(measure, span=moved(measure.span)) for measure in found.measures)
    return Fields(placed(found.units), deadlines, placed(found.frequencies), measures)


def _read(words: str, sentences: Iterable[str], year: int | None, issued_on: date | None) -> Iterator[Fields]:
    from extractor.pipeline import find_fields

    if words:
        for sentence in sentences:
            yield find_fields(sentence.format(words), year=year, issued_on=issued_on)
