"""收文: files come in; what was read out of each, what to look at, what failed and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from extractor.export import wording
from extractor.intake.formats import availability
from extractor.ledger import Failed, Ledger, Outcome
from extractor.web.reading import label_of, reading_of, received
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

RECENT = 50
"""How many documents are shown below; the others stand in the ledger."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a document that a person should look at: where, what, and the printed words."""

    place: str
    said: str
    quote: str


@router.get("/intake")
def intake(visit: Annotated[Visit, may("take_in")]) -> Response:
    """Where files are dropped, and the documents that came last."""
    documents = visit.ledger.documents()
    return visit.show(
        "intake.html",
        documents=documents[::-1][:RECENT],
        total=len(documents),
        formats=availability(),
        max_upload=visit.state.settings.max_upload,
    )


@router.post("/intake")
async def take_in(
    visit: Annotated[Visit, may("take_in")], name: Annotated[str, Query(max_length=1000)] = ""
) -> Response:
    """Read one file in; its bytes are the body. Answers with the rows to show for it."""
    async with received(visit) as file:
        outcomes = await reading_of(visit.request).read_in(visit, file, label_of(name))
    found = [(outcome, notices(visit.ledger, outcome)) for outcome in outcomes]
    return visit.show("outcomes.html", outcomes=found)


def notices(ledger: Ledger, outcome: Outcome) -> list[Notice]:
    """What to look at in the document that came in."""
    if isinstance(outcome.result, Failed) or not outcome.result.entry.warnings:
        return []
    document = ledger.document(outcome.result.entry.id)
    return [
        Notice(
            wording.place(document.source.locate(warning.span)) if warning.span else "",
            wording.warning(warning),
            wording.shortened(wording.tidy(warning.span.of(document.source.text)), 40)
            if warning.span
            else "",
        )
        for warning in document.warnings
    ]
