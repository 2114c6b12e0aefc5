"""What checking tasks beside their text asks of the ledger: the tasks in reading order, how far a document is checked, its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extractor.ledger.corrections import spans_of_tasks
from extractor.ledger.errors import NoSuchDocumentError, told_plainly
from extractor.ledger.events import Event, event_of
from extractor.ledger.records import TAKEN_IN, Standing, Task
from extractor.model import Document, Item

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger


JUDGED = "judged"
"""The reason of an item whose kind a person told."""


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was received, without what was read out of it."""

    name: str
    media: str
    data: bytes


def tasks_in_order(ledger: Ledger, document_id: int, standing: Standing = "current") -> list[Task]:
    """The tasks of a document that stand so, in the order of their text."""
    with told_plainly(ledger.path):
        return ledger.numbered([number for number, _ in spans_of_tasks(ledger, document_id, standing)])


def as_it_stands(document: Document, tasks: Sequence[Task], withdrawn: Sequence[Task]) -> Document:
    """The document with the items and values that hold by now in place of those that were read."""
    whole = {(task.item.id, task.item.span) for task in tasks}
    rest = (item for item in document.items if item.kind != "task" and (item.id, item.span) not in whole)
    items = [*rest, *map(_judged, (*withdrawn, *tasks))]
    in_order = tuple(sorted(items, key=lambda item: (item.span.start, -item.span.end)))
    taken_in = [task.item.span for task in tasks if task.item.reason == TAKEN_IN]
    left_out = tuple(o for o in document.left_out if not any(span.covers(o.span) for span in taken_in))
    return replace(document, items=in_order, left_out=left_out)


def _judged(task: Task) -> Item:
    """The task's item; where a person said what kind it is, that is the reason."""
    return replace(task.item, reason=JUDGED) if "kind" in task.corrected else task.item


def following(ledger: Ledger, task: Task) -> int | None:
    """The number of the task that comes next in the text of the same document."""
    with told_plainly(ledger.path):
        rest = (
            number
            for number, span in spans_of_tasks(ledger, task.document.id, "current")
            if span.start > task.item.span.start
        )
        return next(rest, None)


def looked_at(ledger: Ledger) -> dict[int, int]:
    """How many current tasks of each document a person has once found right, by the number of the document."""
    counted = """SELECT tasks.document, count(*) FROM reviews JOIN tasks ON tasks.id = reviews.id
        WHERE tasks.standing = 'current' GROUP BY tasks.document"""
    with told_plainly(ledger.path):
        return dict(ledger.db.execute(counted).fetchall())


def original(ledger: Ledger, document_id: int) -> Original:
    """The file of a document.

    Raises:
        NoSuchDocumentError: if there is no such document.
    """
    with told_plainly(ledger.path):
        row = ledger.db.execute(
            "SELECT name, media, data FROM documents WHERE id = ?", [document_id]
        ).fetchone()
    if row is None:
        raise NoSuchDocumentError(ledger.path, str(document_id))
    return Original(*row)


def event_numbered(ledger: Ledger, sequence: int) -> Event | None:
    """That event of the log, if there is one."""
    with told_plainly(ledger.path):
        for row in ledger.db.query("SELECT * FROM events WHERE sequence = ?", [sequence]):
            return event_of(row)
    return None


def superseded_by(ledger: Ledger) -> dict[int, int]:
    """The next version of each document that has one, by the number of the older."""
    older = "SELECT supersedes, id FROM document_states WHERE supersedes IS NOT NULL"
    with told_plainly(ledger.path):
        return dict(ledger.db.execute(older).fetchall())


def became(ledger: Ledger, task_id: int) -> int | None:
    """The task that a split or merged one became, the first where it became several."""
    with told_plainly(ledger.path):
        row = ledger.db.execute("SELECT successor FROM tasks WHERE id = ?", [task_id]).fetchone()
    return row[0] if row else None
