"""Ledger rows become files and pages that people read: tables, and the text with every value marked in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

if TYPE_CHECKING:
    from extractor.ledger import Ledger, TaskFilters

SUFFIXES = (".xlsx", ".csv", ".json", ".html")


def write(ledger: Ledger, path: Path, **filters: Unpack[TaskFilters]) -> int:
    """Write the tasks of `ledger` that meet `filters` in the form that the suffix of `path` asks for.

    A page (`.html`) shows whole documents: those of the chosen tasks, or all where no filter is given.

    Returns:
        How many tasks were chosen.

    Raises:
        ValueError: if the suffix is none of `SUFFIXES`.
        OSError: if the file cannot be written; what was there before is then still there.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(path.suffix)
    tasks = ledger.tasks(**filters)
    # Each form is loaded when it is wanted: openpyxl alone takes longer to load than a small table to write.
    if suffix == ".xlsx":
        from extractor.export.xlsx import write_xlsx

        write_xlsx(tasks, path)
    elif suffix == ".csv":
        from extractor.export.csv import write_csv

        write_csv(tasks, path)
    elif suffix == ".json":
        from extractor.export.json import write_json

        write_json(tasks, path)
    else:
        from extractor.export.html import write_page

        chosen = {task.document.id for task in tasks}
        restricted = any(value is not None for value in filters.values())
        write_page(ledger, [e.id for e in ledger.documents() if not restricted or e.id in chosen], path)
    return len(tasks)
