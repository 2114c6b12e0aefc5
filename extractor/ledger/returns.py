"""Tables that come back filled in: what each row changes, what is refused of it and why, and then the change itself.

A field changes where the row says other than it did when it left, and other than the same table said when it last came back.
It is a conflict where the ledger, too, says other than then.

A table may come back more than once. What comes later is what holds now; but a cell that is as it left says nothing, for it may be
that of a colleague's copy. Copies that come together and contradict each other are a conflict: which is the later one nobody
can tell.

Nothing is half applied: a row changes as a whole or is refused, the rows of a file change together.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

from extractor.ledger import derived
from extractor.ledger.errors import LedgerError
from extractor.ledger.events import canonical
from extractor.ledger.handouts import (
    HandedRow,
    KnownHandout,
    LastWord,
    RowId,
    known_handout,
    legible,
    mark_of,
    same_cell,
    tracking_to_json,
)
from extractor.ledger.records import OPEN, Status, Task, Tracking
from extractor.ledger.tracking import (
    Contradiction,
    Report,
    after_report,
    new_contradictions,
    tracking_columns,
)

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

Field = Literal["status", "progress", "completed_on", "remarks"]
"""What recipients may change; `progress` is the percentage with the words."""

Reason = Literal[
    "damaged_id",
    "unknown_handout",
    "misplaced",
    "twice",
    "unreckoned",
    "unreadable_status",
    "unreadable_percent",
    "unreadable_day",
    "day_without_year",
    "overdue_reported",
    "not_current",
    "conflict",
    "other_copy",
    Contradiction,
]
"""Why a row is refused."""

LEADING_PERCENT = re.compile(r"(\d{1,4})[%％][，,、；;：:。]*")


class ChangedMeanwhileError(LedgerError):
    """The ledger was changed between the plan and its application."""

    def __init__(self, task: int) -> None:
        super().__init__(f"核对期间台账中任务 {task} 又有改动，这份表未导入：请重新导入，再核对一次。")


class DayOfSomeYear(NamedTuple):
    """A day as people write it who know the year."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month}月{self.day}日"


class Said(TypedDict, total=False):
    """What a returned row says; what is absent it does not say. `percent` and `progress` come together."""

    status: Status | Literal["overdue"]
    percent: int | None
    progress: str
    completed_on: date | DayOfSomeYear | None
    remarks: str


class Unreadable(NamedTuple):
    """A cell that was filled in with what cannot be understood: its text, and why."""

    field: Field
    reason: Reason
    text: str


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row as it came back.

    Attributes:
        place: where it stands in the file, in words.
        title: what it is about, as it says itself.
        row_id: the id it carries, None where it carries none.
        damaged_id: what stands in the place of an id and is none.
        said: what it says in the fields that are to be filled in.
        cells: the texts of these fields, as they stand there.
        unreadable: those of these fields that say something which cannot be understood.
        identity: the cells, by column, that tell the rows of a table apart; an id must fit them.
        others: the other cells, by column, that were not to be changed.
    """

    place: str
    title: str
    row_id: RowId | None
    damaged_id: str
    said: Said
    cells: Mapping[Field, str]
    unreadable: tuple[Unreadable, ...]
    identity: Mapping[str, str]
    others: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReturnedTable:
    """A file that came back: its name, the SHA-256 of its bytes, and its rows."""

    name: str
    sha256: str
    rows: tuple[ReturnedRow, ...]


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a row changes of its task, `fields` with what follows from what it says.

    `said` is what the rows of this handout have said of the task so far, this one included.
    """

    row: ReturnedRow
    task: Task
    handout: int
    fields: tuple[Field, ...]
    before: Tracking
    after: Tracking
    said: Tracking


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that changes nothing, and why: `text` is what cannot be accepted, `now` and `said` the two sides of a conflict."""

    row: ReturnedRow
    reason: Reason
    text: str = ""
    fields: tuple[Field, ...] = ()
    now: Tracking | None = None
    said: Tracking | None = None


@dataclass(frozen=True, slots=True)
class ForeignEdit:
    """A cell that was not for the recipient to change and says something else than when it left; it is not applied."""

    row: ReturnedRow
    task: Task
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a returned table would change.

    `missing` are the tasks of the same handout that are not in it, `added` the rows that were not handed out, `unchanged` how
    many rows say nothing new.
    """

    table: ReturnedTable
    returned_by: str
    changes: tuple[RowChange, ...]
    refusals: tuple[Refusal, ...]
    foreign: tuple[ForeignEdit, ...]
    missing: tuple[int, ...]
    added: tuple[ReturnedRow, ...]
    unchanged: int


