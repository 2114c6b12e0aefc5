"""分发与回收: tables go out, to all or one a unit; filled in they come back, are shown and then applied."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from extractor.export import write
from extractor.export.return_words import TITLES, in_words, refusal, undated
from extractor.export.returned import read_returned
from extractor.export.rows import COLUMNS, row_of
from extractor.export.split import write_by_unit
from extractor.intake import UnreadableFile
from extractor.ledger import choices, returns
from extractor.ledger.errors import LedgerError
from extractor.ledger.handout_list import count_handouts, handout, handouts
from extractor.ledger.returns import ChangedMeanwhileError, ForeignEdit, Plan
from extractor.ledger.tasks import TaskFilters
from extractor.web.choosing import FARTHEST_PAGE, ROLES, Choice
from extractor.web.errors import on_page
from extractor.web.pages.numbers import LARGEST, Number
from extractor.web.pages.originals import download
from extractor.web.pages.table import (
    MOST_DOCUMENTS,
    MOST_UNITS,
    ChoiceError,
    Numbers,
    Words,
    chosen_tasks,
)
from extractor.web.pending import Pending, pending_of
from extractor.web.reading import label_of, received
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

HERE = "/handouts"
PAGE = 50
MOST_HANDED_OUT = 20_000
"""Tasks in one go: what a workbook still opens with in an office."""
GONE = "这份核对结果已过期或已办理：请重新选择文件。"

Tracker = Annotated[Visit, may("track")]
Everything = Annotated[bool, Form()]
Expected = Annotated[int, Form(ge=0, le=LARGEST)]


@dataclass(frozen=True, slots=True)
class Edit:
    """A cell of a returned row as a line of the preview: what stands in the ledger, and what stands there then."""

    task: int
    title: str
    first: bool
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A returned table as it is shown before it is applied."""

    pending: Pending
    edits: tuple[Edit, ...]
    refused: tuple[tuple[str, str, str], ...]
    foreign: tuple[tuple[str, int, str, str, str], ...]
    undated: tuple[int, ...]


@router.get(HERE)
def overview(
    visit: Annotated[Visit, may("read")], page: Annotated[int, Query(ge=1, le=FARTHEST_PAGE)] = 1
) -> Response:
    """What went out and came back, and the forms for both."""
    return _shown(visit, Choice.of(visit.request.query_params), page)


@router.get(HERE + "/{number:int}")
def one(visit: Annotated[Visit, may("read")], number: Number) -> Response:
    """A table that was handed out, task by task."""
    entry, back = handout(visit.ledger, number)
    today = date.today()
    tasks = [(task, row_of(task, today), back[task.id]) for task in visit.ledger.numbered(list(back))]
    return visit.show("handout.html", entry=entry, tasks=tasks)


def _wanted(
    visit: Tracker,
    task: Numbers,
    everything: Everything = False,
    expected: Expected = 0,
    filters: Words = "",
) -> TaskFilters:
    """The chosen tasks; a unit or role by which they were chosen also says whose tables are wanted."""
    choice = Choice.of(QueryParams(filters))
    try:
        numbers = chosen_tasks(
            visit, choice, task, everything=everything, expected=expected, most=MOST_HANDED_OUT
        )
    except ChoiceError as error:
        raise HTTPException(422, str(error)) from error
    if everything:
        return choice.filters(date.today())
    return TaskFilters(
        numbers=numbers, unit=choice.unit or None, organization=choice.organization, role=choice.role
    )


Wanted = Annotated[TaskFilters, Depends(_wanted)]


@router.post(HERE + "/table")
def hand_out_table(visit: Tracker, wanted: Wanted) -> Response:
    """The chosen tasks as one table, which can be taken back."""
    today = date.today()
    with tempfile.TemporaryDirectory(prefix="taizhang-") as folder:
        file = Path(folder, f"责任分工表-{today:%Y%m%d}.xlsx")
        write(visit.ledger, file, returnable=True, **wanted)
        return download(file.name, file.read_bytes())


@router.post(HERE + "/by-unit")
def hand_out_by_unit(visit: Tracker, wanted: Wanted) -> Response:
    """The chosen tasks as a table for each unit, in one archive."""
    today = date.today()
    with tempfile.TemporaryDirectory(prefix="taizhang-") as folder:
        file = Path(folder, f"责任分工表-分单位-{today:%Y%m%d}.zip")
        write_by_unit(visit.ledger, file, **wanted)
        return download(file.name, file.read_bytes())


