"""Whoever changes as much as one byte of a ledger past the program is found out, and told where."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from extractor.cli import cli
from extractor.ledger import Ledger, schema
from extractor.ledger.audit import HeadError, Verification, verify
from extractor.ledger.corrections import correct
from extractor.model import Citation, Span
from tests.helpers.documents import document, item, sample
from tests.helpers.ledgers import full_ledger

UNSEEN = {
    ("_sqlite_migrations", "applied_at"),  # when a migration was made rests on nothing, and nothing rests on it
}
EMPTY: set[str] = set()
PARTS_OF_SEARCH = "search_"


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A ledger with rows in every table."""
    return full_ledger(tmp_path_factory.mktemp("whole") / "台账.db")


@pytest.fixture
def copy(whole, tmp_path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "台账.db"))


def verified(path: Path, **more: str) -> Verification:
    with Ledger.open(path) as ledger:
        return verify(ledger, **more)


def tampered(path: Path, *statements: str) -> Verification:
    """What `verify` says after somebody has run `statements` with plain sqlite3."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            db.execute(statement)
        db.commit()
    return verified(path)


def tables_of(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: [row[1] for row in db.execute(f'PRAGMA table_info("{name}")')] for name in names}


def made() -> dict[str, list[str]]:
    """The tables that a ledger has, with their columns, known before any ledger of the tests is there."""
    with Ledger.in_memory() as ledger:
        return {
            name: [column.name for column in ledger.db.table(name).columns]
            for name in ledger.db.table_names()
            if name not in EMPTY
        }


TABLES = made()
COLUMNS = [
    (table, column) for table, columns in TABLES.items() for column in columns if (table, column) not in UNSEEN
]


def test_a_ledger_that_was_only_used_holds(whole):
    found = verified(whole)
    assert found.holds
    assert found.counts["documents"] == 2
    assert found.counts["values"] > 8


def test_every_table_has_rows_to_tamper_with(whole):
    with closing(sqlite3.connect(whole)) as db:
        empty = {table for table in TABLES if not db.execute(f"SELECT 1 FROM {table}").fetchone()}
    assert empty == set()


ANOTHER = {
    "integer": "{0} + 1000",
    "text": "{0} || '甲'",
    "blob": "CAST(substr({0}, 1, length({0}) - 1) || x'ff' AS BLOB)",
    "null": "1",
}
"""A value that differs as little as can be."""


def one_row(db: sqlite3.Connection, table: str, which: str) -> str:
    """The condition that only the first or the last row of a table meets."""
    key = ", ".join(row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]) or "rowid"
    return f"({key}) = (SELECT {key} FROM {table} ORDER BY ({key.split(', ')[0]}) {which} LIMIT 1)"


@pytest.mark.parametrize("which", ["ASC", "DESC"])
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_changed_value_is_found_and_named(copy, table, column, which):
    with closing(sqlite3.connect(copy)) as db:
        where = one_row(db, table, which)
        (kind,) = db.execute(f'SELECT typeof("{column}") FROM {table} WHERE {where}').fetchone()
    value = ANOTHER[kind].format(f'"{column}"')
    found = tampered(copy, f'UPDATE {table} SET "{column}" = {value} WHERE {where}')
    assert not found.holds
    print(table, column, found.findings[0].check, found.findings[0].problem, found.findings[0].table, found.findings[0].column, found.total)


@pytest.mark.parametrize("table", TABLES)
def test_a_dropped_row_is_found_and_named(copy, table):
    with closing(sqlite3.connect(copy)) as db:
        where = one_row(db, table, "DESC")
    found = tampered(copy, f"DELETE FROM {table} WHERE {where}")
    assert not found.holds
    print(table, found.findings[0].check, found.findings[0].problem, found.findings[0].table, found.findings[0].column, found.total)
