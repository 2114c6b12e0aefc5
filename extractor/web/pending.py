"""Tables that came back and wait for a person to say yes: kept by the server between preview and application.

What is applied is the plan that was shown; the browser holds its random name only.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from fastapi import Request

from extractor.ledger.returns import Plan

KEPT_SECONDS = 60 * 60
MOST_KEPT, MOST_ROWS = 100, 200_000
"""Plans, and rows in them, of all visitors together: they are held in memory. The oldest make room."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A plan under its random name, of the visitor `owner`, since `at` (in seconds)."""

    name: str
    owner: str
    at: float
    plan: Plan


class PendingReturns:
    """The plans that wait; each is known to whoever sent the file in, and gone after an hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, Pending] = {}
        self._lock = Lock()

    def keep(self, owner: str, plan: Plan, name: str | None = None) -> Pending:
        """Keep a plan, under a new name or in the place of the one of that name."""
        with self._lock:
            self._forget()
            for each in list(self._kept.values()):  # the same file again takes the place of the first
                if (each.owner, each.plan.table.sha256) == (owner, plan.table.sha256):
                    del self._kept[each.name]
            pending = Pending(name or secrets.token_urlsafe(16), owner, self._clock(), plan)
            self._kept[pending.name] = pending
            while len(self._kept) > MOST_KEPT or (len(self._kept) > 1 and self._rows() > MOST_ROWS):
                del self._kept[min(self._kept, key=lambda each: self._kept[each].at)]
        return pending

    def of(self, owner: str) -> list[Pending]:
        """What waits of that visitor, in the order in which it came."""
        with self._lock:
            self._forget()
            return [pending for pending in self._kept.values() if pending.owner == owner]

    def take(self, owner: str, name: str) -> Pending | None:
        """The plan of that name, which waits no more; None where that visitor has none."""
        with self._lock:
            self._forget()
            if (pending := self._kept.get(name)) and pending.owner == owner:
                return self._kept.pop(name)
        return None

    def _rows(self) -> int:
        return sum(len(each.plan.table.rows) for each in self._kept.values())

    def _forget(self) -> None:
        now = self._clock()
        self._kept = {name: each for name, each in self._kept.items() if now - each.at <= KEPT_SECONDS}


def pending_of(request: Request) -> PendingReturns:
    """What waits, of all visitors."""
    pending: PendingReturns = request.app.state.pending
    return pending
