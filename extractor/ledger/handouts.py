"""Tables that were handed out: what each row was when it left, by which a returned row is recognised and compared.

A row that is handed out carries an id, `T12-3f9a0c1b2d-7e21ab`: the number of the task, the token of the handout and a check
over both and the row as it left. So each row can be found again by itself, wherever it is moved, also where the file is
saved as one that can hide nothing (csv). The token follows from the content: the same table handed out twice is one handout.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from extractor.ledger.errors import told_plainly
from extractor.ledger.events import canonical, digest
from extractor.ledger.records import Tracking

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

ROW_ID = re.compile(r"t(\d{1,15})-([0-9a-f]{10})-([0-9a-f]{6})")
TOKEN_LENGTH, CHECK_LENGTH, CELL_LENGTH = 10, 6, 8
"""How many hexadecimal digits of a SHA-256 stand for a handout, a row of one and a cell of one."""
LONGEST_CELL = 32767
"""Characters of a cell: Excel opens none with more, so that a workbook shows the beginning of what is longer."""
UNTRACKED = Tracking()


@dataclass(frozen=True, slots=True)
class HandedRow:
    """A row when it left.

    Attributes:
        tracking: what was known of its progress.
        notes: the lines among its remarks that are the program's own.
        fixed: the marks (`mark_of`) of the cells that are not for the recipient to change, by their titles.
    """

    tracking: Tracking
    notes: tuple[str, ...]
    fixed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Handout:
    """A table that was handed out to `recipient` (None: to everyone), its rows by the numbers of their tasks."""

    token: str
    recipient: str | None
    rows: Mapping[int, HandedRow]

    def row_id(self, task: int) -> str:
        """The id that the row of that task carries."""
        check = digest([self.token, task, _row_to_json(self.rows[task])])[:CHECK_LENGTH]
        return f"T{task}-{self.token}-{check}"


@dataclass(frozen=True, slots=True)
class RowId:
    """The parts of a row's id."""

    task: int
    token: str
    text: str


def legible(cell: str) -> str:
    """What of a cell a reader reads, on whatever way it went out and came back.

    It leaves out what programs that save tables change: white space, invisible characters, and the apostrophe before what
    might be taken for a formula.
    """
    return "".join(char for char in cell if char.isprintable() and not char.isspace()).lstrip("'")


def same_cell(returned: str, left: str) -> bool:
    """Whether a cell that came back says what it said when it left, in a workbook perhaps cut to what one can hold."""
    said = legible(returned)
    return said == legible(left) or (len(left) > LONGEST_CELL and said == legible(left[:LONGEST_CELL]))


def mark_of(cell: str) -> str:
    """What stands for the text of a cell, as far as a workbook shows it."""
    return digest(legible(cell[:LONGEST_CELL]))[:CELL_LENGTH]


def row_id_of(text: str) -> RowId | None:
    """The parts of an id as it stands in a table, None where it is none."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lower()
    match = ROW_ID.fullmatch(plain)
    return RowId(int(match[1]), match[2], f"T{plain[1:]}") if match else None


def handout_of(ledger: Ledger, recipient: str | None, rows: Mapping[int, HandedRow]) -> Handout:
    """The handout that these rows make; nothing is written."""
    with told_plainly(ledger.path):
        first = ledger.db.execute("SELECT hash FROM events WHERE sequence = 1").fetchone()
    content = [first and first[0], recipient, _rows_to_json(rows)]
    return Handout(digest(content)[:TOKEN_LENGTH], recipient, rows)


def register(ledger: Ledger, handout: Handout, name: str) -> None:
    """Note that `handout` leaves as the file `name`; one that has left before is noted already."""
    with ledger.transaction():
        known = "SELECT 1 FROM handouts WHERE token = ?"
        if not handout.rows or ledger.db.execute(known, [handout.token]).fetchone():
            return
        (last,) = ledger.db.execute("SELECT coalesce(max(id), 0) FROM handouts").fetchone()
        with ledger.change("hand_out", f"handout:{last + 1}") as change:
            change.put(
                "handouts",
                last + 1,
                token=handout.token,
                name=name,
                recipient=handout.recipient,
                rows=canonical(_rows_to_json(handout.rows)),
            )


@dataclass(frozen=True, slots=True)
class LastWord:
    """What a row said when it left or last came back, and how its task stood then."""

    said: Tracking
    stood: Tracking


@dataclass(frozen=True, slots=True)
class KnownHandout:
    """A handout of the ledger with its number, and the last word of each row that has come back."""

    id: int
    handout: Handout
    returned: Mapping[int, LastWord]

    def last_word(self, task: int) -> LastWord:
        """The last word of the row of that task."""
        left = self.handout.rows[task].tracking
        return self.returned.get(task, LastWord(left, left))


def known_handout(ledger: Ledger, token: str) -> KnownHandout | None:
    """The handout of that token, None where this ledger has handed out no such table."""
    with told_plainly(ledger.path):
        for row in ledger.db.query("SELECT * FROM handouts WHERE token = ?", [token]):
            rows = {int(task): _row_of_json(stored) for task, stored in json.loads(row["rows"]).items()}
            said = "SELECT task, reported FROM returns WHERE handout = ?"
            returned = {
                task: LastWord(*map(tracking_of_json, json.loads(reported)))
                for task, reported in ledger.db.execute(said, [row["id"]]).fetchall()
            }
            return KnownHandout(row["id"], Handout(row["token"], row["recipient"], rows), returned)
    return None


def tracking_to_json(tracking: Tracking) -> dict[str, Any]:
    """What differs from work of which nothing is known."""
    day = tracking.completed_on
    said = {**asdict(tracking), "completed_on": day.isoformat() if day else None}
    return {name: value for name, value in said.items() if value != getattr(UNTRACKED, name)}


def tracking_of_json(said: Mapping[str, Any]) -> Tracking:
    """What `tracking_to_json` was made of."""
    day = said.get("completed_on")
    return Tracking(**{**said, "completed_on": date.fromisoformat(day) if day else None})


def _rows_to_json(rows: Mapping[int, HandedRow]) -> dict[str, Any]:
    return {str(task): _row_to_json(row) for task, row in rows.items()}


def _row_to_json(row: HandedRow) -> dict[str, Any]:
    return {"said": tracking_to_json(row.tracking), "notes": list(row.notes), "fixed": dict(row.fixed)}


def _row_of_json(stored: Mapping[str, Any]) -> HandedRow:
    return HandedRow(tracking_of_json(stored["said"]), tuple(stored["notes"]), stored["fixed"])
