"""The log as people ask it: what happened to a task or a document, by whom and when; and taking a change back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

from extractor.ledger import derived, schema
from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.events import Change, Event, Row, event_of, instant, kept_row
from extractor.ledger.occasions import Occasion, awaited
from extractor.ledger.waiting import WITH_EVENTS

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger
    from extractor.ledger.records import DocumentEntry, Task
    from extractor.registry import EventName

ROWS_OF_TASKS = ("tasks", "tracking", "reviews")
"""Tables whose rows have the number of their task."""
ROWS_WITH_TASKS = ("corrections", "ticks", "occasions", "attachments", "returns")
"""Tables whose rows name their task."""
REGISTRY = ("names", "organizations")
BELONGED_TO = ("tasks", "organizations", "handouts")
"""The tables to whose rows those of other kept tables belong."""
NAMES_OF_UNIT = "SELECT 1 FROM names WHERE organization = ?"

NOT_TAKEN_BACK = {
    "document_states": "读入的文件不能撤销：其中不是任务的，请用 taizhang correct 序号 --kind 逐项更正",
    "handouts": "已经发出的表不能撤销",
    "people": "人员的改动请用 taizhang user 改回",
}


class HistoryError(LedgerError):
    """An event cannot be taken back; `str()` is one line in Chinese that says why."""


class LogFilters(TypedDict, total=False):
    """Which events are wanted; what is None or absent does not restrict.

    `task` and `document` are numbers: events count that changed anything of them, whatever their subject. `since` is the
    first moment that counts, `until` the first that does not. `kind` is what the subject is ("unit"), `text` stands in the
    reason or in a value before or after. Of more than `limit` events the last are given.
    """

    task: int | None
    document: int | None
    actor: str | None
    action: str | None
    since: datetime | None
    until: datetime | None
    kind: str | None
    text: str | None
    limit: int | None


def log(ledger: Ledger, **filters: Unpack[LogFilters]) -> list[Event]:
    """The events that meet all `filters`, in the order in which they happened.

    Raises:
        NoSuchTaskError: if there is no such task.
        NoSuchDocumentError: if there is no such document.
    """
    with told_plainly(ledger.path):
        concern = _concern(ledger, filters.get("task"), filters.get("document"))
        where, values = _conditions(filters)
        limit = filters.get("limit")
        if concern is None:
            page = f"SELECT * FROM events WHERE {where} ORDER BY sequence DESC LIMIT ?"
            rows = list(ledger.db.query(page, [*values, -1 if limit is None else limit]))
            return [event_of(row) for row in reversed(rows)]
        # All events go by, for what concerns a task comes to light on the way; then those are kept that are asked for.
        chosen = f"SELECT sequence FROM events WHERE {where}"
        asked = {sequence for (sequence,) in ledger.db.execute(chosen, values).fetchall()}
        every = map(event_of, ledger.db.query("SELECT * FROM events ORDER BY sequence"))
        found = [event for event in every if concern.meets(event) and event.sequence in asked]
    return found if limit is None else found[max(len(found) - limit, 0) :]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some of the events that meet the filters, the last first, and how many do."""

    events: tuple[Event, ...]
    total: int


def log_page(ledger: Ledger, number: int, size: int, **filters: Unpack[LogFilters]) -> LogPage:
    """The page of that number, from 1, of the events that meet all `filters`; `limit` is not asked.

    Raises:
        NoSuchTaskError: if there is no such task.
        NoSuchDocumentError: if there is no such document.
    """
    first = (number - 1) * size
    if filters.get("task") is not None or filters.get("document") is not None:
        found = log(ledger, **filters)[::-1]
        return LogPage(tuple(found[first : first + size]), len(found))
    where, values = _conditions(filters)
    query = f"SELECT * FROM events WHERE {where} ORDER BY sequence DESC LIMIT ? OFFSET ?"
    with told_plainly(ledger.path):
        (total,) = ledger.db.execute(f"SELECT count(*) FROM events WHERE {where}", values).fetchone()
        events = tuple(map(event_of, ledger.db.query(query, [*values, size, first])))
    return LogPage(events, total)


def actors(ledger: Ledger) -> list[str]:
    """Everybody who ever changed something."""
    with told_plainly(ledger.path):
        names = ledger.db.execute("SELECT DISTINCT actor FROM events ORDER BY actor").fetchall()
        return [name for (name,) in names]


