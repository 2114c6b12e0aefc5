"""A task's own page: what it says and on which characters that rests, how far it has come, what became of it so far."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extractor.export import wording
from extractor.export.history import action, told, when
from extractor.export.marks import KIND_NAMES, Stretch, mark_of, stretches
from extractor.export.rows import place, row_of
from extractor.ledger import Ledger
from extractor.ledger.corrections import doubts, is_confirmed
from extractor.ledger.events import digest
from extractor.ledger.handouts import LONGEST_CELL
from extractor.ledger.history import log, unit_names
from extractor.ledger.records import BY_HAND, OPEN, STATUSES, Task, Tracking, readable
from extractor.ledger.references import Cited, cites
from extractor.ledger.reviewing import became, following
from extractor.ledger.tracking import (
    Evidence,
    Occurrence,
    Report,
    TrackingError,
    attachment,
    attachments,
    drop_attachment,
    occurrences,
    record,
    tick,
    untick,
)
from extractor.model import Document, Fields, Span, UnitMention
from extractor.typed import FIRST_YEAR
from extractor.web.checking import chips_of
from extractor.web.errors import on_page
from extractor.web.marked import in_address
from extractor.web.pages.numbers import Number
from extractor.web.pages.originals import download
from extractor.web.reading import label_of, received
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

AROUND = 40
"""Characters on either side of a value that are shown with it, where its sentence does not end before."""
ENDS = "。！？；\n"

"""What a cell of a table that came back can hold, must be possible here too."""
LONGEST_SAID = 60
SEEN_LENGTH = 12
LINE_END = re.compile(r"\r\n?")
Words = Annotated[str, Form(max_length=4000)]
Text = Annotated[str, Form(max_length=LONGEST_CELL)]
Day = Annotated[str, Form(max_length=10)]


@dataclass(frozen=True, slots=True)
class Grounds:
    """A value with what it rests on: the sentence it stands in, the place of its characters, the rule."""

    kind: str
    name: str
    read_as: str
    words: tuple[tuple[str, bool], ...]
    where: str
    about: str
    rule: str
    measure: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A field in which people put something else in place of what was read."""

    name: str
    before: tuple[Any, ...]
    now: tuple[Any, ...]
    basis_changed: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in words: `changes` are the values before and after."""

    sequence: int
    when: str
    actor: str
    action: str
    reason: str
    changes: tuple[str, ...]


@router.get("/tasks/{task_id:int}")
def task_page(visit: Annotated[Visit, may("read")], task_id: Number, history: bool = False) -> Response:
    """The page; with `history` what became of the task is in it from the start."""
    return _page(visit, task_id, history=history)


@router.get("/tasks/{task_id:int}/history")
def history_of_task(visit: Annotated[Visit, may("read")], task_id: Number) -> Response:
    """What became of the task, for the page that is there: the log is long, and the page does not wait for it."""
    return visit.show("task_history.html", events=_history(visit.ledger, task_id))


@router.post("/tasks/{task_id:int}/progress")
def report(
    visit: Annotated[Visit, may("track")],
    task_id: Number,
    status: Words = "",
    percent: Annotated[str, Form(max_length=4)] = "",
    progress: Text = "",
    completed_on: Day = "",
    remarks: Text = "",
    reason: Words = "",
    seen: Words = "",
) -> Response:
    """How far the task has come; only what the person changed in the form is written.

    `seen` is a digest of each field as the form showed it. Where somebody else has changed a field meanwhile, it stays as
    that person left it; where both have, nothing is written and both are told.
    """
    given = {
        "status": status,
        "percent": percent,
        "progress": progress,
        "completed_on": completed_on,
        "remarks": remarks,
    }

    def act() -> str:
        with visit.ledger.transaction():
            shown = _shown(visit.ledger.task(task_id).tracking)
            changed = _changed_by_hand(given, shown, seen)
            meanwhile = _otherwise(shown, shown, seen)
            if both := [name for name in changed if name in meanwhile]:
                given.update({name: value for name, value in shown.items() if name not in changed})
                raise ChangedByBothError(task_id, given, shown, both)
            done = record(visit.ledger, [task_id], reason=reason.strip(), **_report(given, changed))
        return "进展已登记。" if done[0].before != done[0].after else "没有变化，未登记。"

    return _changed(visit, task_id, act, "progress", given)


@router.post("/tasks/{task_id:int}/occurrences")
def tick_off(
    visit: Annotated[Visit, may("track")],
    task_id: Number,
    shown: Annotated[list[str], Form(default_factory=list)],
    done: Annotated[list[str], Form(default_factory=list)],
    was_done: Annotated[list[str], Form(default_factory=list)],
    done_on: Day = "",
    note: Words = "",
) -> Response:
    """Which of the times that the form showed are done; only what the person ticked, or no longer ticks, is written."""

    def act() -> str:
        day = _day(done_on)
        known = {_key(one): one for one in occurrences(visit.ledger, task_id)}
        changed = 0
        with visit.ledger.transaction():
            for key in shown:
                one = known.get(key)
                by_hand = (key in done) != (key in was_done)
                if one is None or not by_hand or (one.done_on is not None) == (key in done):
                    continue
                changed += 1
                if key in done:
                    tick(visit.ledger, task_id, one.due, nth=one.nth, done_on=day, note=note.strip())
                else:
                    untick(visit.ledger, task_id, one.due, nth=one.nth)
        return f"已登记 {changed} 次。" if changed else "没有变化，未登记。"

    return _changed(visit, task_id, act, "occurrences", {"done_on": done_on, "note": note})


@router.post("/tasks/{task_id:int}/attachments")
async def attach(
    visit: Annotated[Visit, may("track")],
    task_id: Number,
    name: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """Add a file that proves something; its bytes are the body."""
    async with received(visit) as file:
        evidence = Evidence(label_of(name), await run_in_threadpool(file.read_bytes))
    if not evidence.data:
        raise HTTPException(422, "文件是空的，未登记：请确认内容后重新保存。")
    (done,) = await run_in_threadpool(record, visit.ledger, [task_id], evidence=[evidence])
    said = f"附件“{evidence.name}”已登记。" if done.added else "已有相同的附件，未重复登记。"
    return visit.redirect(f"/tasks/{task_id}", said)


@router.get("/tasks/{task_id:int}/attachments/{number:int}")
def attached(visit: Annotated[Visit, may("read")], task_id: Number, number: Number) -> Response:
    """The file, to be saved."""
    found, data = attachment(visit.ledger, task_id, number)
    return download(found.name, data)


@router.post("/tasks/{task_id:int}/attachments/{number:int}/drop")
def take_off(
    visit: Annotated[Visit, may("track")], task_id: Number, number: Number, reason: Words = ""
) -> Response:
    """Take a file off the task."""

    def act() -> str:
        if not reason.strip():
            raise TrackingError("请写明移除附件的理由：理由会记入日志。")
        return f"附件“{drop_attachment(visit.ledger, task_id, number, reason=reason.strip()).name}”已移除。"

    return _changed(visit, task_id, act, "attachments", {})


def _changed(
    visit: Visit, task_id: int, act: Callable[[], str], form: str, given: dict[str, str]
) -> Response:
    """Do it and go back to the page; where it cannot be done, the form again with the reason."""
    try:
        said = act()
    except TrackingError as error:
        status = 409 if isinstance(error, ChangedByBothError) else 422
        problem = on_page(error, visit.ledger.path)
        return _page(visit, task_id, form=form, problem=problem, given=given, status=status)
    return visit.redirect(f"/tasks/{task_id}", said)


class ChangedByBothError(TrackingError):
    """The person and somebody else have changed the same."""

    def __init__(
        self, task_id: int, given: Mapping[str, str], now: Mapping[str, str], both: Sequence[str]
    ) -> None:
        sides = "；".join(
            f"{wording.TRACKING_FIELDS[name]}已由他人登记为“{_said(name, now)}”，您填的是“{_said(name, given)}”"
            for name in both
        )
        super().__init__(
            f"任务 {task_id} 未登记：您打开页面后，{sides}。请核对；确认照您填的登记，请再提交一次。"
        )


def _said(name: str, values: Mapping[str, str]) -> str:
    value = wording.STATUSES.get(values[name], values[name]) if name == "status" else values[name]
    return wording.shortened(wording.tidy(value), LONGEST_SAID) or "（空）"


def _shown(tracking: Tracking) -> dict[str, str]:
    """How far the task has come, as the fields of the form show it."""
    return {
        "status": tracking.status,
        "percent": "" if tracking.percent is None else str(tracking.percent),
        "progress": tracking.progress,
        "completed_on": tracking.completed_on.isoformat() if tracking.completed_on else "",
        "remarks": tracking.remarks,
    }


def _seen(shown: Mapping[str, str]) -> str:
    """A digest of each field, in their order, so that a form need not carry long texts twice."""
    return ".".join(digest(_plain(value))[:SEEN_LENGTH] for value in shown.values())


def _plain(value: str) -> str:
    """The value whatever ends of lines a browser sends."""
    return LINE_END.sub("\n", value).strip()


def _otherwise(values: Mapping[str, str], shown: Mapping[str, str], seen: str) -> list[str]:
    """The fields of which `values` say otherwise than the form showed; where it does not say what it showed: than is `shown` now."""
    before = (seen or _seen(shown)).split(".")
    return [
        name
        for name, was in zip(shown, before, strict=False)
        if digest(_plain(values[name]))[:SEEN_LENGTH] != was
    ]


def _changed_by_hand(given: Mapping[str, str], shown: Mapping[str, str], seen: str) -> list[str]:
    """The fields that a person changed in the form, and that do not stand so already."""
    return [name for name in _otherwise(given, shown, seen) if _plain(given[name]) != _plain(shown[name])]


def _report(given: Mapping[str, str], changed: Collection[str]) -> Report:
    """What the form says in the fields that were changed; an emptied percentage or day is taken back.

    Raises:
        TrackingError: if something in it is no status, number or day.
    """
    report: Report = {}
    if "status" in changed:
        known = [status for status in STATUSES if status == given["status"]]
        if not known:
            raise TrackingError("请选定状态：未开始、进行中、已完成、暂缓或取消。")
        report["status"] = known[0]
    if "percent" in changed:
        percent = unicodedata.normalize("NFKC", given["percent"]).strip().removesuffix("%").strip()
        if percent and (not percent.isdecimal() or int(percent) > 100):
            raise TrackingError("进度请写 0 到 100 的整数。")
        report["percent"] = int(percent) if percent else None
    if "completed_on" in changed:
        report["completed_on"] = _day(given["completed_on"])
    if "progress" in changed:
        report["progress"] = _plain(given["progress"])
    if "remarks" in changed:
        report["remarks"] = _plain(given["remarks"])
    return report


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        if day.year < FIRST_YEAR:
            raise ValueError(day)
        return day
    except ValueError:
        raise TrackingError(f"“{text.strip()}”不是日期：请写成 2023-06-30 的样子。") from None


def _page(
    visit: Visit,
    task_id: int,
    *,
    form: str = "",
    problem: str = "",
    given: dict[str, str] | None = None,
    history: bool = False,
    status: int = 200,
) -> Response:
    ledger, today = visit.ledger, date.today()
    task = ledger.task(task_id)
    document = ledger.document(task.document.id)
    tracked = task.tracking
    shown = _shown(tracked)
    filled = {**shown, "done_on": today.isoformat(), "note": ""}
    times = occurrences(ledger, task_id)
    is_open = tracked.status in OPEN
    return visit.show(
        "task.html",
        status=status,
        task=task,
        row=row_of(task, today),
        place=place(task),
        state=task.status_on(today),
        doubts=[wording.DOUBTS[doubt] for doubt in doubts(task)],
        confirmed=is_confirmed(task),
        became=became(ledger, task_id) if task.standing != "current" else None,
        next_task=following(ledger, task),
        grounds=list(_grounds(task, document)),
        corrected=list(_corrected(task)),
        passage=_passage(task, document),
        kind_rule=wording.rule(task.item.reason),
        about=in_address(task.item.span),
        times=[(one, _key(one), is_open and one.done_on is None and one.due < today) for one in times],
        attachments=attachments(ledger, task_id),
        higher=_higher(ledger, task.document.id),
        events=_history(ledger, task_id) if history else None,
        today=today,
        form=form,
        problem=problem,
        given=filled | (given or {}),
        seen=_seen(shown),
        longest=LONGEST_CELL,
    )


def _higher(ledger: Ledger, document_id: int) -> list[Cited]:
    """The circulars that the task's own carries out or is based on."""
    return [
        cited
        for cited in cites(ledger, document_id)
        if cited.citation.relation in ("carries_out", "based_on")
    ]


