"""The tasks of a ledger: which ones are wanted, and each with all that is known of it."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal, TypedDict

from sqlite_utils import Database

from extractor.ledger import records
from extractor.ledger.names import spoken
from extractor.ledger.plain import plain
from extractor.ledger.records import (
    TAKEN_IN,
    ByItem,
    DocumentEntry,
    Heading,
    Organization,
    Record,
    Status,
    Task,
    grouped,
)
from extractor.ledger.seals import VALUE_TABLES
from extractor.model import Fields, Item, Place, Role, Span

Order = Literal["number", "due", "status", "document", "unit"]

TASKS_WITH_UNIT = """SELECT task FROM task_units
    JOIN names ON names.id = task_units.name JOIN organizations ON organizations.id = task_units.organization
    WHERE (instr(plain(names.name), ?) OR instr(plain(organizations.name), ?)) AND role LIKE ?"""
TASKS_OF_ORGANIZATION = "SELECT task FROM task_units WHERE organization = ? AND role LIKE ?"
TASKS_DUE = "SELECT task FROM task_dates WHERE kind = 'deadline' AND due BETWEEN ? AND ?"
TASKS_LATE = "SELECT task FROM task_dates WHERE NOT done AND due < ?"
TASKS_PRINTING = """CASE WHEN tasks.span_start IS NULL
    THEN tasks.item IN (SELECT id FROM items WHERE instr(plain(quote), ?))
    ELSE instr(plain((SELECT substr(text, tasks.span_start + 1, tasks.span_end - tasks.span_start)
        FROM documents WHERE documents.id = tasks.document)), ?) END"""
"""A task is about the whole of its item, or about characters of its own."""
STATUS = "coalesce((SELECT status FROM tracking WHERE tracking.id = tasks.id), 'not_started')"
FIRST_DUE = "(SELECT min(due) FROM task_dates WHERE task = tasks.id AND NOT done)"
STATUS_RANK = f"instr('not_started in_progress suspended done cancelled', {STATUS})"
FIRST_UNIT = """(SELECT organizations.name FROM task_units JOIN organizations ON organizations.id = organization
    WHERE task = tasks.id ORDER BY instr('lead responsible cooperating', role), task_units.rowid LIMIT 1)"""
ORDERS: Mapping[Order, tuple[str, ...]] = {
    "number": (),
    "due": (FIRST_DUE,),
    "status": (STATUS_RANK,),
    "document": ("tasks.document",),
    "unit": (FIRST_UNIT,),
}
"""By what each order goes; tasks that lack it come last, tasks that have the same by number."""
MOST_IN_A_QUERY = 500
"""How many numbers are asked for at once: SQLite takes no more than some thousands of parameters."""


class TaskFilters(TypedDict, total=False):
    """Which tasks are wanted; what is None or absent does not restrict.

    `document` is its number, or part of its name, title or 发文字号; `unit` is part of a unit's name, as printed or as resolved;
    `organization` the number of a unit in the registry; `role` alone asks for tasks in which any unit has that role; both due
    days are included; `text` is part of what is printed. `overdue_on` asks for tasks with an open date before that day.
    `numbers` are those of tasks. `order` is "number", "due" (the first open date), "status", "document" or "unit" (the first that
    leads, else is responsible); tasks that have none come last, also where `descending` turns the order round; `limit` and
    `offset` cut out one page.
    """

    document: str | int | None
    unit: str | None
    organization: int | None
    role: Role | None
    due_before: date | None
    due_after: date | None
    text: str | None
    status: Status | None
    overdue_on: date | None
    numbers: Sequence[int] | None
    order: Order | None
    descending: bool | None
    limit: int | None
    offset: int | None


def query(
    filters: TaskFilters, documents_named: Callable[[str], list[int]], *, counted: bool = False
) -> tuple[str, list[object]]:
    """The SQL that gives the numbers of the tasks that meet `filters`, or how many they are, with its parameters."""
    conditions, values = _conditions(filters, documents_named)
    where = " AND ".join(["tasks.standing = 'current'", *conditions])
    if counted:
        return f"SELECT count(*) FROM tasks WHERE {where}", values
    way = "DESC" if filters.get("descending") else "ASC"
    by = ORDERS[filters.get("order") or "number"]
    order = ", ".join([*(f"{key} {way} NULLS LAST" for key in by), f"tasks.id {way}"])
    limit, offset = filters.get("limit"), filters.get("offset")
    page = [-1 if limit is None else limit, offset or 0]
    return f"SELECT tasks.id FROM tasks WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?", [*values, *page]


def _conditions(
    filters: TaskFilters, documents_named: Callable[[str], list[int]]
) -> tuple[list[str], list[object]]:
    conditions: list[str] = []
    values: list[object] = []

    def restrict(condition: str, *its_values: object) -> None:
        conditions.append(condition)
        values.extend(its_values)

    if (document := filters.get("document")) is not None:
        named = documents_named(str(document))
        restrict(f"tasks.document IN ({', '.join('?' * len(named))})", *named)
    role = filters.get("role") or "%"
    if unit := filters.get("unit"):
        restrict(f"tasks.id IN ({TASKS_WITH_UNIT})", plain(unit), plain(unit), role)
    elif filters.get("role"):
        restrict("tasks.id IN (SELECT task FROM task_units WHERE role = ?)", role)
    if (organization := filters.get("organization")) is not None:
        restrict(f"tasks.id IN ({TASKS_OF_ORGANIZATION})", organization, role)
    before, after = filters.get("due_before"), filters.get("due_after")
    if before or after:
        first, last = after or date.min, before or date.max
        restrict(f"tasks.id IN ({TASKS_DUE})", first.isoformat(), last.isoformat())
    if text := filters.get("text"):
        restrict(TASKS_PRINTING, plain(text), plain(text))
    if status := filters.get("status"):
        restrict(f"{STATUS} = ?", status)
    if overdue_on := filters.get("overdue_on"):
        restrict(
            f"tasks.id IN ({TASKS_LATE}) AND {STATUS} IN ('not_started', 'in_progress')",
            overdue_on.isoformat(),
        )
    if (numbers := filters.get("numbers")) is not None:
        restrict("tasks.id IN (SELECT value FROM json_each(?))", json.dumps(list(numbers)))
    return conditions, values


Entries = Callable[[str, Sequence[object]], list[DocumentEntry]]


def load(db: Database, task_ids: Sequence[int], entries: Entries) -> list[Task]:
    """The tasks with those numbers, in their order; numbers that are none are passed over."""
    found: dict[int, Task] = {}
    for at in range(0, len(task_ids), MOST_IN_A_QUERY):
        found |= _load(db, task_ids[at : at + MOST_IN_A_QUERY], entries)
    return [found[task] for task in task_ids if task in found]


def _load(db: Database, task_ids: Sequence[int], entries: Entries) -> dict[int, Task]:
    marks = ", ".join("?" * len(task_ids))
    rows = list(
        db.query(
            f"""SELECT tasks.id AS task, tasks.document AS of_document, tasks.standing,
                (SELECT min(due) FROM task_dates WHERE task = tasks.id AND NOT done) AS first_open,
                tasks.span_start AS own_start, tasks.span_end AS own_end, items.*,
                CASE WHEN tasks.span_start IS NOT NULL THEN (SELECT substr(text, tasks.span_start + 1,
                    tasks.span_end - tasks.span_start) FROM documents WHERE documents.id = tasks.document)
                END AS own_quote
            FROM tasks LEFT JOIN items ON items.id = tasks.item WHERE tasks.id IN ({marks})""",
            task_ids,
        )
    )
    documents = sorted({row["of_document"] for row in rows})
    these = ", ".join("?" * len(documents))
    values = values_of_items(db, f"SELECT item FROM tasks WHERE id IN ({marks})", task_ids)
    groups = grouped(
        db.query(f"SELECT * FROM items WHERE kind = 'group' AND document IN ({these})", documents), "document"
    )
    headings = {doc: {row["outline_id"]: row for row in some} for doc, some in groups.items()}
    by_place = "WHERE span_start IS NOT NULL AND document IN ({}) ORDER BY span_start, id"
    left_out = grouped(db.query(f"SELECT * FROM left_out {by_place.format(these)}", documents), "document")
    warnings = grouped(db.query(f"SELECT * FROM warnings {by_place.format(these)}", documents), "document")
    corrections = grouped(db.query(f"SELECT * FROM corrections WHERE task IN ({marks})", task_ids), "task")
    seen = dict(db.execute(f"SELECT id, seen FROM reviews WHERE id IN ({marks})", task_ids).fetchall())
    tracking = {row["id"]: row for row in db.query(f"SELECT * FROM tracking WHERE id IN ({marks})", task_ids)}
    registered = _registered(db, documents)
    known = {entry.id: entry for entry in entries(f"documents.id IN ({these})", documents)}
    tasks = {}
    for row in rows:
        document = row["of_document"]
        item = _item(row, records.fields_of(row["id"], values))
        corrected = {c["field"]: json.loads(c["value"]) for c in corrections[row["task"]]}
        its_left_out = tuple(map(records.left_out_of, _within(item.span, left_out[document])))
        task = Task(
            id=row["task"],
            document=known[document],
            item=records.corrected(item, corrected),
            ancestors=_ancestors(row["parent"], headings.get(document, {})),
            place=records.place_of(row) if item.span.start == row["span_start"] else _place_of(db, document, item.span),
            left_out=its_left_out,
            warnings=tuple(map(records.warning_of, _within(item.span, warnings[document]))),
            extracted=item.fields,
            corrected=frozenset(corrected),
            tracking=records.tracking_of(tracking[row["task"]])
            if row["task"] in tracking
            else records.Tracking(),
            first_open=date.fromisoformat(row["first_open"]) if row["first_open"] else None,
            standing=row["standing"],
            basis_changed=frozenset(
                c["field"] for c in corrections[row["task"]] if c["basis"] != records.gist(item, c["field"])
            ),
            seen=seen.get(row["task"]),
        )
        tasks[task.id] = _with_units_resolved(task, registered[document])
    return tasks


def _item(row: Record, fields: Fields) -> Item:
    """The item of a task, cut or widened to the task's own characters where it has such."""
    if row["id"] is None:
        span = Span(row["own_start"], row["own_end"])
        return Item(f"t{row['task']}", None, 0, None, None, "task", TAKEN_IN, span, row["own_quote"])
    item = records.item_of(row, fields)
    if row["own_start"] is None:
        return item
    return replace(item, span=Span(row["own_start"], row["own_end"]), quote=row["own_quote"])


