"""Many files into a ledger, one after the other: what fails is told and does not hold up the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.ledger import Added, AlreadyThere, Ledger
from extractor.ledger.origin import own_output
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


@dataclass(frozen=True, slots=True)
class Reading:
    """One document of a file as it was read, before it is in a ledger."""

    path: Path
    name: str
    found: Document | Failed


def ingest(
    ledger: Ledger, paths: Iterable[Path], extract: Extract, *, separate: bool = False
) -> Iterator[Outcome]:
    """Read each of `paths` with `extract` and add it, yielding what became of it.

    The ledger's own file is passed over: it may lie in a folder that is read. With `separate` no document is taken for a new
    version of one that is there.

    Raises:
        LedgerError: if the ledger itself fails; documents added before that stay.
    """
    for reading in _readings(paths, extract, ledger.path):
        yield _taken_in(ledger, reading, separate)


def ingest_at(
    path: Path, paths: Iterable[Path], extract: Extract, *, actor: str | None = None, separate: bool = False
) -> Iterator[Outcome]:
    """As `ingest`, into the ledger at `path`; where there is none, one is made as soon as a document could be read.

    Raises:
        LedgerError: if what is there is no ledger, none can be made, or it fails; documents added before that stay.
    """
    readings = _readings(paths, extract, path)
    with told_plainly(path):
        missing = not path.exists()
    for reading in readings if missing else ():
        if isinstance(reading.found, Document):
            readings = chain([reading], readings)
            missing = False
            break
        yield Outcome(reading.path, reading.name, reading.found)
    if missing:
        return
    with Ledger.create(path, actor=actor) as ledger:
        for reading in readings:
            yield _taken_in(ledger, reading, separate)


def _readings(paths: Iterable[Path], extract: Extract, ledger: Path) -> Iterator[Reading]:
    for path in paths:
        if _same_file(path, ledger):
            continue
        try:
            for name, found in extract(path):
                yield Reading(path, name, Failed(str(found)) if isinstance(found, Exception) else found)
        except Exception as error:  # one file that trips us must not cost a person the others
            yield Reading(path, str(path), _tripped_over(error))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _taken_in(ledger: Ledger, reading: Reading, separate: bool) -> Outcome:
    if isinstance(reading.found, Failed):
        return Outcome(reading.path, reading.name, reading.found)
    try:
        if own := own_output(ledger, reading.found.source):
            return Outcome(reading.path, reading.name, Failed(own))
        return Outcome(reading.path, reading.name, ledger.add(reading.found, separate=separate))
    except LedgerError:
        raise
    except Exception as error:
        return Outcome(reading.path, reading.name, _tripped_over(error))


def _tripped_over(error: Exception) -> Failed:
    return Failed(f"程序内部出错（{type(error).__name__}: {error}），请把这一行告诉维护者")
