"""What is worked out from the rest of the ledger so that questions are answered fast.

Of tasks that is their units, dates, printed text and search words, of documents the forms in which they are looked up.
Everything here is a function of the read and the kept tables alone: made anew, it comes out the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from extractor.ledger import search
from extractor.ledger.plain import plain
from extractor.ledger.records import Record, Task
from extractor.ledger.schedule import dates_of
from extractor.ledger.titles import compared_forms, names_of

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

TASKS_AT_ONCE = 500
COLUMNS: dict[str, tuple[str, ...]] = {
    "task_units": ("task", "organization", "name", "role"),
    "task_dates": ("task", "due", "nth", "kind", "words", "done"),
    "task_texts": ("task", "printed"),
    "search": ("rowid", "heading", "body", "units"),
}
"""The columns of each table that is derived of tasks; the first is the number of the task."""
PUT_FORMS = "INSERT INTO document_forms (document, number, title) VALUES (?, ?, ?)"


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


def refresh_document(ledger: Ledger, document_id: int) -> None:
    """Work out anew what is derived of a document itself; inside the transaction that took it in."""
    ledger.db.execute("DELETE FROM document_forms WHERE document = ?", [document_id])
    ledger.db.conn.executemany(PUT_FORMS, forms_of_documents(ledger, "id = ?", [document_id]))


def refresh_all(ledger: Ledger) -> None:
    """Work out everything that is derived."""
    with ledger.transaction():
        ledger.db.execute("DELETE FROM document_forms")
        ledger.db.conn.executemany(PUT_FORMS, forms_of_documents(ledger))
        refresh(ledger, all_tasks(ledger))


def forms_of_documents(
    ledger: Ledger, where: str = "1", values: Sequence[object] = ()
) -> list[tuple[int, str | None, str | None]]:
    """The rows of `document_forms`, all in the form in which they are compared.

    Of each document one with its number and title, and one more for each other way to call it.
    """
    documents = f"SELECT id, doc_number, title, issuer FROM documents WHERE {where} ORDER BY id"
    enclosed = f"SELECT document, title FROM parts WHERE document IN (SELECT id FROM documents WHERE {where})"
    parts = defaultdict[int, list[str]](list)
    for document, title in ledger.db.execute(enclosed, values):
        parts[document].append(title)
    rows = []
    for document, doc_number, title, issuer in ledger.db.execute(documents, values):
        number, whole = compared_forms(doc_number, title, issuer)
        others = names_of(title, issuer, parts[document]) - {whole}
        rows += [(document, number, whole), *((document, None, other) for other in sorted(others))]
    return rows


def rows_of(ledger: Ledger, task_ids: Sequence[int]) -> dict[str, list[tuple[object, ...]]]:
    """What is derived of these tasks: the rows of each table, their columns as in `COLUMNS`; none for what is no row any more."""
    tasks = [task for task in ledger.numbered(task_ids) if task.standing == "current"]
    return {
        "task_units": [_columns("task_units", row) for task in tasks for row in units_of(task)],
        "task_dates": [_columns("task_dates", row) for row in dates_of(ledger, tasks)],
        "task_texts": [(task.id, plain(task.item.quote)) for task in tasks],
        "search": [(task.id, *search.indexed(task)) for task in tasks],
    }


def units_of(task: Task) -> Iterator[Record]:
    """The rows of `task_units`: who has a part in the task, each unit and role once."""
    rows: dict[tuple[int, str], Record] = {}
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
