"""核对: the source beside what was read out of it, task by task; whoever may correct confirms, corrects, splits, merges, takes in.

Every action is a form that works by itself and answers with the whole page. `static/review.js` sends the same forms and
puts what has changed into the page that is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from extractor import typed
from extractor.export.page_pictures import PagePictureError, page_picture
from extractor.ledger.corrections import (
    CorrectionError,
    confirm,
    correct,
    look,
    merge,
    printed_in,
    split,
    take_in,
)
from extractor.ledger.history import undo
from extractor.ledger.records import Task
from extractor.ledger.reviewing import event_numbered, following, looked_at, original
from extractor.ledger.undo import last_event
from extractor.model import ItemKind, Span
from extractor.web.checking import (
    Asked,
    card_of,
    document_page,
    editor_of,
    fields_at,
    outcome_of,
    task_of,
)
from extractor.web.correcting import (
    NO_REASON,
    OUTDATED,
    Draft,
    UnclearError,
    corrected_fields,
    corrections,
    lines_of,
    read_as,
)
from extractor.web.correcting import deadline as deadline_of
from extractor.web.errors import on_page
from extractor.web.pages.numbers import LARGEST, Number
from extractor.web.templating import query
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

View = Literal["", "text", "page"]
Words = Annotated[str, Form(max_length=2000)]
Many = Annotated[list[Annotated[str, Field(max_length=2000)]], Form(default_factory=list)]
Chosen = Annotated[int | None, Query(ge=1, le=LARGEST)]

SPAN = re.compile(r"(\d{1,12})-(\d{1,12})")
DRAWING_AT_ONCE = BoundedSemaphore(2)
"""A large picture takes some 500 MB of memory while it is made smaller."""
INCOMPLETE = "表单不完整，没有保存：请刷新页面后重试。"
NOT_UNDONE = "这一步不能在这里撤销：请在任务页查看经过。"


@router.get("/review")
def next_document(visit: Annotated[Visit, may("read")]) -> Response:
    """On to the first document with tasks that nobody has checked; where there is none, to the list."""
    checked = looked_at(visit.ledger)
    for entry in visit.ledger.documents():
        if not entry.superseded and checked.get(entry.id, 0) < entry.tasks:
            return visit.redirect(f"/review/{entry.id}")
    return visit.redirect("/documents")


@router.get("/review/{document_id:int}")
def review(
    visit: Annotated[Visit, may("read")],
    document_id: Number,
    task: Chosen = None,
    at: str = "",
    take: str = "",
    rest: bool = False,
    view: View = "",
    done: Chosen = None,
) -> Response:
    """A document beside its tasks; opened at `task`, or at the characters `at` ("12-40").

    `take` are characters that may become a task, `rest` shows what is no task, `done` is the event to tell of.
    """
    return document_page(visit, document_id, Asked(task, _span(at), _span(take), rest, view, done))


@router.get("/review/tasks/{task_id:int}/editor")
def editor(
    visit: Annotated[Visit, may("correct")], task_id: Number, rest: bool = False, view: View = ""
) -> Response:
    """What can be done with a task, for the page that shows it already."""
    task = visit.ledger.task(task_id)
    asked = Asked(task_id, rest=rest, view=view)
    return visit.show("review_editor_alone.html", editor=editor_of(visit.ledger, task), asked=asked)


@router.get("/review/{document_id:int}/reading")
def reading(
    visit: Annotated[Visit, may("correct")],
    document_id: Number,
    field: Literal["deadline", "frequency"],
    words: Annotated[str, Query(max_length=200)],
) -> Response:
    """What typed words mean: `read_as`, or why they are not understood."""
    entry = visit.ledger.entry(document_id)
    try:
        value = deadline_of(words, entry) if field == "deadline" else typed.frequency(words)
    except typed.NotUnderstoodError as error:
        return JSONResponse({"problem": str(error)})
    return JSONResponse({"read_as": read_as(value)})


@router.get("/documents/{document_id:int}/pages/{number:int}.png")
def page(visit: Annotated[Visit, may("read")], document_id: Number, number: Number) -> Response:
    """A page of the original as a picture."""
    found = original(visit.ledger, document_id)
    try:
        with DRAWING_AT_ONCE:
            return Response(page_picture(found.data, found.media, number), media_type="image/png")
    except PagePictureError as error:
        raise HTTPException(404, str(error)) from None


def _span(text: str) -> Span | None:
    found = SPAN.fullmatch(text)
    return Span(int(found[1]), int(found[2])) if found else None


# ---------------------------------------- changes


def _form_of_page(rest: Annotated[bool, Form()] = False, view: Annotated[View, Form()] = "") -> Asked:
    """What the page showed when its form was sent."""
    return Asked(rest=rest, view=view)


Shown = Annotated[Asked, Depends(_form_of_page)]


@router.post("/review/tasks/{task_id:int}/confirm")
def confirm_task(
    visit: Annotated[Visit, may("correct")],
    task_id: Number,
    shown: Shown,
    seen: Words = "",
    part: Annotated[bool, Form()] = False,
) -> Response:
    """The task is right as it is; on to the next one. With `part` only its card is answered."""

    def act(task: Task) -> int:
        confirm(visit.ledger, task.id)
        return task.id if part else following(visit.ledger, task) or task.id

    answer = _changed(visit, task_id, seen, act, shown)
    if not part or answer.status_code != 303:
        return answer
    task = visit.ledger.task(task_id)
    return visit.show(
        "review_card_alone.html",
        card=card_of(task),
        asked=shown,
        done=outcome_of(visit.ledger, last_event(visit.ledger), task.document.id),
        document_id=task.document.id,
    )


@router.post("/review/tasks/{task_id:int}/correct")
def correct_task(
    visit: Annotated[Visit, may("correct")],
    task_id: Number,
    shown: Shown,
    unit_was: Many,
    unit: Many,
    role: Many,
    deadline_was: Many,
    deadline: Many,
    frequency_was: Many,
    frequency: Many,
    as_read: Many,
    heading: Words = "",
    reason: Words = "",
    seen: Words = "",
) -> Response:
    """Other values for the task: each line of the form is one."""
    columns = ((unit_was, unit), (unit, role), (deadline_was, deadline), (frequency_was, frequency))
    if any(len(one) != len(other) for one, other in columns):
        raise HTTPException(422, INCOMPLETE)
    draft = Draft(
        lines_of(unit_was, unit, role),
        lines_of(deadline_was, deadline),
        lines_of(frequency_was, frequency),
        heading,
        frozenset(as_read),
        reason,
    )

    def act(task: Task) -> int:
        taken_back = corrected_fields(draft.as_read)
        correct(visit.ledger, task_id, reason=reason, as_read=taken_back, **corrections(task, draft))
        return task_id

    return _changed(visit, task_id, seen, act, replace(shown, form="correct", draft=draft))


@router.post("/review/tasks/{task_id:int}/split")
def split_task(
    visit: Annotated[Visit, may("correct")],
    task_id: Number,
    shown: Shown,
    at: Many,
    words: Words = "",
    reason: Words = "",
    seen: Words = "",
) -> Response:
    """Several tasks of one: cut before the sentences `at`, or before `words`."""

    def act(task: Task) -> int:
        cuts = {int(one) for one in at if one.isdecimal()}
        if words.strip():
            found = printed_in(task.item, words)
            if found is None:
                raise CorrectionError(f"任务中没有“{words.strip()}”：请照原文写出后一部分开头的文字。")
            cuts.add(found.start)
        return split(visit.ledger, task_id, sorted(cuts), reason=reason)[0].id

    return _changed(visit, task_id, seen, act, _filled(shown, "split", words=words, reason=reason))


@router.post("/review/tasks/{task_id:int}/merge")
def merge_task(
    visit: Annotated[Visit, may("correct")],
    task_id: Number,
    shown: Shown,
    other: Annotated[int, Form(ge=1, le=LARGEST)],
    reason: Words = "",
    seen: Words = "",
) -> Response:
    """One task of this and the one that follows it."""

    def act(task: Task) -> int:
        return merge(visit.ledger, [task.id, other], reason=reason).id

    return _changed(visit, task_id, seen, act, _filled(shown, "merge", reason=reason))


@router.post("/review/tasks/{task_id:int}/withdraw")
def withdraw_task(
    visit: Annotated[Visit, may("correct")],
    task_id: Number,
    shown: Shown,
    kind: Annotated[Literal["goal", "context", "group"], Form()],
    reason: Words = "",
    seen: Words = "",
) -> Response:
    """The text is no task but something else; on to the next one."""

    def act(task: Task) -> int:
        after = following(visit.ledger, task)
        correct(visit.ledger, task.id, kind=cast(ItemKind, kind), reason=reason)
        return after or task.id

    return _changed(visit, task_id, seen, act, _filled(shown, "withdraw", kind=kind, reason=reason))


@router.post("/review/{document_id:int}/take-in")
def take_text_in(
    visit: Annotated[Visit, may("correct")],
    document_id: Number,
    shown: Shown,
    take: Annotated[str, Form(max_length=30)],
    reason: Words = "",
) -> Response:
    """A task of text that is in none, with what is read there."""
    span = _span(take)
    if span is None:
        raise HTTPException(422, INCOMPLETE)

    def act() -> int:
        document = visit.ledger.document(document_id)
        found = fields_at(document.source.text, span, document)
        return take_in(visit.ledger, document_id, span, reason=reason, fields=found).id

    return _answered(visit, document_id, act, _filled(replace(shown, take=span), "take", reason=reason))


@router.post("/review/{document_id:int}/undo")
def undo_change(
    visit: Annotated[Visit, may("correct")],
    document_id: Number,
    shown: Shown,
    sequence: Annotated[int, Form(ge=1, le=LARGEST)],
) -> Response:
    """Undo what was done on this page."""
    event = event_numbered(visit.ledger, sequence)
    task = task_of(event) if event else None
    if task is None or visit.ledger.task(task).document.id != document_id:
        raise HTTPException(409, NOT_UNDONE)
    undo(visit.ledger, sequence)
    return visit.redirect(_address(document_id, replace(shown, task=task)), "已撤销。")


def _filled(shown: Asked, form: str, **given: str) -> Asked:
    return replace(shown, form=form, given=given)


def _changed(visit: Visit, task_id: int, seen: str, act: Callable[[Task], int], shown: Asked) -> Response:
    """Do what was asked for with a task as the visitor saw it."""
    document_id = visit.ledger.task(task_id).document.id

    def act_on_what_was_seen() -> int:
        task = visit.ledger.task(task_id)
        if seen != look(task):
            raise CorrectionError(OUTDATED)
        if not shown.form or shown.form == "correct" or shown.given["reason"].strip():
            return act(task)
        raise CorrectionError(NO_REASON)

    return _answered(visit, document_id, act_on_what_was_seen, replace(shown, task=task_id))


def _answered(visit: Visit, document_id: int, act: Callable[[], int], shown: Asked) -> Response:
    """Do it as a whole and go on to the page as it is then; where it cannot be done, the form again with the reason."""
    try:
        with visit.ledger.transaction():
            before = last_event(visit.ledger)
            task = act()
            done = last_event(visit.ledger)
    except UnclearError as error:
        shown = replace(shown, draft=error.draft, problem=error.draft.problem)
        return document_page(visit, document_id, shown, status=422)
    except CorrectionError as error:
        problem = on_page(error, visit.ledger.path)
        return document_page(visit, document_id, replace(shown, problem=problem), status=422)
    then = Asked(task, rest=shown.rest, view=shown.view, done=done if done > before else None)
    return visit.redirect(_address(document_id, then))


def _address(document_id: int, asked: Asked) -> str:
    fragment = f"#t{asked.task}" if asked.task else ""
    return f"/review/{document_id}{query(task=asked.task, done=asked.done, **asked.kept())}{fragment}"
