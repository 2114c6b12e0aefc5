"""The ledger: one SQLite file of documents and the tasks that were read out of them."""

from __future__ import annotations

import sqlite3
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, Unpack

from sqlite_utils import Database

from extractor.ledger import records, schema
from extractor.ledger.errors import (
    MissingLedgerError,
    NewerLedgerError,
    NoSuchTaskError,
    NotALedgerError,
    told_plainly,
)
from extractor.ledger.records import ByItem, DocumentEntry, Heading, Record, Task
from extractor.model import Document, Role

MAGIC = b"SQLite format 3\x00"
HEADER = 100
USER_VERSION, APPLICATION_ID = slice(60, 64), slice(68, 72)
"""Where the header of a SQLite file keeps them (sqlite.org/fileformat.html, 1.3)."""

BUSY_SECONDS = 5.0
VALUE_TABLES = ("units", "deadlines", "frequencies", "measures")
ABOUT_TABLES = ("document_evidence", "parts", "places", "left_out", "warnings")

ITEMS_WITH_UNIT = "SELECT item FROM units WHERE instr(plain(quote), ?) AND role LIKE ?"
ITEMS_DUE = "SELECT item FROM deadlines WHERE due BETWEEN ? AND ?"
OF_ITEMS = "(SELECT count(*) FROM {0} JOIN items ON items.id = item WHERE document = documents.id{1}) AS {0}"
ENTRY = ", ".join(
    [
        "id, name, title, issuer, doc_number, issued_on, kind, year, added_at",
        OF_ITEMS.format("tasks", ""),
        *(OF_ITEMS.format(table, " AND NOT inherited") for table in ("units", "deadlines", "frequencies")),
        "(SELECT count(*) FROM warnings WHERE document = documents.id) AS warnings",
    ]
)


