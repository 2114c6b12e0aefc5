"""The audit log: every change is an event that holds the rows it changed, before and after, chained by hash.

An event's hash is the SHA-256 of its own content together with the hash of the event before it, as one canonical JSON
list (`Event.digest`). Whoever alters, drops or reorders an event breaks the chain there; whoever alters a kept row
without an event makes the state differ from what the events add up to. `verify` in `audit.py` checks both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from extractor.ledger import actions, schema

GENESIS = "0" * 64
"""What stands for the hash before the first event."""

Row = dict[str, Any]
"""The columns of a kept row, without its id."""
Rows = dict[str, dict[str, Row | None]]
"""Rows by table and id (as text, for JSON has no other keys); None where there is no such row."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit log; `subject` is a kind and a number, as "task:12"."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    before: Rows
    after: Rows
    previous: str
    hash: str

    def digest(self) -> str:
        """What `hash` must be."""
        return digest(
            [
                self.sequence,
                instant(self.at),
                self.actor,
                self.action,
                self.subject,
                self.reason,
                self.before,
                self.after,
                self.previous,
            ]
        )


def instant(at: datetime) -> str:
    """The moment in UTC as it is stored."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: object) -> str:
    """JSON in which equal values are equal to the letter: sorted keys, no white space.

    Bytes have a form as well: nothing of ours writes them where text belongs, but what others did must be told, not fail.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_bytes)


def _bytes(value: object) -> object:
    assert isinstance(value, bytes), value
    return {"bytes": value.hex()}


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def kept_row(db: Database, table: str, row_id: int) -> Row | None:
    """The row as it stands, without its id."""
    assert table in schema.KEPT, table
    for row in db.query(f"SELECT * FROM {table} WHERE id = ?", [row_id]):
        del row["id"]
        return row
    return None


class Change:
    """A change in the making: what is `put` and `dropped` here becomes one event."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.before: Rows = {}
        self.after: Rows = {}

    def put(self, table: str, row_id: int | None = None, **columns: Any) -> int:
        """Set `columns` of the row with that id, or insert it where there is none; returns its id.

        A row that is not there yet needs all its columns; without an id it gets the next one.
        """
        old = kept_row(self._db, table, row_id) if row_id is not None else None
        if old is None:
            names = ", ".join(f'"{name}"' for name in ("id", *columns))
            marks = ", ".join("?" * (len(columns) + 1))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            row_id = self._db.execute(statement, [row_id, *columns.values()]).lastrowid
            assert row_id is not None
        elif columns:
            names = ", ".join(f'"{name}" = ?' for name in columns)
            self._db.execute(f"UPDATE {table} SET {names} WHERE id = ?", [*columns.values(), row_id])
        assert row_id is not None
        self._note(table, row_id, old, kept_row(self._db, table, row_id))
        return row_id

    def drop(self, table: str, row_id: int) -> None:
        """Take a row out; what it was stays in the event."""
        old = kept_row(self._db, table, row_id)
        self._db.execute(f"DELETE FROM {table} WHERE id = ?", [row_id])
        self._note(table, row_id, old, None)

    def _note(self, table: str, row_id: int, old: Row | None, new: Row | None) -> None:
        key = str(row_id)
        first = self.before.setdefault(table, {}).setdefault(key, old)
        self.after.setdefault(table, {})[key] = new
        if first == new:
            del self.before[table][key], self.after[table][key]
            if not self.after[table]:
                del self.before[table], self.after[table]

    def __bool__(self) -> bool:
        return bool(self.after)


def append(db: Database, change: Change, *, actor: str, action: str, subject: str, reason: str) -> Event:
    """Write `change` down as the next event."""
    last = db.execute("SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
    sequence, previous = last or (0, GENESIS)
    now = datetime.now(UTC)
    event = Event(
        sequence + 1, now, actor, action, subject, reason, change.before, change.after, previous, hash=""
    )
    event = replace(event, hash=event.digest())
    assert not (beyond := list(actions.overreaching(event))), f"{action} does not touch {beyond}"
    db.table("events").insert(row_of(event))
    return event


def event_of(row: Mapping[str, Any]) -> Event:
    """The event that a row of `events` holds."""
    return Event(
        sequence=row["sequence"],
        at=datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        reason=row["reason"],
        before=json.loads(row["before"]),
        after=json.loads(row["after"]),
        previous=row["previous"],
        hash=row["hash"],
    )


def row_of(event: Event) -> Row:
    """The row of `events` that holds the event; what differs from it by as much as a blank was not written by us."""
    return {
        "sequence": event.sequence,
        "at": instant(event.at),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "reason": event.reason,
        "before": canonical(event.before),
        "after": canonical(event.after),
        "previous": event.previous,
        "hash": event.hash,
    }
