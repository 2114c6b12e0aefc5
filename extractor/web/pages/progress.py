"""进展: how far the work has come, in figures and charts that can be printed and taken along."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from extractor.export import figures
from extractor.export.report_html import write_report_html
from extractor.ledger.report import CATEGORIES, Figures, report
from extractor.web.charts import COLUMNS_HEIGHT, WIDTH, bar, column_chart
from extractor.web.pages.originals import download
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

MOST_MONTHS = 36
MOST_LISTED = 300
"""No more lines in a table: nobody reads on, and the files have all of them."""
SHOWN_FIRST = 20
"""How many lines a table shows before the rest is opened."""


@router.get("/progress")
def progress(visit: Annotated[Visit, may("read")]) -> Response:
    """The figures of today."""
    today = date.today()
    found = report(visit.ledger, today)
    by_document, by_unit, by_month = figures.sections(found)
    return visit.show(
        "progress.html",
        report=found,
        today=today,
        categories=CATEGORIES,
        sections=[
            ("document", by_document, _largest(found.documents)),
            ("organization", by_unit, _largest(found.units)),
        ],
        most_listed=MOST_LISTED,
        months=by_month,
        chart=column_chart(found.months[-MOST_MONTHS:]),
        cut_months=max(len(found.months) - MOST_MONTHS, 0),
        shown_first=SHOWN_FIRST,
        bar=bar,
        width=WIDTH,
        height=COLUMNS_HEIGHT,
    )


@router.get("/progress/report")
def report_file(
    visit: Annotated[Visit, may("export")], form: Annotated[Literal["xlsx", "html"], Query()]
) -> Response:
    """The same as a file."""
    today = date.today()
    found = report(visit.ledger, today)
    with tempfile.TemporaryDirectory(prefix="taizhang-") as folder:
        file = Path(folder, f"report.{form}")
        if form == "xlsx":
            from extractor.export.report_xlsx import write_report_xlsx  # openpyxl takes long to load

            write_report_xlsx(found, file)
        else:
            write_report_html(found, file)
        return download(f"{figures.TITLE}-{today:%Y%m%d}.{form}", file.read_bytes())


def _largest(rows: tuple[Figures, ...]) -> list[Figures]:
    """Those with most tasks, the largest first; what names no unit last."""
    named = sorted((row for row in rows if row.id is not None), key=lambda row: -row.total)
    return [*named[:MOST_LISTED], *(row for row in rows if row.id is None)]
