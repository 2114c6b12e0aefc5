"""How far tasks have come: status, percentage, notes, files that prove it, and the single times of work that recurs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from extractor.ledger import derived
from extractor.ledger.corrections import GONE
from extractor.ledger.errors import LedgerError, told_plainly
from extractor.ledger.records import Record, Status, Task, Tracking

if TYPE_CHECKING:
    from extractor.ledger.events import Change
    from extractor.ledger.ledger import Ledger

LARGEST_EVIDENCE = 64 * 1024 * 1024
"""Bytes of one file of evidence: the ledger is one file that is copied and mailed."""
LONGEST_NAME = 120
NAMELESS = "附件"
NEAREST = 3
"""How many days are named where the one that was given is none."""

Contradiction = Literal[
    "completed_in_future", "completed_but_open", "done_below_100", "begun_but_not_started"
]
"""What cannot be true together."""
CONTRADICTIONS: Mapping[Contradiction, str] = {
    "completed_in_future": "完成日期 {completed_on} 还没有到：请核对日期",
    "completed_but_open": "只有已完成的任务才有完成日期：请同时把状态定为已完成",
    "done_below_100": "已完成的任务进度应为 100%：若还在办理，请同时把状态定为进行中",
    "begun_but_not_started": "未开始的任务没有进度：请同时把状态定为进行中",
}


class TrackingError(LedgerError):
    """What was to be recorded cannot be so; `str()` is one line in Chinese."""


class Report(TypedDict, total=False):
    """What is reported of a task; what is absent stays as it is, a percentage or day that is None is taken back."""

    status: Status
    percent: int | None
    progress: str
    completed_on: date | None
    remarks: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves something: its name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a task; `implied` names what changed with the status without being said, `added` the files."""

    task: int
    before: Tracking
    after: Tracking
    implied: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of evidence in the ledger: `id` is the number people type, `by` and `at` who added it and when, where known."""

    id: int
    task: int
    name: str
    sha256: str
    size: int
    by: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of work that recurs: the `nth` (from 0) on the day `due`, done where `done_on` is set.

    `planned` is False for what was ticked off and is not due any more, since the frequency was corrected.
    """

    due: date
    nth: int
    words: str
    done_on: date | None
    note: str
    planned: bool


def evidence_in(path: Path) -> Evidence:
    """The file at `path` as evidence.

    Raises:
        TrackingError: if it is too large.
        OSError: if it cannot be read.
    """
    if path.stat().st_size > LARGEST_EVIDENCE:
        raise _too_large(path.name)
    return Evidence(path.name, path.read_bytes())


def record(
    ledger: Ledger,
    task_ids: Iterable[int],
    *,
    evidence: Sequence[Evidence] = (),
    reason: str = "",
    today: date | None = None,
    **report: Unpack[Report],
) -> list[Recorded]:
    """Record the same of each of these tasks, of all or of none; an event for each that changes.

    Args:
        ledger: the ledger they are in.
        task_ids: their numbers.
        evidence: files to add to each.
        reason: why, for the log.
        today: the day after which nothing can have been completed yet: today unless given.
        report: what is reported; see `reported` for what follows from it.

    Raises:
        NoSuchTaskError: if there is no such task.
        TrackingError: if a task is no longer a row, the report contradicts itself, or a file is too large.
    """
    files = [_checked(file) for file in evidence]
    done = []
    with ledger.transaction():
        for task_id in dict.fromkeys(task_ids):
            task = current(ledger, task_id)
            after = reported(task.tracking, report, today or date.today(), task_id)
            with ledger.change("record", f"task:{task_id}", reason=reason) as change:
                if after != task.tracking:
                    change.put("tracking", task_id, **tracking_columns(after))
                added = [file.name for file in files if _attach(change, ledger, task_id, file)]
            implied = _implied(task.tracking, after, report)
            done.append(Recorded(task_id, task.tracking, after, implied, tuple(added)))
        derived.refresh(ledger, [one.task for one in done])
    return done


