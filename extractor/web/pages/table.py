"""台账: the table of tasks, what can be done with many of them at once, and every export from where one stands."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import Field
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from extractor.export import wording, write
from extractor.export.rows import Row, row_of
from extractor.ledger import Ledger, choices, undo
from extractor.ledger.errors import LedgerError
from extractor.ledger.records import STATUSES, Task
from extractor.ledger.tasks import TaskFilters
from extractor.ledger.tracking import Report, record
from extractor.web.choosing import COLUMNS, PAGE, ROLES, SORTED_BY, Choice, quick_choices
from extractor.web.errors import on_page
from extractor.web.pages.numbers import LARGEST
from extractor.web.pages.originals import download
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

MOST_DOCUMENTS, MOST_UNITS = 500, 1000
"""How many there are to choose from; others are found by typing."""
MOST_AT_ONCE = 1000
"""How many tasks change together: each is an event of its own, and others wait meanwhile."""
EVENTS = re.compile(r"(\d{1,18})-(\d{1,18})")
NONE_CHOSEN = "没有选中任务：请先勾选要办理的任务。"

Numbers = Annotated[list[Annotated[int, Field(ge=1, le=LARGEST)]], Form(default_factory=list)]
Words = Annotated[str, Form(max_length=2000)]


@dataclass(frozen=True, slots=True)
class Export:
    """A form in which tasks can be taken along: what the file is called, and how it is written."""

    name: str
    suffix: str
    hint: str
    encoding: str = "utf-8"


EXPORTS = {
    "xlsx": Export("任务表", ".xlsx", "Excel 表格"),
    "docx": Export("责任分工方案", ".docx", "Word 文档，公文格式"),
    "csv": Export("任务表", ".csv", "通用表格，UTF-8"),
    "csv-gb18030": Export("任务表", ".csv", "通用表格，GB18030，供旧版软件", "gb18030"),
    "ics": Export("任务日历", ".ics", "日历，可导入日程软件"),
    "json": Export("任务", ".json", "数据，供程序使用"),
    "html": Export("原文对照", ".html", "网页，逐条对照原文"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A task of the table with its row; `late` is whether it is overdue today."""

    task: Task
    row: Row
    late: bool


