"""Deadlines and recurring work as a calendar (RFC 5545) that Outlook, WPS and phones take in, with reminders.

A date is an all-day event; recurring work is one event with its rule where a rule gives its days, else an event a day. The
same date of the same ledger has the same UID each time, so that what is taken in again replaces what was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from dateutil.rrule import rrulestr
from icalendar import Alarm, Calendar, Event, vRecur

from extractor.export import wording
from extractor.export.files import replaced
from extractor.export.rows import Row, row_of
from extractor.ledger.ledger import Ledger
from extractor.ledger.origin import CALENDAR
from extractor.ledger.records import Status, Task
from extractor.ledger.recurrence import spacing
from extractor.ledger.schedule import Series, series_of
from extractor.ledger.workdays import workday_from
from extractor.version import __version__

NAME = "任务台账"
PRODID = f"{CALENDAR}{__version__}//ZH"
DAYS_AHEAD = (7, 1)
AT = time(9)
"""When reminders come, so many days ahead: not at midnight, when all-day events begin."""
A_DAY = timedelta(days=1)
TASKS_AT_ONCE = 500
LEDGER_IN_UID = 12
"""How many digits of the hash of a ledger's first event tell it from others."""
SET_ASIDE: tuple[Status, ...] = ("done", "cancelled", "suspended")
"""Statuses in which nobody is reminded: the event says so before its name."""

