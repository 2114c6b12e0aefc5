"""What is worked out from the rest of the ledger so that questions are answered fast: units and dates of tasks, search words.

Everything here is a function of the read and the kept tables alone: made anew, it comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from extractor.ledger import search
from extractor.ledger.records import Record, Task
from extractor.ledger.schedule import dates_of

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

TASKS_AT_ONCE = 500
COLUMNS: dict[str, tuple[str, ...]] = {
    "task_units": ("task", "organization", "name", "role"),
    "task_dates": ("task", "due", "nth", "kind", "words", "done"),
    "search": ("rowid", "heading", "body", "units"),
}
"""The columns of each derived table; the first is the number of the task."""


def refresh(ledger: Ledger, task_ids: Sequence[int]) -> None:
    """Work out anew what is derived of these tasks; inside the transaction that changed them."""
    for some in portions(list(dict.fromkeys(task_ids))):
        worked_out = rows_of(ledger, some)
        for table, columns in COLUMNS.items():
            ledger.db.conn.executemany(
                f"DELETE FROM {table} WHERE {columns[0]} = ?", ((task,) for task in some)
            )
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            ledger.db.conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", worked_out[table])


def refresh_all(ledger: Ledger) -> None:
    """Work out everything that is derived."""
    with ledger.transaction():
        refresh(ledger, all_tasks(ledger))


def rows_of(ledger: Ledger, task_ids: Sequence[int]) -> dict[str, list[tuple[object, ...]]]:
    """What is derived of these tasks: the rows of each table, their columns as in `COLUMNS`; none for what is no row any more."""
    tasks = [task for task in ledger.numbered(task_ids) if task.standing == "current"]
    return {
        "task_units": [_columns("task_units", row) for task in tasks for row in units_of(ledger, task)],
        "task_dates": [_columns("task_dates", row) for row in dates_of(ledger, tasks)],
        "search": [(task.id, *search.indexed(task)) for task in tasks],
    }


def units_of(ledger: Ledger, task: Task) -> Iterator[Record]:
    """The rows of `task_units`: who has a part in the task, each unit and role once."""
    rows = {}
    for unit in task.item.fields.units:
        organization = task.organizations.get(unit.quote)
        if organization:
            rows[organization.id, unit.role] = {
                "task": task.id,
                "organization": organization.id,
                "name": task.names[unit.quote],
                "role": unit.role,
            }
    yield from rows.values()


def all_tasks(ledger: Ledger) -> list[int]:
    """The numbers of all tasks that there are or were."""
    return [task for (task,) in ledger.db.execute("SELECT id FROM tasks ORDER BY id").fetchall()]


def portions(task_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The numbers, so many at once as are worked out together."""
    for at in range(0, len(task_ids), TASKS_AT_ONCE):
        yield task_ids[at : at + TASKS_AT_ONCE]


def _columns(table: str, row: Record) -> tuple[object, ...]:
    return tuple(row[column] for column in COLUMNS[table])
