"""The task table as CSV that Excel and WPS open with right characters and that cannot run as formulas."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from extractor.export.files import replaced
from extractor.export.rows import Table

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""First characters at which a spreadsheet may take a cell for a formula (owasp.org, CSV Injection)."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Characters for which a file passes for no text."""
ENCODINGS = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
"""What can be asked for, and how it is written: the byte order mark tells Excel that it is UTF-8."""


def write_csv(table: Table, path: Path, encoding: str = "utf-8") -> None:
    """Write `table`; `encoding` is one of `ENCODINGS`."""
    with replaced(path) as draft, draft.open("w", encoding=ENCODINGS[encoding], newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(table.titles)
        writer.writerows([as_text(CONTROL.sub("", cell)) for cell in row] for row in table.rows)


def as_text(cell: str) -> str:
    """`cell`, with a ' before it where a spreadsheet would otherwise reckon with it."""
    return f"'{cell}" if looks_like_formula(cell) else cell


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet might reckon with `cell`."""
    return cell.lstrip(" \u3000").startswith(FORMULA_STARTS)
