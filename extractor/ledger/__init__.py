"""Documents as read become one SQLite file, which is all that is kept, copied and asked."""

from extractor.ledger.errors import (
    DamagedLedgerError,
    LedgerBusyError,
    LedgerError,
    MissingLedgerError,
    NewerLedgerError,
    NoSuchTaskError,
    NotALedgerError,
)
from extractor.ledger.ingest import Failed, Outcome, ingest
from extractor.ledger.ledger import Added, AlreadyThere, Ledger, TaskFilters
from extractor.ledger.records import DocumentEntry, Heading, Task

__all__ = [
    "Added",
    "AlreadyThere",
    "DamagedLedgerError",
    "DocumentEntry",
    "Failed",
    "Heading",
    "Ledger",
    "LedgerBusyError",
    "LedgerError",
    "MissingLedgerError",
    "NewerLedgerError",
    "NoSuchTaskError",
    "NotALedgerError",
    "Outcome",
    "Task",
    "TaskFilters",
    "ingest",
]