OCCURRENCE = "occurrence"
Key = tuple[str, date, int]
"""What a date of a task is known by: its kind, the day, which one it is."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What all events of a calendar share: which ledger it is of, when that was last changed, and how often it had been."""

    ledger: str
    changed: datetime
    changes: int
    workdays: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the making.

    Attributes:
        key: by which the task's events are told apart.
        words: the time as printed.
        day: the day as the ledger has it, the first where there are more.
        done: whether nothing is to be done any more.
        again: which one of its day it is, from 0.
        gap: the fewest days to another date of the same series, None where there is none.
        rule: the rule by which it recurs.
        without: the days of that rule on which it does not.
    """

    key: str
    words: str
    day: date
    done: bool = False
    again: int = 0
    gap: int | None = None
    rule: str | None = None
    without: tuple[date, ...] = ()


def write_calendar(ledger: Ledger, tasks: Sequence[Task], path: Path, *, workdays: bool = False) -> int:
    """Write the dates of `tasks`; with `workdays`, those on rest days on the next working day.

    Returns:
        How many entries the calendar has: a task without a date has none, one that recurs has one or many.
    """
    calendar = Calendar()
    for name, value in (
        ("prodid", PRODID),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("x-wr-calname", NAME),
    ):
        calendar.add(name, value)
    edition = _edition(ledger, workdays)
    for at in range(0, len(tasks), TASKS_AT_ONCE):
        some = tasks[at : at + TASKS_AT_ONCE]
        recurring, dates = series_of(ledger, some), _dates(ledger, some)
        for task in some:
            for event in _events(task, dates.get(task.id, {}), recurring[task.id], edition):
                calendar.add_component(event)
    with replaced(path) as draft:
        draft.write_bytes(calendar.to_ical())
    return len(calendar.subcomponents)


def _edition(ledger: Ledger, workdays: bool) -> Edition:
    first, sequence, at = ledger.db.execute(
        """SELECT (SELECT hash FROM events ORDER BY sequence LIMIT 1), sequence, at
        FROM events ORDER BY sequence DESC LIMIT 1"""
    ).fetchone() or ("", 0, "1970-01-01T00:00:00+00:00")
    return Edition(first[:LEDGER_IN_UID], datetime.fromisoformat(at), sequence, workdays)


def _dates(ledger: Ledger, tasks: Sequence[Task]) -> dict[int, dict[Key, tuple[str, bool]]]:
    """The dates of each task: the printed words, and whether it is done."""
    marks = ", ".join("?" * len(tasks))
    found: dict[int, dict[Key, tuple[str, bool]]] = {}
    rows = ledger.db.execute(
        f"""SELECT task, kind, due, nth, words, done FROM task_dates WHERE task IN ({marks})
        ORDER BY task, kind, due, nth""",
        [task.id for task in tasks],
    )
    for task, kind, due, nth, words, done in rows.fetchall():
        found.setdefault(task, {})[kind, date.fromisoformat(due), nth] = words, bool(done)
    return found


def _events(
    task: Task, dates: Mapping[Key, tuple[str, bool]], recurring: Sequence[Series], edition: Edition
) -> Iterator[Event]:
    row = row_of(task)
    for entry in _entries(task, dates, recurring, by_rule=not edition.workdays):
        yield _event(task, row, entry, edition)


def _entries(
    task: Task, dates: Mapping[Key, tuple[str, bool]], recurring: Sequence[Series], *, by_rule: bool
) -> Iterator[Entry]:
    aside = task.tracking.status in SET_ASIDE
    singly, gaps = dict(dates), dict[Key, int | None]()
    for number, series in enumerate(recurring):
        keys = [(OCCURRENCE, day, nth) for day, nth in series.days]
        # What is ticked off while the rest is open stands by itself, as done.
        ticked = {key for key in keys if dates[key][1] and not aside}
        gaps |= dict.fromkeys(keys, spacing(day for day, _ in series.days))
        left = [day for key, (day, _) in zip(keys, series.days, strict=True) if key not in ticked]
        if by_rule and (entry := _as_rule(number, series, left)):
            yield entry
            for key in set(keys) - ticked:
                del singly[key]
    for (kind, day, nth), (words, done) in singly.items():
        if kind == OCCURRENCE:
            yield Entry(f"{day}-{nth}", words, day, done, again=nth, gap=gaps[kind, day, nth])
        else:
            yield Entry(f"deadline-{nth}", words, day, done)


def _as_rule(number: int, series: Series, left: Sequence[date]) -> Entry | None:
    """The days of the series that are `left` as one event; None where no one rule gives them."""
    days = [day for day, _ in series.days]
    if len(left) < 2 or len(series.recurrence.rules) != 1:
        return None
    first, last = left[0], left[-1]
    rule = f"{series.recurrence.rules[0]};UNTIL={last:%Y%m%d}"
    given = [moment.date() for moment in rrulestr(rule, dtstart=datetime.combine(first, time()))]
    if given != [day for day in days if first <= day <= last]:
        return None
    without = tuple(day for day in given if day not in set(left))
    words = series.frequency.quote
    return Entry(f"series-{number}", words, first, gap=spacing(days), rule=rule, without=without)


def _event(task: Task, row: Row, entry: Entry, edition: Edition) -> Event:
    day = workday_from(entry.day) if edition.workdays else entry.day
    status = task.tracking.status if task.tracking.status in SET_ASIDE else "done" if entry.done else None
    title = _title(row, entry, status)
    event = Event()
    event.add("uid", f"{edition.ledger}-task-{task.id}-{entry.key}@taizhang")
    event.add("dtstamp", edition.changed)
    event.add("last-modified", edition.changed)
    event.add("sequence", edition.changes)
    event.add("dtstart", day)
    event.add("dtend", day + A_DAY)
    if entry.rule:
        event.add("rrule", vRecur.from_ical(entry.rule))
    if entry.without:
        event.add("exdate", list(entry.without))
    event.add("summary", title)
    moved_from = entry.day if day != entry.day else None
    event.add("description", _described(task, row, wording.tidy(entry.words), moved_from))
    event.add("transp", "TRANSPARENT")
    if status == "cancelled":
        event.add("status", "CANCELLED")
    for ahead in DAYS_AHEAD if status is None else ():
        if entry.gap is None or ahead < entry.gap:
            event.add_component(_reminder(title, ahead))
    return event


def _title(row: Row, entry: Entry, status: Status | None) -> str:
    owner = (row.lead or row.responsible).split("、")[0]
    stands = f"（{wording.STATUSES[status]}）" if status else ""
    again = f"（当日第{entry.again + 1}次）" if entry.again else ""
    return stands + row.task + (f"（{owner}）" if owner else "") + again


def _reminder(title: str, ahead: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(hours=AT.hour) - ahead * A_DAY)
    alarm.add("description", title)
    return alarm


def _described(task: Task, row: Row, words: str, moved_from: date | None) -> str:
    lines = (
        ("时限", words),
        ("原定日期", f"{moved_from}（休息日，顺延）" if moved_from else ""),
        ("牵头单位", row.lead),
        ("责任单位", row.responsible),
        ("配合单位", row.cooperating),
        ("来源", f"{row.source.replace(chr(10), ' ')} {row.place}"),
        ("台账序号", str(task.id)),
    )
    return "\n".join([*(f"{name}：{said}" for name, said in lines if said), row.content])