def reported(before: Tracking, report: Report, today: date, task_id: int) -> Tracking:
    """How a task stands after `report`; see `after_report` for what follows from it.

    Raises:
        TrackingError: if the report contradicts itself or what stands.
    """
    after = after_report(before, report, today)
    for contradiction in new_contradictions(before, after, today):
        said = CONTRADICTIONS[contradiction].format(completed_on=after.completed_on)
        raise TrackingError(f"任务 {task_id} 未登记：{said}。")
    return after


def after_report(before: Tracking, report: Report, today: date) -> Tracking:
    """How a task stands after `report`, wherever it comes from.

    What is done is done to 100 percent and today, unless it says otherwise; what is open has no day of completion; what has
    a percentage has begun. A percentage of 100 alone makes nothing done: who reports it may still have to be checked.
    """
    begun = before.status == "not_started" and (report.get("percent") or 0) > 0
    status = report.get("status", "in_progress" if begun else before.status)
    done = status == "done"
    percent = 100 if done and before.status != "done" else before.percent
    if status == "not_started" and "status" in report:
        percent = None
    completed_on = (before.completed_on or (today if before.status != "done" else None)) if done else None
    return Tracking(
        status=status,
        percent=report.get("percent", percent),
        progress=report.get("progress", before.progress),
        completed_on=report.get("completed_on", completed_on),
        remarks=report.get("remarks", before.remarks),
    )


def new_contradictions(before: Tracking, after: Tracking, today: date) -> Iterator[Contradiction]:
    """What cannot be true together in how a task stands `after` a report, and did not stand so before it."""
    standing = set(contradictions(before, today))
    return (each for each in contradictions(after, today) if each not in standing)


def contradictions(tracking: Tracking, today: date) -> Iterator[Contradiction]:
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


def attachments(ledger: Ledger, task_id: int) -> list[Attachment]:
    """The files of evidence of a task, in the order in which they were added.

    Raises:
        NoSuchTaskError: if there is no such task.
    """
    ledger.task(task_id)
    with told_plainly(ledger.path):
        rows = list(ledger.db.query("SELECT * FROM attachments WHERE task = ? ORDER BY id", [task_id]))
        return [Attachment(**row, **_added(ledger, task_id, row["id"], row["sha256"])) for row in rows]


def attachment(ledger: Ledger, task_id: int, wanted: str | int) -> tuple[Attachment, bytes]:
    """The task's file with that number or name, and its bytes.

    Raises:
        NoSuchTaskError: if there is no such task.
        TrackingError: if there is no such file, there are several, or its bytes are not those that were added.
    """
    found = _attachment(ledger, task_id, wanted)
    with told_plainly(ledger.path):
        row = ledger.db.execute(
            "SELECT CAST(data AS BLOB) FROM blobs WHERE sha256 = ?", [found.sha256]
        ).fetchone()
    data: bytes = (row and row[0]) or b""
    if hashlib.sha256(data).hexdigest() != found.sha256:
        raise TrackingError(
            f"附件“{found.name}”的内容与登记时不一致，未取出：请用 taizhang verify 核查台账。"
        )
    return found, data


def drop_attachment(ledger: Ledger, task_id: int, wanted: str | int, *, reason: str = "") -> Attachment:
    """Take a file off the task; its bytes stay in the ledger, for the log names them.

    Raises:
        NoSuchTaskError: if there is no such task.
        TrackingError: if there is no such file, or there are several.
    """
    with ledger.change("drop_attachment", f"task:{task_id}", reason=reason) as change:
        found = _attachment(ledger, task_id, wanted)
        change.drop("attachments", found.id)
    return found


def occurrences(ledger: Ledger, task_id: int) -> list[Occurrence]:
    """The single times of a task that recurs, by day.

    Raises:
        NoSuchTaskError: if there is no such task.
    """
    ledger.task(task_id)
    with told_plainly(ledger.path):
        planned = ledger.db.query(
            """SELECT task_dates.due, task_dates.nth, words, done_on, coalesce(note, '') AS note, 1 AS planned
            FROM task_dates LEFT JOIN ticks USING (task, due, nth) WHERE task = ? AND kind = 'occurrence'""",
            [task_id],
        )
        others = ledger.db.query(
            """SELECT due, nth, '' AS words, done_on, note, 0 AS planned FROM ticks WHERE task = :task AND (due, nth)
            NOT IN (SELECT due, nth FROM task_dates WHERE task = :task AND kind = 'occurrence')""",
            {"task": task_id},
        )
        found = [_occurrence(row) for row in [*planned, *others]]
    return sorted(found, key=lambda one: (one.due, one.nth))


