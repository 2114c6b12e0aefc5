"""Verifying a ledger takes as long as reading all of it: it goes on in a thread of its own, once at a time, while pages answer."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request

from extractor.ledger.audit import Verification, verify
from extractor.ledger.errors import LedgerError
from extractor.ledger.ledger import Ledger
from extractor.web.errors import on_page

PATIENCE = 2.0
"""For so many seconds the first answer waits for the result: those of small ledgers need no second one."""


@dataclass(frozen=True, slots=True)
class Run:
    """One verification: by whom and when begun, with which event noted earlier (or ""), and what came of it.

    While it goes on, `result` is None and `problem` empty; `problem` is why there is no result, in one line of Chinese.
    """

    by: str
    began: datetime
    noted: str
    result: Verification | None = None
    problem: str = ""
    seconds: float = 0.0

    @property
    def going_on(self) -> bool:
        """Whether its end is still to come."""
        return self.result is None and not self.problem


class Verifying:
    """The verifications of the ledger at `path` since the program was started; the `latest` is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.latest: Run | None = None

    def begin(self, by: str, noted: str) -> None:
        """Begin one, unless one goes on, and wait a little for its end."""
        if run := self._begun(by, noted):
            thread = threading.Thread(target=self._told, args=[run], name="verify", daemon=True)
            thread.start()
            thread.join(PATIENCE)

    def ended(self, by: str, noted: str) -> Verification | None:
        """The result of one that is made at once, however long it takes; None where one goes on.

        Raises:
            LedgerError: if the ledger cannot be read, or what was noted is no event.
        """
        run = self._begun(by, noted)
        return self._finish(run) if run else None

    def _begun(self, by: str, noted: str) -> Run | None:
        with self._lock:
            if self.latest and self.latest.going_on:
                return None
            self.latest = run = Run(by, datetime.now(UTC), noted)
        return run

    def _told(self, run: Run) -> None:
        with suppress(LedgerError):  # what is wrong is kept with the run
            self._finish(run)

    def _finish(self, run: Run) -> Verification:
        began = time.monotonic()
        problem = "核查意外中断，没有结果：请重试；仍不行请联系维护人员。"
        result = None
        try:
            with Ledger.open(self._path, as_it_is=True) as ledger:
                result = verify(ledger, head=run.noted or None)
        except LedgerError as error:
            problem = on_page(error, self._path)
            raise
        finally:
            seconds = time.monotonic() - began
            self.latest = replace(run, result=result, problem="" if result else problem, seconds=seconds)
        return result


def verifying_of(request: Request) -> Verifying:
    """What the app keeps of its verifications."""
    found: Verifying = request.app.state.verifying
    return found
