"""The way in: to the first page on which the visitor has work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from extractor.web.templating import NAVIGATION
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(visit: Annotated[Visit, may("read")]) -> Response:
    """On to the page where their work begins."""
    return visit.redirect(next(path for path, _, right in NAVIGATION if visit.may(right)))
