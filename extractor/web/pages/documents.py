"""The documents of the ledger: what each is, how far it is checked, which are older versions, and the ways on from there."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from extractor.ledger.plain import plain
from extractor.ledger.records import DocumentEntry
from extractor.ledger.reviewing import looked_at, superseded_by
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

ON_A_PAGE = 100

State = Literal["", "to_check", "checked", "warned", "superseded"]
STATES: dict[State, str] = {
    "": "全部",
    "to_check": "未核对完",
    "checked": "已核对完",
    "warned": "有提醒",
    "superseded": "已有新版",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A document in the list: `checked` is how many of its tasks a person has found right, `newer` its next version."""

    entry: DocumentEntry
    checked: int
    newer: int | None
    supersedes: tuple[int, ...]


@router.get("/documents")
def documents(
    visit: Annotated[Visit, may("read")],
    text: Annotated[str, Query(max_length=200)] = "",
    state: State = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The documents that came last first; `text` is part of a title, file name, 发文字号 or issuer."""
    entries = visit.ledger.documents()
    checked, newer = looked_at(visit.ledger), superseded_by(visit.ledger)
    older: dict[int, tuple[int, ...]] = {}
    for old, new in newer.items():
        older[new] = (*older.get(new, ()), old)
    lines = [Line(e, checked.get(e.id, 0), newer.get(e.id), older.get(e.id, ())) for e in reversed(entries)]
    found = [line for line in lines if _is_in(line, state) and _says(line.entry, text)]
    pages = max(ceil(len(found) / ON_A_PAGE), 1)
    page = min(page, pages)
    return visit.show(
        "documents.html",
        lines=found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE],
        found=len(found),
        total=len(entries),
        states=STATES,
        text=text,
        state=state,
        page=page,
        pages=pages,
    )


def _is_in(line: Line, state: State) -> bool:
    entry = line.entry
    if state in ("to_check", "checked"):
        return not entry.superseded and (line.checked < entry.tasks) == (state == "to_check")
    return {"": True, "warned": bool(entry.warnings), "superseded": entry.superseded}[state]


def _says(entry: DocumentEntry, text: str) -> bool:
    said = "\0".join(filter(None, (entry.title, entry.name, entry.doc_number, entry.issuer)))
    return plain(text) in plain(said)
