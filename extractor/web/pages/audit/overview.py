"""Where auditors begin: whether the ledger is whole, what happened last, the way from a row to its words, a copy to take along."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from extractor.export import history as told
from extractor.ledger import history
from extractor.ledger.backup import backup
from extractor.web.pages.audit.log import lines_of
from extractor.web.pages.numbers import LARGEST
from extractor.web.verifying import verifying_of
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

LAST_EVENTS = 8


@router.get("/audit")
def overview(visit: Annotated[Visit, may("audit")]) -> Response:
    """The state of things."""
    last = history.log_page(visit.ledger, 1, LAST_EVENTS)
    return visit.show(
        "audit.html",
        tab="overview",
        run=verifying_of(visit.request).latest,
        head=told.head,
        lines=lines_of(visit.ledger, last.events),
        events=last.total,
        tasks=visit.ledger.count_tasks(),
        documents=len(visit.ledger.documents()),
    )


@router.get("/audit/find")
def find(
    visit: Annotated[Visit, may("audit")], task: Annotated[int | None, Query(ge=1, le=LARGEST)] = None
) -> Response:
    """From the number of a row to its evidence."""
    return visit.redirect(f"/tasks/{visit.ledger.task(task).id}" if task else "/tasks")


@router.post("/audit/copy")
def copy(visit: Annotated[Visit, may("audit")]) -> Response:
    """The whole ledger as one file, as it is at this moment; passwords are not in it."""
    folder = tempfile.TemporaryDirectory(prefix="taizhang-")
    file = Path(folder.name, "copy.db")
    try:
        backup(visit.ledger, file)
    except BaseException:
        folder.cleanup()
        raise
    name = f"{visit.ledger.path.stem}-副本-{datetime.now():%Y%m%d-%H%M%S}.db"
    return FileResponse(
        file,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
        background=BackgroundTask(folder.cleanup),
    )
