"""The dates of a task: the last day of each deadline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractor.ledger.records import Record, Task

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger


def dates_of(ledger: Ledger, task: Task) -> Iterator[Record]:
    """The rows of `task_dates`."""
    done = task.tracking.status in ("done", "cancelled")
    for nth, deadline in enumerate(task.item.fields.deadlines):
        if deadline.due:
            yield {
                "task": task.id,
                "due": deadline.due.isoformat(),
                "nth": nth,
                "kind": "deadline",
                "words": deadline.quote,
                "done": int(done),
            }
