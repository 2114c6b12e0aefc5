"""What falls on the days of a stretch of time, done or not: what a calendar shows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from extractor.ledger.due import CALLED, FROM_DATES
from extractor.ledger.errors import told_plainly
from extractor.ledger.records import OPEN, Status
from extractor.ledger.tasks import TASKS_OF_ORGANIZATION

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

ON_DAYS = f"""SELECT dates.due, dates.task, dates.nth, dates.kind, dates.words, dates.done,
        coalesce(tracking.status, 'not_started'),
        {CALLED}
    {FROM_DATES}
    WHERE dates.done IN (0, 1) AND dates.due BETWEEN ? AND ? AND coalesce(tracking.status, '') <> 'cancelled' {{more}}
    ORDER BY dates.due, dates.done, dates.task, dates.kind, dates.nth LIMIT ?"""


class DatedTask(NamedTuple):
    """One date of a task; `heading`, `number` and `opening` are what it is named by, `words` the time as printed."""

    due: date
    task: int
    nth: int
    kind: Literal["deadline", "occurrence"]
    words: str
    done: bool
    status: Status
    heading: str | None
    number: str | None
    opening: str

    @property
    def open(self) -> bool:
        """Whether something is still to be done for it, and nobody said that it can wait."""
        return not self.done and self.status in OPEN


def on_days(
    ledger: Ledger,
    first: date,
    last: date,
    *,
    organization: int | None = None,
    document: int | None = None,
    limit: int,
) -> list[DatedTask]:
    """The dates of tasks from `first` to `last`, both included, by day, what is open before what is done.

    Args:
        ledger: the ledger that is asked.
        first: the first day.
        last: the last day.
        organization: the number of a unit that has any part in the task.
        document: the number of the circular.
        limit: no more dates than this.
    """
    more, values = "", list[object]()
    if organization is not None:
        more += f" AND dates.task IN ({TASKS_OF_ORGANIZATION})"
        values += [organization, "%"]
    if document is not None:
        more += " AND tasks.document = ?"
        values.append(document)
    with told_plainly(ledger.path):
        found = ledger.db.execute(
            ON_DAYS.format(more=more), [first.isoformat(), last.isoformat(), *values, limit]
        ).fetchall()
    return [
        DatedTask(date.fromisoformat(due), task, nth, kind, words, bool(done), *rest)
        for due, task, nth, kind, words, done, *rest in found
    ]
