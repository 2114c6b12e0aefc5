"""Which documents of the ledger a circular refers to, by 发文字号 or by title, and which refer to it."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractor.ledger.errors import told_plainly
from extractor.ledger.records import DocumentEntry, citation_of
from extractor.ledger.titles import forms, plain_number
from extractor.model import Citation, Relation

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

WEIGHT: tuple[Relation, ...] = ("carries_out", "repeals", "based_on", "mentions")
"""What is said of one document in several places counts as the first of these."""
LATER = "SELECT supersedes, id FROM document_states WHERE supersedes IS NOT NULL"
CALLED = """SELECT DISTINCT documents.id, documents.issued_on FROM document_forms AS forms
    JOIN documents ON documents.id = forms.document WHERE"""
BY_OTHERS = """SELECT citations.*, documents.issued_on FROM citations JOIN documents ON documents.id = citations.document
    JOIN document_states AS state ON state.id = documents.id
    WHERE state.standing != 'superseded' ORDER BY documents.id, citations.id"""


@dataclass(frozen=True, slots=True)
class Cited:
    """A document that a circular refers to, where it says so, and which document of the ledger that is, if it is there."""

    citation: Citation
    document: DocumentEntry | None


@dataclass(frozen=True, slots=True)
class CitedBy:
    """A document of the ledger that refers to the one in question, and where it says so."""

    document: DocumentEntry
    citation: Citation


@dataclass(frozen=True, slots=True)
class References:
    """What a document refers to, and what refers to it, each document once."""

    cites: tuple[Cited, ...]
    cited_by: tuple[CitedBy, ...]


def references(ledger: Ledger, document_id: int) -> References:
    """The links of a document to others; those to any version of a circular are links to its current version.

    Raises:
        NoSuchDocumentError: if there is no such document.
    """
    with told_plainly(ledger.path):
        return References(cites(ledger, document_id), _cited_by(ledger, document_id))


def cites(ledger: Ledger, document_id: int) -> tuple[Cited, ...]:
    """What a document refers to, without what refers to it.

    Raises:
        NoSuchDocumentError: if there is no such document.
    """
    with told_plainly(ledger.path):
        known = _Known(ledger)
        source = ledger.entry(document_id)
        found: dict[object, tuple[Citation, int | None]] = {}
        for row in ledger.db.query("SELECT * FROM citations WHERE document = ? ORDER BY id", [document_id]):
            citation = citation_of(row)
            meant = known.meant_by(citation, source.id, source.issued_on)
            key = meant or citation.doc_number or citation.title
            found[key] = min(found.get(key, (citation, meant)), (citation, meant), key=_weight)
        return tuple(
            Cited(citation, ledger.entry(meant) if meant else None) for citation, meant in found.values()
        )


def _cited_by(ledger: Ledger, document_id: int) -> tuple[CitedBy, ...]:
    known = _Known(ledger)
    own = known.newest(document_id)
    called = known.ways_to_call(own)
    found: dict[int, tuple[Citation, int]] = {}
    for row in ledger.db.query(BY_OTHERS):
        source, issued_on = row["document"], row.pop("issued_on")
        if known.newest(source) == own or called.isdisjoint(_ways_of(row["doc_number"], row["title"])):
            continue
        citation = citation_of(row)
        if known.meant_by(citation, source, date.fromisoformat(issued_on) if issued_on else None) == own:
            found[source] = min(found.get(source, (citation, source)), (citation, source), key=_weight)
    return tuple(CitedBy(ledger.entry(source), citation) for citation, source in found.values())


def _weight(link: tuple[Citation, object]) -> int:
    return WEIGHT.index(link[0].relation)


def _ways_of(doc_number: str | None, title: str | None) -> set[str]:
    """The forms in which a citation names a document."""
    return ({plain_number(doc_number)} if doc_number else set()) | (forms(title) if title else set())


class _Known:
    """The documents of a ledger by number and by the ways to call them, looked up one by one."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._later: dict[int, int] = dict(ledger.db.execute(LATER).fetchall())

    def newest(self, document: int) -> int:
        """The current version of a document."""
        while document in self._later:
            document = self._later[document]
        return document

    def ways_to_call(self, newest: int) -> set[str]:
        """The numbers and names of all versions of a circular."""
        versions = [newest, *(older for older in self._later if self.newest(older) == newest)]
        query = f"SELECT number, title FROM document_forms WHERE document IN ({_marks(versions)})"
        rows = self._ledger.db.execute(query, versions).fetchall()
        return {form for row in rows for form in row if form}

    def meant_by(self, citation: Citation, source: int, issued_on: date | None) -> int | None:
        """The document that `source` refers to there, in its current version."""
        own = self.newest(source)
        found = [one for one in self._called(citation) if self.newest(one[0]) != own]
        day = issued_on.isoformat() if issued_on else None
        before = [(one, issued) for one, issued in found if not (issued and day and issued > day)]
        chosen = max(before or found, key=lambda one: (one[1] or "", one[0]), default=None)
        return self.newest(chosen[0]) if chosen else None

    def _called(self, citation: Citation) -> list[tuple[int, str | None]]:
        """The documents of that number, else those so called, each with the day on which it was issued."""
        number = plain_number(citation.doc_number) if citation.doc_number else None
        db = self._ledger.db
        found = db.execute(f"{CALLED} forms.number = ?", [number]).fetchall() if number else []
        if found or not citation.title:
            return found
        names = sorted(forms(citation.title))
        # One that has another number is another document, whatever it is called.
        other = "AND doc_number IS NULL" if number else ""
        return db.execute(f"{CALLED} forms.title IN ({_marks(names)}) {other}", names).fetchall()


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))
