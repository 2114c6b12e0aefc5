"""Tables that go out to be filled in: rows with ids, noted in the ledger when the file is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.export.files import replaced
from extractor.export.rows import FILLED_IN, OWN_ROLE, ROW_ID, Table, notes, table_of
from extractor.ledger.handouts import HandedRow, Handout, handout_of, mark_of, register
from extractor.ledger.records import Task

if TYPE_CHECKING:
    from extractor.ledger import Ledger

FREE = frozenset({"序号", ROW_ID, *FILLED_IN})
"""Columns that may come back other than they left: whoever deletes rows numbers the others anew."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A table about to be written, and the handout that it is; None where it is to be looked at only."""

    table: Table
    handout: Handout | None = None

    def write(self, path: Path, form: str = ".xlsx", encoding: str = "utf-8") -> None:
        """Write the table as .xlsx or .csv; it is not noted yet."""
        if form == ".csv":
            from extractor.export.csv import write_csv

            write_csv(self.table, path, encoding)
        else:
            from extractor.export.xlsx import write_xlsx

            write_xlsx(self.table, path, self.handout.recipient if self.handout else None)

    def note(self, ledger: Ledger, name: str) -> None:
        """Note in the ledger that it leaves as the file `name`."""
        if self.handout:
            register(ledger, self.handout, name)


def write_slip(ledger: Ledger, slip: Slip, path: Path, encoding: str = "utf-8") -> None:
    """Write the table in the form that the suffix of `path` asks for, and note it: both or neither."""
    with replaced(path) as draft:
        slip.write(draft, path.suffix.lower(), encoding)
        slip.note(ledger, path.name)


def slip_of(
    ledger: Ledger,
    tasks: Iterable[Task],
    recipient: str | None = None,
    roles: Mapping[int, str] | None = None,
    *,
    returnable: bool = True,
) -> Slip:
    """The table of `tasks` for `recipient`, whose `roles` by task are shown where there are any.

    It is a handout if it is to be `returnable` and the ledger can note it.
    """
    chosen = list(tasks)
    plain = table_of(chosen)
    table = plain.with_column(1, OWN_ROLE, (roles.get(task.id, "") for task in chosen)) if roles else plain
    if not (returnable and ledger.writable and chosen):
        return Slip(table)
    rows = {
        task.id: HandedRow(task.tracking, notes(task), _fixed(plain.titles, cells))
        for task, cells in zip(chosen, plain.rows, strict=True)
    }
    handout = handout_of(ledger, recipient, rows)
    ids = (handout.row_id(task.id) for task in chosen)
    return Slip(table.with_column(len(table.titles), ROW_ID, ids), handout)


def _fixed(titles: Iterable[str], cells: Iterable[str]) -> dict[str, str]:
    return {title: mark_of(cell) for title, cell in zip(titles, cells, strict=True) if title not in FREE}
