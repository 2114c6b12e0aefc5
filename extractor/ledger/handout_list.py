"""What was handed out to whom and when, and what of it has come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.tasks import USUAL_ORDER, in_order

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

LISTED = """SELECT handouts.id, handouts.name, recipient,
        (SELECT count(*) FROM json_each(rows)) AS tasks,
        (SELECT count(*) FROM returns WHERE handout = handouts.id) AS reported,
        events.actor, events.at
    FROM handouts LEFT JOIN events ON events.subject = 'handout:' || handouts.id AND events.action = 'hand_out'
    WHERE {where} ORDER BY handouts.id DESC LIMIT ? OFFSET ?"""
RETURNED = """SELECT returns.handout, returns.task, returns.returned_by, returns.name, events.at
    FROM returns JOIN events ON events.subject = 'task:' || returns.task AND events.action = 'return'
        AND json_type(events.after, '$.returns."' || returns.id || '"') = 'object'
    WHERE returns.handout IN (SELECT value FROM json_each(?)) ORDER BY events.sequence"""


TASKS = f"""SELECT tasks.id FROM handouts, json_each(rows) JOIN tasks ON tasks.id = CAST(key AS INTEGER)
    WHERE handouts.id = ? ORDER BY {in_order(USUAL_ORDER)}"""


class NoSuchHandoutError(LedgerError):
    """No table of that number was handed out."""

    def __init__(self, handout: int) -> None:
        super().__init__(f"没有编号为 {handout} 的分发记录：请从“分发与回收”的列表进入。")


@dataclass(frozen=True, slots=True)
class HandoutEntry:
    """A table that was handed out: the file's name, to whom (None: to no one unit), by whom and when, where the log knows.

    `tasks` is how many rows it had, `reported` of how many of them something new has come back, `last_back` when that was last.
    """

    id: int
    name: str
    recipient: str | None
    tasks: int
    reported: int
    by: str | None
    at: datetime | None
    last_back: datetime | None


@dataclass(frozen=True, slots=True)
class Back:
    """What last came back of a task: from whom, in which file, when."""

    returned_by: str
    name: str
    at: datetime


def handouts(ledger: Ledger, *, limit: int, offset: int = 0) -> list[HandoutEntry]:
    """The tables that were handed out, the last first."""
    return _listed(ledger, "1", [], limit, offset)


def count_handouts(ledger: Ledger) -> int:
    """How many tables were handed out."""
    with told_plainly(ledger.path):
        (count,) = ledger.db.execute("SELECT count(*) FROM handouts").fetchone()
    return int(count)


def handout(ledger: Ledger, number: int) -> tuple[HandoutEntry, dict[int, Back | None]]:
    """The table of that number, and the numbers of its tasks, in the order of their text, with what last came back of each.

    Raises:
        NoSuchHandoutError: if there is none.
    """
    for entry in _listed(ledger, "handouts.id = ?", [number], 1, 0):
        with told_plainly(ledger.path):
            tasks = [task for (task,) in ledger.db.execute(TASKS, [number]).fetchall()]
            back = {task: Back(by, name, at) for _, task, by, name, at in _returned(ledger, [number])}
        return entry, {task: back.get(task) for task in tasks}
    raise NoSuchHandoutError(number)


def _listed(ledger: Ledger, where: str, values: list[object], limit: int, offset: int) -> list[HandoutEntry]:
    with told_plainly(ledger.path):
        rows = ledger.db.execute(LISTED.format(where=where), [*values, limit, offset]).fetchall()
        last = {found: at for found, *_, at in _returned(ledger, [row[0] for row in rows])}
    return [
        HandoutEntry(
            number,
            name,
            recipient,
            tasks,
            reported,
            by,
            datetime.fromisoformat(at) if at else None,
            last.get(number),
        )
        for number, name, recipient, tasks, reported, by, at in rows
    ]


def _returned(ledger: Ledger, numbers: list[int]) -> list[tuple[int, int, str, str, datetime]]:
    asked = f"[{','.join(map(str, numbers))}]"
    return [
        (found, task, by, name, datetime.fromisoformat(at))
        for found, task, by, name, at in ledger.db.execute(RETURNED, [asked]).fetchall()
    ]
