"""Which documents of the ledger a circular refers to, by 发文字号 or by title, and which refer to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractor.ledger.records import DocumentEntry, citation_of
from extractor.ledger.titles import forms, plain_number
from extractor.model import Citation, Relation

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

WEIGHT: tuple[Relation, ...] = ("carries_out", "repeals", "based_on", "mentions")
"""What is said of one document in several places counts as the first of these."""
LEAST_OF_PART = 8
"""A part with a shorter title (实施方案) is not known by it outside its circular."""


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
    own = ledger.entry(document_id)
    known = _Known(ledger.documents(), _newest(ledger))
    cites: dict[object, Cited] = {}
    cited_by: dict[int, CitedBy] = {}
    for row in ledger.db.query("SELECT * FROM citations ORDER BY document, id"):
        citation, source = citation_of(row), known.entries[row["document"]]
        if source.id == own.id:
            document = known.meant_by(citation, source)
            key = document.id if document else (citation.doc_number or citation.title)
            cited = cites.setdefault(key, Cited(citation, document))
            cites[key] = min(cited, Cited(citation, document), key=_weight)
        elif not source.superseded and known.refers(citation, source, own):
            link = cited_by.setdefault(source.id, CitedBy(source, citation))
            cited_by[source.id] = min(link, CitedBy(source, citation), key=_weight)
    return References(tuple(cites.values()), tuple(cited_by.values()))


def _weight(link: Cited | CitedBy) -> int:
    return WEIGHT.index(link.citation.relation)


def _newest(ledger: Ledger) -> dict[int, int]:
    """The current version of each document."""
    states = ledger.db.execute("SELECT id, supersedes FROM document_states").fetchall()
    later = {older: newer for newer, older in states if older is not None}
    newest = {}
    for document, _ in states:
        at = document
        while at in later:
            at = later[at]
        newest[document] = at
    return newest


class _Known:
    """The documents of a ledger by number and by the ways to call them."""

    def __init__(self, entries: Iterable[DocumentEntry], newest: Mapping[int, int]) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self._newest = newest
        self._numbered = defaultdict[str, list[int]](list)
        self._titled = defaultdict[str, list[int]](list)
        for entry in self.entries.values():
            if entry.doc_number:
                self._numbered[plain_number(entry.doc_number)].append(entry.id)
            for name in names_of(entry):
                self._titled[name].append(entry.id)

    def meant_by(self, citation: Citation, source: DocumentEntry) -> DocumentEntry | None:
        """The document that `source` refers to there, in its current version."""
        found = self._all_meant_by(citation, source)
        before = [
            d for d in found if not (d.issued_on and source.issued_on and d.issued_on > source.issued_on)
        ]
        chosen = max(before or found, key=lambda d: (d.issued_on or date.min, d.id), default=None)
        return self.entries[self._newest[chosen.id]] if chosen else None

    def refers(self, citation: Citation, source: DocumentEntry, to: DocumentEntry) -> bool:
        """Whether `source` refers there to a version of the circular `to`."""
        meant = self.meant_by(citation, source)
        return meant is not None and meant.id == self._newest[to.id]

    def _all_meant_by(self, citation: Citation, source: DocumentEntry) -> list[DocumentEntry]:
        """The documents of that number, else those so called; no version of the circular itself."""
        number = plain_number(citation.doc_number) if citation.doc_number else None
        found = self._numbered.get(number, []) if number else []
        if not found and citation.title:
            found = [
                document
                for form in sorted(forms(citation.title))
                for document in self._titled.get(form, [])
                if not (number and self.entries[document].doc_number)
            ]
        own = self._newest[source.id]
        return [self.entries[document] for document in found if self._newest[document] != own]


def names_of(entry: DocumentEntry) -> set[str]:
    """The ways to call a document: by its title, and by those of the plans that it encloses."""
    own = forms(entry.title, entry.issuer) if entry.title else set()
    enclosed = {form for part in entry.parts for form in forms(part)}
    return own | {form for form in enclosed if len(form) >= LEAST_OF_PART}