def _conditions(filters: LogFilters) -> tuple[str, list[object]]:
    since, until, kind = filters.get("since"), filters.get("until"), filters.get("kind")
    wanted: dict[str, object] = {
        "actor = ?": filters.get("actor"),
        "action = ?": filters.get("action"),
        "at >= ?": instant(since) if since else None,
        "at < ?": instant(until) if until else None,
        "subject || ':' LIKE ?": f"{kind}:%" if kind else None,
        "instr(reason || char(10) || before || char(10) || after, ?)": filters.get("text") or None,
    }
    wanted = {condition: value for condition, value in wanted.items() if value is not None}
    return " AND ".join(["1", *wanted]), list(wanted.values())


@dataclass(slots=True)
class _Concern:
    """What some tasks, or a document with all of its tasks, have to do with an event.

    `events` are those that their deadlines wait for, by task; `units` those that their names were resolved to at any time, which
    come to light as the events of the log go by.
    """

    tasks: Mapping[int, DocumentEntry]
    document: int | None
    events: frozenset[tuple[int, EventName]]
    names: frozenset[int]
    units: set[int]

    def meets(self, event: Event) -> bool:
        """Whether the event changed anything of them; events are to be asked in their order."""
        self._learn(event)
        return (
            not self.tasks.keys().isdisjoint(tasks_in(event))
            or self._is_document(event)
            or any(self._is_hung_on(row) for _, row in _rows(event, "occasions"))
            or any(self._is_resolved_by(event, table) for table in REGISTRY)
        )

    def _learn(self, event: Event) -> None:
        for number, row in _rows(event, "names"):
            if number in self.names:
                self.units.add(row["organization"])

    def _is_document(self, event: Event) -> bool:
        return self.document is not None and (
            event.subject == f"document:{self.document}"
            or str(self.document) in event.after.get("document_states", {})
        )

    def _is_hung_on(self, row: Row) -> bool:
        day = Occasion(0, row["name"], date.fromisoformat(row["happens_on"]), row["document"], row["task"])
        return any(day.concerns(event, task, self.tasks[task]) for task, event in self.events)

    def _is_resolved_by(self, event: Event, table: str) -> bool:
        """Whether the event resolved a name otherwise, or renamed a unit; not that it first took the name up."""
        ours = self.names if table == "names" else self.units
        before = event.before.get(table, {})
        return any(row is not None and int(number) in ours for number, row in before.items())


def _concern(ledger: Ledger, task: int | None, document: int | None) -> _Concern | None:
    if task is None and document is None:
        return None
    tasks = [ledger.task(task)] if task is not None else _tasks_of(ledger, ledger.entry(document or 0).id)
    return _Concern(
        tasks={one.id: one.document for one in tasks},
        document=document if task is None else None,
        events=frozenset(
            (one.id, event)
            for one in tasks
            for deadline in one.item.fields.deadlines
            if (event := awaited(deadline, one.document))
        ),
        names=frozenset(number for one in tasks for number in one.names.values()),
        units={organization.id for one in tasks for organization in one.organizations.values()},
    )


def _tasks_of(ledger: Ledger, document: int) -> list[Task]:
    numbers = ledger.db.execute("SELECT id FROM tasks WHERE document = ?", [document]).fetchall()
    return ledger.numbered([number for (number,) in numbers])


def tasks_in(event: Event) -> set[int]:
    """The numbers of the tasks of which the event changed a row."""
    own = {int(number) for table in ROWS_OF_TASKS for number in event.after.get(table, {})}
    named = (row.get("task") for table in ROWS_WITH_TASKS for _, row in _rows(event, table))
    return own | {number for number in named if number is not None}


def _rows(event: Event, table: str) -> Iterator[tuple[int, Row]]:
    """The rows of a table that the event changed, as they were and as they became."""
    for rows in (event.before, event.after):
        for number, row in rows.get(table, {}).items():
            if row is not None:
                yield int(number), row


# ---------------------------------------- taking back


