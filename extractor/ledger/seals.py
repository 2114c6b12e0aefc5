"""Digests of what was read out of a document, by which it is seen later that not a character of it was altered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from extractor.ledger.events import digest

FILE, TEXT, ABOUT = "file", "text", "documents"
"""The seals of the original bytes, of the text as printed, and of what is known of the document itself."""

ABOUT_TABLES = ("document_evidence", "parts", "citations", "left_out", "warnings", "places")
"""The tables that hang on the document itself: each has a seal under its own name."""
VALUE_TABLES = ("measures", "units", "deadlines", "frequencies")
HELD_APART = frozenset({"data", "text"})


def seals_of(db: Database, document_id: int) -> dict[str, str]:
    """The digests of a document as it stands in the ledger: file, text, its own data, what hangs on it, each item with its values.

    Items go by their id in the outline ("2.1"). All columns count, the numbers of the rows among them, so that neither a
    value nor what it belongs to can change unseen.
    """
    (document,) = _rows(db, "SELECT * FROM documents WHERE id = ?", document_id)
    data = document["data"]
    return {
        FILE: hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else "",
        TEXT: digest(document["text"]),
        ABOUT: digest({name: value for name, value in document.items() if name not in HELD_APART}),
        **{table: digest(_about(db, table, document_id)) for table in ABOUT_TABLES},
        **dict(_seals_of_items(db, document_id)),
    }


def _about(db: Database, table: str, document_id: int) -> list[dict[str, object]]:
    return list(_rows(db, f"SELECT * FROM {table} WHERE document = ? ORDER BY id", document_id))


def _seals_of_items(db: Database, document_id: int) -> Iterator[tuple[str, str]]:
    values: dict[int, list[object]] = {}
    for table in VALUE_TABLES:
        of_items = f"SELECT {table}.* FROM {table} JOIN items ON items.id = item WHERE document = ? ORDER BY {table}.rowid"
        for row in _rows(db, of_items, document_id):
            values.setdefault(row["item"], []).append([table, row])
    for row in _rows(db, "SELECT * FROM items WHERE document = ? ORDER BY id", document_id):
        yield row["outline_id"], digest([row, values.get(row["id"], [])])


def _rows(db: Database, query: str, document_id: int) -> Iterator[dict[str, Any]]:
    """The rows by column; ten queries a document are too many for the care that `Database.query` takes of each."""
    cursor = db.conn.execute(query, [document_id])
    columns = [column for column, *_ in cursor.description]
    for row in cursor:
        yield dict(zip(columns, row, strict=True))
