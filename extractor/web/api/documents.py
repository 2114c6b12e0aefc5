"""Documents of the ledger, their outlines, and the evidence as Web Annotations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse, Response

from extractor.export.annotations import annotation_page, source_id_of
from extractor.web.api import models
from extractor.web.api.routes import api_router
from extractor.web.pages.numbers import Number
from extractor.web.reading import label_of, reading_of, received
from extractor.web.visits import Visit, program_may

router = api_router("文件")

FILE = {
    "requestBody": {
        "required": True,
        "description": "文件的内容",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/documents", summary="列出文件", description="按收文先后列出台账中的文件。")
def documents(visit: Annotated[Visit, program_may("read")]) -> models.Documents:
    """The documents."""
    return models.Documents(documents=[models.Document.of(entry) for entry in visit.ledger.documents()])


@router.post(
    "/documents",
    summary="收文",
    description="读入一份文件（或一个压缩包），记入台账；读不了的说明原因。",
    openapi_extra=FILE,
)
async def take_in(
    visit: Annotated[Visit, program_may("take_in")],
    name: Annotated[str, Query(max_length=1000, description="文件名，只作名称用")] = "",
) -> models.Receipts:
    """Read a file into the ledger."""
    async with received(visit) as file:
        outcomes = await reading_of(visit.request).read_in(visit, file, label_of(name))
    return models.Receipts(documents=[models.Received.of(outcome) for outcome in outcomes])


@router.get("/documents/{document_id}", summary="一份文件", description="一份文件的基本信息和所读出的数量。")
def document(visit: Annotated[Visit, program_may("read")], document_id: Number) -> models.Document:
    """One document."""
    return models.Document.of(visit.ledger.entry(document_id))


@router.get(
    "/documents/{document_id}/items",
    summary="一份文件的条目",
    description="读入时的条目树，每一项都带原文和位置；人工更正不在其内，见任务。",
)
def items(visit: Annotated[Visit, program_may("read")], document_id: Number) -> models.Items:
    """The outline of a document as it was read."""
    found = visit.ledger.document(document_id)
    tasks = visit.ledger.task_numbers(document_id)
    shown = [models.Item.of(item, found.source, tasks.get(item.id)) for item in found.items]
    return models.Items(document=document_id, items=shown)


@router.get(
    "/documents/{document_id}/annotations",
    summary="一份文件的全部依据（W3C Web Annotation）",
    description="每一项结果及其原文位置，写成一个 AnnotationPage（JSON-LD），地址固定。",
    responses={
        200: {
            "description": "AnnotationPage",
            "content": {"application/ld+json": {"schema": {"type": "object"}}},
        }
    },
    response_class=JSONResponse,
)
def evidence(visit: Annotated[Visit, program_may("read")], document_id: Number) -> Response:
    """All evidence of a document, at an address that stays."""
    found = visit.ledger.document(document_id)
    page = annotation_page(found, source_id=source_id_of(found), base="")
    media = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    return JSONResponse(page, media_type=media)
