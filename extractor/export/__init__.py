"""Ledger rows become files and pages that people read: tables, and the text with every value marked in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Unpack

if TYPE_CHECKING:
    from extractor.ledger import Ledger, TaskFilters

SUFFIXES = (".xlsx", ".csv", ".docx", ".ics", ".json", ".html")


class Written(NamedTuple):
    """How many tasks were chosen, and of a calendar how many entries it has: tasks without a date have none."""

    tasks: int
    entries: int | None = None


def write(
    ledger: Ledger,
    path: Path,
    *,
    encoding: str = "utf-8",
    returnable: bool = False,
    workdays: bool = False,
    **filters: Unpack[TaskFilters],
) -> Written:
    """Write the tasks of `ledger` that meet `filters` in the form that the suffix of `path` asks for.

    A table (`.xlsx`, `.csv`) that is `returnable` is handed out: the ledger notes it, and `plan` of `ledger.returns` can read
    it back when it has been filled in; so it is with a ledger that can be written only. `encoding` is that of a `.csv`.
    A calendar (`.ics`) has the dates of the tasks, with `workdays` those on rest days on the next working day.
    A page (`.html`) shows whole documents: those of the chosen tasks, or all where no filter is given.

    Returns:
        How many tasks were chosen, and how many entries a calendar has.

    Raises:
        ValueError: if the suffix is none of `SUFFIXES`.
        OSError: if the file cannot be written; what was there before is then still there.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(path.suffix)
    tasks = ledger.tasks(**filters)
    entries: int | None = None
    # Each form is loaded when it is wanted: openpyxl alone takes longer to load than a small table to write.
    if suffix in (".xlsx", ".csv"):
        from extractor.export.handing_out import slip_of, write_slip

        write_slip(ledger, slip_of(ledger, tasks, returnable=returnable), path, encoding)
    elif suffix == ".docx":
        from extractor.export.docx import write_docx

        write_docx(tasks, path)
    elif suffix == ".ics":
        from extractor.export.calendar import write_calendar

        entries = write_calendar(ledger, tasks, path, workdays=workdays)
    elif suffix == ".json":
        from extractor.export.json import write_json

        write_json(tasks, path)
    else:
        from extractor.export.html import write_page

        chosen = {task.document.id for task in tasks}
        restricted = any(value is not None for value in filters.values())
        write_page(ledger, [e.id for e in ledger.documents() if not restricted or e.id in chosen], path)
    return Written(len(tasks), entries)
