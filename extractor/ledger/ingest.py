"""Many files into a ledger, one after the other: what fails is told and does not hold up the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from extractor.ledger.errors import LedgerError
from extractor.ledger.ledger import Added, AlreadyThere, Ledger
from extractor.model import Document


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why in one line."""

    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    path: Path
    result: Added | AlreadyThere | Failed


def ingest(ledger: Ledger, paths: Iterable[Path], extract: Callable[[Path], Document]) -> Iterator[Outcome]:
    """Read each of `paths` with `extract` and add it, yielding what became of it.

    The ledger's own file is passed over: it may lie in a folder that is read.

    Raises:
        LedgerError: if the ledger itself fails; documents added before that stay.
    """
    for path in paths:
        if not _same_file(path, ledger.path):
            yield Outcome(path, _one(ledger, path, extract))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _one(ledger: Ledger, path: Path, extract: Callable[[Path], Document]) -> Added | AlreadyThere | Failed:
    try:
        return ledger.add(extract(path))
    except LedgerError:
        raise
    except Exception as error:  # one file that trips us must not cost a person the others
        return Failed(str(error) or type(error).__name__)
