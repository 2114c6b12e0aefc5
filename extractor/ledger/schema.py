"""The tables of a ledger, as small named migrations that a file remembers having had.

Tables are of three classes:

- **read**: what a document said when it was read in. Written once; `document_states.seals` holds digests of it.
- **kept** (`KEPT`): what people and the program decide afterwards, and which documents and tasks there are. Changed
  only through `events`, each of which holds the rows it changed, before and after.
- **derived** (`DERIVED`): worked out from the other two so that questions are answered fast; can be made anew at any time.

A span is kept as `span_start`, `span_end` (half-open, in code points of `documents.text`) with its `quote`:
in any other SQLite tool a value can be checked by
`substr(text, span_start + 1, span_end - span_start)`.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x54415A48
"""Marks a SQLite file as a ledger: "TAZH"."""

MIGRATIONS = Migrations("taizhang")
VERSION = 6
"""How many migrations there are: the file's `user_version`, by which an older program knows a newer file."""

KEPT = (
    "document_states",
    "tasks",
    "organizations",
    "names",
    "corrections",
    "reviews",
    "tracking",
    "ticks",
    "occasions",
    "attachments",
    "handouts",
    "returns",
    "people",
)
NUMBERED = ("tasks", "organizations", "attachments")
"""Those whose numbers people type and whose rows may go: SQLite remembers the highest (AUTOINCREMENT), so that none is given twice."""
DERIVED = ("document_forms", "task_units", "task_dates", "task_texts", "search")

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


