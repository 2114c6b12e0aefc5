"""Deadlines that wait for the day of an event, and the days that people give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from extractor.ledger import derived
from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.names import spoken
from extractor.ledger.occasions import Occasion, Occasions, event_key, occasions
from extractor.ledger.tracking import current

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

WITH_EVENTS = """SELECT id FROM tasks WHERE standing = 'current' AND (
    item IN (SELECT item FROM deadlines WHERE event IS NOT NULL)
    OR id IN (SELECT task FROM corrections WHERE field = 'deadlines')) ORDER BY id"""


class EventError(LedgerError):
    """The day of an event cannot be kept or taken back so; `str()` is one line in Chinese."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its name as most often printed, or as given where no deadline hangs on it.

    Attributes:
        name: what it is called.
        tasks: the tasks with a deadline that hangs on it.
        dated: those of them for which its day is known.
        days: the days that were given, and for what.
    """

    name: str
    tasks: tuple[int, ...]
    dated: tuple[int, ...]
    days: tuple[Occasion, ...]


def events(ledger: Ledger) -> list[Event]:
    """The events that deadlines hang on, those with most tasks first, then those whose days only are known."""
    with told_plainly(ledger.path):
        days = occasions(ledger)
        task_ids = [task for (task,) in ledger.db.execute(WITH_EVENTS).fetchall()]
    known = Occasions(days)
    printed: dict[str, Counter[str]] = {}
    tasks: dict[str, dict[int, bool]] = {}
    for task in ledger.numbered(task_ids):
        for deadline in task.item.fields.deadlines:
            if deadline.event and not deadline.due:
                key = event_key(deadline.event)
                printed.setdefault(key, Counter())[deadline.event] += 1
                dated = known.of(deadline.event, task.id, task.document) is not None
                tasks.setdefault(key, {})[task.id] = dated
    for occasion in days:
        printed.setdefault(event_key(occasion.name), Counter({occasion.name: 1}))
    found = [
        Event(
            name=names.most_common(1)[0][0],
            tasks=tuple(tasks.get(key, ())),
            dated=tuple(task for task, dated in tasks.get(key, {}).items() if dated),
            days=tuple(day for day in days if event_key(day.name) == key),
        )
        for key, names in printed.items()
    ]
    return sorted(found, key=lambda event: -len(event.tasks))


def set_day(
    ledger: Ledger, name: str, happens_on: date, *, document: int | None = None, task: int | None = None
) -> Event:
    """Say when an event is: for one task, for the tasks of one document, or for those of all documents of that year.

    A day given before for the same gives way. Deadlines that hang on the event become dates. Returns the event with those
    of its tasks for which the day is.

    Raises:
        EventError: if it has no name.
        NoSuchDocumentError: if there is no such document.
        NoSuchTaskError: if there is no such task.
        TrackingError: if the task is no longer a row.
    """
    name = spoken(name)
    if not event_key(name):
        raise EventError("事件名称是空的：请写公文中的说法，如 汛期。")
    given = Occasion(0, name, happens_on, document, task)
    with ledger.transaction():
        if task is not None:
            current(ledger, task)
        if document is not None:
            ledger.entry(document)
        known = [one for one in occasions(ledger) if event_key(one.name) == event_key(name)]
        same = next((one.id for one in known if one.scope == given.scope), None) or _next_id(ledger)
        with ledger.change("event", f"occasion:{same}") as change:
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
) -> Event:
    """Take back the day of an event; what is given beside its name must fit the one day that is meant.

    Returns the event with those of its tasks for which the day was.

    Raises:
        EventError: if none fits, or several do.
    """
    with ledger.transaction():
        fitting = [
            one
            for one in occasions(ledger)
            if event_key(one.name) == event_key(name)
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
        with ledger.change("forget_event", f"occasion:{fitting[0].id}") as change:
            change.drop("occasions", fitting[0].id)
        return _refreshed(ledger, fitting[0])


def _next_id(ledger: Ledger) -> int:
    (following,) = ledger.db.execute("SELECT coalesce(max(id), 0) + 1 FROM occasions").fetchone()
    return int(following)


def _refreshed(ledger: Ledger, day: Occasion) -> Event:
    """The event with those of its tasks for which the day is, after all of them got the dates that follow from it."""
    (event,) = [one for one in events(ledger) if event_key(one.name) == event_key(day.name)] or [
        Event(day.name, (), (), ())
    ]
    derived.refresh(ledger, event.tasks)
    if day.task is None and day.document is None:
        return event
    its_own = {one.id for one in ledger.numbered(event.tasks) if day.concerns(one.id, one.document)}
    return replace(
        event,
        tasks=tuple(task for task in event.tasks if task in its_own),
        dated=tuple(task for task in event.dated if task in its_own),
    )
