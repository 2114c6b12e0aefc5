"""What is overdue, due and coming on a given day, by unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from extractor.ledger.errors import told_plainly
from extractor.ledger.plain import plain
from extractor.ledger.records import Status
from extractor.ledger.tasks import TASKS_OF_ORGANIZATION, TASKS_WITH_UNIT
from extractor.ledger.workdays import latest_moved_to, workday_from

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

DueState = Literal["overdue", "today", "coming"]

LONGEST_OPENING = 80
"""How many characters of a task without a heading are given to name it by."""

OWNERS = """LEFT JOIN task_units AS owner ON owner.task = {task} AND owner.role =
        CASE WHEN EXISTS (SELECT 1 FROM task_units WHERE task = {task} AND role = 'lead') THEN 'lead' ELSE 'responsible' END
    LEFT JOIN organizations ON organizations.id = owner.organization"""
"""The units that must deliver a task: those that lead it, or where none does, those responsible."""

CALLED = f"""CASE WHEN heading.id THEN json_extract(heading.value, '$') ELSE items.heading END, items.number,
        CASE WHEN tasks.span_start IS NULL THEN substr(items.quote, 1, {LONGEST_OPENING})
            ELSE substr(documents.text, tasks.span_start + 1, min({LONGEST_OPENING}, tasks.span_end - tasks.span_start)) END"""
"""What a task is named by: heading, number, how it begins."""

FROM_DATES = """FROM task_dates AS dates
    JOIN tasks ON tasks.id = dates.task
    JOIN documents ON documents.id = tasks.document
    LEFT JOIN items ON items.id = tasks.item
    LEFT JOIN tracking ON tracking.id = dates.task
    LEFT JOIN corrections AS heading ON heading.task = dates.task AND heading.field = 'heading'"""
"""The dates of tasks, with what is to be said of the tasks."""

DUE = f"""SELECT dates.due, dates.task, dates.nth, dates.kind, dates.words,
        coalesce(tracking.status, 'not_started'), tracking.percent,
        tasks.document, coalesce(documents.title, documents.name),
        {CALLED},
        organizations.id, organizations.name, organizations.collective,
        CASE WHEN organizations.collective THEN organizations.place END
    {FROM_DATES}
    {OWNERS.format(task="dates.task")}
    WHERE dates.done = 0 AND dates.due <= ? AND coalesce(tracking.status, 'not_started') IN ('not_started', 'in_progress')
        {{more}}
    ORDER BY dates.due, dates.task, dates.kind, dates.nth, organizations.id LIMIT ? OFFSET ?"""


class DueRow(NamedTuple):
    """One date of a task by which something is still to be done, for one unit that must deliver it.

    Attributes:
        due: the last day allowed; with working days asked for, the working day it is moved to.
        days: how many days are left, negative where it has passed.
        stated: the day as the ledger has it.
        task: the number of the task.
        nth: which of the task's dates of that kind it is (among its deadlines, or of that day).
        kind: whether it is a deadline or a single time of work that recurs.
        words: the time as printed.
        status: the status as it was reported.
        percent: how far it has come, where that was reported.
        document: the number of its circular.
        title: the circular's title, or its file name.
        heading: the task's heading, where it has one.
        number: the task's number as printed, where it has one.
        opening: the first characters of the task.
        organization: the number of the unit in the registry; None where the text names none.
        unit: the unit's name; None where the text names none.
        collective: whether it is a collective (各有关部门).
        place: the place whose units a collective sums up.
    """

    due: date
    days: int
    stated: date
    task: int
    nth: int
    kind: Literal["deadline", "occurrence"]
    words: str
    status: Status
    percent: int | None
    document: int
    title: str
    heading: str | None
    number: str | None
    opening: str
    organization: int | None
    unit: str | None
    collective: int | None
    place: str | None

    @property
    def state(self) -> DueState:
        """Whether it has passed, is today, or is to come."""
        return "overdue" if self.days < 0 else "coming" if self.days else "today"


@dataclass(frozen=True, slots=True)
class DueLine:
    """The dates of one task with the same words and state, as work that recurs has many: the first, and how many they are."""

    first: DueRow
    count: int


@dataclass(frozen=True, slots=True)
class DueUnit:
    """What one unit has to deliver; `organization` and `name` are None for tasks whose text names no unit.

    `place` is that whose units a collective sums up.
    """

    organization: int | None
    name: str | None
    collective: bool
    place: str | None
    lines: tuple[DueLine, ...]

    def count(self, state: DueState) -> int:
        """How many dates are in that state."""
        return sum(line.count for line in self.lines if line.first.state == state)


def due(
    ledger: Ledger,
    as_of: date,
    within: int = 30,
    *,
    unit: str | None = None,
    organization: int | None = None,
    document: str | int | None = None,
    workdays: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[DueRow]:
    """The dates by which something is still to be done, from the longest past to `within` days after `as_of`, by day.

    A task that several units lead is there once for each. What is suspended is not there.

    Args:
        ledger: the ledger that is asked.
        as_of: the day from which it is looked at.
        within: how many days ahead, that day included.
        unit: part of the name of a unit that has any part in the task.
        organization: the number of such a unit.
        document: number, or part of name, title or 发文字号 of the circular.
        workdays: whether a date on a rest day is moved to the next working day.
        limit: no more rows than this.
        offset: how many rows are passed over.
    """
    last = date.fromordinal(min(as_of.toordinal() + within, date.max.toordinal()))
    more, values = _restricted(ledger, unit, organization, document)
    query = DUE.format(more=more)
    until = latest_moved_to(last) if workdays else last
    with told_plainly(ledger.path):
        found = ledger.db.execute(
            query, [until.isoformat(), *values, -1 if limit is None else limit, offset]
        ).fetchall()
    days = {iso: _when(iso, as_of, workdays) for iso in {row[0] for row in found}}
    return [DueRow._make(days[row[0]] + row[1:]) for row in found]


def by_unit(rows: Iterable[DueRow]) -> list[DueUnit]:
    """The rows by unit, those with most overdue first, then collectives, then what names no unit."""
    grouped: dict[
        tuple[int | None, str | None, bool, str | None], dict[tuple[object, ...], list[DueRow]]
    ] = {}
    for row in rows:
        of_unit = grouped.setdefault((row.organization, row.unit, bool(row.collective), row.place), {})
        of_unit.setdefault((row.task, row.kind, row.words, row.state), []).append(row)
    units = [
        DueUnit(*key, lines=tuple(DueLine(dates[0], len(dates)) for dates in lines.values()))
        for key, lines in grouped.items()
    ]
    return sorted(
        units, key=lambda one: (one.name is None, one.collective, -one.count("overdue"), one.name or "")
    )


def _restricted(
    ledger: Ledger, unit: str | None, organization: int | None, document: str | int | None
) -> tuple[str, list[object]]:
    conditions, values = "", list[object]()
    if unit:
        conditions += f" AND dates.task IN ({TASKS_WITH_UNIT})"
        values += [plain(unit), plain(unit), "%"]
    if organization is not None:
        conditions += f" AND dates.task IN ({TASKS_OF_ORGANIZATION})"
        values += [organization, "%"]
    if document is not None:
        named = [entry.id for entry in ledger.documents_named(str(document))]
        marks = ", ".join("?" * len(named))
        conditions += f" AND dates.task IN (SELECT id FROM tasks WHERE document IN ({marks}))"
        values += named
    return conditions, values


def _when(iso: str, as_of: date, workdays: bool) -> tuple[date, int, date]:
    stated = date.fromisoformat(iso)
    last = workday_from(stated) if workdays else stated
    return last, (last - as_of).days, stated