def _place_of(db: Database, document: int, span: Span) -> Place:
    """The place of characters that are no item: that of the last known span that begins no later, or the line of plain text."""
    nearest = (
        "SELECT place FROM places WHERE document = ? AND span_start <= ? ORDER BY span_start DESC LIMIT 1"
    )
    for row in db.query(nearest, [document, span.start]):
        return records.place_of(row)
    (before,) = db.execute(
        "SELECT substr(text, 1, ?) FROM documents WHERE id = ?", [span.start, document]
    ).fetchone()
    return Place(before.count("\n") + 1, span.start - before.rfind("\n"))


def _registered(db: Database, documents: Sequence[int]) -> dict[int, dict[str, tuple[int, Organization]]]:
    """The names known in the place of each document: their numbers and the units they are resolved to."""
    marks = ", ".join("?" * len(documents))
    found: dict[int, dict[str, tuple[int, Organization]]] = {document: {} for document in documents}
    query = f"""SELECT state.id AS of_document, names.name AS printed, names.id AS number, o.*
        FROM document_states AS state JOIN names ON names.place = coalesce(state.place, '')
        JOIN organizations AS o ON o.id = names.organization WHERE state.id IN ({marks})"""
    for row in db.query(query, documents):
        document, printed, number = row.pop("of_document"), row.pop("printed"), row.pop("number")
        found[document][printed] = number, records.organization_of(row)
    return found


