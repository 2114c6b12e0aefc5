"""The tables of a ledger, as small named migrations that a file remembers having had.

A span is kept as `span_start`, `span_end` (half-open, in code points of `documents.text`) with its `quote`:
in any other SQLite tool a value can be checked by
`substr(text, span_start + 1, span_end - span_start)`.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x54415A48
"""Marks a SQLite file as a ledger: "TAZH"."""

MIGRATIONS = Migrations("taizhang")
VERSION = 5
"""How many migrations there are: the file's `user_version`, by which an older program knows a newer file."""

VALUE_COLUMNS = {
    "units": "role TEXT NOT NULL CHECK (role IN ('lead', 'responsible', 'cooperating'))",
    "deadlines": '"due" TEXT, "event" TEXT, "offset" TEXT, event_start INTEGER, event_end INTEGER',
    "frequencies": "period TEXT, times INTEGER, bound TEXT, vague TEXT",
}


@MIGRATIONS()
def documents_and_their_outline(db: Database) -> None:
    """Documents with their original bytes, parts, items; tasks with the number that people type."""
    db.executescript("""
        CREATE TABLE documents (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            media TEXT NOT NULL,
            encoding TEXT NOT NULL,
            title TEXT,
            issuer TEXT,
            doc_number TEXT,
            issued_on TEXT,
            kind TEXT NOT NULL,
            year INTEGER,
            added_at TEXT NOT NULL,
            text TEXT NOT NULL,
            data BLOB NOT NULL
        );
        CREATE TABLE document_evidence (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            field TEXT NOT NULL,
            quote TEXT NOT NULL,
            span_start INTEGER NOT NULL,
            span_end INTEGER NOT NULL
        );
        CREATE TABLE parts (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            title TEXT NOT NULL,
            span_start INTEGER NOT NULL,
            span_end INTEGER NOT NULL
        );
        CREATE TABLE items (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            outline_id TEXT NOT NULL,
            parent TEXT,
            part INTEGER NOT NULL,
            number TEXT,
            heading TEXT,
            kind TEXT NOT NULL CHECK (kind IN ('group', 'task', 'goal', 'context')),
            reason TEXT NOT NULL,
            place TEXT NOT NULL,
            quote TEXT NOT NULL,
            span_start INTEGER NOT NULL,
            span_end INTEGER NOT NULL,
            UNIQUE (document, outline_id),
            FOREIGN KEY (document, parent) REFERENCES items(document, outline_id)
                DEFERRABLE INITIALLY DEFERRED
        );
        CREATE TABLE tasks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            item INTEGER NOT NULL UNIQUE REFERENCES items(id) ON DELETE CASCADE
        );
    """)


@MIGRATIONS()
def values_of_items(db: Database) -> None:
    """Units, deadlines, frequencies, each of an item and where it has one of a measure of that item."""
    db.executescript("""
        CREATE TABLE measures (
            item INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            quote TEXT NOT NULL,
            span_start INTEGER NOT NULL,
            span_end INTEGER NOT NULL,
            PRIMARY KEY (item, number)
        );
    """)
    for table, columns in VALUE_COLUMNS.items():
        db.executescript(f"""
            CREATE TABLE {table} (
                id INTEGER PRIMARY KEY,
                item INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE,
                quote TEXT NOT NULL,
                {columns},
                inherited INTEGER NOT NULL CHECK (inherited IN (0, 1)),
                measure INTEGER,
                rule TEXT NOT NULL,
                span_start INTEGER NOT NULL,
                span_end INTEGER NOT NULL,
                FOREIGN KEY (item, measure) REFERENCES measures(item, number)
            );
            CREATE INDEX {table}_item ON {table}(item);
        """)
    db.executescript(
        "CREATE INDEX deadlines_due ON deadlines(due); CREATE INDEX units_quote ON units(quote);"
    )


@MIGRATIONS()
def what_was_left_out_and_warned_of(db: Database) -> None:
    """The rest of the text with reasons, and what a person should look at."""
    db.executescript("""
        CREATE TABLE left_out (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            reason TEXT NOT NULL,
            quote TEXT NOT NULL,
            span_start INTEGER NOT NULL,
            span_end INTEGER NOT NULL
        );
        CREATE TABLE warnings (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            code TEXT NOT NULL,
            detail TEXT NOT NULL,
            span_start INTEGER,
            span_end INTEGER
        );
        CREATE INDEX document_evidence_document ON document_evidence(document);
        CREATE INDEX parts_document ON parts(document);
        CREATE INDEX left_out_document ON left_out(document);
        CREATE INDEX warnings_document ON warnings(document);
    """)


@MIGRATIONS()
def evidence_in_one_view(db: Database) -> None:
    """Every value that was read, with the characters it rests on: what an auditor goes through."""
    of_items = "\nUNION ALL ".join(
        f"""SELECT document, outline_id, '{kind}', {value}, v.quote, v.span_start, v.span_end, v.rule
            FROM {table} v JOIN items ON items.id = v.item"""
        for kind, table, value in (
            ("unit", "units", "v.role"),
            ("deadline", "deadlines", """coalesce(v."due", v."event" || ' ' || v."offset", v."event")"""),
            ("frequency", "frequencies", "coalesce(v.period, v.vague)"),
        )
    )
    db.create_view(
        "evidence",
        f"""SELECT document, outline_id AS item, 'item' AS field, kind AS value,
            quote, span_start, span_end, reason AS rule FROM items
        UNION ALL SELECT document, NULL, field, NULL, quote, span_start, span_end, NULL FROM document_evidence
        UNION ALL {of_items}""",
    )


@MIGRATIONS()
def places_in_the_file(db: Database) -> None:
    """Where in a file that is no plain text each span stands: page and boxes, paragraph, cell, element."""
    db.executescript("""
        CREATE TABLE places (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            span_start INTEGER NOT NULL,
            span_end INTEGER NOT NULL,
            place TEXT NOT NULL,
            UNIQUE (document, span_start, span_end)
        );
    """)