def tick(
    ledger: Ledger,
    task_id: int,
    due: date,
    *,
    nth: int | None = None,
    done_on: date | None = None,
    note: str = "",
    today: date | None = None,
) -> Occurrence:
    """Tick off what was due on `due`: the first time that is open, or the `nth` (from 0), whose tick may so be corrected.

    `done_on` is the day on which it was done: today unless given.

    Raises:
        NoSuchTaskError: if there is no such task.
        TrackingError: if it is no longer a row, nothing of it is due on that day or all is ticked, or `done_on` is to come.
    """
    now = today or date.today()
    if done_on and done_on > now:
        raise TrackingError(f"任务 {task_id} 未登记：完成日期 {done_on} 还没有到：请核对日期。")
    with ledger.change("tick", f"task:{task_id}") as change:
        current(ledger, task_id)
        there = [one for one in _on(ledger, task_id, due, nth) if one.planned]
        if not there:
            raise _no_occurrence(ledger, task_id, due, nth)
        chosen = next((one for one in there if one.done_on is None or nth is not None), None)
        if chosen is None:
            raise TrackingError(f"任务 {task_id} 在 {due} 的一次已登记完成：要撤销，请加 --undo。")
        columns = {"task": task_id, "due": due.isoformat(), "nth": chosen.nth}
        change.put(
            "ticks",
            _tick_id(ledger, task_id, due, chosen.nth),
            **columns,
            done_on=(done_on or now).isoformat(),
            note=note,
        )
        derived.refresh(ledger, [task_id])
        (ticked,) = _on(ledger, task_id, due, chosen.nth)
        return ticked


def untick(
    ledger: Ledger, task_id: int, due: date, *, nth: int | None = None, reason: str = ""
) -> Occurrence:
    """Take back the tick of what was due on `due`: the last one of that day, or the `nth` (from 0).

    Raises:
        NoSuchTaskError: if there is no such task.
        TrackingError: if nothing of it is ticked off there.
    """
    with ledger.change("untick", f"task:{task_id}", reason=reason) as change:
        ledger.task(task_id)
        ticked = [one for one in _on(ledger, task_id, due, nth) if one.done_on]
        if not ticked:
            raise TrackingError(
                f"任务 {task_id} 在 {due} 没有登记过完成：请用 taizhang occurrences {task_id} 查看。"
            )
        tick_id = _tick_id(ledger, task_id, due, ticked[-1].nth)
        assert tick_id is not None
        change.drop("ticks", tick_id)
        derived.refresh(ledger, [task_id])
    return ticked[-1]


def current(ledger: Ledger, task_id: int) -> Task:
    """The task with that number, which must still be a row.

    Raises:
        NoSuchTaskError: if there is none.
        TrackingError: if it is a row no more; it says what became of it.
    """
    task = ledger.task(task_id)
    if task.standing != "current":
        (successor,) = ledger.db.execute("SELECT successor FROM tasks WHERE id = ?", [task_id]).fetchone()
        became = GONE[task.standing].format(id=task_id, successor=successor)
        raise TrackingError(f"任务 {task_id} {became}。")
    return task


def tracking_columns(tracking: Tracking) -> dict[str, Any]:
    """The row of the ledger that says so."""
    day = tracking.completed_on
    return {**asdict(tracking), "completed_on": day.isoformat() if day else None}


def _implied(before: Tracking, after: Tracking, report: Report) -> tuple[str, ...]:
    names = ("status", "percent", "completed_on")
    return tuple(n for n in names if n not in report and getattr(before, n) != getattr(after, n))


def _checked(file: Evidence) -> Evidence:
    """The file under a name that is one anywhere, and no path."""
    if len(file.data) > LARGEST_EVIDENCE:
        raise _too_large(file.name)
    last = re.split(r"[/\\]", file.name)[-1]
    printable = "".join("_" if unicodedata.category(char)[0] == "C" else char for char in last).strip()
    kept = Path(printable)
    name = kept.stem[: LONGEST_NAME - len(kept.suffix)] + kept.suffix
    return Evidence(name.lstrip(".") or NAMELESS, file.data)


