"""Deadlines that wait for the day of an event, and the days that people give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from extractor.ledger import derived
from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.names import spoken
from extractor.ledger.occasions import Occasion, Occasions, awaited, occasions
from extractor.ledger.records import deadline_of
from extractor.ledger.tasks import rows_of
from extractor.ledger.tracking import current
from extractor.registry import EventName, event_named

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger
    from extractor.ledger.records import DocumentEntry, Task
    from extractor.model import Deadline

WITH_EVENTS = """SELECT id FROM tasks WHERE standing = 'current' AND (
    item IN (SELECT item FROM deadlines WHERE event IS NOT NULL)
    OR id IN (SELECT task FROM corrections WHERE field = 'deadlines')) ORDER BY id"""

CORRECTED = """SELECT task FROM corrections JOIN tasks ON tasks.id = task
    WHERE field = 'deadlines' AND standing = 'current' ORDER BY task"""
AS_READ = f"""SELECT tasks.id AS task, tasks.document, deadlines.* FROM tasks JOIN deadlines ON deadlines.item = tasks.item
    WHERE standing = 'current' AND event IS NOT NULL AND tasks.id NOT IN ({CORRECTED})
    ORDER BY tasks.id, deadlines.id"""

MOST_NEAR, NEAR = 3, 25
"""How many names are offered in place of one that matches nothing, and from how many points of likeness in a hundred."""


class EventError(LedgerError):
    """The day of an event cannot be kept or taken back so; `str()` is one line in Chinese."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its name as last given with a day, else as most often printed.

    Attributes:
        name: what it is called, so that `event_named` knows it by it.
        tasks: the tasks with a deadline that hangs on it.
        dated: those of them for which its day is known.
        days: the days that were given, and for what.
        printed: how circulars name it, the most frequent first.
    """

    name: str
    tasks: tuple[int, ...]
    dated: tuple[int, ...]
    days: tuple[Occasion, ...]
    printed: tuple[str, ...] = ()

    @property
    def waiting(self) -> tuple[int, ...]:
        """The tasks for which its day is not known."""
        dated = set(self.dated)
        return tuple(task for task in self.tasks if task not in dated)


def events(ledger: Ledger) -> list[Event]:
    """The events that deadlines hang on, those with most tasks first, then those whose days only are known."""
    with told_plainly(ledger.path):
        days = occasions(ledger)
        hanging = _hanging(ledger)
    known = Occasions(days)
    printed: dict[str, Counter[str]] = {}
    tasks: dict[str, dict[int, bool]] = {}
    for task, document, deadline in hanging:
        if deadline.event and (event := awaited(deadline, document)):
            printed.setdefault(event.name, Counter())[deadline.event] += 1
            dated = known.of(deadline, task, document) is not None
            its_own = tasks.setdefault(event.name, {})
            its_own[task] = dated and its_own.get(task, True)
    for occasion in days:
        printed.setdefault(occasion.event.name, Counter())
    found = []
    for name, names in printed.items():
        its_days = tuple(day for day in days if day.event.name == name)
        as_printed = tuple(each for each, _ in names.most_common())
        found.append(
            Event(
                name=_called(name, [*(day.name for day in reversed(its_days)), *as_printed]),
                tasks=tuple(tasks.get(name, ())),
                dated=tuple(task for task, dated in tasks.get(name, {}).items() if dated),
                days=its_days,
                printed=as_printed,
            )
        )
    return sorted(found, key=lambda event: -len(event.tasks))


def _hanging(ledger: Ledger) -> list[tuple[int, DocumentEntry, Deadline]]:
    """The deadlines that hold of tasks that may have some with an event, each with its task and document, by task."""
    documents = {entry.id: entry for entry in ledger.documents()}
    as_read = (
        (row["task"], documents[row["document"]], deadline_of(row)) for row in rows_of(ledger.db, AS_READ, [])
    )
    corrected = [task for (task,) in ledger.db.execute(CORRECTED).fetchall()]
    given = (
        (task.id, task.document, deadline)
        for task in ledger.numbered(corrected)
        for deadline in task.item.fields.deadlines
    )
    return sorted(chain(as_read, given), key=lambda one: one[0])


def event_called(known: Iterable[Event], name: str) -> Event | None:
    """The one of these events that `name` means."""
    wanted = event_named(name).name
    return next((event for event in known if event_named(event.name).name == wanted), None)


@dataclass(frozen=True, slots=True)
class Hung:
    """A deadline that hangs on an event, with its task, and its last day where that is known."""

    task: Task
    deadline: Deadline
    due: date | None


def hung_on(ledger: Ledger, event: Event) -> list[Hung]:
    """The deadlines that hang on `event`, in the order of its tasks."""
    with told_plainly(ledger.path):
        known = Occasions(occasions(ledger))
    wanted = event_named(event.name).name
    return [
        Hung(task, deadline, known.due(deadline, task.id, task.document))
        for task in ledger.numbered(event.tasks)
        for deadline in task.item.fields.deadlines
        if (named := awaited(deadline, task.document)) and named.name == wanted
    ]


def near(known: Iterable[Event], name: str) -> list[Event]:
    """The events with tasks whose names are most like one that means none of them, the nearest first."""
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extract

    by_name = {
        each: event
        for event in known
        if event.tasks
        for each in (event.name, *event.printed)
        if event_named(each).name == event_named(event.name).name
    }
    found = extract(name, by_name.keys(), scorer=ratio, limit=None, score_cutoff=NEAR)
    return list({by_name[each].name: by_name[each] for each, _, _ in found}.values())[:MOST_NEAR]


def _called(event: str, names: Iterable[str]) -> str:
    """The first of the names by which a person would mean the event: 汛期 before 后 is its end, but typed its beginning."""
    return next((name for name in names if event_named(name) == EventName(event)), event)


def set_day(
    ledger: Ledger,
    name: str,
    happens_on: date,
    *,
    document: int | None = None,
    task: int | None = None,
    reason: str = "",
) -> Event:
    """Say when an event is: for one task, for the tasks of one document, or for those of all documents of that year.

    A day given before for the same gives way. Deadlines that hang on the event become dates; `reason` is for the log. Returns
    the event with those of its tasks for which the day is.

    Raises:
        EventError: if it has no name.
        NoSuchDocumentError: if there is no such document.
        NoSuchTaskError: if there is no such task.
        TrackingError: if the task is no longer a row.
    """
    name = spoken(name)
    event = event_named(name).name
    if not event:
        raise EventError("事件名称是空的：请写公文中的说法，如 汛期。")
    given = Occasion(0, name, happens_on, document, task)
    with ledger.transaction():
        if task is not None:
            current(ledger, task)
        if document is not None:
            ledger.entry(document)
        known = [one for one in occasions(ledger) if one.event.name == event]
        same = next((one.id for one in known if one.scope == given.scope), None) or _next_id(ledger)
        with ledger.change("event", f"occasion:{same}", reason=reason) as change:
            change.put(
                "occasions",
                same,
                name=name,
                happens_on=happens_on.isoformat(),
                document=document,
                task=task,
            )
        return _refreshed(ledger, given)


def forget_day(
    ledger: Ledger,
    name: str,
    happens_on: date | None = None,
    *,
    document: int | None = None,
    task: int | None = None,
    reason: str = "",
) -> Event:
    """Take back the day of an event; what is given beside its name must fit the one day that is meant.

    Returns the event with those of its tasks for which the day was.

    Raises:
        EventError: if none fits, or several do.
    """
    event = event_named(name)
    with ledger.transaction():
        fitting = [
            one
            for one in occasions(ledger)
            if one.event.name == event.name
            and event.year in (None, one.year)
            and happens_on in (None, one.happens_on)
            and (document is None or one.document == document)
            and (task is None or one.task == task)
        ]
        if not fitting:
            raise EventError(f"没有登记过事件“{name}”的日期：请用 taizhang event 查看。")
        if len(fitting) > 1:
            days = "、".join(str(one.happens_on) for one in fitting)
            raise EventError(
                f"事件“{name}”登记过几个日期（{days}）：请写明日期，或用 --document、--task 指明。"
            )
        with ledger.change("forget_event", f"occasion:{fitting[0].id}", reason=reason) as change:
            change.drop("occasions", fitting[0].id)
        return _refreshed(ledger, fitting[0])


def _next_id(ledger: Ledger) -> int:
    (following,) = ledger.db.execute("SELECT coalesce(max(id), 0) + 1 FROM occasions").fetchone()
    return int(following)


def _refreshed(ledger: Ledger, day: Occasion) -> Event:
    """The event with those of its tasks for which the day is, after all of them got the dates that follow from it."""
    event = event_called(events(ledger), day.name) or Event(day.name, (), (), ())
    derived.refresh(ledger, event.tasks)
    if day.task is None and day.document is None:
        return event
    its_own = {
        one.id
        for one in ledger.numbered(event.tasks)
        for deadline in one.item.fields.deadlines
        if (named := awaited(deadline, one.document)) and day.concerns(named, one.id, one.document)
    }
    return replace(
        event,
        tasks=tuple(task for task in event.tasks if task in its_own),
        dated=tuple(task for task in event.dated if task in its_own),
    )
