"""到期: what is overdue, due and coming by unit; a month; the days of the events that deadlines wait for."""

from __future__ import annotations

import re
from calendar import Calendar
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from extractor.export.rows import brief_name
from extractor.ledger import choices
from extractor.ledger.calendar import DatedTask, on_days
from extractor.ledger.due import DueRow, by_unit, due
from extractor.ledger.errors import LedgerError
from extractor.ledger.tracking import tick, untick
from extractor.ledger.waiting import EventError, events, forget_day, set_day
from extractor.ledger.workdays import is_workday, years_without_holidays
from extractor.web.errors import on_page
from extractor.web.pages.numbers import LARGEST
from extractor.web.pages.sign_in import own_path
from extractor.web.pages.table import MOST_DOCUMENTS
from extractor.web.templating import query
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

STRETCHES = (7, 30, 90, 365)
"""For how many days ahead one can look."""
MOST_DATES = 3000
"""No more on one page: nobody reads on."""
IN_A_CELL = 3
"""How many tasks a day of the calendar names."""
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
SATURDAY = 5

Chosen = Annotated[int | None, Query(ge=1, le=LARGEST)]
Words = Annotated[str, Form(max_length=2000)]
Day = Annotated[date, Form()]


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom one looks: one unit, the tasks of one circular, or all; and whether rest days give way to working days."""

    organization: int | None
    document: int | None
    workdays: bool

    def query(self, **more: object) -> str:
        """The part of an address behind `?` that asks for the same, and `more`."""
        asked = {
            "organization": self.organization,
            "document": self.document,
            "workdays": self.workdays or None,
        }
        return query(**{**asked, **more})

    def widened(self, **more: object) -> str:
        """As `query`, for all units."""
        return replace(self, organization=None).query(**more)


def scope_of(organization: Chosen = None, document: str = "", workdays: bool = False) -> Scope:
    """For whom the address asks."""
    number = int(document) if document.isascii() and document.isdecimal() and len(document) < 19 else None
    return Scope(organization, number, workdays)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the calendar: its dates, which of them are open, and whether offices rest on it.

    `remark` is 休 or 班 where it is no ordinary day of its week.
    """

    day: date
    dates: tuple[DatedTask, ...]
    outside: bool
    rest: bool
    remark: str

    @property
    def open(self) -> int:
        """How many are still to be done."""
        return sum(each.open for each in self.dates)


@router.get("/due")
def due_list(
    visit: Annotated[Visit, may("read")],
    within: Annotated[int, Query(ge=0, le=3660)] = 30,
    organization: Chosen = None,
    document: Annotated[str, Query(max_length=20)] = "",
    workdays: bool = False,
) -> Response:
    """What is overdue, due today and coming, by unit."""
    scope, today = scope_of(organization, document, workdays), date.today()
    rows = due(
        visit.ledger,
        today,
        within,
        organization=scope.organization,
        document=scope.document,
        workdays=scope.workdays,
        limit=MOST_DATES + 1,
    )
    shown = [row for row in rows[:MOST_DATES] if row.days <= within]
    once = Counter({(row.task, row.kind, row.nth, row.stated): row.state for row in shown}.values())
    return visit.show(
        "due.html",
        tab="list",
        within=within,
        stretches=STRETCHES,
        units=by_unit(shown),
        counts=once,
        cut=len(rows) > MOST_DATES,
        most=MOST_DATES,
        unknown_years=years_without_holidays({row.stated.year for row in shown}) if workdays else [],
        name_of=name_of,
        **_frame(visit, scope),
    )


