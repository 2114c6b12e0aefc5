"""The tasks of a ledger: which ones are wanted, and each with all that is known of it."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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

TASKS_WITH_UNIT = """SELECT task FROM task_units WHERE name IN (
        SELECT names.id FROM names JOIN organizations ON organizations.id = names.organization
        WHERE instr(plain(names.name), ?) OR instr(plain(organizations.name), ?))
    AND role LIKE ?"""
TASKS_OF_ORGANIZATION = "SELECT task FROM task_units WHERE organization = ? AND role LIKE ?"
TASKS_DUE = "SELECT task FROM task_dates WHERE kind = 'deadline' AND due BETWEEN ? AND ?"
LATE = "EXISTS (SELECT 1 FROM task_dates WHERE task = tasks.id AND done = 0 AND due < ?)"
TASKS_PRINTING = "instr((SELECT printed FROM task_texts WHERE task = tasks.id), ?)"
HEADINGS = "SELECT document, outline_id, parent, number, heading FROM items WHERE kind = 'group'"
STATUS = "coalesce((SELECT status FROM tracking WHERE tracking.id = tasks.id), 'not_started')"
FIRST_DUE = "(SELECT min(due) FROM task_dates WHERE task = tasks.id AND done = 0)"
STATUS_RANK = f"instr('not_started in_progress suspended done cancelled', {STATUS})"
FIRST_UNIT = """(SELECT organizations.name FROM task_units JOIN organizations ON organizations.id = organization
    WHERE task = tasks.id ORDER BY instr('lead responsible cooperating', role), task_units.rowid LIMIT 1)"""
CURRENT = "tasks.standing = 'current'"
PLACE = "coalesce(tasks.span_start, (SELECT span_start FROM items WHERE items.id = tasks.item))"
"""Where in its document the text of a task begins."""
ORDERS: Mapping[Order, str] = {
    "document": f"tasks.document {{way}}, {PLACE}, tasks.id",
    "number": "tasks.id {way}",
    "due": f"{FIRST_DUE} {{way}} NULLS LAST, tasks.id {{way}}",
    "status": f"{STATUS_RANK} {{way}}, tasks.id {{way}}",
    "unit": f"{FIRST_UNIT} {{way}} NULLS LAST, tasks.id {{way}}",
}
"""By what each order goes; tasks that lack it come last, tasks that have the same by number.

By document the way turns the documents round, never the text of one.
"""
USUAL_ORDER: Order = "document"
MOST_IN_A_QUERY = 500
"""How many numbers are asked for at once: SQLite takes no more than some thousands of parameters."""


class TaskFilters(TypedDict, total=False):
    """Which tasks are wanted; what is None or absent does not restrict.

    `document` is its number, or part of its name, title or 发文字号; `unit` is part of a unit's name, as printed or as resolved;
    `organization` the number of a unit in the registry; `role` alone asks for tasks in which any unit has that role; both due
    days are included; `text` is part of what is printed. `overdue_on` asks for tasks with an open date before that day.
    `numbers` are those of tasks. `order` is "document" (the documents as they came, the tasks of each in the order of its text;
    this is how they come unless asked otherwise), "number", "due" (the first open date), "status" or "unit" (the first that
    leads, else is responsible); tasks that have none come last, also where `descending` turns the order round, and a text
    is never turned round; `limit` and `offset` cut out one page.
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
    where = " AND ".join([CURRENT, *conditions])
    if counted:
        return f"SELECT count(*) FROM tasks WHERE {where}", values
    by = filters.get("order") or USUAL_ORDER
    if by == "document":
        # Nearly all tasks are current: SQLite is not to go by that (+), but by the index of documents, and stop at the page's end.
        where = f"+{where}"
    order = in_order(by, descending=bool(filters.get("descending")))
    limit, offset = filters.get("limit"), filters.get("offset")
    page = [-1 if limit is None else limit, offset or 0]
    return f"SELECT tasks.id FROM tasks WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?", [*values, *page]


