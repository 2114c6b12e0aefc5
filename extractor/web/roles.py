"""Who may do what: the one table of it."""

from __future__ import annotations

from typing import Literal, get_args

from extractor.ledger.people import PersonRole

Right = Literal["read", "take_in", "correct", "track", "export", "audit", "people"]
"""read: every page that only shows; take_in: 收文; correct: 核对; track: progress, events, handing out and taking back;
export: writing files from the ledger; audit: 核查; people: accounts of others."""

RIGHTS: dict[PersonRole, frozenset[Right]] = {
    "staff": frozenset({"read", "take_in", "correct"}),
    "coordinator": frozenset({"read", "take_in", "correct", "track", "export"}),
    "auditor": frozenset({"read", "export", "audit"}),
    "admin": frozenset(get_args(Right)),
}
