"""What there is to choose from where people choose tasks: the circulars and the units, by name alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.ledger.errors import told_plainly

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

DOCUMENTS = """SELECT id, coalesce(title, name), doc_number FROM documents
    WHERE id IN (SELECT document FROM tasks WHERE standing = 'current') ORDER BY id DESC LIMIT ?"""
UNITS = """SELECT DISTINCT name FROM organizations
    WHERE id IN (SELECT organization FROM task_units) ORDER BY collective, name LIMIT ?"""


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """A circular with tasks: its number, title (or file name) and 发文字号."""

    id: int
    title: str
    doc_number: str | None


def document_choices(ledger: Ledger, limit: int) -> list[DocumentChoice]:
    """The circulars that have tasks, those that came last first."""
    with told_plainly(ledger.path):
        return [DocumentChoice(*row) for row in ledger.db.execute(DOCUMENTS, [limit]).fetchall()]


def unit_choices(ledger: Ledger, limit: int) -> list[str]:
    """The names of units that have a part in tasks, single ones before collectives."""
    with told_plainly(ledger.path):
        return [name for (name,) in ledger.db.execute(UNITS, [limit]).fetchall()]


def unit_name(ledger: Ledger, number: int) -> str | None:
    """The name of the unit with that number; None where there is none."""
    with told_plainly(ledger.path):
        found = ledger.db.execute("SELECT name FROM organizations WHERE id = ?", [number]).fetchone()
    return found[0] if found else None
