"""Digests of what was read out of a document, by which it is seen later that not a character of it was altered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlite_utils import Database

from extractor.ledger.events import digest

FILE, TEXT, ABOUT = "file", "text", "about"
"""The seals of the original bytes, of the text as printed, and of what is known of the document itself."""

ABOUT_TABLES = ("document_evidence", "parts", "citations", "left_out", "warnings", "places")
VALUE_TABLES = ("measures", "units", "deadlines", "frequencies")
KEYS = frozenset({"id", "document", "item"})
HELD_APART = frozenset({"id", "data", "text"})


def seals_of(db: Database, document_id: int) -> dict[str, str]:
    """The digests of a document as it stands in the ledger: its file, its text, its own data, and each item with its values.

    Items go by their id in the outline ("2.1").
    """
    (document,) = db.query("SELECT * FROM documents WHERE id = ?", [document_id])
    own = {name: value for name, value in document.items() if name not in HELD_APART}
    about = [
        list(_rows(db, f"SELECT * FROM {table} WHERE document = ? ORDER BY id", document_id))
        for table in ABOUT_TABLES
    ]
    return {
        FILE: hashlib.sha256(document["data"]).hexdigest(),
        TEXT: digest(document["text"]),
        ABOUT: digest([own, about]),
        **dict(_seals_of_items(db, document_id)),
    }


def _seals_of_items(db: Database, document_id: int) -> Iterator[tuple[str, str]]:
    values: dict[int, list[object]] = {}
    for table in VALUE_TABLES:
        of_items = f"SELECT {table}.* FROM {table} JOIN items ON items.id = item WHERE document = ? ORDER BY {table}.rowid"
        for row in db.query(of_items, [document_id]):
            values.setdefault(row["item"], []).append([table, _without_keys(row)])
    for row in db.query("SELECT * FROM items WHERE document = ? ORDER BY id", [document_id]):
        yield row["outline_id"], digest([_without_keys(row), values.get(row["id"], [])])


def _rows(db: Database, query: str, document_id: int) -> Iterator[dict[str, object]]:
    return (_without_keys(row) for row in db.query(query, [document_id]))


def _without_keys(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in KEYS}
