"""The ledger: one SQLite file of documents, the tasks that were read out of them, and all that became of those."""

from __future__ import annotations

import getpass
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from sqlite_utils import Database

from extractor.ledger import derived, records, revisions, schema
from extractor.ledger import tasks as task_queries
from extractor.ledger.errors import (
    PRIMARY_CODE,
    MissingLedgerError,
    NewerLedgerError,
    NoSuchDocumentError,
    NoSuchTaskError,
    NotALedgerError,
    OlderLedgerError,
    ReadOnlyLedgerError,
    TriggerError,
    UnseenChangesError,
    told_plainly,
)
from extractor.ledger.events import Change, append, canonical
from extractor.ledger.names import name_of
from extractor.ledger.plain import plain
from extractor.ledger.records import DocumentEntry, Task
from extractor.ledger.revisions import Outdated, Revised
from extractor.ledger.seals import ABOUT_TABLES, seals_of
from extractor.ledger.tasks import TaskFilters
from extractor.model import Document
from extractor.registry import place_of

MAGIC = b"SQLite format 3\x00"
HEADER = 100
READ_VERSION, USER_VERSION, APPLICATION_ID = slice(19, 20), slice(60, 64), slice(68, 72)
"""Where the header of a SQLite file keeps them (sqlite.org/fileformat.html, 1.3)."""

WAL = b"\x02"

BUSY_SECONDS = 30.0
"""How long a change waits for those of other programs; a large circular takes about one second to write."""

OUTERMOST = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
NESTED = ("SAVEPOINT inner", "RELEASE inner", "ROLLBACK TO inner", "RELEASE inner")
"""How a transaction inside another begins, ends well, and ends ill."""

LONGEST_NUMBER = 18
"""Digits that a number in SQLite can always have."""
TRIGGERS = "SELECT 1 FROM sqlite_master WHERE type = 'trigger'"
DOCUMENTS_NAMED = """SELECT id FROM documents WHERE instr(plain(name), ?)
    OR instr(plain(coalesce(title, '')), ?) OR instr(plain(coalesce(doc_number, '')), ?) ORDER BY id"""