def plan(
    ledger: Ledger,
    table: ReturnedTable,
    *,
    today: date,
    returned_by: str | None = None,
    earlier: Sequence[Plan] = (),
) -> Plan:
    """What `table` would change; nothing is written.

    Args:
        ledger: the ledger that handed it out.
        table: what came back.
        today: the day after which nothing can have been completed yet.
        returned_by: who returned it; unless given, whom it was handed out to.
        earlier: the plans of what came together with this table, which are applied before it.
    """
    identified = [(row, row.row_id) for row in table.rows if row.row_id]
    handouts = {
        token: _with_earlier(known, earlier)
        for token in dict.fromkeys(row_id.token for _, row_id in identified)
        if (known := known_handout(ledger, token))
    }
    tasks = {task.id: task for task in ledger.numbered(list({row_id.task for _, row_id in identified}))}
    genuine, refusals = _told_from_others(identified, handouts, tasks)
    single, repeated = _told_apart(_dated(each, today) for each in genuine)
    refusals += [
        Refusal(row, "damaged_id", row.damaged_id) for row in table.rows if row.damaged_id and not row.row_id
    ]
    refusals += [Refusal(each.row, "twice", str(each.task.id)) for each in repeated]

    together = [change for each in earlier for change in each.changes]
    latest = {change.task.id: change.after for change in together}
    copied = {(change.handout, change.task.id) for change in together}
    changes: list[RowChange] = []
    unchanged = 0
    for each in single:
        now = latest.get(each.task.id, each.task.tracking)
        outcome = _outcome(each, now, today, copied=(each.known.id, each.task.id) in copied)
        if isinstance(outcome, Refusal):
            refusals.append(outcome)
        elif outcome:
            changes.append(outcome)
        else:
            unchanged += 1

    back = {each.task.id for each in genuine}
    handed = {task for known in handouts.values() for task in known.handout.rows}
    order = {row.place: at for at, row in enumerate(table.rows)}
    return Plan(
        table,
        returned_by
        or "、".join(dict.fromkeys(k.handout.recipient for k in handouts.values() if k.handout.recipient)),
        changes=tuple(changes),
        refusals=tuple(sorted(refusals, key=lambda refusal: order[refusal.row.place])),
        foreign=tuple(edit for each in genuine for edit in _foreign_edits(each)),
        missing=tuple(sorted(handed - back)) if back else (),
        added=tuple(row for row in table.rows if not row.row_id and not row.damaged_id),
        unchanged=unchanged,
    )


def apply(ledger: Ledger, planned: Plan) -> None:
    """Change what the plan says, all of it or nothing: an event for each task.

    Raises:
        ChangedMeanwhileError: if a task is no longer as the plan found it.
    """
    with ledger.transaction():
        now = {task.id: task for task in ledger.numbered([c.task.id for c in planned.changes])}
        for change in planned.changes:
            task = now.get(change.task.id)
            if task is None or task.standing != "current" or task.tracking != change.before:
                raise ChangedMeanwhileError(change.task.id)
            _record(ledger, change, planned)
        derived.refresh(ledger, [change.task.id for change in planned.changes])


def _record(ledger: Ledger, row: RowChange, planned: Plan) -> None:
    after = row.after
    reason = f"{planned.returned_by}：{planned.table.name}" if planned.returned_by else planned.table.name
    known = ledger.db.execute(
        "SELECT id FROM returns WHERE handout = ? AND task = ?", [row.handout, row.task.id]
    ).fetchone()
    with ledger.change("return", f"task:{row.task.id}", reason=reason) as change:
        change.put("tracking", row.task.id, **tracking_columns(after))
        change.put(
            "returns",
            known and known[0],
            handout=row.handout,
            task=row.task.id,
            returned_by=planned.returned_by,
            name=planned.table.name,
            sha256=planned.table.sha256,
            reported=canonical([tracking_to_json(row.said), tracking_to_json(after)]),
        )