def undo(ledger: Ledger, sequence: int, *, reason: str = "") -> Event:
    """Let what an event changed be again as it was before; returns the event that says so, its number first and then `reason`.

    Names of units that came with the change stay, for others may have come to use them.

    Raises:
        HistoryError: if there is no such event, it is of a kind that stays, or a later event changed or needs the same.
    """
    with told_plainly(ledger.path), ledger.transaction():
        event = _event(ledger, sequence)
        _must_be_reversible(event)
        _must_be_the_last_word(ledger, event)
        tasks = _tasks_to_refresh(ledger, event)
        said = "：".join(filter(None, (f"撤销第{sequence}号", reason.strip())))
        with ledger.change("undo", event.subject, reason=said) as change:
            try:
                _put_back(ledger, change, event)
            except sqlite3.IntegrityError as error:  # two rows would be for the same
                raise HistoryError(
                    f"第 {sequence} 号不能撤销：此后又登记了与之冲突的内容，请用 taizhang log 查看。"
                ) from error
            derived.refresh(ledger, sorted(tasks | _tasks_to_refresh(ledger, event)))
            _must_not_be_needed(ledger, event)
        return log(ledger, limit=1)[0]


def _event(ledger: Ledger, sequence: int) -> Event:
    for row in ledger.db.query("SELECT * FROM events WHERE sequence = ?", [sequence]):
        return event_of(row)
    raise HistoryError(f"台账“{ledger.path}”的日志中没有第 {sequence} 号：请用 taizhang log 查看编号。")


def _must_be_reversible(event: Event) -> None:
    for table, reason in NOT_TAKEN_BACK.items():
        if table in event.after:
            raise HistoryError(f"第 {event.sequence} 号不能撤销：{reason}。")
    if not event.after:
        raise HistoryError(f"第 {event.sequence} 号没有改动任何内容，无可撤销。")


def _must_be_the_last_word(ledger: Ledger, event: Event) -> None:
    for table, rows in event.after.items():
        for number, row in rows.items():
            if kept_row(ledger.db, table, int(number)) != row:
                raise _superseded(ledger, event, table, number)


def _superseded(ledger: Ledger, event: Event, table: str, number: str) -> HistoryError:
    """That a later event changed the row, or needs what the event brought."""
    later = "SELECT sequence, after FROM events WHERE sequence > ? ORDER BY sequence DESC"
    for sequence, after in ledger.db.execute(later, [event.sequence]):
        if number in json.loads(after).get(table, {}):
            return HistoryError(
                f"第 {event.sequence} 号不能撤销：第 {sequence} 号以它为基础又作了改动，请先撤销第 {sequence} 号。"
            )
    return HistoryError(f"第 {event.sequence} 号不能撤销：台账与日志不符，请用 taizhang verify 核查。")


def _put_back(ledger: Ledger, change: Change, event: Event) -> None:
    for table, rows in event.before.items():
        if table not in REGISTRY:
            for number in (number for number, row in rows.items() if row is None):
                change.drop(table, int(number))
    for table, rows in event.before.items():
        for number, row in rows.items():
            if row is not None:
                change.put(table, int(number), **row)
    for number, row in event.before.get("organizations", {}).items():
        if row is None and not ledger.db.execute(NAMES_OF_UNIT, [int(number)]).fetchone():
            change.drop("organizations", int(number))


def _must_not_be_needed(ledger: Ledger, event: Event) -> None:
    """Nothing that came later may belong to a row that is gone."""
    if any(row is None for table in BELONGED_TO for row in event.before.get(table, {}).values()):
        for table in schema.KEPT:
            for _, row, _, _ in ledger.db.execute(f"PRAGMA foreign_key_check({table})"):
                raise _superseded(ledger, event, table, str(row))


def _tasks_to_refresh(ledger: Ledger, event: Event) -> set[int]:
    """The tasks of which something derived may change with the event's rows."""
    found = tasks_in(event)
    units = {int(number) for number in event.after.get("organizations", {})}
    for rows in (event.before, event.after):
        # By unit, not by name: of several names of one unit a task has but one among what is derived of it.
        units |= {row["organization"] for row in rows.get("names", {}).values() if row}
    for unit in units:
        using = "SELECT DISTINCT task FROM task_units WHERE organization = ?"
        found |= {task for (task,) in ledger.db.execute(using, [unit]).fetchall()}
    if "occasions" in event.after:
        found |= {task for (task,) in ledger.db.execute(WITH_EVENTS).fetchall()}
    return found


def unit_names(ledger: Ledger) -> dict[int, str]:
    """The names of all units that are or were in the registry, by number."""
    with told_plainly(ledger.path):
        gone = "SELECT before FROM events WHERE instr(before, '\"organizations\"') ORDER BY sequence"
        names: dict[int, str] = {}
        for (before,) in ledger.db.execute(gone):
            rows = json.loads(before)["organizations"]
            names |= {int(number): row["name"] for number, row in rows.items() if row}
        return names | dict(ledger.db.execute("SELECT id, name FROM organizations").fetchall())
