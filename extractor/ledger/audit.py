"""Whether a ledger is whole: everything in it is worked out again and compared, from the file up to what is derived.

The order is that of what rests on what: the file and its tables, the log, the originals and what was read out of them
against the seals in the log, every value against the printed characters, what is kept against what the events add up to,
what is derived against the rest. Nothing is written, so that a copy that may only be read can be verified as well; open
the ledger with `as_it_is`, for else one of an older version is brought up to date before it is looked at.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, get_args

from sqlite_utils import Database

from extractor.ledger import actions, derived, records, schema
from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.events import GENESIS, Event, Row, event_of, row_of
from extractor.ledger.ledger import Ledger
from extractor.ledger.records import BY_HAND, Record
from extractor.ledger.seals import ABOUT, ABOUT_TABLES, FILE, TEXT, VALUE_TABLES, seals_of
from extractor.model import Place

Check = Literal["file", "tables", "events", "originals", "quotes", "state", "derived"]
CHECKS: tuple[Check, ...] = get_args(Check)

Problem = Literal[
    "damaged",  # SQLite itself finds the file broken: `found` says how
    "dangling",  # a row belongs to a row of the table `expected` that is not there
    "altered",  # the row's column holds `found` instead of `expected`; a seal or a hash does not fit
    "missing",  # the row ought to be there
    "unknown",  # the row ought not to be there
    "unreadable",  # the row cannot be read as what it should be
    "out_of_order",  # an event does not follow the one before it
    "other_history",  # an event tells of rows that were not so
    "overreaching",  # an event did to the row `found` what its action never does
    "not_printed",  # the text has `expected` where the row says `found`
]

KEPT_FINDINGS = 20
"""How many findings are told; all are counted."""

HEAD = re.compile(r"(?:第?(\d+)号?\s*[:：\- ]\s*)?([0-9a-f]{16,64})", re.IGNORECASE)
"""An event by the beginning of its hash, with or without its number: 88:3fa94c0e12ab34cd.

Fewer digits would prove nothing: an event whose hash begins with 8 of one's choice is found by trying.
"""

QUOTED_OF_DOCUMENT = ("document_evidence", "left_out", "citations")
VALUES = ("units", "deadlines", "frequencies")
NOT_OURS = ("sqlite_stat",)
"""What SQLite itself adds where somebody asks it to gather statistics."""
OF_SEARCH = "name LIKE 'search!_%' ESCAPE '!'"
OF_TABLE = re.compile(r"(?:constraint failed in|NULL value in) (\w+)")
"""What SQLite says of a row that breaks a rule of its table."""
MIGRATED = "SELECT id, migration_set, name FROM _sqlite_migrations ORDER BY id"
OWN_SPANS = """SELECT id, span_start, span_end FROM tasks
    WHERE document = ? AND (span_start IS NOT NULL OR span_end IS NOT NULL OR item IS NULL)"""


class HeadError(LedgerError):
    """What was given as a noted event is none; `str()` is one line in Chinese."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: where, and what was expected and found.

    `row` is the number of the row, or what else names it there (the name of a table, the id of an item in its outline);
    `document` and `place` are those that it concerns, where it concerns such.
    """

    check: Check
    problem: Problem
    table: str
    row: int | str | None = None
    column: str | None = None
    expected: object = None
    found: object = None
    document: int | None = None
    name: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """An event as one notes it down: whoever finds it again later knows that all before it is as it was."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result: what was counted, the last event, the first findings in order, and how many there are.

    `unchecked` are the checks that were not made because what they rest on does not hold.
    """

    at: datetime
    counts: Mapping[str, int]
    head: Head | None
    findings: tuple[Finding, ...]
    total: int
    unchecked: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether everything was checked and holds."""
        return not self.total and not self.unchecked


def verify(ledger: Ledger, *, head: str | None = None) -> Verification:
    """Work everything out again and compare.

    Args:
        ledger: which is looked at as it is at one moment, while others may go on writing.
        head: an event that was noted earlier ("88:3fa94c0e12ab34cd", or the beginning of its hash), to be found again.

    Raises:
        HeadError: if `head` cannot be one.
    """
    noted = _noted(head) if head is not None else None
    with told_plainly(ledger.path), _one_moment(ledger):
        history = _History()
        checks: dict[Check, Callable[[], Iterator[Finding]]] = {
            "file": lambda: _file(ledger.db),
            "tables": lambda: _tables(ledger.db),
            "events": lambda: _events(ledger.db, history, noted),
            "originals": lambda: _originals(ledger.db, history),
            "quotes": lambda: _quotes(ledger.db),
            "state": lambda: _state(ledger.db, history),
            "derived": lambda: _derived(ledger),
        }
        findings: list[Finding] = []
        total = 0
        unchecked: list[Check] = []
        for check, run in checks.items():
            # What is derived rests on all the rest: where that does not hold, it cannot be worked out again.
            if check == "derived" and total:
                unchecked.append(check)
                continue
            for finding in _without_stumbling(check, run()):
                total += 1
                if len(findings) < KEPT_FINDINGS:
                    findings.append(finding)
        return Verification(
            datetime.now(UTC), _counts(ledger.db), history.head, tuple(findings), total, tuple(unchecked)
        )