OF_ITEMS = "(SELECT count(*) FROM {0} JOIN items ON items.id = item WHERE document = documents.id AND NOT inherited) AS {0}"
OF_DOCUMENT = (
    "sha256, name, media, encoding, title, issuer, doc_number, issued_on, kind, year, added_at, text, "
)
ENTRY = ", ".join(
    [
        "documents.id, name, title, issuer, doc_number, issued_on, kind, year, added_at",
        "(SELECT standing = 'superseded' FROM document_states AS state WHERE state.id = documents.id) AS superseded",
        "(SELECT count(*) FROM tasks WHERE document = documents.id AND standing = 'current') AS tasks",
        *(OF_ITEMS.format(table) for table in ("units", "deadlines", "frequencies")),
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


class Ledger:
    """An open ledger; use `Ledger.open` or `Ledger.create`, in a `with` statement.

    `db` is for the modules of this package; others ask through the functions here and there. `actor` is who is said to have
    made the changes: the login name unless given.
    """

    def __init__(self, path: Path, db: Database, actor: str) -> None:
        self.path = path
        self.db = db
        self.actor = actor
        self._depth = 0

    @classmethod
    def open(cls, path: Path | str, *, actor: str | None = None, as_it_is: bool = False) -> Self:
        """The ledger at `path`, which must be there; one that may not be written can be read.

        With `as_it_is` nothing of the ledger changes: it cannot be written, keeps the journal it has, and one of an older
        version, which is brought up to date otherwise, is refused.

        Raises:
            LedgerError: if it is missing, not a ledger, from a newer version, or cannot be read.
        """
        path = Path(path)
        with told_plainly(path):
            if not path.exists():
                raise MissingLedgerError(path)
            if not path.stat().st_size:
                raise NotALedgerError(path)
        return cls._connect(path, actor, as_it_is=as_it_is)

    @classmethod
    def create(cls, path: Path | str, *, actor: str | None = None) -> Self:
        """The ledger at `path`, made with its folders where there is none yet.

        Raises:
            LedgerError: if there is a file that is not a ledger or cannot be used, or none can be made.
        """
        path = Path(path)
        with told_plainly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        return cls._connect(path, actor)

    @classmethod
    def in_memory(cls) -> Self:
        """A ledger that is gone when it is closed."""
        return cls._connect(Path(":memory:"), None)

    @classmethod
    def _connect(cls, path: Path, actor: str | None, *, as_it_is: bool = False) -> Self:
        with told_plainly(path):
            refuse_what_is_not_ours(path)
            connection = connect(path)
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.create_function("plain", 1, plain, deterministic=True)
                db = Database(connection, execute_plugins=False)
                ledger = cls(path, db, actor or login_name())
                is_older = ledger._version() < schema.VERSION and bool(schema.MIGRATIONS.pending(db))
                if as_it_is:
                    if is_older:
                        raise OlderLedgerError(path)
                    connection.execute("PRAGMA query_only = ON")
                    return ledger
                if is_older:
                    ledger._migrate()
                ledger._keep_a_journal()
            except BaseException:
                connection.close()
                raise
        return ledger

    def _migrate(self) -> None:
        if not _may_write(self.path):
            raise ReadOnlyLedgerError(self.path)
        with self.transaction():
            # Looked up in here: another process may have done it while this one waited.
            if not (pending := schema.MIGRATIONS.pending(self.db)):
                return
            if version := self._version():
                self._set_aside(version)
            schema.MIGRATIONS.apply(self.db)
            self.db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            self.db.execute(f"PRAGMA user_version = {schema.VERSION}")
            # Only what was there before the log began: a document that somebody slipped in later has no event to show for it.
            if schema.events_and_what_they_keep.__name__ in {migration.name for migration in pending}:
                self._take_up_what_events_do_not_know()

    def _version(self) -> int:
        """How many migrations the file has had; 0 for one that is new."""
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        return int(version)

    def _set_aside(self, version: int) -> None:
        """Copy the file as it is before a newer version of the program changes its tables."""
        # By a connection of its own: SQLite does not copy from one that holds the right to write.
        target = backup_of_version(self.path, version)
        with closing(connect(self.path)) as before, closing(sqlite3.connect(target)) as copy:
            before.backup(copy)

    def _take_up_what_events_do_not_know(self) -> None:
        """Write the documents of a ledger without an audit log down in it."""
        unknown = "SELECT id FROM documents WHERE id NOT IN (SELECT id FROM document_states) ORDER BY id"
        for (document_id,) in self.db.execute(unknown).fetchall():
            with self.change("take_up", f"document:{document_id}") as change:
                self._enter(change, document_id)
                tasks = self._enter_tasks(change, document_id)
            derived.refresh(self, tasks)
        self.db.execute("DROP TABLE IF EXISTS tasks_before_events")

    def _keep_a_journal(self) -> None:
        # WAL: those who read do not wait for those who write. It cannot be set on a file that is only read.
        if _may_write(self.path):
            self.db.execute("PRAGMA journal_mode = WAL")
            # What was said to be written outlives a power cut; with a WAL some builds of SQLite are content with less.
            self.db.execute("PRAGMA synchronous = FULL")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written as a whole or not at all.

        Transactions inside one another are written with the outermost; an inner one that fails leaves nothing behind,
        also where those around it go on.
        """
        with told_plainly(self.path):
            # IMMEDIATE: what is looked up before a change and the change itself must see the same file.
            begin, end, *undo = NESTED if self._depth else OUTERMOST
            self.db.execute(begin)
            self._depth += 1
            try:
                self._refuse_triggers()
                self.db.execute("PRAGMA defer_foreign_keys = ON")
                yield
                self.db.execute(end)
            except BaseException:
                # SQLite has ended it by itself where the disk is full or fails.
                if self.db.conn.in_transaction:
                    for step in undo:
                        self.db.execute(step)
                raise
            finally:
                self._depth -= 1

    def _refuse_triggers(self) -> None:
        """Write nothing where what is written would not be what stands there afterwards; a ledger has no triggers."""
        if self._depth == 1 and self.db.execute(TRIGGERS).fetchone():
            raise TriggerError(self.path)

    @property
    def writable(self) -> bool:
        """Whether it can be changed: a file of another's, or on a disk that is only read, can still be looked at."""
        return _may_write(self.path)

    @contextmanager
    def change(self, action: str, subject: str, *, reason: str = "") -> Iterator[Change]:
        """One change of kept rows, which becomes one event of the log; no event where all rows end as they began.

        Args:
            action: what is done, as a word of the log ("ingest", "report").
            subject: what it is done to, a kind and a number ("task:12").
            reason: why, in the words of who does it.
        """
        with self.transaction():
            change = Change(self.db)
            yield change
            if change:
                append(self.db, change, actor=self.actor, action=action, subject=subject, reason=reason)

    def add(self, document: Document, *, separate: bool = False) -> Added | Revised | Outdated | AlreadyThere:
        """Take `document` in, whole or not at all; the same bytes a second time change nothing.

        A new version of a circular that is there supersedes it and goes on with its tasks (see `revisions`), unless it is to
        be kept `separate`.
        """
        with self.transaction():
            known = self._entries("sha256 = ?", [document.source.sha256])
            if known:
                return AlreadyThere(known[0])
            entry = self.entry(self._write(document))
            other = None if separate else revisions.other_version(self, entry)
            if other and revisions.is_older(entry, other):
                with self.change("ingest", f"document:{entry.id}") as change:
                    before = revisions.put_behind(change, self, entry, other)
                    self._enter(change, entry.id, standing="superseded", supersedes=before)
                return Outdated(self.entry(entry.id), other)
            if other:
                with self.change("revise", f"document:{entry.id}") as change:
                    change.put("document_states", other.id, standing="superseded")
                    self._enter(change, entry.id, supersedes=other.id)
                    revised = revisions.carry_over(self, change, other, entry)
                return replace(revised, entry=self.entry(entry.id), earlier=self.entry(other.id))
            with self.change("ingest", f"document:{entry.id}") as change:
                self._enter(change, entry.id)
                tasks = self._enter_tasks(change, entry.id)
            derived.refresh(self, tasks)
            return Added(self.entry(entry.id))

    def _write(self, document: Document) -> int:
        """The rows of a document that was read; its number."""
        documents = self.db.table("documents")
        document_id = _key(documents.insert(records.document_record(document, datetime.now(UTC))).last_pk)
        (first_item,) = self.db.execute("SELECT coalesce(max(id), 0) + 1 FROM items").fetchone()
        for table, rows in {
            **records.records_about(document, document_id),
            **records.records_of_items(document, document_id, first_item),
        }.items():
            self.db.table(table).insert_all(rows)
        return document_id

    def _enter(
        self, change: Change, document_id: int, *, standing: str = "current", supersedes: int | None = None
    ) -> None:
        """What the ledger keeps of a document that was read: its seals, how it stands, the names of its units."""
        entry = self._entries("id = ?", [document_id])[0]
        place = place_of(entry.issuer, entry.title)
        change.put(
            "document_states",
            document_id,
            standing=standing,
            supersedes=supersedes,
            place=place,
            seals=canonical(seals_of(self.db, document_id)),
        )
        for name in task_queries.names_in(self.db, document_id):
            name_of(change, self.db, name, place)
        derived.refresh_document(self, document_id)

    def _enter_tasks(self, change: Change, document_id: int) -> list[int]:
        """The tasks of a document that was read; their numbers."""
        read = "SELECT id FROM items WHERE document = ? AND kind = 'task' ORDER BY id"
        known = self._numbers_before_events(document_id)
        return [
            change.put(
                "tasks",
                known.get(item),
                document=document_id,
                item=item,
                origin="read",
                standing="current",
                successor=None,
                span_start=None,
                span_end=None,
            )
            for (item,) in self.db.execute(read, [document_id]).fetchall()
        ]

    def _numbers_before_events(self, document_id: int) -> dict[int, int]:
        if not self.db.table("tasks_before_events").exists():
            return {}
        known = (
            "SELECT item, t.id FROM tasks_before_events t JOIN items ON items.id = item WHERE document = ?"
        )
        return dict(self.db.execute(known, [document_id]).fetchall())

    def documents(self) -> list[DocumentEntry]:
        """The documents in the order in which they were added."""
        with told_plainly(self.path):
            return self._entries("1", [])

    def entry(self, document_id: int) -> DocumentEntry:
        """The document's entry in that list.

        Raises:
            NoSuchDocumentError: if there is none.
        """
        with told_plainly(self.path):
            found = self._entries("id = ?", [document_id])
        if not found:
            raise NoSuchDocumentError(self.path, str(document_id))
        return found[0]

    def documents_named(self, wanted: str) -> list[DocumentEntry]:
        """The documents with that number, or else with `wanted` in their name, title or 发文字号."""
        with told_plainly(self.path):
            named = self._document_ids(wanted)
            return self._entries(f"documents.id IN ({', '.join('?' * len(named))})", named)

    def document(self, document_id: int, *, original: bool = False) -> Document:
        """The document as it was read; its source has the bytes of the file only where the `original` is asked for.

        Raises:
            NoSuchDocumentError: if there is no such document.
        """
        columns = OF_DOCUMENT + ("data" if original else "x'' AS data")
        with told_plainly(self.path):
            rows = list(self.db.query(f"SELECT {columns} FROM documents WHERE id = ?", [document_id]))
            if not rows:
                raise NoSuchDocumentError(self.path, str(document_id))
            about = {
                table: list(self.db.table(table).rows_where("document = ?", [document_id], order_by="id"))
                for table in ABOUT_TABLES
            }
            items = list(self.db.table("items").rows_where("document = ?", [document_id], order_by="id"))
            values = task_queries.values_of_items(
                self.db, "SELECT id FROM items WHERE document = ?", [document_id]
            )
        return records.document_of(
            rows[0], about, (records.item_of(row, records.fields_of(row["id"], values)) for row in items)
        )

    def task_numbers(self, document_id: int) -> dict[str, int]:
        """The numbers of a document's tasks by the id of their items in its outline."""
        with told_plainly(self.path):
            found = self.db.execute(
                "SELECT outline_id, tasks.id FROM tasks JOIN items ON items.id = item "
                "WHERE items.document = ? AND origin = 'read'",
                [document_id],
            ).fetchall()
        return dict(found)

    def task(self, task_id: int) -> Task:
        """The task with that number, also one that is no longer a row.

        Raises:
            NoSuchTaskError: if there is none.
        """
        with told_plainly(self.path):
            found = self.numbered([task_id])
        if not found:
            raise NoSuchTaskError(self.path, task_id)
        return found[0]

    def tasks(self, **filters: Unpack[TaskFilters]) -> list[Task]:
        """The current tasks that meet all `filters`, by number unless they say otherwise."""
        with told_plainly(self.path):
            return self.numbered(self.task_ids(**filters))

    def numbered(self, task_ids: Sequence[int]) -> list[Task]:
        """The tasks with those numbers, in that order, current or not."""
        with told_plainly(self.path):
            return task_queries.load(self.db, task_ids, self._entries)

    def task_ids(self, **filters: Unpack[TaskFilters]) -> list[int]:
        """The numbers of the tasks that `tasks` gives."""
        with told_plainly(self.path):
            query, values = task_queries.query(filters, self._document_ids)
            return [task for (task,) in self.db.execute(query, values).fetchall()]

    def count_tasks(self, **filters: Unpack[TaskFilters]) -> int:
        """How many tasks meet `filters`, whatever their `limit`."""
        with told_plainly(self.path):
            query, values = task_queries.query(filters, self._document_ids, counted=True)
            (count,) = self.db.execute(query, values).fetchone()
        return int(count)

    def _document_ids(self, wanted: str) -> list[int]:
        number = int(wanted) if wanted.isdecimal() and len(wanted) < LONGEST_NUMBER else 0
        if self.db.execute("SELECT 1 FROM documents WHERE id = ?", [number]).fetchone():
            return [number]
        named = self.db.execute(DOCUMENTS_NAMED, [plain(wanted)] * DOCUMENTS_NAMED.count("?")).fetchall()
        return [document for (document,) in named]

    def _entries(self, where: str, values: Sequence[object]) -> list[DocumentEntry]:
        rows = task_queries.rows_of(
            self.db, f"SELECT {ENTRY} FROM documents WHERE {where} ORDER BY id", values
        )
        ids = [row["id"] for row in rows]
        marks = ", ".join("?" * len(ids))
        parts = records.grouped(
            task_queries.rows_of(
                self.db, f"SELECT * FROM parts WHERE document IN ({marks}) ORDER BY span_start, id", ids
            ),
            "document",
        )
        return [records.entry_of(row, parts[row["id"]]) for row in rows]


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the file, which is only read where it may not be written."""
    if _may_write(path):
        # autocommit: transactions begin and end where this module says so. Any thread: a server opens a ledger in one thread
        # of its pool and uses it in others, one after the other.
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    if not _has_journal(path):
        return _read_only(path, "mode=ro&immutable=1")
    connection = _read_only(path, "mode=ro")
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        if error.sqlite_errorcode & PRIMARY_CODE not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        if _wal(path).exists() and _wal(path).stat().st_size:
            raise UnseenChangesError(path) from error
        return _read_only(path, "mode=ro&immutable=1")
    return connection


def _read_only(path: Path, how: str) -> sqlite3.Connection:
    """A connection that changes nothing.

    With `immutable` SQLite takes no locks, makes no files beside the ledger, and does not look at those that are there: what
    the -wal of a ledger in use has is not seen.
    """
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _has_journal(path: Path) -> bool:
    """Whether somebody has the file open, or left it so that its latest changes stand beside it.

    One that keeps no WAL, as a backup, is read like any other file. Where a WAL is kept but there is none, whoever merely reads
    would have to make it, and leave it behind as a file of theirs that others may not be able to write.
    """
    return _header(path)[READ_VERSION] != WAL or _wal(path).exists()


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _may_write(path: Path) -> bool:
    return not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def backup_of_version(path: Path, version: int) -> Path:
    """Where a ledger of an older version is copied to before it is brought up to date."""
    return path.with_name(f"{path.stem}.升级前-v{version}{path.suffix}")


def login_name() -> str:
    """The name under which the person is logged in on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in the system's own list, as in some containers
        return "unknown"


def is_ledger(path: Path) -> bool:
    """Whether the file says of itself that it is one; only its first bytes are looked at."""
    return _is_ours(_header(path))


def refuse_what_is_not_ours(path: Path) -> None:
    """Look at the first bytes only: a file that is not ours must not even be opened as a database."""
    header = _header(path) if path.exists() else b""
    if header and not _is_ours(header):
        raise NotALedgerError(path)
    if int.from_bytes(header[USER_VERSION]) > schema.VERSION:
        raise NewerLedgerError(path)


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER)


def _is_ours(header: bytes) -> bool:
    return header.startswith(MAGIC) and int.from_bytes(header[APPLICATION_ID]) == schema.APPLICATION_ID


def _key(value: object) -> int:
    assert isinstance(value, int)
    return value