@dataclass(frozen=True, slots=True)
class Added:
    """The document is new in the ledger."""

    entry: DocumentEntry


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The same bytes were in the ledger before; nothing was changed."""

    entry: DocumentEntry


class TaskFilters(TypedDict, total=False):
    """Which tasks are wanted; what is None or absent does not restrict.

    `document` is its number, or part of its name, title or 发文字号; `unit` and `text` are parts of what is
    printed; `role` without `unit` asks for tasks in which any unit has that role; both due days are included.
    """

    document: str | int | None
    unit: str | None
    role: Role | None
    due_before: date | None
    due_after: date | None
    text: str | None


class Ledger:
    """An open ledger; use `Ledger.open` or `Ledger.create`, in a `with` statement."""

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self._db = db

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """The ledger at `path`, which must be there.

        Raises:
            LedgerError: if it is missing, not a ledger, from a newer version, or cannot be read.
        """
        path = Path(path)
        with told_plainly(path):
            if not path.exists():
                raise MissingLedgerError(path)
            if not path.stat().st_size:
                raise NotALedgerError(path)
        return cls._connect(path)

    @classmethod
    def create(cls, path: Path | str) -> Self:
        """The ledger at `path`, made with its folders where there is none yet.

        Raises:
            LedgerError: if there is a file that is not a ledger or cannot be used, or none can be made.
        """
        path = Path(path)
        with told_plainly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        return cls._connect(path)

    @classmethod
    def in_memory(cls) -> Self:
        """A ledger that is gone when it is closed."""
        return cls._connect(Path(":memory:"))

    @classmethod
    def _connect(cls, path: Path) -> Self:
        with told_plainly(path):
            _refuse_what_is_not_ours(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.create_function("plain", 1, _plain, deterministic=True)
                db = Database(connection, execute_plugins=False)
                ledger = cls(path, db)
                if schema.MIGRATIONS.pending(db):
                    ledger._migrate()
            except BaseException:
                connection.close()
                raise
        return ledger

    def _migrate(self) -> None:
        with self._transaction():
            schema.MIGRATIONS.apply(self._db)
            self._db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {schema.VERSION}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add(self, document: Document) -> Added | AlreadyThere:
        """Take `document` in, whole or not at all; the same bytes a second time change nothing."""
        with told_plainly(self.path), self._transaction():
            known = self._entries("sha256 = ?", [document.source.sha256])
            if known:
                return AlreadyThere(known[0])
            documents = self._db.table("documents")
            document_id = _key(documents.insert(records.document_record(document, datetime.now(UTC))).last_pk)
            (first_item,) = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM items").fetchone()
            for table, rows in {
                **records.records_about(document, document_id),
                **records.records_of_items(document, document_id, first_item),
            }.items():
                self._db.table(table).insert_all(rows)
            return Added(self._entries("id = ?", [document_id])[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE: the look whether a document is there already and its insertion must see the same file.
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    def documents(self) -> list[DocumentEntry]:
        """The documents in the order in which they were added."""
        with told_plainly(self.path):
            return self._entries("1", [])

    def document(self, document_id: int) -> Document:
        """The document as it was read, with its original bytes.

        Raises:
            KeyError: if there is no such document.
        """
        with told_plainly(self.path):
            rows = list(self._db.table("documents").rows_where("id = ?", [document_id]))
            if not rows:
                raise KeyError(document_id)
            about = {
                table: list(self._db.table(table).rows_where("document = ?", [document_id], order_by="id"))
                for table in ABOUT_TABLES
            }
            items = list(self._db.table("items").rows_where("document = ?", [document_id], order_by="id"))
            values = self._values("SELECT id FROM items WHERE document = ?", [document_id])
        return records.document_of(
            rows[0], about, (records.item_of(row, records.fields_of(row["id"], values)) for row in items)
        )

    def task_numbers(self, document_id: int) -> dict[str, int]:
        """The numbers of a document's tasks by the id of their items in its outline."""
        with told_plainly(self.path):
            found = self._db.execute(
                "SELECT outline_id, tasks.id FROM tasks JOIN items ON items.id = item WHERE document = ?",
                [document_id],
            ).fetchall()
        return dict(found)

    def task(self, task_id: int) -> Task:
        """The task with that number.

        Raises:
            NoSuchTaskError: if there is none.
        """
        found = self._tasks("tasks.id = ?", [task_id])
        if not found:
            raise NoSuchTaskError(self.path, task_id)
        return found[0]

    def tasks(self, **filters: Unpack[TaskFilters]) -> list[Task]:
        """The tasks that meet all `filters`, by number."""
        conditions, values = self._conditions(filters)
        return self._tasks(" AND ".join(conditions) or "1", values)

    def _tasks(self, where: str, values: Sequence[object]) -> list[Task]:
        chosen = f"FROM tasks JOIN items ON items.id = tasks.item WHERE {where}"
        its_documents = f"SELECT items.document {chosen}"
        with told_plainly(self.path):
            rows = list(self._db.query(f"SELECT items.*, tasks.id AS task {chosen} ORDER BY task", values))
            entries = {entry.id: entry for entry in self._entries(f"id IN ({its_documents})", values)}
            values_of = self._values(f"SELECT items.id {chosen}", values)
            groups = self._by("items", f"kind = 'group' AND document IN ({its_documents})", values)
            left_out = self._by("left_out", f"document IN ({its_documents})", values)
            warnings = self._by("warnings", f"span_start >= 0 AND document IN ({its_documents})", values)
        headings = {doc: {row["outline_id"]: row for row in some} for doc, some in groups.items()}
        return [
            Task(
                id=row["task"],
                document=entries[row["document"]],
                item=records.item_of(row, records.fields_of(row["id"], values_of)),
                ancestors=_ancestors(row["parent"], headings.get(row["document"], {})),
                place=records.place_of(row),
                left_out=tuple(map(records.left_out_of, _within(row, left_out[row["document"]]))),
                warnings=tuple(map(records.warning_of, _within(row, warnings[row["document"]]))),
            )
            for row in rows
        ]

    def _conditions(self, filters: TaskFilters) -> tuple[list[str], list[object]]:
        conditions: list[str] = []
        values: list[object] = []
        if (document := filters.get("document")) is not None:
            named = self._documents_named(str(document))
            conditions.append(f"items.document IN ({', '.join('?' * len(named))})")
            values += named
        unit, role = filters.get("unit"), filters.get("role")
        if unit or role:
            conditions.append(f"items.id IN ({ITEMS_WITH_UNIT})")
            values += [_plain(unit or ""), role or "%"]
        before, after = filters.get("due_before"), filters.get("due_after")
        if before or after:
            conditions.append(f"items.id IN ({ITEMS_DUE})")
            values += [(after or date.min).isoformat(), (before or date.max).isoformat()]
        if text := filters.get("text"):
            conditions.append("instr(plain(items.quote), ?)")
            values.append(_plain(text))
        return conditions, values

    def _documents_named(self, wanted: str) -> list[int]:
        entries = self.documents()
        if wanted.isdecimal() and any(entry.id == int(wanted) for entry in entries):
            return [int(wanted)]
        part = _plain(wanted)
        return [
            e.id for e in entries if part in _plain("\0".join(filter(None, (e.name, e.title, e.doc_number))))
        ]

    def _entries(self, where: str, values: Sequence[object]) -> list[DocumentEntry]:
        rows = list(self._db.query(f"SELECT {ENTRY} FROM documents WHERE {where} ORDER BY id", values))
        parts = self._by("parts", f"document IN (SELECT id FROM documents WHERE {where})", values)
        return [records.entry_of(row, parts[row["id"]]) for row in rows]

    def _values(self, items: str, values: Sequence[object]) -> dict[str, ByItem]:
        return {
            table: _grouped(
                self._db.table(table).rows_where(f"item IN ({items})", values, order_by="rowid"), "item"
            )
            for table in VALUE_TABLES
        }

    def _by(self, table: str, where: str, values: Sequence[object]) -> dict[int, list[Record]]:
        """Rows of `table` by document, in reading order."""
        rows = self._db.table(table).rows_where(where, values, order_by="span_start, id")
        return _grouped(rows, "document")


def _refuse_what_is_not_ours(path: Path) -> None:
    """Look at the first bytes only: a file that is not ours must not even be opened as a database."""
    if not path.exists():
        return
    with path.open("rb") as file:
        header = file.read(HEADER)
    if not header:
        return
    if not header.startswith(MAGIC) or int.from_bytes(header[APPLICATION_ID]) != schema.APPLICATION_ID:
        raise NotALedgerError(path)
    if int.from_bytes(header[USER_VERSION]) > schema.VERSION:
        raise NewerLedgerError(path)


def _key(value: object) -> int:
    assert isinstance(value, int)
    return value


def _plain(text: str) -> str:
    """What is compared when people search: one form of each character, no white space, no case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _grouped(rows: Iterable[Record], key: str) -> dict[int, list[Record]]:
    grouped: dict[int, list[Record]] = defaultdict(list)
    for row in rows:
        grouped[row[key]].append(row)
    return grouped


def _ancestors(parent: str | None, groups: dict[str, Record]) -> tuple[Heading, ...]:
    path: list[Heading] = []
    while parent is not None and (row := groups.get(parent)):
        path.append(Heading(row["number"], row["heading"]))
        parent = row["parent"]
    return tuple(reversed(path))


def _within(item: Record, rows: list[Record]) -> list[Record]:
    """Those of `rows`, sorted by where they begin, that begin inside `item`."""
    starts = [row["span_start"] for row in rows]
    return rows[bisect_left(starts, item["span_start"]) : bisect_left(starts, item["span_end"])]