def _too_large(name: str) -> TrackingError:
    limit = LARGEST_EVIDENCE // 1024 // 1024
    return TrackingError(f"附件“{name}”超过 {limit} MB，未登记：请压缩或拆分后再试。")


def _attach(change: Change, ledger: Ledger, task_id: int, file: Evidence) -> bool:
    """Add the file unless the task has the same already; whether it was added."""
    sha256 = hashlib.sha256(file.data).hexdigest()
    same = "SELECT 1 FROM attachments WHERE task = ? AND name = ? AND sha256 = ?"
    if ledger.db.execute(same, [task_id, file.name, sha256]).fetchone():
        return False
    ledger.db.execute("INSERT OR IGNORE INTO blobs (sha256, data) VALUES (?, ?)", [sha256, file.data])
    change.put("attachments", task=task_id, name=file.name, sha256=sha256, size=len(file.data))
    return True


def _attachment(ledger: Ledger, task_id: int, wanted: str | int) -> Attachment:
    listed = attachments(ledger, task_id)
    named = [one for one in listed if one.name == wanted or str(one.id) == str(wanted)]
    if not named:
        raise TrackingError(
            f"任务 {task_id} 没有附件“{wanted}”：请用 taizhang attachment {task_id} 查看附件。"
        )
    if len(named) > 1:
        numbers = "、".join(str(one.id) for one in named)
        raise TrackingError(f"任务 {task_id} 有几个名为“{wanted}”的附件：请改用编号 {numbers}。")
    return named[0]


def _added(ledger: Ledger, task_id: int, attachment_id: int, sha256: str) -> dict[str, Any]:
    """Who added the file, and when: what the first event of the task that has it says.

    Where the task took it over from another, by being split off or merged, the first event with these bytes says so.
    """
    first = f"""SELECT actor, at FROM events WHERE subject = ? AND json_type(after, '$.attachments."{attachment_id}"') = 'object'
        AND action NOT IN ('split', 'merge') ORDER BY sequence LIMIT 1"""
    of_bytes = "SELECT actor, at FROM events WHERE instr(after, ?) ORDER BY sequence LIMIT 1"
    for query, value in ((first, f"task:{task_id}"), (of_bytes, sha256)):
        for actor, at in ledger.db.execute(query, [value]).fetchall():
            return {"by": actor, "at": datetime.fromisoformat(at)}
    return {"by": None, "at": None}


def _on(ledger: Ledger, task_id: int, due: date, nth: int | None) -> list[Occurrence]:
    return [one for one in occurrences(ledger, task_id) if one.due == due and (nth is None or one.nth == nth)]


def _tick_id(ledger: Ledger, task_id: int, due: date, nth: int) -> int | None:
    row = ledger.db.execute(
        "SELECT id FROM ticks WHERE task = ? AND due = ? AND nth = ?", [task_id, due.isoformat(), nth]
    ).fetchone()
    return row[0] if row else None


def _no_occurrence(ledger: Ledger, task_id: int, due: date, nth: int | None) -> TrackingError:
    planned = sorted({one.due for one in occurrences(ledger, task_id) if one.planned})
    if not planned:
        return TrackingError(f"任务 {task_id} 没有按频次办理的日期：请用 taizhang record 登记进展。")
    if due in planned and nth is not None:
        return TrackingError(
            f"任务 {task_id} 在 {due} 没有第 {nth + 1} 次：请用 taizhang occurrences {task_id} 查看。"
        )
    nearest = sorted(sorted(planned, key=lambda day: abs(day - due))[:NEAREST])
    return TrackingError(
        f"任务 {task_id} 在 {due} 没有应办事项：最近的日期是 {'、'.join(map(str, nearest))}。"
    )


def _occurrence(row: Record) -> Occurrence:
    return Occurrence(
        due=date.fromisoformat(row["due"]),
        nth=row["nth"],
        words=row["words"],
        done_on=date.fromisoformat(row["done_on"]) if row["done_on"] else None,
        note=row["note"],
        planned=bool(row["planned"]),
    )
