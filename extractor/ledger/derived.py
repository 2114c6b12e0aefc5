"""What is worked out from the rest of the ledger so that questions are answered fast: units and dates of tasks, search words.

Everything here is a function of the read and the kept tables alone: made anew, it comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from extractor.ledger import search
from extractor.ledger.records import Record, Task
from extractor.ledger.schedule import dates_of

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

TASKS_AT_ONCE = 500


def refresh(ledger: Ledger, task_ids: Sequence[int]) -> None:
    """Work out anew what is derived of these tasks; inside the transaction that changed them."""
    for at in range(0, len(task_ids), TASKS_AT_ONCE):
        some = task_ids[at : at + TASKS_AT_ONCE]
        _forget(ledger, some)
        tasks = [task for task in ledger.numbered(some) if task.standing == "current"]
        _insert(ledger, "task_units", (row for task in tasks for row in units_of(ledger, task)))
        _insert(ledger, "task_dates", (row for task in tasks for row in dates_of(ledger, task)))
        search.index(ledger, tasks)


def refresh_all(ledger: Ledger) -> None:
    """Work out everything that is derived."""
    refresh(ledger, [task for (task,) in ledger.db.execute("SELECT id FROM tasks ORDER BY id").fetchall()])


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


def _forget(ledger: Ledger, task_ids: Iterable[int]) -> None:
    for table, key in (("task_units", "task"), ("task_dates", "task"), ("search", "rowid")):
        ledger.db.conn.executemany(f"DELETE FROM {table} WHERE {key} = ?", ((task,) for task in task_ids))


def _insert(ledger: Ledger, table: str, rows: Iterable[Record]) -> None:
    listed = list(rows)
    if listed:
        names = ", ".join(listed[0])
        marks = ", ".join(f":{name}" for name in listed[0])
        ledger.db.conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", listed)