@router.get("/due/month")
def month(
    visit: Annotated[Visit, may("read")],
    month: Annotated[str, Query(max_length=10)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
    organization: Chosen = None,
    document: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A month with what falls on its days; one of them can be opened."""
    scope, today = scope_of(organization, document), date.today()
    opened = _day(day)
    first = _month(month) or (opened or today).replace(day=1)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    found = on_days(
        visit.ledger,
        weeks[0][0],
        weeks[-1][-1],
        organization=scope.organization,
        document=scope.document,
        limit=MOST_DATES + 1,
    )
    by_day = {each: tuple(some) for each, some in groupby(found[:MOST_DATES], key=lambda one: one.due)}
    return visit.show(
        "due_month.html",
        tab="month",
        first=first,
        before=_shifted(first, -1),
        after=_shifted(first, 1),
        weeks=[[_calendar_day(each, by_day.get(each, ()), first) for each in week] for week in weeks],
        opened=opened if opened in by_day else None,
        dates=by_day.get(opened, ()) if opened else (),
        in_a_cell=IN_A_CELL,
        cut=len(found) > MOST_DATES,
        most=MOST_DATES,
        unknown_years=years_without_holidays([first.year]),
        name_of=name_of,
        **_frame(visit, scope),
    )


@router.post("/due/tick")
def tick_off(
    visit: Annotated[Visit, may("track")],
    task: Annotated[int, Form(ge=1, le=LARGEST)],
    due: Day,
    nth: Annotated[int, Form(ge=0, le=LARGEST)],
    done_on: Annotated[str, Form(max_length=10)] = "",
    undo: Annotated[bool, Form()] = False,
    back: Words = "/due",
) -> Response:
    """Tick one time of work that recurs off, or take the tick back."""
    if undo:
        untick(visit.ledger, task, due, nth=nth)
        said = f"已撤销任务 {task} 在 {due} 的完成登记。"
    else:
        ticked = tick(visit.ledger, task, due, nth=nth, done_on=_day(done_on))
        said = f"已登记：任务 {task} 在 {due} 应办的一次于 {ticked.done_on} 完成。"
    return visit.redirect(own_path(back), said)


@router.get("/due/events")
def event_list(visit: Annotated[Visit, may("read")]) -> Response:
    """The events that deadlines hang on, and their days."""
    return _events_shown(visit)


@router.post("/due/events")
def give_day(
    visit: Annotated[Visit, may("track")],
    name: Annotated[str, Form(max_length=200)],
    happens_on: Annotated[str, Form(max_length=10)] = "",
    document: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Say when an event is, for the tasks of its year or of one circular."""
    given = _day(happens_on)
    if given is None:
        return _events_shown(visit, f"“{name}”的日期没有写明：请选择日期，或写成 2023-06-01 的样子。")
    only = scope_of(document=document).document
    try:
        event = set_day(visit.ledger, name, given, document=only)
    except LedgerError as error:
        return _events_shown(visit, on_page(error, visit.ledger.path))
    what = f"{len(event.dated)} 项任务有了日期" if event.dated else "目前没有任务因此有了日期，请核对年份"
    return visit.redirect("/due/events", f"已登记“{event.name}”为 {given}，{what}。")


@router.post("/due/events/forget")
def take_day_back(
    visit: Annotated[Visit, may("track")],
    name: Annotated[str, Form(max_length=200)],
    happens_on: Day,
    document: Annotated[str, Form(max_length=20)] = "",
    task: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Take the day of an event back."""
    try:
        forget_day(
            visit.ledger,
            name,
            happens_on,
            document=scope_of(document=document).document,
            task=scope_of(document=task).document,
        )
    except EventError as error:
        return _events_shown(visit, on_page(error, visit.ledger.path))
    return visit.redirect("/due/events", f"已撤销“{name}”的日期 {happens_on}。")


def name_of(row: DueRow | DatedTask) -> str:
    """What a task is called in a list of dates."""
    return brief_name(row.heading, row.number, row.opening)


def _events_shown(visit: Visit, problem: str = "") -> Response:
    found = events(visit.ledger)
    documents = choices.document_choices(visit.ledger, MOST_DOCUMENTS)
    return visit.show(
        "due_events.html",
        status=422 if problem else 200,
        tab="events",
        problem=problem,
        waiting=[event for event in found if len(event.dated) < len(event.tasks)],
        known=[event for event in found if event.days],
        titles={each.id: each.title for each in documents},
        **_frame(visit, Scope(None, None, workdays=False)),
    )


def _frame(visit: Visit, scope: Scope) -> dict[str, Any]:
    """What the pages on dates have in common."""
    organization = scope.organization and choices.unit_name(visit.ledger, scope.organization)
    asked = visit.request.url
    return {
        "scope": scope,
        "organization": organization or "",
        "documents": choices.document_choices(visit.ledger, MOST_DOCUMENTS),
        "today": date.today(),
        "back": asked.path + (f"?{asked.query}" if asked.query else ""),
    }


def _calendar_day(day: date, dates: tuple[DatedTask, ...], first: date) -> CalendarDay:
    works, weekday = is_workday(day), day.weekday() < SATURDAY
    remark = "" if works == weekday else "班" if works else "休"
    return CalendarDay(day, dates, day.month != first.month, not works, remark)


def _month(text: str) -> date | None:
    match = MONTH.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match and 1 < int(match[1]) < date.max.year else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and 1 < found.year < date.max.year else None


def _shifted(first: date, months: int) -> date:
    return (
        (first + timedelta(days=31)).replace(day=1)
        if months > 0
        else (first - timedelta(days=1)).replace(day=1)
    )
