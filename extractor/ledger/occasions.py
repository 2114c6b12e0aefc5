"""The days of events that deadlines hang on (汛期前, 演练前20日): given by people, for all documents of a year, for one, or for one task."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractor.ledger.durations import shifted
from extractor.ledger.plain import plain
from extractor.ledger.records import DocumentEntry
from extractor.model import Deadline

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

MARKS_AROUND = str.maketrans("", "", "“”\"'‘’《》")
"""Marks that make no other event of it: “五一”假期 is 五一假期."""


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

    def concerns(self, task: int, document: DocumentEntry) -> bool:
        """Whether its day is that of the event where the task speaks of it."""
        if self.task is not None:
            return self.task == task
        if self.document is not None:
            return self.document == document.id
        return self.happens_on.year == year_of(document)

    @property
    def scope(self) -> tuple[int | None, int | None, int | None]:
        """What it is for; a later day of the same event for the same takes its place."""
        narrowed = self.task is not None or self.document is not None
        return self.task, self.document, None if narrowed else self.happens_on.year

    @property
    def precedence(self) -> tuple[bool, bool, int]:
        """What is said of one task comes before what is said of a document, and that before a year; then the latest."""
        return self.task is not None, self.document is not None, self.id


class Occasions:
    """The events whose days are known."""

    def __init__(self, known: Iterable[Occasion]) -> None:
        self._by_name: dict[str, list[Occasion]] = {}
        for occasion in sorted(known, key=lambda one: one.precedence, reverse=True):
            self._by_name.setdefault(event_key(occasion.name), []).append(occasion)

    def of(self, event: str, task: int, document: DocumentEntry) -> Occasion | None:
        """The occasion that tells when `event` is for that task of `document`."""
        key = event_key(event)
        given = (known for known in self._by_name.get(key, ()) if known.concerns(task, document))
        return next(given, None) or _own_issue(key, document)

    def due(self, deadline: Deadline, task: int, document: DocumentEntry) -> date | None:
        """The last day of `deadline`: as printed, or reckoned from its event; None where that is not known."""
        if deadline.due or not deadline.event or not deadline.offset:
            return deadline.due
        occasion = self.of(deadline.event, task, document)
        return shifted(occasion.happens_on, deadline.offset) if occasion else None


def _own_issue(key: str, document: DocumentEntry) -> Occasion | None:
    if document.issued_on and OWN_ISSUE.fullmatch(key):
        return Occasion(0, key, document.issued_on, document.id)
    return None


def occasions(ledger: Ledger) -> list[Occasion]:
    """The events whose days are known, in the order in which they were given."""
    return [
        Occasion(row["id"], row["name"], date.fromisoformat(row["happens_on"]), row["document"], row["task"])
        for row in ledger.db.query("SELECT * FROM occasions ORDER BY id")
    ]


def event_key(name: str) -> str:
    """The form in which names of events are compared."""
    return plain(name).translate(MARKS_AROUND)


def year_of(document: DocumentEntry) -> int | None:
    """The year that its tasks are for."""
    if document.year:
        return document.year
    return document.issued_on.year if document.issued_on else None
