"""Tables that come back filled in: what each row changes, what is refused of it and why, and then the change itself.

A field changes where the row says other than it did when it left (or last came back). It is a conflict where the ledger, too,
says other than then. Nothing is half applied: a row changes as a whole or is refused, the rows of a file change together.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal, TypedDict

from extractor.ledger import derived
from extractor.ledger.errors import LedgerError
from extractor.ledger.events import canonical
from extractor.ledger.handouts import KnownHandout, RowId, known_handout, mark_of, tracking_to_json
from extractor.ledger.records import OPEN, Status, Task, Tracking

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
    "overdue_reported",
    "not_current",
    "conflict",
    "completed_in_future",
    "completed_but_open",
    "done_below_100",
    "begun_but_not_started",
]
"""Why a row is refused."""

AFTER_PERCENT = re.compile(r"(?<=%)[，,、；;：:。]+")


class ChangedMeanwhileError(LedgerError):
    """The ledger was changed between the plan and its application."""

    def __init__(self, task: int) -> None:
        super().__init__(f"核对期间台账中任务 {task} 的进展又有改动，这份表未导入：请重新导入，再核对一次。")


class Said(TypedDict, total=False):
    """What a returned row says; what is absent it does not say. `percent` and `progress` come together."""

    status: Status | Literal["overdue"]
    percent: int | None
    progress: str
    completed_on: date | None
    remarks: str


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row as it came back.

    Attributes:
        place: where it stands in the file, in words.
        title: what it is about, as it says itself.
        row_id: the id it carries, None where it carries none.
        damaged_id: what stands in the place of an id and is none.
        said: what it says in the fields that are to be filled in.
        unreadable: fields that say something which cannot be understood, each with its text.
        identity: the cells, by column, that tell the rows of a table apart; an id must fit them.
        others: the other cells, by column, that were not to be changed.
    """

    place: str
    title: str
    row_id: RowId | None
    damaged_id: str
    said: Said
    unreadable: tuple[tuple[Reason, str], ...]
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
    """What a row changes of its task, `fields` with what follows from what it says; `said` is what all of it says."""

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
    pending: Mapping[int, Tracking] | None = None,
) -> Plan:
    """What `table` would change; nothing is written.

    Args:
        ledger: the ledger that handed it out.
        table: what came back.
        today: the day after which nothing can have been completed yet.
        returned_by: who returned it; unless given, whom it was handed out to.
        pending: what plans that are applied before this one make of their tasks.
    """
    identified = [(row, row.row_id) for row in table.rows if row.row_id]
    handouts = {
        token: known
        for token in dict.fromkeys(row_id.token for _, row_id in identified)
        if (known := known_handout(ledger, token))
    }
    tasks = {task.id: task for task in ledger.numbered(list({row_id.task for _, row_id in identified}))}
    elsewhere = {token: _marks(known) for token, known in handouts.items()}

    refusals = [
        Refusal(row, "damaged_id", row.damaged_id) for row in table.rows if row.damaged_id and not row.row_id
    ]
    genuine: list[_Genuine] = []
    for row, row_id in identified:
        known = handouts.get(row_id.token)
        if known is None:
            refusals.append(Refusal(row, "unknown_handout", row_id.text))
        elif row_id.task not in known.handout.rows or known.handout.row_id(row_id.task) != row_id.text:
            refusals.append(Refusal(row, "damaged_id", row_id.text))
        elif _misplaced(row, row_id.task, known, elsewhere[row_id.token]):
            refusals.append(Refusal(row, "misplaced", str(row_id.task)))
        else:
            genuine.append(_Genuine(row, tasks[row_id.task], known))

    changes: list[RowChange] = []
    unchanged = 0
    single, repeated = _told_apart(genuine)
    refusals += [Refusal(each.row, "twice", str(each.task.id)) for each in repeated]
    for each in single:
        now = (pending or {}).get(each.task.id, each.task.tracking)
        outcome = _outcome(each, now, today)
        if isinstance(outcome, Refusal):
            refusals.append(outcome)
        elif outcome:
            changes.append(outcome)
        else:
            unchanged += 1

    back = {each.task.id for each in genuine}
    handed = {task for known in handouts.values() for task in known.handout.rows}
    order = {id(row): at for at, row in enumerate(table.rows)}
    return Plan(
        table,
        returned_by
        or "、".join(dict.fromkeys(k.handout.recipient for k in handouts.values() if k.handout.recipient)),
        changes=tuple(changes),
        refusals=tuple(sorted(refusals, key=lambda refusal: order[id(refusal.row)])),
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
        now = {task.id: task.tracking for task in ledger.numbered([c.task.id for c in planned.changes])}
        for change in planned.changes:
            if now[change.task.id] != change.before:
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
        day = after.completed_on.isoformat() if after.completed_on else None
        change.put("tracking", row.task.id, **{**asdict(after), "completed_on": day})
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


def _outcome(each: _Genuine, now: Tracking, today: date) -> RowChange | Refusal | None:
    """What the row changes, or why it may not; None where it says nothing new."""
    row, last = each.row, each.known.last_word(each.task.id)
    if row.unreadable:
        reason, text = row.unreadable[0]
        return Refusal(row, reason, text)
    if row.said.get("status") == "overdue" and last.said.status not in OPEN:
        return Refusal(row, "overdue_reported")
    said = _said(row.said, last.said, each.known.handout.rows[each.task.id].notes)
    changed = [field for field in FIELDS if not _same(field, said, last.said) and not _same(field, said, now)]
    if not changed:
        return None
    if each.task.standing != "current":
        return Refusal(row, "not_current", str(each.task.id))
    since = [f for f in changed if not _same(f, now, last.said) and not _same(f, now, last.stood)]
    if since:
        return Refusal(row, "conflict", str(each.task.id), tuple(since), now, said)
    after = _with_what_follows(_with(now, said, changed), said, changed)
    known_before = set(contradictions(now, today))
    for contradiction in contradictions(after, today):
        if contradiction not in known_before:
            return Refusal(row, contradiction, said=after)
    fields = tuple(field for field in FIELDS if not _same(field, now, after))
    return RowChange(row, each.task, each.known.id, fields, now, after, said)


def _with_what_follows(after: Tracking, said: Tracking, changed: Sequence[Field]) -> Tracking:
    """What is done is done to 100 percent unless it says otherwise; what has a percentage has begun."""
    percent_said = "progress" in changed and said.percent is not None
    if "status" in changed and after.status == "done" and not percent_said:
        return replace(after, percent=100)
    if "status" not in changed and after.status == "not_started" and after.percent:
        return replace(after, status="in_progress")
    return after


def contradictions(tracking: Tracking, today: date) -> Iterator[Reason]:
    """What cannot be true together."""
    if tracking.completed_on and tracking.completed_on > today:
        yield "completed_in_future"
    if tracking.completed_on and tracking.status != "done":
        yield "completed_but_open"
    if tracking.percent is not None:
        if tracking.status == "done" and tracking.percent < 100:
            yield "done_below_100"
        if tracking.status == "not_started" and tracking.percent > 0:
            yield "begun_but_not_started"


def _said(said: Said, last_said: Tracking, notes: Sequence[str]) -> Tracking:
    """What the row says, and said before where it now says nothing."""
    status = said.get("status", "overdue")
    remarks = said.get("remarks")
    return Tracking(
        status=last_said.status if status == "overdue" else status,
        percent=said.get("percent", last_said.percent),
        progress=said.get("progress", last_said.progress),
        completed_on=said.get("completed_on", last_said.completed_on),
        remarks=last_said.remarks if remarks is None else _own_lines(remarks, notes),
    )


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
        return "".join(one.remarks.split()) == "".join(other.remarks.split())
    return bool(getattr(one, field) == getattr(other, field))


def _in_words(tracking: Tracking) -> str:
    """Percentage and words as one, in which it does not matter which of them holds the percentage."""
    percent = f"{tracking.percent}%" if tracking.percent is not None else ""
    words = "".join(f"{percent}{tracking.progress}".split()).replace("％", "%")
    return AFTER_PERCENT.sub("", words, count=1)


def _foreign_edits(each: _Genuine) -> Iterator[ForeignEdit]:
    fixed = each.known.handout.rows[each.task.id].fixed
    for column, text in {**each.row.identity, **each.row.others}.items():
        if column in fixed and mark_of(text) != fixed[column]:
            yield ForeignEdit(each.row, each.task, column, text)
