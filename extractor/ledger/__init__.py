"""Documents as read become one SQLite file, which is all that is kept, copied and asked."""

from extractor.ledger.errors import (
    DamagedLedgerError,
    LedgerBusyError,
    LedgerError,
    MissingLedgerError,
    NewerLedgerError,
    NoSuchDocumentError,
    NoSuchTaskError,
    NotALedgerError,
    ReadOnlyLedgerError,
)
from extractor.ledger.ingest import Failed, Outcome, ingest
from extractor.ledger.ledger import Added, AlreadyThere, Ledger
from extractor.ledger.records import DocumentEntry, Heading, Organization, Task, Tracking
from extractor.ledger.revisions import Outdated, Revised
from extractor.ledger.tasks import TaskFilters

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
    "NoSuchDocumentError",
    "NoSuchTaskError",
    "NotALedgerError",
    "Organization",
    "Outcome",
    "Outdated",
    "ReadOnlyLedgerError",
    "Revised",
    "Task",
    "TaskFilters",
    "Tracking",
    "ingest",
]
