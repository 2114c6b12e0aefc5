"""Original files, as they were received: to be saved, never shown, for they may hold anything."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from extractor.ledger.reviewing import original as original_of
from extractor.web.pages.numbers import Number
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)


@router.get("/documents/{document_id}/original")
def original(visit: Annotated[Visit, may("read")], document_id: Number) -> Response:
    """The file as it was received."""
    found = original_of(visit.ledger, document_id)
    return download(found.name, found.data)


def download(name: str, data: bytes, media: str = "application/octet-stream") -> Response:
    """A file to be saved under `name`; whatever is in it, no browser runs it as a page of ours."""
    last = name.rpartition("/")[2]
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(last, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(data, media_type=media, headers=headers)
