"""Taking back what was recorded of many tasks at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.ledger import derived
from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.events import Row, kept_row

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

RECORDED = """SELECT before, after FROM events
    WHERE sequence BETWEEN ? AND ? AND action = 'record' AND actor = ? ORDER BY sequence DESC"""


class UndoError(LedgerError):
    """There is nothing to take back; `str()` is one line in Chinese."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The tasks that stand again as they did, and those that were changed by others meanwhile and stay."""

    tasks: tuple[int, ...]
    changed_since: tuple[int, ...]


def last_event(ledger: Ledger) -> int:
    """The number of the last event of the log."""
    with told_plainly(ledger.path):
        (last,) = ledger.db.execute("SELECT coalesce(max(sequence), 0) FROM events").fetchone()
    return int(last)


def take_back(ledger: Ledger, first: int, last: int) -> TakenBack:
    """Let tasks stand as before the events from `first` to `last`, of those that the ledger's actor recorded.

    Only status, percentage, words and days go back; a file that was added stays. A task that has been changed since is left
    alone. Each that goes back is an event of its own.

    Raises:
        UndoError: if the actor recorded nothing in these events.
    """
    with ledger.transaction():
        recorded = ledger.db.execute(RECORDED, [first, last, ledger.actor]).fetchall()
        rows: dict[int, tuple[Row | None, Row | None]] = {}
        for before, after in recorded:  # from the last to the first: what a task was before the first of them
            was, became = (json.loads(each).get("tracking", {}) for each in (before, after))
            for task in was:
                rows[int(task)] = was[task], rows.get(int(task), (None, became[task]))[1]
        if not rows:
            raise UndoError("没有可以撤销的登记：请在任务的历史中查看，逐项改回。")
        back, since = [], []
        for task, (was, became) in sorted(rows.items()):
            if kept_row(ledger.db, "tracking", task) != became:
                since.append(task)
                continue
            with ledger.change("take_back", f"task:{task}") as change:
                if was is None:
                    change.drop("tracking", task)
                else:
                    change.put("tracking", task, **was)
            back.append(task)
        derived.refresh(ledger, back)
    return TakenBack(tuple(back), tuple(since))