@dataclass(frozen=True, slots=True)
class _Genuine:
    """A row that was handed out as it says, with its task and its handout."""

    row: ReturnedRow
    task: Task
    known: KnownHandout

    @property
    def left(self) -> HandedRow:
        """The row when it left."""
        return self.known.handout.rows[self.task.id]

    def is_as_it_left(self, field: Field) -> bool:
        """Whether the row's cell of that field is as it was, by its text or by what it means."""
        cell = self.row.cells.get(field, "")
        left = self.left.tracking
        if field == "progress" and same_cell(cell, _joined(left.percent, left.progress, "，")):
            return True
        remarks = "\n".join(dict.fromkeys(filter(None, (left.remarks, *self.left.notes))))
        if field == "remarks" and same_cell(cell, remarks):
            return True
        if any(field == unreadable.field for unreadable in self.row.unreadable):
            return False
        dateless = field == "completed_on" and isinstance(self.row.said.get(field), DayOfSomeYear)
        return not dateless and _same(field, self.said(left), left)

    def stated(self) -> list[Field]:
        """The fields of which the row says something."""
        said = self.row.said
        silent = {"status"} if said.get("status") == "overdue" else set()
        return [field for field in FIELDS if field in said and field not in silent]

    def said(self, otherwise: Tracking) -> Tracking:
        """What the row says, and `otherwise` where it says nothing."""
        said = self.row.said
        status = said.get("status", "overdue")
        day = said.get("completed_on", otherwise.completed_on)
        remarks = said.get("remarks")
        return Tracking(
            status=otherwise.status if status == "overdue" else status,
            percent=said.get("percent", otherwise.percent),
            progress=said.get("progress", otherwise.progress),
            completed_on=None if isinstance(day, DayOfSomeYear) else day,
            remarks=otherwise.remarks if remarks is None else _own_lines(remarks, self.left.notes),
        )


def _with_earlier(known: KnownHandout, earlier: Sequence[Plan]) -> KnownHandout:
    """The handout as it is when the `earlier` plans have been applied."""
    words = {
        change.task.id: LastWord(change.said, change.after)
        for each in earlier
        for change in each.changes
        if change.handout == known.id
    }
    return replace(known, returned={**known.returned, **words})


def _told_from_others(
    identified: Iterable[tuple[ReturnedRow, RowId]],
    handouts: Mapping[str, KnownHandout],
    tasks: Mapping[int, Task],
) -> tuple[list[_Genuine], list[Refusal]]:
    """The rows that were handed out as they say, and those of which that cannot be told, each with the reason."""
    cells = {token: _marks(known) for token, known in handouts.items()}
    genuine: list[_Genuine] = []
    refusals: list[Refusal] = []
    for row, row_id in identified:
        known, task = handouts.get(row_id.token), tasks.get(row_id.task)
        if known is None:
            refusals.append(Refusal(row, "unknown_handout", row_id.text))
        elif row_id.task not in known.handout.rows or known.handout.row_id(row_id.task) != row_id.text:
            refusals.append(Refusal(row, "damaged_id", row_id.text))
        elif task is None:  # it was taken in by hand, handed out, and the taking in undone
            refusals.append(Refusal(row, "not_current", str(row_id.task)))
        elif _misplaced(row, row_id.task, known, cells[row_id.token]):
            refusals.append(Refusal(row, "misplaced", str(row_id.task)))
        else:
            genuine.append(_Genuine(row, task, known))
    return genuine, refusals


def _marks(known: KnownHandout) -> Counter[tuple[str, str]]:
    """How often each cell stands in the rows that were handed out."""
    return Counter(cell for row in known.handout.rows.values() for cell in row.fixed.items())


def _misplaced(row: ReturnedRow, task: int, known: KnownHandout, cells: Counter[tuple[str, str]]) -> bool:
    """Whether the row stands beside the id of another, as after sorting some columns without the others.

    So it is where nothing is left by which the row is known, or where a cell is that of another row.
    """
    fixed = known.handout.rows[task].fixed
    found = {column: mark_of(text) for column, text in row.identity.items() if text}
    strange = {column: mark for column, mark in found.items() if mark != fixed.get(column)}
    return bool(found) and (len(strange) == len(found) or any(cells[cell] for cell in strange.items()))


def _told_apart(rows: Iterable[_Genuine]) -> tuple[list[_Genuine], list[_Genuine]]:
    """Rows of which there is one for a task, or several that say the same (then the first), and those that contradict each other."""
    by_task: defaultdict[int, list[_Genuine]] = defaultdict(list)
    for each in rows:
        by_task[each.task.id].append(each)
    single: list[_Genuine] = []
    repeated: list[_Genuine] = []
    for first, *others in by_task.values():
        same = all(
            (other.row.said, other.row.unreadable, other.known.id)
            == (first.row.said, first.row.unreadable, first.known.id)
            for other in others
        )
        if same:
            single.append(first)
        else:
            repeated += [first, *others]
    return single, repeated


