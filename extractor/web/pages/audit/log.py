"""日志: who changed what and when, with filters; and each event by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from extractor.export import history as told
from extractor.export import wording
from extractor.ledger import Ledger, history
from extractor.ledger.errors import NoSuchDocumentError, NoSuchTaskError
from extractor.ledger.events import Event
from extractor.ledger.history import LogFilters, LogPage
from extractor.ledger.reviewing import event_numbered
from extractor.web.pages.numbers import LARGEST, Number
from extractor.web.templating import query
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

ON_A_PAGE = 50
MOST_DIFFERENCES = 500
"""So many values are shown of one event; one that takes in a long circular has thousands."""
EARLIEST, LATEST = date(1970, 1, 2), date(9000, 1, 1)
"""Days between which a moment can be worked out in any time zone."""

Words = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Line:
    """An event in words: what it was done to and where that is, what was done, what changed."""

    event: Event
    action: str
    subject: str
    address: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they were typed; `problems` says which are not understood."""

    text: str = ""
    actor: str = ""
    action: str = ""
    kind: str = ""
    task: str = ""
    document: str = ""
    since: str = ""
    until: str = ""
    problems: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(self.given().values())

    def given(self) -> dict[str, str]:
        """What is asked for, by the names in the address."""
        names = ("text", "actor", "action", "kind", "task", "document", "since", "until")
        return {name: getattr(self, name) for name in names}

    def address(self, page: int) -> str:
        """The address of another page of the same."""
        return f"/audit/log{query(**self.given(), page=page)}"

    def filters(self) -> LogFilters:
        """What the ledger is asked; notes what is not understood."""
        until = self._day(self.until, "到")
        return LogFilters(
            text=self.text.strip() or None,
            actor=self.actor.strip() or None,
            action=self.action if self.action in wording.ACTIONS else None,
            kind=self.kind if self.kind in wording.SUBJECTS else None,
            task=self._number(self.task, "任务序号"),
            document=self._number(self.document, "文件编号"),
            since=_midnight(self._day(self.since, "从")),
            until=_midnight(until and until + timedelta(days=1)),
        )

    def _number(self, typed: str, name: str) -> int | None:
        number = typed.strip()
        if not number:
            return None
        if number.isascii() and number.isdecimal() and 1 <= int(number) <= LARGEST:
            return int(number)
        self.problems.append(f"{name}“{wording.shortened(number, 20)}”不是编号：请写数字。")
        return None

    def _day(self, typed: str, name: str) -> date | None:
        if not typed.strip():
            return None
        try:
            return min(max(date.fromisoformat(typed.strip()), EARLIEST), LATEST)
        except ValueError:
            shown = wording.shortened(typed.strip(), 20)
            self.problems.append(f"“{name}”的日期“{shown}”不对：请写成 2023-06-30 的样子。")
            return None


def asked(
    text: Words = "",
    actor: Words = "",
    action: Words = "",
    kind: Words = "",
    task: Words = "",
    document: Words = "",
    since: Words = "",
    until: Words = "",
) -> Asked:
    """What the address asks for."""
    return Asked(text, actor, action, kind, task, document, since, until)


@router.get("/audit/log")
def log(
    visit: Annotated[Visit, may("audit")],
    asked: Annotated[Asked, Depends(asked)],
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """The events that the address asks for, the last first."""
    found = LogPage((), 0)
    filters = asked.filters()
    if not asked.problems:
        try:
            found = history.log_page(visit.ledger, page, ON_A_PAGE, **filters)
        except NoSuchTaskError:
            asked.problems.append(f"台账中没有任务 {asked.task.strip()}：请核对序号。")
        except NoSuchDocumentError:
            asked.problems.append(f"台账中没有文件 {asked.document.strip()}：请核对编号。")
    return visit.show(
        "audit_log.html",
        status=422 if asked.problems else 200,
        tab="log",
        asked=asked,
        lines=lines_of(visit.ledger, found.events),
        total=found.total,
        page=page,
        pages=max(-(-found.total // ON_A_PAGE), 1),
        actors=history.actors(visit.ledger),
    )


@router.get("/audit/log/{sequence:int}")
def event(visit: Annotated[Visit, may("audit")], sequence: Number) -> Response:
    """One event, with every value before and after."""
    found = event_numbered(visit.ledger, sequence)
    if found is None:
        raise HTTPException(404, f"日志中没有第 {sequence} 号：请从日志中选择。")
    (line,) = lines_of(visit.ledger, [found])
    differences = told.differences(found, history.unit_names(visit.ledger))
    return visit.show(
        "audit_event.html",
        tab="log",
        line=line,
        event=found,
        whole=found.digest() == found.hash,
        differences=differences[:MOST_DIFFERENCES],
        total=len(differences),
        before=event_numbered(visit.ledger, sequence - 1),
        after=event_numbered(visit.ledger, sequence + 1),
    )


def lines_of(ledger: Ledger, events: Iterable[Event]) -> list[Line]:
    """The events in words."""
    shown = list(events)
    units = history.unit_names(ledger) if shown else {}
    return [
        Line(one, told.action(one), told.subject(one), _address(one), tuple(told.told(one, units)))
        for one in shown
    ]


def _address(event: Event) -> str:
    """Where what the event was done to can be seen; empty where it has no page."""
    kind, _, number = event.subject.partition(":")
    pages = {"task": "/tasks/", "document": "/review/"}
    return f"{pages[kind]}{number}" if kind in pages and number.isdecimal() else ""


def _midnight(day: date | None) -> datetime | None:
    """Its beginning on the clock on the wall."""
    return datetime.combine(day, time()).astimezone() if day else None