@router.get("/tasks")
def table(
    visit: Annotated[Visit, may("read")], changed: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """The tasks that the address asks for."""
    return _shown(visit, Choice.of(visit.request.query_params), changed=changed)


@router.get("/tasks/export")
def export(visit: Annotated[Visit, may("export")], form: Annotated[str, Query(max_length=20)]) -> Response:
    """The tasks that the address asks for as a file; nothing is noted of it in the ledger."""
    choice = understood(Choice.of(visit.request.query_params))
    wanted = EXPORTS.get(form)
    if wanted is None:
        raise HTTPException(404, "没有这种导出格式：请从台账页的“导出”中选择。")
    today = date.today()
    with tempfile.TemporaryDirectory(prefix="taizhang-") as folder:
        file = Path(folder, f"{wanted.name}{wanted.suffix}")
        write(visit.ledger, file, encoding=wanted.encoding, **choice.filters(today))
        return download(f"{wanted.name}-{today:%Y%m%d}{wanted.suffix}", file.read_bytes())


@router.post("/tasks/status")
def set_status(
    visit: Annotated[Visit, may("track")],
    task: Numbers,
    status: Annotated[str, Form(max_length=20)] = "",
    completed_on: Annotated[str, Form(max_length=10)] = "",
    reason: Words = "",
    everything: Annotated[bool, Form()] = False,
    expected: Annotated[int, Form(ge=0, le=LARGEST)] = 0,
    filters: Words = "",
) -> Response:
    """Give the chosen tasks a status, all of them or none."""
    choice = Choice.of(QueryParams(filters))
    try:
        with (
            visit.ledger.transaction()
        ):  # so that the events between first and last are those of this change alone
            first = undo.last_event(visit.ledger) + 1
            chosen = chosen_tasks(
                visit, choice, task, everything=everything, expected=expected, most=MOST_AT_ONCE
            )
            done = record(visit.ledger, chosen, reason=reason.strip(), **_report(status, completed_on))
            last = undo.last_event(visit.ledger)
    except (LedgerError, ChoiceError) as error:
        problem = on_page(error, visit.ledger.path)
        return _shown(visit, choice, status=422, problem=problem, ticked=frozenset(task))
    changed = sum(one.before != one.after for one in done)
    what = f"“{wording.STATUSES[status]}”"
    if not changed:
        return visit.redirect(choice.address(), f"所选任务的状态都已是{what}，没有改动。")
    same = f"，{len(done) - changed} 项本来如此" if changed < len(done) else ""
    mark = f"{'&' if choice.query() else '?'}changed={first}-{last}"
    return visit.redirect(choice.address() + mark, f"已把 {changed} 项任务的状态定为{what}{same}。")


@router.post("/tasks/undo")
def take_back(
    visit: Annotated[Visit, may("track")],
    changed: Annotated[str, Form(max_length=40)],
    filters: Words = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Take the visitor's own change of many tasks back."""
    events = EVENTS.fullmatch(changed)
    if not events:
        raise HTTPException(422, "看不出要撤销哪次改动：请刷新页面后重试。")
    back = undo.take_back(visit.ledger, int(events[1]), int(events[2]), reason=reason.strip())
    since = f"；{len(back.changed_since)} 项此后又有改动，未撤销" if back.changed_since else ""
    return visit.redirect(
        Choice.of(QueryParams(filters)).address(), f"已撤销 {len(back.tasks)} 项任务的改动{since}。"
    )


class ChoiceError(Exception):
    """The tasks to be changed are not clear; `str()` is one line in Chinese."""


def chosen_tasks(
    visit: Visit, choice: Choice, ticked: list[int], *, everything: bool, expected: int, most: int
) -> list[int]:
    """The numbers of the tasks that are ticked, or of all that meet the filters, which must be as many as the visitor saw.

    Raises:
        ChoiceError: if there are none, too many, or others than the visitor saw.
    """
    chosen = list(dict.fromkeys(ticked))
    if everything:
        if choice.problems:
            raise ChoiceError(choice.problems[0])
        chosen = visit.ledger.task_ids(**choice.filters(date.today()))
        if len(chosen) != expected:
            raise ChoiceError(
                f"符合条件的任务已由 {expected} 项变为 {len(chosen)} 项，未作改动：请核对后再试一次。"
            )
    if not chosen:
        raise ChoiceError(NONE_CHOSEN)
    gone = 0 if everything else len(chosen) - visit.ledger.count_tasks(numbers=chosen)
    if gone:
        raise ChoiceError(f"选中的任务有 {gone} 项已不在台账中，未作改动：请刷新页面后重新选择。")
    if len(chosen) > most:
        raise ChoiceError(f"选中了 {len(chosen)} 项，一次最多办理 {most} 项：请用条件缩小范围后分次办理。")
    return chosen


def understood(choice: Choice) -> Choice:
    """The choice, where all of it could be understood.

    Raises:
        HTTPException: if not.
    """
    if choice.problems:
        raise HTTPException(422, choice.problems[0])
    return choice


def _report(status: str, completed_on: str) -> Report:
    known = next((each for each in STATUSES if each == status), None)
    if known is None:
        raise ChoiceError("没有选状态：请先选择要定为什么状态。")
    report = Report(status=known)
    if completed_on and known == "done":
        try:
            report["completed_on"] = date.fromisoformat(completed_on)
        except ValueError:
            raise ChoiceError(f"完成日期“{completed_on}”不对：请写成 2023-06-30 的样子。") from None
    return report


def _page(ledger: Ledger, choice: Choice, today: date) -> tuple[int, int, list[Task]]:
    """How many tasks are asked for, which page of them is shown (the last where there are not as many), and its tasks."""
    filters = choice.filters(today)
    # Where all tasks must be looked through anyway, it is done once; else counting them is much faster than listing them.
    numbers = ledger.task_ids(**filters) if choice.restricted else None
    total = ledger.count_tasks(**filters) if numbers is None else len(numbers)
    page = max(min(choice.page, -(-total // PAGE)), 1)
    start = (page - 1) * PAGE
    if numbers is None:
        one_page: TaskFilters = {**filters, "limit": PAGE, "offset": start}
        numbers = ledger.task_ids(**one_page)
    else:
        numbers = numbers[start : start + PAGE]
    return total, page, ledger.numbered(numbers)


def _shown(
    visit: Visit,
    choice: Choice,
    *,
    status: int = 200,
    problem: str = "",
    ticked: frozenset[int] = frozenset(),
    changed: str = "",
) -> Response:
    today = date.today()
    total, page, tasks = _page(visit.ledger, choice, today)
    organization = choice.organization and choices.unit_name(visit.ledger, choice.organization)
    return visit.show(
        "table.html",
        status=status,
        choice=choice,
        problems=[*choice.problems, *([problem] if problem else [])],
        lines=[Line(task, row_of(task, today), task.status_on(today) == "overdue") for task in tasks],
        total=total,
        page=page,
        pages=max(-(-total // PAGE), 1),
        first=(page - 1) * PAGE + 1,
        ticked=ticked,
        changed=changed if EVENTS.fullmatch(changed) else "",
        organization=organization or "",
        documents=choices.document_choices(visit.ledger, MOST_DOCUMENTS),
        units=choices.unit_choices(visit.ledger, MOST_UNITS),
        exports=EXPORTS,
        quick=quick_choices(today),
        columns=COLUMNS,
        sorted_by=SORTED_BY,
        roles=ROLES,
        statuses=STATUSES,
        today=today,
    )