@router.post(HERE + "/returned")
async def take_back(visit: Tracker, name: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """Read one returned file; its bytes are the body. Answers with what it would change; nothing is changed yet."""
    label, today = label_of(name), date.today()
    async with received(visit) as file:
        try:
            table = await run_in_threadpool(read_returned, file)
        except UnreadableFile as error:
            raise HTTPException(422, f"“{label}”没有收回：{error}。") from error
    plan = await run_in_threadpool(returns.plan, visit.ledger, replace(table, name=label), today=today)
    pending = pending_of(visit.request).keep(visit.user.name, plan)
    return await run_in_threadpool(visit.show, "returned.html", preview=_preview(pending, visit.ledger.path))


@router.post(HERE + "/returned/{name}/apply")
def apply(
    visit: Tracker,
    name: str,
    returned_by: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Apply the plan that was shown, all of it."""
    kept = pending_of(visit.request)
    pending = kept.take(visit.user.name, name)
    if pending is None:
        return _shown(visit, Choice(), problem=GONE, status=409)
    plan = replace(pending.plan, returned_by=" ".join(returned_by.split()) or pending.plan.returned_by)
    try:
        returns.apply(visit.ledger, plan)
    except ChangedMeanwhileError:
        kept.keep(visit.user.name, _anew(visit, plan), pending.name)
        said = f"“{plan.table.name}”没有记入：核对之后台账又有改动。已按现在的台账重新核对如下，请再看一遍。"
        return _shown(visit, Choice(), problem=said, status=409)
    except LedgerError:  # nothing was written: it can be tried again
        kept.keep(visit.user.name, pending.plan, pending.name)
        raise
    by_whom = f"（{plan.returned_by}）" if plan.returned_by else ""
    return visit.redirect(
        HERE, f"已收回“{plan.table.name}”{by_whom}：{len(plan.changes)} 项任务的进展记入台账。"
    )


def _anew(visit: Visit, plan: Plan) -> Plan:
    """The plan for the same table by the ledger as it is now."""
    return returns.plan(visit.ledger, plan.table, today=date.today(), returned_by=plan.returned_by)


@router.post(HERE + "/returned/{name}/drop")
def drop(visit: Tracker, name: str) -> Response:
    """Change nothing."""
    pending = pending_of(visit.request).take(visit.user.name, name)
    if pending is None:
        return _shown(visit, Choice(), problem=GONE, status=409)
    return visit.redirect(HERE, f"“{pending.plan.table.name}”未采用，台账没有改动。")


def _shown(visit: Visit, choice: Choice, page: int = 1, *, problem: str = "", status: int = 200) -> Response:
    filters = choice.filters(date.today())
    count = count_handouts(visit.ledger)
    pages = max(-(-count // PAGE), 1)
    page = min(page, pages)
    organization = choice.organization and choices.unit_name(visit.ledger, choice.organization)
    return visit.show(
        "handouts.html",
        status=status,
        problems=[*choice.problems, *([problem] if problem else [])],
        choice=choice,
        total=visit.ledger.count_tasks(**filters),
        entries=handouts(visit.ledger, limit=PAGE, offset=(page - 1) * PAGE),
        count=count,
        page=page,
        pages=pages,
        previews=[
            _preview(each, visit.ledger.path) for each in pending_of(visit.request).of(visit.user.name)
        ],
        organization=organization or "",
        documents=choices.document_choices(visit.ledger, MOST_DOCUMENTS),
        units=choices.unit_choices(visit.ledger, MOST_UNITS),
        roles=ROLES,
        max_upload=visit.state.settings.max_upload,
    )


def _preview(pending: Pending, ledger: Path) -> Preview:
    plan = pending.plan
    edits = tuple(
        Edit(
            change.task.id,
            row_of(change.task).task,
            at == 0,
            TITLES[field],
            in_words(field, change.before),
            in_words(field, change.after),
        )
        for change in plan.changes
        for at, field in enumerate(change.fields)
    )
    return Preview(
        pending,
        edits,
        tuple((each.row.place, each.row.title, on_page(refusal(each), ledger)) for each in plan.refusals),
        tuple(map(_foreign, plan.foreign)),
        tuple(undated(plan)),
    )


def _foreign(edit: ForeignEdit) -> tuple[str, int, str, str, str]:
    now: dict[str, Any] = dict(zip(COLUMNS, row_of(edit.task).cells(), strict=True))
    return edit.row.place, edit.task.id, edit.column, now[edit.column], edit.text
