"""What was reported of tasks, when they are split or become one: progress, evidence, times that were done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from extractor.ledger.events import Change, kept_row
from extractor.ledger.names import spoken
from extractor.ledger.records import BY_HAND, Record, Task
from extractor.ledger.schedule import Series, series_of
from extractor.model import Span

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger


class Time(NamedTuple):
    """One time of recurring work, whichever task it is of: the frequency by its words and characters, the day, which of that day."""

    words: str
    span: Span | None
    day: date
    at: int


def copy_report(change: Change, ledger: Ledger, task_id: int, to: int) -> None:
    """Let what was reported of one task, and the dates of its own events, hold for another too."""
    if reported := kept_row(ledger.db, "tracking", task_id):
        change.put("tracking", to, **reported)
    for _, occasion in _rows(ledger, "occasions", task_id):
        change.put("occasions", **(occasion | {"task": to}))


def copy_evidence(change: Change, ledger: Ledger, task_id: int, to: int) -> None:
    """Let the files of one task be those of another too, unless it has the same."""
    there = {(row["name"], row["sha256"]) for _, row in _rows(ledger, "attachments", to)}
    for _, row in _rows(ledger, "attachments", task_id):
        if (row["name"], row["sha256"]) not in there:
            change.put("attachments", **(row | {"task": to}))


def done_times(ledger: Ledger, tasks: Sequence[Task]) -> dict[Time, Record]:
    """The times of the tasks that were ticked off; of a frequency that several have, those of the first of them."""
    done: dict[Time, Record] = {}
    known: set[tuple[str, Span | None]] = set()
    for task, series in series_of(ledger, tasks).items():
        ticks = {(row["due"], row["nth"]): row for _, row in _rows(ledger, "ticks", task)}
        own = {time: ticks[at] for time, at in _times(series) if at in ticks and time[:2] not in known}
        known |= {time[:2] for time, _ in _times(series)}
        done |= own
    return done


def put_times(change: Change, ledger: Ledger, done: Mapping[Time, Record], task_id: int) -> None:
    """Let of the times of a task those be ticked off that are among `done`, and no others."""
    (series,) = series_of(ledger, [ledger.task(task_id)]).values()
    places = dict(_times(series))
    wanted = {
        at: {"done_on": done[t]["done_on"], "note": done[t]["note"]} for t, at in places.items() if t in done
    }
    for number, row in _rows(ledger, "ticks", task_id):
        at = row["due"], row["nth"]
        if wanted.get(at) == {"done_on": row["done_on"], "note": row["note"]}:
            del wanted[at]
        elif at in places.values():
            change.drop("ticks", number)
    for (due, nth), said in wanted.items():
        change.put("ticks", **{"task": task_id, "due": due, "nth": nth, **said})


def _times(series: Sequence[Series]) -> Iterator[tuple[Time, tuple[str, int]]]:
    """Each time of a task, and by which day and number its ticks name it."""
    for each in series:
        frequency = each.frequency
        span = None if frequency.rule == BY_HAND else frequency.span
        of_day: Counter[date] = Counter()
        for day, nth in each.days:
            yield Time(spoken(frequency.quote), span, day, of_day[day]), (day.isoformat(), nth)
            of_day[day] += 1


def _rows(ledger: Ledger, table: str, task_id: int) -> list[tuple[int, Record]]:
    """The rows of a table that name the task, by their ids, the columns without them."""
    rows = list(ledger.db.query(f"SELECT * FROM {table} WHERE task = ? ORDER BY id", [task_id]))
    return [(row.pop("id"), row) for row in rows]