def _history(ledger: Ledger, task_id: int) -> list[Happened]:
    """What became of the task, the last first."""
    units = unit_names(ledger)
    return [
        Happened(
            event.sequence, when(event), event.actor, action(event), event.reason, tuple(told(event, units))
        )
        for event in reversed(log(ledger, task=task_id))
    ]


def _grounds(task: Task, document: Document) -> Iterator[Grounds]:
    measures = {measure.id: measure for measure in task.item.fields.measures}
    for value in task.item.fields:
        kind = KIND_NAMES[mark_of(value).kind]
        by_hand = value.rule == BY_HAND
        if isinstance(value, UnitMention):
            read_as = wording.ROLES[value.role]
            organization = task.organizations.get(value.quote)
            name = wording.tidy(readable(value, task.left_out).quote)
            if organization and organization.name != name:
                read_as += f"；单位名录：{wording.organization(organization)}"
        else:
            name, read_as = wording.tidy(value.quote), wording.value(value)
        measure = measures.get(value.measure) if value.measure is not None else None
        yield Grounds(
            kind,
            name,
            read_as,
            () if by_hand else tuple(_in_its_sentence(document.source.text, value.span)),
            "" if by_hand else wording.place(document.source.locate(value.span), exactly=True),
            "" if by_hand else in_address(value.span),
            ("承自上级标题；" if value.inherited else "") + wording.rule(value.rule),
            wording.shortened(wording.tidy(measure.quote), 30) if measure else "",
        )


