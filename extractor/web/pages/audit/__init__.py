"""核查: everything an auditor looks at; nothing here changes the ledger."""

from __future__ import annotations

from extractor.web.pages.audit import coverage, log, overview, verification, versions

ROUTERS = (overview.router, coverage.router, versions.router, log.router, verification.router)
