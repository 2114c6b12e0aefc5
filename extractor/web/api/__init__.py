"""The ledger as JSON under `/api/v1`, for programs: the same data, the same rights."""

from __future__ import annotations

from extractor.web.api import auditing, description, documents, tasks

ROUTERS = (description.router, documents.router, tasks.router, auditing.router)