def _outcome(each: _Genuine, now: Tracking, today: date, *, copied: bool) -> RowChange | Refusal | None:
    """What the row changes, or why it may not; None where it says nothing new.

    `copied` is whether another copy of it, which came together with this one, had the last word.
    """
    row, left, last = each.row, each.left.tracking, each.known.last_word(each.task.id)
    touched = [field for field in each.stated() if not each.is_as_it_left(field)]
    for field, reason, text in row.unreadable:
        if not each.is_as_it_left(field):
            return Refusal(row, reason, text)
    if row.said.get("status") == "overdue" and not {left.status, last.said.status} & set(OPEN):
        return Refusal(row, "overdue_reported")
    day = row.said.get("completed_on")
    if isinstance(day, DayOfSomeYear):
        return Refusal(row, "day_without_year", str(day))
    said = each.said(last.said)
    changed = [f for f in touched if not _same(f, said, last.said)]
    others = [f for f in changed if copied and not _same(f, last.said, left) and not _same(f, said, now)]
    news = [field for field in changed if not _same(field, said, now)]
    if not news:
        return None
    if each.task.standing != "current":
        return Refusal(row, "not_current", str(each.task.id))
    if others:
        return Refusal(row, "other_copy", str(each.task.id), tuple(others), last.said, said)
    since = [f for f in news if not _same(f, now, last.said) and not _same(f, now, last.stood)]
    if since:
        return Refusal(row, "conflict", str(each.task.id), tuple(since), now, said)
    after = after_report(now, _report(said, last.said, news), today)
    for contradiction in new_contradictions(now, after, today):
        return Refusal(row, contradiction, said=after)
    fields = tuple(field for field in FIELDS if not _same(field, now, after))
    return RowChange(row, each.task, each.known.id, fields, now, after, _with(last.said, said, changed))


def _dated(each: _Genuine, today: date) -> _Genuine:
    """The row with the year of its day of completion, if it names none and only one is possible.

    That is the year that it named before, or the one in which the day was not before the circular, nor is still to come.
    """
    day, document = each.row.said.get("completed_on"), each.task.document
    if not isinstance(day, DayOfSomeYear):
        return each
    known = (each.known.last_word(each.task.id).said.completed_on, each.left.tracking.completed_on)
    possible = [each for each in known if each and (each.month, each.day) == day][:1]
    first = document.issued_on or (date(document.year, 1, 1) if document.year else None)
    if first and not possible:
        days = (_on_calendar(year, day) for year in range(first.year, today.year + 1))
        possible = [found for found in days if found and first <= found <= today]
    if len(possible) != 1:
        return each
    said: Said = {**each.row.said, "completed_on": possible[0]}
    return replace(each, row=replace(each.row, said=said))


def _on_calendar(year: int, day: DayOfSomeYear) -> date | None:
    try:
        return date(year, day.month, day.day)
    except ValueError:  # 29 February
        return None


def _report(said: Tracking, last_said: Tracking, fields: Sequence[Field]) -> Report:
    """What the row reports anew.

    A percentage that it does not mention is taken back only where it did mention one, and not by saying that all is done.
    """
    report: Report = {}
    if "status" in fields:
        report["status"] = said.status
    if "progress" in fields:
        report["progress"] = said.progress
        if said.percent is not None or (last_said.percent is not None and said.status != "done"):
            report["percent"] = said.percent
    if "completed_on" in fields:
        report["completed_on"] = said.completed_on
    if "remarks" in fields:
        report["remarks"] = said.remarks
    return report


def _own_lines(remarks: str, notes: Sequence[str]) -> str:
    """The remarks without the lines that the program had put among them."""
    ours = {"".join(note.split()) for note in notes}
    return "\n".join(line for line in remarks.split("\n") if "".join(line.split()) not in ours)


COLUMNS_OF: Mapping[Field, tuple[str, ...]] = {
    "status": ("status",),
    "progress": ("percent", "progress"),
    "completed_on": ("completed_on",),
    "remarks": ("remarks",),
}
FIELDS: tuple[Field, ...] = tuple(COLUMNS_OF)


def _with(now: Tracking, said: Tracking, fields: Iterable[Field]) -> Tracking:
    return replace(now, **{name: getattr(said, name) for field in fields for name in COLUMNS_OF[field]})


def _same(field: Field, one: Tracking, other: Tracking) -> bool:
    if field == "progress":
        return _in_words(one) == _in_words(other)
    if field == "remarks":
        return legible(one.remarks) == legible(other.remarks)
    return bool(getattr(one, field) == getattr(other, field))


def _in_words(tracking: Tracking) -> str:
    """Percentage and words as one, in which it does not matter which of them holds the percentage."""
    words = legible(_joined(tracking.percent, tracking.progress))
    percent = LEADING_PERCENT.match(words)
    return f"{int(percent[1])}%{words[percent.end() :]}" if percent else words


def _joined(percent: int | None, words: str, between: str = "") -> str:
    return between.join(filter(None, (f"{percent}%" if percent is not None else "", words)))


def _foreign_edits(each: _Genuine) -> Iterator[ForeignEdit]:
    fixed = each.known.handout.rows[each.task.id].fixed
    for column, text in {**each.row.identity, **each.row.others}.items():
        if column in fixed and mark_of(text) != fixed[column]:
            yield ForeignEdit(each.row, each.task, column, text)