@contextmanager
def _one_moment(ledger: Ledger) -> Iterator[None]:
    """Everything that is read inside is read as of one moment; text that is no text comes as what its bytes are."""
    connection = ledger.db.conn
    strict = connection.text_factory
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.text_factory = strict


def _without_stumbling(check: Check, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings; what keeps from reading on, whatever somebody wrote there, is one as well."""
    try:
        yield from findings
    except Exception as error:
        yield Finding(check, "damaged", "", found=str(error))


def _counts(db: Database) -> dict[str, int]:
    tables = {"documents": "documents", "tasks": "tasks", "events": "events", "attachments": "attachments"}
    values = " + ".join(f"(SELECT count(*) FROM {table})" for table in VALUES)
    queries = {name: f"(SELECT count(*) FROM {table})" for name, table in tables.items()} | {"values": values}
    counts = {}
    for name, query in queries.items():
        try:
            (counts[name],) = db.execute(f"SELECT {query}").fetchone()
        except sqlite3.DatabaseError:
            counts[name] = 0
    return counts


# ---------------------------------------- the file and its tables


def _file(db: Database) -> Iterator[Finding]:
    """SQLite's own check of the file, and the references between rows."""
    for (problem,) in db.execute("PRAGMA integrity_check"):
        if problem != "ok":
            named = OF_TABLE.search(problem)
            yield Finding("file", "damaged", named.group(1) if named else "", found=problem)
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Finding("file", "dangling", table, row, expected=parent)
    yield from _search_index(db)


def _search_index(db: Database) -> Iterator[Finding]:
    """Whether the index finds each word where it stands: tried in a copy, for SQLite looks only where it may write."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        copy.execute(_ours().search)
        try:
            for (table,) in copy.execute(f"SELECT name FROM sqlite_master WHERE {OF_SEARCH}").fetchall():
                ours, found = copy.execute(f"SELECT * FROM {table}"), db.execute(f"SELECT * FROM {table}")
                if table == "search_config":
                    yield from _config(ours.fetchall(), found.fetchall())
                    continue
                copy.execute(f"DELETE FROM {table}")
                marks = ", ".join("?" * len(ours.description))
                copy.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
            copy.execute("INSERT INTO search (search) VALUES ('integrity-check')")
            copy.execute("CREATE VIRTUAL TABLE words USING fts5vocab (search, row)")
            for word, tasks in copy.execute("SELECT term, doc FROM words").fetchall():
                if copy.execute(
                    "SELECT count(*) FROM search WHERE search MATCH ?", [f'"{word}"']
                ).fetchone() != (tasks,):
                    yield Finding("file", "damaged", "search", word)
        except (sqlite3.Error, UnicodeError) as error:
            yield Finding("file", "damaged", "search", found=str(error))


def _config(ours: list[tuple[Any, ...]], found: list[tuple[Any, ...]]) -> Iterator[Finding]:
    if ours != found:
        yield Finding("file", "altered", "search", "search_config", expected=ours, found=found)


def _tables(db: Database) -> Iterator[Finding]:
    """The tables, indexes and views are those that the program makes, and the file has the version it says."""
    ours, found = _ours().made, _made(db)
    for kind, name in sorted(ours.keys() | found.keys()):
        if (kind, name) not in found:
            yield Finding("tables", "missing", "sqlite_master", name)
        elif (kind, name) not in ours:
            yield Finding("tables", "unknown", "sqlite_master", name)
        elif ours[kind, name] != found[kind, name]:
            yield Finding("tables", "altered", "sqlite_master", name)
    for name, expected in _ours().settings.items():
        (value,) = db.execute(f"PRAGMA {name}").fetchone()
        if value != expected:
            yield Finding("tables", "altered", "sqlite_master", name, expected=expected, found=value)
    migrations = db.execute(MIGRATED).fetchall()
    if migrations != _ours().migrations:
        yield Finding(
            "tables", "altered", "_sqlite_migrations", expected=_ours().migrations, found=migrations
        )


Made = dict[tuple[str, str], list[tuple[str, str | None]]]
"""What there is in a file by type and name: its table and the statement that made it, once each in a file of ours."""


@dataclass(frozen=True, slots=True)
class _Ours:
    """How the program makes a ledger: what is in it, its settings, its migrations, the statement that makes the index."""

    made: Made
    settings: dict[str, int]
    migrations: list[tuple[int, str, str]]
    search: str


@cache
def _ours() -> _Ours:
    with Ledger.in_memory() as fresh:
        settings = {
            name: fresh.db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("user_version", "application_id")
        }
        made = _made(fresh.db)
        [(_, search)] = made["table", "search"]
        return _Ours(made, settings, fresh.db.execute(MIGRATED).fetchall(), search or "")


def _made(db: Database) -> Made:
    """Everything that was made in the file.

    By type and name: SQLite lets a trigger bear the name of a table or an index.
    """
    made: Made = {}
    for kind, name, *how in db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"):
        if not (kind == "table" and name.startswith(NOT_OURS)):
            made.setdefault((kind, name), []).append(tuple(how))
    return made


# ---------------------------------------- the log


@dataclass(slots=True)
class _History:
    """What the events add up to: the kept rows, the highest numbers ever given, the files ever enclosed, the last event.

    `states` are the first rows of `document_states`, as the events that took the documents in tell them.
    """

    rows: dict[str, dict[int, Row]] = field(default_factory=lambda: {table: {} for table in schema.KEPT})
    highest: dict[str, int] = field(default_factory=dict)
    enclosed: set[str] = field(default_factory=set)
    states: dict[int, Row] = field(default_factory=dict)
    head: Head | None = None

    def seals(self, document: int) -> dict[str, str] | None:
        """The seals of a document as the event that took it in tells them, whatever later events say."""
        state = self.states.get(document)
        try:
            found: dict[str, str] | None = json.loads(state["seals"]) if state else None
        except (TypeError, ValueError):
            return None
        return found

    def follow(self, event: Event) -> Iterator[Finding]:
        """Let the event's changes happen, which must be such as its action makes; what it says was there must have been."""
        self.head = Head(event.sequence, event.hash)
        if _ids(event.before) != _ids(event.after):
            yield Finding("events", "other_history", "events", event.sequence)
        for table, rows in event.before.items():
            for row, before in rows.items():
                if self.rows[table].get(int(row)) != before:
                    yield Finding("events", "other_history", "events", event.sequence, found=f"{table} {row}")
        for table, row in actions.overreaching(event):
            yield Finding("events", "overreaching", "events", event.sequence, found=f"{table} {row}")
        for table, rows in event.after.items():
            for row, after in rows.items():
                if after is None:
                    self.rows[table].pop(int(row), None)
                else:
                    self.rows[table][int(row)] = after
                    self.highest[table] = max(self.highest.get(table, 0), int(row))
        for row, state in event.after.get("document_states", {}).items():
            if state is not None:
                self.states.setdefault(int(row), state)
        for attachment in filter(None, event.after.get("attachments", {}).values()):
            self.enclosed.add(attachment.get("sha256", ""))


def _ids(rows: Mapping[str, Mapping[str, object]]) -> set[tuple[str, str]]:
    return {(table, row) for table, some in rows.items() for row in some}


def _events(db: Database, history: _History, noted: Head | None) -> Iterator[Finding]:
    """The chain is whole, each event is as it was written, and each begins where the one before ended."""
    expected, previous = 1, GENESIS
    seen = noted is None
    for row in db.query("SELECT * FROM events ORDER BY sequence"):
        sequence = row["sequence"]
        if sequence != expected:
            yield Finding("events", "missing", "events", expected, found=sequence)
        event = _read(row)
        if event is None:
            yield Finding("events", "unreadable", "events", sequence)
        else:
            yield from _differences("events", "events", sequence, row_of(event), row)
            if event.digest() != event.hash:
                yield Finding("events", "altered", "events", sequence, "hash", event.digest(), event.hash)
            if event.previous != previous:
                yield Finding(
                    "events", "out_of_order", "events", sequence, "previous", previous, event.previous
                )
            yield from history.follow(event)
        seen = seen or _is_noted(row, noted)
        expected, previous = sequence + 1, row["hash"]
    if noted is not None and not seen:
        yield Finding("events", "missing", "events", noted.sequence or None, "hash", expected=noted.hash)


def _read(row: Record) -> Event | None:
    """The event that the row holds, if it is one."""
    try:
        event = event_of(row)
        for rows in (event.before, event.after):
            for table, some in rows.items():
                if table not in schema.KEPT or not all(key.isdecimal() for key in some):
                    return None
    except (TypeError, ValueError, AttributeError):
        return None
    return event


def _noted(head: str) -> Head:
    match = HEAD.fullmatch(head.strip())
    if not match:
        raise HeadError(f"“{head}”不是链头：请照 taizhang verify 显示的写全，如 88:3fa94c0e12ab34cd。")
    return Head(int(match.group(1) or 0), match.group(2).lower())


def _is_noted(row: Record, noted: Head | None) -> bool:
    return (
        noted is not None
        and str(row["hash"]).startswith(noted.hash)
        and noted.sequence in (0, row["sequence"])
    )


# ---------------------------------------- originals and what was read out of them


def _originals(db: Database, history: _History) -> Iterator[Finding]:
    """Original bytes, texts, outlines and values against the seals in the log; enclosed files against their hashes."""
    for document, name, sha256 in db.execute("SELECT id, name, sha256 FROM documents ORDER BY id").fetchall():
        sealed = history.seals(document)
        if sealed is None:
            yield Finding("originals", "unknown", "documents", document, document=document, name=name)
            continue
        found = seals_of(db, document)
        if found[FILE] != sha256:
            yield Finding(
                "originals", "altered", "documents", document, "data", sha256, found[FILE], document, name
            )
        yield from _broken_seals(db, document, name, sealed, found)
    yield from _enclosed(db, history)


def _broken_seals(
    db: Database, document: int, name: str, sealed: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[Finding]:
    columns = {FILE: "data", TEXT: "text"}
    for seal in dict.fromkeys([*found, *sealed]):
        if found.get(seal) == sealed.get(seal):
            continue
        if seal in columns or seal in (ABOUT, *ABOUT_TABLES):
            table = seal if seal in ABOUT_TABLES else "documents"
            yield Finding(
                "originals", "altered", table, None, columns.get(seal), document=document, name=name
            )
            continue
        problem: Problem = "unknown" if seal not in sealed else "missing" if seal not in found else "altered"
        place = _place_of_item(db, document, seal)
        yield Finding("originals", problem, "items", seal, document=document, name=name, place=place)


def _place_of_item(db: Database, document: int, item: str) -> Place | None:
    try:
        for row in db.query(
            "SELECT place FROM items WHERE document = ? AND outline_id = ?", [document, item]
        ):
            return records.place_of(row)
    except (TypeError, ValueError, AttributeError):  # it is the place, or the id, that was altered
        pass
    return None


def _enclosed(db: Database, history: _History) -> Iterator[Finding]:
    """The enclosed files: each has its hash, and is, or once was, that of a task."""
    present = set()
    for sha256, data in db.execute("SELECT sha256, data FROM blobs"):
        present.add(sha256)
        if not isinstance(data, bytes) or hashlib.sha256(data).hexdigest() != sha256:
            yield Finding("originals", "altered", "blobs", sha256, "data")
        elif sha256 not in history.enclosed:
            yield Finding("originals", "unknown", "blobs", sha256)
    for row, name, sha256, size in db.execute("SELECT id, name, sha256, size FROM attachments").fetchall():
        if sha256 not in present:
            yield Finding("originals", "missing", "blobs", sha256, found=name)
        else:
            (length,) = db.execute("SELECT length(data) FROM blobs WHERE sha256 = ?", [sha256]).fetchone()
            yield from _differences("originals", "attachments", row, {"size": length}, {"size": size})


# ---------------------------------------- values against the printed characters


def _quotes(db: Database) -> Iterator[Finding]:
    """Every value of every document, and every one that a person put in its place, stands in the text as it says."""
    for document, name in db.execute("SELECT id, name FROM documents ORDER BY id").fetchall():
        (text,) = db.execute("SELECT text FROM documents WHERE id = ?", [document]).fetchone()
        if not isinstance(text, str):
            yield Finding("quotes", "unreadable", "documents", document, "text", document=document, name=name)
            continue
        for table, row, item, quote, start, end in _quoted(db, document):
            printed = text[start:end] if isinstance(start, int) and isinstance(end, int) else None
            if printed != quote or not printed:
                place = _place_of_item(db, document, item) if item else None
                yield Finding(
                    "quotes", "not_printed", table, row, "quote", printed, quote, document, name, place
                )
        for row, start, end in db.execute(OWN_SPANS, [document]):
            if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
                yield Finding("quotes", "not_printed", "tasks", row, document=document, name=name)


def _quoted(db: Database, document: int) -> Iterator[tuple[str, int, str | None, object, object, object]]:
    """What a document's rows say is printed: table, row, item, the characters, from where to where."""
    for table in QUOTED_OF_DOCUMENT:
        query = f"SELECT id, NULL, quote, span_start, span_end FROM {table} WHERE document = ?"
        for row in db.execute(query, [document]):
            yield table, *row
    items = "SELECT id, outline_id, quote, span_start, span_end FROM items WHERE document = ?"
    for row in db.execute(items, [document]):
        yield "items", *row
    for table in VALUE_TABLES:
        query = f"""SELECT v.rowid, outline_id, v.quote, v.span_start, v.span_end
            FROM {table} AS v JOIN items ON items.id = v.item WHERE document = ?"""
        for row in db.execute(query, [document]):
            yield table, *row
    corrected = (
        "SELECT corrections.id, value FROM corrections JOIN tasks ON tasks.id = task WHERE document = ?"
    )
    for number, value in db.execute(corrected, [document]):
        for quote, start, end in _in_correction(value):
            yield "corrections", number, None, quote, start, end


def _in_correction(value: object) -> Iterator[tuple[object, object, object]]:
    """The values in a correction that rest on characters; one that a person gave by hand rests on the correction alone."""
    try:
        values = json.loads(str(value))
        for each in values if isinstance(values, list) else ():
            if each.get("rule") != BY_HAND:
                yield each["quote"], *each["span"]
    except (TypeError, ValueError, KeyError, AttributeError):
        yield value, None, None


# ---------------------------------------- what is kept, and what is derived


def _state(db: Database, history: _History) -> Iterator[Finding]:
    """Every kept table, row by row, against what the events add up to."""
    for table in schema.KEPT:
        expected = history.rows[table]
        for row in db.query(f"SELECT * FROM {table} ORDER BY id"):
            number = row.pop("id")
            told = expected.pop(number, None)
            if told is None:
                yield Finding("state", "unknown", table, number)
            else:
                yield from _differences("state", table, number, told, row)
        for number in sorted(expected):
            yield Finding("state", "missing", table, number)
    # Numbers that people type are never given twice, not even those of rows that are gone.
    given = dict(db.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    highest = {table: number for table, number in history.highest.items() if table in schema.NUMBERED}
    for table in sorted(given.keys() | highest.keys()):
        if given.get(table) != highest.get(table):
            yield Finding(
                "state", "altered", "sqlite_sequence", table, "seq", highest.get(table), given.get(table)
            )


def _differences(
    check: Check, table: str, number: int, expected: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Finding]:
    """The columns in which a row is not what it should be."""
    for column in dict.fromkeys([*expected, *found]):
        wanted, there = expected.get(column), found.get(column)
        if wanted != there or type(wanted) is not type(there):
            yield Finding(check, "altered", table, number, column, wanted, there)


def _derived(ledger: Ledger) -> Iterator[Finding]:
    """What is worked out of the rest, worked out again."""
    forms = ledger.db.execute("SELECT document, number, title FROM document_forms").fetchall()
    yield from _not_as_worked_out("document_forms", derived.forms_of_documents(ledger), forms)
    seen = dict.fromkeys(derived.COLUMNS, 0)
    for some in derived.portions(derived.all_tasks(ledger)):
        worked_out = derived.rows_of(ledger, some)
        for table, columns in derived.COLUMNS.items():
            marks = ", ".join("?" * len(some))
            query = f"SELECT {', '.join(columns)} FROM {table} WHERE {columns[0]} IN ({marks})"
            found = ledger.db.execute(query, list(some)).fetchall()
            seen[table] += len(found)
            yield from _not_as_worked_out(table, worked_out[table], found)
    for table, count in seen.items():
        (there,) = ledger.db.execute(f"SELECT count(*) FROM {table}").fetchone()
        if there != count:
            yield Finding("derived", "unknown", table, expected=count, found=there)


def _not_as_worked_out(
    table: str, worked_out: Iterable[tuple[Any, ...]], found: Iterable[tuple[Any, ...]]
) -> Iterator[Finding]:
    """What differs in the rows of a task or a document, whose number stands first in each row."""
    expected, there = Counter(worked_out), Counter(found)
    if expected == there:
        return
    for number in sorted({row[0] for row in (expected - there) + (there - expected)}):
        rows = [
            sorted((r[1:] for r in some.elements() if r[0] == number), key=repr) for some in (expected, there)
        ]
        yield Finding("derived", "altered", table, number, expected=rows[0], found=rows[1])
