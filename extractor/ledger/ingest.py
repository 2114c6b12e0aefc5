"""Many files into a ledger, one after the other: what fails is told and does not hold up the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from extractor.ledger.errors import LedgerError
from extractor.ledger.ledger import Added, AlreadyThere, Ledger
from extractor.ledger.revisions import Outdated, Revised
from extractor.model import Document


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why in one line."""

    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: `name` is the file's, or that of a member of an archive."""

    path: Path
    name: str
    result: Added | Revised | Outdated | AlreadyThere | Failed


Extract = Callable[[Path], Iterable[tuple[str, Document | Exception]]]
"""Reads the documents of one file, each with its name; a document that cannot be read comes as the reason."""


def ingest(
    ledger: Ledger, paths: Iterable[Path], extract: Extract, *, separate: bool = False
) -> Iterator[Outcome]:
    """Read each of `paths` with `extract` and add it, yielding what became of it.

    The ledger's own file is passed over: it may lie in a folder that is read. With `separate` no document is taken for a new
    version of one that is there.

    Raises:
        LedgerError: if the ledger itself fails; documents added before that stay.
    """
    for path in paths:
        if not _same_file(path, ledger.path):
            yield from _each(ledger, path, extract, separate)


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _each(ledger: Ledger, path: Path, extract: Extract, separate: bool) -> Iterator[Outcome]:
    try:
        for name, document in extract(path):
            if isinstance(document, Exception):
                yield Outcome(path, name, Failed(str(document)))
            else:
                yield Outcome(path, name, ledger.add(document, separate=separate))
    except LedgerError:
        raise
    except Exception as error:  # one file that trips us must not cost a person the others
        yield Outcome(
            path, str(path), Failed(f"程序内部出错（{type(error).__name__}: {error}），请把这一行告诉维护者")
        )
