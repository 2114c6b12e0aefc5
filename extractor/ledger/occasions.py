"""The days of events that deadlines hang on (汛期前, 演练前20日): given by people, for all documents of a year, for one, or for one task.

Names need not be the same to the letter: `extractor.registry.events` says which name the same event. What was printed or typed is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractor.ledger.durations import shifted
from extractor.ledger.records import DocumentEntry
from extractor.model import Deadline
from extractor.registry import EventName, event_awaited, event_named

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

OWN_ISSUE = re.compile(r"(?:本[\u4e00-\u9fff]{2,4})?(?:印发|下发|发布|公布|颁布)")
"""The issue of the circular itself (本意见印发之日起30日内), whose day it prints; 清单印发 is that of another."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The day of an event: for one task, for the tasks of one document, or for those of the documents of its year."""

    id: int
    name: str
    happens_on: date
    document: int | None = None
    task: int | None = None

    @property
    def event(self) -> EventName:
        """The event that its name means."""
        return event_named(self.name)

    @property
    def year(self) -> int:
        """The year of the event: the one in its name (2027年春运, which begins in 2026), else that of the day."""
        return self.event.year or self.happens_on.year

    @property
    def is_narrowed(self) -> bool:
        """Whether it is for one task or one document."""
        return self.task is not None or self.document is not None

    def concerns(self, event: EventName, task: int, document: DocumentEntry) -> bool:
        """Whether its day is that of `event` where the task speaks of it.

        A year that is printed with either name must be that of the other. What is said of one document or task holds
        whatever its year.
        """
        if (
            event.name != self.event.name
            or self.task not in (None, task)
            or self.document not in (None, document.id)
        ):
            return False
        if event.year is None and self.is_narrowed and self.event.year is None:
            return True
        return self.year == (event.year or year_of(document))

    @property
    def scope(self) -> tuple[int | None, int | None, int | None]:
        """What it is for; a later day of the same event for the same takes its place."""
        return self.task, self.document, self.event.year if self.is_narrowed else self.year

    @property
    def precedence(self) -> tuple[bool, bool, int]:
        """What is said of one task comes before what is said of a document, and that before a year; then the latest."""
        return self.task is not None, self.document is not None, self.id


class Occasions:
    """The events whose days are known."""

    def __init__(self, known: Iterable[Occasion]) -> None:
        self._by_name: dict[str, list[Occasion]] = {}
        for occasion in sorted(known, key=lambda one: one.precedence, reverse=True):
            self._by_name.setdefault(occasion.event.name, []).append(occasion)

    def of(self, deadline: Deadline, task: int, document: DocumentEntry) -> Occasion | None:
        """The occasion that tells when the event is that `deadline` waits for in that task of `document`."""
        event = awaited(deadline, document)
        if event is None:
            return None
        given = (
            known for known in self._by_name.get(event.name, ()) if known.concerns(event, task, document)
        )
        return next(given, None) or _own_issue(event, document)

    def due(self, deadline: Deadline, task: int, document: DocumentEntry) -> date | None:
        """The last day of `deadline`: as printed, or reckoned from its event; None where that is not known."""
        occasion = self.of(deadline, task, document)
        if occasion and deadline.offset:
            return shifted(occasion.happens_on, deadline.offset)
        return deadline.due


def _own_issue(event: EventName, document: DocumentEntry) -> Occasion | None:
    if document.issued_on and OWN_ISSUE.fullmatch(event.name):
        return Occasion(0, event.name, document.issued_on, document.id)
    return None


def occasions(ledger: Ledger) -> list[Occasion]:
    """The events whose days are known, in the order in which they were given."""
    return [
        Occasion(row["id"], row["name"], date.fromisoformat(row["happens_on"]), row["document"], row["task"])
        for row in ledger.db.query("SELECT * FROM occasions ORDER BY id")
    ]


def awaited(deadline: Deadline, document: DocumentEntry) -> EventName | None:
    """The event that `deadline` waits for in a task of `document`; None where it is a day or hangs on nothing."""
    return event_awaited(deadline, year_of(document))


def year_of(document: DocumentEntry) -> int | None:
    """The year that its tasks are for."""
    if document.year:
        return document.year
    return document.issued_on.year if document.issued_on else None