def _in_its_sentence(text: str, span: Span) -> Iterator[tuple[str, bool]]:
    """The sentence in pieces, each with whether it is the value."""
    start = max(text.rfind(end, 0, span.start) for end in ENDS) + 1
    stops = [at for end in ENDS if (at := text.find(end, span.end)) >= 0]
    end = min(stops, default=len(text))
    first, last = max(start, span.start - AROUND), min(end, span.end + AROUND)
    before, after = text[first : span.start].lstrip(), text[span.end : last].rstrip()
    yield ("…" if first > start else "") + before, False
    yield span.of(text), True
    yield after + ("…" if last < end else text[last : last + 1].strip()), False


def _passage(task: Task, document: Document) -> list[Stretch]:
    """The task's text with its values marked."""
    marks = {mark_of(value) for value in task.item.fields if value.rule != BY_HAND and not value.inherited}
    return list(stretches(document.source.text, task.item.span, marks))


def _corrected(task: Task) -> Iterator[Corrected]:
    for name, words in wording.CORRECTED_FIELDS.items():
        if name not in task.corrected:
            continue
        changed = name in task.basis_changed
        if name in ("heading", "kind"):
            yield Corrected(words, (), (), changed)
            continue
        before, now = (
            Fields(**{name: getattr(fields, name)}) for fields in (task.extracted, task.item.fields)
        )
        yield Corrected(words, chips_of(before, task), chips_of(now, task), changed)


def _key(one: Occurrence) -> str:
    """How a form names one time: "2023-06-30/0"."""
    return f"{one.due.isoformat()}/{one.nth}"
