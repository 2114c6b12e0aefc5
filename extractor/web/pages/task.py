"""A task's own page: what it says and on which characters that rests, how far it has come, what became of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast

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
from extractor.ledger.history import log, unit_names
from extractor.ledger.records import BY_HAND, OPEN, STATUSES, Task, readable
from extractor.ledger.references import Cited, references
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

Words = Annotated[str, Form(max_length=4000)]
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
    progress: Words = "",
    completed_on: Day = "",
    remarks: Words = "",
    reason: Words = "",
) -> Response:
    """How far the task has come; what the form leaves as it was stays so."""
    given = {
        "status": status,
        "percent": percent,
        "progress": progress,
        "completed_on": completed_on,
        "remarks": remarks,
    }

    def act() -> str:
        before = visit.ledger.task(task_id).tracking
        changes = _changes(before, given)
        done = record(visit.ledger, [task_id], reason=reason.strip(), **changes)
        return "进展已登记。" if done[0].before != done[0].after else "没有变化，未登记。"

    return _changed(visit, task_id, act, "progress", given)


@router.post("/tasks/{task_id:int}/occurrences")
def tick_off(
    visit: Annotated[Visit, may("track")],
    task_id: Number,
    shown: Annotated[list[str], Form(default_factory=list)],
    done: Annotated[list[str], Form(default_factory=list)],
    done_on: Day = "",
    note: Words = "",
) -> Response:
    """Which of the times that the form showed are done."""

    def act() -> str:
        day = _day(done_on)
        known = {_key(one): one for one in occurrences(visit.ledger, task_id)}
        changed = 0
        with visit.ledger.transaction():
            for key in shown:
                one = known.get(key)
                if one is None or (one.done_on is not None) == (key in done):
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
        return _page(
            visit, task_id, form=form, problem=on_page(error, visit.ledger.path), given=given, status=422
        )
    return visit.redirect(f"/tasks/{task_id}", said)


def _changes(before: Any, given: dict[str, str]) -> Report:
    """What the form says otherwise than what stands.

    Raises:
        TrackingError: if something in it is no status, number or day.
    """
    changes: dict[str, Any] = {}
    if given["status"] not in STATUSES:
        raise TrackingError("请选定状态：未开始、进行中、已完成、暂缓或取消。")
    if given["status"] != before.status:
        changes["status"] = given["status"]
    if percent := given["percent"].strip().removesuffix("%"):
        if not percent.isdecimal() or int(percent) > 100:
            raise TrackingError("进度请写 0 到 100 的整数。")
        if int(percent) != before.percent:
            changes["percent"] = int(percent)
    if (day := _day(given["completed_on"])) and day != before.completed_on:
        changes["completed_on"] = day
    for name in ("progress", "remarks"):
        words = given[name].strip().replace("\r\n", "\n")
        if words != getattr(before, name):
            changes[name] = words
    return cast(Report, changes)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
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
    filled = {
        "status": tracked.status,
        "percent": "" if tracked.percent is None else str(tracked.percent),
        "progress": tracked.progress,
        "completed_on": tracked.completed_on.isoformat() if tracked.completed_on else "",
        "remarks": tracked.remarks,
        "done_on": today.isoformat(),
        "note": "",
    }
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
    )


def _higher(ledger: Ledger, document_id: int) -> list[Cited]:
    """The circulars that the task's own carries out or is based on."""
    cites = references(ledger, document_id).cites
    return [cited for cited in cites if cited.citation.relation in ("carries_out", "based_on")]


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
