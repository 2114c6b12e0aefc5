"""Search in the words of tasks: FTS5 over what jieba cuts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from extractor.ledger.records import Task

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger


def words(text: str) -> str:
    """The words of `text`, apart by blanks."""
    import jieba

    return " ".join(jieba.cut_for_search(text))


def index(ledger: Ledger, tasks: Iterable[Task]) -> None:
    """Take `tasks` into the index."""
    rows = [
        (
            task.id,
            words(" ".join(filter(None, [*(a.heading for a in task.ancestors), task.item.heading]))),
            words(task.item.quote),
            words(" ".join({o.name for o in task.organizations.values()})),
        )
        for task in tasks
    ]
    ledger.db.conn.executemany("INSERT INTO search (rowid, heading, body, units) VALUES (?, ?, ?, ?)", rows)