def _with_units_resolved(task: Task, registered: dict[str, tuple[int, Organization]]) -> Task:
    names = {
        unit.quote: spoken(records.readable(unit, task.left_out).quote) for unit in task.item.fields.units
    }
    known = {quote: registered[name] for quote, name in names.items() if name in registered}
    return replace(
        task,
        names={quote: number for quote, (number, _) in known.items()},
        organizations={quote: organization for quote, (_, organization) in known.items()},
    )


def names_in(db: Database, document_id: int) -> list[str]:
    """The names of units that a document prints, each once, without what cleaning left out inside them."""
    left_out = [
        records.left_out_of(row)
        for row in db.query("SELECT * FROM left_out WHERE document = ?", [document_id])
    ]
    units = db.query(
        "SELECT units.* FROM units JOIN items ON items.id = item WHERE document = ? ORDER BY units.id",
        [document_id],
    )
    found = (spoken(records.readable(records.unit_of(row), left_out).quote) for row in units)
    return list(dict.fromkeys(filter(None, found)))


def values_of_items(db: Database, items: str, values: Sequence[object]) -> dict[str, ByItem]:
    """The rows of each value table by item, for the items that the query `items` gives."""
    return {
        table: grouped(
            db.query(f"SELECT * FROM {table} WHERE item IN ({items}) ORDER BY rowid", values), "item"
        )
        for table in VALUE_TABLES
    }


def _ancestors(parent: str | None, groups: dict[str, Record]) -> tuple[Heading, ...]:
    path: list[Heading] = []
    while parent is not None and (row := groups.get(parent)):
        path.append(Heading(row["number"], row["heading"]))
        parent = row["parent"]
    return tuple(reversed(path))


def _within(span: Span, rows: list[Record]) -> list[Record]:
    """Those of `rows`, sorted by where they begin, that begin inside `span`."""
    starts = [row["span_start"] for row in rows]
    return rows[bisect_left(starts, span.start) : bisect_left(starts, span.end)]
