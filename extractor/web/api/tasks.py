"""Tasks: the table, one of them, what is due, what is found, what is reported."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query

from extractor.ledger import tracking
from extractor.ledger.due import due as due_dates
from extractor.ledger.records import Status
from extractor.ledger.search import search as search_tasks
from extractor.ledger.tasks import Order, TaskFilters
from extractor.ledger.units import units as registered
from extractor.model import Role
from extractor.web.api import models
from extractor.web.api.routes import api_router
from extractor.web.pages.numbers import LARGEST, Number
from extractor.web.visits import Visit, program_may

router = api_router("任务")

Text = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=500, description="这一页最多几项")]
Offset = Annotated[int, Query(ge=0, le=LARGEST, description="跳过几项")]
OrganizationNumber = Annotated[int | None, Query(ge=1, le=LARGEST, description="单位的编号")]


@router.get(
    "/tasks", summary="列出任务", description="台账中的任务，可按条件筛选、分页；几个条件同时给出时须都满足。"
)
def tasks(
    visit: Annotated[Visit, program_may("read")],
    document: Annotated[Text, Query(description="文件的编号，或文件名、标题、文号的一部分")] = None,
    unit: Annotated[Text, Query(description="单位名称或其一部分")] = None,
    organization: OrganizationNumber = None,
    role: Annotated[Role | None, Query(description="单位的角色")] = None,
    status: Annotated[Status | None, Query(description="登记的状态")] = None,
    overdue_on: Annotated[models.Day | None, Query(description="到这一天已逾期")] = None,
    due_before: Annotated[models.Day | None, Query(description="时限不晚于这一天")] = None,
    due_after: Annotated[models.Day | None, Query(description="时限不早于这一天")] = None,
    text: Annotated[Text, Query(description="原文中有这些字")] = None,
    order: Annotated[Order, Query(description="number 按编号，due 按最早的未完成日期")] = "number",
    limit: Limit = 50,
    offset: Offset = 0,
) -> models.Tasks:
    """A page of the table."""
    filters = TaskFilters(
        document=document,
        unit=unit,
        organization=organization,
        role=role,
        status=status,
        overdue_on=overdue_on,
        due_before=due_before,
        due_after=due_after,
        text=text,
    )
    page: TaskFilters = {**filters, "order": order, "limit": limit, "offset": offset}
    found = visit.ledger.tasks(**page)
    total = visit.ledger.count_tasks(**filters)
    return models.Tasks(total=total, limit=limit, offset=offset, tasks=[models.Task.of(t) for t in found])


@router.get("/tasks/{task_id}", summary="一项任务", description="一项任务的全部内容，已不在台账中的也给出。")
def task(visit: Annotated[Visit, program_may("read")], task_id: Number) -> models.Task:
    """One task."""
    return models.Task.of(visit.ledger.task(task_id))


@router.post(
    "/tasks/{task_id}/record",
    summary="登记进展",
    description="登记一项任务的状态、进度、进展情况、完成日期和备注；没有给出的不变。",
)
def record(
    visit: Annotated[Visit, program_may("track")], task_id: Number, report: models.Report
) -> models.Task:
    """Report how far a task has come."""
    given = report.model_dump(exclude_none=True, exclude={"reason"})
    tracking.record(visit.ledger, [task_id], reason=report.reason, **given)
    return models.Task.of(visit.ledger.task(task_id))


@router.get(
    "/due",
    summary="逾期和到期",
    description="逾期、当日到期和即将到期的日期，由早到晚；一项任务有几个牵头单位时各有一条。",
)
def due(
    visit: Annotated[Visit, program_may("read")],
    within: Annotated[int, Query(ge=0, le=3660, description="今后几天之内")] = 30,
    as_of: Annotated[models.Day | None, Query(description="从哪一天看；默认今天")] = None,
    unit: Annotated[Text, Query(description="单位名称或其一部分")] = None,
    organization: OrganizationNumber = None,
    document: Annotated[Text, Query(description="文件的编号，或文件名、标题、文号的一部分")] = None,
    workdays: Annotated[bool, Query(description="遇休息日是否顺延到下一个工作日")] = False,
    limit: Limit = 500,
    offset: Offset = 0,
) -> models.DueDates:
    """What is overdue, due and coming."""
    day = as_of or date.today()
    found = due_dates(
        visit.ledger,
        day,
        min(within, (date.max - day).days),
        unit=unit,
        organization=organization,
        document=document,
        workdays=workdays,
        limit=limit,
        offset=offset,
    )
    return models.DueDates(as_of=day, due=[models.DueDate.of(row) for row in found])


@router.get("/search", summary="检索任务", description="按词检索任务，最相关的在前；繁简、全半角不分。")
def search(
    visit: Annotated[Visit, program_may("read")],
    q: Annotated[str, Query(min_length=1, max_length=200, description="要找的词，用空格隔开")],
    document: Annotated[Text, Query(description="文件的编号，或文件名、标题、文号的一部分")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="最多几项")] = 20,
) -> models.Findings:
    """The tasks that have these words."""
    found = search_tasks(visit.ledger, q, document=document, limit=limit)
    hits = [models.Found.of(hit) for hit in found.hits]
    return models.Findings(complete=found.complete, partial=found.partial, hits=hits)


@router.get(
    "/units", summary="列出单位", description="名录中的单位、各文件印出的名称和任务数，任务多的在前。"
)
def units(
    visit: Annotated[Visit, program_may("read")],
    text: Annotated[Text, Query(description="名称的一部分")] = None,
) -> models.RegisteredUnits:
    """The registry of units."""
    return models.RegisteredUnits(
        units=[models.RegisteredUnit.of(unit) for unit in registered(visit.ledger, text)]
    )
