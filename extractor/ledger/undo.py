"""Taking back what was recorded of many tasks at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.ledger import history
from extractor.ledger.errors import LedgerError, told_plainly

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

RECORDED = """SELECT sequence, CAST(substr(subject, length('task:') + 1) AS INTEGER) FROM events
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


def take_back(ledger: Ledger, first: int, last: int, *, reason: str = "") -> TakenBack:
    """Take back (`history.undo`) the events from `first` to `last` in which the ledger's actor recorded progress.

    A task that has been changed since is left alone. Each that goes back is an event of its own, with the `reason` why.

    Raises:
        UndoError: if the actor recorded nothing in these events.
    """
    back: set[int] = set()
    since: set[int] = set()
    with ledger.transaction():
        recorded = ledger.db.execute(RECORDED, [first, last, ledger.actor]).fetchall()
        if not recorded:
            raise UndoError("没有可以撤销的登记：请在任务的历史中查看，逐项改回。")
        for sequence, task in recorded:
            try:
                history.undo(ledger, sequence, reason=reason)
                back.add(task)
            except history.HistoryError:
                since.add(task)
    return TakenBack(tuple(sorted(back - since)), tuple(sorted(since)))
