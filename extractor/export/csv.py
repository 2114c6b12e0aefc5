"""The task table as CSV that Excel and WPS open with right characters and that cannot run as formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from extractor.export.files import replaced
from extractor.export.rows import COLUMNS, row_of
from extractor.ledger.records import Task

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""First characters at which a spreadsheet may take a cell for a formula (owasp.org, CSV Injection)."""


def write_csv(tasks: Iterable[Task], path: Path) -> None:
    """Write the rows of `tasks`; the byte order mark tells Excel that it is UTF-8."""
    with replaced(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows([as_text(cell) for cell in row_of(task).cells()] for task in tasks)


def as_text(cell: str) -> str:
    """`cell`, with a ' before it where a spreadsheet would otherwise reckon with it."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(FORMULA_STARTS) else cell
