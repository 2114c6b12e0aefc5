"""The audit log, and whether the ledger is whole."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException

from extractor.ledger.history import log
from extractor.web.api import models
from extractor.web.api.routes import api_router
from extractor.web.pages.numbers import LARGEST
from extractor.web.verifying import verifying_of
from extractor.web.visits import Visit, program_may

router = api_router("核查")

EARLIEST, LATEST = date(1970, 1, 2), date(9000, 1, 1)
"""Days between which a moment can be worked out in any time zone; no event is older or newer."""
HEAD = r"^([0-9]{1,18}:)?[0-9a-f]{16,64}$"
GOING_ON = "另一次核查正在进行：请等它完成后再试。"
Known = Annotated[int | None, Query(ge=1, le=LARGEST, description="编号")]
Word = Annotated[str | None, Query(max_length=100)]


@router.get("/events", summary="日志", description="台账的改动，由早到晚；多于 limit 时给出最后的若干条。")
def events(
    visit: Annotated[Visit, program_may("audit")],
    task: Known = None,
    document: Known = None,
    actor: Annotated[Word, Query(description="谁")] = None,
    action: Annotated[Word, Query(description="做了什么")] = None,
    since: Annotated[models.Day | None, Query(description="从哪一天起")] = None,
    until: Annotated[models.Day | None, Query(description="到哪一天为止，含当天")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="最多几条")] = 100,
) -> models.Events:
    """The audit log."""
    found = log(
        visit.ledger,
        task=task,
        document=document,
        actor=actor,
        action=action,
        since=_beginning_of(since) if since else None,
        until=_beginning_of(until, later=1) if until else None,
        limit=limit,
    )
    return models.Events(events=[models.Event.model_validate(one, from_attributes=True) for one in found])


@router.get(
    "/verify",
    summary="核查台账",
    description="重新核算原件、原文、日志和现状，列出最先发现的不符之处。连同页面上的核验，同时只办理一次，期间再求得到 503。",
)
def verify(
    visit: Annotated[Visit, program_may("audit")],
    head: Annotated[
        str | None,
        Query(pattern=HEAD, description="以前抄下的链头，看它是否还在日志中，如 88:3fa94c0e12ab34cd"),
    ] = None,
) -> models.Verification:
    """Work everything out again and compare."""
    found = verifying_of(visit.request).ended(visit.user.name, head or "")
    if found is None:
        raise HTTPException(503, GOING_ON)
    return models.Verification.of(found)


def _beginning_of(day: date, *, later: int = 0) -> datetime:
    """Midnight of a day on the clock on the wall, or of one so many days later."""
    known = min(max(day, EARLIEST), LATEST) + timedelta(days=later)
    return datetime.combine(known, time()).astimezone()