def in_order(order: Order, *, descending: bool = False) -> str:
    """The terms behind ORDER BY that put rows of `tasks` in that order."""
    return ORDERS[order].format(way="DESC" if descending else "ASC")


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
        restrict(TASKS_PRINTING, plain(text))
    if status := filters.get("status"):
        restrict(f"{STATUS} = ?", status)
    if overdue_on := filters.get("overdue_on"):
        restrict(
            f"{LATE} AND {STATUS} IN ('not_started', 'in_progress')",
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
    rows = rows_of(
        db,
        f"""SELECT tasks.id AS task, tasks.document AS of_document, tasks.standing,
                (SELECT min(due) FROM task_dates WHERE task = tasks.id AND done = 0) AS first_open,
                tasks.span_start AS own_start, tasks.span_end AS own_end, items.*,
                CASE WHEN tasks.span_start IS NOT NULL THEN (SELECT substr(text, tasks.span_start + 1,
                    tasks.span_end - tasks.span_start) FROM documents WHERE documents.id = tasks.document)
                END AS own_quote
            FROM tasks LEFT JOIN items ON items.id = tasks.item WHERE tasks.id IN ({marks})""",
        task_ids,
    )
    documents = sorted({row["of_document"] for row in rows})
    these = ", ".join("?" * len(documents))
    values = values_of_items(db, f"SELECT item FROM tasks WHERE id IN ({marks})", task_ids)
    groups = grouped(rows_of(db, f"{HEADINGS} AND document IN ({these})", documents), "document")
    headings = {doc: {row["outline_id"]: row for row in some} for doc, some in groups.items()}
    by_place = "WHERE span_start IS NOT NULL AND document IN ({}) ORDER BY span_start, id"
    left_out = _by_place(rows_of(db, f"SELECT * FROM left_out {by_place.format(these)}", documents))
    warnings = _by_place(rows_of(db, f"SELECT * FROM warnings {by_place.format(these)}", documents))
    corrections = grouped(rows_of(db, f"SELECT * FROM corrections WHERE task IN ({marks})", task_ids), "task")
    seen = dict(db.execute(f"SELECT id, seen FROM reviews WHERE id IN ({marks})", task_ids).fetchall())
    tracking = {
        row["id"]: row for row in rows_of(db, f"SELECT * FROM tracking WHERE id IN ({marks})", task_ids)
    }
    known = {entry.id: entry for entry in entries(f"documents.id IN ({these})", documents)}
    read = []
    for row in rows:
        item = _item(row, records.fields_of(row["id"], values))
        corrected = {c["field"]: json.loads(c["value"]) for c in corrections[row["task"]]}
        its_left_out = tuple(map(records.left_out_of, _within(item.span, left_out.get(row["of_document"]))))
        holds = records.corrected(item, corrected)
        names = {
            unit.quote: spoken(records.readable(unit, its_left_out).quote) for unit in holds.fields.units
        }
        read.append((row, item, corrected, its_left_out, holds, names))
    registered = _registered(db, documents, {name for *_, names in read for name in names.values()})
    tasks = {}
    for row, item, corrected, its_left_out, holds, names in read:
        document = row["of_document"]
        resolved = {
            quote: found for quote, name in names.items() if (found := registered.get((document, name)))
        }
        tasks[row["task"]] = Task(
            id=row["task"],
            document=known[document],
            item=holds,
            ancestors=_ancestors(row["parent"], headings.get(document, {})),
            place=records.place_of(row)
            if item.span.start == row["span_start"]
            else _place_of(db, document, item.span),
            left_out=its_left_out,
            warnings=tuple(map(records.warning_of, _within(item.span, warnings.get(document)))),
            extracted=item.fields,
            corrected=frozenset(corrected),
            names={quote: number for quote, (number, _) in resolved.items()},
            organizations={quote: organization for quote, (_, organization) in resolved.items()},
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
    return tasks


def rows_of(db: Database, query: str, values: Sequence[object]) -> list[Record]:
    """What the query gives, in half the time that sqlite-utils takes to give it in the same form."""
    found = db.execute(query, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


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


def _registered(
    db: Database, documents: Sequence[int], names: Collection[str]
) -> dict[tuple[int, str], tuple[int, Organization]]:
    """Those of `names` that are known in the place of each document: their numbers and the units they are resolved to."""
    marks = ", ".join("?" * len(documents))
    state = f"SELECT id, coalesce(place, '') FROM document_states WHERE id IN ({marks})"
    places = dict(db.execute(state, documents).fetchall())
    query = """SELECT names.place AS of_place, names.name AS printed, names.id AS number, o.*
        FROM json_each(?) AS wanted CROSS JOIN json_each(?) AS place
        CROSS JOIN names ON names.place = place.value AND names.name = wanted.value
        JOIN organizations AS o ON o.id = names.organization"""
    asked = [json.dumps([*names]), json.dumps([*set(places.values())])]
    found = {}
    for row in rows_of(db, query, asked):
        place, printed, number = row.pop("of_place"), row.pop("printed"), row.pop("number")
        found[place, printed] = number, records.organization_of(row)
    return {
        (document, name): found[place, name]
        for document, place in places.items()
        for name in names
        if (place, name) in found
    }


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
            rows_of(db, f"SELECT * FROM {table} WHERE item IN ({items}) ORDER BY rowid", values), "item"
        )
        for table in VALUE_TABLES
    }


def _ancestors(parent: str | None, groups: dict[str, Record]) -> tuple[Heading, ...]:
    path: list[Heading] = []
    while parent is not None and (row := groups.get(parent)):
        path.append(Heading(row["number"], row["heading"]))
        parent = row["parent"]
    return tuple(reversed(path))


@dataclass(frozen=True, slots=True)
class _ByPlace:
    """Rows of one document and where each begins, in that order."""

    rows: list[Record]
    starts: list[int]


def _by_place(rows: Iterable[Record]) -> dict[int, _ByPlace]:
    """The rows, sorted by where they begin, by document."""
    return {
        document: _ByPlace(some, [row["span_start"] for row in some])
        for document, some in grouped(rows, "document").items()
    }


def _within(span: Span, those: _ByPlace | None) -> list[Record]:
    """Those rows that begin inside `span`."""
    if those is None:
        return []
    return those.rows[bisect_left(those.starts, span.start) : bisect_left(those.starts, span.end)]
