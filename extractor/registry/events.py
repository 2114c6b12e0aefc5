"""Which event a printed name means: 入汛, 汛期来临 and 进入汛期 begin the same flood season, 汛期结束后 waits for its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from extractor.model import Deadline
from extractor.registry.printing import plain
from extractor.registry.tables import rows

MARKS_AROUND = str.maketrans("", "", "“”\"'‘’《》")
"""Marks that make no other event of it: “五一”假期 is 五一假期."""
YEAR = re.compile(r"(20\d\d)年度?(?=.)")
END = "{}结束"
LONGEST = 60
"""No event has a longer name; what has is compared as it stands."""
FROM_DAY = "起"
"""自供暖期起10日内 counts from its beginning, 供暖期后10日内 from its end."""


@dataclass(frozen=True, slots=True)
class EventName:
    """An event that has one day: the name by which it is compared, and the year, where one is printed with it (2026年汛期)."""

    name: str
    year: int | None = None


@lru_cache(maxsize=4096)
def event_named(printed: str, *, after: bool = False, year: int | None = None) -> EventName:
    """The event that `printed` means.

    Args:
        printed: its name as a circular prints it or a person types it; empty where it has no characters.
        after: whether it stands before 后: what lasts is over by then.
        year: the year of the circular, by which 今年 and 明年 go.
    """
    name = plain(printed).translate(MARKS_AROUND).casefold()
    if len(name) > LONGEST:
        return EventName(name)
    alone, its_year = _without_year(name, year)
    if alone != name:
        named = event_named(alone, after=after, year=year)
        return EventName(named.name, its_year or named.year)
    if name in _listed():
        event, day = _listed()[name]
        ends = day == "end" or (after and day == "both")
        return EventName(END.format(event) if ends else event)
    for word, where, says, around in _words():
        inner = name.removeprefix(word) if where == "before" else name.removesuffix(word)
        if says in ("begin", "end") and inner not in ("", name) and (around == "any" or inner in _listed()):
            within = event_named(inner, year=year)
            return within if says == "begin" else EventName(END.format(within.name), within.year)
    return EventName(name)


def event_awaited(deadline: Deadline, year: int | None = None) -> EventName | None:
    """The event whose day `deadline` waits for, in a circular of that year; None where it is a day or hangs on nothing."""
    if deadline.due or not deadline.event or not deadline.offset:
        return None
    behind = deadline.quote.rpartition(deadline.event)[2]
    after = not deadline.offset.startswith("-") and FROM_DAY not in behind
    return event_named(deadline.event, after=after, year=year)


def _without_year(name: str, year: int | None) -> tuple[str, int | None]:
    """The name of the event alone, and the year that stands before it."""
    if stated := YEAR.match(name):
        return name[stated.end() :], int(stated[1])
    for word, where, says, _ in _words():
        if where == "before" and says.isdecimal() and name.removeprefix(word) not in ("", name):
            return name.removeprefix(word), None if year is None else year + int(says)
    return name, None


@cache
def _listed() -> dict[str, tuple[str, str]]:
    return {name: (event, day) for name, event, day in rows("events.tsv")}


@cache
def _words() -> tuple[tuple[str, ...], ...]:
    """The words around names, longest first: 过去 before 过."""
    return tuple(sorted(rows("event_words.tsv"), key=lambda row: -len(row[0])))