@MIGRATIONS()
def events_and_what_they_keep(db: Database) -> None:
    """The audit log, and the tables that change only through it; tasks of before wait to be taken up by an event."""
    db.executescript("""
        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            reason TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            previous TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE
        );
        CREATE INDEX events_subject ON events(subject);

        CREATE TABLE citations (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
            title TEXT,
            doc_number TEXT,
            relation TEXT NOT NULL,
            quote TEXT NOT NULL,
            span_start INTEGER NOT NULL,
            span_end INTEGER NOT NULL
        );
        CREATE INDEX citations_document ON citations(document);
        CREATE INDEX items_document ON items(document, kind);
        ALTER TABLE frequencies ADD COLUMN recurs_on TEXT;

        CREATE TABLE document_states (
            id INTEGER PRIMARY KEY REFERENCES documents(id),
            standing TEXT NOT NULL CHECK (standing IN ('current', 'superseded')),
            supersedes INTEGER REFERENCES documents(id),
            place TEXT,
            seals TEXT NOT NULL
        );
        CREATE INDEX document_states_supersedes ON document_states(supersedes);

        ALTER TABLE tasks RENAME TO tasks_before_events;
        CREATE TABLE tasks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES documents(id),
            item INTEGER REFERENCES items(id),
            origin TEXT NOT NULL CHECK (origin IN ('read', 'taken_in', 'split')),
            standing TEXT NOT NULL CHECK (standing IN ('current', 'withdrawn', 'merged', 'split', 'dropped')),
            successor INTEGER REFERENCES tasks(id),
            span_start INTEGER,
            span_end INTEGER
        );
        CREATE INDEX tasks_document ON tasks(document, standing);
        CREATE INDEX tasks_item ON tasks(item);
        CREATE INDEX tasks_standing ON tasks(standing, id);

        CREATE TABLE organizations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            place TEXT,
            level TEXT,
            kind TEXT NOT NULL,
            collective INTEGER NOT NULL CHECK (collective IN (0, 1))
        );
        CREATE INDEX organizations_name ON organizations(name);
        CREATE TABLE names (
            id INTEGER PRIMARY KEY,
            place TEXT NOT NULL,
            name TEXT NOT NULL,
            identity TEXT NOT NULL,
            identity_place TEXT,
            organization INTEGER NOT NULL REFERENCES organizations(id),
            UNIQUE (place, name)
        );
        CREATE INDEX names_identity ON names(identity);
        CREATE INDEX names_organization ON names(organization);

        CREATE TABLE corrections (
            id INTEGER PRIMARY KEY,
            task INTEGER NOT NULL REFERENCES tasks(id),
            field TEXT NOT NULL
                CHECK (field IN ('heading', 'kind', 'units', 'deadlines', 'frequencies', 'measures')),
            value TEXT NOT NULL,
            basis TEXT NOT NULL,
            UNIQUE (task, field)
        );
        CREATE TABLE reviews (id INTEGER PRIMARY KEY REFERENCES tasks(id), seen TEXT NOT NULL);

        CREATE TABLE tracking (
            id INTEGER PRIMARY KEY REFERENCES tasks(id),
            status TEXT NOT NULL CHECK (status IN ('not_started', 'in_progress', 'done', 'suspended', 'cancelled')),
            percent INTEGER CHECK (percent BETWEEN 0 AND 100),
            progress TEXT NOT NULL,
            completed_on TEXT,
            remarks TEXT NOT NULL
        );
        CREATE INDEX tracking_status ON tracking(status);
        CREATE TABLE ticks (
            id INTEGER PRIMARY KEY,
            task INTEGER NOT NULL REFERENCES tasks(id),
            due TEXT NOT NULL,
            nth INTEGER NOT NULL,
            done_on TEXT NOT NULL,
            note TEXT NOT NULL,
            UNIQUE (task, due, nth)
        );
        CREATE TABLE occasions (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            happens_on TEXT NOT NULL,
            document INTEGER REFERENCES documents(id),
            task INTEGER REFERENCES tasks(id)
        );
        CREATE TABLE attachments (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            task INTEGER NOT NULL REFERENCES tasks(id),
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            size INTEGER NOT NULL
        );
        CREATE INDEX attachments_task ON attachments(task);
        CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE handouts (
            id INTEGER PRIMARY KEY,
            token TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            recipient TEXT,
            rows TEXT NOT NULL
        );
        CREATE TABLE returns (
            id INTEGER PRIMARY KEY,
            handout INTEGER NOT NULL REFERENCES handouts(id),
            task INTEGER NOT NULL REFERENCES tasks(id),
            returned_by TEXT NOT NULL,
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            reported TEXT NOT NULL,
            UNIQUE (handout, task)
        );
        CREATE TABLE people (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL CHECK (role IN ('staff', 'coordinator', 'auditor', 'admin')),
            active INTEGER NOT NULL CHECK (active IN (0, 1)),
            password_set_at TEXT,
            tokens INTEGER NOT NULL
        );

        CREATE TABLE document_forms (
            document INTEGER NOT NULL REFERENCES documents(id),
            number TEXT,
            title TEXT
        );
        CREATE INDEX document_forms_number ON document_forms(number);
        CREATE INDEX document_forms_title ON document_forms(title);
        CREATE TABLE task_units (
            task INTEGER NOT NULL REFERENCES tasks(id),
            organization INTEGER NOT NULL REFERENCES organizations(id),
            name INTEGER NOT NULL REFERENCES names(id),
            role TEXT NOT NULL
        );
        CREATE INDEX task_units_task ON task_units(task, role, organization);
        CREATE INDEX task_units_organization ON task_units(organization, role);
        CREATE TABLE task_dates (
            task INTEGER NOT NULL REFERENCES tasks(id),
            due TEXT NOT NULL,
            nth INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('deadline', 'occurrence')),
            words TEXT NOT NULL,
            done INTEGER NOT NULL CHECK (done IN (0, 1))
        );
        CREATE INDEX task_dates_task ON task_dates(task, done, due);
        CREATE INDEX task_dates_due ON task_dates(done, due, task);
        CREATE TABLE task_texts (task INTEGER PRIMARY KEY REFERENCES tasks(id), printed TEXT NOT NULL);
        CREATE VIRTUAL TABLE search USING fts5 (heading, body, units, tokenize='unicode61');
    """)
