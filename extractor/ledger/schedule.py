"""The dates of a task: the last day of each deadline, and each day on which work that recurs is due.

All of it follows from what is stored, never from today: the same ledger gives the same dates on any day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractor.ledger.errors import told_plainly
from extractor.ledger.occasions import Occasions, occasions, year_of
from extractor.ledger.records import Record, Task
from extractor.ledger.recurrence import Recurrence, days, recurrence_of
from extractor.model import Frequency

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

MOST_IN_A_QUERY = 500
OVER: tuple[str, ...] = ("done", "cancelled")
"""The statuses in which nothing of a task is left to be done. What is suspended stays to be done, though nobody is reminded."""

LAST_DEADLINES = """SELECT items.document, max(deadlines.due) FROM items JOIN deadlines ON deadlines.item = items.id
    JOIN documents ON documents.id = items.document
    WHERE documents.kind = 'plan' AND items.kind = 'task' AND items.document IN ({}) GROUP BY items.document"""


@dataclass(frozen=True, slots=True)
class Series:
    """The occurrences of one frequency of a task: each day, and which one of that day it is in the task (from 0)."""

    frequency: Frequency
    recurrence: Recurrence
    days: tuple[tuple[date, int], ...]


def dates_of(ledger: Ledger, tasks: Sequence[Task]) -> Iterator[Record]:
    """The rows of `task_dates` of these tasks; task, day, number and kind together are of one row only."""
    known = Occasions(occasions(ledger))
    ticked = _ticked(ledger, tasks)
    last_deadlines = _last_deadlines(ledger, tasks)
    for task in tasks:
        over = task.tracking.status in OVER
        for nth, deadline in enumerate(task.item.fields.deadlines):
            if due := known.due(deadline, task.id, task.document):
                yield _row(task, due, nth, "deadline", deadline.quote, over)
        for series in _series(task, last_deadlines.get(task.document.id)):
            for due, nth in series.days:
                done = over or (due.isoformat(), nth) in ticked[task.id]
                yield _row(task, due, nth, "occurrence", series.frequency.quote, done)


def series_of(ledger: Ledger, tasks: Sequence[Task]) -> dict[int, list[Series]]:
    """The occurrences of each task, by its number and then by frequency; of the frequencies that make something due."""
    last_deadlines = _last_deadlines(ledger, tasks)
    return {task.id: list(_series(task, last_deadlines.get(task.document.id))) for task in tasks}


def years_of_dates(ledger: Ledger) -> list[int]:
    """The years in which something is due."""
    with told_plainly(ledger.path):
        rows = ledger.db.execute("SELECT DISTINCT substr(due, 1, 4) FROM task_dates ORDER BY 1").fetchall()
    return [int(year) for (year,) in rows]


def window(task: Task, last_deadline: date | None) -> tuple[date, date] | None:
    """The first and the last day on which the task's recurring work can be due; None where its circular has no year.

    From the day of issue, or from the beginning of the year it is for where that comes later, to that year's end; longer
    where the task, or a task of the same plan (`last_deadline`), has a deadline after it.
    """
    year, issued_on = year_of(task.document), task.document.issued_on
    if year is None:
        return None
    first = max(filter(None, (issued_on, date(year, 1, 1))))
    own = (deadline.due for deadline in task.item.fields.deadlines)
    return first, max(filter(None, (date(first.year, 12, 31), last_deadline, *own)))


def _series(task: Task, last_deadline: date | None) -> Iterator[Series]:
    recurring = [(f, found) for f in task.item.fields.frequencies if (found := recurrence_of(f))]
    stretch = window(task, last_deadline) if recurring else None
    if stretch is None:
        return
    so_far: Counter[date] = Counter()
    for frequency, found in recurring:
        numbered = []
        for day in days(found, *stretch):
            numbered.append((day, so_far[day]))
            so_far[day] += 1
        yield Series(frequency, found, tuple(numbered))


def _row(task: Task, due: date, nth: int, kind: str, words: str, done: bool) -> Record:
    return {
        "task": task.id,
        "due": due.isoformat(),
        "nth": nth,
        "kind": kind,
        "words": words,
        "done": int(done),
    }


def _ticked(ledger: Ledger, tasks: Sequence[Task]) -> defaultdict[int, set[tuple[str, int]]]:
    found: defaultdict[int, set[tuple[str, int]]] = defaultdict(set)
    for some in _portions([task.id for task in tasks]):
        marks = ", ".join("?" * len(some))
        ticks = ledger.db.execute(f"SELECT task, due, nth FROM ticks WHERE task IN ({marks})", some)
        for task, due, nth in ticks.fetchall():
            found[task].add((due, nth))
    return found


def _last_deadlines(ledger: Ledger, tasks: Sequence[Task]) -> dict[int, date]:
    """The last deadline read out of the tasks of each plan, by document: how far a plan reaches."""
    found: dict[int, date] = {}
    plans = sorted({task.document.id for task in tasks if task.document.kind == "plan"})
    for some in _portions(plans):
        rows = ledger.db.execute(LAST_DEADLINES.format(", ".join("?" * len(some))), some).fetchall()
        found |= {document: date.fromisoformat(due) for document, due in rows if due}
    return found


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + MOST_IN_A_QUERY] for at in range(0, len(ids), MOST_IN_A_QUERY))
