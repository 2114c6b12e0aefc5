"""核验: whether the ledger is whole, what was counted, what does not hold and where to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from extractor.export import history as told
from extractor.export import wording
from extractor.ledger import Ledger
from extractor.ledger.audit import CHECKS, Finding, Verification
from extractor.ledger.errors import LedgerError
from extractor.ledger.history import ROWS_OF_TASKS
from extractor.web.errors import on_page
from extractor.web.verifying import verifying_of
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What does not hold, in words, and where to look: addresses with their names."""

    said: str
    ways: tuple[tuple[str, str], ...]


@router.get("/audit/verify")
def verification(visit: Annotated[Visit, may("audit")]) -> Response:
    """The last result, or that one is on its way."""
    run = verifying_of(visit.request).latest
    result = run.result if run else None
    return visit.show(
        "audit_verify.html",
        tab="verify",
        run=run,
        elapsed=(datetime.now(UTC) - run.began).seconds if run else 0,
        head=told.head(result.head) if result and result.head else "",
        counted=[(title, result.counts[name]) for name, title in told.COUNTED.items()] if result else [],
        checks=list(_checks(result)) if result else [],
        found=[
            Found(on_page(told.finding(one), visit.ledger.path), tuple(_ways(visit.ledger, one)))
            for one in result.findings
        ]
        if result
        else [],
    )


@router.post("/audit/verify")
def verify(
    visit: Annotated[Visit, may("audit")], head: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Begin; the page tells how it ended. Nothing in the ledger changes."""
    verifying_of(visit.request).begin(visit.user.name, head.strip())
    return visit.redirect("/audit/verify")


def _checks(result: Verification) -> Iterator[tuple[str, str, str]]:
    """Each check by name, with its outcome and the kind of badge for it."""
    counts = Counter(finding.check for finding in result.findings)
    told_all = result.total == len(result.findings)
    last = result.findings[-1].check if result.findings else CHECKS[-1]
    for check in CHECKS:
        if check in result.unchecked:
            outcome = "未核查", "warn"
        elif counts[check]:
            more = "以上" if check == last and not told_all else ""
            outcome = f"{counts[check]} 处{more}不符", "bad"
        elif told_all or CHECKS.index(check) < CHECKS.index(last):
            outcome = "相符", "ok"
        else:
            outcome = "不符之处过多，未列出", "warn"
        yield wording.CHECKS[check], *outcome


def _ways(ledger: Ledger, found: Finding) -> Iterator[tuple[str, str]]:
    if found.table == "items" and found.document is not None:
        with suppress(LedgerError):  # a ledger that does not hold may not be readable either
            task = ledger.task_numbers(found.document).get(str(found.row))
            if task is not None:
                yield f"/tasks/{task}", f"任务 {task}"
    if found.table in ROWS_OF_TASKS and isinstance(found.row, int):
        yield f"/tasks/{found.row}", f"任务 {found.row}"
    if found.table == "events" and isinstance(found.row, int) and found.problem != "missing":
        yield f"/audit/log/{found.row}", f"第{found.row}号"
    if found.document is not None:
        yield f"/review/{found.document}", "原文"
        yield f"/documents/{found.document}/original", "原件"
