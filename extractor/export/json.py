"""Tasks as JSON: the row that people read, and every value with its span for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from extractor.export.files import replaced
from extractor.export.rows import COLUMNS, row_of
from extractor.ledger.records import DocumentEntry, Task
from extractor.model import fields_to_json


def write_json(tasks: Iterable[Task], path: Path) -> None:
    """Write `tasks` and the documents they come from."""
    chosen = list(tasks)
    documents = {task.document.id: task.document for task in chosen}
    content = {
        "documents": [_document(document) for document in documents.values()],
        "tasks": [_task(task) for task in chosen],
    }
    with replaced(path) as draft:
        draft.write_text(dumps(content) + "\n", "utf-8")


def dumps(content: Any) -> str:
    """JSON as people can read it."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def _document(entry: DocumentEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": entry.name,
        "title": entry.title,
        "issuer": entry.issuer,
        "doc_number": entry.doc_number,
        "issued_on": entry.issued_on.isoformat() if entry.issued_on else None,
        "kind": entry.kind,
        "year": entry.year,
    }


def _task(task: Task) -> dict[str, Any]:
    item = task.item
    return {
        "id": task.id,
        "document": task.document.id,
        "item": item.id,
        "number": item.number,
        "heading": item.heading,
        "place": task.place.to_json(),
        "span": item.span.to_json(),
        "quote": item.quote,
        **fields_to_json(item.fields),
        "row": dict(zip(COLUMNS, row_of(task).cells(), strict=True)),
    }
